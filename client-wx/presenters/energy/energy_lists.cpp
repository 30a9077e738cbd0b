#include "client-wx/presenters/energy/energy_lists.hpp"

#include <fmt/format.h>

#include <algorithm>
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

/// Of a column whose title says the unit.
Cell plain_quantity(bool there, std::int64_t thousandths, Commodity commodity) {
    if (!there) {
        return {kDash, Tone::quiet};
    }
    auto text = quantity(thousandths, commodity);
    text.resize(text.find_last_of(' '));
    return {text, Tone::normal, {}, thousandths};
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
        return tr("No meter is known behind it: say which.");
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

EnergyPresenter::EnergyPresenter(Context& context) : ItemList{context} {}
EnergyPresenter::~EnergyPresenter() = default;

void EnergyPresenter::show_commodity(Commodity commodity) {
    if (commodity_ != commodity) {
        commodity_ = commodity;
        restart();
    }
}

void EnergyPresenter::fetch() {
    auto request = of_property<v1::ReportEnergyRequest>();
    const auto [from, to] = days();
    request.set_from_day(from);
    request.set_to_day(to);
    request.set_commodity(core::to_string(commodity_));
    fetch_items(method::report_energy, request, &v1::ReportEnergyResponse::meters);
}

void EnergyPresenter::write(ListScreen& screen) {
    const bool water = commodity_ == Commodity::water;
    screen.columns = {
        {tr("Unit"), 8}, {tr("Meter"), 8}, {tr("Used") + " " + core::unit_of(commodity_), 11, true}};
    if (!water) {  // a meter of water has one register, and nothing flows back
        for (const auto& title : {tr("Sharp"), tr("Peak"), tr("Flat"), tr("Valley"), tr("Fed back")}) {
            screen.columns.push_back({title, 9, true});
        }
    }
    screen.columns.push_back({tr("Remark"), 24, false, true});
    screen.total = items_.size();
    screen.filtered = !text_.empty();
    for (const auto& one : items_) {
        const auto unit = clipped(one.unit_code(), 40);
        const auto code = clipped(one.meter_code(), 40);
        if (!matches(unit + "\n" + code)) {
            continue;
        }
        const auto& rates = one.rates();
        const auto cell = [this](bool there, std::int64_t thousandths) {
            return plain_quantity(there, thousandths, commodity_);
        };
        ListRow row{one.meter_id(), {}};
        row.cells = {
            {unit.empty() ? kDash : unit, Tone::strong}, {code}, cell(one.has_used_wh(), one.used_wh())};
        if (!water) {
            row.cells.insert(
                row.cells.end(),
                {cell(rates.has_sharp_wh(), rates.sharp_wh()), cell(rates.has_peak_wh(), rates.peak_wh()),
                 cell(rates.has_flat_wh(), rates.flat_wh()), cell(rates.has_valley_wh(), rates.valley_wh()),
                 cell(rates.has_reverse_wh(), rates.reverse_wh())});
        }
        row.cells.push_back({remark_of(one), Tone::warn});
        screen.rows.push_back(std::move(row));
    }
    screen.empty = screen.filtered ? tr("No meter matches.")
                   : water         ? tr("No water meter is in this property.")
                                   : tr("No meters yet. Import them from a file, or add one by one.");
}

LossesPresenter::LossesPresenter(Context& context) : ItemList{context} {}
LossesPresenter::~LossesPresenter() = default;

std::string LossesPresenter::feeder_code(std::int64_t meter) const {
    const auto found = std::find_if(items_.begin(), items_.end(),
                                    [meter](const auto& one) { return one.feeder().meter_id() == meter; });
    return found == items_.end() ? std::string{} : found->feeder().meter_code();
}

void LossesPresenter::fetch() {
    auto request = of_property<v1::ReportLossesRequest>();
    const auto [from, to] = days();
    request.set_from_day(from);
    request.set_to_day(to);
    fetch_items(method::report_losses, request, &v1::ReportLossesResponse::feeders);
}

void LossesPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Feeder"), 10},
                      {tr("Meters behind it"), 9, true},
                      {tr("Came in"), 13, true},
                      {tr("Went out"), 13, true},
                      {tr("Lost"), 12, true},
                      {tr("Share lost"), 10, true},
                      {tr("Remark"), 40, false, true}};
    screen.total = items_.size();
    screen.filtered = !text_.empty();
    for (const auto& one : items_) {
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
