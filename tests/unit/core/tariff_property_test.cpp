#include <algorithm>
#include <catch2/catch.hpp>

#include "unit/core/seeded.hpp"
#include "unit/core/tariff_case.hpp"

using namespace wutong::core;
using namespace wutong::core::test;

namespace {

struct Sums {
    std::int64_t charges = 0, added = 0, included = 0, booked = 0, energy = 0;
    friend bool operator==(const Sums&, const Sums&) = default;
    void add(const Bill& bill) {
        charges += bill.charges.ten_thousandths();
        added += bill.tax_added.ten_thousandths();
        included += bill.tax_included.ten_thousandths();
        booked += bill.booked.ten_thousandths();
        energy += bill.energy.watt_hours();
    }
};

/// Rests of taxes may be met in another order.
TariffState comparable(TariffState state) {
    std::erase_if(state.tax_rests, [](const TaxRest& one) { return one.parts == 0; });
    std::sort(state.tax_rests.begin(), state.tax_rests.end(), [](const TaxRest& a, const TaxRest& b) {
        return std::tie(a.tax.basis_points, a.tax.included) < std::tie(b.tax.basis_points, b.tax.included);
    });
    return state;
}

bool by_registers(const EnergySeries& energy) {
    return std::any_of(energy.intervals.begin(), energy.intervals.end(),
                       [](const EnergyInterval& one) { return one.has_rates; });
}

/// Moments at which this case may be split: any, or readings alone where the meter counted by rate.
std::vector<Instant> splits(const TariffCase& one, const EnergySeries& energy, Random& random, int count) {
    std::vector<Instant> out;
    for (int i = 0; i < count; ++i) {
        Instant at;
        if (by_registers(energy)) {
            const auto last = static_cast<std::int64_t>(energy.intervals.size()) - 1;
            at = energy.intervals[static_cast<std::size_t>(random.between(0, last))].from;
        } else {
            at = one.period.from +
                 std::chrono::seconds{random.between(1, (one.period.to - one.period.from).count() - 1)};
        }
        if (at > one.period.from && at < one.period.to) {
            out.push_back(at);
        }
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace

TEST_CASE("tariff property: bills for the parts add up to the bill for the whole",
          "[core][tariff][property]") {
    WUTONG_SHOW_SEED();
    Random random{seed_of_run()};
    int split_cases = 0;
    for (const auto& folder : tariff_case_folders()) {
        const auto one = load_tariff_case(folder);
        if (!one.expected.contains("bill")) {
            continue;
        }
        const PreparedPlan plan{one.plan};
        const LocalTime local{one.offsets};
        const auto energy = std::get<EnergySeries>(energy_between(one.series));
        const auto whole = std::get<Bill>(calculate(plan, local, energy, one.period, one.state));
        Sums expected;
        expected.add(whole);
        for (int round = 0; round < 8; ++round) {
            auto ends = splits(one, energy, random, round == 0 ? 1 : 12);
            ends.push_back(one.period.to);
            Sums sums;
            auto state = one.state;
            auto from = one.period.from;
            for (const auto end : ends) {
                const ChargePeriod part{from, end, one.period.quantum,
                                        one.period.closing && end == one.period.to};
                const auto bill = std::get<Bill>(calculate(plan, local, energy, part, state));
                REQUIRE(recheck(bill, state).empty());
                sums.add(bill);
                state = bill.state;
                from = end;
            }
            INFO("tests/golden/tariffs/" << folder << ", " << ends.size() << " parts");
            CHECK(sums == expected);
            CHECK(comparable(state) == comparable(whole.state));
        }
        ++split_cases;
    }
    CHECK(split_cases >= 70);
}

TEST_CASE("tariff property: a thousand bills of one watt-hour lose and make nothing",
          "[core][tariff][property]") {
    WUTONG_SHOW_SEED();
    Random random{seed_of_run()};
    auto one = load_tariff_case("rest-thousand-tiny-intervals");
    one.plan.versions[0].steps[0].prices[2] = Price{random.between(1, 20'000)};
    one.plan.versions[0].tax = {static_cast<int>(random.between(1, 3'000)), random.chance(50)};
    const PreparedPlan plan{one.plan};
    const LocalTime local{one.offsets};
    const auto energy = std::get<EnergySeries>(energy_between(one.series));
    const auto whole = std::get<Bill>(calculate(plan, local, energy, one.period, {}));
    Sums expected, sums;
    expected.add(whole);
    TariffState state;
    for (const auto& interval : energy.intervals) {
        const auto bill = std::get<Bill>(calculate(plan, local, energy, {interval.from, interval.to}, state));
        sums.add(bill);
        state = bill.state;
    }
    CHECK(energy.intervals.size() == 1'000);
    CHECK(sums == expected);
    CHECK(state == whole.state);
}

TEST_CASE("tariff property: the order in which a plan is written down does not matter",
          "[core][tariff][property]") {
    WUTONG_SHOW_SEED();
    Random random{seed_of_run()};
    const auto shuffle = [&](auto& list) {
        for (std::size_t i = list.size(); i > 1; --i) {
            std::swap(list[i - 1],
                      list[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(i) - 1))]);
        }
    };
    for (const char* folder : {"commercial-four-rates", "rates-season-begins", "rates-holidays",
                               "rates-leap-day", "rates-forty-eight-periods", "dst-months-both-ways"}) {
        INFO(folder);
        auto one = load_tariff_case(folder);
        for (auto& version : one.plan.versions) {
            shuffle(version.calendar->seasons);
            shuffle(version.calendar->day_plans);
            shuffle(version.calendar->special_days);
            for (auto& plan : version.calendar->day_plans) {
                shuffle(plan.periods);
            }
        }
        CHECK(tariff_outcome(one) == one.expected);
    }
}

TEST_CASE("tariff property: recheck finds a line that was changed", "[core][tariff][property]") {
    const auto one = load_tariff_case("everything-together");
    const auto energy = std::get<EnergySeries>(energy_between(one.series));
    const auto bill = std::get<Bill>(
        calculate(PreparedPlan{one.plan}, LocalTime{one.offsets}, energy, one.period, one.state));
    REQUIRE(recheck(bill, one.state).empty());
    const auto broken = [&](auto change) {
        auto copy = bill;
        change(copy);
        return !recheck(copy, one.state).empty();
    };
    CHECK(broken([](Bill& b) { b.lines[0].amount += Money{1}; }));
    CHECK(broken([](Bill& b) { b.lines[1].quantity = Energy{1}; }));
    CHECK(broken([](Bill& b) { b.lines[2].price = Price{1}; }));
    CHECK(broken([](Bill& b) { b.lines[3].rest = Remainder{999}; }));
    CHECK(broken([](Bill& b) { b.lines[4].days -= 1; }));
    CHECK(broken([](Bill& b) { b.lines[0].tax_amount += Money{1}; }));
    CHECK(broken([](Bill& b) { b.lines.pop_back(); }));
    CHECK(broken([](Bill& b) { b.booked += Money{1}; }));
    CHECK(broken([](Bill& b) { b.total += Money{1}; }));
}
