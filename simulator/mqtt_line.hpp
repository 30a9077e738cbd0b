#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "simulator/building.hpp"
#include "simulator/line_end.hpp"
#include "simulator/sim_clock.hpp"

namespace wutong::simulator {

/// Devices that publish to `plan.broker` each `plan.every_ms`, and obey what is published to them. A broker
/// that is away is tried again each second.
/// @throws std::runtime_error when the broker's name is none
[[nodiscard]] std::unique_ptr<LineEnd> make_mqtt_line(const boost::asio::any_io_executor& executor,
                                                      const LinePlan& plan, Building& building,
                                                      const SimClock& clock);

}  // namespace wutong::simulator
