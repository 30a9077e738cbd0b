#include "storage/readings.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "storage/copy_rows.hpp"
#include "storage/database.hpp"
#include "storage/held_meters.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

using Rows = std::vector<const ReadingRow*>;

constexpr std::int16_t kColumns = 19;
// clang-format off
#define WUTONG_READING_COLUMNS                                                                           \
    "(property_id, meter_id, read_at, energy_wh, sharp_wh, peak_wh, flat_wh, valley_wh, reverse_wh, "    \
    "balance_e4, purchase_number, power_w, reactive_var, power_factor_e3, frequency_mhz, voltage_mv, "   \
    "current_ma, relay_closed, source) FROM STDIN (FORMAT binary)"
// clang-format on
const char* kCopy = "COPY reading " WUTONG_READING_COLUMNS;
const char* kCopyStaging = "COPY reading_staging " WUTONG_READING_COLUMNS;

auto key_of(const ReadingRow* row) {
    return std::tuple{row->property, row->meter, row->read_at};
}

void add_bigint(CopyRows& copy, std::optional<std::int64_t> value) {
    value ? copy.bigint(*value) : copy.null();
}

/// Columns that are narrower than what a profile could tell.
void add_integer(CopyRows& copy, const ReadingRow& row, const char* column,
                 std::optional<std::int64_t> value) {
    if (!value) {
        copy.null();
        return;
    }
    if (*value < std::numeric_limits<std::int32_t>::min() ||
        *value > std::numeric_limits<std::int32_t>::max()) {
        throw StatementFailed("store readings: " + std::string(column) + " of meter " +
                                  std::to_string(row.meter.value) + " at " + time_text(row.read_at) +
                                  " is out of range: " + std::to_string(*value),
                              "22003", "");
    }
    copy.integer(static_cast<std::int32_t>(*value));
}

void add_bigints(CopyRows& copy, const std::vector<std::int64_t>& values) {
    values.empty() ? copy.null() : copy.bigints(values);
}

void add_row(CopyRows& copy, const ReadingRow& row) {
    copy.begin_row(kColumns);
    copy.bigint(row.property.value);
    copy.bigint(row.meter.value);
    copy.time(row.read_at);
    for (const auto& value :
         {row.energy_wh, row.sharp_wh, row.peak_wh, row.flat_wh, row.valley_wh, row.reverse_wh,
          row.balance_e4, row.purchase_number, row.power_w, row.reactive_var}) {
        add_bigint(copy, value);
    }
    add_integer(copy, row, "power_factor_e3", row.power_factor_e3);
    add_integer(copy, row, "frequency_mhz", row.frequency_mhz);
    add_bigints(copy, row.voltage_mv);
    add_bigints(copy, row.current_ma);
    row.relay_closed ? copy.boolean(*row.relay_closed) : copy.null();
    copy.text(row.source);
}

void copy_into(Transaction& tx, const char* statement, const Rows& rows) {
    constexpr std::size_t kPiece = 32 * 1024;
    CopyRows copy;
    auto next = rows.begin();
    tx.copy_in(statement, [&](std::string& piece) {
        while (next != rows.end() && copy.size() < kPiece) {
            add_row(copy, **next++);
        }
        if (next == rows.end()) {
            copy.finish();
        }
        copy.take(piece);
        return next != rows.end();
    });
}

std::chrono::year_month month_of(const ReadingRow* row) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(row->read_at)};
    return date.year() / date.month();
}

/// Makes the partitions that are missing. @return months of which readings lie in the archive
std::set<std::chrono::year_month> ensure_partitions_of(Transaction& tx, const Rows& rows) {
    std::set<std::chrono::year_month> months;
    std::transform(rows.begin(), rows.end(), std::inserter(months, months.end()), month_of);
    std::set<std::chrono::year_month> moved;
    for (const auto& month : months) {
        const core::Timestamp first{std::chrono::sys_days{month / 1}};
        if (get<bool>(
                tx.exec1("SELECT EXISTS (SELECT FROM reading_month WHERE month = d.day) AS moved, "
                         "ensure_reading_partition(d.day) AS part FROM (SELECT ($1::timestamptz AT TIME "
                         "ZONE 'UTC')::date AS day) AS d",
                         first),
                "moved")) {
            moved.insert(month);
        }
    }
    return moved;
}

