#include <fmt/format.h>

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <stdexcept>
#include <utility>

#include "collector/protocols/acrel_4g.hpp"
#include "core/link_names.hpp"
#include "simulator/paced_line.hpp"
#include "simulator/tcp_gateway.hpp"

namespace wutong::simulator {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

/// What a DTU box packs before it sends.
constexpr std::size_t kPackedBytes = 64;
constexpr std::size_t kOutgoingMax = 64;
constexpr std::size_t kReceivedMax = 4'096;

/// A box that opens the link to the collector itself, says who it is, keeps the link alive with heartbeats
/// and dials again when it is lost: with a registration packet (plain), or as an Acrel 4G meter.
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
        if (known == nullptr || known->kind == core::DialInKind::acrel_gateway) {
            throw std::runtime_error(
                fmt::format("line {}: registration \"{}\" is neither plain:… nor acrel-4g:…", plan_.name,
                            plan_.registration));
        }
        name_ = *known;
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
            send(registration());
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
        received_.clear();
    }

    protocols::Bytes registration() const {
        protocols::Bytes id{name_.id.begin(), name_.id.end()};
        if (name_.kind == core::DialInKind::plain) {
            return id;
        }
        // Serial number, SIM, signal, firmware and interval, as the meters have them.
        id.resize(protocols::acrel_4g::kSerialBytes + 39);
        return protocols::acrel_4g::encode(protocols::acrel_4g::kRegister, id);
    }

    void beat() {
        beat_.expires_after(std::chrono::milliseconds{plan_.heartbeat_ms});
        beat_.async_wait([this](const boost::system::error_code& stopped) {
            if (stopped || !linked_) {
                return;
            }
            if (name_.kind == core::DialInKind::acrel_4g) {
                send(protocols::acrel_4g::encode(protocols::acrel_4g::kHeartbeat, {}));
            } else if (!name_.heartbeat.empty()) {
                send({name_.heartbeat.begin(), name_.heartbeat.end()});
            }
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
                take({buffer_.data(), length});
                read();
            });
    }

    void take(protocols::ByteView bytes) {
        if (name_.kind == core::DialInKind::plain) {
            line_.receive(bytes);
            return;
        }
        received_.insert(received_.end(), bytes.begin(), bytes.end());
        for (;;) {
            const auto found = protocols::acrel_4g::find_frame(received_);
            received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(found.used));
            if (!found.frame || received_.size() > kReceivedMax) {
                return;
            }
            if (found.frame->command == protocols::acrel_4g::kPassThrough) {
                line_.receive(found.frame->body);
            }
        }
    }

    /// The bus puts out an answer in pieces. A plain box sends them on as they are; a 4G meter only whole
    /// ones, so it waits until nothing more has come for as long as the bus is silent between frames.
    void put(protocols::ByteView bytes) {
        if (!linked_) {
            return;
        }
        if (name_.kind == core::DialInKind::plain) {
            send({bytes.begin(), bytes.end()});
            return;
        }
        answer_.insert(answer_.end(), bytes.begin(), bytes.end());
        // An RTU answer to function 03/04 says its length; others are short and come in one piece.
        const bool read = answer_.size() > 2 && (answer_[1] == 3 || answer_[1] == 4);
        if (read && answer_.size() < static_cast<std::size_t>(answer_[2]) + 5) {
            return;
        }
        protocols::Bytes body{name_.id.begin(), name_.id.end()};
        body.resize(protocols::acrel_4g::kSerialBytes);
        body.insert(body.end(), answer_.begin(), answer_.end());
        answer_.clear();
        send(protocols::acrel_4g::encode(protocols::acrel_4g::kPassThrough, body));
    }

    void send(protocols::Bytes bytes) {
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
    core::DialInName name_;
    PacedLine line_;
    tcp::socket socket_;
    asio::steady_timer again_;
    asio::steady_timer beat_;
    std::array<std::uint8_t, 512> buffer_{};
    std::deque<protocols::Bytes> outgoing_;
    protocols::Bytes received_;
    protocols::Bytes answer_;
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
