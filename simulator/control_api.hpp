#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "simulator/building.hpp"
#include "simulator/line_end.hpp"
#include "simulator/sim_clock.hpp"

namespace wutong::simulator {

struct ApiReply {
    int status = 200;
    std::string body;  ///< JSON
};

/// The truth about the building and the levers on it, as HTTP methods and JSON; no sockets in here.
/// docs/simulator.md lists the calls. Bad input is answered with 400 and {"error": what, where, what to do};
/// nothing is changed then.
class ControlApi {
public:
    using Lines = std::vector<std::unique_ptr<LineEnd>>;

    ControlApi(Building& building, const Lines& lines, const SimClock& clock);

    [[nodiscard]] ApiReply handle(const std::string& method, const std::string& target,
                                  const std::string& body);

private:
    Building& building_;
    const Lines& lines_;
    const SimClock& clock_;
};

}  // namespace wutong::simulator
