#include <algorithm>
#include <stdexcept>

#include "collector/transports/rtu_client.hpp"

/// Frames of other protocols on an RTU line.
namespace wutong::collector {

using protocols::Bytes;
using protocols::ByteView;
using Verdict = FrameMatch::Verdict;

namespace {

/// A matcher that breaks its promises would hold the line for ever.
void require_sane(const FrameMatch& match, std::size_t received) {
    if (match.verdict != Verdict::need_more && (match.length == 0 || match.length > received)) {
        throw std::logic_error("a frame matcher told a length of " + std::to_string(match.length) +
                               " of the " + std::to_string(received) + " bytes there are");
    }
}

void drop_front(Bytes& bytes, std::size_t count) {
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
}

}  // namespace

FrameOutcome RtuClient::exchange_frames(const FrameExchange& exchange, Milliseconds answer_timeout,
                                        Yield yield) {
    if (exchange.request.empty() || (exchange.match && exchange.key.empty())) {
        throw std::invalid_argument(name() + ": a frame exchange without bytes, or without a key");
    }
    const Turn turn{*this};
    Bytes received;
    auto outcome = ask_frame(exchange, answer_timeout, received, yield);
    std::shared_ptr<const FrameExchange> step;
    auto next = exchange.next;
    for (int i = 1; next && std::holds_alternative<Bytes>(outcome) && i < kExchangesTogetherMax; ++i) {
        step = next(std::get<Bytes>(outcome), {stream_->timing().baud, stream_->can_set_speed()});
        if (!step) {
            break;
        }
        next = step->next;
        outcome = ask_frame(*step, answer_timeout, received, yield);
    }
    // Whoever comes next finds the line as it is configured.
    if ((exchange.baud != 0 || exchange.answer_baud != 0 || step) && stream_->is_open()) {
        static_cast<void>(stream_->set_speed(0));  // a fault closes the port, and the next opening tells
    }
    return outcome;
}

FrameOutcome RtuClient::ask_frame(const FrameExchange& exchange, Milliseconds answer_timeout, Bytes& received,
                                  Yield yield) {
    const bool answered = static_cast<bool>(exchange.match);
    const auto patience = std::max(answer_timeout, exchange.answer_after);
    Asked asked;
    if (exchange.request.empty()) {
        asked.deadline = Monotonic::now() + patience;
        asked.owed_until = asked.deadline + options_.late_answer_window;
    } else {
        received.clear();
        if (auto why = send({exchange.request, exchange.key, answered ? exchange.answer_bytes : 0,
                             exchange.pause, exchange.baud},
                            patience, asked, yield)) {
            if (why->request_sent && answered) {
                late_.expect(exchange, asked.owed_until);
            }
            return std::move(*why);
        }
    }
    if (exchange.answer_baud != 0 && stream_->can_set_speed()) {
        sleep_until(executor_, last_activity_, yield);
        if (auto why = set_speed(exchange.answer_baud)) {
            why->request_sent = true;
            return std::move(*why);
        }
    }
    if (!answered) {
        return Bytes{};
    }
    asked.ends_at = Monotonic::now() + exchange.lasts_at_most;
    return receive_frame(exchange, asked, received, yield);
}

FrameOutcome RtuClient::receive_frame(const FrameExchange& exchange, Asked asked, Bytes& received,
                                      Yield yield) {
    Bytes foreign;  // the beginning of what was skipped, for the log
    const auto given_up = [&]() -> ModbusFault {
        late_.expect(exchange, asked.owed_until);
        if (!received.empty()) {
            return give_up(ModbusFault::Kind::torn, received, yield);
        }
        return give_up(foreign.empty() ? ModbusFault::Kind::timeout : ModbusFault::Kind::foreign, foreign,
                       yield);
    };
    for (bool more = received.empty();; more = true) {
        if (more) {
            const auto result = read_more(received, asked.deadline, yield);
            if (const auto* why = std::get_if<StreamFault>(&result)) {
                if (why->kind == StreamFault::Kind::closed) {
                    late_.expect(exchange, asked.owed_until);
                    return closed(*why, true);
                }
                return given_up();
            }
        }
        if (exchange.silence_max.count() > 0) {
            asked.deadline =
                std::max(asked.deadline, std::min(last_activity_ + exchange.silence_max, asked.ends_at));
            asked.owed_until = asked.deadline + options_.late_answer_window;
        }
        while (!received.empty()) {
            const FrameMatch match = exchange.match(received);
            require_sane(match, received.size());
            if (match.verdict == Verdict::complete) {
                late_.settle(exchange.key);
                const auto end = received.begin() + static_cast<std::ptrdiff_t>(match.length);
                Bytes answer{received.begin(), end};
                received.erase(received.begin(), end);
                return answer;
            }
            if (match.verdict == Verdict::spoiled) {
                late_.settle(exchange.key);
                return give_up(ModbusFault::Kind::crc, received, yield);
            }
            if (match.verdict == Verdict::need_more) {
                break;
            }
            // The owed answer of another meter goes as a whole: inside of it may be what looks like ours.
            if (skip_owed(received)) {
                continue;
            }
            if (late_.recognise(received).verdict == LateAnswers::Recognised::Verdict::need_more) {
                break;
            }
            constexpr std::size_t kToldMax = 32;
            const auto told = std::min(match.length, kToldMax - std::min(foreign.size(), kToldMax));
            foreign.insert(foreign.end(), received.begin(),
                           received.begin() + static_cast<std::ptrdiff_t>(told));
            drop_front(received, match.length);
        }
        // What others say must not hold us longer than we wanted to wait.
        if (last_activity_ >= asked.deadline || received.size() > kFrameBytesMax) {
            return given_up();
        }
    }
}

}  // namespace wutong::collector
