#include "client-wx/presenters/tariffs/tariff_draft.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/tariff_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::string_view kHardBlank = "\xC2\xA0";  // a blank inside of a name
constexpr std::int64_t kThousandths = 1'000;         // Wh of a kWh, litres of a m³

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    return first == std::string_view::npos
               ? std::string{}
               : std::string{text.substr(first, text.find_last_not_of(" \t\r") - first + 1)};
}

std::vector<std::string> split(std::string_view text, char by) {
    std::vector<std::string> parts;
    while (true) {
        const auto at = text.find(by);
        if (auto part = trimmed(text.substr(0, at)); !part.empty()) {
            parts.push_back(std::move(part));
        }
        if (at == std::string_view::npos) {
            return parts;
        }
        text.remove_prefix(at + 1);
    }
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
    return text;
}
std::string name_of(const std::string& word) {
    return replaced(word, kHardBlank, " ");
}

std::optional<int> read_clock(const std::string& text) {
    const auto colon = text.find(':');
    const auto hours = parse_count(text.substr(0, colon));
    const auto minutes =
        colon == std::string::npos ? std::optional<std::int64_t>{0} : parse_count(text.substr(colon + 1));
    if (!hours || !minutes || *hours > 24 || *minutes > 59 || *hours * 60 + *minutes > 1440) {
        return std::nullopt;
    }
    return static_cast<int>(*hours * 60 + *minutes);
}

v1::TariffRate read_rate(const std::string& text) {
    for (int rate = v1::TARIFF_RATE_SHARP; rate <= v1::TARIFF_RATE_VALLEY; ++rate) {
        constexpr std::array<const char*, 4> kEnglish{"sharp", "peak", "flat", "valley"};
        if (text == rate_name(rate) || text == kEnglish.at(static_cast<std::size_t>(rate - 1))) {
            return static_cast<v1::TariffRate>(rate);
        }
    }
    return v1::TARIFF_RATE_UNSPECIFIED;
}

/// "management 0.0500, untaxed": a name, an amount, and words after commas.
struct ChargeLine {
    std::string name;
    std::int64_t e4{0};
    std::vector<std::string> words;
};
std::optional<ChargeLine> read_charge(const std::string& line) {
    auto parts = split(line, ',');
    if (parts.empty()) {
        return std::nullopt;
    }
    const auto blank = parts.front().find_last_of(" \t");
    if (blank == std::string::npos) {
        return std::nullopt;
    }
    const auto e4 = parse_price(parts.front().substr(blank + 1));
    if (!e4) {
        return std::nullopt;
    }
    return ChargeLine{
        name_of(trimmed(parts.front().substr(0, blank))), *e4, {parts.begin() + 1, parts.end()}};
}

class Reader {
public:
    Reader(const TariffDraft& draft, v1::TariffTerms& terms) : draft_{draft}, terms_{terms} {}

    std::vector<DraftFault> run() {
        steps();
        calendar();
        tax();
        charges();
        amounts();
        return std::move(faults_);
    }

private:
    void fail(TariffPart part, std::string text) { faults_.push_back({part, std::move(text)}); }

