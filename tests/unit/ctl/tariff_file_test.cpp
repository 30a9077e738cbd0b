// A plan as a file, in both of its forms.
#include "ctl/tariff_file.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "ctl/exit_code.hpp"

using namespace wutong;
using namespace wutong::ctl;

namespace {

std::string refusal(const std::string& name, const std::string& text) {
    try {
        static_cast<void>(read_tariff_file(name, text, "2026-01-01"));
    } catch (const Failure& failure) {
        CHECK(failure.code() == ExitCode::usage);
        return failure.what();
    }
    return "";
}

}  // namespace

TEST_CASE("tariff file: TOML and JSON say the same", "[tariff]") {
    const auto toml = read_tariff_file("shop.toml", R"(
from = 2026-12-01
step_period = "year"
deposit = 200
tax = {percent = 13, included = false}
[[steps]]
up_to_kwh = 200.5
prices = {peak = "0.9", valley = 0.45}
[[steps]]
prices = {peak = "1.1", valley = "0.65"}
[[energy_charges]]
name = "management"
price = "0.08"
[[fixed_charges]]
name = "meter rent"
monthly = "6.20"
taxed = false
[minimum]
monthly = "30"
[calendar]
day_types = ["day"]
weekdays = ["day", "day", "day", "day", "day", "day", "day"]
special_days = [{day = "10-01", type = "day"}]
seasons = [{name = "year", from = "01-01", to = "12-31", day_plans = ["all"]}]
day_plans = [{name = "all", periods = [["00:00", "08:00", "valley"], ["08:00", "24:00", "peak"]]}]
)",
                                       "");
    CHECK(toml.effective_from() == "2026-12-01");
    const auto& terms = toml.terms();
    REQUIRE(terms.steps_size() == 2);
    CHECK(terms.steps(0).up_to_wh() == 200'500);
    CHECK(terms.steps(0).prices().valley_e4() == 4'500);
    CHECK_FALSE(terms.steps(1).has_up_to_wh());
    CHECK_FALSE(terms.steps(0).prices().has_flat_e4());
    CHECK(terms.step_rule().period() == v1::TARIFF_STEP_PERIOD_YEAR);
    CHECK(terms.tax().basis_points() == 1'300);
    CHECK(terms.tax().added());
    CHECK(terms.fixed_charges(0).untaxed());
    CHECK(terms.fixed_charges(0).spread() == v1::TARIFF_SPREAD_BY_DAY);
    CHECK(terms.minimum().spread() == v1::TARIFF_SPREAD_WHOLE);
    CHECK(terms.deposit_e4() == 2'000'000);
    CHECK(terms.calendar().day_plans(0).periods(1).to_minute() == 1'440);
    CHECK(terms.calendar().day_plans(0).periods(1).rate() == v1::TARIFF_RATE_PEAK);

    const auto json = write_tariff_json(toml);
    CHECK(write_tariff_json(read_tariff_file("shop.json", json, "")) == json);
    CHECK(read_tariff_file("a.json", R"({"prices": {"flat": "0.5283"}})", "2026-02-01").effective_from() ==
          "2026-02-01");
}

TEST_CASE("tariff file: what the golden cases say can be read", "[tariff]") {
    std::ifstream file{WUTONG_SOURCE_DIR "/tests/golden/tariffs/everything-together/plan.json"};
    const auto plan = nlohmann::json::parse(file);
    const auto version = read_tariff_file("plan.json", plan["versions"][0].dump(), "");
    CHECK(version.effective_from() == "2026-01-01");
    CHECK(version.terms().steps(1).prices().peak_e4() == 11'000);
    CHECK(version.terms().overdraft_e4() == 100'000);
}

TEST_CASE("tariff file: the example of docs/tariffs.md is one", "[tariff]") {
    std::ifstream file{WUTONG_SOURCE_DIR "/docs/tariffs.md"};
    std::string example;
    for (std::string line; std::getline(file, line) && line != "## The rules";) {
        example += line.rfind("    ", 0) == 0 ? line.substr(4) + "\n" : "";
    }
    const auto version = read_tariff_file("docs.toml", example, "");
    CHECK(version.effective_from() == "2027-01-01");
    CHECK(version.terms().calendar().seasons(0).day_plans_size() == 2);
    CHECK(version.terms().steps(0).up_to_wh() == 200'000);
}

TEST_CASE("tariff file: what can't be read is named with its place", "[tariff]") {
    CHECK_THAT(refusal("x.json", "{"), Catch::Contains("x.json: "));
    CHECK_THAT(refusal("x.toml", "a = \n"), Catch::Contains("x.toml:1: "));
    CHECK_THAT(refusal("x.json", "[]"), Catch::Contains("a table of what the version says"));
    CHECK_THAT(refusal("x.json", R"({"colour": "red"})"), Catch::Contains("colour"));
    CHECK_THAT(refusal("x.json", R"({"prices": {"flat": "0.12345"}})"), Catch::Contains("prices.flat: "));
    CHECK_THAT(refusal("x.json", R"({"prices": {"night": "1"}})"), Catch::Contains("night"));
    CHECK_THAT(refusal("x.json", R"({"prices": {"flat": "1"}, "steps": []})"), Catch::Contains("prices: "));
    CHECK_THAT(
        refusal("x.json", R"({"calendar": {"day_plans": [{"periods": [["07:61", "08:00", "peak"]]}]}})"),
        Catch::Contains("calendar.day_plans[0].periods[0]: "));
    CHECK_THAT(refusal("x.json", R"({"when_version_begins": "maybe"})"), Catch::Contains("keep"));
    CHECK_THAT(refusal("x.json", R"({"fixed_charges": [{"name": "a", "monthly": "1", "spread": "daily"}]})"),
               Catch::Contains("TARIFF_SPREAD_DAILY"));
}
