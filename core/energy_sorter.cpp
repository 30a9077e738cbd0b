#include "core/energy_sorter.hpp"

#include <algorithm>
#include <limits>

namespace wutong::core::detail {

EnergySorter::EnergySorter(const LocalTime& local, const EnergySeries& energy, Instant from)
    : local_{local}, energy_{energy} {
    const auto first = std::partition_point(energy.intervals.begin(), energy.intervals.end(),
                                            [&](const EnergyInterval& one) { return one.to <= from; });
    next_ = static_cast<std::size_t>(first - energy.intervals.begin());
}

void EnergySorter::begin(const PlanVersion& version, const PreparedCalendar* calendar, Energy used,
                         std::optional<std::string> meter) {
    version_ = &version;
    calendar_ = calendar;
    used_ = used.watt_hours();
    step_ = 0;
    meter_ = std::move(meter);
    meter_index_ = SIZE_MAX;
    limits_.clear();
    for (const auto& step : version.steps) {
        limits_.push_back(step.up_to ? step.up_to->watt_hours() : std::numeric_limits<std::int64_t>::max());
    }
    sums_.assign(version.steps.size() * kRates, 0);
    same_from_ = same_to_ = Instant{};
}

std::optional<Rate> EnergySorter::take(Instant from, Instant to) {
    const auto& intervals = energy_.intervals;
    Instant measured = from;
    for (; next_ < intervals.size() && intervals[next_].from < to; ++next_) {
        const auto& interval = intervals[next_];
        if (interval.to <= from) {
            continue;
        }
        const Instant begin = std::max(interval.from, from);
        if (begin > measured) {
            note_unmeasured(measured, begin);
        }
        measured = std::min(interval.to, to);
        take_interval(interval, begin, measured);
        if (interval.to > to) {
            break;  // the rest of it belongs to the next call
        }
    }
    if (measured < to) {
        note_unmeasured(measured, to);
    }
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        if (sums_[i] != 0 && !version_->steps[i / kRates].prices[i % kRates]) {
            return kAllRates[i % kRates];
        }
    }
    return std::nullopt;
}

void EnergySorter::take_interval(const EnergyInterval& interval, Instant from, Instant to) {
    if (interval.meter != meter_index_) {
        const auto& meter = energy_.meters[interval.meter];
        if (meter_ && *meter_ != meter && version_->step_rule.when_meter_exchanged == CountOn::restart) {
            used_ = 0;
            step_ = 0;
        }
        meter_ = meter;
        meter_index_ = interval.meter;
    }
    const auto between = [&](std::int64_t whole, Instant first, Instant last) {
        if (first == interval.from && last == interval.to) {
            return whole;
        }
        return used_before(whole, interval.from, interval.to, last) -
               used_before(whole, interval.from, interval.to, first);
    };
    if (calendar_ == nullptr) {
        add(static_cast<std::size_t>(Rate::flat), between(interval.total.watt_hours(), from, to));
    } else if (interval.has_rates) {
        for (std::size_t rate = 0; rate < kRates; ++rate) {
            add(rate, between(interval.rates[rate].watt_hours(), from, to));
        }
    } else {
        for (Instant at = from; at < to;) {
            if (at < same_from_ || at >= same_to_) {
                look(at);
            }
            const Instant until = std::min(to, same_to_);
            add(same_rate_, between(interval.total.watt_hours(), at, until));
            at = until;
        }
    }
}

void EnergySorter::look(Instant at) {
    const auto here = local_.look(at);
    const auto wall = std::chrono::local_seconds{at.time_since_epoch() + here.offset};
    const auto day = std::chrono::floor<std::chrono::days>(wall);
    const auto minute = std::chrono::floor<std::chrono::minutes>(wall - day);
    const auto& period = calendar_->at(day, static_cast<int>(minute.count()));
    same_rate_ = static_cast<std::size_t>(period.rate);
    same_from_ = at;
    same_to_ = std::min(here.until, at + (day + std::chrono::minutes{period.to_minute} - wall));
}

void EnergySorter::add(std::size_t rate, std::int64_t watt_hours) {
    while (used_ >= limits_[step_]) {
        ++step_;
    }
    while (watt_hours > limits_[step_] - used_) {
        const auto fits = limits_[step_] - used_;
        sums_[step_ * kRates + rate] += fits;
        used_ += fits;
        watt_hours -= fits;
        ++step_;
    }
    sums_[step_ * kRates + rate] += watt_hours;
    used_ += watt_hours;
}

void EnergySorter::note_unmeasured(Instant from, Instant to) {
    if (!unmeasured_.empty() && unmeasured_.back().to == from) {
        unmeasured_.back().to = to;
    } else {
        unmeasured_.push_back({from, to});
    }
}

}  // namespace wutong::core::detail
