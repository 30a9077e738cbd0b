#include "storage/balances.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// What use leaves unexplained is worked out here too, but only to sort by; cut to what a bigint holds.
// clang-format off
#define WUTONG_LINKS                                                                                              \
    "SELECT am.meter_id, am.account_id, am.opened_on_meter_at, am.booked_energy_wh, am.booked_remainder, "        \
    "am.booked_price_e4, am.purchase_number AS number_ledger, m.code, m.unit_id, m.profile, s.balance_e4, "       \
    "s.energy_wh, s.answered_at, s.purchase_number AS number_seen, COALESCE(b.prepaid_credit_e4, 0) AS "          \
    "ledger_e4, least(abs(COALESCE(s.balance_e4 - COALESCE(b.prepaid_credit_e4, 0) + "                            \
    "trunc((am.booked_price_e4::numeric * (s.energy_wh - am.booked_energy_wh) + am.booked_remainder) / 1000), "   \
    "0)), 9000000000000000000)::bigint AS rest_e4 FROM account_meter am "                                         \
    "JOIN meter m ON m.property_id = am.property_id AND m.meter_id = am.meter_id "                                \
    "LEFT JOIN meter_state s ON s.property_id = am.property_id AND s.meter_id = am.meter_id "                     \
    "LEFT JOIN account_balance b ON b.property_id = am.property_id AND b.account_id = am.account_id "             \
    "AND b.meter_id = am.meter_id "                                                                               \
    "WHERE am.property_id = $1 AND am.unlinked_at IS NULL AND am.opened_on_meter_at IS NOT NULL "                 \
    "AND NOT EXISTS (SELECT FROM held_charge h WHERE h.property_id = $1 AND h.meter_id = am.meter_id AND "        \
    "h.ended_at IS NULL) "
// The page is cut first; what is looked up per meter is looked up for a page.
#define WUTONG_FACTS                                                                                              \
    "SELECT l.*, a.number, c.name AS customer, COALESCE(u.code, '') AS unit_code, d.on_its_way, d.sent, "         \
    "d.sent_number, w.writes, w.used_wh, f.foreign_e4, "                                                          \
    "(p.low + least(q.doubt, 0))::bigint AS price_low, (p.high + greatest(q.doubt, 0))::bigint AS price_high "    \
    "FROM page l JOIN account a ON a.property_id = $1 AND a.account_id = l.account_id "                           \
    "JOIN customer c ON c.property_id = $1 AND c.customer_id = a.customer_id "                                    \
    "LEFT JOIN unit u ON u.property_id = $1 AND u.unit_id = l.unit_id "                                           \
    "CROSS JOIN LATERAL (SELECT COALESCE(sum(cd.amount_e4), 0)::bigint AS on_its_way, "                           \
    "COALESCE(sum(COALESCE(NULLIF(cd.amount_e4, 0), cd.write_amount_e4, 0)) FILTER (WHERE cd.state <> 'queued' "  \
    "AND cd.write_number IS NOT NULL), 0)::bigint AS sent, max(cd.write_number) FILTER (WHERE cd.state <> "       \
    "'queued') AS sent_number FROM credit_delivery cd WHERE cd.property_id = $1 AND cd.meter_id = l.meter_id "    \
    "AND cd.state IN ('queued', 'sending', 'unknown', 'quarantined')) d "                                         \
    "CROSS JOIN LATERAL (SELECT count(*) AS writes, COALESCE(sum(least(greatest(cd.after_energy_wh - "            \
    "cd.before_energy_wh, 0), 1000)), 0)::bigint AS used_wh FROM credit_delivery cd WHERE cd.property_id = $1 "   \
    "AND cd.meter_id = l.meter_id AND cd.account_id = l.account_id AND cd.state = 'delivered') w "                \
    "CROSS JOIN LATERAL (SELECT COALESCE(sum(x.jump_e4), 0)::bigint AS foreign_e4 FROM foreign_write x WHERE "    \
    "x.property_id = $1 AND x.meter_id = l.meter_id AND x.at >= l.opened_on_meter_at) f "                         \
    "CROSS JOIN LATERAL (SELECT COALESCE(sum(least(x.doubt, 0)), 0) AS low, COALESCE(sum(greatest(x.doubt, 0)), " \
    "0) AS high FROM (SELECT trunc((g.price_before_e4 - g.price_e4)::numeric * greatest(g.energy_wh - "           \
    "g.energy_sent_wh, 0) / 1000) AS doubt FROM price_change g WHERE g.property_id = $1 AND g.meter_id = "        \
    "l.meter_id AND g.account_id = l.account_id AND g.at >= l.opened_on_meter_at) x) p "                          \
    "CROSS JOIN LATERAL (SELECT COALESCE((SELECT trunc((l.booked_price_e4 - (k.arguments ->> 'price_e4')::"       \
    "bigint)::numeric * greatest(l.energy_wh - COALESCE((SELECT r.energy_wh FROM reading r WHERE r.property_id "  \
    "= $1 AND r.meter_id = l.meter_id AND r.read_at <= k.sent_at AND r.read_at > k.sent_at - interval '32 days' " \
    "AND r.energy_wh IS NOT NULL ORDER BY r.read_at DESC LIMIT 1), l.booked_energy_wh), 0) / 1000) "              \
    "FROM command k WHERE k.property_id = $1 AND k.meter_id = l.meter_id AND k.kind = 'set_price' AND k.sent_at " \
    "IS NOT NULL AND (k.state IN ('queued', 'running') OR EXISTS (SELECT FROM alarm z WHERE z.property_id = $1 "  \
    "AND z.meter_id = l.meter_id AND z.kind = 'price_unknown' AND z.cleared_at IS NULL)) "                        \
    "ORDER BY k.command_id DESC LIMIT 1), 0) AS doubt) q "
