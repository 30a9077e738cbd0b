#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/bill.hpp"
#include "core/energy_series.hpp"
#include "core/local_time.hpp"
#include "core/tariff_calendar.hpp"

/// Inside of core: sorts energy into steps and rates, interval by interval. This is the part that has to be
/// fast.
namespace wutong::core::detail {

class EnergySorter {
public:
    /// @param from nothing before it will be asked for
    EnergySorter(const LocalTime& local, const EnergySeries& energy, Instant from);

    /// From here on this version holds; `used` is what its steps have counted already.
    void begin(const PlanVersion& version, const PreparedCalendar* calendar, Energy used,
               std::optional<std::string> meter);
    /// Takes the energy between two moments, the second not before the first, and both not before the last
    /// call's.
    /// @return the rate without a price that was counted, if there was one
    std::optional<Rate> take(Instant from, Instant to);

    [[nodiscard]] Energy used() const { return Energy{used_}; }
    [[nodiscard]] const std::optional<std::string>& meter() const { return meter_; }
    /// Since `begin`: watt-hours at [step × kRates + rate].
    [[nodiscard]] const std::vector<std::int64_t>& sums() const { return sums_; }
    [[nodiscard]] std::vector<Span>& unmeasured() { return unmeasured_; }

private:
    void take_interval(const EnergyInterval& interval, Instant from, Instant to);
    void add(std::size_t rate, std::int64_t watt_hours);
    void look(Instant at);
    void note_unmeasured(Instant from, Instant to);

    const LocalTime& local_;
    const EnergySeries& energy_;
    const PlanVersion* version_ = nullptr;
    const PreparedCalendar* calendar_ = nullptr;
    std::vector<std::int64_t> limits_;  ///< of the steps; the last one never reached
    std::vector<std::int64_t> sums_;
    std::int64_t used_ = 0;
    std::size_t step_ = 0;
    std::size_t next_ = 0;  ///< the first interval that may still matter
    std::optional<std::string> meter_;
    std::size_t meter_index_ = SIZE_MAX;  ///< of meter_ in energy_, once it was seen there
    std::vector<Span> unmeasured_;
    // The stretch of time around the last look in which the rate stays the same.
    Instant same_from_;
    Instant same_to_;
    std::size_t same_rate_ = 0;
};

}  // namespace wutong::core::detail
