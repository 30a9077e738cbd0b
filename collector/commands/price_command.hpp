#pragma once

#include "collector/commands/command_runner.hpp"

namespace wutong::collector {

/// Sets the price and finds out which one the meter charges afterwards, because consumption is booked at it.
/// Once a frame has gone out the command does not end on a guess: whatever came back, the meter's own
/// registers decide. When they can't be read the end is `undecided`, and the same work with `sent` set looks
/// first. A frame that was refused, or came too late, ends as failed or expired with the price that was
/// found.
[[nodiscard]] CommandEnd run_set_price(const CommandWork& work, const FieldMeter& meter, MeterBus& bus,
                                       CommandGate& gate);

}  // namespace wutong::collector
