#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "core/credit_delivery.hpp"
#include "tests/simulation/random.hpp"

namespace wutong::simulation {

enum class Fault : std::uint8_t {
    lost_request,
    lost_answer,
    late_answer,
    foreign_answer,
    bad_checksum,
    power_cut,
    meter_refuses,
    line_away,
    late_frame,
    collector_killed,
    second_collector,
    database_away,
    commit_lost,
    commit_happened,
    clock_jump,
    duplicate_request,
    reused_request,
    foreign_write,
};
inline constexpr std::size_t kFaults = 18;
inline constexpr std::size_t kStates = 6;
[[nodiscard]] const char* to_string(Fault fault);

/// How often each fault met a delivery in each state.
class Coverage {
public:
    void met(Fault fault, core::DeliveryState state) {
        ++counts_.at(static_cast<std::size_t>(fault)).at(static_cast<std::size_t>(state));
    }
    void add(const Coverage& other);
    [[nodiscard]] std::string table() const;
    /// Cells that are zero and could have been met, "fault/state" each; and met ones that were thought
    /// impossible.
    [[nodiscard]] std::string wrong() const;
    /// Why this fault can't meet this state; "" when it can.
    [[nodiscard]] static const char* impossible(Fault fault, core::DeliveryState state);

private:
    std::array<std::array<std::uint64_t, kStates>, kFaults> counts_{};
};

/// The faults of one seed: some of them, each with its own frequency, so that one seed is quiet and the next
/// a storm; with all of them always on, nothing would ever get far.
class Weather {
public:
    explicit Weather(Random& random);
    [[nodiscard]] bool strikes(Fault fault) {
        return on_ && random_.chance(per_mille_.at(static_cast<std::size_t>(fault)));
    }
    void clear_up() { on_ = false; }
    [[nodiscard]] bool fair() const { return !on_; }

private:
    Random& random_;
    std::array<int, kFaults> per_mille_{};
    bool on_ = true;
};

}  // namespace wutong::simulation
