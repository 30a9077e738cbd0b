#include "server/services/meter_settings.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "server/call.hpp"

namespace wutong::server {

namespace {

constexpr std::int64_t kPriceMax = 1'000'000'000;   // as meter.price_e4 in the schema
constexpr std::int64_t kMoneyMax = 10'000'000'000;  // 1 000 000.00
constexpr std::int64_t kPowerMax = 10'000'000;      // 10 MW: far above any meter, far below any overflow

}  // namespace

std::string MeterSettings::json() const {
    return nlohmann::json{{"price_e4", price_e4},
                          {"alarm_1_e4", alarm_1_e4},
                          {"alarm_2_e4", alarm_2_e4},
                          {"overdraft_e4", overdraft_e4},
                          {"overload_w", overload_w}}
        .dump();
}

std::string misfit(const core::MeterProfile& profile, core::Quantity quantity, std::int64_t value) {
    const auto range = core::settable(profile, quantity);
    if (!range) {
        return fmt::format("{} can't be set: the profile {} does not say where such a meter keeps it",
                           core::to_string(quantity), profile.id);
    }
    if (range->holds(value)) {
        return {};
    }
    return fmt::format("{} does not fit a meter of profile {}: it holds multiples of {} from 0 to {}", value,
                       profile.id, range->step, range->most);
}

MeterSettings resolve_settings(const v1::OpenMeter& wanted, const storage::MeterFacts& meter,
                               const core::MeterProfile& profile, const DefaultSettings& defaults,
                               const std::string& field) {
    std::vector<FieldViolation> faults;
    const auto check = [&](const char* name, std::int64_t value, std::int64_t most, core::Quantity quantity) {
        if (value < 0 || value > most) {
            faults.push_back({field + "." + name, fmt::format("{} is out of range for meter {}: 0 to {}",
                                                              value, meter.code, most)});
        } else if (profile.switchable()) {
            if (const auto why = misfit(profile, quantity, value); !why.empty()) {
                faults.push_back({field + "." + name, fmt::format("meter {}: {}", meter.code, why)});
            }
        }
        return value;
    };
    MeterSettings settings;
    settings.price_e4 = check(
        "price_e4", wanted.has_price_e4() ? wanted.price_e4() : meter.price_e4.value_or(defaults.price_e4),
        kPriceMax, core::Quantity::price);
    settings.alarm_1_e4 =
        check("alarm_1_e4",
              wanted.has_alarm_1_e4() ? wanted.alarm_1_e4() : meter.alarm_1_e4.value_or(defaults.alarm_1_e4),
              kMoneyMax, core::Quantity::alarm_1);
    settings.alarm_2_e4 =
        check("alarm_2_e4",
              wanted.has_alarm_2_e4() ? wanted.alarm_2_e4() : meter.alarm_2_e4.value_or(defaults.alarm_2_e4),
              kMoneyMax, core::Quantity::alarm_2);
    settings.overdraft_e4 =
        check("overdraft_e4",
              wanted.has_overdraft_e4() ? wanted.overdraft_e4()
                                        : meter.overdraft_e4.value_or(defaults.overdraft_e4),
              kMoneyMax, core::Quantity::overdraft);
    settings.overload_w =
        check("overload_w",
              wanted.has_overload_w() ? wanted.overload_w() : meter.overload_w.value_or(defaults.overload_w),
              kPowerMax, core::Quantity::overload_power);
    if (!faults.empty()) {
        throw invalid(std::move(faults));
    }
    return settings;
}

}  // namespace wutong::server
