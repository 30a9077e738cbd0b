// What a DL/T 645-2007 meter writes down by itself: its troubles, its clock, its frozen registers.
#include "collector/protocols/dlt645_records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "collector/drivers/dlt645_driver.hpp"
#include "collector/drivers/dlt645_exchange.hpp"
#include "collector/drivers/dlt645_session.hpp"
#include "collector/drivers/wall_clock.hpp"
#include "collector/protocols/bcd.hpp"

namespace wutong::collector {

namespace dlt645 = protocols::dlt645;

namespace {

using core::MeterEventKind;

constexpr std::size_t kCountBytes = 3;
constexpr std::size_t kEnergyBytes = 4;
constexpr std::size_t kFreezeTimeBytes = 5;
constexpr std::int64_t kWattHoursPerHundredth = 10;
/// Of what happened before anybody asked.
constexpr std::int64_t kRecordsAtFirst = 3;
/// Each is two exchanges. Hours of kHistoryAskedMax with both ends, and one for a clock that was moved.
constexpr int kHistoryRowsMax = 10;
constexpr int kHistorySeekMax = 4;
constexpr std::chrono::hours kFreezeEvery{1};

/// What a meter counts and keeps records of: 3 bytes of count, and beginning and end in the first bytes of
/// each record, the newest one behind the count.
struct RecordKind {
    std::uint32_t count;
    std::size_t count_bytes;
    std::size_t record_bytes;
    std::int64_t kept;
    MeterEventKind kind;
    bool three_phases;
};
constexpr std::array kRecordKinds{
    RecordKind{dlt645::kCoverOpenings, kCountBytes, dlt645::kOpeningBytes, dlt645::kOpeningsKept,
               MeterEventKind::cover_open, false},
    RecordKind{dlt645::kTerminalOpenings, kCountBytes, dlt645::kOpeningBytes, dlt645::kOpeningsKept,
               MeterEventKind::terminal_cover_open, false},
    RecordKind{dlt645::kVoltageOrders, 2 * kCountBytes, dlt645::kDisturbanceBytes, dlt645::kDisturbancesKept,
               MeterEventKind::phase_order, true},
    RecordKind{dlt645::kCurrentOrders, 2 * kCountBytes, dlt645::kDisturbanceBytes, dlt645::kDisturbancesKept,
               MeterEventKind::phase_order, true},
    RecordKind{dlt645::kVoltageUnbalances, 2 * kCountBytes, dlt645::kDisturbanceBytes,
               dlt645::kDisturbancesKept, MeterEventKind::voltage_unbalance, true},
    RecordKind{dlt645::kCurrentUnbalances, 2 * kCountBytes, dlt645::kDisturbanceBytes,
               dlt645::kDisturbancesKept, MeterEventKind::current_unbalance, true},
};

/// One meter of 2007 and what it has.
class Records {
public:
    Records(MeterBus& bus, const dlt645::Address& address)
        : bus_{bus}, address_{address}, session_{dlt645_session_of(bus)} {}

    [[nodiscard]] Dlt645Session& session() { return session_; }

