#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "storage/tariff_json.hpp"

namespace wutong::storage {

namespace {

using nlohmann::json;

std::string padded(int value, std::size_t width) {
    std::string text = std::to_string(value);
    return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

std::string text_of(std::chrono::month_day day) {
    return padded(static_cast<int>(static_cast<unsigned>(day.month())), 2) + "-" +
           padded(static_cast<int>(static_cast<unsigned>(day.day())), 2);
}

std::string minute_text(int minute) {
    return padded(minute / 60, 2) + ":" + padded(minute % 60, 2);
}

std::string text_of(core::Price price) {
    return to_string(core::Money{price.ten_thousandths_per_kwh()});
}

const char* word(core::Spread spread) {
    return spread == core::Spread::whole ? "whole" : "by_day";
}

const char* word(core::CountOn count) {
    return count == core::CountOn::restart ? "restart" : "keep";
}

json calendar_json(const core::RateCalendar& calendar) {
    const auto type = [&](int index) { return calendar.day_types.at(static_cast<std::size_t>(index)); };
    json out = {{"day_types", calendar.day_types}};
    for (const int index : calendar.type_of_weekday) {
        out["weekdays"].push_back(type(index));
    }
    for (const auto& special : calendar.special_days) {
        out["special_days"].push_back(
            {{"day",
              (special.year ? padded(static_cast<int>(*special.year), 4) + "-" : "") + text_of(special.day)},
             {"type", type(special.day_type)}});
    }
    for (const auto& season : calendar.seasons) {
        out["seasons"].push_back({{"name", season.name},
                                  {"from", text_of(season.from)},
                                  {"to", text_of(season.to)},
                                  {"day_plans", season.day_plans}});
    }
    for (const auto& plan : calendar.day_plans) {
        json periods = json::array();
        for (const auto& period : plan.periods) {
            periods.push_back(
                {minute_text(period.from_minute), minute_text(period.to_minute), to_string(period.rate)});
        }
        out["day_plans"].push_back({{"name", plan.name}, {"periods", periods}});
    }
    return out;
}

}  // namespace

std::string tariff_terms_json(const core::PlanVersion& version) {
    json out = {{"step_period", version.step_rule.period == core::StepPeriod::year ? "year" : "month"},
                {"year_begins", version.step_rule.year_begins},
                {"when_version_begins", word(version.step_rule.when_version_begins)},
                {"when_meter_exchanged", word(version.step_rule.when_meter_exchanged)},
                {"tax", {{"bp", version.tax.basis_points}, {"included", version.tax.included}}},
                {"deposit", to_string(version.credit.deposit)},
                {"overdraft", to_string(version.credit.overdraft)},
                {"steps", json::array()}};
    for (const auto& step : version.steps) {
        json one = {{"prices", json::object()}};
        if (step.up_to) {
            one["up_to_wh"] = step.up_to->watt_hours();
        }
        for (const auto rate : core::kAllRates) {
            if (const auto& price = step.prices[static_cast<std::size_t>(rate)]) {
                one["prices"][core::to_string(rate)] = text_of(*price);
            }
        }
        out["steps"].push_back(one);
    }
    for (const auto& charge : version.energy_charges) {
        out["energy_charges"].push_back(
            {{"name", charge.name}, {"price", text_of(charge.price)}, {"taxed", charge.taxed}});
    }
    for (const auto& charge : version.fixed_charges) {
        out["fixed_charges"].push_back({{"name", charge.name},
                                        {"monthly", to_string(charge.monthly)},
                                        {"spread", word(charge.spread)},
                                        {"taxed", charge.taxed}});
    }
    if (version.minimum) {
        out["minimum"] = {{"monthly", to_string(version.minimum->monthly)},
                          {"spread", word(version.minimum->spread)}};
    }
    if (version.calendar) {
        out["calendar"] = calendar_json(*version.calendar);
    }
    return out.dump();
}

std::chrono::local_days parse_local_day(const std::string& text) {
    int year = 0;
    unsigned month = 0, day = 0;
    const auto number = [&text](std::size_t at, std::size_t length, auto& out) {
        const auto* begin = text.data() + at;
        const auto parsed = std::from_chars(begin, begin + length, out);
        return parsed.ec == std::errc{} && parsed.ptr == begin + length;
    };
    if (text.size() == 10 && text[4] == '-' && text[7] == '-' && number(0, 4, year) && number(5, 2, month) &&
        number(8, 2, day)) {
        const auto date = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day};
        if (year > 0 && date.ok()) {
            return std::chrono::local_days{date};
        }
    }
    throw std::invalid_argument("\"" + text.substr(0, 40) + "\" is no day like 2026-01-31");
}

std::string local_day_text(std::chrono::local_days day) {
    const std::chrono::year_month_day date{day};
    return padded(static_cast<int>(date.year()), 4) + "-" + text_of(date.month() / date.day());
}

}  // namespace wutong::storage
