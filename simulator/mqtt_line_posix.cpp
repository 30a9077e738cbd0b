#include <fmt/format.h>
#include <mosquitto.h>
#include <spdlog/spdlog.h>

#include <boost/asio/steady_timer.hpp>
#include <stdexcept>

#include "core/link_names.hpp"
#include "simulator/mqtt_devices.hpp"
#include "simulator/mqtt_line.hpp"

namespace wutong::simulator {
namespace {

/// The library is looked after this often; it has no thread of its own.
constexpr std::chrono::milliseconds kLookEvery{20};
constexpr std::chrono::seconds kRetryAfter{1};
constexpr int kKeepAliveSeconds = 15;
constexpr int kPacketsAtOnce = 1'000;

class MqttLine final : public LineEnd {
public:
    MqttLine(const boost::asio::any_io_executor& executor, LinePlan plan, Building& building,
             const SimClock& clock)
        : plan_{std::move(plan)}, devices_{plan_, building}, clock_{clock}, timer_{executor} {
        const auto parsed = core::parse_broker_name(plan_.broker);
        if (const auto* bad = std::get_if<core::BadName>(&parsed)) {
            throw std::runtime_error(fmt::format("line {}: broker {}", plan_.name, bad->why));
        }
        broker_ = std::get<core::BrokerName>(parsed);
        if (broker_.tls) {
            throw std::runtime_error(
                fmt::format("line {}: simulated devices speak mqtt://, not mqtts://", plan_.name));
        }
        mosquitto_lib_init();
        look();
    }
    ~MqttLine() override { hang_up(); }

    [[nodiscard]] const LinePlan& plan() const override { return plan_; }
    [[nodiscard]] std::string endpoint() const override { return plan_.broker; }
    [[nodiscard]] bool dead() const override { return dead_; }
    [[nodiscard]] LineStats stats() const override {
        auto stats = stats_;
        stats.connections = linked_ ? 1 : 0;
        return stats;
    }
    void set_dead(bool dead) override {
        dead_ = dead;
        if (dead) {
            hang_up();
        }
    }
    void stop() override {
        dead_ = stopped_ = true;
        timer_.cancel();
        hang_up();
    }

private:
    void look() {
        const auto now = SimClock::Steady::now();
        if (!dead_ && session_ == nullptr && now >= dial_at_) {
            dial();
        }
        if (session_ != nullptr && mosquitto_loop(session_, 0, kPacketsAtOnce) != MOSQ_ERR_SUCCESS) {
            hang_up();
            dial_at_ = now + kRetryAfter;
        }
        if (linked_ && now >= tell_at_) {
            tell_at_ = now + std::chrono::milliseconds{plan_.every_ms};
            say(devices_.telemetry(clock_.now()));
        }
        if (stopped_) {
            return;
        }
        timer_.expires_after(kLookEvery);
        timer_.async_wait([this](const boost::system::error_code& cancelled) {
            if (!cancelled) {
                look();
            }
        });
    }

    void dial() {
        dial_at_ = SimClock::Steady::now() + kRetryAfter;
        session_ = mosquitto_new(("wutong-sim-" + plan_.name).c_str(), true, this);
        if (session_ == nullptr) {
            return;
        }
        const auto will = devices_.will();
        if (!will.topic.empty()) {
            mosquitto_will_set(session_, will.topic.c_str(), static_cast<int>(will.payload.size()),
                               will.payload.data(), 1, false);
        }
        mosquitto_connect_callback_set(session_, [](mosquitto*, void* self, int refused) {
            if (refused == 0) {
                static_cast<MqttLine*>(self)->greeted();
            }
        });
        mosquitto_message_callback_set(session_,
                                       [](mosquitto*, void* self, const mosquitto_message* message) {
                                           static_cast<MqttLine*>(self)->came(*message);
                                       });
        if (mosquitto_connect(session_, broker_.host.c_str(), broker_.port, kKeepAliveSeconds) !=
            MOSQ_ERR_SUCCESS) {
            hang_up();
        }
    }

    void greeted() {
        linked_ = true;
        tell_at_ = {};
        for (const auto& topic : devices_.subscriptions()) {
            mosquitto_subscribe(session_, nullptr, topic.c_str(), 1);
        }
        say(devices_.births(clock_.now()));
    }

    void came(const mosquitto_message& message) {
        ++stats_.requests;
        const auto* payload = static_cast<const char*>(message.payload);
        say(devices_.obey({message.topic, {payload, payload + message.payloadlen}, false}, clock_.now()));
    }

    void say(const std::vector<MqttMessage>& messages) {
        for (const auto& message : messages) {
            mosquitto_publish(session_, nullptr, message.topic.c_str(),
                              static_cast<int>(message.payload.size()), message.payload.data(), 1,
                              message.retained);
            ++stats_.answers;
            stats_.bytes_out += message.payload.size();
        }
    }

    void hang_up() {
        linked_ = false;
        if (session_ != nullptr) {
            mosquitto_destroy(session_);
            session_ = nullptr;
        }
    }

    LinePlan plan_;
    MqttDevices devices_;
    const SimClock& clock_;
    boost::asio::steady_timer timer_;
    core::BrokerName broker_;
    mosquitto* session_ = nullptr;
    bool linked_ = false;
    bool dead_ = false;
    bool stopped_ = false;
    SimClock::Steady::time_point dial_at_{}, tell_at_{};
    LineStats stats_;
};

}  // namespace

std::unique_ptr<LineEnd> make_mqtt_line(const boost::asio::any_io_executor& executor, const LinePlan& plan,
                                        Building& building, const SimClock& clock) {
    return std::make_unique<MqttLine>(executor, plan, building, clock);
}

}  // namespace wutong::simulator
