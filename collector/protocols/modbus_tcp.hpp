#pragma once

#include <optional>

#include "collector/protocols/modbus_pdu.hpp"

/// The TCP envelope (Modbus messaging on TCP/IP V1.0b, chapter 3.1.3): transaction, protocol 0, length, unit.
namespace wutong::protocols {

inline constexpr std::size_t kMbapHeader = 7;
inline constexpr std::size_t kTcpFrameMax = kMbapHeader + kPduMax;

struct TcpFrame {
    std::uint16_t transaction = 0;
    std::uint8_t unit = 0;
    Bytes pdu;
    friend bool operator==(const TcpFrame&, const TcpFrame&) = default;
};

/// @throws std::invalid_argument when the PDU is empty or longer than 253 bytes
[[nodiscard]] Bytes encode_tcp(const TcpFrame& frame);

/// Both sides, in any pieces. Once out of step it stays so: the connection has to be given up.
class TcpDeframer {
public:
    void feed(ByteView bytes);
    [[nodiscard]] std::optional<TcpFrame> next();
    /// A header said another protocol or an impossible length, or more came unasked than 64 frames hold.
    [[nodiscard]] bool out_of_step() const { return out_of_step_; }
    /// Bytes of a frame that isn't complete yet.
    [[nodiscard]] std::size_t pending() const { return buffer_.size(); }
    void reset();

private:
    Bytes buffer_;
    bool out_of_step_ = false;
};

}  // namespace wutong::protocols
