#include "collector/drivers/meter_driver.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "collector/drivers/dlt645_driver.hpp"
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
    switch (profile.protocol) {
        case core::MeterProtocol::modbus:
            return modbus;
        case core::MeterProtocol::dlt645_2007:
        case core::MeterProtocol::dlt645_1997:
            return dlt645;
    }
    throw std::logic_error("protocol out of range");
}

MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter, const MeterDriver::Groups& groups) {
    return driver_of(*meter.profile).read_groups(bus, meter, groups);
}

}  // namespace wutong::collector
