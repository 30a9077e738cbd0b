#include "core/cut_off.hpp"

#include <stdexcept>
#include <string>

#include "core/names.hpp"
#include "core/tariff_plan.hpp"

namespace wutong::core {

namespace {

constexpr std::array<detail::Name<UnitGuard>, 3> kGuards{
    {{UnitGuard::none, "none"}, {UnitGuard::medical, "medical"}, {UnitGuard::safety, "safety"}}};

constexpr std::array<detail::Name<RelayAction>, 4> kActions{{{RelayAction::leave, "leave"},
                                                             {RelayAction::postpone, "postpone"},
                                                             {RelayAction::switch_off, "switch_off"},
                                                             {RelayAction::switch_on, "switch_on"}}};

constexpr std::array<detail::Name<PostponeReason>, 7> kReasons{
    {{PostponeReason::none, "none"},
     {PostponeReason::guarded, "guarded"},
     {PostponeReason::guaranteed, "guaranteed"},
     {PostponeReason::payment_under_way, "payment_under_way"},
     {PostponeReason::stale_reading, "stale_reading"},
     {PostponeReason::quiet_hours, "quiet_hours"},
     {PostponeReason::tried_just_now, "tried_just_now"}}};

void check(const CutOffFacts& facts) {
    if (facts.overdraft < Money{0}) {
        throw std::invalid_argument("an overdraft is not below zero, got " + to_string(facts.overdraft));
    }
    if (facts.stale_after <= std::chrono::seconds{0}) {
        throw std::invalid_argument("readings must be allowed some age, got " +
                                    std::to_string(facts.stale_after.count()) + " s");
    }
    for (const int minute : {facts.quiet.from_minute, facts.quiet.to_minute}) {
        if (minute < 0 || minute >= kMinutesPerDay) {
            throw std::invalid_argument("quiet hours are minutes from 0 to 1439, got " +
                                        std::to_string(minute));
        }
    }
}

/// What was seen of the relay after the last order had ended; before that nothing is known of its effect.
std::optional<bool> seen_since(const CutOffFacts& facts) {
    if (facts.order == RelayOrder::none) {
        return facts.relay_closed;
    }
    if (!facts.order_done || !facts.relay_seen_at || *facts.relay_seen_at < *facts.order_done) {
        return std::nullopt;
    }
    return facts.relay_closed;
}

/// When an order that did not work may be given again.
std::optional<Instant> wait_until(const CutOffFacts& facts, Instant now) {
    if (!facts.ordered_at) {
        return std::nullopt;
    }
    const Instant again = *facts.ordered_at + kOrderAgainAfter;
    return again > now ? std::optional{again} : std::nullopt;
}

CutOffDecision postponed(AlarmLevel level, PostponeReason why, std::optional<Instant> again_at) {
    return {level, RelayAction::postpone, why, again_at};
}

/// The tenant has credit, or may not be without power: undo what we did, and nothing else.
CutOffDecision give_power(const CutOffFacts& facts, AlarmLevel level, Instant now) {
    CutOffDecision decision{level, RelayAction::leave, PostponeReason::none, std::nullopt};
    const auto closed = seen_since(facts);
    if (facts.order == RelayOrder::off_by_us && closed != true) {
        decision.action = RelayAction::switch_on;
    } else if (facts.order == RelayOrder::on_by_us && closed == false) {
        if (const auto again = wait_until(facts, now)) {
            decision.again_at = again;
        } else {
            decision.action = RelayAction::switch_on;
        }
    }
    return decision;
}

}  // namespace

const char* to_string(UnitGuard guard) {
    return detail::name_of(kGuards, guard, "unit guard");
}

UnitGuard parse_unit_guard(const std::string& text) {
    return detail::value_of(kGuards, text, "unit guard");
}

const char* to_string(RelayAction action) {
    return detail::name_of(kActions, action, "relay action");
}

const char* to_string(PostponeReason why) {
    return detail::name_of(kReasons, why, "postpone reason");
}

const char* sentence_of(PostponeReason why) {
    switch (why) {
        case PostponeReason::none:
            return "";
        case PostponeReason::guarded:
            return "the unit is guarded and is not switched off without a person";
        case PostponeReason::guaranteed:
            return "an operator has guaranteed its power";
        case PostponeReason::payment_under_way:
            return "a payment is on its way";
        case PostponeReason::stale_reading:
            return "its last reading is too old to say that the credit is gone";
        case PostponeReason::quiet_hours:
            return "nobody is switched off in the quiet hours";
        case PostponeReason::tried_just_now:
            return "it was tried a moment ago";
    }
    throw std::logic_error("a postpone reason without a sentence");
}

std::optional<Instant> quiet_until(const QuietHours& quiet, const LocalTime& local, Instant at) {
    if (quiet.from_minute == quiet.to_minute) {
        return std::nullopt;
    }
    const auto wall = local.wall(at);
    const auto second = wall - std::chrono::floor<std::chrono::days>(wall);
    const std::chrono::seconds from = std::chrono::minutes{quiet.from_minute};
    const std::chrono::seconds to = std::chrono::minutes{quiet.to_minute};
    const bool over_midnight = from > to;
    const bool inside = over_midnight ? second >= from || second < to : second >= from && second < to;
    if (!inside) {
        return std::nullopt;
    }
    auto left = to - second;
    if (left <= std::chrono::seconds{0}) {
        left += std::chrono::days{1};
    }
    // A clock that is set on the way brings the end nearer or moves it away; asking early does no harm.
    return at + left;
}

CutOffDecision decide_cut_off(const CutOffFacts& facts, const LocalTime& local, Instant now) {
    check(facts);
    const AlarmLevel level = alarm_level(facts.balance, facts.alarm_1, facts.alarm_2, facts.overdraft);
    const bool used_up = facts.balance <= -facts.overdraft;
    if (!used_up) {
        return give_power(facts, level, now);
    }
    if (facts.guard != UnitGuard::none) {
        const auto power = give_power(facts, level, now);
        return power.action == RelayAction::switch_on || power.again_at
                   ? power
                   : postponed(level, PostponeReason::guarded, std::nullopt);
    }
    if (facts.order == RelayOrder::off_by_operator) {
        return {level, RelayAction::leave, PostponeReason::none, std::nullopt};
    }
    if (facts.order == RelayOrder::on_by_operator) {
        return postponed(level, PostponeReason::guaranteed, std::nullopt);
    }
    const auto closed = seen_since(facts);
    if (closed == false) {
        return {level, RelayAction::leave, PostponeReason::none, std::nullopt};
    }
    if (facts.payment_under_way) {
        return postponed(level, PostponeReason::payment_under_way, now + kPaymentAgainAfter);
    }
    if (!facts.newest_reading || now - *facts.newest_reading > facts.stale_after) {
        return postponed(level, PostponeReason::stale_reading, std::nullopt);
    }
    if (const auto end = quiet_until(facts.quiet, local, now)) {
        return postponed(level, PostponeReason::quiet_hours, end);
    }
    if (facts.order == RelayOrder::off_by_us) {
        if (!facts.order_done) {
            return {level, RelayAction::leave, PostponeReason::none, std::nullopt};
        }
        if (const auto again = wait_until(facts, now)) {
            return postponed(level, PostponeReason::tried_just_now, again);
        }
    }
    return {level, RelayAction::switch_off, PostponeReason::none, std::nullopt};
}

}  // namespace wutong::core
