#include "collector/drivers/dlms_driver.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "collector/drivers/dlms_client.hpp"
#include "collector/drivers/dlms_history.hpp"
#include "collector/drivers/dlms_values.hpp"
#include "core/meter_items.hpp"

namespace wutong::collector {

namespace dlms = protocols::dlms;

namespace {

constexpr std::uint8_t kScalerUnit = 3;
constexpr std::size_t kShortAnswer = 16;

using Attributes = std::vector<core::ObjectAttribute>;

std::vector<const core::Field*> fields_of(const core::MeterProfile& profile,
                                          const MeterDriver::Groups& groups) {
    std::vector<const core::Field*> fields;
    for (const core::Block* block : core::plan_items(profile, groups)) {
        for (const auto& field : block->fields) {
            fields.push_back(&field);
        }
    }
    return fields;
}

void add_once(Attributes& to, const core::ObjectAttribute& what) {
    if (std::find(to.begin(), to.end(), what) == to.end()) {
        to.push_back(what);
    }
}

/// The meter has no such thing, or not for us: that will not change while we look.
bool is_missing(dlms::AccessResult result) {
    switch (result) {
        case dlms::AccessResult::read_write_denied:
        case dlms::AccessResult::object_undefined:
        case dlms::AccessResult::object_class_inconsistent:
        case dlms::AccessResult::object_unavailable:
        case dlms::AccessResult::scope_of_access_violated:
            return true;
        default:
            return false;
    }
}

core::ObjectAttribute scaler_of(const core::ObjectAttribute& what) {
    return {what.class_id, what.obis, kScalerUnit};
}

/// Scaler and unit of what is going to be read, once in a session. @return empty, or why not
std::string learn_scalers(DlmsClient& client, const std::vector<const core::Field*>& fields,
                          MeterReadout& readout) {
    auto& session = client.session();
    Attributes wanted;
    for (const auto* field : fields) {
        if (field->own_scaler && !session.missing.contains(field->object) &&
            !session.scalers.contains(field->object)) {
            add_once(wanted, scaler_of(field->object));
        }
    }
    auto read = client.read(wanted);
    readout.kind = read.kind;
    if (read.kind != BusReply::Kind::answered) {
        return read.reason;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const core::ObjectAttribute value{wanted[i].class_id, wanted[i].obis, 2};
        if (const auto* result = std::get_if<dlms::AccessResult>(&read.results[i])) {
            if (is_missing(*result)) {
                session.missing.insert(value);
                continue;
            }
            readout.kind = BusReply::Kind::refused;
            return fmt::format("scaler of {}: {}", core::obis_text(value.obis), dlms::to_string(*result));
        }
        const auto scaler = dlms::decode_scaler_unit(std::get<dlms::Data>(read.results[i]));
        if (const auto* fault = std::get_if<protocols::DecodeFault>(&scaler)) {
            readout.kind = BusReply::Kind::garbled;
            return fmt::format("scaler of {}: {}", core::obis_text(value.obis), fault->reason);
        }
        session.scalers[value] = std::get<dlms::ScalerUnit>(scaler);
    }
    return {};
}

/// @return empty, or why the look as a whole can't be used
std::string take_values(DlmsSession& session, const std::vector<const core::Field*>& fields,
                        const core::ObjectAttribute& what, const dlms::ReadResult& result,
                        MeterReadout& readout) {
    if (const auto* refused = std::get_if<dlms::AccessResult>(&result)) {
        if (is_missing(*refused)) {
            session.missing.insert(what);
            return {};
        }
        readout.kind = BusReply::Kind::refused;
        return fmt::format("{}: {}", core::obis_text(what.obis), dlms::to_string(*refused));
    }
    if (session.keeps_raw) {
        session.raw[what] = dlms::encode_data(std::get<dlms::Data>(result));
    }
    for (const auto* field : fields) {
        if (field->object != what) {
            continue;
        }
        const auto scaler = session.scalers.find(what);
        auto value =
            dlms_value(*field, std::get<dlms::Data>(result),
                       scaler == session.scalers.end() ? std::nullopt : std::optional{scaler->second});
        if (auto* fault = std::get_if<std::string>(&value)) {
            readout.kind = BusReply::Kind::refused;
            return std::move(*fault);
        }
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            readout.values.insert_or_assign(field->quantity, *number);
        }
    }
    return {};
}

BusReply as_reply(const DlmsAnswer& answer) {
    BusReply reply;
    reply.kind = answer.kind;
    reply.reason = answer.reason;
    return reply;
}

BusReply refused(std::string reason) {
    BusReply reply;
    reply.kind = BusReply::Kind::refused;
    reply.reason = std::move(reason);
    return reply;
}

}  // namespace

MeterReadout DlmsDriver::read_groups(MeterBus& bus, const FieldMeter& meter, const Groups& groups) const {
    MeterReadout readout;
    DlmsClient client{bus, meter};
    auto& session = client.session();
    const auto fields = fields_of(*meter.profile, groups);
    const auto fail = [&](std::string reason) {
        readout.at = bus.now();
        readout.reason = std::move(reason);
        readout.values.clear();
        return readout;
    };
    if (auto reason = learn_scalers(client, fields, readout); readout.kind != BusReply::Kind::answered) {
        return fail(std::move(reason));
    }
    Attributes wanted;
    for (const auto* field : fields) {
        if (!session.missing.contains(field->object)) {
            add_once(wanted, field->object);
        }
    }
    auto read = client.read(wanted);
    readout.kind = read.kind;
    if (read.kind != BusReply::Kind::answered) {
        return fail(std::move(read.reason));
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (auto reason = take_values(session, fields, wanted[i], read.results[i], readout);
            readout.kind != BusReply::Kind::answered) {
            return fail(std::move(reason));
        }
    }
    readout.at = bus.now();
    if (readout.values.empty()) {
        readout.kind = BusReply::Kind::refused;
        return fail("the meter has none of the objects of profile " + meter.profile->id +
                    ", or none for this client and proof");
    }
    return readout;
}

