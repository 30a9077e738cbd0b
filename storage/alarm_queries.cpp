#include "storage/alarm_queries.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_SHOWN_ALARMS                                                                                       \
    "SELECT a.alarm_id, a.kind, a.meter_id, a.channel_id, a.gateway_id, a.text, a.raised_at, a.cleared_at, "      \
    "a.acknowledged_at, COALESCE(NULLIF(o.full_name, ''), o.name, '') AS acknowledged_by, "                       \
    "COALESCE(m.code || COALESCE(' · ' || u.code, ''), c.code, g.code, '') AS subject, "                          \
    "COALESCE(m.code, '') AS meter_code, COALESCE(u.code, '') AS unit_code, COALESCE(u.name, '') AS unit_name, "  \
    "COALESCE(k.name, '') AS customer, COALESCE(t.number, '') AS account_number FROM page a "                     \
    "LEFT JOIN meter m ON m.property_id = a.property_id AND m.meter_id = a.meter_id "                             \
    "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "                                \
    "LEFT JOIN channel c ON c.property_id = a.property_id AND c.channel_id = a.channel_id "                       \
    "LEFT JOIN gateway g ON g.property_id = a.property_id AND g.gateway_id = a.gateway_id "                       \
    "LEFT JOIN account_meter am ON am.property_id = m.property_id AND am.meter_id = m.meter_id "                  \
    "AND am.unlinked_at IS NULL "                                                                                 \
    "LEFT JOIN account t ON t.property_id = am.property_id AND t.account_id = am.account_id "                     \
    "LEFT JOIN customer k ON k.property_id = t.property_id AND k.customer_id = t.customer_id "                    \
    "LEFT JOIN operator o ON o.operator_id = a.acknowledged_by ORDER BY a.alarm_id DESC"
#define WUTONG_ALARM_PAGE                                                                                         \
    "SELECT * FROM alarm WHERE property_id = $1 AND alarm_id < $2 AND ($3::bigint IS NULL OR meter_id = $3) "     \
    "AND ($4 = '' OR kind = $4) AND ($5::timestamptz IS NULL OR raised_at >= $5) "                                \
    "AND ($6::timestamptz IS NULL OR raised_at < $6) AND (NOT $7::boolean OR acknowledged_at IS NULL) "
// clang-format on

AlarmRow alarm_of(const pqxx::row& row) {
    AlarmRow alarm;
    alarm.alarm = get<core::AlarmId>(row, "alarm_id");
    alarm.kind = get<std::string>(row, "kind");
    alarm.meter = get<core::MeterId>(row, "meter_id");
    alarm.channel = get<core::ChannelId>(row, "channel_id");
    alarm.gateway = get<core::GatewayId>(row, "gateway_id");
    alarm.text = get<std::string>(row, "text");
    alarm.raised_at = get<core::Timestamp>(row, "raised_at");
    alarm.cleared_at = get<std::optional<core::Timestamp>>(row, "cleared_at");
    alarm.acknowledged_at = get<std::optional<core::Timestamp>>(row, "acknowledged_at");
    alarm.acknowledged_by = get<std::string>(row, "acknowledged_by");
    alarm.subject = get<std::string>(row, "subject");
    alarm.meter_code = get<std::string>(row, "meter_code");
    alarm.unit_code = get<std::string>(row, "unit_code");
    alarm.unit_name = get<std::string>(row, "unit_name");
    alarm.customer = get<std::string>(row, "customer");
    alarm.account_number = get<std::string>(row, "account_number");
    return alarm;
}

}  // namespace

std::vector<AlarmRow> list_alarms(Transaction& tx, const AlarmFilter& filter, core::AlarmId before,
                                  int limit) {
    // Two statements: only one that says it outright may use the small index of what is live.
    const char* all = "WITH page AS MATERIALIZED (" WUTONG_ALARM_PAGE
                      "ORDER BY alarm_id DESC LIMIT $8) " WUTONG_SHOWN_ALARMS;
    const char* live = "WITH page AS MATERIALIZED (" WUTONG_ALARM_PAGE
                       "AND cleared_at IS NULL ORDER BY alarm_id DESC LIMIT $8) " WUTONG_SHOWN_ALARMS;
    std::vector<AlarmRow> alarms;
    for (const auto& row : tx.exec(filter.live_only ? live : all, filter.property, below(before.value),
                                   null_if_none(filter.meter), filter.kind, filter.from, filter.to,
                                   filter.unacknowledged_only, limit)) {
        alarms.push_back(alarm_of(row));
    }
    return alarms;
}

AlarmRow acknowledge_alarm(Transaction& tx, core::PropertyId property, core::AlarmId alarm,
                           core::OperatorId who) {
    const auto rows = tx.exec(
        "WITH page AS (UPDATE alarm SET acknowledged_at = COALESCE(acknowledged_at, now()), "
        "acknowledged_by = COALESCE(acknowledged_by, $3) WHERE property_id = $1 AND alarm_id = $2 RETURNING "
        "*) " WUTONG_SHOWN_ALARMS,
        property, alarm, who);
    if (rows.empty()) {
        throw NotFound("no alarm " + std::to_string(alarm.value) + " in property " +
                       std::to_string(property.value));
    }
    return alarm_of(rows[0]);
}

}  // namespace wutong::storage
