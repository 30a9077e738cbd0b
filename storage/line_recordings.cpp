#include "storage/line_recordings.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// A request that no collector took within this time, and a recording whose collector went: nobody brings
/// them any more. The second counts from the end that was planned.
// clang-format off
#define WUTONG_RECORDING_STALE                                                                              \
    "((state = 'wanted' AND requested_at < now() - interval '2 minutes') OR (state = 'running' AND began_at " \
    "+ make_interval(secs => seconds) < now() - interval '2 minutes'))"
#define WUTONG_RECORDING_GIVEN_UP                                                                            \
    "UPDATE line_recording SET state = 'failed', ended_at = now(), note = CASE state WHEN 'wanted' THEN 'no " \
    "collector took it' ELSE 'the collector that recorded it has ended' END WHERE "                  \
    WUTONG_RECORDING_STALE
#define WUTONG_RECORDING_COLUMNS                                                                             \
    "SELECT r.recording_id, r.channel_id, COALESCE(c.code, '') AS code, COALESCE(o.name, '') AS operator, "   \
    "r.requested_at, r.seconds, r.bytes_max, r.state, r.collector, r.began_at, r.ended_at, r.note, "          \
    "COALESCE(octet_length(r.content), 0) AS bytes FROM line_recording r LEFT JOIN channel c ON "             \
    "c.property_id = r.property_id AND c.channel_id = r.channel_id LEFT JOIN operator o ON o.operator_id = "  \
    "r.operator_id WHERE r.property_id = $1 "
// clang-format on

LineRecordingRow read(const pqxx::row& row) {
    LineRecordingRow one;
    one.id = get<std::int64_t>(row, "recording_id");
    one.channel = get<core::ChannelId>(row, "channel_id");
    one.channel_code = get<std::string>(row, "code");
    one.operator_name = get<std::string>(row, "operator");
    one.requested_at = get<core::Timestamp>(row, "requested_at");
    one.seconds = get<int>(row, "seconds");
    one.bytes_max = get<int>(row, "bytes_max");
    one.state = get<std::string>(row, "state");
    one.collector = get<std::string>(row, "collector");
    one.began_at = get<std::optional<core::Timestamp>>(row, "began_at");
    one.ended_at = get<std::optional<core::Timestamp>>(row, "ended_at");
    one.note = get<std::string>(row, "note");
    one.bytes = get<std::int64_t>(row, "bytes");
    return one;
}

}  // namespace

std::optional<std::int64_t> order_recording(Transaction& tx, core::PropertyId property,
                                            core::ChannelId channel, core::OperatorId by, int seconds,
                                            int bytes_max) {
    tx.exec(WUTONG_RECORDING_GIVEN_UP " AND property_id = $1", property);
    tx.exec(
        "DELETE FROM line_recording WHERE property_id = $1 AND state IN ('done', 'failed') AND (requested_at "
        "< now() - interval '7 days' OR recording_id <= (SELECT recording_id FROM line_recording WHERE "
        "property_id = $1 ORDER BY recording_id DESC OFFSET $2 LIMIT 1))",
        property, kRecordingsKept - 1);
    const auto made = tx.exec(
        "INSERT INTO line_recording (property_id, channel_id, operator_id, seconds, bytes_max) VALUES ($1, "
        "$2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING recording_id",
        property, channel, by, seconds, bytes_max);
    return made.empty() ? std::nullopt : std::optional{get<std::int64_t>(made[0], "recording_id")};
}

std::optional<LineRecordingRow> find_recording(Transaction& tx, core::PropertyId property, std::int64_t id) {
    tx.exec(WUTONG_RECORDING_GIVEN_UP " AND property_id = $1", property);
    const auto found = tx.exec(WUTONG_RECORDING_COLUMNS "AND r.recording_id = $2", property, id);
    return found.empty() ? std::nullopt : std::optional{read(found[0])};
}

std::vector<LineRecordingRow> list_recordings(Transaction& tx, core::PropertyId property) {
    tx.exec(WUTONG_RECORDING_GIVEN_UP " AND property_id = $1", property);
    std::vector<LineRecordingRow> list;
    for (const auto& row : tx.exec(WUTONG_RECORDING_COLUMNS "ORDER BY r.recording_id DESC LIMIT $2", property,
                                   kRecordingsKept)) {
        list.push_back(read(row));
    }
    return list;
}

std::string recording_part(Transaction& tx, core::PropertyId property, std::int64_t id, std::int64_t offset,
                           int most) {
    // Recordings are plain text of hexadecimal digits, so their bytes are letters too.
    const auto found = tx.exec(
        "SELECT convert_from(substring(content FROM $3 FOR $4), 'UTF8') AS part FROM line_recording WHERE "
        "property_id = $1 AND recording_id = $2 AND content IS NOT NULL",
        property, id, offset + 1, most);
    return found.empty() ? std::string{} : get<std::string>(found[0], "part");
}

std::vector<RecordingOrder> claim_recordings(Transaction& tx, const std::string& holder, int most) {
    std::vector<RecordingOrder> orders;
    // Mostly there is none, and asking costs no write then.
    if (tx.exec("SELECT 1 FROM line_recording WHERE state IN ('wanted', 'running') LIMIT 1").empty()) {
        return orders;
    }
    tx.exec(WUTONG_RECORDING_GIVEN_UP);
    for (const auto& row : tx.exec(
             "WITH next AS (SELECT r.property_id, r.recording_id FROM line_recording r JOIN channel c ON "
             "c.property_id = r.property_id AND c.channel_id = r.channel_id WHERE r.state = 'wanted' AND "
             "c.lease_holder = $1 AND c.lease_until > now() ORDER BY r.requested_at LIMIT $2) UPDATE "
             "line_recording r SET state = 'running', collector = $1, began_at = now() FROM next WHERE "
             "r.property_id = next.property_id AND r.recording_id = next.recording_id AND r.state = 'wanted' "
             "RETURNING r.property_id, r.channel_id, r.recording_id, r.seconds, r.bytes_max",
             holder, most)) {
        RecordingOrder order;
        order.property = get<core::PropertyId>(row, "property_id");
        order.channel = get<core::ChannelId>(row, "channel_id");
        order.id = get<std::int64_t>(row, "recording_id");
        order.time = std::chrono::seconds{get<int>(row, "seconds")};
        order.bytes_max = get<int>(row, "bytes_max");
        orders.push_back(order);
    }
    return orders;
}

bool finish_recording(Transaction& tx, const std::string& holder, const RecordingOrder& order,
                      const std::string& content, const std::string& note, bool failed) {
    return !tx.exec(
                  "UPDATE line_recording SET state = CASE WHEN $6 THEN 'failed' ELSE 'done' END, ended_at = "
                  "now(), content = CASE WHEN $6 THEN NULL ELSE convert_to($4, 'UTF8') END, note = $5 WHERE "
                  "property_id = $1 AND recording_id = $2 AND state = 'running' AND collector = $3 RETURNING "
                  "recording_id",
                  order.property, order.id, holder, content, note, failed)
                .empty();
}

}  // namespace wutong::storage
