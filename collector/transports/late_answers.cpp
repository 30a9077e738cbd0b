#include "collector/transports/late_answers.hpp"

#include <algorithm>

namespace wutong::collector {
namespace {
auto is_from(std::uint8_t unit, std::uint8_t function) {
    return
        [=](const auto& owed) { return owed.answer.unit == unit && owed.answer.shape.function == function; };
}
}  // namespace

void LateAnswers::expect(const protocols::ExpectedReply& answer, Deadline until) {
    settle(answer.unit, answer.shape.function);
    owed_.push_back({answer, until});
}

void LateAnswers::settle(std::uint8_t unit, std::uint8_t function) {
    std::erase_if(owed_, is_from(unit, function));
}

void LateAnswers::expire(Deadline now) {
    std::erase_if(owed_, [now](const Owed& owed) { return owed.until <= now; });
}

bool LateAnswers::owed(std::uint8_t unit, std::uint8_t function) const {
    return std::any_of(owed_.begin(), owed_.end(), is_from(unit, function));
}

Deadline LateAnswers::clear_at(std::uint8_t unit, std::uint8_t function) const {
    const auto found = std::find_if(owed_.begin(), owed_.end(), is_from(unit, function));
    return found == owed_.end() ? Deadline{} : found->until;
}

LateAnswers::Recognised LateAnswers::recognise(protocols::ByteView received) const {
    Recognised best;
    for (const auto& owed : owed_) {
        const auto match = protocols::match_reply(received, owed.answer);
        if (const auto* complete = std::get_if<protocols::FrameComplete>(&match)) {
            return {Recognised::Verdict::complete, complete->length, owed.answer.unit,
                    owed.answer.shape.function};
        }
        if (std::holds_alternative<protocols::NeedMore>(match)) {
            best.verdict = Recognised::Verdict::need_more;
        }
    }
    return best;
}

}  // namespace wutong::collector
