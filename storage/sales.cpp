#include "storage/sales.hpp"

#include <array>
#include <stdexcept>

#include "core/credit_delivery.hpp"
#include "core/names.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr auto kKinds = std::to_array<core::detail::Name<SaleKind>>({
    {SaleKind::opening, "opening"},
    {SaleKind::sale, "sale"},
    {SaleKind::refund, "refund"},
    {SaleKind::reversal, "reversal"},
    {SaleKind::closing, "closing"},
});

// clang-format off
#define WUTONG_SALE_COLUMNS                                                                                       \
    "SELECT s.sale_id, s.property_id, s.account_id, s.meter_id, s.kind, s.amount_e4, s.method, s.operator_id, "   \
    "s.entry_id, s.delivery_id, COALESCE(d.state, '') AS delivery_state, s.sold_at, s.price_e4, a.number, "       \
    "m.code, c.name, COALESCE(u.code, '') AS unit_code, "                                                         \
    "s.shift_id, s.point_id, COALESCE(v.code, '') AS point_code, COALESCE(s.receipt_no, 0) AS receipt_no, "       \
    "s.reprints, s.reverses_sale_id, s.charged_e4, "                                                                          \
    "COALESCE(NULLIF(o.full_name, ''), o.name, '') AS operator_name FROM page s "                                 \
    "JOIN account a ON a.property_id = s.property_id AND a.account_id = s.account_id "                            \
    "JOIN customer c ON c.property_id = a.property_id AND c.customer_id = a.customer_id "                         \
    "JOIN meter m ON m.property_id = s.property_id AND m.meter_id = s.meter_id "                                  \
    "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "                                \
    "LEFT JOIN operator o ON o.operator_id = s.operator_id "                                                      \
    "LEFT JOIN vending_point v ON v.property_id = s.property_id AND v.point_id = s.point_id "                     \
    "LEFT JOIN credit_delivery d ON d.property_id = s.property_id AND d.delivery_id = s.delivery_id "             \
    "ORDER BY s.sale_id DESC"
// clang-format on

StoredSale read(const pqxx::row& row) {
    StoredSale sale;
    sale.id = get<core::SaleId>(row, "sale_id");
    sale.property = get<core::PropertyId>(row, "property_id");
    sale.account = get<core::AccountId>(row, "account_id");
    sale.meter = get<core::MeterId>(row, "meter_id");
    sale.kind = core::detail::value_of(kKinds, get<std::string>(row, "kind"), "sale kind");
    sale.amount = get<core::Money>(row, "amount_e4");
    sale.method = core::parse_tender_method(get<std::string>(row, "method"));
    sale.operator_id = get<core::OperatorId>(row, "operator_id");
    sale.entry = get<core::EntryId>(row, "entry_id");
    sale.delivery = get<core::DeliveryId>(row, "delivery_id");
    sale.delivery_state = get<std::string>(row, "delivery_state");
    sale.sold_at = get<core::Timestamp>(row, "sold_at");
    sale.account_number = get<std::string>(row, "number");
    sale.meter_code = get<std::string>(row, "code");
    sale.customer = get<std::string>(row, "name");
    sale.unit_code = get<std::string>(row, "unit_code");
    sale.operator_name = get<std::string>(row, "operator_name");
    sale.price = get<std::optional<core::Price>>(row, "price_e4");
    sale.shift = get<core::ShiftId>(row, "shift_id");
    sale.point = get<core::VendingPointId>(row, "point_id");
    sale.point_code = get<std::string>(row, "point_code");
    sale.receipt_no = get<std::int64_t>(row, "receipt_no");
    sale.reprints = get<int>(row, "reprints");
    sale.reverses = get<core::SaleId>(row, "reverses_sale_id");
    sale.charged = get<core::Money>(row, "charged_e4");
    return sale;
}

struct Delivery {
    core::DeliveryKind kind;
    core::Money amount;
};

Delivery delivery_of(const NewSale& sale) {
    switch (sale.kind) {
        case SaleKind::opening:
            return {core::DeliveryKind::open, sale.amount};
        case SaleKind::sale:
            return {core::DeliveryKind::top_up, sale.credited()};
        case SaleKind::refund:
            return {core::DeliveryKind::refund, -sale.amount};
        case SaleKind::reversal:
            return {core::DeliveryKind::reversal, -sale.credited()};
        case SaleKind::closing:
            return {core::DeliveryKind::clear, core::Money{0}};
    }
    throw std::logic_error("a sale of no kind");
}

