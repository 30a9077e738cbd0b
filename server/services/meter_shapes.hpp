#pragma once

#include <wutong/v1/device_service.pb.h>

#include "storage/meters.hpp"

/// Meters of the store in the shapes of the API.
namespace wutong::server {

/// UNSPECIFIED when nothing is known yet: a meter that was never read is not "normal".
[[nodiscard]] v1::MeterStatus meter_status(const storage::MeterRow& row);
/// The next state that applies, for the second sign; UNSPECIFIED: none.
[[nodiscard]] v1::MeterStatus second_status(const storage::MeterRow& row);
void fill(const storage::MeterRow& row, v1::MeterState& state);
void fill(const storage::MeterRow& row, v1::Meter& meter);

}  // namespace wutong::server
