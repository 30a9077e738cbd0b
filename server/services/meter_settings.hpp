#pragma once

#include <wutong/v1/account_service.pb.h>

#include <cstdint>
#include <string>

#include "core/meter_profile.hpp"
#include "storage/meter_facts.hpp"

namespace wutong::server {

/// The prepaid set-up of a meter as an opening writes it, complete.
struct MeterSettings {
    std::int64_t price_e4 = 0;
    std::int64_t alarm_1_e4 = 0;
    std::int64_t alarm_2_e4 = 0;
    std::int64_t overdraft_e4 = 0;
    std::int64_t overload_w = 0;

    /// As it is kept in credit_delivery.settings.
    [[nodiscard]] std::string json() const;
};

/// The property's defaults, as its parameters say.
using DefaultSettings = MeterSettings;

/// What the request says, else what the meter was given, else the property's default.
/// @param field where the meter stands in the request, e.g. "meters[2]"
/// @throws Refused INVALID_ARGUMENT naming each value that can't be, of whatever origin, and what would fit
[[nodiscard]] MeterSettings resolve_settings(const v1::OpenMeter& wanted, const storage::MeterFacts& meter,
                                             const core::MeterProfile& profile,
                                             const DefaultSettings& defaults, const std::string& field);

/// Why a meter of this profile can't be given the value: finer than the steps of its register, or more than
/// it holds. "" when it fits.
[[nodiscard]] std::string misfit(const core::MeterProfile& profile, core::Quantity quantity,
                                 std::int64_t value);

}  // namespace wutong::server
