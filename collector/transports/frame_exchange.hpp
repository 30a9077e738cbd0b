#pragma once

#include <cstddef>
#include <functional>
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
};

}  // namespace wutong::collector