#define WUTONG_BALANCES(condition, order, limit)                                                                  \
    "WITH link AS (" WUTONG_LINKS "), page AS MATERIALIZED (SELECT * FROM link WHERE " condition                  \
    " ORDER BY " order limit ") " WUTONG_FACTS " ORDER BY " order
// clang-format on

std::vector<TwoBalances> read(const pqxx::result& rows) {
    std::vector<TwoBalances> found;
    found.reserve(rows.size());
    for (const auto& row : rows) {
        TwoBalances one;
        one.meter = get<core::MeterId>(row, "meter_id");
        one.account = get<core::AccountId>(row, "account_id");
        one.meter_code = get<std::string>(row, "code");
        one.unit_code = get<std::string>(row, "unit_code");
        one.profile = get<std::string>(row, "profile");
        one.account_number = get<std::string>(row, "number");
        one.customer = get<std::string>(row, "customer");
        one.opened_at = get<core::Timestamp>(row, "opened_on_meter_at");
        one.ledger = get<core::Money>(row, "ledger_e4");
        one.read_at = get<std::optional<core::Timestamp>>(row, "answered_at");
        if (one.read_at) {
            one.balance = get<std::optional<core::Money>>(row, "balance_e4");
            one.energy = get<std::optional<core::Energy>>(row, "energy_wh");
        }
        one.booked = get<std::optional<core::Energy>>(row, "booked_energy_wh");
        one.remainder = get<core::Remainder>(row, "booked_remainder");
        one.price = get<std::optional<core::Price>>(row, "booked_price_e4");
        one.on_its_way = get<core::Money>(row, "on_its_way");
        one.sent = get<core::Money>(row, "sent");
        one.sent_number = get<std::optional<std::int64_t>>(row, "sent_number");
        one.number_seen = get<std::optional<std::int64_t>>(row, "number_seen");
        one.number_ledger = get<std::int64_t>(row, "number_ledger");
        one.writes = get<std::int64_t>(row, "writes");
        one.used_meanwhile = get<core::Energy>(row, "used_wh");
        one.price_low = get<core::Money>(row, "price_low");
        one.price_high = get<core::Money>(row, "price_high");
        one.foreign = get<core::Money>(row, "foreign_e4");
        one.sort_key = get<core::Money>(row, "rest_e4");
        found.push_back(std::move(one));
    }
    return found;
}

