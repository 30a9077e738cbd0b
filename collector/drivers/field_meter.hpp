#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "core/identity.hpp"
#include "core/meter_profile.hpp"
#include "core/quantities.hpp"

namespace wutong::collector {

/// A meter as polling, commands and drivers need it.
struct FieldMeter {
    core::PropertyId property;
    core::ChannelId channel;
    core::MeterId id;
    std::string code;
    std::string serial_number;
    std::uint8_t bus_address = 1;
    bool prepaid = true;  ///< role
    std::shared_ptr<const core::MeterProfile> profile;
    core::Price price;                   ///< what the operator wants on the meter, as far as it is known
    std::chrono::seconds utc_offset{0};  ///< of the property's time zone, now
};

}  // namespace wutong::collector
