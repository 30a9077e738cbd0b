#include "client-wx/presenters/energy/energy_lists.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "client-wx/api/history_methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/history_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{120};
constexpr std::size_t kRowsMax = 20'000;
constexpr int kNamed = 3;  ///< meters that a remark names

std::chrono::sys_days parse(const std::string& day) {
    int year = 0;
    unsigned month = 0;
    unsigned of_month = 0;
    if (std::sscanf(day.c_str(), "%d-%u-%u", &year, &month, &of_month) != 3) {
        return {};
    }
    return std::chrono::year{year} / static_cast<int>(month) / static_cast<int>(of_month);
}

std::string day_text(std::chrono::sys_days day) {
    const std::chrono::year_month_day date{day};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

/// Of a column whose title says kWh.
Cell plain_energy(bool there, std::int64_t wh) {
    auto text = there ? energy(wh) : std::string{kDash};
    if (text.ends_with(" kWh")) {
        text.resize(text.size() - 4);
    }
    return there ? Cell{text, Tone::normal, {}, wh} : Cell{text, Tone::quiet};
}

Cell energy_cell(bool there, std::int64_t wh, Tone tone = Tone::normal) {
    return there ? Cell{energy(wh), tone, {}, wh} : Cell{kDash, Tone::quiet};
}

std::string meter_name(const v1::MeterEnergy& meter) {
    return clipped(meter.unit_code().empty() ? meter.meter_code() : meter.unit_code(), 40);
}

/// "1.25 %"
std::string share_words(std::int64_t e4) {
    const auto size = e4 < 0 ? -e4 : e4;
    return fmt::format("{}{}.{:02} %", e4 < 0 ? "-" : "", size / 100, size % 100);
}

/// "not read at the end  ·  22 Nov 15:17"
std::string remark_of(const v1::MeterEnergy& meter) {
    auto words = coverage_words(meter.coverage());
    if (!words.empty() && meter.has_known_to()) {
        words += "  ·  " + moment(to_time_point(meter.known_to()));
    }
    return words;
}

std::string remark_of(const v1::FeederLoss& loss) {
    if (loss.meters() == 0) {
        return tr("No meter is known behind it: say which in an import (feeds).");
    }
    if (loss.feeder().coverage() != "whole") {
        return fill(tr("The feeder itself: {}"), coverage_words(loss.feeder().coverage()));
    }
    if (loss.incomplete() == 0) {
        return tr("All were read over the whole period.");
    }
    std::string names;
    for (int i = 0; i < loss.named_size() && i < kNamed; ++i) {
        names += (i == 0 ? "" : ", ") + meter_name(loss.named(i));
    }
    return loss.incomplete() > kNamed
               ? fill(tr("Not read over the whole period: {names} and {n} more"), fmt::arg("names", names),
                      fmt::arg("n", loss.incomplete() - kNamed))
               : fill(tr("Not read over the whole period: {}"), names);
}

}  // namespace

std::pair<std::string, std::string> days_of(EnergyPeriod period, const std::string& today) {
    using namespace std::chrono;
    const auto now = parse(today);
    const year_month_day date{now};
    const auto month = date.year() / date.month();
    switch (period) {
        case EnergyPeriod::week:
            return {day_text(now - std::chrono::days{6}), today};
        case EnergyPeriod::last_month:
            return {day_text((month - std::chrono::months{1}) / 1),
                    day_text(sys_days{month / 1} - std::chrono::days{1})};
        case EnergyPeriod::year:
            return {day_text((month - std::chrono::months{11}) / 1), today};
        default:
            return {day_text(month / 1), today};
    }
}

std::string coverage_words(const std::string& coverage) {
    if (coverage == "whole") {
        return {};
    }
    if (coverage == "nothing") {
        return tr("no reading");
    }
    if (coverage == "begins_late") {
        return tr("not read at the beginning");
    }
    return coverage == "ends_early" ? tr("not read at the end") : tr("not read at both ends");
}

PeriodPresenter::PeriodPresenter(Context& context) : ListPresenter{context, kEvery, kRowsMax} {}

std::pair<std::string, std::string> PeriodPresenter::days() const {
    return days_of(period_, table_date(std::chrono::system_clock::now()));
}

void PeriodPresenter::show_period(EnergyPeriod period) {
    if (period_ != period) {
        period_ = period;
        restart();
    }
}

void PeriodPresenter::search(const std::string& text) {
    if (text_ != text) {
        text_ = text;
        redraw();
    }
}

bool PeriodPresenter::matches(const std::string& words) const {
    return text_.empty() || words.find(text_) != std::string::npos;
}

std::string PeriodPresenter::period_words() const {
    const auto [from, to] = days();
    return from + " – " + to;
}

struct EnergyPresenter::Items {
    std::vector<v1::MeterEnergy> all;
};

