#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "core/command.hpp"
#include "core/identity.hpp"

namespace wutong::collector {

using SteadyTime = std::chrono::steady_clock::time_point;

enum class PollKind { state, reading, probe };

/// One poll of one meter that is due.
struct Poll {
    core::MeterId meter;
    PollKind kind = PollKind::state;
    core::Lane lane = core::Lane::state;
    SteadyTime due;
};

/// When each meter of a channel is polled next. Pure: it is told the time and never waits.
///
/// Lanes decide first (state before scheduled before catch-up, where probes are), then who is due longest.
/// What has waited for `starvation_max` competes in the state lane, so a bus that is too slow for its state
/// interval still gets its readings and finds its dead meters again.
class MeterSchedule {
public:
    struct Rules {
        int quarantine_after = 3;
        std::chrono::seconds probe_first{5};
        std::chrono::seconds probe_max{60};
        std::chrono::seconds starvation_max{30};
        std::chrono::seconds retry_after{
            5};  ///< a failed poll is repeated after this, times the failures in a row
    };
    struct Intervals {
        std::chrono::seconds state{60};
        std::chrono::seconds reading{1'800};
        friend bool operator==(const Intervals&, const Intervals&) = default;
    };
    /// What one meter's last polls came to.
    struct Health {
        int failures = 0;
        bool quarantined = false;
    };

    explicit MeterSchedule(Rules rules) : rules_{rules} {}

    /// Adds a meter, or changes its intervals. A new meter is due at once, first of all for a reading.
    void put(core::MeterId meter, Intervals intervals, SteadyTime now);
    void remove(core::MeterId meter);
    [[nodiscard]] bool contains(core::MeterId meter) const { return meters_.contains(meter); }

    /// The most urgent poll that is due.
    [[nodiscard]] std::optional<Poll> next(SteadyTime now) const;
    /// When the next one will be due; nothing when there are no meters.
    [[nodiscard]] std::optional<SteadyTime> next_due() const;

    /// The meter answered, be it to a poll or to a command. @param kind what was read
    void answered(core::MeterId meter, PollKind kind, SteadyTime now, std::chrono::milliseconds bus_time);
    /// A poll failed. It is tried again up to `retries` times before it counts.
    /// @param not_before earliest time at which the meter may be asked again (an answer may still be owed)
    void failed(core::MeterId meter, SteadyTime now, std::chrono::milliseconds bus_time,
                SteadyTime not_before, int retries);
    /// A channel that was silent as a whole speaks again: all who were given up are asked at once.
    void probe_all_now(SteadyTime now);

    [[nodiscard]] Health health(core::MeterId meter) const;
    [[nodiscard]] std::size_t size() const { return meters_.size(); }
    [[nodiscard]] std::size_t quarantined() const;
    /// Bus time that the last whole round of state polls took; nothing before the first is complete.
    [[nodiscard]] std::optional<std::chrono::milliseconds> last_round() const { return last_round_; }

private:
    struct Meter {
        Intervals intervals;
        SteadyTime state_due;
        SteadyTime reading_due;
        SteadyTime probe_due;
        std::chrono::seconds probe_wait{0};
        int tries = 0;  ///< of the poll under way
        Health health;
    };
    [[nodiscard]] Poll poll_of(core::MeterId id, const Meter& meter) const;
    [[nodiscard]] SteadyTime next_reading(core::MeterId id, const Meter& meter, SteadyTime now) const;
    void count_round(core::MeterId id, std::chrono::milliseconds bus_time);

    Rules rules_;
    std::map<core::MeterId, Meter> meters_;
    std::set<core::MeterId> round_;  ///< asked in the running round
    std::chrono::milliseconds round_time_{0};
    std::optional<std::chrono::milliseconds> last_round_;
};

}  // namespace wutong::collector
