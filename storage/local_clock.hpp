#pragma once

#include "core/identity.hpp"
#include "core/local_time.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// What the property's wall clock shows between two moments, from PostgreSQL's time zones. Changes are found
/// to the half hour, on which every zone has them.
/// @pre from < to, at most 11 years apart @throws NotFound for a property out of scope
[[nodiscard]] core::LocalTime local_clock(Transaction& tx, core::PropertyId property, core::Instant from,
                                          core::Instant to);

}  // namespace wutong::storage
