// A version of a plan as it is typed: the way back from what the server has.
#include <string_view>

#include "client-wx/presenters/tariffs/tariff_draft.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/tariff_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::int64_t kThousandths = 1'000;  // Wh of a kWh, litres of a m³

/// A name as it stands in a line: with blanks that do not end it.
std::string word(const std::string& name) {
    std::string out;
    for (const char letter : name) {
        letter == ' ' ? out += "\xC2\xA0" : out += letter;
    }
    return out;
}

std::string clock_text(int minute) {
    return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}
std::string plain_price(std::int64_t e4) {
    return fmt::format("{}.{:04}", e4 / 10'000, e4 % 10'000);
}

void write_calendar(const v1::TariffCalendar& calendar, TariffDraft& draft) {
    const auto add = [](std::string& lines, const std::string& line) {
        lines += (lines.empty() ? "" : "\n") + line;
    };
    for (const auto& day : calendar.weekdays()) {
        draft.week += (draft.week.empty() ? "" : " ") + word(day);
    }
    for (const auto& plan : calendar.day_plans()) {
        std::string line = plan.name() + ":";
        for (const auto& period : plan.periods()) {
            line += (period.from_minute() == plan.periods(0).from_minute() ? " " : ", ") +
                    clock_text(period.from_minute()) + " " + rate_name(period.rate());
        }
        add(draft.day_plans, line);
    }
    for (const auto& season : calendar.seasons()) {
        std::string plans;
        for (const auto& plan : season.day_plans()) {
            plans += (plans.empty() ? " " : ", ") + plan;
        }
        add(draft.seasons, word(season.name()) + " " + season.from() + " " + season.to() + ":" + plans);
    }
    for (const auto& special : calendar.special_days()) {
        add(draft.special_days, special.day() + " " + word(special.day_type()));
    }
}

}  // namespace

bool to_draft(const v1::TariffTerms& terms, TariffDraft& draft) {
    const auto day = draft.effective_from;
    const auto commodity = draft.commodity;
    draft = {};
    draft.effective_from = day;
    draft.commodity = commodity;
    const auto shown = [](bool there, std::int64_t e4) { return there ? plain_price(e4) : std::string{}; };
    for (int i = 0; i < terms.steps_size() && i < static_cast<int>(TariffDraft::kSteps); ++i) {
        const auto& step = terms.steps(i);
        const auto& p = step.prices();
        auto& typed = draft.steps.at(static_cast<std::size_t>(i));
        typed.up_to = step.has_up_to_wh() ? std::to_string(step.up_to_wh() / kThousandths) : std::string{};
        typed.price = {shown(p.has_sharp_e4(), p.sharp_e4()), shown(p.has_peak_e4(), p.peak_e4()),
                       shown(p.has_flat_e4(), p.flat_e4()), shown(p.has_valley_e4(), p.valley_e4())};
    }
    draft.step_period = terms.step_rule().period() == v1::TARIFF_STEP_PERIOD_YEAR ? 1 : 0;
    draft.year_begins =
        terms.step_rule().year_begins() > 0 ? std::to_string(terms.step_rule().year_begins()) : "";
    draft.restart_with_version = terms.step_rule().restart_with_version();
    draft.restart_with_meter = terms.step_rule().restart_with_meter();
    write_calendar(terms.calendar(), draft);
    if (terms.has_tax()) {
        draft.tax_percent = plain_money(std::int64_t{terms.tax().basis_points()} * 100);
        draft.tax_added = terms.tax().added();
    }
    const auto untaxed = [](bool on) { return on ? ", " + tr("untaxed") : std::string{}; };
    for (const auto& one : terms.energy_charges()) {
        draft.energy_charges += (draft.energy_charges.empty() ? "" : "\n") + word(one.name()) + " " +
                                plain_price(one.price_e4()) + untaxed(one.untaxed());
    }
    for (const auto& one : terms.fixed_charges()) {
        draft.fixed_charges +=
            (draft.fixed_charges.empty() ? "" : "\n") + word(one.name()) + " " +
            plain_money(one.monthly_e4()) +
            (one.spread() == v1::TARIFF_SPREAD_BY_DAY ? ", " + tr("by day") : std::string{}) +
            untaxed(one.untaxed());
    }
    const auto amount = [](std::int64_t e4) { return e4 > 0 ? plain_money(e4) : std::string{}; };
    draft.minimum = amount(terms.minimum().monthly_e4());
    draft.minimum_by_day = terms.minimum().spread() == v1::TARIFF_SPREAD_BY_DAY;
    draft.deposit = amount(terms.deposit_e4());
    draft.overdraft = amount(terms.overdraft_e4());
    return terms.steps_size() <= static_cast<int>(TariffDraft::kSteps);
}

}  // namespace wutong::client
