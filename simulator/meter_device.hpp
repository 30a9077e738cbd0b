#pragma once

#include "collector/protocols/modbus_pdu.hpp"
#include "core/time.hpp"

namespace wutong::simulator {

enum class Model { ddsy1352, dtsy1352, adf300, sdm630 };

/// The id of the meter profile that fits the model: "acrel-ddsy1352".
[[nodiscard]] const char* profile_of(Model model);
[[nodiscard]] constexpr bool is_prepaid(Model model) {
    return model != Model::sdm630;
}

/// The communication side of a meter: one request in, one reply out.
class MeterDevice {
public:
    virtual ~MeterDevice() = default;
    /// @return the reply's PDU; a request that can't be served gets an exception, as from a meter
    virtual protocols::Bytes answer(protocols::ByteView pdu, core::Timestamp now) = 0;
};

/// Registers that were asked for, or why not.
using ReadResult = std::variant<protocols::Words, protocols::ExceptionCode>;

/// A run of registers that may be read in any part.
struct RegisterBlock {
    std::uint16_t address = 0;
    protocols::Words words;

    RegisterBlock(std::uint16_t first, std::size_t count) : address{first}, words(count, 0) {}
    /// @pre the register is in the block
    void put16(int reg, std::uint16_t value) { words.at(static_cast<std::size_t>(reg - address)) = value; }
    void put32(int reg, std::uint32_t value) {
        put16(reg, static_cast<std::uint16_t>(value >> 16));
        put16(reg + 1, static_cast<std::uint16_t>(value & 0xFFFF));
    }
    void put_bytes(int reg, std::uint8_t high, std::uint8_t low) {
        put16(reg, static_cast<std::uint16_t>(high << 8 | low));
    }
    /// The part that a request asks for, if it lies wholly in here.
    [[nodiscard]] bool covers(const protocols::ReadRequest& request) const;
    [[nodiscard]] protocols::Words part(const protocols::ReadRequest& request) const;
};

}  // namespace wutong::simulator
