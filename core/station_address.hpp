#pragma once

#include <string>

#include "core/meter_profile.hpp"

/// How a meter is named on its bus when it is no Modbus unit.
namespace wutong::core {

/// What is wrong with an address for a meter of this protocol, as "must be …"; empty when nothing is.
/// @param address "" where a meter has none
[[nodiscard]] std::string station_address_fault(MeterProtocol protocol, const std::string& address);

}  // namespace wutong::core
