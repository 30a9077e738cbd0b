#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>

#include "simulator/building.hpp"
#include "simulator/line_end.hpp"
#include "simulator/sim_clock.hpp"

namespace wutong::simulator {

/// A bus on a pseudo-terminal. `plan.link` is a symbolic link to the slave, replaced atomically and taken
/// away by `stop`. The slave is kept open here, so masters may come, go and be killed.
/// @throws std::runtime_error saying what can't be made and why; on systems without pseudo-terminals always
[[nodiscard]] std::unique_ptr<LineEnd> make_pty_line(const boost::asio::any_io_executor& executor,
                                                     const LinePlan& plan, Building& building,
                                                     const SimClock& clock);

}  // namespace wutong::simulator
