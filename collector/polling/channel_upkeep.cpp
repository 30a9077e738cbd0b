// What a channel does for its meters when nobody else wants the bus.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/drivers/meter_driver.hpp"
#include "collector/polling/channel_bus.hpp"
#include "storage/errors.hpp"

namespace wutong::collector {

using Outcome = UpkeepSchedule::Outcome;

UpkeepIntervals Channel::upkeep_of(const FieldMeter& meter) const {
    const auto offers = driver_of(*meter.profile).offers(*meter.profile);
    UpkeepIntervals intervals = env_.rules.upkeep_intervals;
    if (!offers.events) {
        intervals.events = {};
    }
    if (!offers.clock) {
        intervals.clock = {};
    }
    if (!offers.history) {
        intervals.history = {};
    }
    if (!offers.firmware) {
        intervals.firmware = {};
    }
    return intervals;
}

void Channel::watch_events(MeterEntry& entry, const MeterReadout& readout) {
    if (!readout.answered()) {
        return;
    }
    core::EventRules rules;
    rules.phases = entry.meter.profile->phases;
    rules.consumes = entry.meter.prepaid;
    rules.unbalance = entry.unbalance;
    tell_events(entry, core::events_seen(readout.values, rules), {}, readout.at);
}

void Channel::tell_events(MeterEntry& entry, const core::EventsSeen& seen,
                          std::vector<core::EventRecord> records, core::Timestamp at) {
    auto report = entry.events.look(seen, at).value_or(core::EventsReport{at, {}, {}});
    std::erase_if(records, [&entry](const core::EventRecord& record) {
        return std::find(entry.recorded.begin(), entry.recorded.end(), record) != entry.recorded.end();
    });
    if (!records.empty()) {
        entry.recorded = records;
        report.records = std::move(records);
    }
    if (report.empty()) {
        return;
    }
    for (const auto& [kind, stands] : report.shown) {
        if (stands) {
            spdlog::warn("channel={} meter={} event=meter_event kind={}", settings_.code, entry.meter.code,
                         core::to_string(kind));
        }
    }
    env_.sink.events({entry.meter.property, entry.meter.id, std::move(report)});
}

bool Channel::run_upkeep(bool idle, Yield yield) {
    const auto upkeep = upkeep_.next(std::chrono::steady_clock::now(), idle);
    if (!upkeep) {
        return false;
    }
    const auto found = meters_.find(upkeep->meter);
    if (found == meters_.end()) {
        upkeep_.remove(upkeep->meter);
        return true;
    }
    if (schedule_.health(upkeep->meter).failures > 0 || found->second.lost || busy_.contains(upkeep->meter)) {
        // Polls find out whether it is there; nobody waits for time-outs here.
        upkeep_.finished(*upkeep, Outcome::no_answer, std::chrono::steady_clock::now());
        return true;
    }
    const FieldMeter meter = found->second.meter;
    ++depth_;
    busy_.insert(meter.id);
    UpkeepEnd end;
    try {
        end = do_upkeep(upkeep->kind, meter, yield);
    } catch (const storage::DatabaseError& error) {
        // It comes again; polls go on.
        spdlog::warn("channel={} meter={} event=upkeep_waits reason=\"{}\"", settings_.code, meter.code,
                     error.what());
    } catch (const WorkerBusy& busy) {
        spdlog::warn("channel={} meter={} event=upkeep_waits reason=\"{}\"", settings_.code, meter.code,
                     busy.what());
    } catch (const std::exception& bug) {
        spdlog::critical("channel={} meter={} event=bug while=upkeep reason=\"{}\"", settings_.code,
                         meter.code, bug.what());
        end.outcome = Outcome::done;
    }
    busy_.erase(meter.id);
    --depth_;
    const auto now = std::chrono::steady_clock::now();
    upkeep_.finished(*upkeep, end.outcome, now);
    if (end.again_in) {
        upkeep_.postpone(*upkeep, now + *end.again_in);
    }
    return true;
}

Channel::UpkeepEnd Channel::do_upkeep(UpkeepKind kind, const FieldMeter& meter, Yield yield) {
    PollBus bus{*this, meter, core::Lane::catch_up, settings_.answer_timeout, yield};
    switch (kind) {
        case UpkeepKind::events:
            return look_for_events(meter, bus);
        case UpkeepKind::clock:
            return keep_clock(meter, bus, yield);
        case UpkeepKind::history:
            return fill_gaps(meter, bus, yield);
        case UpkeepKind::firmware:
            return note_firmware(meter, bus, yield);
    }
    return {};
}

Channel::UpkeepEnd Channel::note_firmware(const FieldMeter& meter, MeterBus& bus, Yield yield) {
    const auto readout = driver_of(*meter.profile).read_firmware(bus, meter);
    if (!readout.answered()) {
        // One that tells none is asked again tomorrow.
        return {readout.kind == BusReply::Kind::refused ? Outcome::done : Outcome::no_answer, {}};
    }
    const storage::FirmwareNote note{meter.property, meter.id, readout.version, bus.now()};
    env_.database.run([&](FieldStore& store) { return store.note_firmware(note); }, yield);
    return {Outcome::done, {}};
}

Channel::UpkeepEnd Channel::look_for_events(const FieldMeter& meter, MeterBus& bus) {
    auto readout = driver_of(*meter.profile).read_events(bus, meter);
    MeterEntry* entry = find(meter.id);
    if (entry == nullptr || readout.kind == BusReply::Kind::refused) {
        return {Outcome::done, {}};
    }
    // What came before it fell silent is true all the same.
    core::EventsSeen seen;
    seen.told = std::move(readout.shown);
    entry->events.leave_to_records(readout.recorded);
    tell_events(*entry, seen, core::usable_records(std::move(readout.records), bus.now()), bus.now());
    return {readout.answered() ? Outcome::done : Outcome::no_answer, {}};
}

}  // namespace wutong::collector
