#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include "client-wx/platform/print_spool.hpp"

extern char** environ;

namespace wutong::client {

namespace {

using Clock = std::chrono::steady_clock;

std::string system_text(const char* what) {
    std::array<char, 200> buffer{};
    const char* text = strerror_r(errno, buffer.data(), buffer.size());
    return std::string{what} + ": " + text;
}

class Descriptor {
public:
    explicit Descriptor(int fd) : fd_{fd} {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    [[nodiscard]] int get() const { return fd_; }

private:
    int fd_;
};

int milliseconds_until(Clock::time_point deadline) {
    return static_cast<int>(std::max<std::int64_t>(
        0, std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count()));
}

std::string write_all(int fd, const std::string& job, Clock::time_point deadline) {
    std::size_t at = 0;
    while (at < job.size()) {
        pollfd waiting{fd, POLLOUT, 0};
        const int ready = poll(&waiting, 1, milliseconds_until(deadline));
        if (ready == 0) {
            return "the printer takes nothing: is it switched on, and is there paper?";
        }
        if (ready < 0 && errno != EINTR) {
            return system_text("waiting for the printer");
        }
        const auto sent = write(fd, job.data() + at, job.size() - at);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return system_text("writing to the printer");
        }
        at += sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }
    return {};
}

std::string to_file(const std::string& path, const std::string& job, Clock::time_point deadline) {
    const Descriptor device{open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC)};
    if (device.get() < 0) {
        return system_text(path.c_str());
    }
    return write_all(device.get(), job, deadline);
}

std::string to_network(const std::string& address, const std::string& job, Clock::time_point deadline) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) {
        return address + ": a port is missing, e.g. :9100";
    }
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (const int fault =
            getaddrinfo(address.substr(0, colon).c_str(), address.substr(colon + 1).c_str(), &hints, &found);
        fault != 0) {
        return address + ": " + gai_strerror(fault);
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned{found, freeaddrinfo};
    std::string why = address + ": no address";
    for (const auto* one = found; one != nullptr; one = one->ai_next) {
        const Descriptor wire{
            socket(one->ai_family, one->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, one->ai_protocol)};
        if (wire.get() < 0) {
            continue;
        }
        if (connect(wire.get(), one->ai_addr, one->ai_addrlen) != 0 && errno != EINPROGRESS) {
            why = system_text(address.c_str());
            continue;
        }
        pollfd waiting{wire.get(), POLLOUT, 0};
        if (poll(&waiting, 1, milliseconds_until(deadline)) <= 0) {
            why = address + ": does not answer";
            continue;
        }
        int fault = 0;
        socklen_t size = sizeof fault;
        getsockopt(wire.get(), SOL_SOCKET, SO_ERROR, &fault, &size);
        if (fault != 0) {
            errno = fault;
            why = system_text(address.c_str());
            continue;
        }
        return write_all(wire.get(), job, deadline);
    }
    return why;
}

/// A file that is gone when this is.
struct JobFile {
    std::string path;
    JobFile() {
        const char* place = std::getenv("XDG_RUNTIME_DIR");
        path = std::string{place != nullptr ? place : "/tmp"} + "/wutong-receipt-XXXXXX";
    }
    JobFile(const JobFile&) = delete;
    JobFile& operator=(const JobFile&) = delete;
    ~JobFile() { unlink(path.c_str()); }
};

std::string to_queue(const std::string& queue, const std::string& job, Clock::time_point deadline) {
    JobFile file;
    const Descriptor out{mkostemp(file.path.data(), O_CLOEXEC)};
    if (out.get() < 0) {
        return system_text("a file for the print job");
    }
    if (auto why = write_all(out.get(), job, deadline); !why.empty()) {
        return why;
    }
    std::array<std::string, 6> words{"lp", "-s", "-d", queue, "--", file.path};
    std::array<char*, 7> arguments{};
    std::transform(words.begin(), words.end(), arguments.begin(), [](auto& word) { return word.data(); });
    pid_t child = 0;
    if (const int fault = posix_spawnp(&child, "lp", nullptr, nullptr, arguments.data(), environ);
        fault != 0) {
        return "there is no print system here (the program lp is missing)";
    }
    int status = 0;
    // lp waits for the print system, which may hang; nobody else waits for lp.
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (Clock::now() >= deadline) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return "the print system does not answer";
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? std::string{}
               : "the print system did not take it for the queue " + queue;
}

}  // namespace

std::string hand_to_printer(const PrintTarget& target, const std::string& job, std::chrono::seconds most) {
    const auto deadline = Clock::now() + most;
    switch (target.kind) {
        case PrintTarget::Kind::queue:
            return to_queue(target.name, job, deadline);
        case PrintTarget::Kind::network:
            return to_network(target.name, job, deadline);
        case PrintTarget::Kind::file:
            return to_file(target.name, job, deadline);
        case PrintTarget::Kind::none:
            break;
    }
    return "no printer is set up";
}

}  // namespace wutong::client
