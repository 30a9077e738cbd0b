#include "client-wx/presenters/meter/meter_days.hpp"

#include <wutong/v1/reading_service.pb.h>

#include <chrono>
#include <cstdio>
#include <map>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kHours = 24;
constexpr int kMonths = 12;
constexpr int kLabelEvery = 5;

/// 0 Monday … 6 Sunday, in the property's time zone.
int weekday_of(TimePoint day_start) {
    // The date is what counts: days since Thursday 1 January 1970.
    const auto date = table_date(day_start);
    int year = 0, month = 0, day_number = 0;
    if (std::sscanf(date.c_str(), "%d-%d-%d", &year, &month, &day_number) != 3) {
        return 0;
    }
    const std::chrono::sys_days days{std::chrono::year{year} / month / day_number};
    return static_cast<int>(std::chrono::weekday{days}.iso_encoding()) - 1;
}

std::string weekday_name(int weekday) {
    switch (weekday) {
        case 0:
            return tr("Monday");
        case 1:
            return tr("Tuesday");
        case 2:
            return tr("Wednesday");
        case 3:
            return tr("Thursday");
        case 4:
            return tr("Friday");
        case 5:
            return tr("Saturday");
        default:
            return tr("Sunday");
    }
}

}  // namespace

void MeterDays::show(std::int64_t meter_id) {
    if (meter_id != meter_id_) {
        meter_id_ = meter_id;
        recharges_.clear();
        today_wh_.reset();
        screen_ = {};
    }
    refresh();
}

void MeterDays::choose(Span span) {
    if (span != span_) {
        span_ = span;
        screen_ = {};
        refresh();
    }
}

void MeterDays::set_price(std::optional<std::int64_t> price_e4) {
    if (price_e4 != price_e4_) {
        price_e4_ = price_e4;
        finish_bars();
    }
}

void MeterDays::set_recharges(std::vector<Recharge> recharges) {
    recharges_ = std::move(recharges);
    mark_recharges();
    if (on_changed) {
        on_changed();
    }
}

void MeterDays::refresh() {
    call_.cancel();
    if (meter_id_ == 0 || !context_.session.may("reading.read")) {
        return;
    }
    const auto now = context_.live.server_now();
    screen_.loading = screen_.bars.empty();
    const auto failed = [this](const Fault& fault) {
        screen_.loading = false;
        screen_.failure = describe_with_code(fault);
        if (on_changed) {
            on_changed();
        }
    };
    if (span_ == Span::day) {
        v1::ReadingSeriesRequest request;
        request.set_property_id(context_.session.property_id());
        request.set_meter_id(meter_id_);
        // One step more in front: an hour's use is the difference to the step before.
        const auto from = std::chrono::floor<std::chrono::hours>(now) - std::chrono::hours{kHours};
        *request.mutable_from() = to_proto_time(from);
        *request.mutable_to() = to_proto_time(from + std::chrono::hours{kHours + 1});
        request.set_steps(kHours + 1);
        call_ = context_.server.call(method::get_reading_series, request,
                                     [this, now, failed](Result<v1::ReadingSeries> answer) {
                                         answer ? take_hours(*answer, now) : failed(answer.fault());
                                     });
    } else {
        v1::ListDailyEnergyRequest request;
        request.set_property_id(context_.session.property_id());
        request.set_meter_id(meter_id_);
        const int back = span_ == Span::month ? kDays - 1 : 365;
        request.set_from_day(table_date(start_of_day(now, -back)));
        request.set_to_day(table_date(now));
        call_ = context_.server.call(method::list_daily_energy, request,
                                     [this, now, failed](Result<v1::ListDailyEnergyResponse> answer) {
                                         if (!answer) {
                                             failed(answer.fault());
                                         } else if (span_ == Span::month) {
                                             take_days(*answer, now);
                                         } else {
                                             take_months(*answer, now);
                                         }
                                     });
    }
    if (on_changed) {
        on_changed();
    }
}

void MeterDays::take_days(const v1::ListDailyEnergyResponse& days_read, TimePoint now) {
    std::map<std::string, std::int64_t> used;
    for (const auto& one : days_read.days()) {
        used[one.day()] = one.used_wh();
    }
    screen_ = {};
    starts_.clear();
    screen_.title = tr("Daily use");
    screen_.subtitle = client::fill(tr("{}  ·  {} days to {}"), core::unit_of(commodity()), kDays, day(now));
    today_wh_.reset();
    for (int i = 0; i < kDays; ++i) {
        const auto start = start_of_day(now, i + 1 - kDays);
        const bool last = i + 1 == kDays;
        UseScreen::Bar bar;
        const auto found = used.find(table_date(start));
        if (found != used.end()) {
            bar.kwh = static_cast<double>(found->second) / 1000.0;
        }
        if (last && found != used.end()) {
            today_wh_ = found->second;
        }
        const int weekday = weekday_of(start);
        bar.weekend = weekday >= 5;
        bar.so_far = last;
        bar.title = weekday_name(weekday) + " " + day(start);
        bar.label = (kDays - 1 - i) % kLabelEvery == 0 ? day(start) : std::string{};
        screen_.bars.push_back(std::move(bar));
        starts_.push_back(start);
    }
    starts_.push_back(start_of_day(now, 1));
    finish_bars();
}

