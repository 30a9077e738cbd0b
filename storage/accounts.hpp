#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

struct Customer {
    core::CustomerId id;
    std::string name, phone, note;
};

enum class AccountState { open, closing, closed };
[[nodiscard]] const char* to_string(AccountState state);
/// @throws std::invalid_argument
[[nodiscard]] AccountState parse_account_state(const std::string& text);

struct AccountMeter {
    core::MeterId meter;
    std::string meter_code, unit_code, unit_name;
    std::string profile;  ///< the meter's
    core::Timestamp linked_at;
    std::optional<core::Timestamp> unlinked_at, opened_on_meter_at;
    std::int64_t purchase_number = 0;          ///< that the ledger knows
    std::optional<core::Money> meter_balance;  ///< as last read; empty: never
    std::optional<core::Energy> meter_energy;  ///< of the same look
    std::optional<core::Timestamp> read_at;
    // Where the booking of its use stands; empty until it is opened.
    std::optional<core::Energy> booked_energy;
    core::Remainder booked_remainder;
    std::optional<core::Price> price;
};

struct Account {
    core::PropertyId property;
    core::AccountId id;
    std::string number;
    AccountState state = AccountState::open;
    core::Timestamp opened_at;
    std::optional<core::Timestamp> closed_at;
    Customer customer;
    std::vector<AccountMeter> meters;  ///< linked now first, then those from before
};

core::CustomerId create_customer(Transaction& tx, core::PropertyId property, const Customer& customer);
[[nodiscard]] std::optional<Customer> find_customer(Transaction& tx, core::PropertyId property,
                                                    core::CustomerId id);
/// @throws NotFound
void update_customer(Transaction& tx, core::PropertyId property, const Customer& customer);

/// @param number "": one is made from the account's key
/// @throws UniqueViolation (constraint account_property_id_number_key), ReferenceViolation for an unknown
/// customer
core::AccountId open_account(Transaction& tx, core::PropertyId property, core::CustomerId customer,
                             const std::string& number);

/// The meter belongs to the account from now on. Queue a delivery of kind open with it.
/// @throws UniqueViolation (constraint account_meter_live): the meter has an account already
void link_meter(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter);

/// Marks an open account as closing and waits for sales that are under way: none starts afterwards. Queue a
/// clear for each meter returned; finish_delivery closes the account with the last one. An account without
/// meters is closed at once.
/// @return the meters linked now; empty optional: the account is not open
/// @throws NotFound
[[nodiscard]] std::optional<std::vector<core::MeterId>> begin_closing(Transaction& tx,
                                                                      core::PropertyId property,
                                                                      core::AccountId account,
                                                                      core::Timestamp now);

[[nodiscard]] std::optional<Account> find_account(Transaction& tx, core::PropertyId property,
                                                  core::AccountId id);
[[nodiscard]] std::optional<Account> find_account(Transaction& tx, core::PropertyId property,
                                                  const std::string& number);
/// The account that the meter belongs to now.
[[nodiscard]] std::optional<core::AccountId> account_of_meter(Transaction& tx, core::PropertyId property,
                                                              core::MeterId meter);

struct AccountFilter {
    core::PropertyId property;
    std::optional<AccountState> state;
    /// Part of a number, name, phone, meter or unit code; below three characters: the beginning of one.
    /// Taken literally (no wildcards). "": all
    std::string search;
    bool newest_first = false;
};
/// In the order of their ids, or the other way round; what a page costs does not depend on how many there
/// are.
/// @param after 0, or the last id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<Account> list_accounts(Transaction& tx, const AccountFilter& filter,
                                                 core::AccountId after, int limit);

struct FoundCustomer {
    Customer customer;
    struct Account {
        core::AccountId account;
        std::string number;
        AccountState state = AccountState::open;
        std::vector<std::string> unit_codes;  ///< of the meters linked now
    };
    std::vector<Account> accounts;  ///< newest first, at most 20
};
/// Newest first. @param search as in AccountFilter @param before 0, or the last id of the page before
/// @param limit 1 to 1000
[[nodiscard]] std::vector<FoundCustomer> list_customers(Transaction& tx, core::PropertyId property,
                                                        const std::string& search, core::CustomerId before,
                                                        int limit);

struct MeterHit {
    core::PropertyId property;
    core::MeterId meter;
    core::AccountId account;  ///< 0: none
};
/// By part of meter code, serial number, unit code, customer's name or phone, account number; through the
/// function that may use the trigram indexes. Text is taken literally (no wildcards). @param limit 1 to 1000
[[nodiscard]] std::vector<MeterHit> search_meters(Transaction& tx,
                                                  const std::vector<core::PropertyId>& properties,
                                                  const std::string& text, int limit);

}  // namespace wutong::storage
