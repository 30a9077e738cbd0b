#include "storage/meter_events.hpp"

#include <algorithm>

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// Every part yields: at, what, kind, state, text, operator_id, amount_e4, subject, about (a, c, d or t),
// arguments. Each is cut to the time by an index of the meter; the newest of all are taken.
// clang-format off
#define WUTONG_EVENTS                                                                                             \
    "SELECT raised_at AS at, 'alarm_raised' AS what, kind, '' AS state, text, NULL::bigint AS operator_id, "      \
    "NULL::bigint AS amount_e4, alarm_id AS subject, 'a' AS about, NULL::jsonb AS arguments FROM alarm "          \
    "WHERE property_id = $1 AND meter_id = $2 AND raised_at >= $3 AND raised_at < $4 "                            \
    "UNION ALL SELECT cleared_at, 'alarm_cleared', kind, '', text, NULL, NULL, alarm_id, 'a', NULL FROM alarm "   \
    "WHERE property_id = $1 AND meter_id = $2 AND cleared_at >= $3 AND cleared_at < $4 "                          \
    "UNION ALL SELECT acknowledged_at, 'alarm_acknowledged', kind, '', text, acknowledged_by, NULL, alarm_id, "   \
    "'a', NULL FROM alarm WHERE property_id = $1 AND meter_id = $2 AND acknowledged_at >= $3 "                    \
    "AND acknowledged_at < $4 "                                                                                   \
    "UNION ALL SELECT created_at, 'command_queued', kind, '', '', operator_id, NULL, command_id, 'c', arguments " \
    "FROM command WHERE property_id = $1 AND meter_id = $2 AND created_at >= $3 AND created_at < $4 "             \
    "UNION ALL SELECT finished_at, 'command_finished', kind, state, reason, operator_id, NULL, command_id, 'c', " \
    "arguments FROM command WHERE property_id = $1 AND meter_id = $2 AND finished_at >= $3 AND finished_at < $4 " \
    "UNION ALL SELECT d.queued_at, 'delivery_queued', d.kind, '', '', s.operator_id, d.amount_e4, d.delivery_id, "\
    "'d', NULL FROM credit_delivery d LEFT JOIN sale s ON s.property_id = d.property_id AND "                     \
    "s.sale_id = d.sale_id WHERE d.property_id = $1 AND d.meter_id = $2 AND d.queued_at >= $3 "                   \
    "AND d.queued_at < $4 "                                                                                       \
    "UNION ALL SELECT finished_at, 'delivery_finished', kind, state, reason, NULL, amount_e4, delivery_id, 'd', " \
    "NULL FROM credit_delivery WHERE property_id = $1 AND meter_id = $2 AND finished_at >= $3 "                   \
    "AND finished_at < $4 "                                                                                       \
    "UNION ALL SELECT began_at, 'event_began', kind, '', '', NULL, NULL, event_id, '', NULL FROM meter_event "     \
    "WHERE property_id = $1 AND meter_id = $2 AND began_at >= $3 AND began_at < $4 "                              \
    "UNION ALL SELECT ended_at, 'event_ended', kind, '', '', NULL, NULL, event_id, '', NULL FROM meter_event "     \
    "WHERE property_id = $1 AND meter_id = $2 AND ended_at >= $3 AND ended_at < $4 "                              \
    "UNION ALL SELECT am.linked_at, 'account_linked', a.number, '', '', NULL, NULL, a.account_id, 't', NULL "     \
    "FROM account_meter am JOIN account a USING (property_id, account_id) WHERE am.property_id = $1 "             \
    "AND am.meter_id = $2 AND am.linked_at >= $3 AND am.linked_at < $4 "                                          \
    "UNION ALL SELECT am.opened_on_meter_at, 'account_opened', a.number, '', '', NULL, NULL, a.account_id, 't', " \
    "NULL FROM account_meter am JOIN account a USING (property_id, account_id) WHERE am.property_id = $1 "        \
    "AND am.meter_id = $2 AND am.opened_on_meter_at >= $3 AND am.opened_on_meter_at < $4 "                        \
    "UNION ALL SELECT am.unlinked_at, 'account_unlinked', a.number, '', '', NULL, NULL, a.account_id, 't', NULL " \
    "FROM account_meter am JOIN account a USING (property_id, account_id) WHERE am.property_id = $1 "             \
    "AND am.meter_id = $2 AND am.unlinked_at >= $3 AND am.unlinked_at < $4 "                                      \
    "UNION ALL SELECT read_at, CASE WHEN relay_closed THEN 'relay_closed' ELSE 'relay_opened' END, '', '', '', "  \
    "NULL, NULL, 0, '', NULL FROM (SELECT read_at, relay_closed, lag(relay_closed) OVER (ORDER BY read_at) AS "   \
    "was_closed FROM readings_between($1, $2, $3, $4) AS q WHERE relay_closed IS NOT NULL) AS r WHERE r.relay_closed <> r.was_closed "
// clang-format on

}  // namespace

std::vector<MeterEvent> list_meter_events(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                          core::Timestamp from, core::Timestamp to,
                                          const std::optional<MeterEventKey>& before, int limit) {
    // What is later than the last page can't be on this one.
    const auto end = before ? std::min(to, before->at + std::chrono::microseconds{1}) : to;
    std::vector<MeterEvent> events;
    for (const auto& row :
         tx.exec("SELECT e.*, e.arguments::text AS arguments_text, COALESCE(NULLIF(o.full_name, ''), o.name, "
                 "'') AS operator_name FROM (" WUTONG_EVENTS
                 ") AS e LEFT JOIN operator o ON o.operator_id = e.operator_id "
                 "WHERE $5::timestamptz IS NULL OR (e.at, e.what, e.subject) < ($5::timestamptz, $6::text, "
                 "$7::bigint) ORDER BY e.at DESC, e.what DESC, e.subject DESC LIMIT $8",
                 property, meter, from, end, before ? std::optional(before->at) : std::nullopt,
                 before ? before->what : "", before ? before->subject : 0, checked_limit(limit, 1'001))) {
        MeterEvent event;
        event.at = get<core::Timestamp>(row, "at");
        event.what = get<std::string>(row, "what");
        event.kind = get<std::string>(row, "kind");
        event.state = get<std::string>(row, "state");
        event.text = get<std::string>(row, "text");
        event.operator_name = get<std::string>(row, "operator_name");
        event.amount = get<std::optional<core::Money>>(row, "amount_e4");
        event.arguments = get<std::optional<std::string>>(row, "arguments_text").value_or("");
        event.subject = get<std::int64_t>(row, "subject");
        const auto about = get<std::string>(row, "about");
        if (about == "a") {
            event.alarm = core::AlarmId{event.subject};
        } else if (about == "c") {
            event.command = core::CommandId{event.subject};
        } else if (about == "d") {
            event.delivery = core::DeliveryId{event.subject};
        } else if (about == "t") {
            event.account = core::AccountId{event.subject};
        }
        events.push_back(std::move(event));
    }
    return events;
}

}  // namespace wutong::storage
