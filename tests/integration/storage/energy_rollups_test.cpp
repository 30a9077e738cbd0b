#include "storage/energy_rollups.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "storage/doubted_readings.hpp"
#include "storage/reading_queries.hpp"
#include "storage/readings.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

/// Energy per day and month against the readings themselves.
using namespace wutong;
using namespace wutong::storage;
using namespace std::chrono_literals;
using tests::TestDatabase;
using tests::TestSite;

namespace {

struct Building {
    TestDatabase test;
    TestSite site{test, "P1", 3};
    ReadingWriter writer{test.collector()};

    explicit Building(const std::string& zone) {
        test.as_superuser("UPDATE property SET time_zone = '" + zone + "'");
    }
    ReadingRow reading(std::size_t meter, core::Timestamp at, std::optional<std::int64_t> wh) const {
        ReadingRow row;
        row.property = site.property;
        row.meter = site.meters[meter];
        row.read_at = at;
        row.energy_wh = wh;
        if (wh && meter != 2) {  // the third has no rates
            row.sharp_wh = *wh / 4;
            row.peak_wh = *wh - *wh / 4;
        }
        return row;
    }
    int roll_up(int most = 1'000) {
        return test.server()
            .transact(Scope::none(), "roll_up", [&](Transaction& tx) { return roll_up_energy(tx, most); })
            .dues;
    }
    void roll_up_all() {
        while (roll_up() > 0) {
        }
    }
    std::string value(const std::string& sql) { return test.as_superuser("SELECT " + sql)[0][0].c_str(); }
    std::int64_t used(std::size_t meter, const std::string& day) {
        return test.server().transact(site.scope(), "days", [&](Transaction& tx) {
            const auto days = list_daily_energy(tx, site.property, site.meters[meter], day, day);
            return days.empty() ? std::int64_t{-1} : days[0].used_wh;
        });
    }
    void decide(DoubtDecision decision) {
        test.server().transact(site.scope(), "decide", [&](Transaction& tx) {
            const auto open = list_doubted_readings(tx, {site.property, {}, true}, 0, 10);
            REQUIRE(open.size() == 1);
            REQUIRE(decide_doubt(tx, site.property, open[0].id, {decision, "seen", {1}, tests::at(0)}));
        });
    }
};

struct Use {
    std::int64_t total = 0, sharp = 0, peak = 0;
    friend bool operator==(const Use&, const Use&) = default;
};
using Days = std::map<std::pair<std::int64_t, std::string>, Use>;

/// Day by day and month by month, by going through the readings once.
std::pair<Days, Days> by_going_through(Building& building) {
    Days days, months;
    std::int64_t meter = 0;
    std::optional<std::int64_t> before, sharp_before, peak_before;
    for (const auto& row : building.test.as_superuser(
             "SELECT meter_id, to_char(read_at AT TIME ZONE (SELECT time_zone FROM property), 'YYYY-MM-DD'), "
             "energy_wh, sharp_wh, peak_wh FROM reading WHERE energy_wh IS NOT NULL ORDER BY meter_id, "
             "read_at")) {
        if (row[0].as<std::int64_t>() != meter) {
            meter = row[0].as<std::int64_t>();
            before.reset();
            sharp_before.reset();
            peak_before.reset();
        }
        Use step;
        step.total = before ? row[2].as<std::int64_t>() - *before : 0;
        before = row[2].as<std::int64_t>();
        if (!row[3].is_null()) {
            step.sharp = sharp_before ? row[3].as<std::int64_t>() - *sharp_before : 0;
            step.peak = peak_before ? row[4].as<std::int64_t>() - *peak_before : 0;
            sharp_before = row[3].as<std::int64_t>();
            peak_before = row[4].as<std::int64_t>();
        }
        const std::string day = row[1].c_str();
        for (auto* use : {&days[{meter, day}], &months[{meter, day.substr(0, 7)}]}) {
            use->total += step.total;
            use->sharp += step.sharp;
            use->peak += step.peak;
        }
    }
    return {days, months};
}

Days as_kept(Building& building, const std::string& table, const std::string& name) {
    Days days;
    for (const auto& row : building.test.as_superuser("SELECT meter_id, " + name +
                                                      ", used_wh, COALESCE(used_sharp_wh, 0), "
                                                      "COALESCE(used_peak_wh, 0) FROM " +
                                                      table)) {
        days[{row[0].as<std::int64_t>(), row[1].c_str()}] = {
            row[2].as<std::int64_t>(), row[3].as<std::int64_t>(), row[4].as<std::int64_t>()};
    }
    return days;
}

}  // namespace

