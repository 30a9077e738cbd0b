#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/sale_charge.hpp"
#include "core/time.hpp"
#include "storage/held_charging.hpp"

/// Charges that are taken out of sales: what is due on a meter of an account, what was taken by which sale.
/// All of it under the lock of the meter's link (lock_sale_facts), so that nothing is found or taken twice.
namespace wutong::storage {

struct StoredCharge {
    std::int64_t id = 0;  ///< 0: found just now, not stored
    core::ChargeDue due;
    core::Money paid, tax_paid;  ///< before `taken`
    core::ChargeTaken taken;     ///< by the sale in question; negative: given back

    [[nodiscard]] core::ChargeOpen open() const {
        return {due.kind, due.amount, due.tax_amount, paid, tax_paid};
    }
};

/// What is due on a meter now.
struct ChargesNow {
    std::vector<StoredCharge> charges;  ///< not paid whole, the oldest first
    std::string fault;                  ///< why not everything new could be found
    // for keep_charges:
    std::string linked_at;  ///< as PostgreSQL writes it; "": the meter is not on the account
    core::Instant began{};
    core::SaleChargeState state;

    [[nodiscard]] core::Money due() const;
};

/// Looks, and changes nothing.
/// @param capability of the meter: what it can't charge by itself is looked for
/// @param closing the account ends now
[[nodiscard]] ChargesNow charges_now(Transaction& tx, core::PropertyId property, core::AccountId account,
                                     core::MeterId meter, const core::MeterCapability& capability,
                                     PlanCache& plans, core::Timestamp now, bool closing = false);
/// Takes out of the tender what there is. @return by ledger account
core::ChargeSums take_charges(ChargesNow& charges, core::Money tender, core::Money quantum);
/// What books the money of what is taken. Of neither, where nothing is.
struct ChargedBy {
    core::EntryId entry;
    core::SaleId sale;  ///< 0: a settlement
};
/// Stores what was found and what was taken of it. @pre charges_now in the same transaction, under the lock
void keep_charges(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId meter,
                  ChargesNow& charges, const ChargedBy& by, core::Timestamp now);

/// What a sale or reversal took or gave back, in the order in which it became due. `paid` is before it.
[[nodiscard]] std::vector<StoredCharge> charges_of_sale(Transaction& tx, core::PropertyId property,
                                                        core::SaleId sale);
/// The same by ledger account.
[[nodiscard]] core::ChargeSums charge_sums_of_sale(Transaction& tx, core::PropertyId property,
                                                   core::SaleId sale);
/// The sale is taken back by `reversal`: what it took is due again.
void give_charges_back(Transaction& tx, core::PropertyId property, core::SaleId sale,
                       const ChargedBy& reversal);

/// A meter's place was taken by another one, at `at`: its charging goes on there, and so does what is not
/// paid.
/// @pre both links are there, charges until `at` are found and stored
void carry_charges(Transaction& tx, core::PropertyId property, core::AccountId account, core::MeterId from,
                   core::MeterId to);

}  // namespace wutong::storage
