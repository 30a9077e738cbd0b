#pragma once

#include <cstdint>
#include <string>

#include "simulator/building_plan.hpp"

namespace wutong::simulator {

struct LineStats {
    std::uint64_t requests = 0;  ///< whole frames with a good check
    std::uint64_t answers = 0;
    std::uint64_t bad_frames = 0;
    std::uint64_t collisions = 0;  ///< bytes that nobody heard: the line was sending, or flooded
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t wire_busy_us = 0;  ///< time with a byte on the serial side
    std::uint64_t connections = 0;   ///< gateways: open now
};

/// What the outside connects to: a pseudo-terminal or a TCP gateway, with the bus behind it.
class LineEnd {
public:
    virtual ~LineEnd() = default;
    [[nodiscard]] virtual const LinePlan& plan() const = 0;
    /// "/dir/bus1" or "127.0.0.1:15021"
    [[nodiscard]] virtual std::string endpoint() const = 0;
    [[nodiscard]] virtual LineStats stats() const = 0;
    [[nodiscard]] virtual bool dead() const { return false; }
    /// A dead gateway closes its port and its connections. @throws std::runtime_error if it can't come back
    virtual void set_dead(bool dead) = 0;
    virtual void stop() = 0;
};

/// Time that one byte takes on the serial side: start bit, eight data bits, a parity bit with the meters that
/// have one, stop bit.
[[nodiscard]] constexpr std::chrono::nanoseconds byte_time(const LinePlan& plan) {
    const bool parity = plan.framing == LineFraming::dlt645 || plan.framing == LineFraming::cjt188;
    return std::chrono::nanoseconds{(parity ? 11'000'000'000 : 10'000'000'000) / plan.baud};
}

}  // namespace wutong::simulator
