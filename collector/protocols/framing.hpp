#pragma once

#include <cstddef>
#include <string>

/// What a pure look at "the bytes so far" says, the same for every protocol. Nothing here keeps state: the
/// caller owns the buffer, so it can ask several questions of the same bytes.
namespace wutong::protocols {

struct NeedMore {};
struct FrameComplete {
    std::size_t length;  ///< bytes of the frame, check included; anything after them is not part of it
};
/// So many bytes at the beginning can't belong to a frame: drop them and look again. Never 0.
struct Skip {
    std::size_t bytes;
};

/// Why bytes are not what they claim to be: "enable flag of the balance is 7, must be 0 or 1".
struct DecodeFault {
    std::string reason;
};

}  // namespace wutong::protocols
