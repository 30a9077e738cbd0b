#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "collector/protocols/bytes.hpp"
#include "simulator/building.hpp"
#include "simulator/line_end.hpp"
#include "simulator/sim_clock.hpp"

namespace wutong::simulator {

/// What hangs on a line's two wires: meters (PacedLine), or a recording (ReplayLine).
class Wire {
public:
    using Output = std::function<void(protocols::ByteView)>;

    Wire() = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    virtual ~Wire() = default;
    virtual void receive(protocols::ByteView bytes) = 0;
    virtual void stop() = 0;
    [[nodiscard]] virtual const LineStats& stats() const = 0;
    /// Of what is on the wire now, where meters change it; 0: as the plan says.
    [[nodiscard]] virtual int speed() const { return 0; }
};

/// @param plan and building must outlive it
/// @param grain see PacedLine; a recording has its own
[[nodiscard]] std::unique_ptr<Wire> make_wire(const boost::asio::any_io_executor& executor,
                                              const LinePlan& plan, Building& building, const SimClock& clock,
                                              std::size_t grain, Wire::Output output);

}  // namespace wutong::simulator
