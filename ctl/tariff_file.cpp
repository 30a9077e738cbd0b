#include "ctl/tariff_file.hpp"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>
#include <toml++/toml.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "core/quantities.hpp"
#include "ctl/exit_code.hpp"

namespace wutong::ctl {

namespace {

using nlohmann::json;

[[noreturn]] void wrong(const std::string& place, const std::string& what) {
    throw Failure(ExitCode::usage, "tariff file" + (place.empty() ? "" : ", " + place) + ": " + what);
}

std::string inside(const std::string& place, const std::string& key) {
    return place.empty() ? key : place + "." + key;
}

// ---- what people write, as the API has it --------------------------------------------------------
std::int64_t ten_thousandths(const json& value, const std::string& place) {
    try {
        if (value.is_string()) {
            return core::parse_money(value.get<std::string>()).ten_thousandths();
        }
        if (value.is_number()) {
            return core::parse_money(fmt::format("{}", value.get<double>())).ten_thousandths();
        }
    } catch (const std::exception& error) {
        wrong(place, error.what());
    }
    wrong(place, "an amount like \"0.5283\" is wanted");
}

int minute_of(const json& value, const std::string& place) {
    int hours = 0, minutes = 0, used = 0;
    const auto text = value.is_string() ? value.get<std::string>() : std::string{};
    if (std::sscanf(text.c_str(), "%2d:%2d%n", &hours, &minutes, &used) != 2 ||
        used != static_cast<int>(text.size()) || hours < 0 || minutes < 0 || minutes > 59) {
        wrong(place, "a time like \"07:30\" is wanted");
    }
    return hours * 60 + minutes;
}

std::string enum_word(const char* prefix, const json& value, const std::string& place) {
    if (!value.is_string()) {
        wrong(place, "a word is wanted");
    }
    auto text = prefix + value.get<std::string>();
    for (char& one : text) {
        one = static_cast<char>(std::toupper(static_cast<unsigned char>(one)));
    }
    return text;
}

json period_of(const json& value, const std::string& place) {
    if (!value.is_array() || value.size() != 3) {
        wrong(place, R"(a period is ["07:00", "11:00", "flat"])");
    }
    return {{"from_minute", minute_of(value[0], place)},
            {"to_minute", minute_of(value[1], place)},
            {"rate", enum_word("TARIFF_RATE_", value[2], place)}};
}

std::int64_t watt_hours(const json& value, const std::string& place) {
    const auto e4 = ten_thousandths(value, place);
    if (e4 % 10 != 0) {
        wrong(place, "kWh (of water m³) with at most three decimals are wanted");
    }
    return e4 / 10;
}

bool no(const json& value, const std::string& place) {
    if (!value.is_boolean()) {
        wrong(place, "true or false is wanted");
    }
    return !value.get<bool>();
}

/// Names and units as in the .proto, whatever is not known is left as it is: protobuf's own reader refuses
/// it.
json translated(const json& from, const std::string& place);

void put(json& out, const std::string& key, const json& value, const std::string& place) {
    if (key == "price" || key == "monthly" || key == "deposit" || key == "overdraft") {
        out[key + "_e4"] = ten_thousandths(value, place);
    } else if (key == "prices") {
        out[key] = json::object();
        if (!value.is_object()) {
            wrong(place, R"(prices are {flat = "0.95"})");
        }
        for (const auto& [rate, price] : value.items()) {
            out[key][rate + "_e4"] = ten_thousandths(price, inside(place, rate));
        }
    } else if (key == "up_to_kwh" || key == "up_to_m3") {
        out["up_to_wh"] = watt_hours(value, place);
    } else if (key == "taxed") {
        out["untaxed"] = no(value, place);
    } else if (key == "included") {
        out["added"] = no(value, place);
    } else if (key == "bp") {
        out["basis_points"] = value;
    } else if (key == "percent") {
        out["basis_points"] = ten_thousandths(value, place) / 100;
    } else if (key == "spread") {
        out[key] = enum_word("TARIFF_SPREAD_", value, place);
    } else if (key == "type") {
        out["day_type"] = value;
    } else if (key == "periods" && value.is_array()) {
        out[key] = json::array();
        for (std::size_t i = 0; i < value.size(); ++i) {
            out[key].push_back(period_of(value[i], place + "[" + std::to_string(i) + "]"));
        }
    } else {
        out[key] = translated(value, place);
    }
}

json translated(const json& from, const std::string& place) {
    json out = from;
    if (from.is_object()) {
        out = json::object();
        for (const auto& [key, value] : from.items()) {
            put(out, key, value, inside(place, key));
        }
    } else if (from.is_array()) {
        for (std::size_t i = 0; i < from.size(); ++i) {
            out[i] = translated(from[i], place + "[" + std::to_string(i) + "]");
        }
    }
    return out;
}

json take(json& from, const char* key) {
    json value = from.contains(key) ? from[key] : json{};
    from.erase(key);
    return value;
}

bool is_restart(const json& word, const std::string& place) {
    if (word.is_null() || word == "keep") {
        return false;
    }
    if (word != "restart") {
        wrong(place, "is \"keep\" or \"restart\"");
    }
    return true;
}

/// The keys that the file has at the top and the API in `step_rule`.
json step_rule(json& file) {
    json rule = json::object();
    if (const auto period = take(file, "step_period"); !period.is_null()) {
        rule["period"] = enum_word("TARIFF_STEP_PERIOD_", period, "step_period");
    } else {
        rule["period"] = "TARIFF_STEP_PERIOD_MONTH";
    }
    if (const auto begins = take(file, "year_begins"); !begins.is_null()) {
        rule["year_begins"] = begins;
    }
    rule["restart_with_version"] = is_restart(take(file, "when_version_begins"), "when_version_begins");
    rule["restart_with_meter"] = is_restart(take(file, "when_meter_exchanged"), "when_meter_exchanged");
    return rule;
}

// ---- TOML as JSON --------------------------------------------------------------------------------
json json_of(const toml::node& node) {
    if (const auto* table = node.as_table()) {
        json out = json::object();
        for (const auto& [key, value] : *table) {
            out[std::string{key.str()}] = json_of(value);
        }
        return out;
    }
    if (const auto* array = node.as_array()) {
        json out = json::array();
        for (const auto& value : *array) {
            out.push_back(json_of(value));
        }
        return out;
    }
    if (const auto* text = node.as_string()) {
        return text->get();
    }
    if (const auto* number = node.as_integer()) {
        return number->get();
    }
    if (const auto* number = node.as_floating_point()) {
        return number->get();
    }
    if (const auto* yes = node.as_boolean()) {
        return yes->get();
    }
    if (const auto* date = node.as_date()) {
        return fmt::format("{:04}-{:02}-{:02}", date->get().year, date->get().month, date->get().day);
    }
    if (const auto* time = node.as_time()) {
        return fmt::format("{:02}:{:02}", time->get().hour, time->get().minute);
    }
    return nullptr;
}

json parse(const std::string& name, const std::string& text) {
    const bool is_toml = name.size() > 5 && name.substr(name.size() - 5) == ".toml";
    try {
        return is_toml ? json_of(toml::parse(text)) : json::parse(text);
    } catch (const toml::parse_error& error) {
        throw Failure(ExitCode::usage, fmt::format("{}:{}: {}", name, error.source().begin.line,
                                                   std::string{error.description()}));
    } catch (const json::exception& error) {
        throw Failure(ExitCode::usage, name + ": " + error.what());
    }
}

// ---- and back ------------------------------------------------------------------------------------
json money(std::int64_t e4) {
    return core::to_string(core::Money{e4});
}

json prices_json(const v1::RatePrices& prices) {
    json out = json::object();
    const auto put_rate = [&](const char* rate, bool has, std::int64_t e4) {
        if (has) {
            out[rate] = money(e4);
        }
    };
    put_rate("sharp", prices.has_sharp_e4(), prices.sharp_e4());
    put_rate("peak", prices.has_peak_e4(), prices.peak_e4());
    put_rate("flat", prices.has_flat_e4(), prices.flat_e4());
    put_rate("valley", prices.has_valley_e4(), prices.valley_e4());
    return out;
}

const char* spread_word(v1::TariffSpread spread) {
    return spread == v1::TARIFF_SPREAD_WHOLE ? "whole" : "by_day";
}

json calendar_json(const v1::TariffCalendar& calendar) {
    json out{{"day_types", json::array()}, {"weekdays", json::array()}};
    for (const auto& type : calendar.day_types()) {
        out["day_types"].push_back(type);
    }
    for (const auto& type : calendar.weekdays()) {
        out["weekdays"].push_back(type);
    }
    for (const auto& special : calendar.special_days()) {
        out["special_days"].push_back({{"day", special.day()}, {"type", special.day_type()}});
    }
    for (const auto& season : calendar.seasons()) {
        json plans = json::array();
        for (const auto& plan : season.day_plans()) {
            plans.push_back(plan);
        }
        out["seasons"].push_back(
            {{"name", season.name()}, {"from", season.from()}, {"to", season.to()}, {"day_plans", plans}});
    }
    for (const auto& plan : calendar.day_plans()) {
        json periods = json::array();
        for (const auto& period : plan.periods()) {
            periods.push_back(
                {fmt::format("{:02}:{:02}", period.from_minute() / 60, period.from_minute() % 60),
                 fmt::format("{:02}:{:02}", period.to_minute() / 60, period.to_minute() % 60),
                 rate_word(period.rate())});
        }
        out["day_plans"].push_back({{"name", plan.name()}, {"periods", periods}});
    }
    return out;
}

}  // namespace

std::string rate_word(v1::TariffRate rate) {
    switch (rate) {
        case v1::TARIFF_RATE_SHARP:
            return "sharp";
        case v1::TARIFF_RATE_PEAK:
            return "peak";
        case v1::TARIFF_RATE_FLAT:
            return "flat";
        case v1::TARIFF_RATE_VALLEY:
            return "valley";
        default:
            return "";
    }
}

v1::TariffVersion read_tariff_file(const std::string& name, const std::string& text,
                                   const std::string& from) {
    auto file = parse(name, text);
    if (!file.is_object()) {
        wrong("", "a table of what the version says is wanted");
    }
    v1::TariffVersion version;
    const auto begins = take(file, "from");
    if (!begins.is_null() && !begins.is_string()) {
        wrong("from", "a day like \"2026-01-31\" is wanted");
    }
    version.set_effective_from(!from.empty() ? from : begins.is_null() ? "" : begins.get<std::string>());
    const auto rule = step_rule(file);
    if (auto prices = take(file, "prices"); !prices.is_null()) {  // short for one step
        if (file.contains("steps")) {
            wrong("prices", "either prices for all energy, or steps with their prices");
        }
        file["steps"] = json::array({{{"prices", std::move(prices)}}});
    }
    auto terms = translated(file, "");
    terms["step_rule"] = rule;
    google::protobuf::util::JsonParseOptions strict;
    strict.ignore_unknown_fields = false;
    const auto read =
        google::protobuf::util::JsonStringToMessage(terms.dump(), version.mutable_terms(), strict);
    if (!read.ok()) {
        wrong("", std::string{read.message()});
    }
    for (auto& charge : *version.mutable_terms()->mutable_fixed_charges()) {
        if (charge.spread() == v1::TARIFF_SPREAD_UNSPECIFIED) {
            charge.set_spread(v1::TARIFF_SPREAD_BY_DAY);
        }
    }
    if (version.terms().has_minimum() &&
        version.terms().minimum().spread() == v1::TARIFF_SPREAD_UNSPECIFIED) {
        version.mutable_terms()->mutable_minimum()->set_spread(v1::TARIFF_SPREAD_WHOLE);
    }
    return version;
}

std::string write_tariff_json(const v1::TariffVersion& version) {
    const auto& terms = version.terms();
    const auto& rule = terms.step_rule();
    json out{{"from", version.effective_from()},
             {"steps", json::array()},
             {"step_period", rule.period() == v1::TARIFF_STEP_PERIOD_YEAR ? "year" : "month"},
             {"year_begins", rule.year_begins() == 0 ? 1 : rule.year_begins()},
             {"when_version_begins", rule.restart_with_version() ? "restart" : "keep"},
             {"when_meter_exchanged", rule.restart_with_meter() ? "restart" : "keep"},
             {"tax", {{"bp", terms.tax().basis_points()}, {"included", !terms.tax().added()}}},
             {"deposit", money(terms.deposit_e4())},
             {"overdraft", money(terms.overdraft_e4())}};
    for (const auto& step : terms.steps()) {
        json one{{"prices", prices_json(step.prices())}};
        if (step.has_up_to_wh()) {
            one["up_to_wh"] = step.up_to_wh();
        }
        out["steps"].push_back(one);
    }
    for (const auto& charge : terms.energy_charges()) {
        out["energy_charges"].push_back(
            {{"name", charge.name()}, {"price", money(charge.price_e4())}, {"taxed", !charge.untaxed()}});
    }
    for (const auto& charge : terms.fixed_charges()) {
        out["fixed_charges"].push_back({{"name", charge.name()},
                                        {"monthly", money(charge.monthly_e4())},
                                        {"spread", spread_word(charge.spread())},
                                        {"taxed", !charge.untaxed()}});
    }
    if (terms.has_minimum()) {
        out["minimum"] = {{"monthly", money(terms.minimum().monthly_e4())},
                          {"spread", spread_word(terms.minimum().spread())}};
    }
    if (terms.has_calendar()) {
        out["calendar"] = calendar_json(terms.calendar());
    }
    return out.dump(2);
}

}  // namespace wutong::ctl