BusReply DlmsDriver::probe(MeterBus& bus, const FieldMeter& meter) const {
    return DlmsClient{bus, meter}.knock();
}

BusReply DlmsDriver::switch_relay(MeterBus& bus, const FieldMeter& meter, RelayOrder order) const {
    if (meter.profile->dialect != core::CommandDialect::dlms_disconnect) {
        return MeterDriver::switch_relay(bus, meter, order);
    }
    DlmsClient client{bus, meter};
    const auto answer =
        client.ask(order == RelayOrder::open ? dlms::disconnect_request() : dlms::reconnect_request(),
                   kShortAnswer, Repeat::never);
    if (!answer.answered()) {
        return as_reply(answer);
    }
    const auto* done = std::get_if<dlms::ActionResponse>(&*answer.response);
    if (done != nullptr && done->result != dlms::AccessResult::success) {
        return refused("disconnect control: " + dlms::to_string(done->result));
    }
    auto reply = as_reply(answer);
    if (done == nullptr) {
        reply.kind = BusReply::Kind::garbled;
        reply.reason = "disconnect control: an answer to something else";
    }
    return reply;
}

BusReply DlmsDriver::set_clock(MeterBus& bus, const FieldMeter& meter,
                               const protocols::MeterClock& clock) const {
    if (meter.profile->dialect != core::CommandDialect::dlms_disconnect) {
        return MeterDriver::set_clock(bus, meter, clock);
    }
    dlms::DateTime moment;
    moment.clock = clock;
    const int sunday_first = protocols::weekday(clock);
    moment.weekday = sunday_first == 0 ? 7 : sunday_first;
    moment.hundredths = 0;
    moment.deviation_minutes =
        -static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(meter.utc_offset).count());
    DlmsClient client{bus, meter};
    const auto answer = client.ask(
        dlms::SetRequest{
            {dlms::kClassClock, dlms::kClockObject, 2}, {}, dlms::octets(dlms::encode_date_time(moment))},
        kShortAnswer, Repeat::never);
    if (!answer.answered()) {
        return as_reply(answer);
    }
    const auto* done = std::get_if<dlms::SetResponse>(&*answer.response);
    if (done != nullptr && done->result != dlms::AccessResult::success) {
        return refused("clock: " + dlms::to_string(done->result));
    }
    auto reply = as_reply(answer);
    if (done == nullptr) {
        reply.kind = BusReply::Kind::garbled;
        reply.reason = "clock: an answer to something else";
    }
    return reply;
}

DriverOffers DlmsDriver::offers(const core::MeterProfile& profile) const {
    auto offers = MeterDriver::offers(profile);
    offers.clock = true;
    offers.history = profile.dlms.load_profile.has_value();
    offers.firmware = true;
    return offers;
}

ClockReadout DlmsDriver::read_clock(MeterBus& bus, const FieldMeter& meter) const {
    core::Field field;
    field.quantity = core::Quantity::clock;
    field.type = core::RegisterType::object_time;
    field.object = {dlms::kClassClock, dlms::kClockObject.code, 2};
    ClockReadout clock;
    DlmsClient client{bus, meter};
    // An association is opened by the first question, so that its time does not count.
    auto read = client.read({field.object});
    if (read.kind == BusReply::Kind::answered) {
        clock.asked_at = bus.now();
        read = client.read({field.object});
        clock.answered_at = bus.now();
    }
    clock.kind = read.kind;
    clock.reason = std::move(read.reason);
    if (clock.kind != BusReply::Kind::answered) {
        return clock;
    }
    const auto* data = std::get_if<dlms::Data>(&read.results.front());
    const auto value = data == nullptr ? DlmsValue{} : dlms_value(field, *data, std::nullopt);
    if (const auto* shown = std::get_if<std::int64_t>(&value)) {
        clock.shown_s = *shown;
    } else {
        clock.reason = "the meter does not tell its time";
    }
    return clock;
}

FirmwareReadout DlmsDriver::read_firmware(MeterBus& bus, const FieldMeter& meter) const {
    constexpr std::uint16_t kClassData = 1;
    const core::ObjectAttribute version{kClassData, {1, 0, 0, 2, 0, 255}, 2};
    DlmsClient client{bus, meter};
    auto read = client.read({version});
    FirmwareReadout firmware;
    firmware.kind = read.kind;
    firmware.reason = std::move(read.reason);
    if (firmware.kind != BusReply::Kind::answered) {
        return firmware;
    }
    if (const auto* data = std::get_if<dlms::Data>(&read.results.front())) {
        firmware.version = version_text(data->bytes);
    }
    if (firmware.version.empty()) {
        firmware.kind = BusReply::Kind::refused;
        firmware.reason = "the meter does not tell its version";
    }
    return firmware;
}

HistoryReadout DlmsDriver::read_history(MeterBus& bus, const FieldMeter& meter, core::Timestamp from,
                                        core::Timestamp to) const {
    return dlms_history(bus, meter, from, to);
}

}  // namespace wutong::collector
