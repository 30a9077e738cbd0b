#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "core/time.hpp"

namespace wutong::simulator {

/// Money inside a meter, in 1e-10 of the currency unit. Chosen so that one milliwatt-hour at a price in
/// ten-thousandths per kWh costs exactly `price` of these: nothing is ever rounded away.
using MoneyE10 = std::int64_t;

inline constexpr MoneyE10 kE10PerE4 = 1'000'000;
inline constexpr MoneyE10 kE10PerCent = 100'000'000;

/// A factor such as --load-scale 480 or --price-scale 0.25, kept in thousandths.
struct Scale {
    std::int64_t thousandths = 1000;
    friend bool operator==(const Scale&, const Scale&) = default;
};

/// Everything a prepaid meter keeps over a power loss.
struct PrepaidRegisters {
    std::int64_t energy_mwh = 0;
    std::int64_t energy_rest = 0;  ///< watt-microseconds below one milliwatt-hour
    MoneyE10 balance_e10 = 0;
    MoneyE10 cost_e10 = 0;       ///< all that was ever charged
    std::int64_t cost_rest = 0;  ///< thousandths of 1e-10, left over by --price-scale
    std::uint16_t purchase_number = 0;
    std::uint32_t total_purchased = 0;        ///< "TotalE", as written
    std::uint32_t base_energy = 0;            ///< as written, 0.01 kWh
    std::array<std::uint32_t, 4> price_e4{};  ///< sharp, peak, flat, valley
    std::uint32_t alarm_1_cents = 0;
    std::uint32_t alarm_2_cents = 0;
    std::uint32_t overdraft_cents = 0;
    std::uint8_t extra_byte = 0;
    std::array<std::uint8_t, 6> number_bcd{};
    bool prepaid = false;
    bool credit_relay_closed = true;
    bool forced = false;
    bool forced_open = false;
    bool load_control = false;
    std::uint16_t overload_w = 0;
    std::uint16_t power_step_w = 0;
    std::uint16_t power_factor_limit = 0;
    std::uint8_t recover_minutes = 1;
    std::uint16_t overload_trips_allowed = 3;
    std::uint16_t overload_trips = 0;
    bool overload_open = false;
    std::optional<core::Timestamp> recover_at;
    std::int64_t clock_offset_us = 0;  ///< meter's clock minus the true one at clock_set_at
    core::Timestamp clock_set_at{};
};

/// One line of "somebody wrote to me".
struct MeterWrite {
    core::Timestamp at;
    std::string kind;
    std::uint16_t purchase_number = 0;
    std::int64_t balance_e4 = 0;
};

/// What goes wrong with a meter, as it notices itself; set by tests, forgotten at a restart.
struct Disturbances {
    bool fault = false;
    bool voltage_lost = false;
    bool current_lost = false;
    bool reversed = false;
    bool battery_low = false;
    bool voltage_unbalanced = false;
};
/// What the meter writes down of one kind of trouble, by its own clock.
class EventLog {
public:
    struct Entry {
        core::Timestamp began;
        std::optional<core::Timestamp> ended;
    };
    /// Begins or ends; the ten newest are kept, the newest first.
    void set(bool stands, core::Timestamp at);
    [[nodiscard]] bool stands() const { return !entries_.empty() && !entries_.front().ended; }
    [[nodiscard]] const std::deque<Entry>& entries() const { return entries_; }
    [[nodiscard]] int times() const { return times_; }

private:
    std::deque<Entry> entries_;
    int times_ = 0;
};

/// How a prepaid meter behaves, whatever its register map looks like.
///
/// Time is passed in and only moves forward. Between two calls of `advance` the meter integrates its load
/// over real time in integers; it stops in the very milliwatt-hour in which the credit is used up.
/// Order of the relay's masters: forced, then overload, then credit. A new meter is as from the factory:
/// prepaid off, balance 0, purchase number 0, relay closed.
class PrepaidMeter {
public:
    /// Watts that the tenant would draw at that time, and how long that holds at least.
    struct Demand {
        std::int64_t watts = 0;
        core::Timestamp until;
    };
    using DemandAt = std::function<Demand(core::Timestamp)>;

    PrepaidMeter(DemandAt demand, Scale price_scale, std::int64_t clock_drift_ppm, core::Timestamp now);

    void advance(core::Timestamp now);

    [[nodiscard]] const PrepaidRegisters& registers() const { return registers_; }
    void restore(const PrepaidRegisters& registers);

    // What the wire can change. Call `advance` first; every change takes effect at that time.
    void set_prepaid(bool on);
    void set_balance_cents(std::int64_t cents);
    void set_balance_e10(MoneyE10 balance);
    void set_forced(bool forced, bool open);
    void set_load_control(bool on);
    void reset_overload_trips();
    void set_clock(core::Timestamp shown);
    /// For the fields without consequences of their own.
    PrepaidRegisters& edit() { return registers_; }
    /// To be called after `edit`.
    void settle();
    void note_write(std::string kind);

    // What the tests and the control port can do to it.
    /// The supply fails until then: no consumption, relay as it was, clock on battery.
    void cut_power_until(core::Timestamp end) { dark_until_ = end; }
    void set_powered(bool on) { powered_ = on; }
    Disturbances& disturbances() { return disturbances_; }
    [[nodiscard]] const Disturbances& disturbances() const { return disturbances_; }
    void set_cover_open(bool open) { openings_.set(open, clock()); }
    [[nodiscard]] const EventLog& openings() const { return openings_; }
    /// Two of its three voltages are swapped.
    void set_phases_swapped(bool swapped) { swaps_.set(swapped, clock()); }
    [[nodiscard]] const EventLog& swaps() const { return swaps_; }
    [[nodiscard]] bool powered() const { return powered_ && now_ >= dark_until_; }
    [[nodiscard]] bool powered_switch() const { return powered_; }

    [[nodiscard]] bool relay_closed() const;
    [[nodiscard]] bool arrears() const;
    [[nodiscard]] bool alarm_1() const;
    [[nodiscard]] bool alarm_2() const;
    [[nodiscard]] bool over_limit() const;
    /// What flows now: 0 with an open relay or without supply.
    [[nodiscard]] std::int64_t load_w() const;
    /// The balance as the display shows it: hundredths, rounded down (never more than there is).
    [[nodiscard]] std::int64_t balance_cents() const;
    /// The price that is charged. The factory's day schedule has one rate all day: flat.
    [[nodiscard]] std::uint32_t price_e4() const { return registers_.price_e4[2]; }
    [[nodiscard]] core::Timestamp clock() const;
    [[nodiscard]] core::Timestamp now() const { return now_; }
    [[nodiscard]] const std::deque<MeterWrite>& writes() const { return writes_; }
    /// Counts up whenever something that must survive changed other than by the passage of time.
    [[nodiscard]] std::uint64_t revision() const { return revision_; }

private:
    [[nodiscard]] std::optional<std::int64_t> milliwatt_hours_left() const;
    void charge(std::int64_t milliwatt_hours);
    core::Timestamp consume(std::int64_t watts, core::Timestamp until);

    DemandAt demand_;
    Scale price_scale_;
    std::int64_t clock_drift_ppm_;
    core::Timestamp now_;
    core::Timestamp dark_until_{};
    bool powered_ = true;
    PrepaidRegisters registers_;
    std::deque<MeterWrite> writes_;
    std::uint64_t revision_ = 0;
    Disturbances disturbances_;
    EventLog openings_;
    EventLog swaps_;
};

}  // namespace wutong::simulator