/// Those of `rows` that are not stored yet.
Rows not_stored(Transaction& tx, const Rows& rows) {
    std::vector<core::PropertyId> properties;
    std::vector<core::MeterId> meters;
    std::vector<core::Timestamp> times;
    for (const auto* row : rows) {
        properties.push_back(row->property);
        meters.push_back(row->meter);
        times.push_back(row->read_at);
    }
    Rows missing = rows;
    // One look into one index for each, whatever the planner believes of the number of rows.
    for (const auto& found : tx.exec(
             "SELECT k.place FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) WITH ORDINALITY AS "
             "k(property_id, meter_id, read_at, place) CROSS JOIN LATERAL (SELECT 1 FROM "
             "readings_between(k.property_id, k.meter_id, k.read_at, k.read_at + interval '1 microsecond') "
             "LIMIT 1) "
             "AS there",
             properties, meters, times)) {
        missing[get<std::size_t>(found, "place") - 1] = nullptr;
    }
    missing.erase(std::remove(missing.begin(), missing.end(), nullptr), missing.end());
    return missing;
}

/// The job can't take less than one of them at a time.
constexpr std::size_t kMetersPerDue = 500;

/// Which days of which meters have to be told again, in few rows: by property and day (UTC).
void tell_of_energy(Transaction& tx, const Rows& rows) {
    struct Due {
        core::Timestamp from, to;
        std::vector<core::MeterId> meters;
    };
    std::map<std::pair<core::PropertyId, std::chrono::sys_days>, Due> dues;
    std::map<core::PropertyId, std::vector<core::MeterId>> read;
    core::Timestamp oldest = core::Timestamp::max();
    for (const auto* row : rows) {  // in the order of property and meter
        if (!row->energy_wh) {
            continue;
        }
        const auto day = std::chrono::floor<std::chrono::days>(row->read_at);
        auto& due = dues.try_emplace({row->property, day}, Due{row->read_at, row->read_at, {}}).first->second;
        due.from = std::min(due.from, row->read_at);
        due.to = std::max(due.to, row->read_at);
        for (auto* meters : {&due.meters, &read[row->property]}) {
            if (meters->empty() || meters->back() != row->meter) {
                meters->push_back(row->meter);
            }
        }
        oldest = std::min(oldest, row->read_at);
    }
    for (const auto& [key, due] : dues) {
        for (std::size_t at = 0; at < due.meters.size(); at += kMetersPerDue) {
            const auto end = std::min(at + kMetersPerDue, due.meters.size());
            const std::vector<core::MeterId> meters(due.meters.begin() + static_cast<std::ptrdiff_t>(at),
                                                    due.meters.begin() + static_cast<std::ptrdiff_t>(end));
            tx.exec(
                "INSERT INTO energy_due (property_id, from_at, to_at, meter_ids) VALUES ($1, $2, $3, "
                "$4::bigint[])",
                key.first, due.from, due.to, meters);
        }
    }
    for (const auto& [property, meters] : read) {
        put_due_for_readings(tx, property, meters, oldest);
    }
}

/// What has to be looked at by a person. Torn registers were read again at once and made sense then.
void tell_of_doubts(Transaction& tx, const std::vector<const ReadingRow*>& rows) {
    for (const auto* row : rows) {
        if (!row->doubted) {
            continue;
        }
        const auto& doubt = *row->doubted;
        // A meter that was deleted meanwhile is left out.
        tx.exec(
            "INSERT INTO doubted_reading (property_id, meter_id, read_at, verdict, shown_wh, before_wh, "
            "before_at, capacity_wh, text, decision, decided_at) SELECT m.property_id, m.meter_id, "
            "$3::timestamptz, $4::text, $5::bigint, $6::bigint, $7::timestamptz, $8::bigint, left($9::text, "
            "500), CASE WHEN $4::text = 'torn' THEN 'settled' END, CASE WHEN $4::text = 'torn' THEN "
            "$3::timestamptz END FROM meter m WHERE m.property_id = $1 AND m.meter_id = $2 ON CONFLICT DO "
            "NOTHING",
            row->property, row->meter, row->read_at, core::to_string(doubt.verdict), doubt.shown,
            doubt.before, doubt.before_at, doubt.capacity, doubt.text);
    }
}

