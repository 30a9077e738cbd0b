#include "simulator/simulator.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "simulator/mqtt_line.hpp"
#include "simulator/pty_line.hpp"
#include "simulator/state_file.hpp"
#include "simulator/tcp_gateway.hpp"

namespace wutong::simulator {
namespace {

/// Meters are brought up to date when somebody asks; this makes them trip by themselves too.
constexpr std::chrono::milliseconds kTick{200};
/// Energy alone is saved this often; a write to a meter at the next tick.
constexpr std::chrono::seconds kSaveInterval{5};

std::unique_ptr<LineEnd> make_line(const boost::asio::any_io_executor& executor, const LinePlan& plan,
                                   Building& building, const SimClock& clock) {
    switch (plan.kind) {
        case LineKind::pty:
            return make_pty_line(executor, plan, building, clock);
        case LineKind::modbus_tcp:
            if (!plan.replay.empty()) {
                return make_rtu_over_tcp_gateway(executor, plan, building, clock);  // bytes are bytes
            }
            return make_modbus_tcp_gateway(executor, plan, building, clock);
        case LineKind::rtu_over_tcp:
            return make_rtu_over_tcp_gateway(executor, plan, building, clock);
        case LineKind::dial_in:
            return make_dial_in_gateway(executor, plan, building, clock);
        case LineKind::mqtt:
            return make_mqtt_line(executor, plan, building, clock);
    }
    throw std::logic_error("unknown kind of line");
}

}  // namespace

Simulator::Simulator(SimulatorOptions options, const LoadCurves& curves)
    : options_{std::move(options)},
      building_{options_.plan, curves, clock_.now()},
      signals_{context_},
      ticker_{context_} {
    if (!options_.state_file.empty() && std::filesystem::exists(options_.state_file)) {
        std::ifstream file{options_.state_file, std::ios::binary};
        const std::string text{std::istreambuf_iterator<char>{file}, {}};
        try {
            restored_ = restore(building_, text);
        } catch (const std::runtime_error& fault) {
            throw std::runtime_error(fmt::format("{}: {}; move it away to start with new meters",
                                                 options_.state_file.string(), fault.what()));
        }
    }
    // The control port first: a second simulator must not take the first one's links away.
    api_ = std::make_unique<ControlApi>(building_, lines_, clock_);
    control_port_ = std::make_unique<ControlPort>(context_.get_executor(), options_.control_port, *api_);
    try {
        for (const auto& plan : options_.plan.lines) {
            lines_.push_back(make_line(context_.get_executor(), plan, building_, clock_));
        }
        if (!options_.state_file.empty()) {
            // Finds out now that the place can't be written to, not after the first top-up.
            write_file_atomically(options_.state_file, snapshot(building_));
        }
    } catch (...) {
        close();
        throw;
    }
    saved_revision_ = building_.revision();
    saved_at_ = next_tick_ = SimClock::Steady::now();
}

Simulator::~Simulator() {
    close();
    writer_.join();
}

int Simulator::run() {
    signals_.add(SIGINT);
    signals_.add(SIGTERM);
    signals_.async_wait([this](const boost::system::error_code& fault, int signal) {
        if (!fault) {
            signal_ = signal;
            context_.stop();
        }
    });
    control_port_->start();
    tick();
    context_.run();
    close();
    return signal_;
}

void Simulator::stop() {
    boost::asio::post(context_, [this] { context_.stop(); });
}

void Simulator::tick() {
    building_.advance(clock_.now());
    save();
    next_tick_ += kTick;
    ticker_.expires_at(next_tick_);
    ticker_.async_wait([this](const boost::system::error_code& fault) {
        if (!fault) {
            tick();
        }
    });
}

void Simulator::save() {
    if (options_.state_file.empty() || saving_) {
        return;
    }
    const auto time = SimClock::Steady::now();
    const auto revision = building_.revision();
    if (revision == saved_revision_ && time - saved_at_ < kSaveInterval) {
        return;
    }
    saved_revision_ = revision;
    saved_at_ = time;
    saving_ = true;
    boost::asio::post(writer_, [this, text = snapshot(building_)] {
        try {
            write_file_atomically(options_.state_file, text);
        } catch (const std::exception& fault) {
            spdlog::error("state not saved: {}", fault.what());
        }
        boost::asio::post(context_, [this] { saving_ = false; });
    });
}

void Simulator::close() {
    if (closed_) {
        return;
    }
    closed_ = true;
    control_port_->stop();
    for (const auto& line : lines_) {
        line->stop();
    }
    writer_.join();
    if (!options_.state_file.empty()) {
        try {
            building_.advance(clock_.now());
            write_file_atomically(options_.state_file, snapshot(building_));
        } catch (const std::exception& fault) {
            spdlog::error("state not saved: {}", fault.what());
        }
    }
}

}  // namespace wutong::simulator