void add(std::vector<BalanceEvidence>& all, const char* cause, const pqxx::result& rows) {
    for (const auto& row : rows) {
        BalanceEvidence one;
        one.cause = cause;
        one.at = get<core::Timestamp>(row, "at");
        one.amount = get<core::Money>(row, "amount_e4");
        one.text = get<std::string>(row, "text");
        one.entry = get<core::EntryId>(row, "entry_id");
        one.delivery = get<core::DeliveryId>(row, "delivery_id");
        one.command = get<core::CommandId>(row, "command_id");
        one.kind = get<std::string>(row, "kind");
        one.state = get<std::string>(row, "state");
        one.energy_from = get<std::optional<core::Energy>>(row, "energy_from");
        one.energy_to = get<std::optional<core::Energy>>(row, "energy_to");
        one.price = get<std::optional<core::Price>>(row, "price_e4");
        all.push_back(std::move(one));
    }
}

}  // namespace

BalanceCursor cursor_after(const TwoBalances& row) {
    return {row.meter_code, row.sort_key, row.read_at, row.meter};
}

std::vector<TwoBalances> list_two_balances(Transaction& tx, const BalanceFilter& filter,
                                           const BalanceCursor& after, int limit) {
    checked_limit(limit);
    switch (filter.order) {
        case BalanceOrder::meter_code:
            return read(
                tx.exec(WUTONG_BALANCES("profile = ANY ($2::text[]) AND code > $3", "code", " LIMIT $4"),
                        filter.property, filter.profiles, after.code, limit));
        case BalanceOrder::difference:
            return read(
                tx.exec(WUTONG_BALANCES(
                            "profile = ANY ($2::text[]) AND ($4::bigint = 0 OR rest_e4 < $3 OR (rest_e4 = "
                            "$3 AND meter_id > $4))",
                            "rest_e4 DESC, meter_id", " LIMIT $5"),
                        filter.property, filter.profiles, after.difference, after.meter, limit));
        case BalanceOrder::oldest_reading:
            return read(tx.exec(
                WUTONG_BALANCES("profile = ANY ($2::text[]) AND ($4::bigint = 0 OR (COALESCE(answered_at, "
                                "'-infinity'), meter_id) > (COALESCE($3::timestamptz, '-infinity'), "
                                "$4::bigint))",
                                "COALESCE(answered_at, '-infinity'), meter_id", " LIMIT $5"),
                filter.property, filter.profiles, after.read_at, after.meter, limit));
    }
    throw std::logic_error("an order without a statement");
}

std::vector<TwoBalances> two_balances_after(Transaction& tx, core::PropertyId property,
                                            const std::vector<std::string>& profiles, core::MeterId after,
                                            int limit) {
    return read(
        tx.exec(WUTONG_BALANCES("profile = ANY ($2::text[]) AND meter_id > $3", "meter_id", " LIMIT $4"),
                property, profiles, after, checked_limit(limit)));
}

std::vector<TwoBalances> find_two_balances(Transaction& tx, core::PropertyId property,
                                           const std::vector<core::MeterId>& meters) {
    return read(tx.exec(WUTONG_BALANCES("meter_id = ANY ($2::bigint[])", "meter_id", ""), property, meters));
}

