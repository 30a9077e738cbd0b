#pragma once

#include <utility>

#include "collector/protocols/bytes.hpp"

namespace wutong::protocols {

/// Reads big-endian fields off the front of bytes that somebody else wrote. Past the end it gives zeros and
/// remembers, so that a parser checks once, at the end.
class ByteCursor {
public:
    explicit ByteCursor(ByteView bytes) : bytes_{bytes} {}

    [[nodiscard]] std::size_t left() const { return bytes_.size(); }
    [[nodiscard]] bool ok() const { return !broken_; }
    /// All was there and nothing is left.
    [[nodiscard]] bool done() const { return !broken_ && bytes_.empty(); }
    void fail() { broken_ = true; }

    std::uint8_t u8() {
        const auto one = take(1);
        return one.empty() ? std::uint8_t{0} : one[0];
    }
    std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    /// @pre bytes <= 8
    std::uint64_t number(std::size_t bytes) {
        std::uint64_t value = 0;
        for (const auto byte : take(bytes)) {
            value = value << 8 | byte;
        }
        return value;
    }
    /// Empty when there are not so many.
    ByteView take(std::size_t count) {
        if (count > bytes_.size()) {
            broken_ = true;
            bytes_ = {};
            return {};
        }
        const auto taken = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return taken;
    }
    ByteView rest() { return take(bytes_.size()); }
    void expect(std::uint8_t byte) {
        if (u8() != byte) {
            broken_ = true;
        }
    }

private:
    ByteView bytes_;
    bool broken_ = false;
};

}  // namespace wutong::protocols
