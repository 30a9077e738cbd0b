#pragma once

#include <cstdint>
#include <optional>

#include "core/meter_profile.hpp"

/// Inside of the profiles' decoders; not for other folders.
namespace wutong::core::detail {

/// raw x num / den, to the nearest. What doesn't fit is not a value.
[[nodiscard]] std::optional<std::int64_t> scaled(std::int64_t raw, const Field& field);

}  // namespace wutong::core::detail
