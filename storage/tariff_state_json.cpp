#include "storage/tariff_state_json.hpp"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "storage/tariff_json.hpp"

namespace wutong::storage {

namespace {

using nlohmann::json;
using std::chrono::year_month;

/// Months since the year 0, so that a state is numbers and days alone.
int number_of(year_month month) {
    return static_cast<int>(month.year()) * 12 + static_cast<int>(static_cast<unsigned>(month.month())) - 1;
}

year_month month_of(int number) {
    return std::chrono::year{number / 12} / std::chrono::month{static_cast<unsigned>(number % 12 + 1)};
}

void put(json& to, const char* key, const std::optional<year_month>& month) {
    if (month) {
        to[key] = number_of(*month);
    }
}

std::optional<year_month> month_in(const json& from, const char* key) {
    return from.contains(key) ? std::optional{month_of(from.at(key).get<int>())} : std::nullopt;
}

}  // namespace

std::string tariff_state_json(const core::TariffState& state) {
    json out = json::object();
    if (state.through) {
        out["through"] = state.through->time_since_epoch().count();
    }
    if (state.version) {
        out["version"] = local_day_text(*state.version);
    }
    if (state.meter) {
        out["meter"] = *state.meter;
    }
    put(out, "step_period", state.step_period);
    out["step_used_wh"] = state.step_used.watt_hours();
    out["rest"] = state.rest.ten_millionths();
    out["tax_rests"] = json::array();
    for (const auto& rest : state.tax_rests) {
        out["tax_rests"].push_back({{"basis_points", rest.tax.basis_points},
                                    {"included", rest.tax.included},
                                    {"parts", rest.parts}});
    }
    out["below_quantum_e4"] = state.below_quantum.ten_thousandths();
    put(out, "whole_charged", state.whole_charged);
    put(out, "month", state.month);
    out["month_charged"] = state.month_charged;
    out["month_minimum"] = state.month_minimum;
    return out.dump();
}

core::TariffState tariff_state_of(const std::string& text) {
    try {
        const auto from = json::parse(text);
        core::TariffState state;
        if (from.empty()) {
            return state;  // nothing was charged yet
        }
        if (from.contains("through")) {
            state.through = core::Instant{std::chrono::seconds{from.at("through").get<std::int64_t>()}};
        }
        if (from.contains("version")) {
            state.version = parse_local_day(from.at("version").get<std::string>());
        }
        if (from.contains("meter")) {
            state.meter = from.at("meter").get<std::string>();
        }
        state.step_period = month_in(from, "step_period");
        state.step_used = core::Energy{from.at("step_used_wh").get<std::int64_t>()};
        state.rest = core::Remainder{from.at("rest").get<std::int64_t>()};
        for (const auto& rest : from.at("tax_rests")) {
            state.tax_rests.push_back({{rest.at("basis_points").get<int>(), rest.at("included").get<bool>()},
                                       rest.at("parts").get<std::int64_t>()});
        }
        state.below_quantum = core::Money{from.at("below_quantum_e4").get<std::int64_t>()};
        state.whole_charged = month_in(from, "whole_charged");
        state.month = month_in(from, "month");
        state.month_charged = from.at("month_charged").get<std::int64_t>();
        state.month_minimum = from.at("month_minimum").get<std::int64_t>();
        return state;
    } catch (const json::exception& error) {
        throw std::invalid_argument(std::string("the carried state of a charge can't be read: ") +
                                    error.what());
    }
}

}  // namespace wutong::storage
