#pragma once

#include <string>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// Days as people of the property count them, YYYY-MM-DD.
struct LocalDays {
    std::string first;
    std::string today;
};
/// The `count` days that end with the one of `now`. @throws NotFound for a property out of scope
[[nodiscard]] LocalDays local_days(Transaction& tx, core::PropertyId property, core::Timestamp now,
                                   int count);

}  // namespace wutong::storage
