#include "storage/accounts.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/names.hpp"
#include "storage/closing.hpp"
#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr auto kStates = std::to_array<core::detail::Name<AccountState>>({
    {AccountState::open, "open"},
    {AccountState::closing, "closing"},
    {AccountState::closed, "closed"},
});

// clang-format off
#define WUTONG_ACCOUNT_COLUMNS                                                                          \
    "a.property_id, a.account_id, a.number, a.state, a.opened_at, a.closed_at, a.customer_id, c.name, c.phone, c.note "
// clang-format on

Account read(const pqxx::row& row) {
    Account account;
    account.property = get<core::PropertyId>(row, "property_id");
    account.id = get<core::AccountId>(row, "account_id");
    account.number = get<std::string>(row, "number");
    account.state = parse_account_state(get<std::string>(row, "state"));
    account.opened_at = get<core::Timestamp>(row, "opened_at");
    account.closed_at = get<std::optional<core::Timestamp>>(row, "closed_at");
    account.customer = {get<core::CustomerId>(row, "customer_id"), get<std::string>(row, "name"),
                        get<std::string>(row, "phone"), get<std::string>(row, "note")};
    return account;
}

/// The meters of all `accounts`, in one statement.
void add_meters(Transaction& tx, core::PropertyId property, std::vector<Account>& accounts) {
    std::map<core::AccountId, std::vector<AccountMeter>*> by_id;
    std::vector<core::AccountId> ids;
    for (auto& account : accounts) {
        by_id[account.id] = &account.meters;
        ids.push_back(account.id);
    }
    for (const auto& row : tx.exec(
             "SELECT am.account_id, am.meter_id, m.code AS meter_code, COALESCE(u.code, '') AS unit_code, "
             "am.linked_at, am.unlinked_at, "
             "am.opened_on_meter_at, am.purchase_number, s.balance_e4, s.answered_at FROM account_meter am "
             "JOIN meter m ON m.property_id = am.property_id AND m.meter_id = am.meter_id "
             "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
             "LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = m.meter_id "
             "WHERE am.property_id = $1 AND am.account_id = ANY ($2::bigint[]) "
             "ORDER BY am.account_id, am.unlinked_at IS NOT NULL, am.linked_at, am.meter_id",
             property, ids)) {
        AccountMeter meter;
        meter.meter = get<core::MeterId>(row, "meter_id");
        meter.meter_code = get<std::string>(row, "meter_code");
        meter.unit_code = get<std::string>(row, "unit_code");
        meter.linked_at = get<core::Timestamp>(row, "linked_at");
        meter.unlinked_at = get<std::optional<core::Timestamp>>(row, "unlinked_at");
        meter.opened_on_meter_at = get<std::optional<core::Timestamp>>(row, "opened_on_meter_at");
        meter.purchase_number = get<std::int64_t>(row, "purchase_number");
        meter.meter_balance = get<std::optional<core::Money>>(row, "balance_e4");
        meter.read_at = get<std::optional<core::Timestamp>>(row, "answered_at");
        by_id.at(get<core::AccountId>(row, "account_id"))->push_back(std::move(meter));
    }
}

std::optional<Account> first(Transaction& tx, core::PropertyId property, const pqxx::result& rows) {
    if (rows.empty()) {
        return std::nullopt;
    }
    std::vector<Account> accounts{read(rows[0])};
    add_meters(tx, property, accounts);
    return std::move(accounts.front());
}

/// Text to be found anywhere in a column, taken literally.
std::string containing(const std::string& text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') {
            pattern.push_back('\\');
        }
        pattern.push_back(c);
    }
    return pattern + "%";
}

NotFound no_account(core::PropertyId property, core::AccountId id) {
    return NotFound("account " + std::to_string(id.value) + " of property " + std::to_string(property.value) +
                    " is not there");
}

}  // namespace

const char* to_string(AccountState state) {
    return core::detail::name_of(kStates, state, "account state");
}
AccountState parse_account_state(const std::string& text) {
    return core::detail::value_of(kStates, text, "account state");
}

