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

/// Sales as arrays, a place in them for each.
struct SaleColumns {
    std::vector<std::string> kinds, methods, requests, settings;
    std::vector<core::AccountId> accounts;
    std::vector<core::MeterId> meters;
    std::vector<core::Money> amounts, charged, delivered;
    std::vector<core::OperatorId> operators;
    std::vector<std::optional<core::Price>> prices;
    std::vector<SqlValue> shifts, points, reverses;
    std::vector<SqlValue> entries, deliveries;  ///< their kinds; NULL: none
    // A place for each posting of each entry.
    std::vector<std::size_t> places, lines;
    std::vector<std::string> ledger_accounts;
    std::vector<std::int64_t> owners;
    std::vector<core::Money> posted;

    void add(const NewSale& sale) {
        const Delivery delivery = delivery_of(sale);
        const auto entry = entry_of(sale);
        const bool nothing_left = sale.taken.total() > core::Money{} && sale.credited() == core::Money{};
        const bool to_meter = !sale.withdrawn && !sale.held && !nothing_left;
        kinds.emplace_back(to_string(sale.kind));
        accounts.push_back(sale.account);
        meters.push_back(sale.meter);
        amounts.push_back(sale.amount);
        methods.emplace_back(core::to_string(sale.method));
        operators.push_back(sale.operator_id);
        requests.push_back(sale.request_id);
        settings.push_back(sale.delivery_settings);
        charged.push_back(sale.taken.total());
        prices.push_back(sale.price);
        shifts.push_back(null_if_none(sale.shift));
        points.push_back(null_if_none(sale.point));
        reverses.push_back(null_if_none(sale.reverses));
        delivered.push_back(delivery.amount);
        deliveries.emplace_back(to_meter ? SqlValue(core::to_string(delivery.kind)) : SqlValue(nullptr));
        entries.emplace_back(entry ? SqlValue(core::to_string(entry->kind)) : SqlValue(nullptr));
        if (entry) {
            std::size_t line = 0;
            for (const auto& posting : entry->postings) {
                places.push_back(kinds.size());
                lines.push_back(++line);
                ledger_accounts.emplace_back(core::to_string(posting.account));
                owners.push_back(posting.owner);
                posted.push_back(posting.amount);
            }
        }
    }
};

