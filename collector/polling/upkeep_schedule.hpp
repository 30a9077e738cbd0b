#pragma once

#include <array>
#include <chrono>
#include <map>
#include <optional>

#include "collector/polling/meter_schedule.hpp"
#include "core/identity.hpp"

namespace wutong::collector {

/// What is done for a meter besides polling and commands.
enum class UpkeepKind { events, clock, history, firmware };
inline constexpr std::array kUpkeepKinds{UpkeepKind::events, UpkeepKind::clock, UpkeepKind::history,
                                         UpkeepKind::firmware};

/// How often; zero: never.
struct UpkeepIntervals {
    std::chrono::seconds events{3'600};
    std::chrono::seconds clock{6 * 3'600};
    std::chrono::seconds history{3'600};
    std::chrono::seconds firmware{24 * 3'600};
    [[nodiscard]] std::chrono::seconds of(UpkeepKind kind) const;
    friend bool operator==(const UpkeepIntervals&, const UpkeepIntervals&) = default;
};

struct Upkeep {
    core::MeterId meter;
    UpkeepKind kind = UpkeepKind::events;
    SteadyTime due;
};

/// When each meter of a channel is looked after. Pure: it is told the time and never waits.
///
/// Only when nobody else wants the bus; what has waited too long on a bus that is never idle has one turn now
/// and then. After a start the meters come one after the other, not all at once.
class UpkeepSchedule {
public:
    struct Rules {
        std::chrono::seconds first_within{300};   ///< after a start, or when a meter is new
        std::chrono::seconds starved_after{900};  ///< due for so long
        std::chrono::seconds starved_every{30};   ///< then one turn in so long, for all together
        std::chrono::seconds retry_after{120};    ///< the meter did not answer
        std::chrono::seconds more_after{10};      ///< there is more to fetch
    };
    explicit UpkeepSchedule(const Rules& rules) : rules_{rules} {}

    /// Kinds that the meter's driver has nothing for are left out by an interval of zero.
    void put(core::MeterId meter, const UpkeepIntervals& intervals, SteadyTime now);
    void remove(core::MeterId meter) { meters_.erase(meter); }

    /// The one that is due longest. @param idle nobody else wants the bus
    [[nodiscard]] std::optional<Upkeep> next(SteadyTime now, bool idle) const;
    [[nodiscard]] std::optional<SteadyTime> next_due() const;

    enum class Outcome { done, no_answer, more };
    void finished(const Upkeep& upkeep, Outcome outcome, SteadyTime now);
    /// Not before then, for whatever reason.
    void postpone(const Upkeep& upkeep, SteadyTime until);

private:
    struct Meter {
        UpkeepIntervals intervals;
        std::array<SteadyTime, kUpkeepKinds.size()> due{};
    };
    Rules rules_;
    std::map<core::MeterId, Meter> meters_;
    std::optional<SteadyTime> turned_at_;
};

}  // namespace wutong::collector
