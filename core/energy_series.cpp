#include "core/energy_series.hpp"

#include "core/names.hpp"
#include "core/tariff_plan_faults.hpp"

namespace wutong::core {

namespace {

using K = TariffFaultKind;

/// In what the meter counts.
std::string said(const MeterSeries& series, Energy energy) {
    return small_quantity_text(energy, series.commodity);
}

TariffFault fault_at(K kind, const MeterSeries& series, Instant at, const std::string& what) {
    return {kind, "meter " + series.meter + ", " + to_text(at) + ": " + what};
}

std::optional<TariffFault> range_fault(const MeterSeries& series, Instant at, Energy value,
                                       const std::string& which) {
    if (value < Energy{0}) {
        return fault_at(K::reading_below_zero, series, at, which + " shows " + said(series, value));
    }
    if (series.rolls_over_at && value >= *series.rolls_over_at) {
        return fault_at(K::reading_above_register, series, at,
                        which + " shows " + said(series, value) + ", but rolls over at " +
                            said(series, *series.rolls_over_at));
    }
    return std::nullopt;
}

std::optional<TariffFault> reading_fault(const MeterSeries& series, const RegisterReading& reading) {
    if (reading.at < kTimeMin || reading.at >= kTimeMax) {
        return TariffFault{K::time_out_of_range, "meter " + series.meter + ": a reading " +
                                                     std::to_string(reading.at.time_since_epoch().count()) +
                                                     " s after 1970; it is from 1970 to 2200"};
    }
    if (auto wrong = range_fault(series, reading.at, reading.total, "the total register")) {
        return wrong;
    }
    if (reading.rates) {
        for (const auto rate : kAllRates) {
            const auto value = (*reading.rates)[static_cast<std::size_t>(rate)];
            if (auto wrong = range_fault(series, reading.at, value,
                                         std::string("the register of ") + to_string(rate))) {
                return wrong;
            }
        }
    }
    return std::nullopt;
}

/// What one register counted from `before` to `now`, or nothing: it went backwards.
std::optional<Energy> counted(const MeterSeries& series, Energy before, Energy now) {
    if (now >= before) {
        return now - before;
    }
    // Last tenth and first tenth: anything else is a register that was reset or a wrong reading.
    if (series.rolls_over_at) {
        const auto size = series.rolls_over_at->watt_hours();
        if (before.watt_hours() >= size - size / 10 && now.watt_hours() < size / 10) {
            return Energy{size} - before + now;
        }
    }
    return std::nullopt;
}

std::string went_backwards(const MeterSeries& series, Energy before, Energy now, const std::string& which) {
    return which + " shows " + said(series, now) + " after " + said(series, before) + ", and " +
           (series.rolls_over_at ? "that is no rollover at " + said(series, *series.rolls_over_at)
                                 : "where it rolls over is not known");
}

std::optional<TariffFault> add_rates(const MeterSeries& series, const RegisterReading& before,
                                     const RegisterReading& now, EnergyInterval& interval) {
    if (!before.rates || !now.rates) {
        return std::nullopt;
    }
    interval.has_rates = true;
    Energy sum{0};
    for (const auto rate : kAllRates) {
        const auto i = static_cast<std::size_t>(rate);
        const auto used = counted(series, (*before.rates)[i], (*now.rates)[i]);
        if (!used) {
            return fault_at(K::backward_reading, series, now.at,
                            went_backwards(series, (*before.rates)[i], (*now.rates)[i],
                                           std::string("the register of ") + to_string(rate)));
        }
        if (*used > kIntervalEnergyMax) {
            return fault_at(K::quantity_too_large, series, now.at,
                            std::string("the register of ") + to_string(rate) + " counted " +
                                said(series, *used) + ", more than can be charged at once");
        }
        interval.rates[i] = *used;
        sum = sum + *used;
    }
    const Energy apart = sum > interval.total ? sum - interval.total : interval.total - sum;
    const Energy allowed{detail::checked_mul(series.quantum.watt_hours(), std::int64_t{kRates}, "quantum")};
    if (apart > allowed) {
        return fault_at(K::rates_do_not_add_up, series, now.at,
                        "the registers per rate counted " + said(series, sum) + ", the total " +
                            said(series, interval.total) + "; at most " + said(series, allowed) +
                            " apart are roundings");
    }
    return std::nullopt;
}

std::variant<EnergyInterval, TariffFault> between(const MeterSeries& series, const RegisterReading& before,
                                                  const RegisterReading& now) {
    if (now.at <= before.at) {
        return fault_at(K::readings_not_in_order, series, now.at,
                        "the reading before it is of " + to_text(before.at));
    }
    if (now.at - before.at > kIntervalMax) {
        return fault_at(K::readings_too_far_apart, series, now.at,
                        "the reading before it is of " + to_text(before.at) + ", more than 400 days ago");
    }
    const auto used = counted(series, before.total, now.total);
    if (!used) {
        return fault_at(K::backward_reading, series, now.at,
                        went_backwards(series, before.total, now.total, "the total register"));
    }
    EnergyInterval interval{before.at, now.at, *used, {}, false, 0};
    if (auto wrong = add_rates(series, before, now, interval)) {
        return *wrong;
    }
    if (*used > kIntervalEnergyMax) {
        return fault_at(
            K::quantity_too_large, series, now.at,
            said(series, *used) + " since " + to_text(before.at) + " is more than can be charged at once");
    }
    if (series.watts_max) {
        const auto seconds = (now.at - before.at).count();
        // Quotient and rest apart, since watts x seconds need not fit 64 bits; what would be
        // above all that can be charged at once limits nothing.
        const auto per_second = *series.watts_max / 3'600;
        const bool limits = per_second <= kIntervalEnergyMax.watt_hours() / seconds;
        const Energy most{limits ? per_second * seconds + *series.watts_max % 3'600 * seconds / 3'600
                                 : kIntervalEnergyMax.watt_hours()};
        // One step of the register is rounding.
        if (*used - series.quantum > most) {
            return fault_at(K::more_than_meter_can_carry, series, now.at,
                            said(series, *used) + " since " + to_text(before.at) + "; at " +
                                std::to_string(*series.watts_max) + " W it can be " + said(series, most));
        }
    }
    return interval;
}

}  // namespace

namespace {

std::variant<EnergySeries, TariffFault> all_between(std::span<const MeterSeries> series) {
    EnergySeries out;
    if (series.size() > kMetersInSeriesMax) {
        return TariffFault{K::too_many, std::to_string(series.size()) + " meters; at most 1000"};
    }
    const RegisterReading* last = nullptr;
    for (const auto& one : series) {
        out.commodity = one.commodity;
        out.meters.push_back(one.meter);
        if (one.readings.size() + out.intervals.size() > kSeriesIntervalsMax) {
            return fault_at(K::too_many, one, Instant{}, "more than 4000000 readings in all");
        }
        out.intervals.reserve(out.intervals.size() + one.readings.size());
        for (std::size_t i = 0; i < one.readings.size(); ++i) {
            if (auto wrong = reading_fault(one, one.readings[i])) {
                return *wrong;
            }
            if (i == 0) {
                if (last != nullptr && one.readings[i].at < last->at) {
                    return fault_at(K::series_overlap, one, one.readings[i].at,
                                    "the meter before it was read until " + to_text(last->at));
                }
                continue;
            }
            auto interval = between(one, one.readings[i - 1], one.readings[i]);
            if (auto* wrong = std::get_if<TariffFault>(&interval)) {
                return *wrong;
            }
            out.intervals.push_back(std::get<EnergyInterval>(interval));
            out.intervals.back().meter = static_cast<std::uint16_t>(out.meters.size() - 1);
        }
        last = one.readings.empty() ? last : &one.readings.back();
    }
    return out;
}

}  // namespace

std::variant<EnergySeries, TariffFault> energy_between(std::span<const MeterSeries> series) {
    try {
        return all_between(series);
    } catch (const QuantityOverflow& overflow) {
        return TariffFault{K::quantity_too_large,
                           std::string("a figure of the readings does not fit: ") + overflow.what()};
    }
}

std::string small_quantity_text(Energy quantity, Commodity commodity) {
    return std::to_string(quantity.watt_hours()) + " " + small_unit_of(commodity);
}

std::string to_text(Instant at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::hh_mm_ss time{at - day};
    return detail::to_text(std::chrono::year_month_day{day}) + " " +
           detail::minute_text(static_cast<int>(time.hours().count() * 60 + time.minutes().count())) + ":" +
           (time.seconds().count() < 10 ? "0" : "") + std::to_string(time.seconds().count()) + " UTC";
}

const char* to_string(TariffFaultKind kind) {
    static constexpr std::array<detail::Name<K>, 19> kNames{
        {{K::time_out_of_range, "time_out_of_range"},
         {K::reading_below_zero, "reading_below_zero"},
         {K::reading_above_register, "reading_above_register"},
         {K::readings_not_in_order, "readings_not_in_order"},
         {K::readings_too_far_apart, "readings_too_far_apart"},
         {K::backward_reading, "backward_reading"},
         {K::rates_do_not_add_up, "rates_do_not_add_up"},
         {K::more_than_meter_can_carry, "more_than_meter_can_carry"},
         {K::series_overlap, "series_overlap"},
         {K::quantity_too_large, "quantity_too_large"},
         {K::too_many, "too_many"},
         {K::period_empty, "period_empty"},
         {K::period_too_long, "period_too_long"},
         {K::period_does_not_follow, "period_does_not_follow"},
         {K::local_time_unknown, "local_time_unknown"},
         {K::no_version_in_force, "no_version_in_force"},
         {K::rate_not_in_plan, "rate_not_in_plan"},
         {K::bad_quantum, "bad_quantum"},
         {K::bad_state, "bad_state"}}};
    return detail::name_of(kNames, kind, "fault of a calculation");
}

}  // namespace wutong::core
