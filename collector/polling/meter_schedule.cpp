#include "collector/polling/meter_schedule.hpp"

#include <algorithm>
#include <cstdint>

namespace wutong::collector {

void MeterSchedule::put(core::MeterId meter, Intervals intervals, SteadyTime now) {
    const auto found = meters_.find(meter);
    if (found == meters_.end()) {
        Meter added;
        added.intervals = intervals;
        added.state_due = now;
        added.reading_due = now;
        added.probe_due = now;
        meters_.emplace(meter, added);
        return;
    }
    Meter& known = found->second;
    if (known.intervals == intervals) {
        return;
    }
    known.intervals = intervals;
    known.state_due = std::min(known.state_due, now + intervals.state);
    known.reading_due = std::min(known.reading_due, next_reading(meter, known, now));
}

void MeterSchedule::remove(core::MeterId meter) {
    meters_.erase(meter);
    round_.erase(meter);
}

Poll MeterSchedule::poll_of(core::MeterId id, const Meter& meter) const {
    if (meter.health.quarantined) {
        return {id, PollKind::probe, core::Lane::catch_up, meter.probe_due};
    }
    // A reading brings the state with it, so one that is due takes the place of a state poll.
    if (meter.reading_due <= meter.state_due) {
        return {id, PollKind::reading, core::Lane::scheduled, meter.reading_due};
    }
    return {id, PollKind::state, core::Lane::state, meter.state_due};
}

std::optional<Poll> MeterSchedule::next(SteadyTime now) const {
    std::optional<Poll> best;
    for (const auto& [id, meter] : meters_) {
        Poll poll = poll_of(id, meter);
        if (poll.due > now) {
            continue;
        }
        // A reading that stands for a state poll is as urgent as that: nobody is left out of the rounds of a
        // bus that is too slow for its interval, neither when its reading is due nor before it was ever read.
        const bool stands_for_state = poll.kind == PollKind::reading && meter.state_due <= now;
        if (stands_for_state || now - poll.due >= rules_.starvation_max) {
            poll.lane = std::min(poll.lane, core::Lane::state);
        }
        if (!best || poll.lane < best->lane || (poll.lane == best->lane && poll.due < best->due)) {
            best = poll;
        }
    }
    return best;
}

std::optional<SteadyTime> MeterSchedule::next_due() const {
    std::optional<SteadyTime> earliest;
    for (const auto& [id, meter] : meters_) {
        const SteadyTime due = poll_of(id, meter).due;
        if (!earliest || due < *earliest) {
            earliest = due;
        }
    }
    return earliest;
}

SteadyTime MeterSchedule::next_reading(core::MeterId id, const Meter& meter, SteadyTime now) const {
    // Each meter has its own place in the interval, so that readings are spread over it and stay there.
    const auto interval = std::chrono::duration_cast<SteadyTime::duration>(meter.intervals.reading);
    const std::uint64_t scattered = static_cast<std::uint64_t>(id.value) * 0x9E3779B97F4A7C15ULL;
    const auto place = SteadyTime::duration{
        static_cast<SteadyTime::rep>((scattered >> 11) % static_cast<std::uint64_t>(interval.count()))};
    const auto since = now.time_since_epoch() - place;
    auto passed = since.count() / interval.count();
    if (since.count() < 0) {
        --passed;
    }
    return SteadyTime{place + (passed + 1) * interval};
}

void MeterSchedule::count_round(core::MeterId id, std::chrono::milliseconds bus_time) {
    round_.insert(id);
    round_time_ += bus_time;
    const bool complete = std::all_of(meters_.begin(), meters_.end(), [this](const auto& entry) {
        return entry.second.health.quarantined || round_.contains(entry.first);
    });
    if (complete) {
        last_round_ = round_time_;
        round_time_ = std::chrono::milliseconds{0};
        round_.clear();
    }
}

void MeterSchedule::answered(core::MeterId id, PollKind kind, SteadyTime now,
                             std::chrono::milliseconds bus_time) {
    const auto found = meters_.find(id);
    if (found == meters_.end()) {
        return;
    }
    Meter& meter = found->second;
    const bool was_quarantined = meter.health.quarantined;
    meter.health = {};
    meter.tries = 0;
    meter.probe_wait = std::chrono::seconds{0};
    if (kind == PollKind::probe) {
        // It lives; its values come next.
        meter.state_due = now;
        return;
    }
    meter.state_due = now + meter.intervals.state;
    if (kind == PollKind::reading) {
        meter.reading_due = next_reading(id, meter, now);
    }
    if (!was_quarantined) {
        count_round(id, bus_time);
    }
}

void MeterSchedule::failed(core::MeterId id, SteadyTime now, std::chrono::milliseconds bus_time,
                           SteadyTime not_before, int retries) {
    const auto found = meters_.find(id);
    if (found == meters_.end()) {
        return;
    }
    Meter& meter = found->second;
    if (!meter.health.quarantined && meter.tries < retries) {
        ++meter.tries;
        round_time_ += bus_time;
        const SteadyTime again = std::max(now, not_before);
        (meter.reading_due <= meter.state_due ? meter.reading_due : meter.state_due) = again;
        meter.reading_due = std::max(meter.reading_due, again);
        meter.state_due = std::max(meter.state_due, again);
        return;
    }
    meter.tries = 0;
    ++meter.health.failures;
    if (meter.health.failures >= rules_.quarantine_after) {
        meter.health.quarantined = true;
        meter.probe_wait = meter.probe_wait.count() == 0 ? rules_.probe_first
                                                         : std::min(rules_.probe_max, meter.probe_wait * 2);
        meter.probe_due = std::max(now + meter.probe_wait, not_before);
        return;
    }
    const auto wait = std::min(meter.intervals.state, rules_.retry_after * meter.health.failures);
    meter.state_due = std::max(now + wait, not_before);
    // A due reading is tried again at the same moment, not at once: the bus belongs to the living meanwhile.
    meter.reading_due = std::max(meter.reading_due, meter.state_due);
    count_round(id, bus_time);
}

void MeterSchedule::probe_all_now(SteadyTime now) {
    for (auto& [id, meter] : meters_) {
        if (meter.health.quarantined) {
            meter.probe_due = std::min(meter.probe_due, now);
            meter.probe_wait = std::chrono::seconds{0};
        }
    }
}

MeterSchedule::Health MeterSchedule::health(core::MeterId meter) const {
    const auto found = meters_.find(meter);
    return found == meters_.end() ? Health{} : found->second.health;
}

std::size_t MeterSchedule::quarantined() const {
    return static_cast<std::size_t>(std::count_if(
        meters_.begin(), meters_.end(), [](const auto& entry) { return entry.second.health.quarantined; }));
}

}  // namespace wutong::collector
