#include "storage/cut_off.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/tariff_plan.hpp"
#include "storage/alarms.hpp"
#include "storage/commands.hpp"
#include "storage/held_meters.hpp"
#include "storage/local_clock.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

using core::RelayAction;
using core::RelayOrder;

// A command counts as an order when it has reached the meter, may have, or still will.
const char* kFacts =
    "SELECT h.account_id, h.charged_at, h.overdraft_e4, COALESCE(m.alarm_1_e4, $3) AS alarm_1_e4, "
    "COALESCE(m.alarm_2_e4, $4) AS alarm_2_e4, COALESCE(b.prepaid_credit_e4, 0) AS balance_e4, "
    "COALESCE(b.in_flight_e4, 0) > 0 AS paying, g.kind AS guard, s.relay_closed, s.answered_at, "
    "k.kind AS order_kind, k.operator_id, k.created_at AS ordered_at, k.finished_at, "
    "(SELECT jsonb_object_agg(key, value) FROM parameter WHERE property_id = $1 AND key IN "
    "('quiet_from_min', "
    "'quiet_to_min', 'held_stale_s') AND value ~ '^[0-9]{1,7}$')::text AS settings "
    "FROM held_charge h JOIN meter m ON m.property_id = h.property_id AND m.meter_id = h.meter_id "
    "LEFT JOIN account_balance b ON b.property_id = h.property_id AND b.account_id = h.account_id AND "
    "b.meter_id = h.meter_id "
    "LEFT JOIN guarded_unit g ON g.property_id = m.property_id AND g.unit_id = m.unit_id "
    "LEFT JOIN meter_state s ON s.property_id = h.property_id AND s.meter_id = h.meter_id "
    "LEFT JOIN LATERAL (SELECT c.kind, c.operator_id, c.created_at, c.finished_at FROM command c "
    "WHERE c.property_id = $1 AND c.meter_id = $2 AND c.kind IN ('guarantee_power', 'restore_prepaid', "
    "'switch_off') AND c.command_id <> $5 AND (c.state IN ('queued', 'running', 'done') OR c.sent_at IS NOT "
    "NULL) ORDER BY c.command_id DESC LIMIT 1) k ON true "
    "WHERE h.property_id = $1 AND h.meter_id = $2 AND h.ended_at IS NULL";

const char* kShow =
    "UPDATE meter_state SET balance_e4 = $3, alarm_level = $4, changed_xid = pg_current_xact_id() WHERE "
    "property_id = $1 AND meter_id = $2 AND (balance_e4, alarm_level) IS DISTINCT FROM ($3::bigint, "
    "$4::smallint)";

