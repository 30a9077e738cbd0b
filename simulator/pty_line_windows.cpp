#include <stdexcept>

#include "simulator/pty_line.hpp"

namespace wutong::simulator {

std::unique_ptr<LineEnd> make_pty_line(const boost::asio::any_io_executor&, const LinePlan& plan, Building&,
                                       const SimClock&) {
    throw std::runtime_error("line " + plan.name +
                             ": there are no pseudo-terminals on Windows; use modbus_tcp or rtu_over_tcp");
}

}  // namespace wutong::simulator
