#pragma once

// Asio 1.74 uses std::exchange without including it.
#include <boost/asio/spawn.hpp>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "collector/protocols/bytes.hpp"

namespace wutong::collector {

using Yield = boost::asio::yield_context;
using Monotonic = std::chrono::steady_clock;
using Deadline = Monotonic::time_point;

/// Why a stream could not do what was asked. `closed` covers "could not be opened"; the stream is closed
/// afterwards.
struct StreamFault {
    enum class Kind { timeout, closed };
    Kind kind;
    std::string detail;  ///< "127.0.0.1:15022: connection refused"
};

/// The number of bytes moved, or why none were.
using StreamResult = std::variant<std::size_t, StreamFault>;

/// How fast the line behind a stream is. All zero where nobody knows, or where it doesn't matter.
struct LineTiming {
    std::chrono::nanoseconds character{0};   ///< one character with its start, parity and stop bits
    std::chrono::nanoseconds gap{0};         ///< silence that has to come before a frame
    std::chrono::nanoseconds turnaround{0};  ///< added to the gap, for slow line drivers
    int baud = 0;
};

/// Modbus over serial line V1.02, 2.5.1.1: 3.5 characters, and 1.75 ms above 19200 baud.
[[nodiscard]] LineTiming serial_timing(int baud, int bits_per_character);

enum class TapDirection { sent, received };
/// Sees every byte at the time it was handed to, or came from, the operating system.
using Tap = std::function<void(TapDirection, protocols::ByteView, Monotonic::time_point)>;

/// Bytes to and from one peer. Used by one coroutine at a time, on the executor that the stream was built
/// with (a strand when several threads run the context). Every wait has a deadline; nothing is tried twice.
class ByteStream {
public:
    ByteStream() = default;
    ByteStream(const ByteStream&) = delete;
    ByteStream& operator=(const ByteStream&) = delete;
    virtual ~ByteStream() = default;

    /// Opens what is closed; an open stream stays as it is. The number is 0.
    virtual StreamResult open(Deadline deadline, Yield yield) = 0;
    virtual void close() = 0;
    [[nodiscard]] virtual bool is_open() const = 0;

    /// Writes all of it. After a fault the stream is closed: nobody knows how much went out.
    virtual StreamResult write(protocols::ByteView bytes, Deadline deadline, Yield yield) = 0;
    /// At least one byte, or a fault. `timeout` leaves the stream open.
    virtual StreamResult read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) = 0;

    /// What has come already, without waiting; appended to `into` unless that is null. A peer that has hung
    /// up closes the stream. @return number of bytes
    virtual std::size_t take_pending(protocols::Bytes* into) = 0;
    std::size_t drop_pending() { return take_pending(nullptr); }

    /// True when closing and opening again leaves behind whatever was under way (a connection, not a wire).
    [[nodiscard]] virtual bool reopening_discards() const = 0;
    [[nodiscard]] virtual LineTiming timing() const = 0;
    /// Is the line's speed ours to change? Behind a serial server or a gateway it isn't.
    [[nodiscard]] virtual bool can_set_speed() const { return false; }
    /// At this speed from now on, eight bits without parity, one stop bit; 0: as configured, as after each
    /// opening. What was written must have left the line. Does nothing where can_set_speed() is false; after
    /// a fault the stream is closed.
    virtual StreamResult set_speed(int /*baud*/) { return std::size_t{0}; }
    [[nodiscard]] virtual const std::string& name() const = 0;  ///< for messages: endpoint or device

    void set_tap(Tap tap) { tap_ = std::move(tap); }

protected:
    void tapped(TapDirection direction, protocols::ByteView bytes) const {
        if (tap_ && !bytes.empty()) {
            tap_(direction, bytes, Monotonic::now());
        }
    }

private:
    Tap tap_;
};

/// Lets the coroutine sleep. @pre `yield` belongs to `executor`
void sleep_until(const boost::asio::any_io_executor& executor, Deadline until, Yield yield);

}  // namespace wutong::collector