    void steps() {
        for (std::size_t i = 0; i < draft_.steps.size(); ++i) {
            const auto& typed = draft_.steps.at(i);
            const bool any = !typed.up_to.empty() || std::any_of(typed.price.begin(), typed.price.end(),
                                                                 [](const auto& p) { return !p.empty(); });
            if (!any) {
                continue;
            }
            auto& step = *terms_.add_steps();
            if (!typed.up_to.empty()) {
                const auto kwh = parse_count(typed.up_to);
                if (!kwh || *kwh > INT64_MAX / kThousandths) {
                    fail(TariffPart::steps,
                         fill(draft_.commodity == Commodity::water
                                  ? tr("Step {n}: \"{text}\" is no whole number of m³.")
                                  : tr("Step {n}: \"{text}\" is no whole number of kWh."),
                              fmt::arg("n", i + 1), fmt::arg("text", clipped(typed.up_to, 20))));
                } else {
                    step.set_up_to_wh(*kwh * kThousandths);
                }
            }
            for (std::size_t rate = 0; rate < typed.price.size(); ++rate) {
                price(i, rate, typed.price.at(rate), *step.mutable_prices());
            }
        }
        if (terms_.steps_size() > 1) {
            auto& rule = *terms_.mutable_step_rule();
            rule.set_period(draft_.step_period == 1 ? v1::TARIFF_STEP_PERIOD_YEAR
                                                    : v1::TARIFF_STEP_PERIOD_MONTH);
            rule.set_restart_with_version(draft_.restart_with_version);
            rule.set_restart_with_meter(draft_.restart_with_meter);
            if (draft_.step_period == 1 && !draft_.year_begins.empty()) {
                const auto month = parse_count(draft_.year_begins);
                if (!month || *month < 1 || *month > 12) {
                    fail(TariffPart::step_rule, tr("A month from 1 to 12."));
                } else {
                    rule.set_year_begins(static_cast<int>(*month));
                }
            }
        }
    }
    void price(std::size_t step, std::size_t rate, const std::string& typed, v1::RatePrices& prices) {
        if (typed.empty()) {
            return;
        }
        const auto e4 = parse_price(typed);
        if (!e4) {
            fail(TariffPart::steps, fill(tr("Step {n}: \"{text}\" is no price. Write it like 0.6213."),
                                         fmt::arg("n", step + 1), fmt::arg("text", clipped(typed, 20))));
            return;
        }
        switch (rate) {
            case 0:
                prices.set_sharp_e4(*e4);
                break;
            case 1:
                prices.set_peak_e4(*e4);
                break;
            case 2:
                prices.set_flat_e4(*e4);
                break;
            default:
                prices.set_valley_e4(*e4);
                break;
        }
    }

    void calendar() {
        if (trimmed(draft_.day_plans).empty()) {
            return;  // everything at the rate flat
        }
        auto& calendar = *terms_.mutable_calendar();
        const auto week = split(replaced(draft_.week, "\n", " "), ' ');
        if (week.size() != 7) {
            fail(TariffPart::week, tr("Seven words, Monday first: the kind of each day."));
        }
        for (const auto& day : week) {
            calendar.add_weekdays(name_of(day));
            const auto& types = calendar.day_types();
            if (std::find(types.begin(), types.end(), name_of(day)) == types.end()) {
                calendar.add_day_types(name_of(day));
            }
        }
        for (const auto& line : split(draft_.day_plans, '\n')) {
            day_plan(line, *calendar.add_day_plans());
        }
        for (const auto& line : split(draft_.seasons, '\n')) {
            season(line, *calendar.add_seasons());
        }
        if (trimmed(draft_.seasons).empty()) {
            fail(TariffPart::seasons, tr("At least one season, like: year 01-01 12-31: workday, weekend"));
        }
        for (const auto& line : split(draft_.special_days, '\n')) {
            const auto words = split(line, ' ');
            if (words.size() != 2) {
                fail(TariffPart::special_days,
                     fill(tr("\"{line}\": write a day and its kind, like 10-01 weekend."),
                          fmt::arg("line", clipped(line, 40))));
                continue;
            }
            auto& special = *calendar.add_special_days();
            special.set_day(words[0]);
            special.set_day_type(name_of(words[1]));
        }
    }
    void day_plan(const std::string& line, v1::TariffDayPlan& plan) {
        const auto colon = line.find(": ");
        if (colon == std::string::npos) {
            fail(TariffPart::day_plans,
                 fill(tr("\"{line}\": write it like workday: 00:00 valley, 08:00 peak."),
                      fmt::arg("line", clipped(line, 40))));
            return;
        }
        plan.set_name(name_of(trimmed(line.substr(0, colon))));
        for (const auto& part : split(line.substr(colon + 1), ',')) {
            const auto words = split(part, ' ');
            const auto minute = words.empty() ? std::nullopt : read_clock(words[0]);
            const auto rate = words.size() == 2 ? read_rate(words[1]) : v1::TARIFF_RATE_UNSPECIFIED;
            if (!minute || rate == v1::TARIFF_RATE_UNSPECIFIED) {
                fail(TariffPart::day_plans,
                     fill(tr("\"{part}\": a time and one of {rates}."), fmt::arg("part", clipped(part, 40)),
                          fmt::arg("rates", rate_name(1) + ", " + rate_name(2) + ", " + rate_name(3) + ", " +
                                                rate_name(4))));
                continue;
            }
            if (plan.periods_size() > 0) {
                plan.mutable_periods(plan.periods_size() - 1)->set_to_minute(*minute);
            }
            auto& period = *plan.add_periods();
            period.set_from_minute(*minute);
            period.set_to_minute(1440);
            period.set_rate(rate);
        }
    }
    void season(const std::string& line, v1::TariffSeason& season) {
        const auto colon = line.find(':');
        const auto head = split(line.substr(0, colon), ' ');
        if (colon == std::string::npos || head.size() != 3) {
            fail(TariffPart::seasons,
                 fill(tr("\"{line}\": write it like summer 06-01 09-30: workday, weekend."),
                      fmt::arg("line", clipped(line, 40))));
            return;
        }
        season.set_name(name_of(head[0]));
        season.set_from(head[1]);
        season.set_to(head[2]);
        for (const auto& plan : split(line.substr(colon + 1), ',')) {
            season.add_day_plans(name_of(plan));
        }
    }

