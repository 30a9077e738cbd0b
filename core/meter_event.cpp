#include "core/meter_event.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <tuple>

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr auto kKinds = std::to_array<detail::Name<MeterEventKind>>({
    {MeterEventKind::cover_open, "cover_open"},
    {MeterEventKind::terminal_cover_open, "terminal_cover_open"},
    {MeterEventKind::voltage_loss, "voltage_loss"},
    {MeterEventKind::current_loss, "current_loss"},
    {MeterEventKind::reverse_power, "reverse_power"},
    {MeterEventKind::overload, "overload"},
    {MeterEventKind::relay_fault, "relay_fault"},
    {MeterEventKind::fault, "fault"},
    {MeterEventKind::battery_low, "battery_low"},
    {MeterEventKind::voltage_unbalance, "voltage_unbalance"},
    {MeterEventKind::current_unbalance, "current_unbalance"},
    {MeterEventKind::phase_order, "phase_order"},
});

struct FlagOf {
    Quantity quantity;
    MeterEventKind kind;
};
constexpr std::array kFlags{
    FlagOf{Quantity::cover_open_flag, MeterEventKind::cover_open},
    FlagOf{Quantity::terminal_cover_flag, MeterEventKind::terminal_cover_open},
    FlagOf{Quantity::voltage_loss_flag, MeterEventKind::voltage_loss},
    FlagOf{Quantity::current_loss_flag, MeterEventKind::current_loss},
    FlagOf{Quantity::reverse_flag, MeterEventKind::reverse_power},
    FlagOf{Quantity::overload_flag, MeterEventKind::overload},
    FlagOf{Quantity::relay_fault_flag, MeterEventKind::relay_fault},
    FlagOf{Quantity::fault_flag, MeterEventKind::fault},
    FlagOf{Quantity::battery_flag, MeterEventKind::battery_low},
    FlagOf{Quantity::voltage_unbalance_flag, MeterEventKind::voltage_unbalance},
    FlagOf{Quantity::current_unbalance_flag, MeterEventKind::current_unbalance},
    FlagOf{Quantity::phase_order_flag, MeterEventKind::phase_order},
};

/// A phase below this share of the best one has lost its voltage, in percent; DL/T 645 meters come with 78.
constexpr std::int64_t kVoltageLossPercent = 60;
constexpr int kLooks = 2;  ///< of what is worked out
constexpr std::int64_t kCurrentMostMa = 1'000'000'000;
constexpr std::chrono::minutes kClockAhead{15};
constexpr std::chrono::days kRecordsOf{400};

std::optional<std::int64_t> value(const Values& values, Quantity quantity) {
    const auto found = values.find(quantity);
    return found == values.end() ? std::nullopt : std::optional{found->second};
}

std::optional<std::int64_t> power_of(const Values& values) {
    const auto total = value(values, Quantity::power_total);
    return total ? total : value(values, Quantity::power_a);
}

std::optional<PhaseValues> three(const Values& values, const EventRules& rules, Quantity first,
                                 Quantity second, Quantity third) {
    const auto a = value(values, first);
    const auto b = value(values, second);
    const auto c = value(values, third);
    return rules.phases == 3 && a && b && c ? std::optional{PhaseValues{*a, *b, *c}} : std::nullopt;
}

std::optional<PhaseValues> voltages(const Values& values, const EventRules& rules) {
    const auto phases = three(values, rules, Quantity::voltage_a, Quantity::voltage_b, Quantity::voltage_c);
    return phases && *std::max_element(phases->begin(), phases->end()) >= rules.voltage_min_mv ? phases
                                                                                               : std::nullopt;
}

bool lost_a_phase(const PhaseValues& volts) {
    const auto [least, best] = std::minmax_element(volts.begin(), volts.end());
    return *least < *best / 100 * kVoltageLossPercent;
}

/// Their sign is the direction of the power, which is another event's.
std::optional<bool> currents_unbalanced(const Values& values, const EventRules& rules) {
    auto amperes = three(values, rules, Quantity::current_a, Quantity::current_b, Quantity::current_c);
    if (!amperes || rules.unbalance.current_percent <= 0) {
        return std::nullopt;
    }
    std::int64_t sum = 0;
    for (auto& current : *amperes) {
        current = std::abs(std::clamp<std::int64_t>(current, -kCurrentMostMa, kCurrentMostMa));
        sum += current;
    }
    if (sum < 3 * rules.unbalance.current_min_ma) {
        return false;
    }
    return unbalanced(*amperes, rules.unbalance.current_percent);
}

}  // namespace

