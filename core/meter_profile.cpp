#include "core/meter_profile.hpp"

#include <algorithm>
#include <array>

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr auto kQuantities = std::to_array<detail::Name<Quantity>>({
    {Quantity::energy_total, "energy_total"},
    {Quantity::energy_sharp, "energy_sharp"},
    {Quantity::energy_peak, "energy_peak"},
    {Quantity::energy_flat, "energy_flat"},
    {Quantity::energy_valley, "energy_valley"},
    {Quantity::energy_reverse, "energy_reverse"},
    {Quantity::volume_total, "volume_total"},
    {Quantity::balance, "balance"},
    {Quantity::overdraft, "overdraft"},
    {Quantity::alarm_1, "alarm_1"},
    {Quantity::alarm_2, "alarm_2"},
    {Quantity::price, "price"},
    {Quantity::price_peak, "price_peak"},
    {Quantity::price_flat, "price_flat"},
    {Quantity::price_valley, "price_valley"},
    {Quantity::purchase_number, "purchase_number"},
    {Quantity::voltage_a, "voltage_a"},
    {Quantity::voltage_b, "voltage_b"},
    {Quantity::voltage_c, "voltage_c"},
    {Quantity::current_a, "current_a"},
    {Quantity::current_b, "current_b"},
    {Quantity::current_c, "current_c"},
    {Quantity::power_a, "power_a"},
    {Quantity::power_b, "power_b"},
    {Quantity::power_c, "power_c"},
    {Quantity::power_total, "power_total"},
    {Quantity::reactive_power_total, "reactive_power_total"},
    {Quantity::power_factor, "power_factor"},
    {Quantity::frequency, "frequency"},
    {Quantity::overload_power, "overload_power"},
    {Quantity::clock, "clock"},
    {Quantity::relay_closed, "relay_closed"},
    {Quantity::prepaid_enabled, "prepaid_enabled"},
    {Quantity::forced_enabled, "forced_enabled"},
    {Quantity::forced_open, "forced_open"},
    {Quantity::overload_flag, "overload_flag"},
    {Quantity::arrears_flag, "arrears_flag"},
    {Quantity::alarm_1_flag, "alarm_1_flag"},
    {Quantity::alarm_2_flag, "alarm_2_flag"},
    {Quantity::fault_flag, "fault_flag"},
    {Quantity::cover_open_flag, "cover_open_flag"},
    {Quantity::terminal_cover_flag, "terminal_cover_flag"},
    {Quantity::voltage_loss_flag, "voltage_loss_flag"},
    {Quantity::current_loss_flag, "current_loss_flag"},
    {Quantity::reverse_flag, "reverse_flag"},
    {Quantity::relay_fault_flag, "relay_fault_flag"},
    {Quantity::battery_flag, "battery_flag"},
    {Quantity::voltage_unbalance_flag, "voltage_unbalance_flag"},
    {Quantity::current_unbalance_flag, "current_unbalance_flag"},
    {Quantity::phase_order_flag, "phase_order_flag"},
});

std::string joined(const std::vector<std::string>& faults) {
    std::string text;
    for (const std::string& fault : faults) {
        text += text.empty() ? "" : "\n";
        text += fault;
    }
    return text;
}

}  // namespace

ProfileError::ProfileError(std::vector<std::string> faults)
    : std::runtime_error(joined(faults)), faults_(std::move(faults)) {}

bool MeterProfile::has(Quantity quantity) const {
    return std::any_of(blocks.begin(), blocks.end(), [quantity](const Block& block) {
        return std::any_of(block.fields.begin(), block.fields.end(),
                           [quantity](const Field& field) { return field.quantity == quantity; });
    });
}

const char* to_string(Quantity quantity) {
    return detail::name_of(kQuantities, quantity, "quantity");
}

std::optional<Quantity> parse_quantity(std::string_view text) {
    for (const auto& name : kQuantities) {
        if (text == name.text) {
            return name.value;
        }
    }
    return std::nullopt;
}

}  // namespace wutong::core
