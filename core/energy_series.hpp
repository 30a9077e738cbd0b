#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/commodity.hpp"
#include "core/local_time.hpp"
#include "core/tariff_fault.hpp"
#include "core/tariff_plan.hpp"

/// From what registers show to what was used between two readings (docs/tariffs.md, rules 3 to 5).
namespace wutong::core {

struct RegisterReading {
    Instant at;
    Energy total;
    std::optional<std::array<Energy, kRates>> rates;  ///< the meter's own registers per rate
};

/// One meter's readings, in order of time.
struct MeterSeries {
    std::string meter;
    std::optional<Energy> rolls_over_at;    ///< the first value that the register can't show
    std::optional<std::int64_t> watts_max;  ///< more than this for a whole interval can't be
    Energy quantum{10};                     ///< the register's smallest step
    std::vector<RegisterReading> readings;
    Commodity commodity{Commodity::electricity};  ///< names the unit in what is said of a fault
};

struct EnergyInterval {
    Instant from;
    Instant to;
    Energy total;
    std::array<Energy, kRates> rates;
    bool has_rates = false;   ///< `rates` were counted by the meter
    std::uint16_t meter = 0;  ///< index into EnergySeries::meters
};

struct EnergySeries {
    std::vector<std::string> meters;
    std::vector<EnergyInterval> intervals;  ///< in order, none longer than nothing, none over another
    Commodity commodity{Commodity::electricity};
};

inline constexpr std::size_t kMetersInSeriesMax = 1'000;
inline constexpr std::size_t kSeriesIntervalsMax = 4'000'000;
inline constexpr Energy kIntervalEnergyMax{1'000'000'000'000};
inline constexpr std::chrono::days kIntervalMax{400};

/// @param series one for each meter that served the account, in the order of their exchange
[[nodiscard]] std::variant<EnergySeries, TariffFault> energy_between(std::span<const MeterSeries> series);

/// Of `whole` used evenly over [from, to), what was used before `at`; rounded down to a watt-hour.
/// @pre from < to, to - from <= kIntervalMax, from <= at <= to, 0 <= whole
[[nodiscard]] inline std::int64_t used_before(std::int64_t whole, Instant from, Instant to, Instant at) {
    // Quotient and rest apart, since whole x seconds need not fit 64 bits.
    const auto length = (to - from).count();
    const auto done = (at - from).count();
    return whole / length * done + whole % length * done / length;
}

/// Times that a reading or a period can have.
inline constexpr Instant kTimeMin{};
inline constexpr Instant kTimeMax{std::chrono::sys_days{std::chrono::year{2201} / 1 / 1}};

/// "1234590 Wh", "10 l"
[[nodiscard]] std::string small_quantity_text(Energy quantity, Commodity commodity);
/// "2026-03-29 01:00:00 UTC"
[[nodiscard]] std::string to_text(Instant at);

}  // namespace wutong::core
