#pragma once

#include <wutong/v1/device_service.pb.h>

#include <utility>

#include "core/meter_profile.hpp"
#include "server/services/device_checks.hpp"
#include "storage/devices.hpp"
#include "storage/errors.hpp"
#include "storage/meters.hpp"

/// Gateways, channels and profiles in the shapes of the API, and back.
namespace wutong::server {

void fill(core::PropertyId property, const storage::GatewayRow& row, v1::Gateway& gateway);
void fill(core::PropertyId property, const storage::ChannelRow& row, v1::Channel& channel);
void fill(const core::MeterProfile& profile, v1::Profile& out);

/// Settings that are zero or empty get the defaults of a serial line. `channel` (the id) is left out.
[[nodiscard]] storage::ChannelRow to_channel_row(const v1::Channel& channel);
/// Without the meter's id and what only the collector knows.
[[nodiscard]] storage::MeterRow to_meter_row(const v1::Meter& meter);

/// Runs a transaction that may meet a unique key or a reference, and says which field that was.
template <class Body>
void refusing_conflicts(Body&& body) {
    try {
        std::forward<Body>(body)();
    } catch (const storage::UniqueViolation& error) {
        refuse_conflict(error);
    } catch (const storage::ReferenceViolation& error) {
        refuse_conflict(error);
    }
}

}  // namespace wutong::server
