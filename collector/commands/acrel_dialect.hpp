#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "collector/protocols/acrel_frames.hpp"
#include "core/command.hpp"
#include "core/credit_delivery.hpp"
#include "core/meter_profile.hpp"

/// What has to be sent to an Acrel prepaid meter. Pure: amounts in the product's units come in, requests with
/// the integers that the meter stores come out. The scales are the profile's.
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

/// The integer that the meter stores for a value in the product's unit.
[[nodiscard]] std::variant<std::int64_t, DialectFault> raw_value(const core::MeterProfile& profile,
                                                                 core::Quantity quantity, std::int64_t value,
                                                                 std::int64_t raw_max);

/// The 20h money frame. @param present what the meter holds now: alarms travel together, so one that is not
/// changed is repeated
/// @param credit balance and purchase number to write, when money moves
[[nodiscard]] std::variant<protocols::Request, DialectFault> money_request(
    const core::MeterProfile& profile, const PrepaidSettings& settings, const core::Values& present,
    const std::optional<core::CreditWrite>& credit);

/// Overload threshold. Malignant-load criteria travel in the same group and are set so that they never apply.
[[nodiscard]] std::variant<protocols::Request, DialectFault> overload_request(std::int64_t overload_w);

/// What differs between the settings wanted and what was read back; empty when all is as wanted. What the
/// profile can't read back is left out.
[[nodiscard]] std::string settings_difference(const core::MeterProfile& profile,
                                              const PrepaidSettings& wanted, const core::Values& read);

}  // namespace wutong::collector
