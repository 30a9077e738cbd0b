#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/meter_profile.hpp"

/// How long a bus needs for its meters, from what goes over it: characters, pauses, and what dead meters
/// cost. The collector polls as this says; docs/operations.md has the table that comes of it.
namespace wutong::core {

/// The wire and what answers on it.
struct BusLine {
    int baud = 9'600;
    int bits_per_character = 10;  ///< start, 8, parity, stop: 8N1 10, 8E1 11
    /// From the end of a question to the beginning of the answer: what meters take.
    std::chrono::milliseconds turnaround{30};
    /// There and back, between the collector and the gateway that owns the wire; 0: the port is its own.
    std::chrono::milliseconds latency{0};
};

/// Of one question with its answer, in characters on the wire.
struct BusExchange {
    int question = 0;
    int answer = 0;
    friend bool operator==(const BusExchange&, const BusExchange&) = default;
};

/// What a poll of these groups costs, reads merged as the collector merges them. Empty for protocols whose
/// sizes are not known here.
[[nodiscard]] std::vector<BusExchange> exchanges_of(const MeterProfile& profile,
                                                    const std::vector<Block::Group>& groups);

/// One exchange: its characters, the pause before it (3.5 characters, 1.75 ms at least), turnaround, latency.
[[nodiscard]] std::chrono::microseconds time_of(const BusLine& line, const BusExchange& exchange);
[[nodiscard]] std::chrono::microseconds time_of(const BusLine& line, const std::vector<BusExchange>& poll);

/// Meters of one kind.
struct BusMeters {
    int count = 0;
    std::vector<BusExchange> state;
    std::vector<BusExchange> reading;  ///< a scheduled reading, which brings the state too
};

struct BusRules {
    std::chrono::seconds freshness{180};  ///< no state may be older
    std::chrono::seconds reading_every{1'800};
    int dead = 0;  ///< quarantined: probed only
    std::chrono::milliseconds probe_timeout{200};
    std::chrono::seconds probe_every{60};
    /// For commands, credit, upkeep and repeated questions.
    int reserve_percent = 20;
};

struct BusTimes {
    std::chrono::milliseconds round{0};  ///< the state of all that answer, once, nothing else on the bus
    std::chrono::milliseconds busy{0};   ///< of one freshness period: states, readings, probes
    std::chrono::seconds freshness{0};   ///< best that can be kept with the reserve; 0: never, it is full
    bool fits = false;                   ///< busy and reserve fit into the period
};
[[nodiscard]] BusTimes bus_times(const BusLine& line, const std::vector<BusMeters>& meters,
                                 const BusRules& rules);

/// The most meters of one kind that keep the freshness, at most 1024.
[[nodiscard]] int meters_per_bus(const BusLine& line, const BusMeters& kind, const BusRules& rules);
inline constexpr int kMetersPerBusMax = 1'024;

}  // namespace wutong::core
