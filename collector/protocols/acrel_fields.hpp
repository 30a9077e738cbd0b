#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "collector/protocols/bytes.hpp"

/// Packed structures in which every field, or group of fields, is preceded by an enable flag.
namespace wutong::protocols::detail {

class FieldFault : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class FieldWriter {
public:
    /// @pre `bytes` is long enough for the layout that is written
    explicit FieldWriter(Bytes& bytes) : bytes_{bytes} {}
    void flag(bool set, std::uint8_t value = 1) { put8(set ? value : std::uint8_t{0}); }
    void put8(std::uint8_t value) { bytes_.at(at_++) = value; }
    void put16(std::uint16_t value) {
        put8(static_cast<std::uint8_t>(value >> 8));
        put8(static_cast<std::uint8_t>(value & 0xFF));
    }
    void put32(std::uint32_t value) {
        put16(static_cast<std::uint16_t>(value >> 16));
        put16(static_cast<std::uint16_t>(value & 0xFFFF));
    }

private:
    Bytes& bytes_;
    std::size_t at_ = 0;
};

class FieldReader {
public:
    explicit FieldReader(ByteView bytes) : bytes_{bytes} {}
    std::uint8_t get8() { return bytes_[advance(1)]; }
    std::uint16_t get16() { return read_u16(bytes_, advance(2)); }
    std::uint32_t get32() { return read_u32(bytes_, advance(4)); }
    /// @throws FieldFault unless the flag is 0 or 1
    bool flag(const char* of) {
        const auto value = get8();
        if (value > 1) {
            throw FieldFault(std::string{"enable flag of the "} + of + " is " + std::to_string(value) +
                             ", must be 0 or 1");
        }
        return value == 1;
    }
    /// A field with its flag: it is there either way, and counts when the flag is set.
    /// @throws FieldFault as flag()
    template <class T, class Read>
    void field(std::optional<T>& into, const char* name, Read&& read) {
        const bool enabled = flag(name);
        const T value = read();
        if (enabled) {
            into = value;
        }
    }
    bool boolean(const char* what) {
        const auto value = get8();
        if (value > 1) {
            throw FieldFault(std::string{what} + " is " + std::to_string(value) + ", must be 0 or 1");
        }
        return value == 1;
    }

private:
    std::size_t advance(std::size_t by) {
        if (at_ + by > bytes_.size()) {
            throw FieldFault("too short: " + std::to_string(bytes_.size()) + " bytes");
        }
        const auto from = at_;
        at_ += by;
        return from;
    }

    ByteView bytes_;
    std::size_t at_ = 0;
};

}  // namespace wutong::protocols::detail
