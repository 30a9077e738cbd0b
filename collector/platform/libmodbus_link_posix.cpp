#include <arpa/inet.h>
#include <fcntl.h>
#include <modbus/modbus.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ip/address.hpp>
#include <cerrno>
#include <cstring>
#include <thread>

#include "collector/platform/libmodbus_link.hpp"

namespace wutong::collector {
namespace {

ModbusFault lost(const std::string& name, const std::string& why, bool request_sent = false) {
    return {ModbusFault::Kind::closed, {}, request_sent, name + ": " + why};
}

/// libmodbus gives descriptors to select(), which writes past its bit set from 1024 on.
std::optional<std::string> unusable(int descriptor) {
    if (descriptor >= FD_SETSIZE) {
        return "descriptor " + std::to_string(descriptor) + " is above the 1023 that libmodbus can wait for";
    }
    return std::nullopt;
}

/// @return a connected socket, or an errno as a negative number
int connect_tcp(const sockaddr* address, socklen_t length, std::chrono::milliseconds timeout) {
    const int descriptor = ::socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return -errno;
    }
    int error = ::connect(descriptor, address, length) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        pollfd waiting{descriptor, POLLOUT, 0};
        error = ::poll(&waiting, 1, static_cast<int>(timeout.count())) == 1 ? 0 : ETIMEDOUT;
        socklen_t size = sizeof error;
        if (error == 0) {
            ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
        }
    }
    if (error != 0) {
        ::close(descriptor);
        return -error;
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    return descriptor;
}

}  // namespace

LibmodbusClient::Link::Link(std::string path, SerialSettings settings, std::chrono::milliseconds open_timeout)
    : path_{std::move(path)},
      settings_{settings},
      name_{path_},
      open_timeout_{open_timeout},
      timing_{serial_timing(settings.baud, bits_per_character(settings))} {}

LibmodbusClient::Link::Link(TcpEndpoint endpoint, std::chrono::milliseconds open_timeout)
    : endpoint_{std::move(endpoint)},
      name_{endpoint_.host + ":" + std::to_string(endpoint_.port)},
      open_timeout_{open_timeout} {}

LibmodbusClient::Link::~Link() {
    close();
}

void LibmodbusClient::Link::close() {
    if (context_ != nullptr) {
        if (connected_) {
            modbus_close(context_);
        }
        modbus_free(context_);
    }
    context_ = nullptr;
    connected_ = false;
}

LibmodbusClient::Link::MaybeFault LibmodbusClient::Link::open() {
    if (connected_) {
        return std::nullopt;
    }
    close();
    auto why = serial() ? open_serial() : open_tcp();
    if (why) {
        close();
        return why;
    }
    connected_ = true;
    modbus_set_error_recovery(context_, MODBUS_ERROR_RECOVERY_NONE);
    // The whole answer has to come within the response time-out; otherwise each byte would start a new one.
    modbus_set_byte_timeout(context_, 0, 0);
    return std::nullopt;
}

LibmodbusClient::Link::MaybeFault LibmodbusClient::Link::open_serial() {
    context_ = modbus_new_rtu(path_.c_str(), settings_.baud, parity_letter(settings_.parity), 8,
                              settings_.stop_bits);
    if (context_ == nullptr || modbus_connect(context_) != 0) {
        return lost(name_, std::string{"cannot be opened: "} + modbus_strerror(errno));
    }
    connected_ = true;  // from here on close() has something to close
    if (auto why = unusable(modbus_get_socket(context_))) {
        return lost(name_, *why);
    }
    if (::flock(modbus_get_socket(context_), LOCK_EX | LOCK_NB) != 0) {
        return lost(name_, "in use by another process");
    }
    return std::nullopt;
}

