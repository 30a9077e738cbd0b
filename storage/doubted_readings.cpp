#include "storage/doubted_readings.hpp"

#include <array>

#include "core/names.hpp"
#include "storage/alarms.hpp"
#include "storage/consumption.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr auto kDecisions = std::to_array<core::detail::Name<DoubtDecision>>({
    {DoubtDecision::used, "used"},
    {DoubtDecision::anew, "anew"},
    {DoubtDecision::ignored, "ignored"},
    {DoubtDecision::settled, "settled"},
});

// clang-format off
#define WUTONG_DOUBT_COLUMNS                                                                                     \
    "SELECT d.doubt_id, d.meter_id, COALESCE(m.code, '') AS code, COALESCE(u.code, '') AS unit_code, d.read_at, " \
    "COALESCE(m.commodity, 'electricity') AS commodity, "                                                         \
    "d.verdict, d.shown_wh, d.before_wh, d.before_at, d.capacity_wh, d.text, d.decision, "                        \
    "COALESCE(d.reason, '') AS reason, COALESCE(NULLIF(o.full_name, ''), o.name, '') AS decided_by, "             \
    "d.decided_at FROM page d LEFT JOIN meter m ON m.property_id = d.property_id AND m.meter_id = d.meter_id "    \
    "LEFT JOIN unit u ON u.property_id = d.property_id AND u.unit_id = m.unit_id "                                \
    "LEFT JOIN operator o ON o.operator_id = d.decided_by ORDER BY d.doubt_id DESC"
// clang-format on

DoubtedReading read(const pqxx::row& row) {
    DoubtedReading reading;
    reading.id = get<std::int64_t>(row, "doubt_id");
    reading.meter = get<core::MeterId>(row, "meter_id");
    reading.meter_code = get<std::string>(row, "code");
    reading.unit_code = get<std::string>(row, "unit_code");
    reading.read_at = get<core::Timestamp>(row, "read_at");
    reading.doubt.verdict = core::parse_plausibility(get<std::string>(row, "verdict"));
    reading.doubt.shown = get<core::Energy>(row, "shown_wh");
    reading.doubt.before = get<core::Energy>(row, "before_wh");
    reading.doubt.before_at = get<core::Timestamp>(row, "before_at");
    reading.doubt.capacity = get<std::optional<core::Energy>>(row, "capacity_wh");
    reading.doubt.text = get<std::string>(row, "text");
    if (const auto decision = get<std::optional<std::string>>(row, "decision")) {
        reading.decision = parse_doubt_decision(*decision);
    }
    reading.reason = get<std::string>(row, "reason");
    reading.decided_by = get<std::string>(row, "decided_by");
    reading.decided_at = get<std::optional<core::Timestamp>>(row, "decided_at");
    reading.commodity = core::parse_commodity(get<std::string>(row, "commodity"));
    return reading;
}

/// Moves the booking of an opened meter: up to what was believed it is use; from there on as the word says.
void go_on_booking(Transaction& tx, core::PropertyId property, const DoubtedReading& doubted,
                   const DoubtWord& word) {
    const auto links = tx.exec(
        "SELECT account_id, booked_energy_wh FROM account_meter WHERE property_id = $1 AND meter_id = $2 AND "
        "unlinked_at IS NULL AND booked_energy_wh IS NOT NULL FOR NO KEY UPDATE",
        property, doubted.meter);
    if (links.empty()) {
        return;
    }
    const auto account = get<core::AccountId>(links[0], "account_id");
    const auto& doubt = doubted.doubt;
    const bool rolled_over = word.decision == DoubtDecision::used &&
                             doubt.verdict == core::Plausibility::rollover && doubt.capacity;
    book_meter_up_to(tx, property, account, doubted.meter, rolled_over ? *doubt.capacity : doubt.before,
                     doubt.before_at);
    if (!rolled_over && word.decision != DoubtDecision::anew) {
        return;  // the difference is use: it is booked with what comes
    }
    tx.exec(
        "UPDATE account_meter SET booked_energy_wh = $3, booked_at = $4 WHERE property_id = $1 AND meter_id "
        "= $2 AND unlinked_at IS NULL AND booked_energy_wh IS NOT NULL",
        property, doubted.meter, rolled_over ? core::Energy{0} : doubt.shown, doubted.read_at);
}

}  // namespace

