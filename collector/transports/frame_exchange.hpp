#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "collector/protocols/bytes.hpp"

/// One question and its answer in frames of any protocol, for lines that carry bytes (serial ports, serial
/// servers, whatever dials in). The transport knows nothing of what is inside.
namespace wutong::collector {

/// What the bytes that have come so far are, seen from their first byte.
struct FrameMatch {
    enum class Verdict {
        need_more,  ///< so far they may be the answer
        complete,   ///< the answer, `length` bytes long; what follows is not part of it
        not_mine,   ///< `length` bytes, at least one, are no part of the answer: skip them and look again
        spoiled,  ///< the answer, `length` bytes long, but its check fails: nothing more has to be waited for
    };
    Verdict verdict = Verdict::need_more;
    std::size_t length = 0;
};

/// Pure, and asked again from the beginning whenever more has come. It is told at least one byte. A foreign
/// frame should be skipped as a whole, so that nothing inside of it is taken for a beginning.
using FrameMatcher = std::function<FrameMatch(protocols::ByteView)>;

/// More than any frame we know (DLMS over TCP: 8 + 65 535); a matcher that wants more gets a fault.
inline constexpr std::size_t kFrameBytesMax = 66'000;

/// The line as it is for whoever has to choose a speed.
struct LineSpeed {
    int baud = 0;             ///< 0: nobody knows
    bool can_change = false;  ///< else it stays as it is, whatever an exchange wants
};

struct FrameExchange {
    protocols::Bytes request;  ///< as it goes over the line, wake-up bytes included
    FrameMatcher match;        ///< empty: nobody answers (a broadcast)
    /// Usual length of the answer, for the time that it takes on a line whose speed is known.
    std::size_t answer_bytes = 0;
    /// Exchanges whose answers can't be told apart by `match` have the same key, e.g. "dlt645 201000000012 11
    /// 00010000". Never empty when an answer is expected. The answer that is still owed to one of them delays
    /// only those with the same key.
    std::string key;
    /// The request carries a password: it is not to be kept, as evidence or in a log.
    bool confidential = false;

    // ---- of protocols that hold the line for several questions, at speeds of their own ----
    /// Before the request: this speed, eight bits without parity. 0: as it is. The line is as configured
    /// again when the exchange is over.
    int baud = 0;
    int answer_baud = 0;                 ///< the same, as soon as the request has left the line
    std::chrono::milliseconds pause{0};  ///< silence before the request, where that is more than the line's
    std::chrono::milliseconds answer_after{
        0};  ///< the answer may begin so late, if that is more than is usual here
    /// Of an answer whose length nobody knows: it may go on as long as bytes come at least so often …
    std::chrono::milliseconds silence_max{0};
    std::chrono::milliseconds lasts_at_most{0};  ///< … and no longer than this
    /// Told the answer; what is asked next, before anybody else has the line, or nothing. The last answer
    /// counts. A next exchange without a request only listens.
    std::function<std::shared_ptr<const FrameExchange>(protocols::ByteView answer, const LineSpeed& line)>
        next;
};
/// So many exchanges may belong together.
inline constexpr int kExchangesTogetherMax = 8;

}  // namespace wutong::collector