core::CustomerId create_customer(Transaction& tx, core::PropertyId property, const Customer& customer) {
    const auto row = tx.exec1(
        "INSERT INTO customer (property_id, name, phone, note) VALUES ($1, $2, $3, $4) RETURNING customer_id",
        property, customer.name, customer.phone, customer.note);
    return get<core::CustomerId>(row, "customer_id");
}

std::optional<Customer> find_customer(Transaction& tx, core::PropertyId property, core::CustomerId id) {
    const auto rows = tx.exec(
        "SELECT name, phone, note FROM customer WHERE property_id = $1 AND customer_id = $2", property, id);
    if (rows.empty()) {
        return std::nullopt;
    }
    return Customer{id, get<std::string>(rows[0], "name"), get<std::string>(rows[0], "phone"),
                    get<std::string>(rows[0], "note")};
}

void update_customer(Transaction& tx, core::PropertyId property, const Customer& customer) {
    const auto rows = tx.exec(
        "UPDATE customer SET name = $3, phone = $4, note = $5 WHERE property_id = $1 AND customer_id = $2",
        property, customer.id, customer.name, customer.phone, customer.note);
    if (rows.affected_rows() != 1) {
        throw NotFound("customer " + std::to_string(customer.id.value) + " of property " +
                       std::to_string(property.value) + " is not there");
    }
}

core::AccountId open_account(Transaction& tx, core::PropertyId property, core::CustomerId customer,
                             const std::string& number) {
    if (!number.empty()) {
        const auto row = tx.exec1(
            "INSERT INTO account (property_id, customer_id, number) VALUES ($1, $2, $3) RETURNING account_id",
            property, customer, number);
        return get<core::AccountId>(row, "account_id");
    }
    // The number is made from the key, which is known only afterwards; until then it holds something nobody
    // types.
    const auto row = tx.exec1(
        "INSERT INTO account (property_id, customer_id, number) VALUES ($1, $2, 'new ' || "
        "left(gen_random_uuid()::text, 28)) "
        "RETURNING account_id",
        property, customer);
    const auto id = get<core::AccountId>(row, "account_id");
    tx.exec(
        "UPDATE account SET number = lpad(account_id::text, greatest(8, length(account_id::text)), '0') "
        "WHERE property_id = $1 AND account_id = $2",
        property, id);
    return id;
}

void link_meter(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter) {
    tx.exec("INSERT INTO account_meter (property_id, account_id, meter_id) VALUES ($1, $2, $3)", property,
            account, meter);
}

std::optional<std::vector<core::MeterId>> begin_closing(Transaction& tx, core::PropertyId property,
                                                        core::AccountId account, core::Timestamp now) {
    const auto state =
        tx.exec("SELECT state FROM account WHERE property_id = $1 AND account_id = $2 FOR NO KEY UPDATE",
                property, account);
    if (state.empty()) {
        throw no_account(property, account);
    }
    // A closing account may begin again: a clear that was refused leaves its meter linked.
    if (parse_account_state(get<std::string>(state[0], "state")) == AccountState::closed) {
        return std::nullopt;
    }
    std::vector<core::MeterId> meters;
    // Sales hold these locks until they commit: what is sold already queues up in front of the clear.
    for (const auto& row :
         tx.exec("SELECT meter_id FROM account_meter WHERE property_id = $1 AND account_id = $2 "
                 "AND unlinked_at IS NULL ORDER BY meter_id FOR NO KEY UPDATE",
                 property, account)) {
        meters.push_back(get<core::MeterId>(row, "meter_id"));
    }
    tx.exec(
        "UPDATE account SET state = $3, closed_at = CASE WHEN $3 = 'closed' THEN $4::timestamptz END "
        "WHERE property_id = $1 AND account_id = $2",
        property, account, to_string(meters.empty() ? AccountState::closed : AccountState::closing), now);
    if (meters.empty()) {
        book_closing_residue(tx, property, account, {}, now);
    }
    return meters;
}