const char* to_string(MeterEventKind kind) {
    return detail::name_of(kKinds, kind, "meter event");
}

MeterEventKind parse_meter_event_kind(std::string_view text) {
    return detail::value_of(kKinds, text, "meter event");
}

const std::vector<MeterEventKind>& all_meter_event_kinds() {
    static const auto all = [] {
        std::vector<MeterEventKind> kinds;
        for (const auto& name : kKinds) {
            kinds.push_back(name.value);
        }
        return kinds;
    }();
    return all;
}

EventsSeen events_seen(const Values& values, const EventRules& rules) {
    EventsSeen seen;
    for (const auto& flag : kFlags) {
        if (const auto bit = value(values, flag.quantity)) {
            seen.told[flag.kind] = *bit != 0;
        }
    }
    const auto work_out = [&seen](MeterEventKind kind, bool stands) {
        if (!seen.told.contains(kind)) {
            seen.worked_out[kind] = stands;
        }
    };
    if (const auto volts = voltages(values, rules)) {
        const bool lost = lost_a_phase(*volts);
        work_out(MeterEventKind::voltage_loss, lost);
        // A lost phase is an event of its own; of how equal the others are it says nothing.
        const auto unequal = lost ? std::nullopt : unbalanced(*volts, rules.unbalance.voltage_percent);
        if (unequal) {
            work_out(MeterEventKind::voltage_unbalance, *unequal);
        }
    }
    if (const auto unequal = currents_unbalanced(values, rules)) {
        work_out(MeterEventKind::current_unbalance, *unequal);
    }
    const auto power = power_of(values);
    if (rules.consumes && power) {
        work_out(MeterEventKind::reverse_power, *power <= -rules.power_min_w);
    }
    if (const auto closed = value(values, Quantity::relay_closed); closed && power) {
        const bool flows = *power >= rules.power_min_w || *power <= -rules.power_min_w;
        work_out(MeterEventKind::relay_fault, *closed == 0 && flows);
    }
    return seen;
}

void EventWatch::note(MeterEventKind kind, bool stands, int looks, EventsReport& report) {
    Seen& seen = seen_[kind];
    if (seen.times == 0 || seen.latest != stands) {
        seen.latest = stands;
        seen.times = 0;
    }
    seen.times = std::min(seen.times + 1, kLooks);
    if (seen.times >= looks && seen.reported != stands) {
        seen.reported = stands;
        report.shown[kind] = stands;
    }
}

void EventWatch::leave_to_records(const std::set<MeterEventKind>& kinds) {
    for (const auto kind : kinds) {
        // What an earlier collector worked out may stand as well, so the end is said once in any case.
        if (told_.insert(kind).second) {
            ending_.insert(kind);
        }
    }
}

std::optional<EventsReport> EventWatch::look(const EventsSeen& seen, Timestamp at) {
    EventsReport report;
    report.at = at;
    for (const auto kind : ending_) {
        note(kind, false, 1, report);
    }
    ending_.clear();
    for (const auto& [kind, stands] : seen.told) {
        told_.insert(kind);
        note(kind, stands, 1, report);
    }
    for (const auto& [kind, stands] : seen.worked_out) {
        if (!told_.contains(kind)) {
            note(kind, stands, kLooks, report);
        }
    }
    return report.empty() ? std::nullopt : std::optional{std::move(report)};
}

std::vector<EventRecord> usable_records(std::vector<EventRecord> records, Timestamp now, std::size_t most) {
    std::erase_if(records, [now](const EventRecord& record) {
        return record.began_at > now + kClockAhead || record.began_at < now - kRecordsOf ||
               (record.ended_at &&
                (*record.ended_at < record.began_at || *record.ended_at > now + kClockAhead));
    });
    // Of two with the same beginning the one that has ended knows more.
    std::sort(records.begin(), records.end(), [](const EventRecord& a, const EventRecord& b) {
        return std::tuple{a.began_at, a.kind, !a.ended_at.has_value()} <
               std::tuple{b.began_at, b.kind, !b.ended_at.has_value()};
    });
    records.erase(std::unique(records.begin(), records.end(),
                              [](const EventRecord& a, const EventRecord& b) {
                                  return a.began_at == b.began_at && a.kind == b.kind;
                              }),
                  records.end());
    if (records.size() > most) {
        records.erase(records.begin(), records.end() - static_cast<std::ptrdiff_t>(most));
    }
    return records;
}

}  // namespace wutong::core
