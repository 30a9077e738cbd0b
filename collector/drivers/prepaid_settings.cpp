#include "collector/drivers/prepaid_settings.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace wutong::collector {

namespace {

using core::Quantity;

std::string compare(const core::Values& read, Quantity quantity, std::int64_t wanted) {
    const auto found = read.find(quantity);
    if (found == read.end() || found->second == wanted) {
        return {};
    }
    return fmt::format("{} is {}, should be {}; ", core::to_string(quantity), found->second, wanted);
}

}  // namespace

std::variant<PrepaidSettings, DialectFault> parse_settings(const std::string& json) {
    const auto object = nlohmann::json::parse(json, nullptr, false);
    if (!object.is_object()) {
        return DialectFault{"the settings are not a JSON object"};
    }
    PrepaidSettings settings;
    for (const auto& [key, value] : object.items()) {
        if (value.is_null()) {
            continue;
        }
        if (key == "switch_off" || key == "prepaid_enabled") {
            if (!value.is_boolean()) {
                return DialectFault{fmt::format("{} must be true or false", key)};
            }
            if (key == "switch_off") {
                settings.switch_off = value.get<bool>();
            } else {
                settings.prepaid_enabled = value.get<bool>();
            }
            continue;
        }
        if (!value.is_number_integer() || value.get<std::int64_t>() < 0) {
            return DialectFault{fmt::format("{} must be a whole number that is not negative", key)};
        }
        const auto number = value.get<std::int64_t>();
        if (key == "price_e4") {
            settings.price = core::Price{number};
        } else if (key == "alarm_1_e4") {
            settings.alarm_1 = core::Money{number};
        } else if (key == "alarm_2_e4") {
            settings.alarm_2 = core::Money{number};
        } else if (key == "overdraft_e4") {
            settings.overdraft = core::Money{number};
        } else if (key == "overload_w") {
            settings.overload_w = number;
        } else {
            return DialectFault{fmt::format("the setting {} is not known", key)};
        }
    }
    return settings;
}

std::string settings_difference(const core::MeterProfile& profile, const PrepaidSettings& wanted,
                                const core::Values& read) {
    std::string difference;
    if (wanted.price) {
        for (const auto quantity :
             {Quantity::price, Quantity::price_peak, Quantity::price_flat, Quantity::price_valley}) {
            difference += compare(read, quantity, wanted.price->ten_thousandths_per_kwh());
        }
    }
    if (wanted.alarm_1) {
        difference += compare(read, Quantity::alarm_1, wanted.alarm_1->ten_thousandths());
    }
    if (wanted.alarm_2) {
        difference += compare(read, Quantity::alarm_2, wanted.alarm_2->ten_thousandths());
    }
    if (wanted.overdraft) {
        difference += compare(read, Quantity::overdraft, wanted.overdraft->ten_thousandths());
    }
    if (wanted.overload_w) {
        difference += compare(read, Quantity::overload_power, *wanted.overload_w);
    }
    if (wanted.prepaid_enabled && profile.has(Quantity::prepaid_enabled)) {
        difference += compare(read, Quantity::prepaid_enabled, *wanted.prepaid_enabled ? 1 : 0);
    }
    if (difference.size() >= 2) {
        difference.resize(difference.size() - 2);
    }
    return difference;
}

}  // namespace wutong::collector
