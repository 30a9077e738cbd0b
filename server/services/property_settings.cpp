#include "server/services/property_settings.hpp"

#include <charconv>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string>

#include "server/services/parameter_table.hpp"
#include "storage/parameters.hpp"

namespace wutong::server {

namespace {

/// What was set, else the table's default.
std::int64_t number(const std::map<std::string, std::string>& set, const char* key) {
    std::string text;
    if (const auto found = set.find(key); found != set.end()) {
        text = found->second;
    } else {
        for (const auto& rule : parameter_rules()) {
            if (std::strcmp(rule.key, key) == 0) {
                text = rule.otherwise;
            }
        }
    }
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) {
        throw std::runtime_error(std::string{"the parameter "} + key + " is no number: \"" + text + "\"");
    }
    return value;
}

}  // namespace

PropertySettings read_property_settings(storage::Transaction& tx, core::PropertyId property) {
    const auto set = storage::list_parameters(tx, property);
    PropertySettings settings;
    settings.meter.price_e4 = number(set, "price_e4");
    settings.water_price_e4 = number(set, "water_price_e4");
    settings.meter.alarm_1_e4 = number(set, "alarm_1_e4");
    settings.meter.alarm_2_e4 = number(set, "alarm_2_e4");
    settings.meter.overdraft_e4 = number(set, "overdraft_e4");
    settings.meter.overload_w = number(set, "overload_w");
    if (const auto most = number(set, "balance_max_e4"); most > 0) {
        settings.balance_max_e4 = most;
    }
    settings.close_switches_off = number(set, "close_switches_off") != 0;
    settings.settle_persons = static_cast<int>(number(set, "settle_persons"));
    settings.command_expiry_s = static_cast<int>(number(set, "command_expiry_s"));
    return settings;
}

}  // namespace wutong::server
