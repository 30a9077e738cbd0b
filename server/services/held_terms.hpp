#pragma once

#include "core/identity.hpp"
#include "storage/held_charging.hpp"

namespace wutong::server {

/// What the property's parameters say for server-held meters that have no terms of their own.
[[nodiscard]] storage::HeldDefaults held_defaults(storage::Transaction& tx, core::PropertyId property);

}  // namespace wutong::server
