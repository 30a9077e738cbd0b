#include "simulator/history.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "sim_fixture.hpp"

namespace wutong::simulator::test {

TEST_CASE("history: days follow each other and end at the meter's register") {
    auto plan = small_plan();
    plan.history_days = 30;
    Building building{plan, curves(), noon()};
    for (const auto& meter : plan.meters) {
        if (!is_prepaid(meter.model)) {
            continue;
        }
        const auto past = past_days(plan, meter, *curves().find(meter.premises_id), noon());
        REQUIRE(past.size() == 31);
        CHECK(past.front().day == "2026-02-02");
        CHECK(past.back().day == "2026-03-04");
        CHECK(past.front().first_mwh == 0);
        for (std::size_t i = 1; i < past.size(); ++i) {
            CHECK(past[i].first_mwh == past[i - 1].last_mwh);
            CHECK(past[i].first_at == past[i - 1].last_at);
            CHECK(past[i].last_mwh > past[i].first_mwh);
        }
        CHECK(past.back().last_at == noon());
        CHECK(building.find(meter.serial)->prepaid()->registers().energy_mwh == past.back().last_mwh);
    }
}

TEST_CASE("history: a day is the sum of its hours on the curve") {
    auto plan = small_plan();
    plan.history_days = 1;
    const auto& meter = plan.meters.front();
    const auto& curve = *curves().find(meter.premises_id);
    const auto day = past_days(plan, meter, curve, noon()).front();
    std::int64_t sum = 0;
    for (auto at = day.first_at; at < day.last_at; at += std::chrono::hours{1}) {
        sum += curve.watts_at(at, plan.local_offset, meter.shift_weeks) * 1000;
    }
    CHECK(day.last_at - day.first_at == std::chrono::hours{24});
    CHECK(day.last_mwh == sum);
}

TEST_CASE("history: the file holds whole days, and a feeder what is below it with the losses") {
    auto plan = small_plan();
    plan.history_days = 3;
    std::istringstream csv{history_csv(plan, curves(), noon())};
    std::string line;
    std::getline(csv, line);
    CHECK(line == "serial,day,first_wh,last_wh,first_at,last_at");
    std::map<std::string, std::int64_t> last_wh;
    std::map<std::string, int> rows;
    while (std::getline(csv, line)) {
        std::istringstream fields{line};
        std::string serial, day, first, last;
        std::getline(fields, serial, ',');
        std::getline(fields, day, ',');
        std::getline(fields, first, ',');
        std::getline(fields, last, ',');
        CHECK(day < "2026-03-04");
        ++rows[serial];
        last_wh[serial] = std::stoll(last);
    }
    std::int64_t below = 0;
    std::int64_t feeder = 0;
    for (const auto& meter : plan.meters) {
        CHECK(rows[meter.serial] == 3);
        (is_prepaid(meter.model) ? below : feeder) += last_wh[meter.serial];
    }
    CHECK(feeder == Approx(static_cast<double>(below) * (1000 + plan.loss_permille) / 1000).margin(4));
}

}  // namespace wutong::simulator::test
