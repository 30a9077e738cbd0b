#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/meter_profile.hpp"
#include "core/phase_balance.hpp"
#include "core/time.hpp"

/// What happens to a meter other than that it counts: somebody opens its cover, a phase is lost, its relay
/// sticks. Seen in its status bits, worked out from what it measures, or read from its own event records.
namespace wutong::core {

enum class MeterEventKind {
    cover_open,
    terminal_cover_open,
    voltage_loss,   ///< of a phase: the others have voltage
    current_loss,   ///< of a phase, as the meter itself judges it
    reverse_power,  ///< energy flows out where it should flow in
    overload,
    relay_fault,        ///< the relay is open, and current flows
    fault,              ///< the meter says that something in it is broken
    battery_low,        ///< of its clock
    voltage_unbalance,  ///< of three phases
    current_unbalance,
    phase_order,  ///< the phases follow one another the wrong way round: wires are swapped
};
/// The name of its alarm too.
[[nodiscard]] const char* to_string(MeterEventKind kind);
/// @throws std::invalid_argument naming what is known
[[nodiscard]] MeterEventKind parse_meter_event_kind(std::string_view text);
[[nodiscard]] const std::vector<MeterEventKind>& all_meter_event_kinds();

/// What one look can tell: of each kind that it knows about, whether it is so now. What it knows nothing of
/// is left out.
using EventsShown = std::map<MeterEventKind, bool>;

struct EventRules {
    int phases = 1;
    bool consumes = true;  ///< energy should only flow in; false where somebody may feed in
    /// Less than this is noise of an idle line, and of an open relay's capacitors.
    std::int64_t power_min_w = 50;
    std::int64_t voltage_min_mv = 100'000;  ///< of the best phase; below, the meter itself is off
    UnbalanceLimits unbalance = {};
};

/// Of one look's values.
struct EventsSeen {
    EventsShown told;        ///< by status bits of the meter
    EventsShown worked_out;  ///< of what it measures; never what it tells itself
};
[[nodiscard]] EventsSeen events_seen(const Values& values, const EventRules& rules);

/// One entry of a meter's own records.
struct EventRecord {
    MeterEventKind kind = MeterEventKind::cover_open;
    Timestamp began_at;
    std::optional<Timestamp> ended_at;  ///< not while it lasts
    friend bool operator==(const EventRecord&, const EventRecord&) = default;
};

/// What goes on, as of a moment; whoever stores it needs no history for it: an event that stands and is not
/// known begins, one that is known and does not stand ends.
struct EventsReport {
    Timestamp at;
    EventsShown shown;
    std::vector<EventRecord> records;
    [[nodiscard]] bool empty() const { return shown.empty() && records.empty(); }
};

/// Says what changed, and everything once after a start. What is worked out has to be seen in two looks one
/// after the other before it counts: measurements of different moments may be nonsense together once.
class EventWatch {
public:
    /// The meter has records of its own of these kinds, with their times: they are not worked out any more,
    /// and what was, ends with the next look.
    void leave_to_records(const std::set<MeterEventKind>& kinds);
    /// @return nothing when all is as it was reported last
    [[nodiscard]] std::optional<EventsReport> look(const EventsSeen& seen, Timestamp at);

private:
    struct Seen {
        bool latest = false;
        std::optional<bool> reported;
        int times = 0;
    };
    void note(MeterEventKind kind, bool stands, int looks, EventsReport& report);

    std::map<MeterEventKind, Seen> seen_;
    std::set<MeterEventKind> told_;  ///< what the meter tells is not worked out any more
    std::set<MeterEventKind> ending_;
};

/// Records that make sense: not from the future, nor older than what is kept, nor ended before they began.
/// A meter's clock may be a little ahead. At most `most` of the newest remain, oldest first, each once.
[[nodiscard]] std::vector<EventRecord> usable_records(std::vector<EventRecord> records, Timestamp now,
                                                      std::size_t most = 64);

}  // namespace wutong::core
