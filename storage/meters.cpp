#include "storage/meters.hpp"

#include <tuple>

#include "storage/search_text.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const std::string kColumns =
    "SELECT m.property_id, m.meter_id, m.channel_id, m.unit_id, m.code, m.serial_number, m.profile, m.role, "
    "       m.commodity, COALESCE(m.bus_address, 0) AS bus_address, m.station_address, m.price_e4, "
    "m.alarm_1_e4, "
    "m.alarm_2_e4, m.overdraft_e4, m.overload_w, "
    "       m.balance_max_e4, m.reading_interval_s, m.state_interval_s, m.enabled, "
    "       ch.code AS channel_code, u.code AS unit_code, b.code AS building_code, f.number AS floor_number, "
    "       u.name AS unit_name, b.name AS building_name, f.name AS floor_name, "
    "       am.account_id, a.number AS account_number, c.name AS customer, "
    "       am.opened_on_meter_at IS NOT NULL AS opened, d.deliveries > 0 AS delivering, d.in_flight, "
    "       COALESCE(am.booked_price_e4, m.price_e4, pp.price_e4) AS price_now, "
    "       COALESCE(s.changed_xid::text, '0') AS version, s.attempted_at, s.answered_at, s.lost_since, "
    "       COALESCE(s.failures, 0) AS failures, s.energy_wh, s.balance_e4, s.purchase_number, s.power_w, "
    "       s.voltage_mv, s.current_ma, s.relay_closed, s.prepaid_enabled, s.forced, "
    "       COALESCE(s.alarm_level, 0) AS alarm_level ";

const std::string kJoins =
    "  JOIN channel ch ON ch.property_id = m.property_id AND ch.channel_id = m.channel_id "
    "  LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
    "  LEFT JOIN floor f ON f.property_id = u.property_id AND f.floor_id = u.floor_id "
    "  LEFT JOIN building b ON b.property_id = f.property_id AND b.building_id = f.building_id "
    "  LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = m.meter_id "
    "  LEFT JOIN account_meter am ON am.property_id = m.property_id AND am.meter_id = m.meter_id "
    "        AND am.unlinked_at IS NULL "
    "  LEFT JOIN account a ON a.property_id = am.property_id AND a.account_id = am.account_id "
    "  LEFT JOIN customer c ON c.property_id = a.property_id AND c.customer_id = a.customer_id "
    "  LEFT JOIN (SELECT property_id, value::bigint AS price_e4, "
    "                    CASE key WHEN 'price_e4' THEN 'electricity' ELSE 'water' END AS commodity "
    "              FROM parameter WHERE key IN ('price_e4', 'water_price_e4') AND value ~ '^[0-9]{1,10}$') "
    "              AS pp ON pp.property_id = m.property_id AND pp.commodity = m.commodity "
    "  CROSS JOIN LATERAL (SELECT count(*) AS deliveries, COALESCE(sum(x.amount_e4), 0)::bigint AS in_flight "
    "              FROM credit_delivery x WHERE x.property_id = m.property_id AND x.meter_id = m.meter_id "
    "                AND x.state IN ('queued', 'sending', 'unknown')) AS d ";

const std::string kSelect = kColumns + "FROM meter m " + kJoins;

const std::string kList =
    kSelect +
    "WHERE m.property_id = $1 AND m.meter_id > $2 AND ($3::bigint IS NULL OR m.unit_id = $3) "
    "AND ($4::bigint IS NULL OR m.channel_id = $4) AND ($5 = '' OR m.role = $5) "
    "ORDER BY m.meter_id LIMIT $6";
const std::string kById = kSelect + "WHERE m.property_id = $1 AND m.meter_id = $2";
const std::string kByCode = kSelect + "WHERE m.property_id = $1 AND m.code = $2";
const std::string kBySerial = kSelect + "WHERE m.property_id = $1 AND m.serial_number = $2";
const std::string kByIds =
    kSelect + "WHERE m.property_id = $1 AND m.meter_id = ANY ($2::bigint[]) ORDER BY m.code";