    /// @param family under which it is remembered that the meter has nothing of the kind
    [[nodiscard]] Dlt645Answer read(std::uint32_t id, std::size_t bytes, std::uint32_t family) {
        Dlt645Answer answer;
        if (session_.missing.contains(family)) {
            answer.kind = BusReply::Kind::refused;
            answer.no_such_data = true;
            answer.reason = "the meter has no such item";
            return answer;
        }
        answer = dlt645_read(bus_, address_, dlt645::Edition::of_2007, id, bytes);
        if (answer.no_such_data && id == family) {
            session_.missing.insert(family);
        }
        return answer;
    }

private:
    MeterBus& bus_;
    const dlt645::Address& address_;
    Dlt645Session& session_;
};

/// Nothing was refused for good, and nothing was answered: the meter did not speak.
bool is_trouble(const Dlt645Answer& answer) {
    return !answer.answered() && answer.kind != BusReply::Kind::refused;
}

void show_troubles(const dlt645::MeterTroubles& troubles, int phases, core::EventsShown& shown) {
    shown[MeterEventKind::battery_low] = troubles.battery_low;
    shown[MeterEventKind::voltage_loss] = troubles.voltage_lost;
    shown[MeterEventKind::current_loss] = troubles.current_lost;
    shown[MeterEventKind::overload] = troubles.overload;
    shown[MeterEventKind::reverse_power] = troubles.reversed;
    if (phases == 3) {
        shown[MeterEventKind::phase_order] = troubles.voltage_order || troubles.current_order;
        shown[MeterEventKind::voltage_unbalance] = troubles.voltage_unbalance;
        shown[MeterEventKind::current_unbalance] = troubles.current_unbalance;
    }
}

/// @return false when the meter stopped answering
bool read_records(Records& records, const FieldMeter& meter, const RecordKind& of, EventsReadout& into) {
    const std::uint32_t id = of.count;
    auto& known = records.session().counted[id];
    const auto count = records.read(id, of.count_bytes, id);
    if (is_trouble(count)) {
        into.kind = count.kind;
        into.reason = count.reason;
        return false;
    }
    const auto times = count.answered() && count.data.size() >= kCountBytes
                           ? protocols::decode_bcd(protocols::ByteView{count.data}.first(kCountBytes))
                           : std::nullopt;
    if (!times) {
        return true;
    }
    into.kind = BusReply::Kind::answered;
    into.recorded.insert(of.kind);
    // A count that fell was cleared; what is there now is all new.
    const std::int64_t news = known && *known <= *times ? *times - *known : *times;
    const std::int64_t most = known ? of.kept : kRecordsAtFirst;
    for (std::int64_t i = 1; i <= std::min(news, most); ++i) {
        const auto record = records.read(id + static_cast<std::uint32_t>(i), of.record_bytes, id);
        if (is_trouble(record)) {
            into.kind = record.kind;
            into.reason = record.reason;
            return false;
        }
        const auto lasted = record.answered() ? dlt645::decode_opening(record.data) : std::nullopt;
        if (!lasted) {
            break;
        }
        core::EventRecord one{of.kind, moment_of(lasted->began, meter.utc_offset), std::nullopt};
        if (lasted->ended) {
            one.ended_at = moment_of(*lasted->ended, meter.utc_offset);
        }
        into.records.push_back(one);
        if (i == 1 && !lasted->ended) {
            // It lasts still: looked at again, until its end is written down.
            known.reset();
            return true;
        }
    }
    known = times;
    return true;
}

struct Frozen {
    std::optional<core::Timestamp> at;
    Dlt645Answer answer;
};
Frozen frozen_at(Records& records, const FieldMeter& meter, int which) {
    Frozen frozen;
    frozen.answer = records.read(dlt645::kHourlyTime + static_cast<std::uint32_t>(which - 1),
                                 kFreezeTimeBytes, dlt645::kHourlyTime);
    if (frozen.answer.answered()) {
        if (const auto clock = dlt645::decode_freeze_time(frozen.answer.data)) {
            frozen.at = moment_of(*clock, meter.utc_offset);
        }
    }
    return frozen;
}

int rows_between(core::Timestamp from, core::Timestamp to) {
    return to <= from ? 0 : static_cast<int>(std::min<std::int64_t>((to - from) / kFreezeEvery, 1'000));
}

}  // namespace

DriverOffers Dlt645Driver::offers(const core::MeterProfile& profile) const {
    DriverOffers offers = MeterDriver::offers(profile);
    offers.events = profile.protocol == core::MeterProtocol::dlt645_2007;
    offers.history = offers.events;
    offers.firmware = offers.events;
    return offers;
}

FirmwareReadout Dlt645Driver::read_firmware(MeterBus& bus, const FieldMeter& meter) const {
    constexpr std::uint32_t kSoftwareVersion = 0x04800001;
    constexpr std::size_t kVersionBytes = 32;
    const auto address = address_of(meter);
    if (!address || edition_of(meter) != dlt645::Edition::of_2007) {
        return MeterDriver::read_firmware(bus, meter);
    }
    auto answer = dlt645_read(bus, *address, dlt645::Edition::of_2007, kSoftwareVersion, kVersionBytes);
    std::reverse(answer.data.begin(), answer.data.end());
    FirmwareReadout firmware{answer.kind, std::move(answer.reason), version_text(answer.data)};
    if (firmware.kind == BusReply::Kind::answered && firmware.version.empty()) {
        firmware.kind = BusReply::Kind::refused;
        firmware.reason = "the meter does not tell its version";
    }
    return firmware;
}

EventsReadout Dlt645Driver::read_events(MeterBus& bus, const FieldMeter& meter) const {
    EventsReadout readout;
    const auto address = address_of(meter);
    if (!address || edition_of(meter) != dlt645::Edition::of_2007) {
        return address ? MeterDriver::read_events(bus, meter)
                       : EventsReadout{{}, no_address(meter), {}, {}, {}};
    }
    Records records{bus, *address};
    const auto words = records.read(dlt645::kStatusWords, 2 * dlt645::kStatusWordCount, dlt645::kStatusWords);
    if (is_trouble(words)) {
        readout.kind = words.kind;
        readout.reason = words.reason;
        return readout;
    }
    readout.reason = "the meter has neither status words nor records";
    if (const auto troubles = words.answered() ? dlt645::decode_status_words(words.data) : std::nullopt) {
        show_troubles(*troubles, meter.profile->phases, readout.shown);
        readout.kind = BusReply::Kind::answered;
    }
    for (const auto& kind : kRecordKinds) {
        if (kind.three_phases && meter.profile->phases != 3) {
            continue;
        }
        if (!read_records(records, meter, kind, readout)) {
            return readout;
        }
    }
    // With its own times, and once: what a status word says of the same is not told as well.
    for (const auto kind : readout.recorded) {
        readout.shown.erase(kind);
    }
    if (readout.answered()) {
        readout.reason.clear();
    }
    return readout;
}

ClockReadout Dlt645Driver::read_clock(MeterBus& bus, const FieldMeter& meter) const {
    const auto address = address_of(meter);
    if (!address || edition_of(meter) != dlt645::Edition::of_2007) {
        return MeterDriver::read_clock(bus, meter);
    }
    ClockReadout readout;
    Records records{bus, *address};
    const auto date = records.read(dlt645::kDate, 4, dlt645::kDate);
    readout.asked_at = bus.now();
    const auto time = date.answered() ? records.read(dlt645::kTime, 3, dlt645::kTime) : date;
    readout.answered_at = bus.now();
    readout.kind = time.kind;
    readout.reason = time.reason;
    if (!time.answered()) {
        return readout;
    }
    const auto decoded = dlt645::decode_clock(date.data, time.data);
    if (const auto* fault = std::get_if<protocols::DecodeFault>(&decoded)) {
        readout.kind = BusReply::Kind::garbled;
        readout.reason = fault->reason;
        return readout;
    }
    const auto& clock = std::get<protocols::MeterClock>(decoded);
    if (clock.hour == 0 && clock.minute == 0) {
        // The date was asked first, and may be yesterday's.
        readout.kind = BusReply::Kind::garbled;
        readout.reason =
            "date and time are two items, which are not put together in the first minute of a day";
        return readout;
    }
    readout.shown_s =
        std::chrono::floor<std::chrono::seconds>(moment_of(clock, {})).time_since_epoch().count();
    return readout;
}

HistoryReadout Dlt645Driver::read_history(MeterBus& bus, const FieldMeter& meter, core::Timestamp from,
                                          core::Timestamp to) const {
    const auto address = address_of(meter);
    if (!address || edition_of(meter) != dlt645::Edition::of_2007) {
        return MeterDriver::read_history(bus, meter, from, to);
    }
    HistoryReadout readout;
    Records records{bus, *address};
    // They are counted backwards from the newest. Hours without power are not among them, so the place that
    // is worked out lies too far back at most, and is looked for again from what is found there.
    int which = 1;
    Frozen frozen = frozen_at(records, meter, which);
    for (int seek = 0; seek < kHistorySeekMax && frozen.at; ++seek) {
        const int step = *frozen.at > to ? rows_between(to, *frozen.at) : -rows_between(*frozen.at, to);
        const int next = std::clamp(which + step, 1, dlt645::kHourlyKept);
        if (next == which) {
            break;
        }
        which = next;
        frozen = frozen_at(records, meter, which);
    }
    for (int rows = 0; rows < kHistoryRowsMax && frozen.at && *frozen.at >= from; ++rows) {
        if (*frozen.at <= to) {
            const auto energy = records.read(dlt645::kHourlyEnergy + static_cast<std::uint32_t>(which - 1),
                                             kEnergyBytes, dlt645::kHourlyEnergy);
            if (is_trouble(energy)) {
                frozen.answer = energy;
                frozen.at.reset();
                break;
            }
            const auto hundredths =
                energy.answered() && energy.data.size() >= kEnergyBytes
                    ? protocols::decode_bcd(protocols::ByteView{energy.data}.first(kEnergyBytes))
                    : std::nullopt;
            if (hundredths) {
                readout.rows.push_back(
                    {*frozen.at, {{core::Quantity::energy_total, *hundredths * kWattHoursPerHundredth}}});
            }
        }
        if (which == dlt645::kHourlyKept) {
            break;
        }
        frozen = frozen_at(records, meter, ++which);
    }
    std::reverse(readout.rows.begin(), readout.rows.end());
    // What was found is worth keeping, also when the meter fell silent then.
    const bool silent = is_trouble(frozen.answer) && readout.rows.empty();
    readout.kind = silent ? frozen.answer.kind : BusReply::Kind::answered;
    readout.reason = silent ? frozen.answer.reason : std::string{};
    if (!silent && frozen.answer.no_such_data && which == 1) {
        readout.kind = BusReply::Kind::refused;
        readout.reason = "the meter keeps no hourly registers";
    }
    return readout;
}

}  // namespace wutong::collector