/// What a sale books at once; what goes to a meter books the rest when it has arrived.
std::optional<core::JournalEntry> entry_of(const NewSale& sale) {
    if (sale.amount <= core::Money{0}) {
        return std::nullopt;
    }
    if (sale.kind == SaleKind::sale || sale.kind == SaleKind::opening) {
        if (sale.taken.total() > core::Money{}) {
            return core::charged_sale_entry(sale.account, sale.method, sale.amount, sale.taken);
        }
        return sale.held ? core::held_sale_entry(sale.account, sale.method, sale.amount)
                         : core::sale_entry(sale.account, sale.method, sale.amount);
    }
    if (sale.held && sale.kind == SaleKind::refund) {
        return core::taken_back_entry(sale.account, sale.amount);
    }
    return std::nullopt;
}

}  // namespace

const char* to_string(SaleKind kind) {
    return core::detail::name_of(kKinds, kind, "sale kind");
}

SaleKind parse_sale_kind(const std::string& text) {
    return core::detail::value_of(kKinds, text, "sale kind");
}

SaleFacts lock_sale_facts(Transaction& tx, core::PropertyId property, core::AccountId account,
                          core::MeterId meter) {
    // A statement of its own: the next one then sees what those committed that held the lock before.
    tx.exec(
        "SELECT 1 FROM account_meter WHERE property_id = $1 AND account_id = $2 AND meter_id = $3 AND "
        "unlinked_at IS NULL "
        "FOR NO KEY UPDATE",
        property, account, meter);
    return read_sale_facts(tx, property, account, meter);
}

SaleFacts read_sale_facts(Transaction& tx, core::PropertyId property, core::AccountId account,
                          core::MeterId meter) {
    const auto row = tx.exec1(
        "SELECT COALESCE(a.number, '') AS number, COALESCE(a.state, '') AS state, COALESCE(c.name, '') AS "
        "customer, COALESCE(m.code, '') AS code, COALESCE(m.profile, '') AS profile, COALESCE(u.code, '') AS "
        "unit_code, EXISTS (SELECT FROM command k WHERE k.property_id = $1 AND k.meter_id = $3 AND k.kind = "
        "'switch_off' AND k.state IN ('queued', 'running')) AS switch_off_waiting, EXISTS (SELECT FROM "
        "tariff_assignment ta WHERE ta.property_id = $1 AND ta.plan_id IS NOT NULL) AS has_tariffs, "
        "am.meter_id IS NOT NULL AS linked, am.opened_on_meter_at IS NOT NULL AS opened, d.opening, "
        "COALESCE(am.purchase_number, 0) AS purchase_number, "
        "COALESCE(am.booked_price_e4, d.opening_price, m.price_e4, (SELECT value::bigint FROM parameter p "
        "WHERE p.property_id = $1 AND p.key = 'price_e4' AND p.value ~ '^[0-9]{1,10}$')) AS price_e4, "
        "s.balance_e4, s.answered_at, hc.charged_at, CASE WHEN hc.meter_id IS NOT NULL THEN "
        "COALESCE(hb.prepaid_credit_e4, 0) END AS held_balance, "
        "COALESCE(m.balance_max_e4, (SELECT value::bigint FROM parameter p WHERE p.property_id = $1 "
        "AND p.key = 'balance_max_e4' AND p.value ~ '^[0-9]{1,18}$')) AS balance_max, d.in_flight, "
        "d.unfinished, d.quarantined FROM (SELECT 1) AS one "
        "LEFT JOIN account a ON a.property_id = $1 AND a.account_id = $2 "
        "LEFT JOIN customer c ON c.property_id = $1 AND c.customer_id = a.customer_id "
        "LEFT JOIN account_meter am ON am.property_id = $1 AND am.account_id = a.account_id AND "
        "am.meter_id = $3 AND am.unlinked_at IS NULL "
        "LEFT JOIN meter m ON m.property_id = $1 AND m.meter_id = $3 "
        "LEFT JOIN unit u ON u.property_id = $1 AND u.unit_id = m.unit_id "
        "LEFT JOIN meter_state s ON s.property_id = $1 AND s.meter_id = $3 "
        "LEFT JOIN held_charge hc ON hc.property_id = $1 AND hc.meter_id = $3 AND hc.account_id = $2 AND "
        "hc.ended_at IS NULL "
        "LEFT JOIN account_balance hb ON hb.property_id = $1 AND hb.account_id = $2 AND hb.meter_id = $3 "
        "CROSS JOIN LATERAL (SELECT COALESCE(sum(cd.amount_e4) FILTER (WHERE cd.state <> 'quarantined'), "
        "0)::bigint AS in_flight, count(*) FILTER (WHERE cd.state <> 'quarantined') AS unfinished, "
        "COALESCE(bool_or(cd.state = 'quarantined'), false) AS quarantined, "
        "COALESCE(bool_or(cd.kind = 'open' AND cd.account_id = $2), false) AS opening, "
        "max((cd.settings ->> 'price_e4')::bigint) FILTER (WHERE cd.kind = 'open' AND cd.account_id = $2) AS "
        "opening_price FROM credit_delivery cd WHERE cd.property_id = $1 AND cd.meter_id = $3 AND cd.state "
        "IN ('queued', 'sending', 'unknown', 'quarantined')) d",
        property, account, meter);
    SaleFacts result;
    result.names = {get<std::string>(row, "number"),   get<std::string>(row, "state"),
                    get<std::string>(row, "customer"), get<std::string>(row, "code"),
                    get<std::string>(row, "profile"),  get<std::string>(row, "unit_code")};
    if (result.names.account_number.empty()) {
        return result;  // no such account: closed to everybody
    }
    result.switch_off_waiting = get<bool>(row, "switch_off_waiting");
    result.has_tariffs = get<bool>(row, "has_tariffs");
    result.opened_on_meter = get<bool>(row, "opened");
    result.opening = get<bool>(row, "opening");
    result.purchase_number = get<std::int64_t>(row, "purchase_number");
    result.unfinished_deliveries = get<int>(row, "unfinished");
    result.price = get<std::optional<core::Price>>(row, "price_e4");
    const auto balance = get<std::optional<core::Money>>(row, "balance_e4");
    if (balance && result.opened_on_meter) {
        result.balance_at = get<std::optional<core::Timestamp>>(row, "answered_at");
        result.facts.balance_known = *balance;
    }
    if (const auto held = get<std::optional<core::Money>>(row, "held_balance")) {
        result.held = true;
        result.facts.balance_known = *held;
        result.balance_at = get<std::optional<core::Timestamp>>(row, "charged_at");
    }
    result.facts.account_open = result.names.account_state == "open";
    result.facts.meter_linked = get<bool>(row, "linked");
    result.facts.delivery_quarantined = get<bool>(row, "quarantined");
    result.facts.in_flight = get<core::Money>(row, "in_flight");
    result.facts.balance_max = get<std::optional<core::Money>>(row, "balance_max");
    return result;
}

