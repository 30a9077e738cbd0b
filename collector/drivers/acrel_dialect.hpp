#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "collector/drivers/prepaid_settings.hpp"
#include "collector/protocols/acrel_frames.hpp"
#include "core/credit_delivery.hpp"
#include "core/meter_profile.hpp"

/// What has to be sent to an Acrel prepaid meter. Pure: amounts in the product's units come in, requests with
/// the integers that the meter stores come out. The scales are the profile's.
namespace wutong::collector {

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

}  // namespace wutong::collector
