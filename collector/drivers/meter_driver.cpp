#include "collector/drivers/meter_driver.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "collector/drivers/cjt188_driver.hpp"
#include "collector/drivers/dlms_driver.hpp"
#include "collector/drivers/dlt645_driver.hpp"
#include "collector/drivers/iec62056_driver.hpp"
#include "collector/drivers/message_driver.hpp"
#include "collector/drivers/modbus_driver.hpp"

namespace wutong::collector {

namespace {

std::string cannot(const FieldMeter& meter, const char* what) {
    return fmt::format("meters of profile {} can't be {} from here", meter.profile->id, what);
}

BusReply refusal(std::string reason) {
    BusReply reply;
    reply.kind = BusReply::Kind::refused;
    reply.reason = std::move(reason);
    return reply;
}

}  // namespace

std::string version_text(protocols::ByteView sent) {
    constexpr std::size_t kVersionMax = 80;
    std::string text;
    for (const auto byte : sent) {
        if (byte >= ' ' && byte < 0x7F && (byte != ' ' || !text.empty())) {
            text += static_cast<char>(byte);
        }
    }
    text.resize(std::min(text.size(), kVersionMax));
    text.resize(text.find_last_not_of(' ') + 1);
    return text;
}

FirmwareReadout MeterDriver::read_firmware(MeterBus& /*bus*/, const FieldMeter& meter) const {
    FirmwareReadout none;
    none.reason = cannot(meter, "asked for their version");
    return none;
}

MeterIdentity MeterDriver::identify(MeterBus& /*bus*/, const FieldMeter& /*meter*/) const {
    return {};
}

BusReply MeterDriver::switch_relay(MeterBus& /*bus*/, const FieldMeter& meter, RelayOrder /*order*/) const {
    return refusal(cannot(meter, "switched"));
}

BusReply MeterDriver::set_clock(MeterBus& /*bus*/, const FieldMeter& meter,
                                const protocols::MeterClock& /*clock*/) const {
    return refusal(cannot(meter, "told the time"));
}

DriverOffers MeterDriver::offers(const core::MeterProfile& profile) const {
    DriverOffers offers;
    offers.clock = profile.has(core::Quantity::clock);
    return offers;
}

EventsReadout MeterDriver::read_events(MeterBus& /*bus*/, const FieldMeter& meter) const {
    EventsReadout none;
    none.reason = cannot(meter, "asked for events");
    return none;
}

ClockReadout MeterDriver::read_clock(MeterBus& bus, const FieldMeter& meter) const {
    ClockReadout clock;
    clock.reason = cannot(meter, "asked for the time");
    for (const auto& block : meter.profile->blocks) {
        const bool has_it = std::any_of(block.fields.begin(), block.fields.end(), [](const auto& field) {
            return field.quantity == core::Quantity::clock;
        });
        if (!has_it) {
            continue;
        }
        clock.asked_at = bus.now();
        auto readout = read_groups(bus, meter, {block.group});
        clock.answered_at = bus.now();
        clock.kind = readout.kind;
        clock.reason = std::move(readout.reason);
        clock.shown_s = readout.value(core::Quantity::clock);
        return clock;
    }
    return clock;
}

HistoryReadout MeterDriver::read_history(MeterBus& /*bus*/, const FieldMeter& meter, core::Timestamp /*from*/,
                                         core::Timestamp /*to*/) const {
    HistoryReadout none;
    none.reason = cannot(meter, "asked for what it kept");
    return none;
}

Prepared MeterDriver::prepare_money(const FieldMeter& meter, const PrepaidSettings& /*settings*/,
                                    const core::Values& /*present*/,
                                    const std::optional<core::CreditWrite>& /*credit*/) const {
    return DialectFault{cannot(meter, "given credit, prices or alarm amounts")};
}

Prepared MeterDriver::prepare_overload(const FieldMeter& meter, std::int64_t /*overload_w*/) const {
    return DialectFault{cannot(meter, "given an overload threshold")};
}

const MeterDriver& driver_of(const core::MeterProfile& profile) {
    static const ModbusDriver modbus;
    static const Dlt645Driver dlt645;
    static const DlmsDriver dlms;
    static const Cjt188Driver cjt188;
    static const Iec62056Driver iec62056;
    static const MessageDriver messages;
    switch (profile.protocol) {
        case core::MeterProtocol::modbus:
            return modbus;
        case core::MeterProtocol::dlt645_2007:
        case core::MeterProtocol::dlt645_1997:
            return dlt645;
        case core::MeterProtocol::dlms:
            return dlms;
        case core::MeterProtocol::cjt188:
            return cjt188;
        case core::MeterProtocol::iec62056_21:
            return iec62056;
        case core::MeterProtocol::mqtt_json:
        case core::MeterProtocol::sparkplug_b:
            return messages;
    }
    throw std::logic_error("protocol out of range");
}

MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter, const MeterDriver::Groups& groups) {
    return driver_of(*meter.profile).read_groups(bus, meter, groups);
}

}  // namespace wutong::collector
