#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulator/building.hpp"

/// What MQTT devices say, as their makers publish it: Tasmota plugs, Shelly Pro 3EM, a gateway that sends all
/// of its meters in one JSON message, and a Sparkplug B node with its devices.
namespace wutong::simulator {

struct MqttMessage {
    std::string topic, payload;
    bool retained = false;
};

class MqttDevices {
public:
    MqttDevices(const LinePlan& plan, Building& building);

    /// The meter's name in its topics: what is imported as its station address.
    [[nodiscard]] static std::string address_of(const LinePlan& line, const MeterPlan& meter);
    [[nodiscard]] static const char* profile_of(MqttTongue tongue);

    [[nodiscard]] std::vector<std::string> subscriptions() const;
    /// What the broker says when the line is gone; empty topic: nothing.
    [[nodiscard]] MqttMessage will();
    /// Right after the connection.
    [[nodiscard]] std::vector<MqttMessage> births(core::Timestamp now);
    /// What is due each interval.
    [[nodiscard]] std::vector<MqttMessage> telemetry(core::Timestamp now);
    /// An order, and what is said to it.
    [[nodiscard]] std::vector<MqttMessage> obey(const MqttMessage& order, core::Timestamp now);

private:
    struct Values {
        std::int64_t energy_wh = 0, power_w = 0, voltage_mv = 0, current_ma = 0;
        bool closed = true;
    };
    [[nodiscard]] std::vector<InstalledMeter*> alive(core::Timestamp now) const;
    [[nodiscard]] static Values values_of(const InstalledMeter& meter, core::Timestamp now);
    [[nodiscard]] std::vector<MqttMessage> tell(InstalledMeter& meter, core::Timestamp now);
    [[nodiscard]] MqttMessage tell_all(core::Timestamp now) const;
    [[nodiscard]] MqttMessage sparkplug(const char* type, const InstalledMeter* meter, core::Timestamp now);
    [[nodiscard]] std::vector<MqttMessage> relay_told(InstalledMeter& meter, bool close, core::Timestamp now);

    const LinePlan& plan_;
    Building& building_;
    std::uint64_t sequence_ = 0;
    std::uint64_t birth_death_sequence_ = 0;
};

}  // namespace wutong::simulator
