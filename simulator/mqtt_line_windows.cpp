#include <stdexcept>

#include "simulator/mqtt_line.hpp"

namespace wutong::simulator {

std::unique_ptr<LineEnd> make_mqtt_line(const boost::asio::any_io_executor&, const LinePlan& plan, Building&,
                                        const SimClock&) {
    throw std::runtime_error("line " + plan.name + ": MQTT devices are simulated on Linux only");
}

}  // namespace wutong::simulator
