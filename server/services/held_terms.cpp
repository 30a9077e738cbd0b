#include "server/services/held_terms.hpp"

#include "server/services/property_settings.hpp"

namespace wutong::server {

storage::HeldDefaults held_defaults(storage::Transaction& tx, core::PropertyId property) {
    const auto all = read_property_settings(tx, property);
    const auto& settings = all.meter;
    return {core::Price{settings.price_e4},
            core::Money{settings.overdraft_e4},
            {core::Money{settings.alarm_1_e4}, core::Money{settings.alarm_2_e4}},
            core::Price{all.water_price_e4}};
}

}  // namespace wutong::server
