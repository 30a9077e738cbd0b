#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/credit_delivery.hpp"
#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// The two balances of meters that hold a tenant's credit, and what may explain that they differ. What does
/// is core::explain_difference's to say.
namespace wutong::storage {

/// A meter that is opened on an account.
struct TwoBalances {
    core::MeterId meter;
    core::AccountId account;
    std::string meter_code, unit_code, profile, account_number, customer;
    core::Timestamp opened_at;
    core::Money ledger;                  ///< confirmed on this meter, less the use that is booked
    std::optional<core::Money> balance;  ///< of the meter, as read last; empty: never
    std::optional<core::Energy> energy;  ///< of the same look
    std::optional<core::Timestamp> read_at;
    std::optional<core::Energy> booked;
    core::Remainder remainder;
    std::optional<core::Price> price;
    core::Money on_its_way;  ///< deliveries that are not finished
    // Of the delivery that was sent and is not settled.
    core::Money sent;
    std::optional<std::int64_t> sent_number, number_seen;
    std::int64_t number_ledger = 0;
    std::int64_t writes = 0;  ///< confirmed on this meter for this account
    core::Energy used_meanwhile;
    core::Money price_low, price_high;
    core::Money foreign;
    core::Money sort_key;  ///< what use doesn't explain, without a sign, as far as it fits
};

enum class BalanceOrder { meter_code, difference, oldest_reading };

struct BalanceFilter {
    core::PropertyId property;
    std::vector<std::string> profiles;  ///< whose meters hold credit themselves
    BalanceOrder order = BalanceOrder::meter_code;
};

/// Where a page goes on: the sort key and the meter of the last row.
struct BalanceCursor {
    std::string code;
    core::Money difference;
    std::optional<core::Timestamp> read_at;  ///< empty: never read
    core::MeterId meter;                     ///< 0: from the beginning
};
[[nodiscard]] BalanceCursor cursor_after(const TwoBalances& row);

/// @param limit 1 to 1000
[[nodiscard]] std::vector<TwoBalances> list_two_balances(Transaction& tx, const BalanceFilter& filter,
                                                         const BalanceCursor& after, int limit);
/// In the order of meter ids. For proofs: each meter once, whatever happens meanwhile. @param limit 1 to 1000
[[nodiscard]] std::vector<TwoBalances> two_balances_after(Transaction& tx, core::PropertyId property,
                                                          const std::vector<std::string>& profiles,
                                                          core::MeterId after, int limit);
[[nodiscard]] std::vector<TwoBalances> find_two_balances(Transaction& tx, core::PropertyId property,
                                                         const std::vector<core::MeterId>& meters);

struct BalanceEvidence {
    std::string cause;  ///< as in balance_service.proto
    core::Timestamp at;
    core::Money amount;
    std::string text;
    core::EntryId entry;
    core::DeliveryId delivery;
    core::CommandId command;
    std::string kind, state;
    std::optional<core::Energy> energy_from, energy_to;
    std::optional<core::Price> price;
};
/// Newest first within a cause, at most 50 of each.
[[nodiscard]] std::vector<BalanceEvidence> balance_evidence(Transaction& tx, core::PropertyId property,
                                                            const TwoBalances& row);

}  // namespace wutong::storage
