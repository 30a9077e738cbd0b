#include "core/commodity.hpp"

#include <array>
#include <cstdlib>

#include "core/names.hpp"

namespace wutong::core {

namespace {

using detail::Name;

constexpr auto kNames = std::to_array<Name<Commodity>>({
    {Commodity::electricity, "electricity"},
    {Commodity::water, "water"},
});

}  // namespace

const char* to_string(Commodity commodity) {
    return detail::name_of(kNames, commodity, "commodity");
}

Commodity parse_commodity(std::string_view text) {
    return detail::value_of(kNames, text, "commodity");
}

const char* unit_of(Commodity commodity) {
    return commodity == Commodity::water ? "m³" : "kWh";
}

const char* small_unit_of(Commodity commodity) {
    return commodity == Commodity::water ? "l" : "Wh";
}

std::string quantity_text(Energy quantity, Commodity commodity) {
    const auto value = quantity.watt_hours();
    const auto rest = std::to_string(std::llabs(value % 1'000));
    return (value < 0 && value > -1'000 ? "-" : "") + std::to_string(value / 1'000) + "." +
           std::string(3 - rest.size(), '0') + rest + " " + unit_of(commodity);
}

}  // namespace wutong::core
