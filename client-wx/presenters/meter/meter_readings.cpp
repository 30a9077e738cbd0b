#include "client-wx/presenters/meter/meter_readings.hpp"

#include <fmt/format.h>
#include <wutong/v1/reading_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kFirstDays = 2;

template <class Values, class Format>
std::string joined(const Values& values, Format format) {
    std::string words;
    for (const auto value : values) {
        words += (words.empty() ? "" : " / ") + format(value);
    }
    return words.empty() ? std::string{kDash} : words;
}

}  // namespace

std::vector<std::string> MeterReadings::columns() {
    return {tr("Time"),    tr("Meter register"), tr("Balance"),      tr("Power"),
            tr("Voltage"), tr("Current"),        tr("Power factor"), tr("Relay or valve")};
}

void MeterReadings::show(std::int64_t meter_id) {
    if (meter_id != meter_id_) {
        meter_id_ = meter_id;
        screen_ = {};
    }
    if (screen_.from.empty()) {
        choose_days(kFirstDays);
    }
}

void MeterReadings::choose_days(int days) {
    const auto now = context_.live.server_now();
    choose_period(table_date(start_of_day(now, 1 - days)), table_date(now));
}

void MeterReadings::choose_period(const std::string& from, const std::string& to) {
    screen_.from = from;
    screen_.to = to;
    screen_.from_error.clear();
    screen_.to_error.clear();
    const auto first = parse_date(from), last = parse_date(to);
    if (!first) {
        screen_.from_error = tr("A date like 2026-03-26.");
    }
    if (!last) {
        screen_.to_error = tr("A date like 2026-03-26.");
    }
    if (first && last && *last < *first) {
        screen_.to_error = tr("The end lies before the start.");
    } else if (first && last && *last - *first > kPeriodMost) {
        screen_.to_error = tr("At most 366 days at once.");
    }
    if (screen_.from_error.empty() && screen_.to_error.empty()) {
        from_ = *first;
        to_ = start_of_day(*last, 1);
        ask();
    }
    if (on_changed) {
        on_changed();
    }
}

void MeterReadings::ask() {
    if (meter_id_ == 0 || !context_.session.may("reading.read")) {
        return;
    }
    const auto* meter = context_.live.find(meter_id_);
    screen_.has_power = meter == nullptr || meter->commodity == Commodity::electricity;
    screen_.failure.clear();
    screen_.power.clear();
    screen_.rows.clear();
    screen_.subtitle.clear();
    screen_.loading = true;
    v1::ReadingSeriesRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter_id_);
    *request.mutable_from() = to_proto_time(from_);
    *request.mutable_to() = to_proto_time(to_);
    request.set_steps(kSteps);
    series_call_ = context_.server.call(
        method::get_reading_series, request,
        [this](Result<v1::ReadingSeries> answer) { answer ? take(*answer) : failed(answer.fault()); });
    ask_page({});
}

void MeterReadings::ask_page(const std::string& token) {
    v1::ListReadingsRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter_id_);
    *request.mutable_from() = to_proto_time(from_);
    *request.mutable_to() = to_proto_time(to_);
    request.set_newest_first(true);
    request.mutable_page()->set_size(kPage);
    request.mutable_page()->set_token(token);
    screen_.loading = true;
    page_call_ = context_.server.call(
        method::list_readings, request,
        [this](Result<v1::ListReadingsResponse> answer) { answer ? take(*answer) : failed(answer.fault()); });
}

void MeterReadings::failed(const Fault& fault) {
    screen_.loading = false;
    screen_.failure = describe_with_code(fault);
    if (on_changed) {
        on_changed();
    }
}

void MeterReadings::take(const v1::ReadingSeries& series) {
    screen_.power.clear();
    for (const auto& step : series.steps()) {
        ReadingsScreen::Point point;
        point.at_s = step.at().seconds();
        if (step.has_power_avg_w()) {
            point.kilowatts = static_cast<double>(step.power_avg_w()) / 1000.0;
        }
        screen_.power.push_back(point);
    }
    // Two steps without a reading in them are a gap.
    screen_.gap_s = std::max<std::int64_t>(1, series.width_s()) * 2 + series.width_s() / 2;
    if (on_changed) {
        on_changed();
    }
}

void MeterReadings::take(const v1::ListReadingsResponse& page) {
    screen_.loading = false;
    const auto* meter = context_.live.find(meter_id_);
    const auto commodity = meter == nullptr ? Commodity::electricity : meter->commodity;
    const auto switched = [commodity](bool closed) {
        return commodity == Commodity::water ? (closed ? tr("open") : tr("shut"))
                                             : (closed ? tr("On") : tr("Off"));
    };
    for (const auto& r : page.readings()) {
        if (screen_.rows.size() >= kRowsMost) {
            break;
        }
        const auto opt = [](bool there, auto value) {
            return there ? std::optional<std::int64_t>{value} : std::nullopt;
        };
        screen_.rows.push_back({{table_time(to_time_point(r.read_at()))},
                                {quantity_or_dash(opt(r.has_energy_wh(), r.energy_wh()), commodity)},
                                {money_or_dash(opt(r.has_balance_e4(), r.balance_e4()))},
                                {power_or_dash(opt(r.has_power_w(), r.power_w()))},
                                {joined(r.voltage_mv(), [](std::int64_t mv) { return voltage(mv); })},
                                {joined(r.current_ma(), [](std::int64_t ma) { return current(ma); })},
                                {r.has_power_factor_e3() ? fmt::format("{:.2f}", r.power_factor_e3() / 1000.0)
                                                         : std::string{kDash}},
                                {r.has_relay_closed() ? switched(r.relay_closed()) : std::string{kDash},
                                 r.has_relay_closed() && !r.relay_closed() ? Ink::danger : Ink::normal}});
    }
    next_ = page.next_page_token();
    screen_.more = !next_.empty() && screen_.rows.size() < kRowsMost;
    const auto rows = static_cast<std::int64_t>(screen_.rows.size());
    screen_.subtitle =
        screen_.more
            ? client::fill(tr("the newest {} readings"), count(rows))
            : client::fill(tr_n("{} reading", "{} readings", static_cast<unsigned>(rows)), count(rows));
    if (on_changed) {
        on_changed();
    }
}

void MeterReadings::more() {
    if (screen_.more && !screen_.loading) {
        ask_page(next_);
        if (on_changed) {
            on_changed();
        }
    }
}

Spreadsheet MeterReadings::table() const {
    Spreadsheet sheet;
    sheet.title = tr("Readings");
    sheet.columns = columns();
    for (const auto& row : screen_.rows) {
        auto& out = sheet.rows.emplace_back();
        for (const auto& cell : row) {
            out.emplace_back(cell.text);
        }
    }
    return sheet;
}

}  // namespace wutong::client
