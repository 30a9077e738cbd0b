#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "collector/protocols/dlms_security.hpp"
#include "core/identity.hpp"
#include "core/meter_profile.hpp"
#include "core/quantities.hpp"

namespace wutong::collector {

/// What a meter wants to hear before it obeys. Never in a log, a message or the database.
struct MeterSecret {
    int level = 2;                    ///< of the password, 0..99
    std::uint32_t password = 0;       ///< six digits
    std::uint32_t operator_code = 0;  ///< eight digits; the meter records it
};

/// The same of DLMS.
struct DlmsSecret {
    protocols::Bytes password;                                         ///< of the low level
    std::optional<protocols::dlms::SecurityKeys> keys;                 ///< of GMAC and ciphering
    protocols::dlms::SystemTitle title{'W', 'U', 'T', 0, 0, 0, 0, 1};  ///< ours
};

/// A meter as polling, commands and drivers need it.
struct FieldMeter {
    core::PropertyId property;
    core::ChannelId channel;
    core::MeterId id;
    std::string code;
    std::string serial_number;
    std::uint8_t bus_address = 1;       ///< of Modbus
    std::string station_address;        ///< of all others: "201000000012"
    std::optional<MeterSecret> secret;  ///< where the protocol wants one and the collector was given one
    std::optional<DlmsSecret> dlms;     ///< the same, of DLMS
    bool prepaid = true;                ///< role
    std::shared_ptr<const core::MeterProfile> profile;
    core::Price price;                   ///< what the operator wants on the meter, as far as it is known
    std::chrono::seconds utc_offset{0};  ///< of the property's time zone, now
};

}  // namespace wutong::collector
