#include "storage/readings.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <tuple>

#include "storage/database.hpp"
#include "storage/held_meters.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const std::vector<std::string>& columns() {
    static const std::vector<std::string> names{
        "property_id",     "meter_id",   "read_at",      "energy_wh",       "sharp_wh",
        "peak_wh",         "flat_wh",    "valley_wh",    "reverse_wh",      "balance_e4",
        "purchase_number", "power_w",    "reactive_var", "power_factor_e3", "frequency_mhz",
        "voltage_mv",      "current_ma", "relay_closed", "source"};
    return names;
}

std::optional<std::string> array_text(const std::vector<std::int64_t>& values) {
    return values.empty() ? std::nullopt : SqlValue(values).text();
}

constexpr std::size_t kColumns = 19;

/// In the order of `columns`; no value is NULL.
std::array<std::optional<std::string>, kColumns> texts_of(const ReadingRow& row) {
    const auto text = [](const SqlValue& value) { return value.text(); };
    return {text(row.property),
            text(row.meter),
            text(row.read_at),
            text(row.energy_wh),
            text(row.sharp_wh),
            text(row.peak_wh),
            text(row.flat_wh),
            text(row.valley_wh),
            text(row.reverse_wh),
            text(row.balance_e4),
            text(row.purchase_number),
            text(row.power_w),
            text(row.reactive_var),
            text(row.power_factor_e3),
            text(row.frequency_mhz),
            array_text(row.voltage_mv),
            array_text(row.current_ma),
            text(row.relay_closed),
            text(row.source)};
}

void copy_into(Transaction& tx, const char* table, const std::vector<const ReadingRow*>& rows) {
    pqxx::stream_to stream{tx.work(), table, columns()};
    for (const auto* row : rows) {
        const auto texts = texts_of(*row);
        std::array<const char*, kColumns> line{};
        std::transform(texts.begin(), texts.end(), line.begin(),
                       [](const std::optional<std::string>& text) { return text ? text->c_str() : nullptr; });
        stream << line;
    }
    stream.complete();
}

void ensure_partitions_of(Transaction& tx, const std::vector<const ReadingRow*>& rows) {
    std::set<std::chrono::year_month> months;
    for (const auto* row : rows) {
        const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(row->read_at)};
        months.insert(date.year() / date.month());
    }
    for (const auto& month : months) {
        const core::Timestamp first{std::chrono::sys_days{month / 1}};
        tx.exec("SELECT ensure_reading_partition(($1::timestamptz AT TIME ZONE 'UTC')::date)", first);
    }
}

/// The register's first and last value of each day, whatever order the readings come in; and what the server
/// charges by these readings is due.
void tell_of_energy(Transaction& tx, const std::vector<const ReadingRow*>& rows) {
    std::vector<core::PropertyId> properties;
    std::vector<core::MeterId> meters;
    std::vector<core::Timestamp> times;
    std::vector<std::int64_t> energies;
    for (const auto* row : rows) {
        if (row->energy_wh) {
            properties.push_back(row->property);
            meters.push_back(row->meter);
            times.push_back(row->read_at);
            energies.push_back(*row->energy_wh);
        }
    }
    if (properties.empty()) {
        return;
    }
    tx.exec(R"(
        INSERT INTO daily_energy AS d (property_id, meter_id, day, first_wh, last_wh, first_at, last_at)
        SELECT r.property_id, r.meter_id, (r.read_at AT TIME ZONE p.time_zone)::date AS day,
               (array_agg(r.energy_wh ORDER BY r.read_at))[1], (array_agg(r.energy_wh ORDER BY r.read_at DESC))[1],
               min(r.read_at), max(r.read_at)
        FROM unnest($1::bigint[], $2::bigint[], $3::timestamptz[], $4::bigint[]) AS r(property_id, meter_id, read_at, energy_wh)
        JOIN property p ON p.property_id = r.property_id
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (property_id, meter_id, day) DO UPDATE SET
            first_wh = CASE WHEN excluded.first_at < d.first_at THEN excluded.first_wh ELSE d.first_wh END,
            first_at = least(excluded.first_at, d.first_at),
            last_wh = CASE WHEN excluded.last_at > d.last_at THEN excluded.last_wh ELSE d.last_wh END,
            last_at = greatest(excluded.last_at, d.last_at))",
            properties, meters, times, energies);
    put_due_for_readings(tx, properties, meters, times);
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

ReadingsStored put_by_copy(Database& database, const std::vector<const ReadingRow*>& rows) {
    return database.transact(Scope::none(), "store readings", [&](Transaction& tx) {
        ensure_partitions_of(tx, rows);
        copy_into(tx, "reading", rows);
        tell_of_energy(tx, rows);
        tell_of_doubts(tx, rows);
        return ReadingsStored{rows.size(), 0};
    });
}

ReadingsStored put_by_staging(Database& database, const std::vector<const ReadingRow*>& rows) {
    return database.transact(Scope::none(), "store readings again", [&](Transaction& tx) {
        ensure_partitions_of(tx, rows);
        tx.work().exec(
            "CREATE TEMPORARY TABLE reading_staging (LIKE wutong.reading INCLUDING DEFAULTS) ON COMMIT DROP");
        copy_into(tx, "reading_staging", rows);
        const auto added =
            tx.work()
                .exec("INSERT INTO reading SELECT * FROM reading_staging ON CONFLICT DO NOTHING")
                .affected_rows();
        tell_of_energy(tx, rows);
        tell_of_doubts(tx, rows);
        return ReadingsStored{added, rows.size() - added};
    });
}

}  // namespace

ReadingsStored put_readings(Database& database, const std::vector<ReadingRow>& rows) {
    if (rows.empty()) {
        return {};
    }
    std::vector<const ReadingRow*> sorted;
    sorted.reserve(rows.size());
    for (const auto& row : rows) {
        sorted.push_back(&row);
    }
    const auto key = [](const ReadingRow* row) {
        return std::tuple{row->property, row->meter, row->read_at};
    };
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const auto* a, const auto* b) { return key(a) < key(b); });
    try {
        return put_by_copy(database, sorted);
    } catch (const UniqueViolation&) {
        return put_by_staging(database, sorted);
    } catch (const pqxx::unique_violation&) {
        return put_by_staging(database, sorted);
    }
}

void ensure_reading_partitions(Transaction& tx, int months_ahead) {
    tx.exec(
        "SELECT ensure_reading_partition((now() + make_interval(months => m))::date) FROM generate_series(0, "
        "$1::int) AS m",
        months_ahead);
}

}  // namespace wutong::storage
