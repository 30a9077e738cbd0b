#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/meter_profile.hpp"
#include "core/quantities.hpp"

/// What an operator may set on a prepaid meter, whatever it speaks. Pure.
namespace wutong::collector {

/// Prepaid set-up of a meter; only what is given is changed.
struct PrepaidSettings {
    std::optional<core::Price> price;  ///< for all four rates
    std::optional<core::Money> alarm_1;
    std::optional<core::Money> alarm_2;
    std::optional<core::Money> overdraft;
    std::optional<std::int64_t> overload_w;
    std::optional<bool> prepaid_enabled;
    bool switch_off = false;  ///< clear only: force the relay open at the end

    [[nodiscard]] bool empty() const {
        return !price && !alarm_1 && !alarm_2 && !overdraft && !overload_w && !prepaid_enabled;
    }
};

/// The arguments ask for something that this meter can't hold, or are not understood. The text is for
/// operators.
struct DialectFault {
    std::string reason;
};

/// @param json {price_e4, alarm_1_e4, alarm_2_e4, overdraft_e4, overload_w, prepaid_enabled, switch_off};
/// others are refused
[[nodiscard]] std::variant<PrepaidSettings, DialectFault> parse_settings(const std::string& json);

/// What differs between the settings wanted and what was read back; empty when all is as wanted. What the
/// profile can't read back is left out.
[[nodiscard]] std::string settings_difference(const core::MeterProfile& profile,
                                              const PrepaidSettings& wanted, const core::Values& read);

}  // namespace wutong::collector
