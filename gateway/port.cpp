#include "gateway/port.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

namespace wutong::gateway {

using collector::Monotonic;

namespace {

using namespace std::chrono_literals;
constexpr auto kWriteWithin = 5s;  ///< 256 bytes at 1200 baud take 2.1 s

collector::SerialSettings settings_of(const protocols::GatewayHello& hello) {
    collector::SerialSettings settings;
    settings.baud = hello.baud;
    settings.parity = hello.parity == 'E'   ? collector::Parity::even
                      : hello.parity == 'O' ? collector::Parity::odd
                                            : collector::Parity::none;
    settings.stop_bits = hello.stop_bits;
    return settings;
}

bool same_line(const protocols::GatewayHello& a, const protocols::GatewayHello& b) {
    return a.baud == b.baud && a.parity == b.parity && a.stop_bits == b.stop_bits;
}

}  // namespace

Port::Port(collector::AnyExecutor executor, std::string name, std::string device)
    : executor_{std::move(executor)}, name_{std::move(name)}, device_{std::move(device)} {}

std::string Port::take(const std::shared_ptr<Session>& session) {
    if (session_) {
        session_->pipe->close();
    }
    session_ = session;
    // What the one before is still writing must not go on under the new one: then the port is opened anew.
    if (line_ && line_->device.is_open() && !line_->writing && opened_for_ &&
        same_line(*opened_for_, session->hello)) {
        (void)collector::take_serial_input(line_->device, nullptr);
        return {};
    }
    close_line();
    const auto settings = settings_of(session->hello);
    const auto opened = collector::open_serial_port(device_, settings);
    if (const auto* why = std::get_if<std::string>(&opened)) {
        return *why;
    }
    line_ = std::make_shared<Line>(executor_);
    line_->device.assign(std::get<collector::SerialIo::native_handle_type>(opened));
    line_->timing = collector::serial_timing(settings.baud, collector::bits_per_character(settings));
    opened_for_ = session->hello;
    listen(line_);
    return {};
}

void Port::close_line() {
    if (line_) {
        boost::system::error_code ignored;
        line_->device.close(ignored);
        line_.reset();
    }
}

void Port::listen(std::shared_ptr<Line> line) {
    boost::asio::spawn(executor_, [self = shared_from_this(), line](collector::Yield yield) {
        std::array<std::uint8_t, 256> chunk{};
        boost::system::error_code error;
        while (!error) {
            const auto count = line->device.async_read_some(boost::asio::buffer(chunk), yield[error]);
            self->last_byte_ = Monotonic::now();
            if (const auto session = self->session_; !error && session && session->greeted) {
                collector::PipeError broken;
                session->pipe->write(protocols::ByteView{chunk}.first(count), yield, broken);
                if (broken) {
                    session->pipe->close();
                }
            }
        }
        // A port that went away (an adapter pulled out) is opened anew by the next connection.
        if (self->line_ == line) {
            self->close();
        }
    });
}

bool Port::write(const Session& from, protocols::ByteView bytes, collector::Yield yield) {
    const auto line = line_;
    if (session_.get() != &from || !line) {
        return false;
    }
    collector::sleep_until(executor_, last_byte_ + line->timing.gap, yield);
    if (session_.get() != &from || line_ != line) {
        return false;  // lost the port while it waited
    }
    boost::asio::steady_timer patience{executor_, kWriteWithin};
    patience.async_wait([weak = std::weak_ptr{line}](const boost::system::error_code& in_time) {
        const auto late = weak.lock();
        if (!in_time && late) {
            boost::system::error_code ignored;
            late->device.close(ignored);
        }
    });
    const auto now = Monotonic::now();
    line->writing = true;
    boost::system::error_code error;
    boost::asio::async_write(line->device, boost::asio::buffer(bytes.data(), bytes.size()), yield[error]);
    line->writing = false;
    patience.cancel();
    last_byte_ =
        std::max(Monotonic::now(), now + line->timing.character * static_cast<std::int64_t>(bytes.size()));
    return !error;
}

void Port::leave(const Session& session) {
    if (session_.get() == &session) {
        session_.reset();
    }
}

void Port::close() {
    if (session_) {
        session_->pipe->close();
        session_.reset();
    }
    close_line();
}

}  // namespace wutong::gateway
