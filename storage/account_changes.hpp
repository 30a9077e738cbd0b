#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/account_change.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/accounts.hpp"
#include "storage/database.hpp"

/// An account that goes on with another meter, and meters that go on with another account.
namespace wutong::storage {

/// The meter's time on the account ends now. Its money has to be somewhere else already.
void end_link(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter,
              core::Timestamp now);

/// The meter hangs where the other one hung, unless it hangs somewhere already.
void take_unit_of(Transaction& tx, core::PropertyId property, core::MeterId meter, core::MeterId other);

/// The meter goes on for `to` as it is: opened, counted and booked up to the same register, with the same
/// remainder. @pre `link` has ended
void continue_link(Transaction& tx, core::PropertyId property, core::AccountId to, const AccountMeter& link,
                   core::Timestamp now);

/// @pre it has no meters any more and nothing on them
void close_at_once(Transaction& tx, core::PropertyId property, core::AccountId account, core::Timestamp now);

struct AccountTransfer {
    core::AccountId from, to;
    core::OperatorId operator_id;
    bool carried = false;
    std::string reason;
};
void insert_transfer(Transaction& tx, core::PropertyId property, const AccountTransfer& transfer,
                     core::Timestamp now);

struct MeterExchange {
    std::int64_t id = 0;
    core::AccountId account;
    core::MeterId old_meter, new_meter;
    core::Timestamp at;
    core::OperatorId operator_id;
    std::string reason, typed_reason;
    std::optional<core::Energy> energy, new_energy;
    std::optional<core::Money> balance, new_balance;
    std::optional<core::Timestamp> read_at, new_read_at;
    core::Money ledger;
    core::CarriedMoney money;
    core::Money unexplained;
    core::DeliveryId delivery, clear;
    // For people, when it is read back.
    std::string account_number, old_code, new_code, operator_name, delivery_state, clear_state;
};
std::int64_t insert_exchange(Transaction& tx, core::PropertyId property, const MeterExchange& exchange);

struct ExchangeFilter {
    core::AccountId account;  ///< 0: any
    core::MeterId meter;      ///< old or new; 0: any
    std::int64_t id = 0;      ///< 0: any
};
/// Newest first. @param before 0, or the last id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<MeterExchange> list_exchanges(Transaction& tx, core::PropertyId property,
                                                        const ExchangeFilter& filter, std::int64_t before,
                                                        int limit);

}  // namespace wutong::storage
