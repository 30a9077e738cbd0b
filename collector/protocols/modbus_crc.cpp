#include "collector/protocols/modbus_crc.hpp"

#include <array>

namespace wutong::protocols {
namespace {

constexpr std::array<std::uint16_t, 256> make_table() {
    std::array<std::uint16_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) {
            value = (value & 1U) != 0 ? (value >> 1) ^ 0xA001U : value >> 1;
        }
        table[i] = static_cast<std::uint16_t>(value);
    }
    return table;
}

constexpr auto kTable = make_table();

}  // namespace

std::uint16_t modbus_crc(ByteView bytes) {
    std::uint32_t crc = 0xFFFF;
    for (const auto byte : bytes) {
        crc = (crc >> 8) ^ kTable[(crc ^ byte) & 0xFFU];
    }
    return static_cast<std::uint16_t>(crc);
}

void append_modbus_crc(Bytes& frame) {
    const auto crc = modbus_crc(frame);
    frame.push_back(static_cast<std::uint8_t>(crc & 0xFF));
    frame.push_back(static_cast<std::uint8_t>(crc >> 8));
}

bool modbus_crc_holds(ByteView frame) {
    if (frame.size() < 4) {
        return false;
    }
    const auto crc = modbus_crc(frame.first(frame.size() - 2));
    return frame[frame.size() - 2] == (crc & 0xFF) && frame[frame.size() - 1] == (crc >> 8);
}

}  // namespace wutong::protocols
