#include "storage/meter_records.hpp"

#include "storage/alarms.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

/// @return it is news. What was shown in the middle of an event is not, also when that is over by now: a row
/// may come again.
bool begin(Transaction& tx, const MeterEventsRow& row, core::MeterEventKind kind) {
    return !tx.exec(
                  "INSERT INTO meter_event (property_id, meter_id, kind, began_at, recorded) SELECT "
                  "m.property_id, m.meter_id, $3::text, $4::timestamptz, false FROM meter m WHERE "
                  "m.property_id = $1 AND m.meter_id = $2 AND NOT EXISTS (SELECT FROM meter_event e WHERE "
                  "e.property_id = $1 AND e.meter_id = $2 AND e.kind = $3 AND e.began_at <= $4 AND NOT "
                  "e.recorded AND e.ended_at >= $4) ON CONFLICT DO NOTHING RETURNING event_id",
                  row.property, row.meter, core::to_string(kind), row.report.at)
                .empty();
}

/// Events that are shown no more, many at once: after a start every meter says so of everything.
class Ended {
public:
    explicit Ended(Transaction& tx) : tx_{tx} {}

    void add(const MeterEventsRow& row, core::MeterEventKind kind) {
        properties_.push_back(row.property);
        meters_.push_back(row.meter);
        kinds_.emplace_back(core::to_string(kind));
        times_.push_back(row.report.at);
    }
    void store() {
        if (kinds_.empty()) {
            return;
        }
        tx_.exec(
            "UPDATE meter_event e SET ended_at = x.at FROM unnest($1::bigint[], "
            "$2::bigint[], $3::text[], $4::timestamptz[]) AS x(property_id, meter_id, kind, at) WHERE "
            "e.property_id = x.property_id AND e.meter_id = x.meter_id AND e.kind = x.kind AND e.ended_at IS "
            "NULL AND NOT e.recorded AND e.began_at <= x.at",
            properties_, meters_, kinds_, times_);
        tx_.exec(
            "UPDATE alarm a SET cleared_at = x.at FROM unnest($1::bigint[], "
            "$2::bigint[], $3::text[], $4::timestamptz[]) AS x(property_id, meter_id, kind, at) WHERE "
            "a.property_id = x.property_id AND a.kind = x.kind AND COALESCE(a.meter_id, 0) = x.meter_id AND "
            "COALESCE(a.channel_id, 0) = 0 AND COALESCE(a.gateway_id, 0) = 0 AND a.cleared_at IS NULL AND "
            "a.raised_at <= x.at AND "
            // The meter has written down that it goes on: its record ends it, with the meter's own time.
            "NOT EXISTS (SELECT FROM meter_event e WHERE e.property_id = x.property_id AND e.meter_id = "
            "x.meter_id AND e.kind = x.kind AND e.recorded AND e.ended_at IS NULL)",
            properties_, meters_, kinds_, times_);
        properties_.clear();
        meters_.clear();
        kinds_.clear();
        times_.clear();
    }

private:
    Transaction& tx_;
    std::vector<core::PropertyId> properties_;
    std::vector<core::MeterId> meters_;
    std::vector<std::string> kinds_;
    std::vector<core::Timestamp> times_;
};

/// @return it is news: begun, or ended
bool record(Transaction& tx, const MeterEventsRow& row, const core::EventRecord& one) {
    return !tx.exec(
                  "INSERT INTO meter_event AS e (property_id, meter_id, kind, began_at, ended_at, recorded) "
                  "SELECT m.property_id, m.meter_id, $3::text, $4::timestamptz, $5::timestamptz, true FROM "
                  "meter m WHERE m.property_id = $1 AND m.meter_id = $2 ON CONFLICT (property_id, meter_id, "
                  "kind, began_at) DO UPDATE SET ended_at = excluded.ended_at WHERE e.ended_at IS NULL AND "
                  "excluded.ended_at IS NOT NULL RETURNING event_id",
                  row.property, row.meter, core::to_string(one.kind), one.began_at, one.ended_at)
                .empty();
}

}  // namespace

void put_meter_events(Transaction& tx, const std::vector<MeterEventsRow>& rows) {
    Ended ended{tx};
    for (const auto& row : rows) {
        const AlarmSubject subject{row.property, row.meter, {}, {}};
        for (const auto& [kind, stands] : row.report.shown) {
            if (!stands) {
                ended.add(row, kind);
                continue;
            }
            ended.store();  // one that begins again has ended before
            if (begin(tx, row, kind)) {
                raise_alarm(tx, subject, core::to_string(kind), "", row.report.at);
            }
        }
        for (const auto& one : row.report.records) {
            if (!record(tx, row, one)) {
                continue;
            }
            raise_alarm(tx, subject, core::to_string(one.kind), "from the meter's own record", one.began_at);
            if (one.ended_at) {
                clear_alarm(tx, subject, core::to_string(one.kind), *one.ended_at);
            }
        }
    }
    ended.store();
}

std::vector<MeterRecord> list_meter_records(Transaction& tx, const MeterRecordFilter& filter,
                                            std::int64_t before, int limit) {
    std::vector<MeterRecord> list;
    for (const auto& row :
         tx.exec("SELECT e.*, COALESCE(m.code, '') AS code, COALESCE(u.code, '') AS unit_code FROM (SELECT * "
                 "FROM meter_event WHERE property_id = $1 AND event_id < $2 AND ($3::bigint IS NULL OR "
                 "meter_id = $3) AND ($4::text IS NULL OR kind = $4) AND (NOT $5::boolean OR ended_at IS "
                 "NULL) ORDER BY event_id DESC LIMIT $6) AS e LEFT JOIN meter m ON m.property_id = "
                 "e.property_id AND m.meter_id = e.meter_id LEFT JOIN unit u ON u.property_id = "
                 "m.property_id AND u.unit_id = m.unit_id ORDER BY e.event_id DESC",
                 filter.property, below(before), null_if_none(filter.meter),
                 filter.kind ? std::optional<std::string>(core::to_string(*filter.kind)) : std::nullopt,
                 filter.standing_only, checked_limit(limit))) {
        MeterRecord one;
        one.id = get<std::int64_t>(row, "event_id");
        one.meter = get<core::MeterId>(row, "meter_id");
        one.meter_code = get<std::string>(row, "code");
        one.unit_code = get<std::string>(row, "unit_code");
        one.kind = core::parse_meter_event_kind(get<std::string>(row, "kind"));
        one.began_at = get<core::Timestamp>(row, "began_at");
        one.ended_at = get<std::optional<core::Timestamp>>(row, "ended_at");
        one.recorded = get<bool>(row, "recorded");
        list.push_back(std::move(one));
    }
    return list;
}

}  // namespace wutong::storage