struct Rules {
    core::QuietHours quiet;
    std::chrono::seconds stale_after{7'200};
};

/// What the property's parameters say; the defaults are those of the server's table of parameters.
Rules rules_of(const std::string& settings) {
    const auto set = nlohmann::json::parse(settings);
    const auto number = [&set](const char* key, int otherwise) {
        return set.contains(key) ? std::stoi(set.at(key).get<std::string>()) : otherwise;
    };
    Rules rules;
    rules.quiet = {number("quiet_from_min", 0) % core::kMinutesPerDay,
                   number("quiet_to_min", 0) % core::kMinutesPerDay};
    rules.stale_after = std::chrono::seconds{std::max(number("held_stale_s", 7'200), 1)};
    return rules;
}

/// Enough of the wall clock to know whether it is quiet now.
core::LocalTime clock_around(Transaction& tx, core::PropertyId property, core::Timestamp now) {
    const auto at = std::chrono::floor<std::chrono::seconds>(now);
    return local_clock(tx, property, at - std::chrono::days{1}, at + std::chrono::days{2});
}

std::optional<core::Instant> instant(const std::optional<core::Timestamp>& time) {
    return time ? std::optional{std::chrono::floor<std::chrono::seconds>(*time)} : std::nullopt;
}

RelayOrder order_of(const pqxx::row& row) {
    const auto kind = get<std::optional<std::string>>(row, "order_kind");
    if (!kind) {
        return RelayOrder::none;
    }
    const bool ours = !get<core::OperatorId>(row, "operator_id");
    switch (core::parse_command_kind(*kind)) {
        case core::CommandKind::switch_off:
            return ours ? RelayOrder::off_by_us : RelayOrder::off_by_operator;
        case core::CommandKind::guarantee_power:
            return RelayOrder::on_by_operator;
        default:
            return ours ? RelayOrder::on_by_us : RelayOrder::released_by_operator;
    }
}

/// The warning that stands is the decision's; the others are cleared.
void put_alarms(Transaction& tx, const AlarmSubject& subject, core::AlarmLevel level, core::Money balance,
                core::Timestamp now) {
    for (const auto one : {core::AlarmLevel::alarm_1, core::AlarmLevel::alarm_2, core::AlarmLevel::arrears}) {
        const auto* kind = core::to_string(one);
        if (one == level) {
            raise_alarm(tx, subject, kind, "balance " + core::to_string(balance), now);
        } else {
            clear_alarm(tx, subject, kind, now);
        }
    }
}

core::CommandId order(Transaction& tx, core::PropertyId property, core::MeterId meter, core::CommandKind kind,
                      core::Money balance, core::Timestamp now) {
    NewCommands commands;
    commands.property = property;
    commands.meters = {meter};
    commands.kind = kind;
    commands.arguments = R"({"credit_e4":)" + std::to_string(balance.ten_thousandths()) + "}";
    commands.expires_at = now + kHeldCommandExpiry;
    return insert_commands(tx, commands).front();
}

}  // namespace

std::optional<CutOffCase> cut_off_case(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                       const AlarmAmounts& otherwise, core::CommandId but_for) {
    const auto rows = tx.exec(kFacts, property, meter, otherwise.alarm_1, otherwise.alarm_2, but_for.value);
    if (rows.empty()) {
        return std::nullopt;
    }
    const auto& row = rows[0];
    CutOffCase out;
    out.account = get<core::AccountId>(row, "account_id");
    auto& facts = out.facts;
    facts.balance = get<core::Money>(row, "balance_e4");
    facts.overdraft = get<core::Money>(row, "overdraft_e4");
    facts.alarm_1 = get<core::Money>(row, "alarm_1_e4");
    facts.alarm_2 = get<core::Money>(row, "alarm_2_e4");
    facts.newest_reading = instant(get<core::Timestamp>(row, "charged_at"));
    facts.payment_under_way = get<bool>(row, "paying");
    if (const auto guard = get<std::optional<std::string>>(row, "guard")) {
        facts.guard = core::parse_unit_guard(*guard);
    }
    facts.relay_closed = get<std::optional<bool>>(row, "relay_closed");
    facts.relay_seen_at = instant(get<std::optional<core::Timestamp>>(row, "answered_at"));
    facts.order = order_of(row);
    facts.ordered_at = instant(get<std::optional<core::Timestamp>>(row, "ordered_at"));
    if (const auto finished = get<std::optional<core::Timestamp>>(row, "finished_at")) {
        // Up to the next second: what was seen in the same one may have been seen before.
        facts.order_done = std::chrono::ceil<std::chrono::seconds>(*finished);
    }
    const auto rules = rules_of(get<std::optional<std::string>>(row, "settings").value_or("{}"));
    facts.quiet = rules.quiet;
    facts.stale_after = rules.stale_after;
    return out;
}

std::optional<CutOffDone> apply_cut_off(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                        const AlarmAmounts& otherwise, core::Timestamp now) {
    const auto found = cut_off_case(tx, property, meter, otherwise);
    if (!found) {
        return std::nullopt;
    }
    const auto& facts = found->facts;
    CutOffDone done;
    done.balance = facts.balance;
    done.decision = core::decide_cut_off(facts, clock_around(tx, property, now),
                                         std::chrono::floor<std::chrono::seconds>(now));
    put_alarms(tx, {property, meter, {}, {}}, done.decision.level, facts.balance, now);
    tx.exec(kShow, property, meter, facts.balance, static_cast<int>(done.decision.level));
    if (done.decision.action == RelayAction::switch_off) {
        done.command = order(tx, property, meter, core::CommandKind::switch_off, facts.balance, now);
    } else if (done.decision.action == RelayAction::switch_on) {
        done.command = order(tx, property, meter, core::CommandKind::restore_prepaid, facts.balance, now);
    }
    const bool under_way =
        (facts.order == RelayOrder::off_by_us || facts.order == RelayOrder::on_by_us) && !facts.order_done;
    if (done.command || under_way) {
        // Has it worked? An order that nobody carried out in its time is given again.
        put_due(tx, property, meter, now + core::kOrderAgainAfter);
    } else if (done.decision.again_at) {
        put_due(tx, property, meter, *done.decision.again_at);
    }
    return done;
}

namespace {

/// Why a switch-off would not be ordered now; "" when it would.
std::string why_not_off(Transaction& tx, core::PropertyId property, core::MeterId meter,
                        core::CommandId command, core::Timestamp now) {
    const auto found = cut_off_case(tx, property, meter, {}, command);
    if (!found) {
        // Without an account nobody sits in the dark.
        const bool occupied =
            !tx.exec(
                   "SELECT 1 FROM account_meter WHERE property_id = $1 AND meter_id = $2 AND "
                   "unlinked_at IS NULL",
                   property, meter)
                 .empty();
        return occupied ? "the meter is not charged by the server any more" : "";
    }
    const auto decision = core::decide_cut_off(found->facts, clock_around(tx, property, now),
                                               std::chrono::floor<std::chrono::seconds>(now));
    if (decision.level != core::AlarmLevel::arrears) {
        return "the tenant has credit again";
    }
    // An order before this one that did not work is why there is this one.
    return decision.action == RelayAction::postpone && decision.why != core::PostponeReason::tried_just_now
               ? core::sentence_of(decision.why)
               : "";
}

}  // namespace

bool cancel_if_forbidden(Transaction& tx, core::PropertyId property, core::CommandId command,
                         core::Timestamp now) {
    const auto rows = tx.exec(
        "SELECT meter_id, sent_at IS NULL AS never_sent FROM command WHERE property_id = $1 AND command_id = "
        "$2 "
        "AND kind = 'switch_off' AND operator_id IS NULL",
        property, command);
    if (rows.empty()) {
        return false;
    }
    auto why = why_not_off(tx, property, get<core::MeterId>(rows[0], "meter_id"), command, now);
    if (why.empty()) {
        return false;
    }
    if (!get<bool>(rows[0], "never_sent")) {
        why += "; an earlier attempt got no answer, look at the relay";
    }
    tx.exec(
        "UPDATE command SET state = 'cancelled', finished_at = $3, reason = left($4, 2000) WHERE property_id "
        "= "
        "$1 AND command_id = $2",
        property, command, now, why);
    return true;
}

void clear_credit_alarms(Transaction& tx, core::PropertyId property, core::MeterId meter,
                         core::Timestamp now) {
    const AlarmSubject subject{property, meter, {}, {}};
    for (const char* kind : {"alarm_1", "alarm_2", "arrears", "not_charged"}) {
        clear_alarm(tx, subject, kind, now);
    }
}

}  // namespace wutong::storage
