#include "collector/drivers/modbus_driver.hpp"

#include <algorithm>
#include <stdexcept>

#include "collector/drivers/acrel_dialect.hpp"

namespace wutong::collector {

namespace {

bool speaks_acrel(const FieldMeter& meter) {
    return meter.profile->dialect == core::CommandDialect::acrel_prepaid;
}

protocols::RelayCommand command_of(RelayOrder order) {
    switch (order) {
        case RelayOrder::open:
            return protocols::RelayCommand::force_open;
        case RelayOrder::stay_closed:
            return protocols::RelayCommand::force_closed;
        case RelayOrder::follow_credit:
            return protocols::RelayCommand::follow_prepaid;
    }
    throw std::logic_error("relay order out of range");
}

Prepared as_write(std::variant<protocols::Request, DialectFault> worked_out) {
    if (auto* wrong = std::get_if<DialectFault>(&worked_out)) {
        return std::move(*wrong);
    }
    return PreparedWrite{[request = std::get<protocols::Request>(std::move(worked_out))](MeterBus& bus) {
        return bus.exchange(request, Repeat::never);
    }};
}

}  // namespace

MeterReadout read_register_groups(MeterBus& bus, const core::MeterProfile& profile,
                                  const std::vector<core::Block::Group>& groups) {
    MeterReadout readout;
    const auto spans = core::plan_reads(profile, groups);
    if (spans.empty()) {
        readout.kind = BusReply::Kind::refused;
        readout.reason = "profile " + profile.id + " has no registers of this kind";
        return readout;
    }
    for (const auto& span : spans) {
        const protocols::ReadRequest request{static_cast<std::uint8_t>(span.function), span.address,
                                             span.count};
        BusReply reply = bus.exchange(request, Repeat::allowed);
        readout.kind = reply.kind;
        readout.at = bus.now();
        if (!reply.answered()) {
            readout.values.clear();
            readout.reason = std::move(reply.reason);
            return readout;
        }
        core::decode(profile, span, reply.words, readout.values);
    }
    return readout;
}

MeterReadout ModbusDriver::read_groups(MeterBus& bus, const FieldMeter& meter, const Groups& groups) const {
    return read_register_groups(bus, *meter.profile, groups);
}

BusReply ModbusDriver::probe(MeterBus& bus, const FieldMeter& meter) const {
    // The first field of the smallest kind of block: an address that the model surely answers.
    const auto& blocks = meter.profile->blocks;
    const auto block =
        std::min_element(blocks.begin(), blocks.end(),
                         [](const core::Block& a, const core::Block& b) { return a.group < b.group; });
    if (block == blocks.end()) {
        return bus.exchange(protocols::ReadRequest{protocols::kReadHolding, 0, 1}, Repeat::allowed);
    }
    // Two registers, since some models refuse to tell half of a 32-bit value.
    const auto count = std::min<std::uint16_t>(block->count, 2);
    return bus.exchange(
        protocols::ReadRequest{static_cast<std::uint8_t>(block->function), block->address, count},
        Repeat::allowed);
}

MeterIdentity ModbusDriver::identify(MeterBus& bus, const FieldMeter& meter) const {
    MeterIdentity identity;
    const auto& where = meter.profile->serial_number;
    if (!where || !where->confirmed) {
        return identity;
    }
    const BusReply reply = bus.exchange(
        protocols::ReadRequest{static_cast<std::uint8_t>(where->function), where->address, where->count()},
        Repeat::allowed);
    if (!reply.answered()) {
        // A meter that has no such register can't be asked; one that says nothing is asked again later.
        identity.unread = reply.kind != BusReply::Kind::refused;
        return identity;
    }
    identity.says = core::compare_serial_number(*where, reply.words, meter.serial_number);
    identity.text = core::serial_number_text(reply.words);
    return identity;
}

BusReply ModbusDriver::switch_relay(MeterBus& bus, const FieldMeter& meter, RelayOrder order) const {
    return speaks_acrel(meter) ? bus.exchange(protocols::encode_relay(command_of(order)), Repeat::never)
                               : MeterDriver::switch_relay(bus, meter, order);
}

BusReply ModbusDriver::set_clock(MeterBus& bus, const FieldMeter& meter,
                                 const protocols::MeterClock& clock) const {
    return speaks_acrel(meter) ? bus.exchange(protocols::encode_clock(clock), Repeat::never)
                               : MeterDriver::set_clock(bus, meter, clock);
}

Prepared ModbusDriver::prepare_money(const FieldMeter& meter, const PrepaidSettings& settings,
                                     const core::Values& present,
                                     const std::optional<core::CreditWrite>& credit) const {
    return speaks_acrel(meter) ? as_write(money_request(*meter.profile, settings, present, credit))
                               : MeterDriver::prepare_money(meter, settings, present, credit);
}

Prepared ModbusDriver::prepare_overload(const FieldMeter& meter, std::int64_t overload_w) const {
    return speaks_acrel(meter) ? as_write(overload_request(overload_w))
                               : MeterDriver::prepare_overload(meter, overload_w);
}

}  // namespace wutong::collector