    void tax() {
        if (draft_.tax_percent.empty()) {
            return;
        }
        const auto percent = parse_money(draft_.tax_percent);
        if (!percent || *percent > 1'000'000) {
            fail(TariffPart::tax, tr("A percentage from 0 to 100, like 13 or 6.5."));
            return;
        }
        terms_.mutable_tax()->set_basis_points(static_cast<int>(*percent / 100));
        terms_.mutable_tax()->set_added(draft_.tax_added);
    }
    void charges() {
        const auto is = [](const std::string& typed, const char* english, const std::string& shown) {
            return typed == english || typed == shown;
        };
        const auto wrong = [](const std::string& line) {
            return fill(tr("\"{line}\": write a name and an amount, like management 0.05."),
                        fmt::arg("line", clipped(line, 40)));
        };
        for (const auto& line : split(draft_.energy_charges, '\n')) {
            const auto read = read_charge(line);
            if (!read) {
                fail(TariffPart::energy_charges, wrong(line));
                continue;
            }
            auto& charge = *terms_.add_energy_charges();
            charge.set_name(read->name);
            charge.set_price_e4(read->e4);
            for (const auto& said : read->words) {
                is(said, "untaxed", tr("untaxed")) ? charge.set_untaxed(true)
                                                   : fail(TariffPart::energy_charges, wrong(line));
            }
        }
        for (const auto& line : split(draft_.fixed_charges, '\n')) {
            const auto read = read_charge(line);
            if (!read) {
                fail(TariffPart::fixed_charges, wrong(line));
                continue;
            }
            auto& charge = *terms_.add_fixed_charges();
            charge.set_name(read->name);
            charge.set_monthly_e4(read->e4);
            charge.set_spread(v1::TARIFF_SPREAD_WHOLE);
            for (const auto& said : read->words) {
                if (is(said, "untaxed", tr("untaxed"))) {
                    charge.set_untaxed(true);
                } else if (is(said, "by day", tr("by day"))) {
                    charge.set_spread(v1::TARIFF_SPREAD_BY_DAY);
                } else {
                    fail(TariffPart::fixed_charges, wrong(line));
                }
            }
        }
    }
    void amounts() {
        const auto read = [this](const std::string& typed, TariffPart part) -> std::int64_t {
            if (typed.empty()) {
                return 0;
            }
            const auto e4 = parse_money(typed);
            if (!e4) {
                fail(part, tr("This is no amount. Write it like 200 or 200.50."));
            }
            return e4.value_or(0);
        };
        if (const auto e4 = read(draft_.minimum, TariffPart::minimum); e4 > 0) {
            terms_.mutable_minimum()->set_monthly_e4(e4);
            terms_.mutable_minimum()->set_spread(draft_.minimum_by_day ? v1::TARIFF_SPREAD_BY_DAY
                                                                       : v1::TARIFF_SPREAD_WHOLE);
        }
        terms_.set_deposit_e4(read(draft_.deposit, TariffPart::deposit));
        terms_.set_overdraft_e4(read(draft_.overdraft, TariffPart::overdraft));
    }

    const TariffDraft& draft_;
    v1::TariffTerms& terms_;
    std::vector<DraftFault> faults_;
};

}  // namespace

std::vector<DraftFault> read_draft(const TariffDraft& draft, v1::TariffTerms& terms) {
    terms.Clear();
    return Reader{draft, terms}.run();
}

}  // namespace wutong::client
