// Missing readings, fetched again from what the meter kept itself. What is missing and what fits is
// core/reading_gaps.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/drivers/meter_driver.hpp"
#include "collector/polling/channel_bus.hpp"
#include "core/reading_gaps.hpp"

namespace wutong::collector {

namespace {

using Outcome = UpkeepSchedule::Outcome;
constexpr std::size_t kMissingMax = 500;
/// A meter that is read every few seconds is looked at for less than a week.
constexpr int kIntervalsAtOnce = 5'000;
constexpr const char* kSource = "catch_up";

core::Timestamp first_boundary(core::Timestamp from, std::chrono::seconds interval) {
    const auto since = std::chrono::ceil<std::chrono::seconds>(from).time_since_epoch();
    const auto whole = (since + interval - std::chrono::seconds{1}) / interval;
    return core::Timestamp{whole * interval};
}

std::vector<core::HistoricReading> energies_of(const std::vector<HistoryRow>& rows) {
    std::vector<core::HistoricReading> energies;
    for (const auto& row : rows) {
        const auto energy = row.values.find(core::Quantity::energy_total);
        if (energy != row.values.end()) {
            energies.push_back({row.at, core::Energy{energy->second}});
        }
    }
    return energies;
}

}  // namespace

Channel::UpkeepEnd Channel::fill_gaps(const FieldMeter& meter, MeterBus& bus, Yield yield) {
    const MeterEntry* entry = find(meter.id);
    if (entry == nullptr) {
        return {Outcome::done, {}};
    }
    const auto now = env_.clock();
    const auto reach =
        std::min<std::chrono::seconds>(env_.rules.history_of, entry->intervals.reading * kIntervalsAtOnce);
    const auto oldest = now - reach;
    const auto known = env_.database.run(
        [&, interval = entry->intervals.reading](FieldStore& store) {
            // A reading before the first interval is what its register must not fall below.
            return store.known_readings(meter.property, meter.id, oldest - std::chrono::hours{1}, now,
                                        interval);
        },
        yield);
    const core::ExpectedReadings expected{first_boundary(std::max(oldest, known.since), known.interval), now,
                                          known.interval, now};
    const auto missing = core::missing_intervals(known.readings, expected, kMissingMax);
    MeterEntry* live = find(meter.id);
    if (live == nullptr) {
        return {Outcome::done, {}};
    }
    std::erase_if(live->unfillable, [&](core::Timestamp begin) { return begin < oldest; });
    std::vector<core::ReadingInterval> open;
    std::copy_if(missing.begin(), missing.end(), std::back_inserter(open),
                 [&](const auto& interval) { return !live->unfillable.contains(interval.begin); });
    auto gap = core::newest_gap(open);
    if (!gap) {
        return {Outcome::done, {}};
    }
    // In parts, the newest first: nobody waits for a week of history.
    gap->begin = std::max(gap->begin, gap->end - kHistoryAskedMax);
    const auto readout = driver_of(*meter.profile).read_history(bus, meter, gap->begin, gap->end);
    live = find(meter.id);
    if (live == nullptr) {
        return {Outcome::done, {}};
    }
    if (!readout.answered()) {
        spdlog::debug("channel={} meter={} event=history_not_read reason=\"{}\"", settings_.code, meter.code,
                      readout.reason);
        return {readout.kind == BusReply::Kind::refused ? Outcome::done : Outcome::no_answer, {}};
    }
    const auto chosen = core::fitting(energies_of(readout.rows), open, known.readings);
    for (const auto& row : chosen) {
        storage::ReadingRow reading;
        reading.property = meter.property;
        reading.meter = meter.id;
        reading.read_at = row.at;
        reading.energy_wh = row.energy.watt_hours();
        reading.source = kSource;
        env_.sink.reading(std::move(reading));
    }
    for (const auto& interval : open) {
        // Asked for, and found or not: it need not be asked for again.
        if (interval.end > gap->begin && interval.end <= gap->end) {
            live->unfillable.insert(interval.begin);
        }
    }
    spdlog::info("channel={} meter={} event=history_fetched missing={} kept={} stored={}", settings_.code,
                 meter.code, open.size(), readout.rows.size(), chosen.size());
    return {Outcome::more, {}};
}

}  // namespace wutong::collector