std::optional<Account> find_account(Transaction& tx, core::PropertyId property, core::AccountId id) {
    return first(tx, property,
                 tx.exec("SELECT " WUTONG_ACCOUNT_COLUMNS
                         "FROM account a JOIN customer c USING (property_id, customer_id) "
                         "WHERE a.property_id = $1 AND a.account_id = $2",
                         property, id));
}

std::optional<Account> find_account(Transaction& tx, core::PropertyId property, const std::string& number) {
    return first(tx, property,
                 tx.exec("SELECT " WUTONG_ACCOUNT_COLUMNS
                         "FROM account a JOIN customer c USING (property_id, customer_id) "
                         "WHERE a.property_id = $1 AND a.number = $2",
                         property, number));
}

std::optional<core::AccountId> account_of_meter(Transaction& tx, core::PropertyId property,
                                                core::MeterId meter) {
    const auto rows = tx.exec(
        "SELECT account_id FROM account_meter WHERE property_id = $1 AND meter_id = $2 AND unlinked_at IS "
        "NULL",
        property, meter);
    return rows.empty() ? std::nullopt : std::optional(get<core::AccountId>(rows[0], "account_id"));
}

std::vector<Account> list_accounts(Transaction& tx, const AccountFilter& filter, core::AccountId after,
                                   int limit) {
    std::vector<Account> accounts;
    const std::optional<std::string> state =
        filter.state ? std::optional<std::string>(to_string(*filter.state)) : std::nullopt;
    const auto read_all = [&](const pqxx::result& rows) {
        for (const auto& row : rows) {
            accounts.push_back(read(row));
        }
    };
    if (filter.search.empty()) {
        read_all(
            tx.exec("SELECT " WUTONG_ACCOUNT_COLUMNS
                    "FROM account a JOIN customer c USING (property_id, customer_id) "
                    "WHERE a.property_id = $1 AND a.account_id > $2 AND ($3::text IS NULL OR a.state = $3) "
                    "ORDER BY a.account_id LIMIT $4",
                    filter.property, after, state, checked_limit(limit)));
    } else {
        // The search knows no state: a page may come out short, and the next one is asked for until the
        // search has no more.
        core::AccountId from = after;
        const std::string pattern = containing(filter.search);
        for (bool more = true; more && accounts.size() < static_cast<std::size_t>(checked_limit(limit));) {
            std::vector<core::AccountId> hits;
            for (const auto& row :
                 tx.exec("SELECT account_id FROM search_accounts($1, $2::bigint[], $3, $4)", pattern,
                         std::vector<core::PropertyId>{filter.property}, from, kPageMax)) {
                hits.push_back(get<core::AccountId>(row, "account_id"));
            }
            more = hits.size() == static_cast<std::size_t>(kPageMax);
            from = hits.empty() ? from : hits.back();
            read_all(tx.exec("SELECT " WUTONG_ACCOUNT_COLUMNS
                             "FROM account a JOIN customer c USING (property_id, customer_id) "
                             "WHERE a.property_id = $1 AND a.account_id = ANY ($2::bigint[]) AND ($3::text "
                             "IS NULL OR a.state = $3) "
                             "ORDER BY a.account_id LIMIT $4",
                             filter.property, hits, state, limit - static_cast<int>(accounts.size())));
        }
    }
    add_meters(tx, filter.property, accounts);
    return accounts;
}

std::vector<MeterHit> search_meters(Transaction& tx, const std::vector<core::PropertyId>& properties,
                                    const std::string& text, int limit) {
    std::vector<MeterHit> hits;
    for (const auto& row :
         tx.exec("SELECT property_id, meter_id, account_id FROM search_meters($1, $2::bigint[], $3)",
                 containing(text), properties, checked_limit(limit))) {
        hits.push_back({get<core::PropertyId>(row, "property_id"), get<core::MeterId>(row, "meter_id"),
                        get<core::AccountId>(row, "account_id")});
    }
    return hits;
}

}  // namespace wutong::storage
