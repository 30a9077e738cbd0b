#include "simulator/prepaid_meter.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <chrono>
#include <limits>
#include <utility>

namespace wutong::simulator {
namespace {

/// Products of price, energy and scale can leave 64 bits long before the meter's registers do.
using Wide = boost::multiprecision::int128_t;

constexpr std::int64_t kWattMicrosecondsPerMilliwattHour = 3'600'000;
constexpr std::size_t kWritesKept = 50;
/// The register is a signed 32-bit number of hundredths; the meter stays at its end.
constexpr MoneyE10 kBalanceMin = std::int64_t{std::numeric_limits<std::int32_t>::min()} * kE10PerCent;

std::int64_t narrow(const Wide& value) {
    constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
    return value > kMax ? kMax : static_cast<std::int64_t>(value);
}

MoneyE10 cents(std::uint32_t value) {
    return static_cast<MoneyE10>(value) * kE10PerCent;
}

}  // namespace

PrepaidMeter::PrepaidMeter(DemandAt demand, Scale price_scale, std::int64_t clock_drift_ppm,
                           core::Timestamp now)
    : demand_{std::move(demand)}, price_scale_{price_scale}, clock_drift_ppm_{clock_drift_ppm}, now_{now} {
    registers_.clock_set_at = now;
}

void PrepaidMeter::restore(const PrepaidRegisters& registers) {
    registers_ = registers;
    settle();
}

void PrepaidMeter::advance(core::Timestamp now) {
    while (now_ < now) {
        settle();
        if (!powered()) {
            now_ = powered_ ? std::min(now, dark_until_) : now;
            continue;
        }
        const auto demand = demand_(now_);
        auto until = std::min(now, std::max(demand.until, now_ + std::chrono::microseconds{1}));
        if (registers_.recover_at && *registers_.recover_at > now_) {
            until = std::min(until, *registers_.recover_at);
        }
        now_ = relay_closed() ? consume(demand.watts, until) : until;
    }
    settle();
}

/// Energy that the credit still pays for, rounded up; nothing when credit does not limit the meter.
std::optional<std::int64_t> PrepaidMeter::milliwatt_hours_left() const {
    const Wide unit_cost = Wide{price_e4()} * price_scale_.thousandths;
    if (!registers_.prepaid || registers_.forced || unit_cost == 0) {
        return std::nullopt;
    }
    const Wide credit =
        (Wide{registers_.balance_e10} + cents(registers_.overdraft_cents)) * 1000 - registers_.cost_rest;
    if (credit <= 0) {
        return 0;
    }
    return narrow((credit + unit_cost - 1) / unit_cost);
}

void PrepaidMeter::charge(std::int64_t milliwatt_hours) {
    registers_.energy_mwh += milliwatt_hours;
    if (!registers_.prepaid) {
        return;
    }
    const Wide cost = Wide{milliwatt_hours} * price_e4() * price_scale_.thousandths + registers_.cost_rest;
    const auto whole = narrow(cost / 1000);
    registers_.cost_rest = static_cast<std::int64_t>(cost % 1000);
    // Only a meter forced closed for very long gets to the end of its register.
    const auto charged = std::min(whole, registers_.balance_e10 - kBalanceMin);
    registers_.balance_e10 -= charged;
    registers_.cost_e10 += charged;
}

/// @return the time up to which energy was consumed: `until`, or the instant the credit ended
core::Timestamp PrepaidMeter::consume(std::int64_t watts, core::Timestamp until) {
    auto span_us = (until - now_).count();
    auto gathered = Wide{watts} * span_us + registers_.energy_rest;
    if (const auto left = milliwatt_hours_left()) {
        const Wide enough = Wide{*left} * kWattMicrosecondsPerMilliwattHour;
        if (gathered >= enough && watts > 0) {
            const Wide needed = enough > registers_.energy_rest ? enough - registers_.energy_rest : Wide{0};
            span_us = std::min(span_us, narrow((needed + watts - 1) / watts));
            gathered = Wide{watts} * span_us + registers_.energy_rest;
        }
    }
    registers_.energy_rest = static_cast<std::int64_t>(gathered % kWattMicrosecondsPerMilliwattHour);
    charge(narrow(gathered / kWattMicrosecondsPerMilliwattHour));
    return now_ + std::chrono::microseconds{span_us};
}

/// Brings the relays in line with the registers.
void PrepaidMeter::settle() {
    const bool credit_closed = !arrears();
    if (credit_closed != registers_.credit_relay_closed) {
        registers_.credit_relay_closed = credit_closed;
        ++revision_;
    }
    if (registers_.recover_at && *registers_.recover_at <= now_) {
        registers_.recover_at.reset();
        registers_.overload_open = false;
        ++revision_;
    }
    if (!registers_.load_control || registers_.overload_w == 0) {
        if (registers_.overload_open) {
            registers_.overload_open = false;
            registers_.recover_at.reset();
            ++revision_;
        }
        return;
    }
    if (powered() && relay_closed() && !registers_.forced && demand_(now_).watts > registers_.overload_w) {
        registers_.overload_open = true;
        registers_.overload_trips = static_cast<std::uint16_t>(
            std::min<int>(registers_.overload_trips + 1, std::numeric_limits<std::uint16_t>::max()));
        if (registers_.overload_trips <= registers_.overload_trips_allowed) {
            registers_.recover_at = now_ + std::chrono::minutes{std::max<int>(1, registers_.recover_minutes)};
        }
        ++revision_;
    }
}

void PrepaidMeter::set_prepaid(bool on) {
    registers_.prepaid = on;
    settle();
}

void PrepaidMeter::set_balance_cents(std::int64_t value) {
    set_balance_e10(value * kE10PerCent);
}

void PrepaidMeter::set_balance_e10(MoneyE10 balance) {
    registers_.balance_e10 = std::max(balance, kBalanceMin);
    registers_.cost_rest = 0;
    settle();
}

void PrepaidMeter::set_forced(bool forced, bool open) {
    registers_.forced = forced;
    registers_.forced_open = open;
    settle();
}

void PrepaidMeter::set_load_control(bool on) {
    registers_.load_control = on;
    settle();
}

void PrepaidMeter::reset_overload_trips() {
    registers_.overload_trips = 0;
    registers_.overload_open = false;
    registers_.recover_at.reset();
    settle();
}

void PrepaidMeter::set_clock(core::Timestamp shown) {
    registers_.clock_offset_us = (shown - now_).count();
    registers_.clock_set_at = now_;
}

void PrepaidMeter::note_write(std::string kind) {
    writes_.push_back({now_, std::move(kind), registers_.purchase_number, balance_cents() * 100});
    if (writes_.size() > kWritesKept) {
        writes_.pop_front();
    }
    ++revision_;
}

bool PrepaidMeter::relay_closed() const {
    if (registers_.forced) {
        return !registers_.forced_open;
    }
    return !registers_.overload_open && registers_.credit_relay_closed;
}

bool PrepaidMeter::arrears() const {
    return registers_.prepaid && registers_.balance_e10 <= -cents(registers_.overdraft_cents);
}

bool PrepaidMeter::alarm_1() const {
    return registers_.prepaid && registers_.alarm_1_cents > 0 &&
           registers_.balance_e10 <= cents(registers_.alarm_1_cents);
}

bool PrepaidMeter::alarm_2() const {
    return registers_.prepaid && registers_.alarm_2_cents > 0 &&
           registers_.balance_e10 <= cents(registers_.alarm_2_cents);
}

bool PrepaidMeter::over_limit() const {
    return registers_.overload_open ||
           (registers_.load_control && registers_.overload_w > 0 && load_w() > registers_.overload_w);
}

std::int64_t PrepaidMeter::load_w() const {
    return powered() && relay_closed() ? demand_(now_).watts : 0;
}

std::int64_t PrepaidMeter::balance_cents() const {
    const auto whole = registers_.balance_e10 / kE10PerCent;
    return registers_.balance_e10 % kE10PerCent < 0 ? whole - 1 : whole;
}

core::Timestamp PrepaidMeter::clock() const {
    const auto drift = (now_ - registers_.clock_set_at).count() / 1'000'000 * clock_drift_ppm_;
    return now_ + std::chrono::microseconds{registers_.clock_offset_us + drift};
}

void EventLog::set(bool stands, core::Timestamp at) {
    if (stands == this->stands()) {
        return;
    }
    if (!stands) {
        entries_.front().ended = at;
        return;
    }
    constexpr std::size_t kKept = 10;
    entries_.push_front({at, std::nullopt});
    ++times_;
    if (entries_.size() > kKept) {
        entries_.pop_back();
    }
}

}  // namespace wutong::simulator