SaleIds insert_sale(Transaction& tx, core::PropertyId property, const NewSale& sale) {
    const Delivery delivery = delivery_of(sale);
    const auto entry = entry_of(sale);
    const bool nothing_left = sale.taken.total() > core::Money{} && sale.credited() == core::Money{};
    std::vector<std::string> accounts;
    std::vector<std::int64_t> owners;
    std::vector<core::Money> amounts;
    if (entry) {
        for (const auto& posting : entry->postings) {
            accounts.emplace_back(core::to_string(posting.account));
            owners.push_back(posting.owner);
            amounts.push_back(posting.amount);
        }
    }
    const auto row = tx.exec1(
        "WITH id AS MATERIALIZED (SELECT nextval('wutong.sale_sale_id_seq') AS sale_id), "
        "r AS (UPDATE receipt_counter SET last_number = last_number + 1 WHERE property_id = $1 AND point_id "
        "= "
        "$17 RETURNING last_number), "
        "e AS (INSERT INTO journal_entry (property_id, kind, account_id, meter_id, operator_id, request_id, "
        "shift_id) SELECT $1, $20, $2, $3, $4, $5::uuid, $16::bigint WHERE cardinality($11::text[]) > 0 "
        "RETURNING entry_id), "
        "p AS (INSERT INTO posting (property_id, entry_id, line, account, owner_id, amount_e4) "
        "SELECT $1, e.entry_id, u.line, u.account, u.owner_id, u.amount_e4 FROM e, "
        "unnest($11::text[], $12::bigint[], $13::bigint[]) WITH ORDINALITY AS u(account, owner_id, "
        "amount_e4, line)), "
        "d AS (INSERT INTO credit_delivery (property_id, meter_id, account_id, sale_id, kind, amount_e4, "
        "settings) "
        "SELECT $1, $3, $2, id.sale_id, $9, $10, $8::jsonb FROM id WHERE NOT $19::boolean RETURNING "
        "delivery_id) "
        "INSERT INTO sale (property_id, sale_id, kind, account_id, meter_id, amount_e4, method, operator_id, "
        "request_id, entry_id, "
        "delivery_id, price_e4, shift_id, point_id, receipt_no, reverses_sale_id, charged_e4) OVERRIDING "
        "SYSTEM "
        "VALUE "
        "SELECT $1, id.sale_id, $6, $2, $3, $7, $14, $4, $5::uuid, (SELECT entry_id FROM e), (SELECT "
        "delivery_id FROM d), $15::bigint, $16::bigint, $17::bigint, (SELECT last_number FROM r), "
        "$18::bigint, $21::bigint FROM id RETURNING sale_id, entry_id, delivery_id, sold_at, "
        "COALESCE(receipt_no, 0) AS "
        "receipt_no",
        property, sale.account, sale.meter, sale.operator_id, sale.request_id, to_string(sale.kind),
        sale.amount, sale.delivery_settings, core::to_string(delivery.kind), delivery.amount, accounts,
        owners, amounts, core::to_string(sale.method), sale.price, null_if_none(sale.shift),
        null_if_none(sale.point), null_if_none(sale.reverses), sale.withdrawn || sale.held || nothing_left,
        core::to_string(entry ? entry->kind : core::EntryKind::sale), sale.taken.total());
    return {get<core::SaleId>(row, "sale_id"), get<core::EntryId>(row, "entry_id"),
            get<core::DeliveryId>(row, "delivery_id"), get<core::Timestamp>(row, "sold_at"),
            get<std::int64_t>(row, "receipt_no")};
}