/// @param may_be_there already: what is neither that nor of an archived month is copied without a look
template <class Suspect>
ReadingsStored store(Transaction& tx, const Rows& rows, const Suspect& may_be_there) {
    const auto moved = ensure_partitions_of(tx, rows);
    Rows suspects;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(suspects), [&](const auto* row) {
        return may_be_there(row) || (!moved.empty() && moved.contains(month_of(row)));
    });
    Rows added = rows;
    if (!suspects.empty()) {
        const auto missing = not_stored(tx, suspects);
        Rows there;
        std::set_difference(suspects.begin(), suspects.end(), missing.begin(), missing.end(),
                            std::back_inserter(there),
                            [](const auto* a, const auto* b) { return key_of(a) < key_of(b); });
        added.clear();
        std::set_difference(rows.begin(), rows.end(), there.begin(), there.end(), std::back_inserter(added),
                            [](const auto* a, const auto* b) { return key_of(a) < key_of(b); });
    }
    if (!added.empty()) {
        copy_into(tx, kCopy, added);
        tell_of_energy(tx, added);
    }
    tell_of_doubts(tx, rows);
    return {added.size(), rows.size() - added.size()};
}

/// Whatever others store meanwhile.
ReadingsStored store_by_staging(Transaction& tx, const Rows& rows) {
    ensure_partitions_of(tx, rows);
    tx.work().exec(
        "CREATE TEMPORARY TABLE reading_staging (LIKE wutong.reading INCLUDING DEFAULTS) ON COMMIT DROP");
    copy_into(tx, kCopyStaging, rows);
    const auto added = tx.work()
                           .exec("INSERT INTO reading SELECT * FROM reading_staging ON CONFLICT DO NOTHING")
                           .affected_rows();
    tell_of_energy(tx, rows);
    tell_of_doubts(tx, rows);
    return {added, rows.size() - added};
}

/// In the order of their keys, so that two collectors can't wait for each other in a circle; each once.
Rows in_order(const std::vector<ReadingRow>& rows) {
    Rows sorted;
    sorted.reserve(rows.size());
    for (const auto& row : rows) {
        sorted.push_back(&row);
    }
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto* a, const auto* b) { return key_of(a) < key_of(b); });
    sorted.erase(std::unique(sorted.begin(), sorted.end(),
                             [](const auto* a, const auto* b) { return key_of(a) == key_of(b); }),
                 sorted.end());
    return sorted;
}

}  // namespace

struct ReadingWriter::Parts {
    explicit Parts(Database& the_database) : database{the_database} {}

    [[nodiscard]] bool may_be_there(const ReadingRow* row) const {
        const auto known = newest.find(row->meter.value);
        return known != newest.end() && row->read_at <= known->second;
    }
    ReadingsStored put(const Rows& rows) {
        const auto attempt = [&](const auto& suspect) {
            return database.transact(Scope::none(), "store readings",
                                     [&](Transaction& tx) { return store(tx, rows, suspect); });
        };
        try {
            return attempt([this](const auto* row) { return may_be_there(row); });
        } catch (const UniqueViolation&) {
            // Another collector brought some, or this one before it was started again.
        }
        try {
            return attempt([](const auto*) { return true; });
        } catch (const UniqueViolation&) {
            // Another one is bringing them at this moment.
        }
        return database.transact(Scope::none(), "store readings again",
                                 [&](Transaction& tx) { return store_by_staging(tx, rows); });
    }

    Database& database;
    std::unordered_map<std::int64_t, core::Timestamp> newest;  ///< of each meter, stored by this writer
};

ReadingWriter::ReadingWriter(Database& database) : parts_{std::make_unique<Parts>(database)} {}

ReadingWriter::~ReadingWriter() = default;

ReadingsStored ReadingWriter::put(const std::vector<ReadingRow>& rows) {
    if (rows.empty()) {
        return {};
    }
    const auto sorted = in_order(rows);
    auto stored = parts_->put(sorted);
    stored.duplicates += rows.size() - sorted.size();
    for (const auto* row : sorted) {
        auto& newest = parts_->newest.try_emplace(row->meter.value, row->read_at).first->second;
        newest = std::max(newest, row->read_at);
    }
    return stored;
}

ReadingsStored put_readings(Database& database, const std::vector<ReadingRow>& rows) {
    return ReadingWriter{database}.put(rows);
}

void ensure_reading_partitions(Transaction& tx, int months_ahead) {
    tx.exec(
        "SELECT ensure_reading_partition((now() + make_interval(months => m))::date) FROM generate_series(0, "
        "$1::int) AS m",
        months_ahead);
}

}  // namespace wutong::storage
