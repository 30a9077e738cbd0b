#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/identity.hpp"
#include "core/sale.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// What is known of a meter and an account before something is sold or refunded.
namespace wutong::storage {

/// What the receipt, or the refusal, has to say about account and meter, whether they belong together or not.
struct SaleNames {
    std::string account_number;  ///< "": there is no such account in the property
    std::string account_state;   ///< open, closing or closed
    std::string customer;
    std::string meter_code;  ///< "": there is no such meter in the property
    std::string meter_profile;
    std::string unit_code;  ///< "": the meter belongs to no unit
};

struct SaleFacts {
    core::SaleFacts
        facts;  ///< for core::decide_sale and decide_refund; quantum is tender's: set the coarser one
    SaleNames names;
    std::optional<core::Timestamp>
        balance_at;                ///< when balance_known was read; empty: never, and it counts as 0
    bool opening = false;          ///< its opening is on the way, or waits for an operator
    bool opened_on_meter = false;  ///< before that the balance found there isn't the tenant's and counts as 0
    std::int64_t purchase_number = 0;  ///< that the ledger knows
    int unfinished_deliveries = 0;     ///< queue up before this sale
    /// At which consumption is booked, or will be once the opening has arrived; else the meter's own or the
    /// property's. Empty: neither was set, so that the default holds.
    std::optional<core::Price> price;
    bool switch_off_waiting = false;  ///< a switch_off of the meter has not been finished
    bool has_tariffs = false;         ///< some tariff plan is, was or will be assigned in the property
    core::Commodity commodity = core::Commodity::electricity;  ///< what the price is of
    bool held = false;  ///< the server holds the meter's credit: facts.balance_known is from the books
};

/// Locks the meter's link to the account until the transaction ends: sales to one meter queue up behind each
/// other, and no others wait. Everything else is read after that, in one statement, so that concurrent sales
/// see each other. The hoarding limit is the meter's, else the property's parameter balance_max_e4.
[[nodiscard]] SaleFacts lock_sale_facts(Transaction& tx, core::PropertyId property, core::AccountId account,
                                        core::MeterId meter);
/// The same without locking: for a quotation.
[[nodiscard]] SaleFacts read_sale_facts(Transaction& tx, core::PropertyId property, core::AccountId account,
                                        core::MeterId meter);

/// Whom something is sold to: the meter, and the account that it is on.
struct SaleLink {
    core::AccountId account;
    core::MeterId meter;
    friend bool operator==(const SaleLink&, const SaleLink&) = default;
};
/// Locks the links that nobody else has locked, and waits for none: for sales that are written together, of
/// which none may hold up the others. Left out are those of a request that has been answered before.
/// @param requests the id of each, a UUID
/// @return the places of those that are locked now, rising
[[nodiscard]] std::vector<std::size_t> lock_free_links(Transaction& tx, core::PropertyId property,
                                                       const std::vector<SaleLink>& links,
                                                       const std::vector<std::string>& requests);
/// As read_sale_facts, for several at once and in their order.
[[nodiscard]] std::vector<SaleFacts> read_sale_facts(Transaction& tx, core::PropertyId property,
                                                     const std::vector<SaleLink>& links);

}  // namespace wutong::storage
