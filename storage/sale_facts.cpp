#include "storage/sale_facts.hpp"

#include <algorithm>
#include <stdexcept>

#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_SALE_FACTS \
    "SELECT COALESCE(a.number, '') AS number, COALESCE(a.state, '') AS state, COALESCE(c.name, '') AS " \
    "customer, COALESCE(m.code, '') AS code, COALESCE(m.profile, '') AS profile, COALESCE(u.code, '') AS " \
    "unit_code, COALESCE(m.commodity, 'electricity') AS commodity, EXISTS (SELECT FROM command k WHERE k.property_id = $1 AND k.meter_id = ask.meter_id AND k.kind = " \
    "'switch_off' AND k.state IN ('queued', 'running')) AS switch_off_waiting, EXISTS (SELECT FROM " \
    "tariff_assignment ta WHERE ta.property_id = $1 AND ta.plan_id IS NOT NULL) AS has_tariffs, " \
    "am.meter_id IS NOT NULL AS linked, am.opened_on_meter_at IS NOT NULL AS opened, d.opening, " \
    "COALESCE(am.purchase_number, 0) AS purchase_number, " \
    "COALESCE(am.booked_price_e4, d.opening_price, m.price_e4, (SELECT value::bigint FROM parameter p " \
    "WHERE p.property_id = $1 AND p.key = CASE m.commodity WHEN 'water' THEN 'water_price_e4' ELSE 'price_e4' END AND p.value ~ '^[0-9]{1,10}$')) AS price_e4, " \
    "s.balance_e4, s.answered_at, hc.charged_at, CASE WHEN hc.meter_id IS NOT NULL THEN " \
    "COALESCE(hb.prepaid_credit_e4, 0) END AS held_balance, " \
    "COALESCE(m.balance_max_e4, (SELECT value::bigint FROM parameter p WHERE p.property_id = $1 " \
    "AND p.key = 'balance_max_e4' AND p.value ~ '^[0-9]{1,18}$')) AS balance_max, d.in_flight, " \
    "d.unfinished, d.quarantined "
#define WUTONG_SALE_FACTS_OF_ASKED \
    "LEFT JOIN account a ON a.property_id = $1 AND a.account_id = ask.account_id " \
    "LEFT JOIN customer c ON c.property_id = $1 AND c.customer_id = a.customer_id " \
    "LEFT JOIN account_meter am ON am.property_id = $1 AND am.account_id = a.account_id AND " \
    "am.meter_id = ask.meter_id AND am.unlinked_at IS NULL " \
    "LEFT JOIN meter m ON m.property_id = $1 AND m.meter_id = ask.meter_id " \
    "LEFT JOIN unit u ON u.property_id = $1 AND u.unit_id = m.unit_id " \
    "LEFT JOIN meter_state s ON s.property_id = $1 AND s.meter_id = ask.meter_id " \
    "LEFT JOIN held_charge hc ON hc.property_id = $1 AND hc.meter_id = ask.meter_id AND hc.account_id = ask.account_id AND " \
    "hc.ended_at IS NULL " \
    "LEFT JOIN account_balance hb ON hb.property_id = $1 AND hb.account_id = ask.account_id AND hb.meter_id = ask.meter_id " \
    "CROSS JOIN LATERAL (SELECT COALESCE(sum(cd.amount_e4) FILTER (WHERE cd.state <> 'quarantined'), " \
    "0)::bigint AS in_flight, count(*) FILTER (WHERE cd.state <> 'quarantined') AS unfinished, " \
    "COALESCE(bool_or(cd.state = 'quarantined'), false) AS quarantined, " \
    "COALESCE(bool_or(cd.kind = 'open' AND cd.account_id = ask.account_id), false) AS opening, " \
    "max((cd.settings ->> 'price_e4')::bigint) FILTER (WHERE cd.kind = 'open' AND cd.account_id = ask.account_id) AS " \
    "opening_price FROM credit_delivery cd WHERE cd.property_id = $1 AND cd.meter_id = ask.meter_id AND cd.state " \
    "IN ('queued', 'sending', 'unknown', 'quarantined')) d"
// clang-format on

// One row in the first place, not an array of one: the planner then knows that it is one.
const char* kOne = WUTONG_SALE_FACTS
    "FROM (SELECT $2::bigint AS account_id, $3::bigint AS meter_id) AS ask " WUTONG_SALE_FACTS_OF_ASKED;
const char* kSeveral = WUTONG_SALE_FACTS
    "FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY AS ask(account_id, meter_id, "
    "place) " WUTONG_SALE_FACTS_OF_ASKED " ORDER BY ask.place";

SaleFacts read(const pqxx::row& row) {
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
    result.commodity = core::parse_commodity(get<std::string>(row, "commodity"));
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

struct LinkColumns {
    std::vector<core::AccountId> accounts;
    std::vector<core::MeterId> meters;
    explicit LinkColumns(const std::vector<SaleLink>& links) {
        for (const auto& link : links) {
            accounts.push_back(link.account);
            meters.push_back(link.meter);
        }
    }
};

}  // namespace

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
    return read(tx.exec1(kOne, property, account, meter));
}

std::vector<std::size_t> lock_free_links(Transaction& tx, core::PropertyId property,
                                         const std::vector<SaleLink>& links,
                                         const std::vector<std::string>& requests) {
    const LinkColumns columns{links};
    std::vector<std::size_t> locked;
    for (const auto& row : tx.exec(
             "SELECT ask.place FROM unnest($2::bigint[], $3::bigint[], $4::uuid[]) WITH ORDINALITY AS "
             "ask(account_id, meter_id, request_id, place) JOIN account_meter am ON am.property_id = $1 AND "
             "am.account_id = ask.account_id AND am.meter_id = ask.meter_id AND am.unlinked_at IS NULL "
             "WHERE NOT EXISTS (SELECT FROM request r WHERE r.property_id = $1 AND r.request_id = "
             "ask.request_id) FOR NO KEY UPDATE OF am SKIP LOCKED",
             property, columns.accounts, columns.meters, requests)) {
        locked.push_back(static_cast<std::size_t>(get<std::int64_t>(row, "place") - 1));
    }
    std::sort(locked.begin(), locked.end());
    return locked;
}

std::vector<SaleFacts> read_sale_facts(Transaction& tx, core::PropertyId property,
                                       const std::vector<SaleLink>& links) {
    const LinkColumns columns{links};
    std::vector<SaleFacts> facts;
    for (const auto& row : tx.exec(kSeveral, property, columns.accounts, columns.meters)) {
        facts.push_back(read(row));
    }
    if (facts.size() != links.size()) {
        throw std::logic_error("the facts of " + std::to_string(links.size()) +
                               " sales were asked for, and " + std::to_string(facts.size()) + " came");
    }
    return facts;
}

}  // namespace wutong::storage