const char* to_string(DoubtDecision decision) {
    return core::detail::name_of(kDecisions, decision, "decision");
}

DoubtDecision parse_doubt_decision(const std::string& text) {
    return core::detail::value_of(kDecisions, text, "decision");
}

std::vector<DoubtedReading> list_doubted_readings(Transaction& tx, const DoubtFilter& filter,
                                                  std::int64_t before, int limit) {
    std::vector<DoubtedReading> list;
    for (const auto& row : tx.exec(
             "WITH page AS MATERIALIZED (SELECT * FROM doubted_reading WHERE property_id = $1 AND doubt_id < "
             "$2 AND ($3::bigint IS NULL OR meter_id = $3) AND (NOT $4::boolean OR decision IS NULL) ORDER "
             "BY doubt_id DESC LIMIT $5) " WUTONG_DOUBT_COLUMNS,
             filter.property, below(before), null_if_none(filter.meter), filter.open_only,
             checked_limit(limit))) {
        list.push_back(read(row));
    }
    return list;
}

std::optional<DoubtedReading> find_doubted_reading(Transaction& tx, core::PropertyId property,
                                                   std::int64_t id) {
    const auto rows = tx.exec(
        "WITH page AS MATERIALIZED (SELECT * FROM doubted_reading WHERE property_id = $1 AND doubt_id = "
        "$2) " WUTONG_DOUBT_COLUMNS,
        property, id);
    return rows.empty() ? std::nullopt : std::optional(read(rows[0]));
}

bool fits(core::Plausibility verdict, DoubtDecision decision) {
    using core::Plausibility;
    switch (decision) {
        case DoubtDecision::used:
            return verdict == Plausibility::jump || verdict == Plausibility::rollover;
        case DoubtDecision::anew:
            return !core::is_usable(verdict) && verdict != Plausibility::torn;
        case DoubtDecision::ignored:
            return true;
        case DoubtDecision::settled:
            return false;
    }
    return false;
}

bool decide_doubt(Transaction& tx, core::PropertyId property, std::int64_t id, const DoubtWord& word) {
    const auto locked = tx.exec(
        "SELECT 1 FROM doubted_reading WHERE property_id = $1 AND doubt_id = $2 AND decision IS NULL FOR NO "
        "KEY UPDATE",
        property, id);
    const auto doubted = find_doubted_reading(tx, property, id);
    if (locked.empty() || !doubted) {
        return false;
    }
    if (!fits(doubted->doubt.verdict, word.decision)) {
        throw std::logic_error(std::string("\"") + to_string(word.decision) + "\" can't be said of a " +
                               core::to_string(doubted->doubt.verdict));
    }
    if (word.decision == DoubtDecision::used || word.decision == DoubtDecision::anew) {
        go_on_booking(tx, property, *doubted, word);
        tx.exec(
            "UPDATE meter_state SET energy_wh = $3, energy_at = $4, register_decided_at = $5, changed_xid = "
            "pg_current_xact_id() WHERE property_id = $1 AND meter_id = $2 AND (energy_at IS NULL OR "
            "energy_at "
            "< $4)",
            property, doubted->meter, doubted->doubt.shown, doubted->read_at, word.at);
        clear_alarm(tx, {property, doubted->meter, {}, {}}, "implausible", word.at);
    }
    tx.exec(
        "UPDATE doubted_reading SET decision = $4, reason = $5, decided_by = $6, decided_at = $7 WHERE "
        "property_id = $1 AND meter_id = $2 AND doubt_id <= $3 AND decision IS NULL",
        property, doubted->meter, id, to_string(word.decision), word.reason, word.by, word.at);
    // What was used in those days may be another figure now.
    tx.exec(
        "INSERT INTO energy_due (property_id, from_at, to_at, meter_ids) VALUES ($1, least($2::timestamptz, "
        "$3), $3, ARRAY[$4::bigint])",
        property, doubted->doubt.before_at, doubted->read_at, doubted->meter);
    return true;
}

}  // namespace wutong::storage
