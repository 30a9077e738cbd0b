#include "storage/statements.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

core::Timestamp statement_end(Transaction& tx, core::PropertyId property, core::AccountId account,
                              core::Timestamp now) {
    const auto rows = tx.exec(
        "SELECT greatest($3::timestamptz, booked_at + interval '1 microsecond') AS until FROM journal_entry "
        "WHERE property_id = $1 AND account_id = $2 ORDER BY entry_id DESC LIMIT 1",
        property, account, now);
    return rows.empty() ? now : get<core::Timestamp>(rows[0], "until");
}

StatementSums statement_sums(Transaction& tx, const StatementSpan& span, core::EntryId after) {
    const auto row = tx.exec1(
        "WITH own AS MATERIALIZED (SELECT e.kind, e.entry_id, e.booked_at, -p.amount_e4 AS amount FROM "
        "posting p JOIN journal_entry e ON e.property_id = p.property_id AND e.entry_id = p.entry_id WHERE "
        "p.property_id = $1 AND p.account IN ('prepaid_credit', 'credit_in_flight', 'unallocated_credit', "
        "'refund_payable') AND p.owner_id = $2 AND e.booked_at < $4), "
        "taken AS (SELECT e.kind, -sum(p.amount_e4) AS amount FROM journal_entry e JOIN posting p USING "
        "(property_id, entry_id) WHERE e.property_id = $1 AND e.account_id = $2 AND e.booked_at >= $3 AND "
        "e.booked_at < $4 AND e.kind IN ('sale', 'reversal', 'correction') AND p.account IN ('revenue', "
        "'charges', 'tax') GROUP BY e.kind), "
        // Charges beside the energy: paid in and used at once, given back by a reversal, or set off at the
        // end.
        "charged AS (SELECT COALESCE(sum(amount), 0) AS used, COALESCE(sum(amount) FILTER (WHERE kind = "
        "'sale'), 0) AS paid_in, COALESCE(-sum(amount) FILTER (WHERE kind = 'reversal'), 0) AS paid_out, "
        "COALESCE(sum(amount) FILTER (WHERE kind = 'correction'), 0) AS set_off FROM taken) "
        "SELECT COALESCE(sum(amount) FILTER (WHERE booked_at < $3), 0)::bigint AS opening, "
        "COALESCE(sum(amount), 0)::bigint AS closing, "
        "(COALESCE(sum(amount) FILTER (WHERE booked_at >= $3 AND kind = 'sale'), 0) + (SELECT paid_in FROM "
        "charged))::bigint AS paid_in, "
        "(COALESCE(-sum(amount) FILTER (WHERE booked_at >= $3 AND kind = 'consumption'), 0) + (SELECT used "
        "FROM "
        "charged))::bigint AS used, "
        "(COALESCE(-sum(amount) FILTER (WHERE booked_at >= $3 AND kind IN ('refund_payout', 'reversal')), 0) "
        "+ "
        "(SELECT paid_out FROM charged))::bigint AS paid_out, "
        "(COALESCE(sum(amount) FILTER (WHERE booked_at >= $3 AND kind NOT IN ('sale', 'consumption', "
        "'refund_payout', 'reversal')), 0) + (SELECT set_off FROM charged))::bigint AS other, "
        "(SELECT COALESCE(-sum(p.amount_e4), 0) FROM posting p JOIN journal_entry e ON e.property_id = "
        "p.property_id AND e.entry_id = p.entry_id WHERE p.property_id = $1 AND p.account = 'deposit' AND "
        "p.owner_id = $2 AND e.booked_at < $4)::bigint AS deposit, "
        "COALESCE(sum(amount) FILTER (WHERE booked_at < $3 OR entry_id <= $5), 0)::bigint AS before_page "
        "FROM own",
        span.property, span.account, span.from, span.to, after);
    return {get<core::Money>(row, "opening"),  get<core::Money>(row, "closing"),
            get<core::Money>(row, "paid_in"),  get<core::Money>(row, "used"),
            get<core::Money>(row, "paid_out"), get<core::Money>(row, "other"),
            get<core::Money>(row, "deposit"),  get<core::Money>(row, "before_page")};
}

