// A tap on a serial line, for the bench `bus`: passes every byte on at once, both ways, and writes down when
// it came. Knows nothing of Modbus and shares no code with the product, so that it can't share its mistakes.
//
//   bench_bus_tap LINE LINK LOG     LINE: the terminal to listen on; LINK: where the master finds our own one
//
// A time is taken after the bytes were read and before they are passed on. Nobody can have acted on bytes
// before their time in the log, so an exchange is never shorter on the line than the log says it was. Prints
// "ready"; ends when its standard input is closed, and writes the log then: "NANOSECONDS < HEX" (from the
// master) or "NANOSECONDS > HEX" (to it).
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

struct Seen {
    std::chrono::steady_clock::time_point at;
    char direction;
    std::size_t begin;
    std::size_t length;
};

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

void make_raw(int terminal, const std::string& name) {
    termios settings{};
    if (::tcgetattr(terminal, &settings) != 0) {
        fail(name);
    }
    ::cfmakeraw(&settings);
    ::cfsetspeed(&settings, B9600);
    if (::tcsetattr(terminal, TCSANOW, &settings) != 0) {
        fail(name);
    }
}

class Tap {
public:
    Tap(const std::string& line, std::string link) : link_{std::move(link)} {
        line_ = ::open(line.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (line_ < 0) {
            fail(line);
        }
        make_raw(line_, line);
        master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        std::array<char, 128> path{};
        if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0 ||
            ::ptsname_r(master_, path.data(), path.size()) != 0) {
            fail("no pseudo-terminal");
        }
        // Held open, so that a contender may close its port and the next one find it as it was.
        slave_ = ::open(path.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (slave_ < 0) {
            fail(path.data());
        }
        make_raw(slave_, path.data());
        ::unlink(link_.c_str());
        if (::symlink(path.data(), link_.c_str()) != 0) {
            fail(link_);
        }
        bytes_.reserve(std::size_t{1} << 22);
        seen_.reserve(std::size_t{1} << 18);
    }
    Tap(const Tap&) = delete;
    Tap& operator=(const Tap&) = delete;
    ~Tap() {
        ::unlink(link_.c_str());
        ::close(slave_);
        ::close(master_);
        ::close(line_);
    }

    void run() {
        std::array<pollfd, 3> watched{pollfd{master_, POLLIN, 0}, pollfd{line_, POLLIN, 0},
                                      pollfd{STDIN_FILENO, POLLIN, 0}};
        for (;;) {
            if (::poll(watched.data(), watched.size(), -1) < 0) {
                if (errno == EINTR) {
                    continue;
                }
                fail("poll");
            }
            pass_on(watched[0], line_, '<');
            pass_on(watched[1], master_, '>');
            if (watched[2].revents != 0) {
                return;
            }
        }
    }

    void write_log(const std::string& path) const {
        std::FILE* file = std::fopen(path.c_str(), "w");
        if (file == nullptr) {
            fail(path);
        }
        for (const auto& seen : seen_) {
            const auto at =
                std::chrono::duration_cast<std::chrono::nanoseconds>(seen.at.time_since_epoch()).count();
            std::fprintf(file, "%lld %c ", static_cast<long long>(at), seen.direction);
            for (std::size_t i = seen.begin; i < seen.begin + seen.length; ++i) {
                std::fprintf(file, "%02X", static_cast<unsigned>(bytes_[i]));
            }
            std::fputc('\n', file);
        }
        if (std::fclose(file) != 0) {
            fail(path);
        }
    }

private:
    void pass_on(const pollfd& from, int to, char direction) {
        if ((from.revents & POLLIN) == 0) {
            if ((from.revents & (POLLHUP | POLLERR)) != 0) {
                throw std::runtime_error("the line is gone");
            }
            return;
        }
        std::array<unsigned char, 512> chunk{};
        const auto length = ::read(from.fd, chunk.data(), chunk.size());
        if (length <= 0) {
            fail("read");
        }
        const auto at = std::chrono::steady_clock::now();
        const auto count = static_cast<std::size_t>(length);
        seen_.push_back({at, direction, bytes_.size(), count});
        bytes_.insert(bytes_.end(), chunk.begin(), chunk.begin() + length);
        for (std::size_t done = 0; done < count;) {
            const auto written = ::write(to, chunk.data() + done, count - done);
            if (written < 0) {
                fail("write");
            }
            done += static_cast<std::size_t>(written);
        }
    }

    std::string link_;
    int line_ = -1;
    int master_ = -1;
    int slave_ = -1;
    std::vector<unsigned char> bytes_;
    std::vector<Seen> seen_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fputs("bench_bus_tap LINE LINK LOG\n", stderr);
        return 2;
    }
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGINT, SIG_IGN);  // whoever started us closes our input
    try {
        Tap tap{argv[1], argv[2]};
        std::puts("ready");
        std::fflush(stdout);
        tap.run();
        tap.write_log(argv[3]);
    } catch (const std::exception& fault) {
        std::fprintf(stderr, "bench_bus_tap: %s\n", fault.what());
        return 1;
    }
    return 0;
}
