#pragma once

#include "core/identity.hpp"
#include "core/local_time.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// The property's wall clock from `first` to `last`, from PostgreSQL's time zones: changes to the quarter of
/// an hour. Years cost milliseconds: keep it.
/// @throws NotFound for a property out of scope
[[nodiscard]] core::LocalTime load_local_time(Transaction& tx, core::PropertyId property,
                                              core::Timestamp first, core::Timestamp last);

/// For the question whether it is quiet at the property now: a few days around it.
[[nodiscard]] core::LocalTime local_time_around(Transaction& tx, core::PropertyId property,
                                                core::Timestamp now);
/// For a calculation at about this time: from 1970 to three years ahead.
[[nodiscard]] core::LocalTime local_time_for_tariffs(Transaction& tx, core::PropertyId property,
                                                     core::Timestamp now);

}  // namespace wutong::storage
