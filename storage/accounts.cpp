#include "storage/accounts.hpp"

#include <stdexcept>

#include "core/names.hpp"
#include "storage/account_rows.hpp"
#include "storage/closing.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr auto kStates = std::to_array<core::detail::Name<AccountState>>({
    {AccountState::open, "open"},
    {AccountState::closing, "closing"},
    {AccountState::closed, "closed"},
});

std::optional<Account> first(Transaction& tx, core::PropertyId property, const pqxx::result& rows) {
    if (rows.empty()) {
        return std::nullopt;
    }
    std::vector<Account> accounts{detail::read_account(rows[0])};
    detail::add_meters(tx, property, accounts);
    return std::move(accounts.front());
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

}  // namespace wutong::storage
