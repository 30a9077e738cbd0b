#pragma once

#include <vector>

#include "core/credit_delivery.hpp"
#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Credit that moved without us. The decision is core::written_by_others; here are the last look, the
/// ledger's number and the alarm `foreign_write`, which stays until an operator settles a delivery of the
/// meter, or its time on the account ends.
namespace wutong::storage {

struct MeterStateRow;

/// Compares readings that are about to be stored with what is stored. Readings that are older, meters without
/// an opened account, and meters with a delivery under way or in quarantine are left out: there the delivery
/// decides.
void watch_readings(Transaction& tx, const std::vector<MeterStateRow>& rows);

/// The same for a look that a delivery is based on. Its number is the delivery's own business.
void watch_look(Transaction& tx, core::PropertyId property, core::MeterId meter,
                const core::CreditLook& look);

/// What was told has been dealt with.
void clear_watch(Transaction& tx, core::PropertyId property, core::MeterId meter, core::Timestamp at);

}  // namespace wutong::storage
