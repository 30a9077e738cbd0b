#pragma once

#include <string>
#include <vector>

#include "core/identity.hpp"
#include "storage/database.hpp"

/// One search box for everything that has a name.
namespace wutong::storage {

enum class FoundKind { meter, unit, account, customer };

struct Found {
    FoundKind kind = FoundKind::meter;
    std::int64_t id = 0;
    int rank = 0;       ///< 0: it is called exactly so, 1: it begins so, 2: it contains it
    std::string title;  ///< the code, number, name or phone that was found
};
/// Best first, each thing once. With fewer than three characters only what begins so is found.
/// @param limit of each kind, 1 to 50
[[nodiscard]] std::vector<Found> find_anything(Transaction& tx, core::PropertyId property,
                                               const std::string& text, int limit);

struct FoundUnit {
    core::UnitId unit;
    std::string code, name, building_code, floor_name;
    core::MeterId meter;  ///< its first one; 0: none
    core::AccountId account;
    std::string account_number, customer;
};
[[nodiscard]] std::vector<FoundUnit> find_units(Transaction& tx, core::PropertyId property,
                                                const std::vector<core::UnitId>& units);

struct FoundParty {
    core::AccountId account;
    core::CustomerId customer;
    std::string number, state, name, phone;  ///< number and state "": a customer without an account
    core::MeterId meter;                     ///< the first one linked; 0: none
    std::string meter_code, unit_code;
};
[[nodiscard]] std::vector<FoundParty> find_accounts(Transaction& tx, core::PropertyId property,
                                                    const std::vector<core::AccountId>& accounts);
/// With the newest account of each.
[[nodiscard]] std::vector<FoundParty> find_customers(Transaction& tx, core::PropertyId property,
                                                     const std::vector<core::CustomerId>& customers);

}  // namespace wutong::storage
