#include "collector/transports/serial_stream.hpp"

#include <boost/asio/write.hpp>

namespace wutong::collector {

std::optional<Parity> parse_parity(const std::string& text) {
    if (text == "N") {
        return Parity::none;
    }
    if (text == "E") {
        return Parity::even;
    }
    if (text == "O") {
        return Parity::odd;
    }
    return std::nullopt;
}

char parity_letter(Parity parity) {
    switch (parity) {
        case Parity::even:
            return 'E';
        case Parity::odd:
            return 'O';
        case Parity::none:
            break;
    }
    return 'N';
}

SerialStream::SerialStream(const boost::asio::any_io_executor& executor, std::string path,
                           SerialSettings settings, std::chrono::microseconds turnaround)
    : path_{std::move(path)},
      settings_{settings},
      timing_{serial_timing(settings.baud, bits_per_character(settings))},
      port_{executor},
      timed_{executor} {
    timing_.turnaround = turnaround;
}

SerialStream::~SerialStream() {
    close();
}

StreamFault SerialStream::closed(const std::string& why) {
    close();
    return {StreamFault::Kind::closed, path_ + ": " + why};
}

// Opening a port does not wait, so there is nothing for the deadline to end.
StreamResult SerialStream::open(Deadline /*deadline*/, Yield /*yield*/) {
    if (port_.is_open()) {
        return std::size_t{0};
    }
    auto opened = open_serial_port(path_, settings_);
    if (auto* why = std::get_if<std::string>(&opened)) {
        return StreamFault{StreamFault::Kind::closed, std::move(*why)};
    }
    boost::system::error_code error;
    port_.assign(std::get<SerialIo::native_handle_type>(opened), error);
    if (error) {
        return closed(error.message());
    }
    return std::size_t{0};
}

void SerialStream::close() {
    boost::system::error_code ignored;
    port_.close(ignored);
}

StreamResult SerialStream::write(protocols::ByteView bytes, Deadline deadline, Yield yield) {
    if (!port_.is_open()) {
        return closed("not open");
    }
    tapped(TapDirection::sent, bytes);
    boost::system::error_code error;
    std::size_t written = 0;
    const bool late = timed_.run(
        deadline, yield, error,
        [&](auto token) {
            written = boost::asio::async_write(port_, boost::asio::buffer(bytes.data(), bytes.size()), token);
        },
        [this] { port_.cancel(); });
    if (error) {
        return closed(late ? "port does not take what is sent" : error.message());
    }
    return written;
}

StreamResult SerialStream::read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) {
    if (!port_.is_open()) {
        return closed("not open");
    }
    boost::system::error_code error;
    std::size_t count = 0;
    const bool late = timed_.run(
        deadline, yield, error,
        [&](auto token) {
            count = port_.async_read_some(boost::asio::buffer(into.data(), into.size()), token);
        },
        [this] { port_.cancel(); });
    if (late) {
        return StreamFault{StreamFault::Kind::timeout, path_ + ": no bytes in time"};
    }
    if (error) {
        return closed(error == boost::asio::error::eof ? "port hung up" : error.message());
    }
    tapped(TapDirection::received, into.first(count));
    return count;
}

std::size_t SerialStream::take_pending(protocols::Bytes* into) {
    if (!port_.is_open()) {
        return 0;
    }
    protocols::Bytes bytes;
    const auto pending = take_serial_input(port_, &bytes);
    tapped(TapDirection::received, bytes);
    if (into != nullptr) {
        into->insert(into->end(), bytes.begin(), bytes.end());
    }
    if (pending.hung_up) {
        close();
    }
    return pending.count;
}

}  // namespace wutong::collector