EnergyPresenter::EnergyPresenter(Context& context)
    : PeriodPresenter{context}, items_{std::make_unique<Items>()} {}
EnergyPresenter::~EnergyPresenter() = default;

void EnergyPresenter::forget() {
    items_->all.clear();
}

void EnergyPresenter::fetch() {
    v1::ReportEnergyRequest request;
    request.set_property_id(context_.session.property_id());
    const auto [from, to] = days();
    request.set_from_day(from);
    request.set_to_day(to);
    auto fresh = std::make_shared<std::vector<v1::MeterEnergy>>();
    fetch_pages(method::report_energy, request, [this, fresh](const v1::ReportEnergyResponse& answer, bool) {
        fresh->insert(fresh->end(), answer.meters().begin(), answer.meters().end());
        if (answer.next_page_token().empty() || fresh->size() >= kRowsMax) {
            items_->all = *fresh;
        }
        return fresh->size();
    });
}

void EnergyPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Unit"), 8},         {tr("Meter"), 8},          {tr("Used") + " kWh", 11, true},
                      {tr("Sharp"), 9, true},  {tr("Peak"), 9, true},     {tr("Flat"), 9, true},
                      {tr("Valley"), 9, true}, {tr("Fed back"), 9, true}, {tr("Remark"), 24, false, true}};
    screen.total = items_->all.size();
    screen.filtered = !text_.empty();
    for (const auto& one : items_->all) {
        const auto unit = clipped(one.unit_code(), 40);
        const auto code = clipped(one.meter_code(), 40);
        if (!matches(unit + "\n" + code)) {
            continue;
        }
        const auto& rates = one.rates();
        ListRow row{one.meter_id(), {}};
        row.cells = {{unit.empty() ? kDash : unit, Tone::strong},
                     {code},
                     plain_energy(one.has_used_wh(), one.used_wh()),
                     plain_energy(rates.has_sharp_wh(), rates.sharp_wh()),
                     plain_energy(rates.has_peak_wh(), rates.peak_wh()),
                     plain_energy(rates.has_flat_wh(), rates.flat_wh()),
                     plain_energy(rates.has_valley_wh(), rates.valley_wh()),
                     plain_energy(rates.has_reverse_wh(), rates.reverse_wh()),
                     {remark_of(one), Tone::warn}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = screen.filtered ? tr("No meter matches.")
                                   : tr("No meters yet. Import them from a file, or add one by one.");
}

struct LossesPresenter::Items {
    std::vector<v1::FeederLoss> all;
};

LossesPresenter::LossesPresenter(Context& context)
    : PeriodPresenter{context}, items_{std::make_unique<Items>()} {}
LossesPresenter::~LossesPresenter() = default;

void LossesPresenter::forget() {
    items_->all.clear();
}

void LossesPresenter::fetch() {
    v1::ReportLossesRequest request;
    request.set_property_id(context_.session.property_id());
    const auto [from, to] = days();
    request.set_from_day(from);
    request.set_to_day(to);
    auto fresh = std::make_shared<std::vector<v1::FeederLoss>>();
    fetch_pages(method::report_losses, request, [this, fresh](const v1::ReportLossesResponse& answer, bool) {
        fresh->insert(fresh->end(), answer.feeders().begin(), answer.feeders().end());
        if (answer.next_page_token().empty() || fresh->size() >= kRowsMax) {
            items_->all = *fresh;
        }
        return fresh->size();
    });
}

void LossesPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Feeder"), 10},
                      {tr("Meters behind it"), 9, true},
                      {tr("Came in"), 13, true},
                      {tr("Went out"), 13, true},
                      {tr("Lost"), 12, true},
                      {tr("Share lost"), 10, true},
                      {tr("Remark"), 40, false, true}};
    screen.total = items_->all.size();
    screen.filtered = !text_.empty();
    for (const auto& one : items_->all) {
        const auto code = clipped(one.feeder().meter_code(), 40);
        if (!matches(code)) {
            continue;
        }
        const auto tone = !one.complete() ? Tone::quiet : one.lost_wh() < 0 ? Tone::danger : Tone::normal;
        ListRow row{one.feeder().meter_id(), {}};
        row.cells = {{code, Tone::strong},
                     {count(one.meters()), Tone::normal, {}, one.meters()},
                     energy_cell(true, one.in_wh()),
                     energy_cell(true, one.out_wh()),
                     energy_cell(one.meters() > 0, one.lost_wh(), tone),
                     one.has_lost_share_e4() && one.meters() > 0
                         ? Cell{share_words(one.lost_share_e4()), tone, {}, one.lost_share_e4()}
                         : Cell{kDash, Tone::quiet},
                     {remark_of(one), one.complete() ? Tone::quiet : Tone::warn}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = screen.filtered ? tr("No meter matches.")
                                   : tr("No feeder yet: a feeder or transformer meter has the role feeder.");
}

}  // namespace wutong::client
