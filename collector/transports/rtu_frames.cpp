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

FrameOutcome RtuClient::receive_frame(const FrameExchange& exchange, const Asked& asked, Yield yield) {
    Bytes received;
    Bytes foreign;  // the beginning of what was skipped, for the log
    const auto given_up = [&]() -> ModbusFault {
        late_.expect(exchange, asked.owed_until);
        if (!received.empty()) {
            return give_up(ModbusFault::Kind::torn, received, yield);
        }
        return give_up(foreign.empty() ? ModbusFault::Kind::timeout : ModbusFault::Kind::foreign, foreign,
                       yield);
    };
    for (;;) {
        const auto result = read_more(received, asked.deadline, yield);
        if (const auto* why = std::get_if<StreamFault>(&result)) {
            if (why->kind == StreamFault::Kind::closed) {
                late_.expect(exchange, asked.owed_until);
                return closed(*why, true);
            }
            return given_up();
        }
        while (!received.empty()) {
            const FrameMatch match = exchange.match(received);
            require_sane(match, received.size());
            if (match.verdict == Verdict::complete) {
                late_.settle(exchange.key);
                received.resize(match.length);
                return received;
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
