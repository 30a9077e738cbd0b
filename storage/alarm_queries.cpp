#include "storage/alarm_queries.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

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
    alarm.subject = get<std::string>(row, "subject");
    return alarm;
}

}  // namespace

std::vector<AlarmRow> list_alarms(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                  bool live_only, core::AlarmId before, int limit) {
    const auto rows = tx.exec(
        "SELECT a.alarm_id, a.kind, a.meter_id, a.channel_id, a.gateway_id, a.text, a.raised_at, "
        "a.cleared_at, a.acknowledged_at, "
        "COALESCE(m.code || COALESCE(' · ' || u.code, ''), c.code, g.code, '') AS subject FROM alarm a "
        "LEFT JOIN meter m ON m.property_id = a.property_id AND m.meter_id = a.meter_id "
        "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
        "LEFT JOIN channel c ON c.property_id = a.property_id AND c.channel_id = a.channel_id "
        "LEFT JOIN gateway g ON g.property_id = a.property_id AND g.gateway_id = a.gateway_id "
        "WHERE a.property_id = $1 AND ($2::bigint IS NULL OR a.meter_id = $2) AND (NOT $3::boolean OR "
        "a.cleared_at IS NULL) "
        "AND ($4::bigint IS NULL OR a.alarm_id < $4) ORDER BY a.alarm_id DESC LIMIT $5",
        property, null_if_none(meter), live_only, null_if_none(before), limit);
    std::vector<AlarmRow> alarms;
    for (const auto& row : rows) {
        alarms.push_back(alarm_of(row));
    }
    return alarms;
}

AlarmRow acknowledge_alarm(Transaction& tx, core::PropertyId property, core::AlarmId alarm,
                           core::OperatorId who) {
    const auto rows = tx.exec(
        "WITH known AS (UPDATE alarm SET acknowledged_at = COALESCE(acknowledged_at, now()), "
        "acknowledged_by = COALESCE(acknowledged_by, $3) WHERE property_id = $1 AND alarm_id = $2 RETURNING "
        "*) "
        "SELECT a.alarm_id, a.kind, a.meter_id, a.channel_id, a.gateway_id, a.text, a.raised_at, "
        "a.cleared_at, a.acknowledged_at, "
        "COALESCE(m.code || COALESCE(' · ' || u.code, ''), c.code, g.code, '') AS subject FROM known a "
        "LEFT JOIN meter m ON m.property_id = a.property_id AND m.meter_id = a.meter_id "
        "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
        "LEFT JOIN channel c ON c.property_id = a.property_id AND c.channel_id = a.channel_id "
        "LEFT JOIN gateway g ON g.property_id = a.property_id AND g.gateway_id = a.gateway_id "
        "WHERE a.property_id = $1",
        property, alarm, who);
    if (rows.empty()) {
        throw NotFound("no alarm " + std::to_string(alarm.value) + " in property " +
                       std::to_string(property.value));
    }
    return alarm_of(rows[0]);
}

}  // namespace wutong::storage