// The keys are taken first, in the order of the sales: what is written then refers to each other by them.
const char* kInsertSales =
    "WITH n AS MATERIALIZED (SELECT u.*, nextval('wutong.sale_sale_id_seq') AS sale_id, "
    "CASE WHEN u.entry_kind IS NOT NULL THEN nextval('wutong.journal_entry_entry_id_seq') END AS entry_id, "
    "CASE WHEN u.delivery_kind IS NOT NULL THEN nextval('wutong.credit_delivery_delivery_id_seq') END AS "
    "delivery_id "
    "FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::uuid[], "
    "$9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], "
    "$16::bigint[], $17::text[]) WITH ORDINALITY AS u(kind, account_id, meter_id, amount_e4, method, "
    "operator_id, request_id, price_e4, shift_id, point_id, reverses_sale_id, charged_e4, entry_kind, "
    "delivery_kind, delivery_e4, settings, place)), "
    "r AS (UPDATE receipt_counter c SET last_number = c.last_number + k.sales FROM (SELECT point_id, "
    "count(*) "
    "AS sales FROM n WHERE point_id IS NOT NULL GROUP BY point_id) k WHERE c.property_id = $1 AND c.point_id "
    "= k.point_id RETURNING c.point_id, c.last_number - k.sales AS before), "
    "e AS (INSERT INTO journal_entry (property_id, entry_id, kind, account_id, meter_id, operator_id, "
    "request_id, shift_id) OVERRIDING SYSTEM VALUE SELECT $1, entry_id, entry_kind, account_id, meter_id, "
    "operator_id, request_id, shift_id FROM n WHERE entry_id IS NOT NULL), "
    "p AS (INSERT INTO posting (property_id, entry_id, line, account, owner_id, amount_e4) "
    "SELECT $1, n.entry_id, u.line, u.account, u.owner_id, u.amount_e4 FROM unnest($18::bigint[], "
    "$19::smallint[], $20::text[], $21::bigint[], $22::bigint[]) AS u(place, line, account, owner_id, "
    "amount_e4) JOIN n USING (place)), "
    "d AS (INSERT INTO credit_delivery (property_id, delivery_id, meter_id, account_id, sale_id, kind, "
    "amount_e4, settings) OVERRIDING SYSTEM VALUE SELECT $1, delivery_id, meter_id, account_id, sale_id, "
    "delivery_kind, delivery_e4, settings::jsonb FROM n WHERE delivery_id IS NOT NULL) "
    "INSERT INTO sale (property_id, sale_id, kind, account_id, meter_id, amount_e4, method, operator_id, "
    "request_id, entry_id, delivery_id, price_e4, shift_id, point_id, receipt_no, reverses_sale_id, "
    "charged_e4) OVERRIDING SYSTEM VALUE "
    "SELECT $1, n.sale_id, n.kind, n.account_id, n.meter_id, n.amount_e4, n.method, n.operator_id, "
    "n.request_id, n.entry_id, n.delivery_id, n.price_e4, n.shift_id, n.point_id, r.before + row_number() "
    "OVER (PARTITION BY n.point_id ORDER BY n.place), n.reverses_sale_id, n.charged_e4 FROM n LEFT JOIN r "
    "USING (point_id) ORDER BY n.place "
    "RETURNING sale_id, entry_id, delivery_id, sold_at, COALESCE(receipt_no, 0) AS receipt_no, meter_id";

}  // namespace

const char* to_string(SaleKind kind) {
    return core::detail::name_of(kKinds, kind, "sale kind");
}

SaleKind parse_sale_kind(const std::string& text) {
    return core::detail::value_of(kKinds, text, "sale kind");
}

SaleIds insert_sale(Transaction& tx, core::PropertyId property, const NewSale& sale) {
    return insert_sales(tx, property, {sale}).front();
}

std::vector<SaleIds> insert_sales(Transaction& tx, core::PropertyId property,
                                  const std::vector<NewSale>& sales) {
    if (sales.empty() || sales.size() > kSalesAtOnce) {
        throw std::invalid_argument("1 to " + std::to_string(kSalesAtOnce) +
                                    " sales can be written at once, not " + std::to_string(sales.size()));
    }
    SaleColumns columns;
    for (const auto& sale : sales) {
        columns.add(sale);
    }
    const auto rows =
        tx.exec(kInsertSales, property, columns.kinds, columns.accounts, columns.meters, columns.amounts,
                columns.methods, columns.operators, columns.requests, columns.prices, columns.shifts,
                columns.points, columns.reverses, columns.charged, columns.entries, columns.deliveries,
                columns.delivered, columns.settings, columns.places, columns.lines, columns.ledger_accounts,
                columns.owners, columns.posted);
    if (static_cast<std::size_t>(rows.size()) != sales.size()) {
        throw std::logic_error(std::to_string(sales.size()) + " sales were to be written, and " +
                               std::to_string(rows.size()) + " were");
    }
    std::vector<SaleIds> ids;
    for (const auto& row : rows) {
        if (get<core::MeterId>(row, "meter_id") != sales[ids.size()].meter) {
            throw std::logic_error("sales came back in another order than they were written in");
        }
        ids.push_back({get<core::SaleId>(row, "sale_id"), get<core::EntryId>(row, "entry_id"),
                       get<core::DeliveryId>(row, "delivery_id"), get<core::Timestamp>(row, "sold_at"),
                       get<std::int64_t>(row, "receipt_no")});
    }
    return ids;
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
