#include "collector/transports/late_answers.hpp"

#include <algorithm>

namespace wutong::collector {
namespace {

auto has_key(const std::string& key) {
    return [&key](const auto& owed) { return owed.key == key; };
}

FrameMatcher matcher_of(const protocols::ExpectedReply& answer) {
    return [answer](protocols::ByteView received) -> FrameMatch {
        const auto match = protocols::match_reply(received, answer);
        if (const auto* complete = std::get_if<protocols::FrameComplete>(&match)) {
            return {FrameMatch::Verdict::complete, complete->length};
        }
        return {std::holds_alternative<protocols::NeedMore>(match) ? FrameMatch::Verdict::need_more
                                                                   : FrameMatch::Verdict::not_mine,
                1};
    };
}

}  // namespace

void LateAnswers::expect(const protocols::ExpectedReply& answer, Deadline until) {
    const auto key = key_of(answer.unit, answer.shape.function);
    settle(key);
    owed_.push_back({key, matcher_of(answer), until});
}

void LateAnswers::expect(const FrameExchange& exchange, Deadline until) {
    settle(exchange.key);
    owed_.push_back({exchange.key, exchange.match, until});
}

void LateAnswers::settle(const std::string& key) {
    std::erase_if(owed_, has_key(key));
}

void LateAnswers::expire(Deadline now) {
    std::erase_if(owed_, [now](const Owed& owed) { return owed.until <= now; });
}

bool LateAnswers::owed(const std::string& key) const {
    return std::any_of(owed_.begin(), owed_.end(), has_key(key));
}

Deadline LateAnswers::clear_at(const std::string& key) const {
    const auto found = std::find_if(owed_.begin(), owed_.end(), has_key(key));
    return found == owed_.end() ? Deadline{} : found->until;
}

LateAnswers::Recognised LateAnswers::recognise(protocols::ByteView received) const {
    Recognised best;
    if (received.empty()) {
        return best;
    }
    for (const auto& owed : owed_) {
        const auto match = owed.match(received);
        if (match.verdict == FrameMatch::Verdict::complete || match.verdict == FrameMatch::Verdict::spoiled) {
            return {Recognised::Verdict::complete, match.length, owed.key};
        }
        if (match.verdict == FrameMatch::Verdict::need_more) {
            best.verdict = Recognised::Verdict::need_more;
        }
    }
    return best;
}

}  // namespace wutong::collector