core::SaleId find_receipt_no(Transaction& tx, core::PropertyId property, const std::string& point,
                             std::int64_t number) {
    const auto rows = tx.exec(
        "SELECT s.sale_id FROM vending_point v JOIN sale s ON s.property_id = v.property_id AND s.point_id = "
        "v.point_id AND s.receipt_no = $3 WHERE v.property_id = $1 AND upper(v.code) = upper($2)",
        property, point, number);
    return rows.empty() ? core::SaleId{} : get<core::SaleId>(rows[0], "sale_id");
}

int count_reprint(Transaction& tx, core::PropertyId property, core::SaleId id) {
    const auto rows = tx.exec(
        "UPDATE sale SET reprints = reprints + 1 WHERE property_id = $1 AND sale_id = $2 RETURNING reprints",
        property, id);
    if (rows.empty()) {
        throw NotFound("sale " + std::to_string(id.value) + " is not there");
    }
    return get<int>(rows[0], "reprints");
}

std::optional<StoredSale> find_sale(Transaction& tx, core::PropertyId property, core::SaleId id) {
    const auto rows = tx.exec(
        "WITH page AS MATERIALIZED (SELECT * FROM sale WHERE property_id = $1 AND sale_id = "
        "$2) " WUTONG_SALE_COLUMNS,
        property, id);
    return rows.empty() ? std::nullopt : std::optional(read(rows[0]));
}

std::vector<StoredSale> list_sales(Transaction& tx, const SaleFilter& filter, core::SaleId before,
                                   int limit) {
    std::vector<StoredSale> sales;
    const std::optional<std::string> kind =
        filter.kind ? std::optional<std::string>(to_string(*filter.kind)) : std::nullopt;
    for (const auto& row :
         // The page is cut first, so that the joins are of a page and not of the property.
         tx.exec("WITH page AS MATERIALIZED (SELECT * FROM sale WHERE property_id = $1 AND sale_id < $2 "
                 "AND ($3::bigint IS NULL OR account_id = $3) AND ($4::timestamptz IS NULL OR sold_at >= $4) "
                 "AND ($5::timestamptz IS NULL OR sold_at < $5) AND ($6::bigint IS NULL OR meter_id = $6) "
                 "AND ($7::bigint IS NULL OR operator_id = $7) AND ($8::text IS NULL OR kind = $8) "
                 "AND ($10::bigint IS NULL OR shift_id = $10) "
                 "ORDER BY sale_id DESC LIMIT $9) " WUTONG_SALE_COLUMNS,
                 filter.property, below(before.value), null_if_none(filter.account), filter.from, filter.to,
                 null_if_none(filter.meter), null_if_none(filter.operator_id), kind, checked_limit(limit),
                 null_if_none(filter.shift))) {
        sales.push_back(read(row));
    }
    return sales;
}

}  // namespace wutong::storage
