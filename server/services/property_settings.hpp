#pragma once

#include <cstdint>
#include <optional>

#include "core/identity.hpp"
#include "server/services/meter_settings.hpp"
#include "storage/database.hpp"

namespace wutong::server {

/// The property's parameters that decide about money, as numbers.
struct PropertySettings {
    DefaultSettings meter;
    std::int64_t water_price_e4 = 0;             ///< of a cubic metre
    std::optional<std::int64_t> balance_max_e4;  ///< hoarding limit; empty: none
    bool close_switches_off = false;
    int command_expiry_s = 0;
    int settle_persons = 2;  ///< operators who have to agree about a quarantined delivery
};

[[nodiscard]] PropertySettings read_property_settings(storage::Transaction& tx, core::PropertyId property);

}  // namespace wutong::server
