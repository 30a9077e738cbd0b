#pragma once

#include <functional>
#include <string>

#include "collector/commands/field_work.hpp"
#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

struct RelayOutcome {
    std::string reason;    ///< empty: the relay is as wanted, read back from the meter
    MeterReadout readout;  ///< the state block after it
    bool stopped = false;  ///< `may_send` said no
};

/// Sends the command and reads the relay back until it is as wanted; a relay takes a moment to move.
/// Setting it again does no harm, so a lost answer is answered by sending it once more.
/// @param may_send asked before each frame that goes out
[[nodiscard]] RelayOutcome set_relay(MeterBus& bus, const FieldMeter& meter, RelayOrder order,
                                     const std::function<bool()>& may_send);

}  // namespace wutong::collector
