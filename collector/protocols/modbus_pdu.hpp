#pragma once

#include <variant>

#include "collector/protocols/bytes.hpp"

/// Requests and replies without their envelope (Modbus Application Protocol V1.1b3), plus function 20h of
/// Acrel. A PDU is the function byte and what follows it, 253 bytes at most.
namespace wutong::protocols {

inline constexpr std::uint8_t kReadHolding = 0x03;
inline constexpr std::uint8_t kReadInput = 0x04;
inline constexpr std::uint8_t kWriteRegisters = 0x10;
inline constexpr std::uint8_t kVendorWrite = 0x20;
inline constexpr std::uint8_t kExceptionBit = 0x80;

inline constexpr std::size_t kPduMax = 253;
inline constexpr std::size_t kReadRegistersMax = 125;
inline constexpr std::size_t kWriteRegistersMax = 123;
/// Function 20h has the shape of 10h, so the same limit.
inline constexpr std::size_t kVendorBytesMax = kWriteRegistersMax * 2;
/// The reply to 20h: function and 11 bytes (15 on the serial line). What they mean is in no source; they
/// aren't looked at.
inline constexpr std::size_t kVendorReplyPdu = 12;

enum class ExceptionCode : std::uint8_t {
    illegal_function = 1,
    illegal_address = 2,
    illegal_value = 3,
    device_failure = 4,
    acknowledge = 5,
    device_busy = 6,
    gateway_path = 0x0A,
    gateway_target = 0x0B,
};
/// "illegal address (02)"; unknown codes as "exception 2A".
[[nodiscard]] std::string to_string(ExceptionCode code);

struct ReadRequest {
    std::uint8_t function = kReadHolding;  ///< 03h or 04h
    std::uint16_t address = 0;             ///< zero-based
    std::uint16_t count = 0;               ///< 1..125
    friend bool operator==(const ReadRequest&, const ReadRequest&) = default;
};
struct WriteRequest {
    std::uint16_t address = 0;
    Words words;  ///< 1..123
    friend bool operator==(const WriteRequest&, const WriteRequest&) = default;
};
/// 20h: the register selects a command block, the bytes are its packed fields.
struct VendorWriteRequest {
    std::uint16_t address = 0;
    Bytes data;  ///< 2..246 bytes, an even number
    friend bool operator==(const VendorWriteRequest&, const VendorWriteRequest&) = default;
};
using Request = std::variant<ReadRequest, WriteRequest, VendorWriteRequest>;

/// @throws std::invalid_argument when a limit above is broken or the span runs past register FFFFh: our bug,
/// not the meter's.
[[nodiscard]] Bytes encode_request(const Request& request);

/// The device's side. A request that can't be served is answered with this exception.
[[nodiscard]] std::variant<Request, ExceptionCode> parse_request(ByteView pdu);

/// What the good reply to a request looks like.
struct ReplyShape {
    std::uint8_t function = 0;
    std::size_t pdu_length = 0;
    friend bool operator==(const ReplyShape&, const ReplyShape&) = default;
};
[[nodiscard]] ReplyShape reply_shape(const Request& request);

struct ReplyFault {
    enum class Kind {
        crc,
        wrong_unit,
        wrong_function,
        wrong_length,    ///< another number of bytes than asked for
        wrong_echo,      ///< 10h acknowledged for other registers than were written
        wrong_protocol,  ///< not a Modbus TCP header: the stream is out of step
        exception,       ///< the device refused; see `code`
    };
    Kind kind;
    ExceptionCode code{};
    friend bool operator==(const ReplyFault&, const ReplyFault&) = default;
};
[[nodiscard]] const char* to_string(ReplyFault::Kind kind);

/// Registers for a read, nothing for a write. Everything that can be checked is checked, but for the content
/// of a 20h reply.
[[nodiscard]] std::variant<Words, ReplyFault> parse_reply(ByteView pdu, const Request& request);

[[nodiscard]] Bytes encode_read_reply(std::uint8_t function, const Words& words);
[[nodiscard]] Bytes encode_write_reply(std::uint16_t address, std::uint16_t count);
/// As our simulator answers 20h: register and count repeated, then zeros.
[[nodiscard]] Bytes encode_vendor_reply(const VendorWriteRequest& request);
[[nodiscard]] Bytes encode_exception(std::uint8_t function, ExceptionCode code);

}  // namespace wutong::protocols
