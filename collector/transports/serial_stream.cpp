#include "collector/transports/serial_stream.hpp"

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

namespace {

LineTiming timing_of(const SerialSettings& settings, std::chrono::microseconds turnaround) {
    LineTiming timing = serial_timing(settings.baud, bits_per_character(settings));
    timing.turnaround = turnaround;
    return timing;
}

}  // namespace

SerialStream::SerialStream(const boost::asio::any_io_executor& executor, std::string path,
                           SerialSettings settings, std::chrono::microseconds turnaround)
    : DeviceStream{executor,
                   std::move(path),
                   timing_of(settings, turnaround),
                   {"not open", "port does not take what is sent", "port hung up"}},
      settings_{settings},
      turnaround_{turnaround} {}

// Opening a port does not wait, so there is nothing for the deadline to end.
StreamResult SerialStream::open(Deadline /*deadline*/, Yield /*yield*/) {
    if (device_.is_open()) {
        return std::size_t{0};
    }
    auto opened = open_serial_port(name(), settings_);
    if (auto* why = std::get_if<std::string>(&opened)) {
        return StreamFault{StreamFault::Kind::closed, std::move(*why)};
    }
    boost::system::error_code error;
    device_.assign(std::get<SerialIo::native_handle_type>(opened), error);
    if (error) {
        return closed(error.message());
    }
    speed_ = 0;
    set_timing(timing_of(settings_, turnaround_));
    return std::size_t{0};
}

StreamResult SerialStream::set_speed(int baud) {
    if (!device_.is_open()) {
        return closed("not open");
    }
    if (baud == speed_) {
        return std::size_t{0};
    }
    const auto wanted = baud == 0 ? settings_ : SerialSettings{baud, Parity::none, 1};
    if (const auto why = set_serial_line(device_, wanted); !why.empty()) {
        return closed(why);
    }
    speed_ = baud;
    set_timing(timing_of(wanted, turnaround_));
    return std::size_t{0};
}

std::size_t SerialStream::take_pending(protocols::Bytes* into) {
    if (!device_.is_open()) {
        return 0;
    }
    protocols::Bytes bytes;
    const auto pending = take_serial_input(device_, &bytes);
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
