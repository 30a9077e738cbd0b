#include "collector/polling/upkeep_schedule.hpp"

#include <algorithm>
#include <cstdint>

namespace wutong::collector {

namespace {

std::size_t place(UpkeepKind kind) {
    return static_cast<std::size_t>(kind);
}

/// The same share of a span for the same meter and kind, from 0 up to it.
SteadyTime::duration scattered(core::MeterId meter, UpkeepKind kind, std::chrono::seconds span) {
    const std::uint64_t mixed =
        (static_cast<std::uint64_t>(meter.value) * 3 + place(kind)) * 0x9E37'79B9'7F4A'7C15ULL;
    const auto most = std::chrono::duration_cast<SteadyTime::duration>(span).count();
    return SteadyTime::duration{static_cast<SteadyTime::rep>(
        (mixed >> 11) % static_cast<std::uint64_t>(std::max<std::int64_t>(most, 1)))};
}

}  // namespace

std::chrono::seconds UpkeepIntervals::of(UpkeepKind kind) const {
    switch (kind) {
        case UpkeepKind::events:
            return events;
        case UpkeepKind::clock:
            return clock;
        case UpkeepKind::history:
            return history;
        case UpkeepKind::firmware:
            return firmware;
    }
    return {};
}

void UpkeepSchedule::put(core::MeterId id, const UpkeepIntervals& intervals, SteadyTime now) {
    const auto [found, is_new] = meters_.try_emplace(id);
    Meter& meter = found->second;
    for (const auto kind : kUpkeepKinds) {
        const auto interval = intervals.of(kind);
        if (is_new || meter.intervals.of(kind) != interval) {
            meter.due[place(kind)] = now + scattered(id, kind, std::min(interval, rules_.first_within));
        }
    }
    meter.intervals = intervals;
}

std::optional<Upkeep> UpkeepSchedule::next(SteadyTime now, bool idle) const {
    if (!idle && turned_at_ && now - *turned_at_ < rules_.starved_every) {
        return std::nullopt;
    }
    const SteadyTime due_by = idle ? now : now - rules_.starved_after;
    std::optional<Upkeep> best;
    for (const auto& [id, meter] : meters_) {
        for (const auto kind : kUpkeepKinds) {
            const SteadyTime due = meter.due[place(kind)];
            if (meter.intervals.of(kind).count() > 0 && due <= due_by && (!best || due < best->due)) {
                best = Upkeep{id, kind, due};
            }
        }
    }
    return best;
}

std::optional<SteadyTime> UpkeepSchedule::next_due() const {
    std::optional<SteadyTime> earliest;
    for (const auto& [id, meter] : meters_) {
        for (const auto kind : kUpkeepKinds) {
            const SteadyTime due = meter.due[place(kind)];
            if (meter.intervals.of(kind).count() > 0 && (!earliest || due < *earliest)) {
                earliest = due;
            }
        }
    }
    return earliest;
}

void UpkeepSchedule::finished(const Upkeep& upkeep, Outcome outcome, SteadyTime now) {
    turned_at_ = now;
    const auto found = meters_.find(upkeep.meter);
    if (found == meters_.end()) {
        return;
    }
    const auto interval = found->second.intervals.of(upkeep.kind);
    const auto wait = outcome == Outcome::done        ? interval
                      : outcome == Outcome::no_answer ? std::min(interval, rules_.retry_after)
                                                      : std::min(interval, rules_.more_after);
    found->second.due[place(upkeep.kind)] = now + wait;
}

void UpkeepSchedule::postpone(const Upkeep& upkeep, SteadyTime until) {
    const auto found = meters_.find(upkeep.meter);
    if (found != meters_.end()) {
        found->second.due[place(upkeep.kind)] = until;
    }
}

}  // namespace wutong::collector
