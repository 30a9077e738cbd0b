#include "storage/meter_firmware.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

bool note_firmware(Transaction& tx, const FirmwareNote& note) {
    const auto noted = tx.exec(
        "INSERT INTO meter_firmware AS f (property_id, meter_id, version, read_at, since) SELECT "
        "m.property_id, m.meter_id, $3::text, $4::timestamptz, $4::timestamptz FROM meter m WHERE "
        "m.property_id = $1 AND m.meter_id = $2 ON CONFLICT (property_id, meter_id) DO UPDATE SET version "
        "= excluded.version, read_at = excluded.read_at, since = CASE WHEN f.version = excluded.version "
        "THEN f.since ELSE excluded.since END, before = CASE WHEN f.version = excluded.version THEN "
        "f.before ELSE f.version END WHERE excluded.read_at >= f.read_at RETURNING since = $4 AS changed",
        note.property, note.meter, note.version.substr(0, kFirmwareMax), note.at);
    return !noted.empty() && get<bool>(noted[0], "changed");
}

std::vector<MeterFirmwareRow> list_firmware(Transaction& tx, core::PropertyId property, core::MeterId meter,
                                            core::MeterId after, int limit) {
    std::vector<MeterFirmwareRow> list;
    for (const auto& row : tx.exec(
             "SELECT f.*, m.code, m.profile, COALESCE(u.code, '') AS unit_code FROM meter_firmware f JOIN "
             "meter m ON m.property_id = f.property_id AND m.meter_id = f.meter_id LEFT JOIN unit u ON "
             "u.property_id = m.property_id AND u.unit_id = m.unit_id WHERE f.property_id = $1 AND "
             "f.meter_id > $2 AND ($3::bigint IS NULL OR f.meter_id = $3) ORDER BY f.meter_id LIMIT $4",
             property, after, null_if_none(meter), checked_limit(limit))) {
        MeterFirmwareRow one;
        one.meter = get<core::MeterId>(row, "meter_id");
        one.meter_code = get<std::string>(row, "code");
        one.unit_code = get<std::string>(row, "unit_code");
        one.profile = get<std::string>(row, "profile");
        one.version = get<std::string>(row, "version");
        one.read_at = get<core::Timestamp>(row, "read_at");
        one.since = get<core::Timestamp>(row, "since");
        one.before = get<std::string>(row, "before");
        list.push_back(std::move(one));
    }
    return list;
}

}  // namespace wutong::storage
