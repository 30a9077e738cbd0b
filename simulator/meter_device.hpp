#pragma once

#include "collector/protocols/modbus_pdu.hpp"
#include "core/time.hpp"

namespace wutong::simulator {

enum class Model {
    ddsy1352,
    dtsy1352,
    adf300,
    sdm630,
    dlt645_single_phase,
    dlt645_three_phase,
    cjt188_valve_water,
    dlms_single_phase,
    dlms_three_phase,
    iec62056_single_phase,
    iec62056_three_phase,
};
inline constexpr Model kModels[] = {Model::ddsy1352,
                                    Model::dtsy1352,
                                    Model::adf300,
                                    Model::sdm630,
                                    Model::dlt645_single_phase,
                                    Model::dlt645_three_phase,
                                    Model::cjt188_valve_water,
                                    Model::dlms_single_phase,
                                    Model::dlms_three_phase,
                                    Model::iec62056_single_phase,
                                    Model::iec62056_three_phase};

/// The id of the meter profile that fits the model: "acrel-ddsy1352".
[[nodiscard]] const char* profile_of(Model model);
/// Has a tenant behind it, whose credit it keeps or the server; all but the feeders.
[[nodiscard]] constexpr bool is_prepaid(Model model) {
    return model != Model::sdm630;
}

/// What is spoken on a line, by all of its meters.
enum class LineFraming { modbus, dlt645, cjt188, hdlc, dlms_wrapper, iec62056 };
[[nodiscard]] const char* to_string(LineFraming framing);
[[nodiscard]] bool speaks(Model model, LineFraming framing);

/// The communication side of a Modbus meter: one request in, one reply out.
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