std::vector<StatementLine> statement_lines(Transaction& tx, const StatementSpan& span, core::EntryId after,
                                           int limit) {
    std::vector<StatementLine> lines;
    for (const auto& row : tx.exec(
             "WITH page AS MATERIALIZED (SELECT * FROM journal_entry WHERE property_id = $1 AND account_id = "
             "$2 AND booked_at >= $3 AND booked_at < $4 AND entry_id > $5 ORDER BY entry_id LIMIT $6) "
             "SELECT e.entry_id, e.booked_at, e.kind, e.memo, COALESCE(m.code, '') AS meter_code, "
             "COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name, t.change, t.moved, "
             "t.off_meter, t.charged, t.method, s.sale_id, COALESCE(v.code, '') AS point_code, "
             "COALESCE(s.receipt_no, "
             "0) AS receipt_no FROM page e "
             "CROSS JOIN LATERAL (SELECT COALESCE(-sum(p.amount_e4) FILTER (WHERE p.owner_id = $2 AND "
             "p.account IN ('prepaid_credit', 'credit_in_flight', 'unallocated_credit', 'refund_payable')), "
             "0)::bigint AS change, sum(p.amount_e4) FILTER (WHERE p.amount_e4 > 0)::bigint AS moved, "
             "COALESCE(bool_or(p.account = 'prepaid_credit' AND p.amount_e4 > 0), false) AS off_meter, "
             "COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account IN ('revenue', 'charges', 'tax') AND e.kind "
             "IN "
             "('sale', 'reversal')), 0)::bigint AS charged, "
             "max(p.owner_id) FILTER (WHERE p.account = 'tender') AS method FROM posting p WHERE "
             "p.property_id = $1 AND p.entry_id = e.entry_id) AS t "
             "LEFT JOIN meter m ON m.property_id = $1 AND m.meter_id = e.meter_id "
             "LEFT JOIN operator o ON o.operator_id = e.operator_id "
             "LEFT JOIN sale s ON s.property_id = $1 AND s.request_id = e.request_id AND s.meter_id = "
             "e.meter_id "
             "LEFT JOIN vending_point v ON v.property_id = $1 AND v.point_id = s.point_id "
             "ORDER BY e.entry_id",
             span.property, span.account, span.from, span.to, after, checked_limit(limit))) {
        StatementLine line;
        line.entry = get<core::EntryId>(row, "entry_id");
        line.booked_at = get<core::Timestamp>(row, "booked_at");
        line.kind = core::parse_entry_kind(get<std::string>(row, "kind"));
        line.memo = get<std::string>(row, "memo");
        line.meter_code = get<std::string>(row, "meter_code");
        line.operator_name = get<std::string>(row, "operator_name");
        line.change = get<core::Money>(row, "change");
        line.moved = get<core::Money>(row, "moved");
        line.off_meter = get<bool>(row, "off_meter");
        line.charged = get<core::Money>(row, "charged");
        if (const auto method = get<std::optional<std::int64_t>>(row, "method")) {
            line.method = static_cast<core::TenderMethod>(*method);
        }
        line.sale = get<core::SaleId>(row, "sale_id");
        line.point_code = get<std::string>(row, "point_code");
        line.receipt_no = get<std::int64_t>(row, "receipt_no");
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<StatementMeter> statement_meters(Transaction& tx, const StatementSpan& span) {
    std::vector<StatementMeter> meters;
    for (const auto& row : tx.exec(
             "WITH link AS MATERIALIZED (SELECT meter_id, linked_at, greatest(opened_on_meter_at, $3) AS "
             "since, least(COALESCE(unlinked_at, $4), $4) AS until FROM account_meter WHERE property_id = $1 "
             "AND account_id = $2 AND opened_on_meter_at < $4 AND (unlinked_at IS NULL OR unlinked_at > $3)) "
             "SELECT l.meter_id, m.code, m.commodity, COALESCE(u.code, '') AS unit_code, a.energy_wh AS "
             "first_wh, "
             "a.read_at AS first_at, b.energy_wh AS last_wh, b.read_at AS last_at FROM link l "
             "JOIN meter m ON m.property_id = $1 AND m.meter_id = l.meter_id "
             "LEFT JOIN unit u ON u.property_id = $1 AND u.unit_id = m.unit_id "
             "LEFT JOIN LATERAL (SELECT r.energy_wh, r.read_at FROM readings_between($1, l.meter_id, "
             "l.since, l.until) AS "
             "r WHERE r.energy_wh IS NOT NULL ORDER BY r.read_at LIMIT 1) AS a ON true "
             "LEFT JOIN LATERAL (SELECT r.energy_wh, r.read_at FROM readings_between($1, l.meter_id, "
             "l.since, l.until) AS "
             "r WHERE r.energy_wh IS NOT NULL ORDER BY r.read_at DESC LIMIT 1) AS b ON true ORDER BY "
             "l.linked_at, l.meter_id",
             span.property, span.account, span.from, span.to)) {
        meters.push_back({get<core::MeterId>(row, "meter_id"), get<std::string>(row, "code"),
                          get<std::string>(row, "unit_code"),
                          get<std::optional<core::Energy>>(row, "first_wh"),
                          get<std::optional<core::Energy>>(row, "last_wh"),
                          get<std::optional<core::Timestamp>>(row, "first_at"),
                          get<std::optional<core::Timestamp>>(row, "last_at"),
                          core::parse_commodity(get<std::string>(row, "commodity"))});
    }
    return meters;
}

std::optional<SealedAt> statement_seal(Transaction& tx, const StatementSpan& span) {
    const auto rows = tx.exec(
        "SELECT c.entry_id, c.position, encode(c.hash, 'hex') AS hash FROM journal_entry e JOIN "
        "journal_chain c ON c.property_id = e.property_id AND c.entry_id = e.entry_id WHERE e.property_id = "
        "$1 AND e.account_id = $2 AND e.booked_at >= $3 AND e.booked_at < $4 ORDER BY e.entry_id DESC LIMIT "
        "1",
        span.property, span.account, span.from, span.to);
    if (rows.empty()) {
        return std::nullopt;
    }
    return SealedAt{get<core::EntryId>(rows[0], "entry_id"), get<std::int64_t>(rows[0], "position"),
                    get<std::string>(rows[0], "hash")};
}

}  // namespace wutong::storage
