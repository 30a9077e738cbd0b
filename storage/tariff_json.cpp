#include "storage/tariff_json.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

namespace wutong::storage {

namespace {

using nlohmann::json;

/// One JSON object being read: every key must be asked for, and `done` refuses the others.
class Fields {
public:
    Fields(const json& from, std::string place) : from_{from}, place_{std::move(place)} {
        if (!from.is_object()) {
            fail("an object {…} is wanted");
        }
    }

    [[noreturn]] void fail(const std::string& what) const {
        throw std::invalid_argument((place_.empty() ? "tariff" : "tariff, " + place_) + ": " + what);
    }
    [[nodiscard]] std::string at(const std::string& key) const {
        return place_.empty() ? key : place_ + "." + key;
    }

    const json* find(const char* key) {
        asked_.insert(key);
        const auto found = from_.find(key);
        return found == from_.end() || found->is_null() ? nullptr : &*found;
    }
    const json& need(const char* key) {
        const auto* found = find(key);
        if (found == nullptr) {
            fail(std::string("\"") + key + "\" is missing");
        }
        return *found;
    }
    const json* list(const char* key) {
        const auto* found = find(key);
        if (found != nullptr && !found->is_array()) {
            fail(std::string("\"") + key + "\" is no list […]");
        }
        return found;
    }
    std::string text(const char* key) { return text_of(need(key), key); }
    std::string text_of(const json& value, const std::string& key) const {
        if (!value.is_string()) {
            fail("\"" + key + "\" is no text");
        }
        return value.get<std::string>();
    }
    bool yes(const char* key, bool otherwise) {
        const auto* found = find(key);
        if (found != nullptr && !found->is_boolean()) {
            fail(std::string("\"") + key + "\" is true or false");
        }
        return found == nullptr ? otherwise : found->get<bool>();
    }
    std::int64_t number(const json& value, const std::string& key) const {
        if (!value.is_number_integer() ||
            (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX)) {
            fail("\"" + key + "\" is no whole number");
        }
        return value.get<std::int64_t>();
    }
    core::Money money_of(const json& value, const std::string& key) const {
        const auto text = text_of(value, key);
        try {
            return core::parse_money(text);
        } catch (const std::logic_error& wrong) {
            fail("\"" + key + "\": " + wrong.what());
        } catch (const core::QuantityOverflow& wrong) {
            fail("\"" + key + "\": " + wrong.what());
        }
    }
    core::Money money(const char* key) {
        const auto* found = find(key);
        return found == nullptr ? core::Money{} : money_of(*found, key);
    }
    core::Price price(const char* key) { return core::Price{money_of(need(key), key).ten_thousandths()}; }
    /// True for the second of two words, false for the first or none.
    bool second_of(const char* key, const std::string& first, const std::string& second) {
        const auto* found = find(key);
        const auto word = found == nullptr ? first : text_of(*found, key);
        if (word != first && word != second) {
            fail(std::string("\"") + key + "\" is \"" + first + "\" or \"" + second + "\"");
        }
        return word == second;
    }

