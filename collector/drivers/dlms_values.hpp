#pragma once

#include <optional>
#include <string>
#include <variant>

#include "collector/protocols/dlms_profile.hpp"
#include "core/meter_profile.hpp"

/// From what an object says to a value in its quantity's unit.
namespace wutong::collector {

/// Nothing: the meter says nothing, or what doesn't fit. A text: the profile and the meter don't agree.
using DlmsValue = std::variant<std::monostate, std::int64_t, std::string>;

/// @param told scaler and unit, where the field leaves them to the meter
[[nodiscard]] DlmsValue dlms_value(const core::Field& field, const protocols::dlms::Data& data,
                                   const std::optional<protocols::dlms::ScalerUnit>& told);

}  // namespace wutong::collector
