#pragma once

#include <string>
#include <string_view>

#include "core/quantities.hpp"

/// What a meter measures and what is sold by it. Registers, use, tariffs and bills count in thousandths of
/// the unit that has a price, whatever is sold: watt-hours of a kilowatt-hour, litres of a cubic metre. So
/// `Energy` and every figure called wh are litres where the meter is one of water, and nothing else differs;
/// the two are never added up.
namespace wutong::core {

enum class Commodity { electricity, water };

[[nodiscard]] const char* to_string(Commodity commodity);
/// @throws std::invalid_argument naming what is known
[[nodiscard]] Commodity parse_commodity(std::string_view text);

/// "kWh", "m³": what a price is of.
[[nodiscard]] const char* unit_of(Commodity commodity);
/// "Wh", "l": what is counted.
[[nodiscard]] const char* small_unit_of(Commodity commodity);
/// "1234.590 kWh", "0.010 m³"
[[nodiscard]] std::string quantity_text(Energy quantity, Commodity commodity);

}  // namespace wutong::core
