#pragma once

#include <string>

#include "core/sale.hpp"
#include "server/refused.hpp"
#include "server/services/sale_refusals.hpp"
#include "storage/sales.hpp"

namespace wutong::server {

class App;

/// What the meter's profile adds to the facts of a sale: the coarser quantum, and no more than its register
/// can hold.
/// @throws Refused FAILED_PRECONDITION when the server has no such profile
void apply_profile(const App& app, const std::string& profile, const std::string& meter_code,
                   core::SaleFacts& facts);

/// A refusal of core as the answer to a call.
/// @param amount_field the field that carries the amount, for faults of the amount itself
[[nodiscard]] Refused refused_sale(core::SaleRefusal refusal, const core::SaleFacts& facts,
                                   const RefusedSale& sale, const std::string& amount_field = "amount_e4");

/// All that a sale or refund is decided by, gathered in one transaction.
struct SaleCase {
    storage::SaleFacts stored;
    core::SaleFacts facts;
    storage::SaleNames names;

    [[nodiscard]] RefusedSale named(core::Money amount, bool refund) const;
};

enum class Look { lock, read };
/// @param how lock: the meter's link is locked first, and everything is read after that
/// @throws Refused NOT_FOUND for an account or meter that is not in the property
[[nodiscard]] SaleCase sale_case(const App& app, storage::Transaction& tx, core::PropertyId property,
                                 core::AccountId account, core::MeterId meter, Look how);

/// The same of facts that have been read already.
[[nodiscard]] SaleCase sale_case_of(const App& app, storage::SaleFacts stored, core::AccountId account,
                                    core::MeterId meter);

/// What a kilowatt-hour costs on the meter: as it is booked, else as an opening would set it.
[[nodiscard]] core::Price price_of(storage::Transaction& tx, core::PropertyId property, const SaleCase& sale);

}  // namespace wutong::server
