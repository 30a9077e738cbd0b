#include "storage/tariffs.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/tariff_calendar.hpp"
#include "storage/errors.hpp"
#include "storage/tariff_json.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;

namespace {

std::chrono::local_days day(const char* text) {
    return parse_local_day(text);
}

core::PlanVersion flat(const char* from, const char* price) {
    return tariff_version_of(day(from), std::string(R"({"prices": {"flat": ")") + price + R"("}})");
}

struct Desk {
    Desk() : site(test, "P1", 3), other(test, "P2", 1) {}

    template <class Body>
    auto in(TestSite& where, Body body) {
        return test.server().transact(where.scope(), "tariffs", body);
    }

    TariffPlanId plan(const std::string& name, const std::vector<core::PlanVersion>& versions) {
        return in(site, [&](Transaction& tx) {
            const auto id = insert_tariff_plan(tx, site.property, name, change);
            for (const auto& version : versions) {
                add_tariff_version(tx, site.property, id, version, day("2026-01-01"), change);
            }
            return id;
        });
    }
    void assign(const TariffTarget& target, std::optional<TariffPlanId> plan, const char* from) {
        in(site, [&](Transaction& tx) { assign_tariff(tx, site.property, target, plan, day(from), change); });
    }
    std::optional<TariffPlanId> in_force(core::MeterId meter, const char* when) {
        const auto found =
            in(site, [&](Transaction& tx) { return tariff_in_force(tx, site.property, meter, day(when)); });
        return found ? std::optional{found->plan} : std::nullopt;
    }
    core::TariffPlan load(TariffPlanId id) {
        return *in(site, [&](Transaction& tx) { return load_tariff_plan(tx, site.property, id); });
    }
    TestDatabase test;
    TestSite site;
    TestSite other;
    TariffChange change{core::OperatorId{1}, at(0)};
};

}  // namespace

TEST_CASE("tariffs: every plan of the golden cases comes back as it was", "[tariffs]") {
    Desk desk;
    int kept = 0, refused = 0;
    for (const auto& folder :
         std::filesystem::directory_iterator(std::string(WUTONG_SOURCE_DIR) + "/tests/golden/tariffs")) {
        INFO(folder.path().filename().string());
        std::ifstream file{folder.path() / "plan.json"};
        auto json = nlohmann::json::parse(file);
        core::TariffPlan plan{folder.path().filename().string(), {}};
        try {
            for (auto& version : json["versions"]) {
                const auto from = day(version["from"].get<std::string>().c_str());
                version.erase("from");
                plan.versions.push_back(tariff_version_of(from, version.dump()));
            }
        } catch (const std::invalid_argument&) {
            ++refused;  // names and days that are not there
            continue;
        }
        if (!core::check(plan).empty()) {
            ++refused;
            continue;
        }
        const auto id = desk.in(desk.site, [&](Transaction& tx) {
            const auto made = insert_tariff_plan(tx, desk.site.property, plan.name, desk.change);
            // The last one first: the order in which they were written down does not matter.
            for (auto version = plan.versions.rbegin(); version != plan.versions.rend(); ++version) {
                add_tariff_version(tx, desk.site.property, made, *version, day("1970-01-01"), desk.change);
            }
            return made;
        });
        CHECK(desk.load(id) == plan);
        ++kept;
    }
    CHECK(kept >= 100);
    CHECK(refused >= 10);
}

TEST_CASE("tariffs: a version that has not begun is put right, what has begun is not", "[tariffs]") {
    Desk desk;
    const auto id = desk.plan("shops", {flat("2026-01-01", "0.95"), flat("2026-07-01", "1.05")});
    desk.in(desk.site, [&](Transaction& tx) {
        add_tariff_version(tx, desk.site.property, id, flat("2026-07-01", "1.01"), day("2026-03-02"),
                           desk.change);
    });
    const auto plan = desk.load(id);
    REQUIRE(plan.versions.size() == 2);
    CHECK(plan.versions[1] == flat("2026-07-01", "1.01"));
    CHECK_THROWS_AS(desk.in(desk.site,
                            [&](Transaction& tx) {
                                add_tariff_version(tx, desk.site.property, id, flat("2026-03-01", "9"),
                                                   day("2026-03-02"), desk.change);
                            }),
                    std::invalid_argument);
    // Both rows are still there for whoever asks what was planned when.
    const auto rows = desk.test.as_superuser("SELECT count(*) FROM tariff_version");
    CHECK(rows[0][0].as<int>() == 3);
}

TEST_CASE("tariffs: a version with faults is not kept", "[tariffs]") {
    Desk desk;
    const auto id = desk.plan("shops", {});
    auto wrong = flat("2026-01-01", "0.95");
    wrong.steps[0].prices[2] = core::Price{-1};
    CHECK_THROWS_AS(desk.in(desk.site,
                            [&](Transaction& tx) {
                                add_tariff_version(tx, desk.site.property, id, wrong, day("2026-01-01"),
                                                   desk.change);
                            }),
                    core::PlanError);
    CHECK(desk.load(id).versions.empty());
}

TEST_CASE("tariffs: names are taken once, and free again when a plan is retired", "[tariffs]") {
    Desk desk;
    const auto id = desk.plan("Shops", {flat("2026-01-01", "0.95"), flat("2026-02-01", "1")});
    CHECK_THROWS_AS(desk.plan("shops", {}), UniqueViolation);
    CHECK(desk.in(desk.site, [&](Transaction& tx) {
        return retire_tariff_plan(tx, desk.site.property, id, at(5)) &&
               !retire_tariff_plan(tx, desk.site.property, TariffPlanId{9'999}, at(5));
    }));
    desk.plan("shops", {});
    const auto rows =
        desk.in(desk.site, [&](Transaction& tx) { return list_tariff_plans(tx, desk.site.property, 10); });
    REQUIRE(rows.size() == 2);
    CHECK_FALSE(rows[0].retired_at);
    CHECK(rows[0].versions == 0);
    CHECK(rows[1].plan == id);
    CHECK(rows[1].versions == 2);
    CHECK(rows[1].last_from == day("2026-02-01"));
    CHECK(rows[1].retired_at == at(5));
    CHECK_THROWS_AS(desk.assign({}, id, "2026-03-01"), NotFound);
    CHECK_THROWS_AS(desk.in(desk.site,
                            [&](Transaction& tx) {
                                add_tariff_version(tx, desk.site.property, id, flat("2026-05-01", "1"),
                                                   day("2026-01-01"), desk.change);
                            }),
                    NotFound);
}

TEST_CASE("tariffs: the narrowest assignment that has begun counts", "[tariffs]") {
    Desk desk;
    const auto all = desk.plan("all", {flat("2026-01-01", "1")});
    const auto house = desk.plan("house", {flat("2026-01-01", "2")});
    const auto own = desk.plan("own", {flat("2026-01-01", "3")});
    const auto& meters = desk.site.meters;
    const core::BuildingId building{
        desk.test
            .as_superuser("SELECT building_id FROM building WHERE property_id = " +
                          std::to_string(desk.site.property.value))[0][0]
            .as<std::int64_t>()};
    CHECK_FALSE(desk.in_force(meters[0], "2026-06-01"));
    desk.assign({}, all, "2026-02-01");
    CHECK_FALSE(desk.in_force(meters[0], "2026-01-31"));
    CHECK(desk.in_force(meters[0], "2026-02-01") == all);
    desk.assign({std::nullopt, building}, house, "2026-03-01");
    desk.assign({meters[0], std::nullopt}, own, "2026-04-01");
    CHECK(desk.in_force(meters[0], "2026-02-28") == all);
    CHECK(desk.in_force(meters[0], "2026-03-01") == house);
    CHECK(desk.in_force(meters[0], "2026-04-01") == own);
    CHECK(desk.in_force(meters[1], "2026-04-01") == house);
    // The newest of one day counts, and none ends the meter's own.
    desk.assign({meters[0], std::nullopt}, all, "2026-04-01");
    CHECK(desk.in_force(meters[0], "2026-04-01") == all);
    desk.assign({meters[0], std::nullopt}, std::nullopt, "2026-05-01");
    CHECK(desk.in_force(meters[0], "2026-04-30") == all);
    CHECK(desk.in_force(meters[0], "2026-05-01") == house);
    desk.assign({std::nullopt, building}, std::nullopt, "2026-06-01");
    CHECK(desk.in_force(meters[0], "2026-06-01") == all);
}

TEST_CASE("tariffs: nothing is assigned before a plan begins, or over the wall", "[tariffs]") {
    Desk desk;
    const auto late = desk.plan("late", {flat("2026-07-01", "1")});
    CHECK_THROWS_AS(desk.assign({}, late, "2026-06-30"), NotFound);
    CHECK_THROWS_AS(desk.assign({}, TariffPlanId{9'999}, "2026-06-30"), NotFound);
    CHECK_THROWS_AS(desk.assign({desk.other.meters[0], std::nullopt}, late, "2026-07-01"),
                    ReferenceViolation);
    desk.assign({}, late, "2026-07-01");
    desk.in(desk.other, [&](Transaction& tx) {
        CHECK_FALSE(load_tariff_plan(tx, desk.site.property, late));
        CHECK(list_tariff_plans(tx, desk.site.property, 10).empty());
        CHECK_FALSE(tariff_in_force(tx, desk.site.property, desk.site.meters[0], day("2026-08-01")));
    });
    CHECK_THROWS_AS(desk.in(desk.other,
                            [&](Transaction& tx) {
                                return insert_tariff_plan(tx, desk.site.property, "planted", desk.change);
                            }),
                    StatementFailed);
}

TEST_CASE("tariffs: what was planned and assigned is never changed or taken away", "[tariffs]") {
    Desk desk;
    const auto id = desk.plan("shops", {flat("2026-01-01", "0.95")});
    desk.assign({}, id, "2026-01-01");
    for (const char* sql :
         {"UPDATE tariff_version SET terms = '{}'", "DELETE FROM tariff_version", "DELETE FROM tariff_plan",
          "UPDATE tariff_plan SET name = 'x'", "DELETE FROM tariff_assignment",
          "UPDATE tariff_assignment SET effective_from = '2030-01-01'"}) {
        INFO(sql);
        CHECK_THROWS_AS(desk.in(desk.site, [&](Transaction& tx) { tx.work().exec(sql); }), StatementFailed);
    }
}

TEST_CASE("tariffs: terms that can't be read say where and why", "[tariffs]") {
    const auto refusal = [](const std::string& terms) -> std::string {
        try {
            static_cast<void>(tariff_version_of(day("2026-01-01"), terms));
        } catch (const std::invalid_argument& wrong) {
            return wrong.what();
        }
        return "";
    };
    CHECK_THAT(refusal("{"), Catch::Contains("this is no JSON"));
    CHECK(refusal("[]") == "tariff: an object {…} is wanted");
    CHECK(refusal("{}") == "tariff: \"prices\" is missing");
    CHECK(refusal(R"({"prices": {"flat": 1}})") == "tariff, prices: \"flat\" is no text");
    CHECK(refusal(R"({"prices": {"flat": "1"}, "colour": "red"})") == "tariff: unknown key \"colour\"");
    CHECK_THAT(refusal(R"({"prices": {"night": "1"}})"), Catch::Contains("there is no rate \"night\""));
    CHECK(refusal(R"({"steps": [{"up_to_wh": "many", "prices": {}}]})") ==
          "tariff, steps[0]: \"up_to_wh\" is no whole number");
    CHECK_THAT(refusal(R"({"prices": {"flat": "0.12345"}})"), Catch::Contains("tariff, prices: \"flat\": "));
    CHECK(refusal(R"({"prices": {"flat": "1"}, "tax": {"bp": 10001}})") ==
          "tariff, tax: \"bp\" is from 0 to 10000 basis points");
    CHECK(refusal(R"({"prices": {"flat": "1"}, "step_period": "week"})") ==
          "tariff: \"step_period\" is \"month\" or \"year\"");
    CHECK_THAT(refusal(R"({"prices": {"flat": "1"}, "calendar": {"day_types": ["d"], "weekdays": ["d"]}})"),
               Catch::Contains("tariff, calendar: \"weekdays\" names"));
    CHECK_THROWS_AS(parse_local_day("2026-02-29"), std::invalid_argument);
    CHECK_THROWS_AS(parse_local_day("2026-02-2x"), std::invalid_argument);
}
