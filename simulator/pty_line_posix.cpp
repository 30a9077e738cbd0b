#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "simulator/pty_line.hpp"
#include "simulator/wire.hpp"

namespace wutong::simulator {
namespace {

namespace asio = boost::asio;

[[noreturn]] void fail(const LinePlan& plan, const char* what) {
    throw std::runtime_error(fmt::format("line {}: {}: {}", plan.name, what, std::strerror(errno)));
}

class PtyLine : public LineEnd {
public:
    PtyLine(const asio::any_io_executor& executor, const LinePlan& plan, Building& building,
            const SimClock& clock)
        : plan_{plan}, master_{executor}, slave_{executor} {
        line_ =
            make_wire(executor, plan_, building, clock, 1, [this](protocols::ByteView bytes) { put(bytes); });
        open();
        link();
        read();
    }

    [[nodiscard]] const LinePlan& plan() const override { return plan_; }
    [[nodiscard]] std::string endpoint() const override { return plan_.link.string(); }
    [[nodiscard]] LineStats stats() const override { return line_->stats(); }
    void set_dead(bool) override { throw std::runtime_error("a bus can't be dead, its meters can"); }

    void stop() override {
        line_->stop();
        boost::system::error_code ignored;
        master_.close(ignored);
        slave_.close(ignored);
        std::error_code fault;
        // Somebody else's simulator may have put its own link there.
        if (std::filesystem::read_symlink(plan_.link, fault) == slave_path_ && !fault) {
            std::filesystem::remove(plan_.link, fault);
        }
    }

private:
    static constexpr std::uint8_t kAcknowledged = 0x06;

    void open() {
        const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (master < 0) {
            fail(plan_, "no pseudo-terminal");
        }
        master_.assign(master);
        std::array<char, 128> path{};
        if (::grantpt(master) != 0 || ::unlockpt(master) != 0 ||
            ::ptsname_r(master, path.data(), path.size()) != 0) {
            fail(plan_, "pseudo-terminal can't be unlocked");
        }
        slave_path_ = path.data();
        const int slave = ::open(path.data(), O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (slave < 0) {
            fail(plan_, "slave can't be opened");
        }
        slave_.assign(slave);
        termios settings{};
        if (::tcgetattr(slave, &settings) != 0) {
            fail(plan_, "tcgetattr");
        }
        ::cfmakeraw(&settings);
        ::cfsetspeed(&settings, B9600);
        if (::tcsetattr(slave, TCSANOW, &settings) != 0) {
            fail(plan_, "tcsetattr");
        }
        master_.non_blocking(true);
    }

    void link() {
        std::filesystem::create_directories(plan_.link.parent_path());
        auto fresh = plan_.link;
        fresh += fmt::format(".{}", ::getpid());
        std::filesystem::remove(fresh);
        std::filesystem::create_symlink(slave_path_, fresh);
        std::filesystem::rename(fresh, plan_.link);
    }

    void read() {
        master_.async_read_some(asio::buffer(buffer_),
                                [this](const boost::system::error_code& fault, std::size_t length) {
                                    if (fault) {
                                        return;
                                    }
                                    line_->receive(heard({buffer_.data(), length}));
                                    read();
                                });
    }

    /// A meter that changes its speed hears and is heard at that speed alone. An acknowledgement is let
    /// through: whoever sent it may have changed already when it is read here.
    [[nodiscard]] protocols::Bytes heard(protocols::ByteView bytes) {
        protocols::Bytes wire{bytes.begin(), bytes.end()};
        if (plan_.framing != LineFraming::iec62056 || (wire[0] & 0x7F) == kAcknowledged) {
            return wire;
        }
        termios settings{};
        const int speed = line_->speed() == 0 ? plan_.baud : line_->speed();
        if (::tcgetattr(slave_.native_handle(), &settings) != 0 ||
            ::cfgetospeed(&settings) != speed_of(speed)) {
            for (auto& byte : wire) {
                byte = static_cast<std::uint8_t>(byte ^ 0x55U);
            }
        }
        return wire;
    }

    static speed_t speed_of(int baud) {
        switch (baud) {
            case 300:
                return B300;
            case 2'400:
                return B2400;
            case 9'600:
                return B9600;
            case 115'200:
                return B115200;
            default:
                return B0;
        }
    }

    /// A wire does not wait: what the terminal can't hold because nobody reads is lost.
    void put(protocols::ByteView sent) {
        const auto bytes = heard(sent);
        boost::system::error_code ignored;
        master_.write_some(asio::buffer(bytes.data(), bytes.size()), ignored);
    }

    LinePlan plan_;
    asio::posix::stream_descriptor master_;
    asio::posix::stream_descriptor slave_;
    std::filesystem::path slave_path_;
    std::array<std::uint8_t, 512> buffer_{};
    std::unique_ptr<Wire> line_;
};

}  // namespace

std::unique_ptr<LineEnd> make_pty_line(const asio::any_io_executor& executor, const LinePlan& plan,
                                       Building& building, const SimClock& clock) {
    return std::make_unique<PtyLine>(executor, plan, building, clock);
}

}  // namespace wutong::simulator
