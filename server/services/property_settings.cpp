#include "server/services/property_settings.hpp"

#include "storage/money_parameters.hpp"

namespace wutong::server {

PropertySettings read_property_settings(storage::Transaction& tx, core::PropertyId property) {
    const auto numbers = storage::set_numbers(tx, property);
    const auto number = [&numbers](const char* key, std::int64_t otherwise) {
        const auto found = numbers.find(key);
        return found == numbers.end() ? otherwise : found->second;
    };
    PropertySettings settings;
    settings.meter.price_e4 = number("price_e4", 10'000);
    settings.meter.alarm_1_e4 = number("alarm_1_e4", 200'000);
    settings.meter.alarm_2_e4 = number("alarm_2_e4", 50'000);
    settings.meter.overdraft_e4 = number("overdraft_e4", 0);
    settings.meter.overload_w = number("overload_w", 0);
    if (const auto most = number("balance_max_e4", 0); most > 0) {
        settings.balance_max_e4 = most;
    }
    settings.close_switches_off = number("close_switches_off", 0) != 0;
    settings.command_expiry_s = static_cast<int>(number("command_expiry_s", 600));
    return settings;
}

}  // namespace wutong::server
