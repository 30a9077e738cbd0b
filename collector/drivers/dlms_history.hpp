#pragma once

#include "collector/drivers/dlms_client.hpp"
#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

/// Rows of the load profile that the meter's profile names, of a day at most. Columns are understood where
/// the profile reads the same attribute; rows without the register are left out.
[[nodiscard]] HistoryReadout dlms_history(MeterBus& bus, const FieldMeter& meter, core::Timestamp from,
                                          core::Timestamp to);

}  // namespace wutong::collector