    void done() const {
        for (const auto& item : from_.items()) {
            if (!asked_.contains(item.key())) {
                fail("unknown key \"" + item.key().substr(0, 40) + "\"");
            }
        }
    }

private:
    const json& from_;
    std::string place_;
    std::set<std::string> asked_;
};

std::string element(const std::string& list, std::size_t index) {
    return list + "[" + std::to_string(index) + "]";
}

core::Rate rate_of(const Fields& fields, const std::string& name) {
    for (const auto rate : core::kAllRates) {
        if (name == core::to_string(rate)) {
            return rate;
        }
    }
    fields.fail("there is no rate \"" + name.substr(0, 40) + "\", only sharp, peak, flat, valley");
}

int minute_of(const Fields& fields, const std::string& text) {
    int hours = 0, minutes = 0, used = 0;
    if (std::sscanf(text.c_str(), "%2d:%2d%n", &hours, &minutes, &used) != 2 ||
        used != static_cast<int>(text.size()) || hours < 0 || minutes < 0 || minutes > 59) {
        fields.fail("\"" + text.substr(0, 40) + "\" is no time like 07:30");
    }
    return hours * 60 + minutes;
}

std::chrono::month_day month_day_of(const Fields& fields, const std::string& text) {
    unsigned month = 0, day = 0;
    int used = 0;
    if (std::sscanf(text.c_str(), "%2u-%2u%n", &month, &day, &used) != 2 ||
        used != static_cast<int>(text.size())) {
        fields.fail("\"" + text.substr(0, 40) + "\" is no day of the year like 02-29");
    }
    return std::chrono::month{month} / std::chrono::day{day};
}

int index_of(const std::vector<std::string>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

std::vector<std::string> texts(Fields& fields, const char* key) {
    std::vector<std::string> out;
    fields.need(key);
    for (const auto& one : *fields.list(key)) {
        out.push_back(fields.text_of(one, key));
    }
    return out;
}

std::array<std::optional<core::Price>, core::kRates> prices_of(Fields& fields) {
    std::array<std::optional<core::Price>, core::kRates> out;
    const Fields inside{fields.need("prices"), fields.at("prices")};
    for (const auto& item : fields.need("prices").items()) {
        out[static_cast<std::size_t>(rate_of(inside, item.key()))] =
            core::Price{inside.money_of(item.value(), item.key()).ten_thousandths()};
    }
    return out;
}

core::DayPlan day_plan_of(const json& from, const std::string& place) {
    Fields fields{from, place};
    core::DayPlan plan{fields.text("name"), {}};
    fields.need("periods");
    for (const auto& period : *fields.list("periods")) {
        if (!period.is_array() || period.size() != 3) {
            fields.fail("a period is [\"07:00\", \"11:00\", \"flat\"]");
        }
        plan.periods.push_back({minute_of(fields, fields.text_of(period[0], "periods")),
                                minute_of(fields, fields.text_of(period[1], "periods")),
                                rate_of(fields, fields.text_of(period[2], "periods"))});
    }
    fields.done();
    return plan;
}

core::SpecialDay special_day_of(const json& from, const std::string& place,
                                const std::vector<std::string>& day_types) {
    Fields fields{from, place};
    const auto day = fields.text("day");
    core::SpecialDay special;
    int year = 0;
    const bool yearly = day.size() <= 5;
    if (!yearly && (day.size() != 10 || day[4] != '-' || std::sscanf(day.c_str(), "%4d-", &year) != 1)) {
        fields.fail("\"" + day.substr(0, 40) + "\" is no day like 10-01 or 2026-10-01");
    }
    if (!yearly) {
        special.year = std::chrono::year{year};
    }
    special.day = month_day_of(fields, yearly ? day : day.substr(5));
    special.day_type = index_of(day_types, fields.text("type"));
    if (special.day_type < 0) {
        fields.fail("there is no day type \"" + fields.text("type").substr(0, 40) + "\"");
    }
    fields.done();
    return special;
}

core::RateCalendar calendar_of(const json& from) {
    Fields fields{from, "calendar"};
    core::RateCalendar calendar;
    calendar.day_types = texts(fields, "day_types");
    const auto weekdays = texts(fields, "weekdays");
    if (weekdays.size() != calendar.type_of_weekday.size()) {
        fields.fail("\"weekdays\" names the day types of seven days, Monday first");
    }
    for (std::size_t i = 0; i < weekdays.size(); ++i) {
        calendar.type_of_weekday[i] = index_of(calendar.day_types, weekdays[i]);
        if (calendar.type_of_weekday[i] < 0) {
            fields.fail("there is no day type \"" + weekdays[i].substr(0, 40) + "\"");
        }
    }
    const auto each = [&](const char* key, auto take) {
        if (const auto* list = fields.list(key)) {
            for (std::size_t i = 0; i < list->size(); ++i) {
                take((*list)[i], element(fields.at(key), i));
            }
        }
    };
    each("seasons", [&](const json& one, const std::string& place) {
        Fields season{one, place};
        calendar.seasons.push_back({season.text("name"), month_day_of(season, season.text("from")),
                                    month_day_of(season, season.text("to")), texts(season, "day_plans")});
        season.done();
    });
    each("day_plans", [&](const json& one, const std::string& place) {
        calendar.day_plans.push_back(day_plan_of(one, place));
    });
    each("special_days", [&](const json& one, const std::string& place) {
        calendar.special_days.push_back(special_day_of(one, place, calendar.day_types));
    });
    fields.done();
    return calendar;
}

void read_steps(Fields& fields, core::PlanVersion& version) {
    if (const auto* steps = fields.list("steps")) {
        for (std::size_t i = 0; i < steps->size(); ++i) {
            Fields step{(*steps)[i], element("steps", i)};
            core::TariffStep out;
            if (const auto* limit = step.find("up_to_wh")) {
                out.up_to = core::Energy{step.number(*limit, "up_to_wh")};
            }
            out.prices = prices_of(step);
            step.done();
            version.steps.push_back(out);
        }
    } else {
        version.steps.push_back({std::nullopt, prices_of(fields)});
    }
    auto& rule = version.step_rule;
    using core::CountOn;
    rule.period =
        fields.second_of("step_period", "month", "year") ? core::StepPeriod::year : core::StepPeriod::month;
    if (const auto* begins = fields.find("year_begins")) {
        const auto month = fields.number(*begins, "year_begins");
        if (month < 1 || month > 12) {
            fields.fail("\"year_begins\" is a month from 1 to 12");
        }
        rule.year_begins = static_cast<unsigned>(month);
    }
    rule.when_version_begins =
        fields.second_of("when_version_begins", "keep", "restart") ? CountOn::restart : CountOn::keep;
    rule.when_meter_exchanged =
        fields.second_of("when_meter_exchanged", "keep", "restart") ? CountOn::restart : CountOn::keep;
}

void read_charges(Fields& fields, core::PlanVersion& version) {
    if (const auto* charges = fields.list("energy_charges")) {
        for (std::size_t i = 0; i < charges->size(); ++i) {
            Fields charge{(*charges)[i], element("energy_charges", i)};
            version.energy_charges.push_back(
                {charge.text("name"), charge.price("price"), charge.yes("taxed", true)});
            charge.done();
        }
    }
    const auto spread = [](Fields& of, bool by_day_first) {
        const bool other = by_day_first ? of.second_of("spread", "by_day", "whole")
                                        : of.second_of("spread", "whole", "by_day");
        return other == by_day_first ? core::Spread::whole : core::Spread::by_day;
    };
    if (const auto* charges = fields.list("fixed_charges")) {
        for (std::size_t i = 0; i < charges->size(); ++i) {
            Fields charge{(*charges)[i], element("fixed_charges", i)};
            charge.need("monthly");
            version.fixed_charges.push_back({charge.text("name"), charge.money("monthly"),
                                             spread(charge, true), charge.yes("taxed", true)});
            charge.done();
        }
    }
    if (const auto* found = fields.find("minimum")) {
        Fields minimum{*found, "minimum"};
        minimum.need("monthly");
        version.minimum = core::MinimumCharge{minimum.money("monthly"), spread(minimum, false)};
        minimum.done();
    }
    if (const auto* found = fields.find("tax")) {
        Fields tax{*found, "tax"};
        const auto points = tax.number(tax.need("bp"), "bp");
        if (points < 0 || points > 10'000) {
            tax.fail("\"bp\" is from 0 to 10000 basis points");
        }
        version.tax = {static_cast<int>(points), tax.yes("included", true)};
        tax.done();
    }
    version.credit = {fields.money("deposit"), fields.money("overdraft")};
}

}  // namespace

core::PlanVersion tariff_version_of(std::chrono::local_days from, const std::string& terms) {
    json parsed;
    try {
        parsed = json::parse(terms);
    } catch (const json::exception& wrong) {
        throw std::invalid_argument(std::string("tariff: this is no JSON: ") + wrong.what());
    }
    Fields fields{parsed, ""};
    core::PlanVersion version;
    version.from = from;
    read_steps(fields, version);
    read_charges(fields, version);
    if (const auto* calendar = fields.find("calendar")) {
        version.calendar = calendar_of(*calendar);
    }
    fields.done();
    return version;
}

}  // namespace wutong::storage
