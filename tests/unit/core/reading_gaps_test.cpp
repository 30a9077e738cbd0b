#include "core/reading_gaps.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "seeded.hpp"

/// Which readings are missing, and what of a meter's history fits.
using namespace wutong::core;
using namespace std::chrono_literals;

namespace {

Timestamp at(std::chrono::seconds since) {
    return Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}} + since;
}
KnownReading own(std::chrono::seconds since, std::optional<std::int64_t> wh = std::nullopt) {
    return {at(since), false, wh ? std::optional{Energy{*wh}} : std::nullopt};
}
KnownReading fetched(std::chrono::seconds since) {
    return {at(since), true, std::nullopt};
}
/// Half hours from midnight to `to`, all of them over.
ExpectedReadings half_hours(std::chrono::seconds to) {
    return {at(0s), at(to), 1'800s, at(to + 24h)};
}
std::vector<std::int64_t> places(const std::vector<ReadingInterval>& intervals) {
    std::vector<std::int64_t> all;
    for (const auto& one : intervals) {
        CHECK(one.end - one.begin == 1'800s);
        all.push_back((one.begin - at(0s)) / 1'800s);
    }
    return all;
}

}  // namespace

TEST_CASE("gaps: nothing is missing when each interval has its reading", "[gaps]") {
    for (const auto phase : {0s, 1s, 900s, 1'799s}) {
        std::vector<KnownReading> readings;
        for (int i = 0; i < 48; ++i) {
            readings.push_back(own(i * 1'800s + phase));
        }
        CHECK(count_collection(readings, half_hours(24h)) == CollectionCount{48, 48, 0});
        CHECK(missing_intervals(readings, half_hours(24h), 100).empty());
        readings.erase(readings.begin() + 17);
        CHECK(count_collection(readings, half_hours(24h)) == CollectionCount{48, 47, 0});
        CHECK(places(missing_intervals(readings, half_hours(24h), 100)) == std::vector<std::int64_t>{17});
    }
}

TEST_CASE("gaps: a meter whose turn lies at the boundary comes now before and now behind it", "[gaps]") {
    // 0 in time, 1 late, 2 late, 3 in time.
    const std::vector<KnownReading> readings{own(1'790s), own(3'601s), own(5'405s), own(7'190s), own(7'199s)};
    CHECK(count_collection(readings, half_hours(2h)) == CollectionCount{4, 4, 0});
    // The same with one of them really missing.
    const std::vector<KnownReading> fewer{own(1'790s), own(3'601s), own(7'190s)};
    CHECK(count_collection(fewer, half_hours(2h)).missing() == 1);
    // The last interval's reading may come behind its end.
    CHECK(count_collection({own(10s), own(3'610s)}, half_hours(1h)) == CollectionCount{2, 2, 0});
    CHECK(count_collection({own(10s), own(3'600s + 901s)}, half_hours(1h)) == CollectionCount{2, 1, 0});
}

TEST_CASE("gaps: each reading counts once", "[gaps]") {
    CHECK(count_collection({own(5s), own(10s), own(15s), own(20s)}, half_hours(2h)) ==
          CollectionCount{4, 1, 0});
    CHECK(count_collection({}, half_hours(2h)) == CollectionCount{4, 0, 0});
    CHECK(count_collection({own(-10s)}, half_hours(2h)) == CollectionCount{4, 0, 0});
}

TEST_CASE("gaps: what is not over is not expected", "[gaps]") {
    auto expected = half_hours(24h);
    expected.now = at(3h + 14min);
    CHECK(count_collection({}, expected).expected == 5);
    expected.now = at(3h + 15min);
    CHECK(count_collection({}, expected).expected == 6);
    expected.now = at(-1h);
    CHECK(count_collection({}, expected) == CollectionCount{});
    CHECK(count_collection({}, {at(0s), at(0s), 1'800s, at(24h)}) == CollectionCount{});
    CHECK(count_collection({}, {at(1h), at(0s), 1'800s, at(24h)}) == CollectionCount{});
    CHECK_THROWS_AS(count_collection({}, {at(0s), at(1h), 0s, at(24h)}), std::invalid_argument);
    CHECK_THROWS_AS(count_collection({}, {at(0s), at(24h * 400), 1s, at(24h * 401)}), std::invalid_argument);
}

TEST_CASE("gaps: what was fetched fills what is left, and is counted apart", "[gaps]") {
    std::vector<KnownReading> readings{own(100s), fetched(3'600s), fetched(5'400s), own(7'300s)};
    const auto count = count_collection(readings, half_hours(150min));
    CHECK(count.expected == 5);
    CHECK(count.on_time == 2);
    CHECK(count.fetched == 2);
    CHECK(count.missing() == 1);
    // An hourly register at the end of each of two hours.
    readings = {own(100s), own(1'900s), fetched(3 * 3'600s), fetched(4 * 3'600s), own(4 * 3'600s + 100s)};
    const auto hourly = count_collection(readings, half_hours(5h - 30min));
    CHECK(hourly == CollectionCount{9, 3, 2});
}

TEST_CASE("gaps: the newest ones, in runs", "[gaps]") {
    std::vector<KnownReading> readings;
    for (const int i : {0, 1, 5, 6, 9}) {
        readings.push_back(own(i * 1'800s + 60s));
    }
    const auto missing = missing_intervals(readings, half_hours(5h), 100);
    CHECK(places(missing) == std::vector<std::int64_t>{2, 3, 4, 7, 8});
    CHECK(places(missing_intervals(readings, half_hours(5h), 3)) == std::vector<std::int64_t>{4, 7, 8});
    const auto newest = newest_gap(missing);
    REQUIRE(newest);
    CHECK(newest->begin == at(7 * 1'800s));
    CHECK(newest->end == at(9 * 1'800s));
    CHECK_FALSE(newest_gap({}));
    CHECK(newest_gap({missing[0]}) == missing[0]);
}

TEST_CASE("gaps: what of a history fits", "[gaps]") {
    const std::vector<KnownReading> known{own(0s, 1'000), own(4h, 2'000)};
    const auto missing = missing_intervals({own(10s), own(4h + 10s)}, half_hours(4h + 30min), 100);
    REQUIRE(missing.size() == 7);
    const auto row = [](std::chrono::seconds since, std::int64_t wh) {
        return HistoricReading{at(since), Energy{wh}};
    };
    // Hourly: one for the half hour that ends with it.
    const std::vector<HistoricReading> hourly{row(1h, 1'200), row(2h, 1'500), row(3h, 1'800), row(4h, 2'000)};
    CHECK(fitting(hourly, missing, known) == hourly);
    // Of many in one interval the latest.
    CHECK(fitting({row(40min, 1'100), row(50min, 1'150), row(45min, 1'120)}, missing, known) ==
          std::vector{row(50min, 1'150)});
    // Outside of what is missing.
    CHECK(fitting({row(10min, 1'050)}, missing, known).empty());
    CHECK(fitting({row(-1h, 900), row(9h, 3'000)}, missing, known).empty());
    // More than after, less than before, falling: nothing of it is believed.
    CHECK(fitting({row(1h, 1'200), row(2h, 2'500)}, missing, known).empty());
    CHECK(fitting({row(1h, 900), row(2h, 1'500)}, missing, known).empty());
    CHECK(fitting({row(1h, 1'500), row(2h, 1'400)}, missing, known).empty());
    // Without a register before or after there is nothing to compare with.
    CHECK(fitting({row(1h, 1'500)}, missing, {}) == std::vector{row(1h, 1'500)});
    CHECK(fitting({row(1h, 1'500)}, missing, {own(0s)}) == std::vector{row(1h, 1'500)});
    CHECK(fitting({}, missing, known).empty());
}

TEST_CASE("gaps: however readings lie, counts and lists agree and no reading serves twice", "[gaps]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int run = 0; run < 2'000; ++run) {
        std::vector<KnownReading> readings;
        auto now = random.between(0, 1'800);
        while (now < 12 * 3'600) {
            readings.push_back({at(std::chrono::seconds{now}), random.chance(20), std::nullopt});
            now += random.chance(80) ? random.between(1'700, 1'900) : random.between(1, 9'000);
        }
        const auto expected = half_hours(12h);
        const auto count = count_collection(readings, expected);
        const auto missing = missing_intervals(readings, expected, 1'000);
        CHECK(count.expected == 24);
        CHECK(count.missing() == static_cast<int>(missing.size()));
        CHECK(count.on_time + count.fetched <= static_cast<int>(readings.size()));
        CHECK(count.on_time >= 0);
        CHECK(count.fetched >= 0);
        // A reading right in the middle of each missing interval completes the day.
        for (const auto& interval : missing) {
            readings.push_back({interval.begin + 900s, true, std::nullopt});
        }
        std::sort(readings.begin(), readings.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
        CHECK(missing_intervals(readings, expected, 1'000).empty());
    }
}