void MeterDays::take_hours(const v1::ReadingSeries& series, TimePoint now) {
    screen_ = {};
    starts_.clear();
    screen_.title = tr("Use by the hour");
    screen_.subtitle =
        client::fill(tr("{}  ·  24 hours to {}"), core::unit_of(commodity()), moment(now, now));
    const auto first = std::chrono::floor<std::chrono::hours>(now) - std::chrono::hours{kHours};
    std::map<std::int64_t, std::int64_t> register_wh;  // hour since `first` → at its end
    for (const auto& step : series.steps()) {
        if (step.has_energy_wh()) {
            const auto hours =
                std::chrono::floor<std::chrono::hours>(to_time_point(step.at()) - first).count();
            register_wh[hours] = step.energy_wh();
        }
    }
    for (int hour = 1; hour <= kHours; ++hour) {
        const auto start = first + std::chrono::hours{hour};
        UseScreen::Bar bar;
        const auto here = register_wh.find(hour), before = register_wh.find(hour - 1);
        // A register that went backwards (a new meter) says nothing about the hour.
        if (here != register_wh.end() && before != register_wh.end() && here->second >= before->second) {
            bar.kwh = static_cast<double>(here->second - before->second) / 1000.0;
        }
        bar.so_far = hour == kHours;
        bar.title = moment(start, now) + "–" + clock_time(start + std::chrono::hours{1});
        bar.label = (kHours - hour) % 3 == 0 ? clock_time(start) : std::string{};
        screen_.bars.push_back(std::move(bar));
        starts_.push_back(start);
    }
    starts_.push_back(first + std::chrono::hours{kHours + 1});
    finish_bars();
}

void MeterDays::take_months(const v1::ListDailyEnergyResponse& days_read, TimePoint now) {
    std::map<std::string, std::int64_t> used;  // "2026-03" → Wh
    for (const auto& one : days_read.days()) {
        if (one.day().size() == 10) {
            used[one.day().substr(0, 7)] += one.used_wh();
        }
    }
    screen_ = {};
    starts_.clear();
    screen_.title = tr("Use by the month");
    screen_.subtitle = client::fill(tr("{}  ·  12 months"), core::unit_of(commodity()));
    const auto today = table_date(now);
    int year = 0, month = 0;
    if (std::sscanf(today.c_str(), "%d-%d", &year, &month) != 2) {
        return;
    }
    for (int back = kMonths - 1; back >= 0; --back) {
        const int months = year * 12 + (month - 1) - back;
        const auto name = fmt::format("{:04}-{:02}", months / 12, months % 12 + 1);
        UseScreen::Bar bar;
        if (const auto found = used.find(name); found != used.end()) {
            bar.kwh = static_cast<double>(found->second) / 1000.0;
        }
        bar.so_far = back == 0;
        bar.label = back % 2 == 0 ? name : std::string{};
        bar.title = name;
        screen_.bars.push_back(std::move(bar));
        starts_.push_back(parse_date(name + "-01").value_or(now));
    }
    starts_.push_back(start_of_day(now, 1));
    finish_bars();
}

Commodity MeterDays::commodity() const {
    const auto* meter = context_.live.find(meter_id_);
    return meter == nullptr ? Commodity::electricity : meter->commodity;
}

std::string MeterDays::figure_of(double kwh) const {
    const auto words = quantity(static_cast<std::int64_t>(kwh * 1000 + 0.5), commodity());
    return price_e4_
               ? words + "  ·  " + money(static_cast<std::int64_t>(kwh * static_cast<double>(*price_e4_)))
               : words;
}

void MeterDays::finish_bars() {
    double sum = 0;
    int known = 0;
    for (auto& bar : screen_.bars) {
        if (bar.kwh) {
            bar.figure = figure_of(*bar.kwh);
            if (!bar.so_far) {
                sum += *bar.kwh;
                ++known;
            }
        }
    }
    screen_.average.reset();
    if (known > 0) {
        screen_.average = sum / known;
        screen_.average_text = client::fill(tr("Average {}"), fmt::format("{:.1f}", *screen_.average));
    }
    mark_recharges();
    if (on_changed) {
        on_changed();
    }
}

void MeterDays::mark_recharges() {
    if (starts_.size() != screen_.bars.size() + 1) {
        return;
    }
    for (std::size_t i = 0; i < screen_.bars.size(); ++i) {
        std::int64_t sum = 0;
        for (const auto& recharge : recharges_) {
            if (recharge.at >= starts_[i] && recharge.at < starts_[i + 1]) {
                sum += recharge.amount_e4;
            }
        }
        screen_.bars[i].marker = sum > 0 ? client::fill(tr("Recharge {}"), money(sum)) : std::string{};
    }
}

}  // namespace wutong::client
