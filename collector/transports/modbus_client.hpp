#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "collector/protocols/modbus_pdu.hpp"
#include "collector/transports/byte_stream.hpp"
#include "collector/transports/frame_exchange.hpp"

namespace wutong::collector {

/// Why an exchange gave no answer. A value: meters that don't answer are everyday life.
struct ModbusFault {
    enum class Kind {
        timeout,  ///< silence
        torn,     ///< an answer began and did not end in time
        crc,
        wrong_unit,  ///< somebody else's answer
        wrong_function,
        wrong_length,
        wrong_echo,         ///< acknowledged, but for other registers than were written
        wrong_protocol,     ///< what came isn't Modbus; the connection was closed
        wrong_transaction,  ///< answers came, all of them to other questions (TCP)
        exception,          ///< the device, or a gateway, refused: see `code`
        line_busy,          ///< the line did not fall silent, nothing was sent
        closed,             ///< could not be opened, or was lost
        unsupported,        ///< this client can't do that (libmodbus and function 20h, frames on Modbus TCP)
        foreign,            ///< frames: only what is no answer to this question has come
    };
    Kind kind = Kind::timeout;
    protocols::ExceptionCode code{};
    /// False: certainly nothing was sent. True: the device may have done what was asked, unless `exception`
    /// says no.
    bool request_sent = false;
    std::string detail;  ///< for logs: names the peer and what came
};
[[nodiscard]] const char* to_string(ModbusFault::Kind kind);
/// "exception illegal address (02): 127.0.0.1:502"
[[nodiscard]] std::string describe(const ModbusFault& fault);

struct Acknowledged {};
using ReadOutcome = std::variant<protocols::Words, ModbusFault>;
using WriteOutcome = std::variant<Acknowledged, ModbusFault>;
/// The whole answering frame; empty where nobody answers.
using FrameOutcome = std::variant<protocols::Bytes, ModbusFault>;

/// One exchange after the other with the meters behind one channel. It owns framing, the silence between
/// frames and the time-out; it opens what is closed when it is used; it never retries. One coroutine at a
/// time. Lines that carry bytes also take frames of other protocols, so that meters of several kinds may
/// share a bus.
///
/// A late answer is never taken for the next one; what exactly is guaranteed on which line is in README.md.
/// Impossible requests (no registers, too many, unit outside 1..247) throw std::invalid_argument: our bug.
class ModbusClient {
public:
    using Milliseconds = std::chrono::milliseconds;

    ModbusClient() = default;
    ModbusClient(const ModbusClient&) = delete;
    ModbusClient& operator=(const ModbusClient&) = delete;
    virtual ~ModbusClient() = default;

    /// @param function  3 or 4
    /// @param answer_timeout  from the end of the request to the answer; where the line's speed is known, the
    /// time that
    ///                        the bytes themselves take is added
    /// @return exactly `count` words in host order
    virtual ReadOutcome read_registers(std::uint8_t unit, int function, std::uint16_t address,
                                       std::uint16_t count, Milliseconds answer_timeout, Yield yield) = 0;
    /// Function 10h.
    virtual WriteOutcome write_registers(std::uint8_t unit, std::uint16_t address,
                                         const protocols::Words& words, Milliseconds answer_timeout,
                                         Yield yield) = 0;
    /// Function 20h (protocols::encode_money and others). Acknowledged says only that a frame of the right
    /// shape came back.
    virtual WriteOutcome vendor_write(std::uint8_t unit, const protocols::VendorWriteRequest& request,
                                      Milliseconds answer_timeout, Yield yield) = 0;

    /// From when on a request with this unit and function goes out without waiting for an answer that is
    /// still owed. In the past: now. A scheduler asks other meters meanwhile; a request that is made earlier
    /// waits inside.
    [[nodiscard]] virtual Deadline clear_at(std::uint8_t unit, int function) const = 0;

    /// One question in frames of another protocol, with the same silence before it and the same care for late
    /// answers. `unsupported`, and nothing is sent, where the line carries Modbus only.
    /// @param answer_timeout  as for registers
    virtual FrameOutcome exchange_frames(const FrameExchange& exchange, Milliseconds answer_timeout,
                                         Yield yield);
    /// As clear_at(), for frames with this key.
    [[nodiscard]] virtual Deadline frames_clear_at(const std::string& key) const;

    virtual void close() = 0;
    [[nodiscard]] virtual const std::string& name() const = 0;
};

}  // namespace wutong::collector
