#include <fmt/format.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <memory>
#include <stdexcept>
#include <utility>

#include "core/link_names.hpp"
#include "simulator/dial_in_tongue.hpp"
#include "simulator/paced_line.hpp"
#include "simulator/tcp_gateway.hpp"

namespace wutong::simulator {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// What a DTU box packs before it sends.
constexpr std::size_t kPackedBytes = 64;
constexpr std::size_t kOutgoingMax = 64;

/// A box that opens the link to the collector itself, says who it is, keeps the link alive with heartbeats
/// and dials again when it is lost: as its registration says, a DTU box, a 4G meter or an Acrel gateway.
class DialInGateway final : public LineEnd {
public:
    DialInGateway(const asio::any_io_executor& executor, LinePlan plan, Building& building,
                  const SimClock& clock)
        : plan_{std::move(plan)},
          line_{executor, plan_,        building,
                clock,    kPackedBytes, [this](protocols::ByteView bytes) { put(bytes); }},
          socket_{executor},
          again_{executor},
          beat_{executor} {
        const auto name = core::parse_dial_in_name(plan_.registration);
        const auto* known = std::get_if<core::DialInName>(&name);
        if (known == nullptr) {
            throw std::runtime_error(fmt::format("line {}: registration \"{}\": {}", plan_.name,
                                                 plan_.registration, std::get<core::BadName>(name).why));
        }
        try {
            tongue_ = make_dial_in_tongue(*known, plan_.secret);
        } catch (const std::runtime_error& fault) {
            throw std::runtime_error(fmt::format("line {}: {}", plan_.name, fault.what()));
        }
        dial();
    }

    [[nodiscard]] const LinePlan& plan() const override { return plan_; }
    [[nodiscard]] std::string endpoint() const override { return plan_.registration; }
    [[nodiscard]] bool dead() const override { return dead_; }
    [[nodiscard]] LineStats stats() const override {
        auto stats = line_.stats();
        stats.connections = linked_ ? 1 : 0;
        return stats;
    }
    void set_dead(bool dead) override {
        if (dead != dead_) {
            dead_ = dead;
            dead ? hang_up() : dial();
        }
    }
    void stop() override {
        dead_ = true;
        hang_up();
        line_.stop();
    }

private:
    void dial() {
        const auto mine = ++dialling_;
        boost::system::error_code ignored;
        socket_.close(ignored);
        const tcp::endpoint collector{asio::ip::address_v4::loopback(), plan_.port};
        socket_.async_connect(collector, [this, mine](const boost::system::error_code& fault) {
            if (mine != dialling_ || dead_) {
                return;
            }
            if (fault) {
                dial_again();
                return;
            }
            boost::system::error_code no_delay;
            socket_.set_option(tcp::no_delay{true}, no_delay);
            linked_ = true;
            send(tongue_->hello());
            beat();
            read();
        });
    }

    void dial_again() {
        hang_up();
        again_.expires_after(std::chrono::milliseconds{plan_.redial_ms});
        again_.async_wait([this](const boost::system::error_code& stopped) {
            if (!stopped && !dead_) {
                dial();
            }
        });
    }

    void hang_up() {
        ++dialling_;
        linked_ = false;
        again_.cancel();
        beat_.cancel();
        boost::system::error_code ignored;
        socket_.close(ignored);
        outgoing_.clear();
    }

    void beat() {
        beat_.expires_after(std::chrono::milliseconds{plan_.heartbeat_ms});
        beat_.async_wait([this](const boost::system::error_code& stopped) {
            if (stopped || !linked_) {
                return;
            }
            send(tongue_->heartbeat());
            beat();
        });
    }

    void read() {
        socket_.async_read_some(
            asio::buffer(buffer_),
            [this, mine = dialling_](const boost::system::error_code& fault, std::size_t length) {
                if (mine != dialling_) {
                    return;
                }
                if (fault) {
                    dial_again();
                    return;
                }
                if (take({buffer_.data(), length})) {
                    read();
                }
            });
    }

    /// @return false when the link was given up
    bool take(protocols::ByteView bytes) {
        const auto heard = tongue_->hear(bytes);
        send(heard.reply);
        for (const auto& frame : heard.for_bus) {
            line_.receive(frame);
        }
        if (heard.hang_up) {
            dial_again();
        }
        return !heard.hang_up;
    }

    void put(protocols::ByteView bytes) {
        if (linked_) {
            send(tongue_->carry(bytes));
        }
    }

    void send(protocols::Bytes bytes) {
        if (bytes.empty()) {
            return;
        }
        if (outgoing_.size() >= kOutgoingMax) {
            dial_again();
            return;
        }
        outgoing_.push_back(std::move(bytes));
        if (outgoing_.size() == 1) {
            write();
        }
    }

    void write() {
        // The bytes live as long as the system may read them, even when the link is given up meanwhile.
        const auto bytes = std::make_shared<protocols::Bytes>(outgoing_.front());
        asio::async_write(
            socket_, asio::buffer(*bytes),
            [this, bytes, mine = dialling_](const boost::system::error_code& fault, std::size_t) {
                if (mine != dialling_) {
                    return;
                }
                if (fault) {
                    dial_again();
                    return;
                }
                outgoing_.pop_front();
                if (!outgoing_.empty()) {
                    write();
                }
            });
    }

    LinePlan plan_;
    std::unique_ptr<DialInTongue> tongue_;
    PacedLine line_;
    tcp::socket socket_;
    asio::steady_timer again_;
    asio::steady_timer beat_;
    std::array<std::uint8_t, 512> buffer_{};
    std::deque<protocols::Bytes> outgoing_;
    std::uint64_t dialling_ = 0;  ///< what belongs to an older link is not heard any more
    bool linked_ = false;
    bool dead_ = false;
};

}  // namespace

std::unique_ptr<LineEnd> make_dial_in_gateway(const asio::any_io_executor& executor, const LinePlan& plan,
                                              Building& building, const SimClock& clock) {
    return std::make_unique<DialInGateway>(executor, plan, building, clock);
}

}  // namespace wutong::simulator
