#include <fcntl.h>
#include <sys/file.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "collector/platform/serial_port.hpp"

namespace wutong::collector {
namespace {

constexpr std::size_t kPendingMax = 64 * 1024;

std::optional<speed_t> speed_of(int baud) {
    switch (baud) {
        case 300:
            return B300;
        case 600:
            return B600;
        case 1200:
            return B1200;
        case 2400:
            return B2400;
        case 4800:
            return B4800;
        case 9600:
            return B9600;
        case 19'200:
            return B19200;
        case 38'400:
            return B38400;
        case 57'600:
            return B57600;
        case 115'200:
            return B115200;
        default:
            return std::nullopt;
    }
}

/// @return empty, or why the settings can't be
std::string wrong_settings(const SerialSettings& settings) {
    if (!speed_of(settings.baud)) {
        return "no such speed: " + std::to_string(settings.baud) + " baud";
    }
    if (settings.stop_bits != 1 && settings.stop_bits != 2) {
        return "stop bits must be 1 or 2, not " + std::to_string(settings.stop_bits);
    }
    return {};
}

/// Raw, eight bits, as settings say. @param when TCSANOW, or TCSADRAIN after what was written
bool apply(int port, const SerialSettings& settings, int when) {
    termios line{};
    if (::tcgetattr(port, &line) != 0) {
        return false;
    }
    ::cfmakeraw(&line);
    line.c_cflag &= ~static_cast<tcflag_t>(CSIZE | CSTOPB | PARENB | PARODD | CRTSCTS | HUPCL);
    line.c_cflag |= CS8 | CLOCAL | CREAD;
    line.c_iflag &= ~static_cast<tcflag_t>(IXON | IXOFF | IXANY | INPCK);
    if (settings.stop_bits == 2) {
        line.c_cflag |= CSTOPB;
    }
    if (settings.parity != Parity::none) {
        line.c_cflag |= PARENB;
        // Characters with a wrong parity are dropped: the frame is then torn, and its check fails.
        line.c_iflag |= INPCK | IGNPAR;
        if (settings.parity == Parity::odd) {
            line.c_cflag |= PARODD;
        }
    }
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    const auto speed = speed_of(settings.baud).value_or(B9600);
    return ::cfsetispeed(&line, speed) == 0 && ::cfsetospeed(&line, speed) == 0 &&
           ::tcsetattr(port, when, &line) == 0;
}

/// Closes the descriptor unless it was given away.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_{fd} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

private:
    int fd_;
};

}  // namespace

std::variant<SerialIo::native_handle_type, std::string> open_serial_port(const std::string& path,
                                                                         const SerialSettings& settings) {
    const auto fault = [&](const std::string& why) { return path + ": " + why; };
    const auto system_fault = [&](const char* doing) {
        return fault(std::string{doing} + ": " + std::strerror(errno));
    };

    if (const auto wrong = wrong_settings(settings); !wrong.empty()) {
        return fault(wrong);
    }
    Descriptor port{::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)};
    if (port.get() < 0) {
        return system_fault("cannot be opened");
    }
    if (::isatty(port.get()) == 0) {
        return fault("is not a serial port");
    }
    // Not TIOCEXCL: it does not stop root, and on a pseudo-terminal it outlives a collector that was killed.
    if (::flock(port.get(), LOCK_EX | LOCK_NB) != 0) {
        return fault("in use by another process");
    }

    if (!apply(port.get(), settings, TCSANOW)) {
        return system_fault("settings were refused");
    }
    ::tcflush(port.get(), TCIOFLUSH);
    return port.release();
}

std::string set_serial_line(SerialIo& port, const SerialSettings& settings) {
    if (auto wrong = wrong_settings(settings); !wrong.empty()) {
        return wrong;
    }
    if (!apply(port.native_handle(), settings, TCSADRAIN)) {
        return std::string{"settings were refused: "} + std::strerror(errno);
    }
    return {};
}

PendingInput take_serial_input(SerialIo& port, protocols::Bytes* into) {
    PendingInput pending;
    std::array<std::uint8_t, 4096> chunk{};
    while (pending.count < kPendingMax) {
        const auto count = ::read(port.native_handle(), chunk.data(), chunk.size());
        if (count > 0) {
            if (into != nullptr) {
                into->insert(into->end(), chunk.begin(), chunk.begin() + count);
            }
            pending.count += static_cast<std::size_t>(count);
            continue;
        }
        if (count < 0 && errno == EINTR) {
            continue;
        }
        pending.hung_up = !(count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
        break;
    }
    return pending;
}

}  // namespace wutong::collector
