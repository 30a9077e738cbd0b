#pragma once

#include <utility>

#ifdef _WIN32
#include <boost/asio/windows/stream_handle.hpp>
#else
#include <boost/asio/posix/stream_descriptor.hpp>
#endif
#include <optional>
#include <string>
#include <variant>

#include "collector/protocols/bytes.hpp"

/// The serial port of the operating system: opened raw, eight data bits, no flow control, non-blocking.
namespace wutong::collector {

#ifdef _WIN32
using SerialIo = boost::asio::windows::stream_handle;
#else
using SerialIo = boost::asio::posix::stream_descriptor;
#endif

enum class Parity { none, even, odd };

struct SerialSettings {
    int baud = 9600;  ///< 300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600 or 115200
    Parity parity = Parity::none;
    int stop_bits = 1;  ///< 1 or 2
};

/// Start bit, eight data bits, parity, stop bits.
[[nodiscard]] constexpr int bits_per_character(const SerialSettings& settings) {
    return 1 + 8 + (settings.parity == Parity::none ? 0 : 1) + settings.stop_bits;
}

/// "N", "E" or "O", as channels are configured.
[[nodiscard]] std::optional<Parity> parse_parity(const std::string& text);
[[nodiscard]] char parity_letter(Parity parity);

/// @return the handle for SerialIo, or a sentence: "/dev/ttyUSB0: in use by another process".
/// The port is ours alone until it is closed, against a second collector as well.
[[nodiscard]] std::variant<SerialIo::native_handle_type, std::string> open_serial_port(
    const std::string& path, const SerialSettings& settings);

/// Other speed, parity and stop bits on an open port, once what was written has gone out. @return empty, or
/// why not
[[nodiscard]] std::string set_serial_line(SerialIo& port, const SerialSettings& settings);

struct PendingInput {
    std::size_t count = 0;
    bool hung_up = false;  ///< the other side, or the adapter, is gone
};
/// Reads what has come, without waiting, at most 64 KiB; appends it to `into` unless that is null.
[[nodiscard]] PendingInput take_serial_input(SerialIo& port, protocols::Bytes* into);

}  // namespace wutong::collector