const std::string kWall = kSelect + "WHERE m.enabled ORDER BY m.property_id, m.meter_id";
// What is wanted comes first: with so many joins the planner keeps the order in which they are written, and
// three meters must not cost a look at all.
const std::string kSearch =
    kColumns +
    "FROM search_meters($2, ARRAY[$1::bigint], $3) AS found "
    "JOIN meter m ON m.property_id = found.property_id AND m.meter_id = found.meter_id " +
    kJoins + "ORDER BY m.code";
const std::string kWallOnly =
    kColumns +
    "FROM unnest($1::bigint[], $2::bigint[]) AS wanted(property_id, meter_id) "
    "JOIN meter m ON m.property_id = wanted.property_id AND m.meter_id = wanted.meter_id AND m.enabled " +
    kJoins;

const char* kInsert =
    "INSERT INTO meter (property_id, channel_id, unit_id, code, serial_number, profile, role, bus_address, "
    "price_e4, alarm_1_e4, alarm_2_e4, overdraft_e4, overload_w, balance_max_e4, reading_interval_s, "
    "state_interval_s, enabled, station_address, commodity) VALUES ($1, $2, $3, $4, $5, $6, $7, "
    "NULLIF($8::int, 0), $9, "
    "$10, $11, $12, $13, $14, $15, "
    "$16, "
    "$17, NULLIF($18, ''), $19) RETURNING meter_id";
const char* kInsertMany =
    "INSERT INTO meter (property_id, channel_id, unit_id, code, serial_number, profile, role, bus_address, "
    "station_address, commodity) SELECT $1::bigint, channel, unit, code, serial, profile, role, NULLIF(bus, "
    "0), NULLIF(station, ''), commodity FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], "
    "$6::text[], "
    "$7::text[], $8::int[], $9::text[], $10::text[]) AS m (channel, unit, code, serial, profile, role, bus, "
    "station, "
    "commodity)";
const char* kUpdate =
    "UPDATE meter SET channel_id = $3, unit_id = $4, code = $5, serial_number = $6, profile = $7, role = $8, "
    "bus_address = NULLIF($9::int, 0), price_e4 = $10, alarm_1_e4 = $11, alarm_2_e4 = $12, overdraft_e4 = "
    "$13, overload_w = "
    "$14, "
    "balance_max_e4 = $15, reading_interval_s = $16, state_interval_s = $17, enabled = $18, "
    "station_address = NULLIF($19, '') "
    "WHERE property_id = $1 AND meter_id = $2";

// One statement, so that the horizon and what was seen belong to the same snapshot.
const char* kChanges =
    "SELECT 1 AS what, property_id, meter_id, changed_xid::text AS version FROM meter_state "
    " WHERE changed_xid >= $1::text::xid8 "
    "UNION ALL SELECT 2, property_id, meter_id, sum(amount_e4)::text || ' ' || count(*) FROM credit_delivery "
    " WHERE state IN ('queued', 'sending', 'unknown') GROUP BY property_id, meter_id "
    "UNION ALL SELECT 3, 0, 0, pg_snapshot_xmin(pg_current_snapshot())::text "
    "ORDER BY 1, 2, 3";

