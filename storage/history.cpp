#include "storage/history.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* name_of(HistoryClass what) {
    switch (what) {
        case HistoryClass::request:
            return "request";
        case HistoryClass::alarm:
            return "alarm";
        case HistoryClass::instant:
            return "instant";
        case HistoryClass::event:
            return "event";
        default:
            return "reading";
    }
}

}  // namespace

std::vector<std::string> hot_months(Transaction& tx) {
    std::vector<std::string> months;
    for (const auto& row : tx.exec("SELECT m::text AS month FROM hot_months() AS m")) {
        months.push_back(get<std::string>(row, "month"));
    }
    return months;
}

ArchiveStep archive_readings(Transaction& tx, core::PropertyId property, const std::string& month,
                             core::MeterId after, int meters_max) {
    const auto rows =
        tx.exec("SELECT last_meter, moved_meters, moved_readings FROM archive_readings($1::date, $2, $3, $4)",
                month, property, after, meters_max);
    if (rows.empty()) {
        return {};
    }
    const auto moved = get<std::optional<std::int64_t>>(rows[0], "moved_readings");
    return {get<core::MeterId>(rows[0], "last_meter"), get<int>(rows[0], "moved_meters"), moved.value_or(0),
            !moved};
}

bool drop_empty_month(Transaction& tx, const std::string& month) {
    return get<bool>(tx.exec1("SELECT drop_empty_month($1::date) AS gone", month), "gone");
}

int forget_history(Transaction& tx, core::PropertyId property, HistoryClass what, core::Timestamp before,
                   int most) {
    return get<int>(
        tx.exec1("SELECT forget_history($1, $2, $3, $4) AS gone", property, name_of(what), before, most),
        "gone");
}

std::vector<HistoryMonth> list_history_months(Transaction& tx, int limit) {
    std::vector<HistoryMonth> months;
    for (const auto& row :
         tx.exec("SELECT to_char(m.month, 'YYYY-MM') AS month, begun_at, moved_at, finished_at, meters, "
                 "readings, bytes_before FROM reading_month m ORDER BY m.month DESC LIMIT $1",
                 checked_limit(limit))) {
        months.push_back({get<std::string>(row, "month"), get<core::Timestamp>(row, "begun_at"),
                          get<core::Timestamp>(row, "moved_at"),
                          get<std::optional<core::Timestamp>>(row, "finished_at"),
                          get<std::int64_t>(row, "meters"), get<std::int64_t>(row, "readings"),
                          get<std::int64_t>(row, "bytes_before")});
    }
    return months;
}

std::vector<HotMonth> hot_month_sizes(Transaction& tx) {
    std::vector<HotMonth> months;
    for (const auto& row :
         tx.exec("SELECT to_char(month, 'YYYY-MM') AS month, bytes, readings FROM hot_month_sizes()")) {
        months.push_back({get<std::string>(row, "month"), get<std::int64_t>(row, "bytes"),
                          get<std::int64_t>(row, "readings")});
    }
    return months;
}

std::int64_t archive_bytes(Transaction& tx) {
    return get<std::int64_t>(
        tx.exec1("SELECT pg_total_relation_size('wutong.reading_archive'::regclass) AS bytes"), "bytes");
}

HistoryRound history_round(Transaction& tx) {
    const auto row = tx.exec1(
        "SELECT wanted_at, begun_at, finished_at, moved_readings, forgotten, error FROM history_round");
    using Time = std::optional<core::Timestamp>;
    return {get<Time>(row, "wanted_at"),         get<Time>(row, "begun_at"),
            get<Time>(row, "finished_at"),       get<std::int64_t>(row, "moved_readings"),
            get<std::int64_t>(row, "forgotten"), get<std::string>(row, "error")};
}

void want_history_round(Transaction& tx, core::Timestamp at) {
    tx.exec("UPDATE history_round SET wanted_at = $1::timestamptz", at);
}

void begin_history_round(Transaction& tx, core::Timestamp at) {
    tx.exec(
        "UPDATE history_round SET begun_at = $1::timestamptz, finished_at = NULL, wanted_at = NULL, "
        "moved_readings = 0, forgotten = 0, error = ''",
        at);
}

void note_history_round(Transaction& tx, std::int64_t moved_readings, std::int64_t forgotten,
                        const std::string& error, std::optional<core::Timestamp> finished_at) {
    tx.exec(
        "UPDATE history_round SET moved_readings = $1, forgotten = $2, error = left($3::text, 2000), "
        "finished_at = $4::timestamptz",
        moved_readings, forgotten, error, finished_at);
}

}  // namespace wutong::storage
