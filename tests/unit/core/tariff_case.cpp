#include "unit/core/tariff_case.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace wutong::core::test {

using nlohmann::json;
using std::chrono::local_days;
using std::chrono::year_month;

namespace {

json json_of(const std::filesystem::path& path) {
    std::ifstream file{path};
    if (!file) {
        throw std::runtime_error("can't read " + path.string());
    }
    return json::parse(file);
}

std::string padded(int value, std::size_t width) {
    std::string text = std::to_string(value);
    return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

local_days date_of(const std::string& text) {
    int year = 0;
    unsigned month = 0, day = 0;
    if (std::sscanf(text.c_str(), "%d-%u-%u", &year, &month, &day) != 3) {
        throw std::runtime_error("no date: " + text);
    }
    return local_days{std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day}};
}

std::chrono::month_day month_day_of(const std::string& text) {
    unsigned month = 0, day = 0;
    if (std::sscanf(text.c_str(), "%u-%u", &month, &day) != 2) {
        throw std::runtime_error("no day of the year: " + text);
    }
    return std::chrono::month{month} / std::chrono::day{day};
}

std::optional<year_month> month_of(const json& value) {
    if (value.is_null()) {
        return std::nullopt;
    }
    const auto first = date_of(value.get<std::string>() + "-01");
    const std::chrono::year_month_day day{first};
    return day.year() / day.month();
}

std::string text_of(local_days day) {
    const std::chrono::year_month_day date{day};
    return padded(static_cast<int>(date.year()), 4) + "-" +
           padded(static_cast<int>(static_cast<unsigned>(date.month())), 2) + "-" +
           padded(static_cast<int>(static_cast<unsigned>(date.day())), 2);
}

json text_of(const std::optional<year_month>& month) {
    return month ? json(text_of(local_days{*month / 1}).substr(0, 7)) : json();
}

std::string text_of(Instant at) {
    std::string text = to_text(at);
    text[10] = 'T';
    return text.substr(0, 19) + "Z";
}

int minute_of(const std::string& text) {
    int hours = 0, minutes = 0;
    if (std::sscanf(text.c_str(), "%d:%d", &hours, &minutes) != 2) {
        throw std::runtime_error("no time: " + text);
    }
    return hours * 60 + minutes;
}

std::size_t rate_index(const std::string& name) {
    for (const auto rate : kAllRates) {
        if (name == to_string(rate)) {
            return static_cast<std::size_t>(rate);
        }
    }
    throw std::runtime_error("no rate: " + name);
}

int index_in(const std::vector<std::string>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

Price price_of(const json& value) {
    return Price{parse_money(value.get<std::string>()).ten_thousandths()};
}

Money money_of(const json& from, const char* key) {
    return parse_money(from.value(key, std::string("0")));
}

Spread spread_of(const json& from, const char* otherwise) {
    return from.value("spread", otherwise) == std::string("whole") ? Spread::whole : Spread::by_day;
}

CountOn count_of(const json& from, const char* key) {
    return from.value(key, "keep") == std::string("restart") ? CountOn::restart : CountOn::keep;
}

TariffStep step_of(const json& from) {
    TariffStep step;
    if (from.contains("up_to_wh")) {
        step.up_to = Energy{from["up_to_wh"].get<std::int64_t>()};
    }
    for (const auto& [rate, price] : from.at("prices").items()) {
        step.prices[rate_index(rate)] = price_of(price);
    }
    return step;
}

RateCalendar calendar_of(const json& from) {
    RateCalendar calendar;
    calendar.day_types = from.at("day_types").get<std::vector<std::string>>();
    for (std::size_t i = 0; i < 7; ++i) {
        calendar.type_of_weekday[i] = index_in(calendar.day_types, from.at("weekdays").at(i));
    }
    for (const auto& special : from.value("special_days", json::array())) {
        const auto day = special.at("day").get<std::string>();
        const bool yearly = day.size() < 10;
        calendar.special_days.push_back(
            {yearly ? std::nullopt : std::optional{std::chrono::year{std::stoi(day)}},
             month_day_of(yearly ? day : day.substr(5)), index_in(calendar.day_types, special.at("type"))});
    }
    for (const auto& season : from.at("seasons")) {
        calendar.seasons.push_back({season.at("name"), month_day_of(season.at("from")),
                                    month_day_of(season.at("to")), season.at("day_plans")});
    }
    for (const auto& plan : from.at("day_plans")) {
        DayPlan day{plan.at("name"), {}};
        for (const auto& period : plan.at("periods")) {
            day.periods.push_back(
                {minute_of(period.at(0)), minute_of(period.at(1)), kAllRates[rate_index(period.at(2))]});
        }
        calendar.day_plans.push_back(std::move(day));
    }
    return calendar;
}

PlanVersion version_of(const json& from) {
    PlanVersion version;
    version.from = date_of(from.at("from"));
    if (from.contains("steps")) {
        for (const auto& step : from["steps"]) {
            version.steps.push_back(step_of(step));
        }
    } else {
        version.steps.push_back(step_of(json{{"prices", from.at("prices")}}));
    }
    version.step_rule.period =
        from.value("step_period", "month") == std::string("year") ? StepPeriod::year : StepPeriod::month;
    version.step_rule.year_begins = from.value("year_begins", 1U);
    version.step_rule.when_version_begins = count_of(from, "when_version_begins");
    version.step_rule.when_meter_exchanged = count_of(from, "when_meter_exchanged");
    if (from.contains("calendar")) {
        version.calendar = calendar_of(from["calendar"]);
    }
    for (const auto& charge : from.value("energy_charges", json::array())) {
        version.energy_charges.push_back(
            {charge.at("name"), price_of(charge.at("price")), charge.value("taxed", true)});
    }
    for (const auto& charge : from.value("fixed_charges", json::array())) {
        version.fixed_charges.push_back({charge.at("name"), money_of(charge, "monthly"),
                                         spread_of(charge, "by_day"), charge.value("taxed", true)});
    }
    if (from.contains("minimum")) {
        version.minimum =
            MinimumCharge{money_of(from["minimum"], "monthly"), spread_of(from["minimum"], "whole")};
    }
    if (from.contains("tax")) {
        version.tax = {from["tax"].value("bp", 0), from["tax"].value("included", true)};
    }
    version.credit = {money_of(from, "deposit"), money_of(from, "overdraft")};
    return version;
}

TariffState state_of(const json& from) {
    TariffState state;
    const auto null = json();
    const auto at = [&](const char* key) { return from.value(key, null); };
    if (!at("through").is_null()) {
        state.through = instant_of(at("through"));
    }
    if (!at("version").is_null()) {
        state.version = date_of(at("version"));
    }
    if (!at("meter").is_null()) {
        state.meter = at("meter").get<std::string>();
    }
    state.step_period = month_of(at("step_period"));
    state.step_used = Energy{from.value("step_used_wh", std::int64_t{0})};
    state.rest = Remainder{from.value("rest", std::int64_t{0})};
    for (const auto& one : from.value("tax_rests", json::array())) {
        state.tax_rests.push_back({{one.at("bp"), one.at("included")}, one.at("parts")});
    }
    state.below_quantum = Money{from.value("below_quantum_e4", std::int64_t{0})};
    state.whole_charged = month_of(at("whole_charged"));
    state.month = month_of(at("month"));
    state.month_charged = from.value("month_charged", std::int64_t{0});
    state.month_minimum = from.value("month_minimum", std::int64_t{0});
    return state;
}

json to_json(const TariffState& state) {
    json rests = json::array();
    for (const auto& one : state.tax_rests) {
        rests.push_back({{"bp", one.tax.basis_points}, {"included", one.tax.included}, {"parts", one.parts}});
    }
    return {{"through", state.through ? json(text_of(*state.through)) : json()},
            {"version", state.version ? json(text_of(*state.version)) : json()},
            {"meter", state.meter ? json(*state.meter) : json()},
            {"step_period", text_of(state.step_period)},
            {"step_used_wh", state.step_used.watt_hours()},
            {"rest", state.rest.ten_millionths()},
            {"tax_rests", rests},
            {"below_quantum_e4", state.below_quantum.ten_thousandths()},
            {"whole_charged", text_of(state.whole_charged)},
            {"month", text_of(state.month)},
            {"month_charged", state.month_charged},
            {"month_minimum", state.month_minimum}};
}

json to_json(const BillLine& line) {
    return {{"kind", to_string(line.kind)},
            {"name", line.name},
            {"version", text_of(line.version)},
            {"rate", line.rate ? json(to_string(*line.rate)) : json()},
            {"step", line.step},
            {"quantity_wh", line.quantity.watt_hours()},
            {"price_e4", line.price.ten_thousandths_per_kwh()},
            {"month", text_of(line.month)},
            {"first_day", line.first_day},
            {"days", line.days},
            {"monthly_e4", line.monthly.ten_thousandths()},
            {"exact", line.exact},
            {"amount_e4", line.amount.ten_thousandths()},
            {"rest", line.rest.ten_millionths()},
            {"tax_bp", line.tax.basis_points},
            {"tax_included", line.tax.included},
            {"tax_e4", line.tax_amount.ten_thousandths()},
            {"tax_rest", line.tax_rest}};
}

std::vector<MeterSeries> series_of(const std::filesystem::path& path, const json& meters) {
    std::vector<MeterSeries> series;
    std::ifstream file{path};
    std::string row;
    std::getline(file, row);  // the header
    while (std::getline(file, row)) {
        std::vector<std::string> cells;
        std::istringstream text{row};
        for (std::string cell; std::getline(text, cell, ',');) {
            cells.push_back(cell);
        }
        if (cells.size() < 3) {
            throw std::runtime_error(path.string() + ": a row is too short: " + row);
        }
        if (series.empty() || series.back().meter != cells[0]) {
            MeterSeries next;
            next.meter = cells[0];
            const auto facts = meters.value(cells[0], json::object());
            if (facts.contains("rolls_over_at_wh")) {
                next.rolls_over_at = Energy{facts["rolls_over_at_wh"].get<std::int64_t>()};
            }
            if (facts.contains("watts_max")) {
                next.watts_max = facts["watts_max"].get<std::int64_t>();
            }
            next.quantum = Energy{facts.value("quantum_wh", std::int64_t{10})};
            series.push_back(std::move(next));
        }
        RegisterReading reading{instant_of(cells[1]), Energy{std::stoll(cells[2])}, std::nullopt};
        if (cells.size() >= 7) {
            reading.rates.emplace();
            for (std::size_t i = 0; i < kRates; ++i) {
                (*reading.rates)[i] = Energy{std::stoll(cells[3 + i])};
            }
        }
        series.back().readings.push_back(reading);
    }
    return series;
}

std::string golden_folder() {
    // tests/golden/tariff_random.py points somewhere else.
    if (const char* given = std::getenv("WUTONG_TARIFF_CASES")) {
        return given;
    }
    return std::string(WUTONG_SOURCE_DIR) + "/tests/golden/tariffs";
}

}  // namespace

Instant instant_of(const std::string& text) {
    int hours = 0, minutes = 0, seconds = 0;
    if (text.size() != 20 || std::sscanf(text.c_str() + 11, "%d:%d:%dZ", &hours, &minutes, &seconds) != 3) {
        throw std::runtime_error("no moment: " + text);
    }
    return Instant{date_of(text).time_since_epoch()} + std::chrono::hours{hours} +
           std::chrono::minutes{minutes} + std::chrono::seconds{seconds};
}

std::vector<std::string> tariff_case_folders() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(golden_folder())) {
        if (entry.is_directory()) {
            names.push_back(entry.path().filename().string());
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

TariffCase load_tariff_case(const std::string& folder) {
    const std::filesystem::path path = std::filesystem::path(golden_folder()) / folder;
    TariffCase one;
    one.json = json_of(path / "case.json");
    one.expected = json_of(path / "expected.json");
    const auto plan = json_of(path / "plan.json");
    one.plan.name = plan.at("name");
    for (const auto& version : plan.at("versions")) {
        one.plan.versions.push_back(version_of(version));
    }
    for (const auto& row : one.json.at("utc_offsets")) {
        one.offsets.push_back({instant_of(row.at(0)), std::chrono::seconds{row.at(1).get<std::int64_t>()}});
    }
    one.series = series_of(path / "readings.csv", one.json.value("meters", json::object()));
    const auto& period = one.json.at("period");
    one.period = {instant_of(period.at("from")), instant_of(period.at("to")),
                  parse_money(period.value("quantum", "0.0001")), period.value("closing", false)};
    one.state = state_of(one.json.value("state", json::object()));
    return one;
}

json to_json(const Bill& bill) {
    json lines = json::array();
    for (const auto& line : bill.lines) {
        lines.push_back(to_json(line));
    }
    json unmeasured = json::array();
    for (const auto& span : bill.unmeasured) {
        unmeasured.push_back({text_of(span.from), text_of(span.to)});
    }
    return {{"lines", lines},
            {"energy_wh", bill.energy.watt_hours()},
            {"charges_e4", bill.charges.ten_thousandths()},
            {"tax_added_e4", bill.tax_added.ten_thousandths()},
            {"tax_included_e4", bill.tax_included.ten_thousandths()},
            {"total_e4", bill.total.ten_thousandths()},
            {"booked_e4", bill.booked.ten_thousandths()},
            {"to_rounding_e4", bill.to_rounding.ten_thousandths()},
            {"unmeasured", unmeasured},
            {"state", to_json(bill.state)}};
}

json tariff_outcome(const TariffCase& one) {
    if (const auto faults = check(one.plan); !faults.empty()) {
        std::vector<std::string> kinds;
        for (const auto& fault : faults) {
            kinds.emplace_back(to_string(fault.kind));
        }
        std::sort(kinds.begin(), kinds.end());
        return {{"plan_faults", kinds}};
    }
    const auto energy = energy_between(one.series);
    if (const auto* fault = std::get_if<TariffFault>(&energy)) {
        return {{"fault", to_string(fault->kind)}};
    }
    const auto result = calculate(PreparedPlan{one.plan}, LocalTime{one.offsets},
                                  std::get<EnergySeries>(energy), one.period, one.state);
    if (const auto* fault = std::get_if<TariffFault>(&result)) {
        return {{"fault", to_string(fault->kind)}};
    }
    return {{"bill", to_json(std::get<Bill>(result))}};
}

}  // namespace wutong::core::test