std::vector<BalanceEvidence> balance_evidence(Transaction& tx, core::PropertyId property,
                                              const TwoBalances& row) {
    std::vector<BalanceEvidence> all;
    add(all, "ledger",
        tx.exec(
            "WITH page AS MATERIALIZED (SELECT * FROM journal_entry WHERE property_id = $1 AND account_id "
            "= $2 AND meter_id = $3 ORDER BY entry_id DESC LIMIT 50) "
            "SELECT e.booked_at AS at, -p.amount_e4 AS amount_e4, e.memo AS text, e.entry_id, NULL::bigint "
            "AS delivery_id, NULL::bigint AS command_id, e.kind, '' AS state, NULL::bigint AS "
            "energy_from, NULL::bigint AS energy_to, NULL::bigint AS price_e4 FROM page e JOIN posting p "
            "ON p.property_id = $1 AND p.entry_id = e.entry_id AND p.account = 'prepaid_credit' "
            "ORDER BY e.entry_id DESC",
            property, row.account, row.meter));
    add(all, "in_flight",
        tx.exec(
            "SELECT COALESCE(d.sent_at, d.queued_at) AS at, COALESCE(NULLIF(d.amount_e4, 0), "
            "d.write_amount_e4, 0) AS amount_e4, d.reason AS text, NULL::bigint AS entry_id, "
            "d.delivery_id, NULL::bigint AS command_id, d.kind, d.state, d.before_energy_wh AS "
            "energy_from, d.after_energy_wh AS energy_to, NULL::bigint AS price_e4 FROM credit_delivery d "
            "WHERE d.property_id = $1 AND d.meter_id = $2 AND d.state IN ('queued', 'sending', 'unknown', "
            "'quarantined') ORDER BY d.delivery_id DESC LIMIT 50",
            property, row.meter));
    add(all, "use_not_booked",
        tx.exec(
            "SELECT COALESCE(am.booked_at, am.opened_on_meter_at) AS at, 0::bigint AS amount_e4, 'booked "
            "up to, and as read' AS text, (SELECT e.entry_id FROM journal_entry e WHERE "
            "e.property_id = $1 AND e.account_id = $2 AND e.meter_id = $3 AND e.kind = 'consumption' "
            "ORDER BY e.entry_id DESC LIMIT 1) AS entry_id, NULL::bigint AS delivery_id, NULL::bigint AS "
            "command_id, '' AS kind, '' AS state, "
            "am.booked_energy_wh AS energy_from, s.energy_wh AS energy_to, am.booked_price_e4 AS price_e4 "
            "FROM account_meter am LEFT JOIN meter_state s ON s.property_id = $1 AND s.meter_id = $3 "
            "WHERE am.property_id = $1 AND am.account_id = $2 AND am.meter_id = $3 AND am.unlinked_at IS "
            "NULL",
            property, row.account, row.meter));
    add(all, "price_change",
        tx.exec(
            "(SELECT g.at, trunc((g.price_before_e4 - g.price_e4)::numeric * greatest(g.energy_wh - "
            "g.energy_sent_wh, 0) / 1000)::bigint AS amount_e4, 'booked at the price before up to the "
            "second register; the meter may have charged the new one since the first' AS text, "
            "NULL::bigint AS entry_id, NULL::bigint AS delivery_id, g.command_id, 'set_price' AS kind, "
            "'done' AS state, g.energy_sent_wh AS energy_from, g.energy_wh AS energy_to, g.price_e4 FROM "
            "price_change g WHERE g.property_id = $1 AND g.meter_id = $3 AND g.account_id = $2 AND g.at >= "
            "$4 ORDER BY g.at DESC LIMIT 50) UNION ALL "
            "(SELECT k.sent_at, 0::bigint, 'sent, and not confirmed' AS text, NULL, NULL, k.command_id, "
            "k.kind, k.state, NULL, NULL, (k.arguments ->> 'price_e4')::bigint FROM command k WHERE "
            "k.property_id = $1 AND k.meter_id = $3 AND k.kind = 'set_price' AND k.sent_at IS NOT NULL AND "
            "k.state IN ('queued', 'running') ORDER BY k.command_id DESC LIMIT 1)",
            property, row.account, row.meter, row.opened_at));
    add(all, "rounding",
        tx.exec(
            "SELECT COALESCE(d.finished_at, d.queued_at) AS at, d.amount_e4, 'an absolute write: what was "
            "used between the looks may not have been charged' AS text, d.entry_id, d.delivery_id, "
            "NULL::bigint AS command_id, d.kind, d.state, d.before_energy_wh AS energy_from, "
            "d.after_energy_wh AS energy_to, NULL::bigint AS price_e4 FROM credit_delivery d WHERE "
            "d.property_id = $1 AND d.meter_id = $3 AND d.account_id = $2 AND d.state = 'delivered' ORDER "
            "BY d.delivery_id DESC LIMIT 50",
            property, row.account, row.meter));
    add(all, "foreign_write",
        tx.exec("SELECT f.at, f.jump_e4 AS amount_e4, 'the balance went from ' || round(f.balance_before_e4 "
                "/ 10000.0, 2) || ' to ' || round(f.balance_e4 / 10000.0, 2) AS text, NULL::bigint AS "
                "entry_id, NULL::bigint AS "
                "delivery_id, NULL::bigint AS command_id, '' AS kind, '' AS state, f.energy_before_wh AS "
                "energy_from, f.energy_wh AS energy_to, NULL::bigint AS price_e4 FROM foreign_write f WHERE "
                "f.property_id = $1 AND f.meter_id = $2 AND f.at >= $3 ORDER BY f.at DESC LIMIT 50",
                property, row.meter, row.opened_at));
    return all;
}

}  // namespace wutong::storage
