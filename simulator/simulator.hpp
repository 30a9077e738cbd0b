#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <filesystem>
#include <memory>

#include "simulator/building.hpp"
#include "simulator/control_api.hpp"
#include "simulator/control_port.hpp"
#include "simulator/line_end.hpp"
#include "simulator/sim_clock.hpp"

namespace wutong::simulator {

struct SimulatorOptions {
    BuildingPlan plan;
    std::uint16_t control_port = 7480;  ///< 0 = any free one
    std::filesystem::path state_file;   ///< empty: meters are new at every start
};

/// Building, lines and control port on one thread, so nothing needs a lock; a second thread writes the state
/// file, because waiting for a disk would be seen on the buses.
class Simulator {
public:
    /// Opens everything. @throws std::runtime_error when a port is taken or a pseudo-terminal can't be made
    Simulator(SimulatorOptions options, const LoadCurves& curves);
    ~Simulator();

    /// Until `stop`, SIGINT or SIGTERM. @return the signal, or 0
    int run();
    /// From any thread.
    void stop();

    [[nodiscard]] Building& building() { return building_; }
    [[nodiscard]] const ControlApi::Lines& lines() const { return lines_; }
    [[nodiscard]] std::uint16_t control_port() const { return control_port_->port(); }
    [[nodiscard]] std::size_t restored() const { return restored_; }

private:
    void tick();
    void save();
    void close();

    SimulatorOptions options_;
    boost::asio::io_context context_{1};
    boost::asio::thread_pool writer_{1};
    SimClock clock_;
    Building building_;
    ControlApi::Lines lines_;
    std::unique_ptr<ControlApi> api_;
    std::unique_ptr<ControlPort> control_port_;
    boost::asio::signal_set signals_;
    boost::asio::steady_timer ticker_;
    SimClock::Steady::time_point next_tick_;
    SimClock::Steady::time_point saved_at_;
    std::uint64_t saved_revision_ = 0;
    bool saving_ = false;
    bool closed_ = false;
    std::size_t restored_ = 0;
    int signal_ = 0;
};

}  // namespace wutong::simulator
