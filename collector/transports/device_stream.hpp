#pragma once

#include <boost/asio/write.hpp>

#include "collector/transports/timed_io.hpp"

/// For the streams only: what a serial port and a socket have in common.
namespace wutong::collector::detail {

/// What faults are called on this kind of line.
struct StreamWords {
    const char* not_open;
    const char* write_late;  ///< what was to be sent was not taken in time
    const char* hung_up;
};

template <class Device>
class DeviceStream : public ByteStream {
public:
    ~DeviceStream() override { close_device(); }

    void close() override { close_device(); }
    [[nodiscard]] bool is_open() const override { return device_.is_open(); }
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] LineTiming timing() const override { return timing_; }

    StreamResult write(protocols::ByteView bytes, Deadline deadline, Yield yield) override {
        if (!device_.is_open()) {
            return closed(words_.not_open);
        }
        tapped(TapDirection::sent, bytes);
        boost::system::error_code error;
        std::size_t written = 0;
        const bool late = timed_.run(
            deadline, yield, error,
            [&](auto token) {
                written =
                    boost::asio::async_write(device_, boost::asio::buffer(bytes.data(), bytes.size()), token);
            },
            [this] { device_.cancel(); });
        if (error) {
            return closed(late ? words_.write_late : error.message());
        }
        return written;
    }

    StreamResult read_some(std::span<std::uint8_t> into, Deadline deadline, Yield yield) override {
        if (!device_.is_open()) {
            return closed(words_.not_open);
        }
        boost::system::error_code error;
        std::size_t count = 0;
        const bool late = timed_.run(
            deadline, yield, error,
            [&](auto token) {
                count = device_.async_read_some(boost::asio::buffer(into.data(), into.size()), token);
            },
            [this] { device_.cancel(); });
        if (late) {
            return StreamFault{StreamFault::Kind::timeout, name_ + ": no bytes in time"};
        }
        if (error) {
            return closed(error == boost::asio::error::eof ? words_.hung_up : error.message());
        }
        tapped(TapDirection::received, into.first(count));
        return count;
    }

protected:
    DeviceStream(const boost::asio::any_io_executor& executor, std::string name, LineTiming timing,
                 StreamWords words)
        : device_{executor}, timed_{executor}, name_{std::move(name)}, timing_{timing}, words_{words} {}

    void set_timing(const LineTiming& timing) { timing_ = timing; }

    StreamFault closed(const std::string& why) {
        close_device();
        return {StreamFault::Kind::closed, name_ + ": " + why};
    }

    Device device_;
    TimedIo timed_;

private:
    void close_device() {
        boost::system::error_code ignored;
        device_.close(ignored);
    }

    std::string name_;
    LineTiming timing_;
    StreamWords words_;
};

}  // namespace wutong::collector::detail