// libmodbus would wait with select() while it connects, before anybody can look at the descriptor; so we
// connect.
LibmodbusClient::Link::MaybeFault LibmodbusClient::Link::open_tcp() {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(endpoint_.host, error);
    if (error) {
        return lost(name_, "not an address: libmodbus channels take no names");
    }
    const boost::asio::ip::tcp::endpoint target{address, endpoint_.port};
    const int descriptor = connect_tcp(target.data(), static_cast<socklen_t>(target.size()), open_timeout_);
    if (descriptor < 0) {
        return lost(name_, std::strerror(-descriptor));
    }
    if (auto why = unusable(descriptor)) {
        ::close(descriptor);
        return lost(name_, *why);
    }
    context_ =
        modbus_new_tcp("127.0.0.1", MODBUS_TCP_DEFAULT_PORT);  // never connected to: it is given our socket
    if (context_ == nullptr) {
        ::close(descriptor);
        return lost(name_, "out of memory");
    }
    modbus_set_socket(context_, descriptor);
    return std::nullopt;
}

void LibmodbusClient::Link::drop_pending() {
    if (!connected_) {
        return;
    }
    const int descriptor = modbus_get_socket(context_);
    if (!serial()) {
        std::uint8_t byte = 0;
        const auto seen = ::recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (seen >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) {
            close();
        }
        return;
    }
    pollfd state{descriptor, POLLIN, 0};
    if (::poll(&state, 1, 0) > 0) {
        if ((state.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) {
            close();
            return;
        }
        last_activity_ = Monotonic::now();
    }
    modbus_flush(context_);
}

ModbusFault LibmodbusClient::Link::failed(int error, bool request_sent) {
    using Kind = ModbusFault::Kind;
    ModbusFault fault{Kind::closed, {}, request_sent, name_ + ": " + modbus_strerror(error)};
    if (error > MODBUS_ENOBASE && error < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX) {
        fault.kind = Kind::exception;
        fault.code = protocols::ExceptionCode{static_cast<std::uint8_t>(error - MODBUS_ENOBASE)};
        return fault;
    }
    switch (error) {
        case ETIMEDOUT:
            fault.kind = Kind::timeout;
            break;
        case EMBBADCRC:
            fault.kind = Kind::crc;
            break;
        case EMBBADSLAVE:
            fault.kind = Kind::wrong_unit;
            break;
        case EMBBADDATA:
        case EMBMDATA:
        case EMBBADEXC:
            fault.kind = Kind::wrong_length;
            break;  // libmodbus says no more than that the data are bad
        default:
            break;
    }
    return fault;
}

ReadOutcome LibmodbusClient::Link::exchange(std::uint8_t unit, const protocols::Request& request,
                                            Milliseconds answer_timeout) {
    drop_pending();
    if (auto why = open()) {
        return std::move(*why);
    }
    std::this_thread::sleep_until(last_activity_ + timing_.gap);
    if (serial()) {
        modbus_flush(context_);
    }
    const auto request_bytes = static_cast<std::int64_t>(protocols::encode_request(request).size() + 3);
    const auto reply_bytes = static_cast<std::int64_t>(protocols::reply_shape(request).pdu_length + 3);
    const auto wire_time = timing_.character * (request_bytes + reply_bytes * 5 / 4);
    const auto wait =
        std::chrono::duration_cast<std::chrono::microseconds>(answer_timeout + wire_time).count();
    modbus_set_response_timeout(context_, static_cast<std::uint32_t>(wait / 1'000'000),
                                static_cast<std::uint32_t>(wait % 1'000'000));
    modbus_set_slave(context_, unit);

    protocols::Words words;
    int done = 0;
    if (const auto* read = std::get_if<protocols::ReadRequest>(&request)) {
        words.resize(read->count);
        done = read->function == protocols::kReadHolding
                   ? modbus_read_registers(context_, read->address, read->count, words.data())
                   : modbus_read_input_registers(context_, read->address, read->count, words.data());
    } else {
        const auto& write = std::get<protocols::WriteRequest>(request);
        done = modbus_write_registers(context_, write.address, static_cast<int>(write.words.size()),
                                      write.words.data());
    }
    const int error = errno;
    last_activity_ = Monotonic::now();
    if (done >= 0) {
        return words;
    }
    auto fault = failed(error, true);
    const bool refused = fault.kind == ModbusFault::Kind::exception;
    if (fault.kind == ModbusFault::Kind::closed || (!serial() && !refused)) {
        // On a connection nothing else helps: modbus_flush() does nothing there, and the late answer would be
        // the next.
        close();
    }
    return fault;
}

}  // namespace wutong::collector