TEST_CASE(
    "rollups: late, repeated and shuffled readings over a change of the clock make the days of the readings",
    "[rollups]") {
    const unsigned seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    Building building{"Europe/Berlin"};
    std::mt19937 random{seed};
    std::vector<ReadingRow> rows;
    for (std::size_t meter = 0; meter < 3; ++meter) {
        // The hour of 29 March that is not there, and the end of the month.
        core::Timestamp at = std::chrono::sys_days{std::chrono::year{2026} / 3 / 26} + 7min;
        std::int64_t wh = 10'000;
        for (int i = 0; i < 150; ++i) {
            at += std::chrono::minutes{20 + random() % 120};
            wh += static_cast<std::int64_t>(random() % 500);
            rows.push_back(
                building.reading(meter, at, random() % 10 == 0 ? std::nullopt : std::optional{wh}));
        }
    }
    // Mostly in order, some late, some twice.
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.read_at < b.read_at; });
    for (int i = 0; i < 60; ++i) {
        std::swap(rows[random() % rows.size()], rows[random() % rows.size()]);
    }
    for (std::size_t at = 0; at < rows.size();) {
        const auto size = std::min<std::size_t>(1 + random() % 40, rows.size() - at);
        std::vector<ReadingRow> batch(rows.begin() + static_cast<std::ptrdiff_t>(at),
                                      rows.begin() + static_cast<std::ptrdiff_t>(at + size));
        batch.push_back(rows[random() % (at + size)]);
        CHECK(building.writer.put(batch).added == size);
        at += size;
        if (random() % 3 == 0) {
            building.roll_up(static_cast<int>(1 + random() % 20));
        }
    }
    building.roll_up_all();
    const auto [days, months] = by_going_through(building);
    REQUIRE(days.size() > 10);
    CHECK(as_kept(building, "daily_energy", "to_char(day, 'YYYY-MM-DD')") == days);
    CHECK(as_kept(building, "monthly_energy", "to_char(month, 'YYYY-MM')") == months);
    CHECK(building.value("count(*) FILTER (WHERE used_sharp_wh IS NOT NULL) FROM daily_energy WHERE meter_id "
                         "= " +
                         std::to_string(building.site.meters[2].value)) == "0");

    // Another time zone: other days, of the same readings.
    building.test.as_superuser("UPDATE property SET time_zone = 'Asia/Shanghai'");
    building.roll_up_all();
    const auto [moved_days, moved_months] = by_going_through(building);
    CHECK(moved_days != days);
    CHECK(as_kept(building, "daily_energy", "to_char(day, 'YYYY-MM-DD')") == moved_days);
    CHECK(as_kept(building, "monthly_energy", "to_char(month, 'YYYY-MM')") == moved_months);
}

TEST_CASE("rollups: what a person says of a register is what the days show", "[rollups]") {
    Building building{"UTC"};
    const core::Timestamp noon = std::chrono::sys_days{std::chrono::year{2026} / 3 / 10} + 12h;
    const auto doubt = [&](std::size_t meter, core::Plausibility verdict, std::int64_t shown) {
        auto row = building.reading(meter, noon + 1h, std::nullopt);
        row.doubted =
            core::DoubtedRegister{verdict, core::Energy{shown}, core::Energy{99'000}, noon, {}, "?"};
        if (verdict == core::Plausibility::rollover) {
            row.doubted->capacity = core::Energy{100'000};
        }
        return row;
    };
    // The register was at 99 000 at noon, then shows 40, and is at 140 in the evening.
    for (std::size_t meter = 0; meter < 2; ++meter) {
        building.writer.put(
            {building.reading(meter, noon - 1h, 98'900), building.reading(meter, noon, 99'000)});
    }
    building.writer.put({doubt(0, core::Plausibility::reset, 40)});
    building.roll_up_all();
    CHECK(building.used(0, "2026-03-10") == 100);
    building.decide(DoubtDecision::anew);
    building.writer.put({building.reading(0, noon + 6h, 140)});
    building.roll_up_all();
    CHECK(building.used(0, "2026-03-10") == 200);  // 100 before, 100 since 40; nothing for the fall

    // It went past its end; said only after readings had come.
    building.writer.put({doubt(1, core::Plausibility::rollover, 40), building.reading(1, noon + 6h, 140)});
    building.roll_up_all();
    CHECK(building.used(1, "2026-03-10") == 100);
    building.decide(DoubtDecision::used);
    building.roll_up_all();
    CHECK(building.used(1, "2026-03-10") == 100 + 1'000 + 140);
    CHECK(building.value("used_wh FROM monthly_energy WHERE meter_id = " +
                         std::to_string(building.site.meters[1].value)) == "1240");
    // Broken off before its end, a step leaves everything due.
    building.writer.put({building.reading(1, noon + 7h, 150)});
    try {
        building.test.server().transact(Scope::none(), "broken", [](Transaction& tx) {
            CHECK(roll_up_energy(tx, 1'000).dues == 1);
            throw std::runtime_error("power cut");
        });
        FAIL("it was to break");
    } catch (const std::runtime_error&) {
    }
    CHECK(building.used(1, "2026-03-10") == 1'240);
    building.roll_up_all();
    CHECK(building.used(1, "2026-03-10") == 1'250);
}
