#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <catch2/catch.hpp>

#include "collector/transports/channel_link.hpp"
#include "unit/transports/scripted_peer.hpp"

/// The five ways to a meter; each has to keep the same contract.
namespace wutong::tests {

using namespace std::chrono_literals;
using collector::ModbusClient;
using collector::ModbusFault;
using collector::Yield;
using Kind = ModbusFault::Kind;

struct LinkCase {
    const char* name;
    Wire wire;
    collector::Driver driver;

    [[nodiscard]] bool own() const { return driver == collector::Driver::own; }
    [[nodiscard]] bool rtu() const { return wire != Wire::modbus_tcp; }
};

inline const std::vector<LinkCase>& all_links() {
    static const std::vector<LinkCase> links{
        {"own, RTU on a pseudo-terminal", Wire::pty, collector::Driver::own},
        {"own, RTU over TCP", Wire::rtu_over_tcp, collector::Driver::own},
        {"own, Modbus TCP", Wire::modbus_tcp, collector::Driver::own},
        {"libmodbus, RTU on a pseudo-terminal", Wire::pty, collector::Driver::libmodbus},
        {"libmodbus, Modbus TCP", Wire::modbus_tcp, collector::Driver::libmodbus},
    };
    return links;
}

// Long enough for a busy machine, short enough for a test.
inline constexpr auto kTimeout = 250ms;
inline constexpr auto kWindow = 500ms;
inline constexpr auto kLate = 400ms;  ///< after the time-out, within the window

inline collector::LinkSettings settings_for(const LinkCase& link, const std::string& endpoint) {
    collector::LinkSettings settings;
    settings.transport = link.wire == Wire::pty            ? collector::Transport::serial
                         : link.wire == Wire::rtu_over_tcp ? collector::Transport::rtu_over_tcp
                                                           : collector::Transport::modbus_tcp;
    settings.endpoint = endpoint;
    settings.serial.baud = 115'200;
    settings.driver = link.driver;
    settings.open_timeout = 1'000ms;
    settings.late_answer_window = kWindow;
    return settings;
}

/// Runs `body(client, yield)` in a coroutine to its end.
template <class Body>
void with_client(const collector::LinkSettings& settings, Body body, collector::Tap tap = {}) {
    boost::asio::io_context context;
    boost::asio::thread_pool workers{1};  // after the context: it is joined first
    const auto strand = boost::asio::make_strand(context);
    bool finished = false;
    boost::asio::spawn(strand, [&](Yield yield) {
        const auto client = collector::make_modbus_client(strand, workers, settings, std::move(tap));
        body(*client, yield);
        finished = true;
    });
    context.run();
    REQUIRE(finished);
}

template <class Body>
void with_link(const LinkCase& link, const ScriptedPeer& peer, Body body) {
    with_client(settings_for(link, peer.endpoint()), std::move(body));
}

inline protocols::Words words_of(const collector::ReadOutcome& outcome) {
    if (const auto* fault = std::get_if<ModbusFault>(&outcome)) {
        FAIL("fault instead of words: " << collector::describe(*fault));
    }
    return std::get<protocols::Words>(outcome);
}
template <class Outcome>
ModbusFault fault_of(const Outcome& outcome) {
    REQUIRE(std::holds_alternative<ModbusFault>(outcome));
    return std::get<ModbusFault>(outcome);
}
inline bool acknowledged(const collector::WriteOutcome& outcome) {
    if (const auto* fault = std::get_if<ModbusFault>(&outcome)) {
        UNSCOPED_INFO(collector::describe(*fault));
    }
    return std::holds_alternative<collector::Acknowledged>(outcome);
}

class Stopwatch {
public:
    [[nodiscard]] std::chrono::milliseconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::milliseconds>(collector::Monotonic::now() - started_);
    }

private:
    collector::Deadline started_ = collector::Monotonic::now();
};

}  // namespace wutong::tests
