#pragma once

#include <fmt/format.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>

#include "collector/drivers/field_meter.hpp"
#include "collector/drivers/meter_bus.hpp"
#include "collector/protocols/dlt645_requests.hpp"

/// What the parts of the DL/T 645 driver share.
namespace wutong::collector {

class Dlt645Session final : public MeterSession {
public:
    std::set<std::uint32_t> missing;  ///< items that the meter said it does not have
    /// By the item that counts: how often it had happened when the meter was asked last.
    std::map<std::uint32_t, std::optional<std::int64_t>> counted;
};

[[nodiscard]] inline Dlt645Session& dlt645_session_of(MeterBus& bus) {
    auto& kept = bus.session();
    auto session = std::dynamic_pointer_cast<Dlt645Session>(kept);
    if (!session) {
        session = std::make_shared<Dlt645Session>();
        kept = session;
    }
    return *session;
}

[[nodiscard]] inline protocols::dlt645::Edition edition_of(const FieldMeter& meter) {
    return meter.profile->protocol == core::MeterProtocol::dlt645_1997 ? protocols::dlt645::Edition::of_1997
                                                                       : protocols::dlt645::Edition::of_2007;
}

/// Nothing when there is none that could be asked.
[[nodiscard]] inline std::optional<protocols::dlt645::Address> address_of(const FieldMeter& meter) {
    try {
        return protocols::dlt645::parse_address(meter.station_address);
    } catch (const std::invalid_argument&) {
        return std::nullopt;
    }
}

[[nodiscard]] inline std::string no_address(const FieldMeter& meter) {
    return fmt::format("meter {} needs a station address of up to 12 digits, and has \"{}\"", meter.code,
                       meter.station_address);
}

}  // namespace wutong::collector
