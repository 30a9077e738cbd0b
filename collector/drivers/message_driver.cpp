#include "collector/drivers/message_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "collector/drivers/message_session.hpp"
#include "collector/protocols/message_values.hpp"
#include "collector/protocols/sparkplug.hpp"

namespace wutong::collector {

namespace spb = protocols::sparkplug;

namespace {

constexpr std::chrono::milliseconds kLookEvery{50};
/// Values that come seldom are still good for a while; a meter that is silent is known by its silence.
constexpr std::chrono::minutes kValueGoodFor{10};

struct SparkplugPlace {
    std::string group, node, device;
};

SparkplugPlace sparkplug_place(const std::string& address) {
    return {protocols::filled_in("{1}", address, {}), protocols::filled_in("{2}", address, {}),
            protocols::filled_in("{3}", address, {})};
}

spb::Metric metric_of(const std::string& name, const std::string& text, core::Timestamp now) {
    spb::Metric metric;
    metric.name = name;
    metric.timestamp_ms = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text == "true" || text == "false") {
        metric.type = spb::DataType::boolean;
        metric.value = text == "true";
    } else if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) {
        metric.type = spb::DataType::int32;
        metric.value = number;
    } else {
        metric.type = spb::DataType::string;
        metric.value = text;
    }
    return metric;
}

Message sparkplug_order(const FieldMeter& meter, bool to_node, const spb::Metric& metric) {
    const auto place = sparkplug_place(meter.station_address);
    spb::Payload payload;
    payload.timestamp_ms = metric.timestamp_ms;
    payload.metrics.push_back(metric);
    const auto bytes = spb::encode(payload);
    const bool node = to_node || place.device.empty();
    return {spb::topic_of(node ? "NCMD" : "DCMD", place.group, place.node, node ? "" : place.device),
            std::string{bytes.begin(), bytes.end()}, false};
}

}  // namespace

bool is_register(core::Quantity quantity) {
    switch (quantity) {
        case core::Quantity::energy_total:
        case core::Quantity::energy_sharp:
        case core::Quantity::energy_peak:
        case core::Quantity::energy_flat:
        case core::Quantity::energy_valley:
        case core::Quantity::energy_reverse:
        case core::Quantity::volume_total:
            return true;
        default:
            return false;
    }
}

void MessageSession::learn(const core::Values& values, core::Timestamp at) {
    for (const auto& [quantity, value] : values) {
        known[quantity] = {value, at};
    }
}

core::Values MessageSession::values(core::Timestamp at, std::chrono::seconds registers_for) const {
    core::Values now;
    for (const auto& [quantity, value] : known) {
        const auto age = at - value.at;
        const bool good = quantity == core::Quantity::relay_closed ||
                          age <= (is_register(quantity) ? registers_for : kValueGoodFor);
        if (good) {
            now[quantity] = value.value;
        }
    }
    return now;
}

MessageSession& message_session(std::shared_ptr<MeterSession>& kept) {
    auto session = std::dynamic_pointer_cast<MessageSession>(kept);
    if (!session) {
        session = std::make_shared<MessageSession>();
        kept = session;
    }
    return *session;
}

std::optional<Message> asking_message(const FieldMeter& meter, core::Timestamp now) {
    if (meter.profile->protocol == core::MeterProtocol::sparkplug_b) {
        return sparkplug_order(meter, true, metric_of("Node Control/Rebirth", "true", now));
    }
    const auto& habits = meter.profile->habits;
    if (habits.ask_topic.empty()) {
        return std::nullopt;
    }
    return Message{protocols::filled_in(habits.ask_topic, meter.station_address, meter.code),
                   protocols::filled_in(habits.ask, meter.station_address, meter.code), false};
}

Message relay_message(const FieldMeter& meter, bool close, core::Timestamp now) {
    const auto& habits = meter.profile->habits;
    const auto& text = close ? habits.close : habits.open;
    if (meter.profile->protocol == core::MeterProtocol::sparkplug_b) {
        return sparkplug_order(meter, false, metric_of(habits.relay_topic, text, now));
    }
    return {protocols::filled_in(habits.relay_topic, meter.station_address, meter.code),
            protocols::filled_in(text, meter.station_address, meter.code), false};
}

MeterReadout MessageDriver::read_groups(MeterBus& bus, const FieldMeter& meter, const Groups& groups) const {
    MeterReadout readout;
    if (std::find(groups.begin(), groups.end(), core::Block::Group::settings) != groups.end()) {
        readout.kind = BusReply::Kind::refused;
        readout.reason =
            fmt::format("meters of profile {} have no settings that could be read", meter.profile->id);
        return readout;
    }
    // The session may be replaced while we wait.
    static_cast<void>(message_session(bus.session()));
    const auto kept = std::dynamic_pointer_cast<MessageSession>(bus.session());
    MessageSession& session = *kept;
    const auto before = session.heard;
    const auto relay_before = std::exchange(session.relay_heard_before_order, std::nullopt);
    if (!relay_before) {
        if (const auto asks = asking_message(meter, bus.now())) {
            const auto reply = bus.publish(*asks);
            if (!reply.answered()) {
                readout.kind = reply.kind;
                readout.reason = reply.reason;
                return readout;
            }
        }
    }
    const auto told = [&] {
        return relay_before ? session.relay_heard > *relay_before : session.heard > before;
    };
    const std::chrono::milliseconds patience{meter.profile->read_timeout_ms};
    for (std::chrono::milliseconds waited{0}; !told() && waited < patience; waited += kLookEvery) {
        bus.pause(kLookEvery);
    }
    if (!told()) {
        readout.kind = BusReply::Kind::silent;
        readout.reason =
            fmt::format("the meter sends by itself, and has not told {} within {} ms",
                        relay_before ? "its relay's state after the order" : "anything", patience.count());
        return readout;
    }
    readout.kind = BusReply::Kind::answered;
    readout.at = std::max(session.told_at.value_or(core::Timestamp{}), session.known.begin()->second.at);
    for (const auto& [quantity, known] : session.known) {
        readout.at = std::max(readout.at, known.at);
    }
    readout.values = session.values(readout.at, std::chrono::seconds{0});
    readout.register_unusable = !readout.register_value();
    return readout;
}

BusReply MessageDriver::probe(MeterBus& /*bus*/, const FieldMeter& meter) const {
    BusReply reply;
    reply.kind = BusReply::Kind::silent;
    reply.reason = fmt::format("meters of profile {} send by themselves", meter.profile->id);
    return reply;
}

BusReply MessageDriver::switch_relay(MeterBus& bus, const FieldMeter& meter, RelayOrder order) const {
    if (!meter.profile->switchable()) {
        return MeterDriver::switch_relay(bus, meter, order);
    }
    MessageSession& session = message_session(bus.session());
    session.relay_heard_before_order = session.relay_heard;
    return bus.publish(relay_message(meter, order != RelayOrder::open, bus.now()));
}

}  // namespace wutong::collector