MeterRow read(const pqxx::row& row) {
    using Number = std::optional<std::int64_t>;
    using Time = std::optional<core::Timestamp>;
    const auto text = [&row](const char* column) {
        return get<std::optional<std::string>>(row, column).value_or("");
    };
    MeterRow meter;
    meter.property = get<core::PropertyId>(row, "property_id");
    meter.meter = get<core::MeterId>(row, "meter_id");
    meter.channel = get<core::ChannelId>(row, "channel_id");
    meter.unit = get<core::UnitId>(row, "unit_id");
    meter.code = text("code");
    meter.serial_number = text("serial_number");
    meter.profile = text("profile");
    meter.role = text("role");
    meter.commodity = core::parse_commodity(text("commodity"));
    meter.bus_address = get<int>(row, "bus_address");
    meter.station_address = text("station_address");
    meter.price_e4 = get<Number>(row, "price_e4");
    meter.alarm_1_e4 = get<Number>(row, "alarm_1_e4");
    meter.alarm_2_e4 = get<Number>(row, "alarm_2_e4");
    meter.overdraft_e4 = get<Number>(row, "overdraft_e4");
    meter.overload_w = get<Number>(row, "overload_w");
    meter.balance_max_e4 = get<Number>(row, "balance_max_e4");
    meter.reading_interval_s = get<std::optional<std::int32_t>>(row, "reading_interval_s");
    meter.state_interval_s = get<std::optional<std::int32_t>>(row, "state_interval_s");
    meter.enabled = get<bool>(row, "enabled");
    meter.channel_code = text("channel_code");
    meter.unit_code = text("unit_code");
    meter.building_code = text("building_code");
    meter.floor_number = get<std::optional<std::int32_t>>(row, "floor_number");
    meter.account = get<core::AccountId>(row, "account_id");
    meter.account_number = text("account_number");
    meter.customer = text("customer");
    meter.unit_name = text("unit_name");
    meter.building_name = text("building_name");
    meter.floor_name = text("floor_name");
    meter.opened = get<bool>(row, "opened");
    meter.delivering = get<bool>(row, "delivering");
    meter.in_flight = get<core::Money>(row, "in_flight");
    meter.price = get<std::optional<core::Price>>(row, "price_now");
    auto& state = meter.state;
    state.version = get<std::int64_t>(row, "version");
    state.attempted_at = get<Time>(row, "attempted_at");
    state.answered_at = get<Time>(row, "answered_at");
    state.lost_since = get<Time>(row, "lost_since");
    state.failures = get<int>(row, "failures");
    state.energy_wh = get<Number>(row, "energy_wh");
    state.balance_e4 = get<Number>(row, "balance_e4");
    state.purchase_number = get<Number>(row, "purchase_number");
    state.power_w = get<Number>(row, "power_w");
    state.voltage_mv = get<Number>(row, "voltage_mv");
    state.current_ma = get<Number>(row, "current_ma");
    state.relay_closed = get<std::optional<bool>>(row, "relay_closed");
    state.prepaid_enabled = get<std::optional<bool>>(row, "prepaid_enabled");
    state.forced = get<std::optional<bool>>(row, "forced");
    state.alarm_level = get<int>(row, "alarm_level");
    return meter;
}

std::vector<MeterRow> read_all(const pqxx::result& rows) {
    std::vector<MeterRow> meters;
    meters.reserve(rows.size());
    for (const auto& row : rows) {
        meters.push_back(read(row));
    }
    return meters;
}

std::optional<MeterRow> read_one(const pqxx::result& rows) {
    return rows.empty() ? std::nullopt : std::optional{read(rows[0])};
}

}  // namespace

std::vector<MeterRow> list_meters(Transaction& tx, core::PropertyId property, const MeterFilter& filter,
                                  core::MeterId after, int limit) {
    return read_all(tx.exec(kList.c_str(), property, after, null_if_none(filter.unit),
                            null_if_none(filter.channel), filter.role, limit));
}

std::optional<MeterRow> find_meter(Transaction& tx, core::PropertyId property, core::MeterId meter) {
    return read_one(tx.exec(kById.c_str(), property, meter));
}

std::optional<MeterRow> find_meter_by_code(Transaction& tx, core::PropertyId property,
                                           const std::string& code) {
    return read_one(tx.exec(kByCode.c_str(), property, code));
}

std::optional<MeterRow> find_meter_by_serial(Transaction& tx, core::PropertyId property,
                                             const std::string& serial_number) {
    return read_one(tx.exec(kBySerial.c_str(), property, serial_number));
}

