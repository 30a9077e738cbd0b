#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "collector/protocols/iec62056.hpp"
#include "core/meter_profile.hpp"

/// From the text of a read-out to the product's units.
namespace wutong::collector {

/// Nothing: the meter does not tell it, so it is left out. A text: what it tells can't be what the profile
/// says.
using ReadoutValue = std::variant<std::monostate, std::int64_t, std::string>;

/// One number or bit. Energy comes out as whole watt-hours, whatever unit the meter has.
/// @pre the field is no date and no time
[[nodiscard]] ReadoutValue readout_value(const core::Field& field, const protocols::iec62056::DataSets& data);

/// The fields' values together, a clock put together of its date and time. @return empty, or what is wrong
[[nodiscard]] std::string take_readout(const std::vector<const core::Field*>& fields,
                                       const protocols::iec62056::DataSets& data, core::Values& into);

/// What stands at a field's place, unit included; empty where nothing does.
[[nodiscard]] std::string readout_text(const core::Field& field, const protocols::iec62056::DataSets& data);

}  // namespace wutong::collector