std::vector<MeterRow> search_meters(Transaction& tx, core::PropertyId property, const std::string& text,
                                    int limit) {
    return read_all(tx.exec(kSearch.c_str(), property, "%" + literal_pattern(text) + "%", limit));
}

std::vector<MeterRow> find_meters(Transaction& tx, core::PropertyId property,
                                  const std::vector<core::MeterId>& meters) {
    return read_all(tx.exec(kByIds.c_str(), property, meters));
}

core::MeterId insert_meter(Transaction& tx, const MeterRow& m) {
    return get<core::MeterId>(
        tx.exec1(kInsert, m.property, m.channel, null_if_none(m.unit), m.code, m.serial_number, m.profile,
                 m.role, m.bus_address, m.price_e4, m.alarm_1_e4, m.alarm_2_e4, m.overdraft_e4, m.overload_w,
                 m.balance_max_e4, m.reading_interval_s, m.state_interval_s, m.enabled, m.station_address,
                 core::to_string(m.commodity)),
        "meter_id");
}

void insert_meters(Transaction& tx, const std::vector<MeterRow>& meters) {
    std::vector<core::ChannelId> channels;
    std::vector<std::optional<core::UnitId>> units;
    std::vector<std::string> codes;
    std::vector<std::string> serial_numbers;
    std::vector<std::string> profiles;
    std::vector<std::string> roles;
    std::vector<int> addresses;
    std::vector<std::string> stations;
    std::vector<std::string> commodities;
    for (const auto& meter : meters) {
        channels.push_back(meter.channel);
        units.push_back(meter.unit ? std::optional{meter.unit} : std::nullopt);
        codes.push_back(meter.code);
        serial_numbers.push_back(meter.serial_number);
        profiles.push_back(meter.profile);
        roles.push_back(meter.role);
        addresses.push_back(meter.bus_address);
        stations.push_back(meter.station_address);
        commodities.emplace_back(core::to_string(meter.commodity));
    }
    if (!meters.empty()) {
        tx.exec(kInsertMany, meters.front().property, channels, units, codes, serial_numbers, profiles, roles,
                addresses, stations, commodities);
    }
}

bool update_meter(Transaction& tx, const MeterRow& m) {
    return tx.exec(kUpdate, m.property, m.meter, m.channel, null_if_none(m.unit), m.code, m.serial_number,
                   m.profile, m.role, m.bus_address, m.price_e4, m.alarm_1_e4, m.alarm_2_e4, m.overdraft_e4,
                   m.overload_w, m.balance_max_e4, m.reading_interval_s, m.state_interval_s, m.enabled,
                   m.station_address)
               .affected_rows() == 1;
}

MeterChanges meter_changes(Transaction& tx, std::int64_t since) {
    MeterChanges changes;
    for (const auto& row : tx.exec(kChanges, std::to_string(since))) {
        const MeterKey key{get<core::PropertyId>(row, "property_id"), get<core::MeterId>(row, "meter_id")};
        const auto version = get<std::string>(row, "version");
        switch (get<int>(row, "what")) {
            case 1:
                changes.changed.emplace_back(key, std::stoll(version));
                break;
            case 2:
                changes.delivering.emplace_back(key, core::Money{std::stoll(version)},
                                                std::stoi(version.substr(version.find(' '))));
                break;
            default:
                changes.horizon = std::stoll(version);
        }
    }
    return changes;
}

std::vector<MeterRow> wall_meters(Transaction& tx) {
    return read_all(tx.exec(kWall.c_str()));
}

std::vector<MeterRow> wall_meters(Transaction& tx, const std::vector<MeterKey>& only) {
    std::vector<core::PropertyId> properties;
    std::vector<core::MeterId> meters;
    for (const auto& [property, meter] : only) {
        properties.push_back(property);
        meters.push_back(meter);
    }
    return read_all(tx.exec(kWallOnly.c_str(), properties, meters));
}

}  // namespace wutong::storage
