#include "core/held_charge.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "unit/core/seeded.hpp"
#include "unit/core/tariff_case.hpp"

using namespace wutong::core;
using namespace std::chrono_literals;

namespace {

constexpr AccountId kAccount{7};
const Instant kStart{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
const LocalTime kUtc{{{Instant{}, 0s}}};

PreparedPlan flat(std::int64_t price_e4, Tax tax = {}, std::int64_t fee_e4 = 0) {
    PlanVersion version;
    version.from = std::chrono::local_days{std::chrono::year{2026} / 1 / 1};
    version.steps.push_back({});
    version.steps[0].prices[static_cast<std::size_t>(Rate::flat)] = Price{price_e4};
    version.tax = tax;
    if (fee_e4 != 0) {
        version.energy_charges.push_back({"fee", Price{fee_e4}, true});
    }
    return PreparedPlan{{"flat", {version}}};
}

RegisterReading reading(std::chrono::minutes after, std::int64_t wh) {
    return {kStart + after, Energy{wh}, std::nullopt};
}

HeldReadings input(std::vector<RegisterReading> readings) {
    return {"M1", std::nullopt, Energy{10}, reading(0min, 1'000), std::move(readings), std::nullopt};
}

HeldCharge charged(const HeldReadings& in, const std::vector<PlanFrom>& plans,
                   const TariffState& state = {}) {
    const auto result = charge_readings(in, plans, kUtc, state);
    REQUIRE(std::holds_alternative<HeldCharge>(result));
    return std::get<HeldCharge>(result);
}

Money posted(const JournalEntry& entry, LedgerKind kind) {
    Money sum;
    for (const auto& posting : entry.postings) {
        sum += posting.account == kind ? posting.amount : Money{};
    }
    return sum;
}

}  // namespace

TEST_CASE("held charge: a fault of a water meter is told in litres", "[core][held_charge]") {
    const auto plan = flat(9'500);
    const std::vector<PlanFrom> plans{{&plan, Instant{}}};
    auto back = input({reading(30min, 400)});
    const auto text = [&] { return std::get<TariffFault>(charge_readings(back, plans, kUtc, {})).text; };
    CHECK(text().find("shows 400 Wh after 1000 Wh") != std::string::npos);
    back.commodity = Commodity::water;
    CHECK(text().find("shows 400 l after 1000 l") != std::string::npos);
}

TEST_CASE("held charge: from the watermark to the newest reading, once", "[core][held_charge]") {
    const auto plan = flat(9'500);
    const std::vector<PlanFrom> plans{{&plan, Instant{}}};
    const auto first =
        charged(input({reading(0min, 1'000), reading(30min, 1'100), reading(60min, 1'250)}), plans);
    CHECK(first.energy == Energy{250});
    CHECK(first.booked == Money{2'375});
    CHECK(first.mark.at == kStart + 60min);
    CHECK(first.mark.total == Energy{1'250});
    CHECK(average_price(first) == std::optional{Price{9'500}});
    CHECK(to_text(reading(0min, 1'000), first) ==
          "1000 to 1250 Wh, 2026-03-01 00:00:00 UTC to 2026-03-01 01:00:00 UTC");

    // The same readings again, and an old one that came late: nothing is left of them.
    auto again = input({reading(30min, 1'100), reading(45min, 1'180), reading(60min, 1'250)});
    again.mark = first.mark;
    const auto second = charged(again, plans, first.state);
    CHECK(second.bills.empty());
    CHECK(second.state == first.state);
    CHECK(second.mark.at == first.mark.at);
    CHECK_FALSE(held_charge_entry(kAccount, second));
}

TEST_CASE("held charge: what is below a ten-thousandth is carried", "[core][held_charge]") {
    const auto plan = flat(9'501);
    const std::vector<PlanFrom> plans{{&plan, Instant{}}};
    TariffState state;
    auto mark = reading(0min, 1'000);
    Money sum;
    for (int i = 1; i <= 100; ++i) {
        auto in = input({reading(std::chrono::minutes{i}, 1'000 + 10 * i)});
        in.mark = mark;
        const auto made = charged(in, plans, state);
        sum += made.booked;
        state = made.state;
        mark = made.mark;
    }
    CHECK(sum == Money{9'501});
    CHECK(state.rest == Remainder{0});
}

TEST_CASE("held charge: a new plan begins in the middle of an interval", "[core][held_charge]") {
    const auto old_plan = flat(10'000);
    const auto new_plan = flat(20'000);
    const auto made =
        charged(input({reading(60min, 2'000)}), {{&old_plan, Instant{}}, {&new_plan, kStart + 15min}});
    REQUIRE(made.bills.size() == 2);
    CHECK(made.bills[0].booked == Money{2'500});
    CHECK(made.bills[1].booked == Money{15'000});
    CHECK(made.booked == Money{17'500});
    // One that begins later than the last reading has no say.
    CHECK(charged(input({reading(60min, 2'000)}), {{&old_plan, Instant{}}, {&new_plan, kStart + 60min}})
              .booked == Money{10'000});
    CHECK_THROWS_AS(charged(input({reading(60min, 2'000)}), {{&new_plan, kStart + 1s}}),
                    std::invalid_argument);
}

TEST_CASE("held charge: the entry says revenue, charges and tax", "[core][held_charge]") {
    const auto plan = flat(10'000, Tax{1'300, GENERATE(true, false)}, 800);
    const bool included = plan.version(0).tax.included;
    const auto made = charged(input({reading(60min, 101'000)}), {{&plan, Instant{}}});
    const auto entry = held_charge_entry(kAccount, made);
    REQUIRE(entry);
    CHECK(balanced(*entry));
    CHECK(entry->kind == EntryKind::consumption);
    CHECK(posted(*entry, LedgerKind::prepaid_credit) == (included ? Money{1'080'000} : Money{1'220'400}));
    CHECK(posted(*entry, LedgerKind::tax) == (included ? Money{-124'247} : Money{-140'400}));
    CHECK(posted(*entry, LedgerKind::charges) == (included ? Money{-70'797} : Money{-80'000}));
    CHECK(posted(*entry, LedgerKind::rounding) == Money{0});
    CHECK(average_price(made) == std::optional{included ? Price{10'800} : Price{12'204}});
}

TEST_CASE("held charge: a register that went backwards is refused by name", "[core][held_charge]") {
    const auto plan = flat(10'000);
    const std::vector<PlanFrom> plans{{&plan, Instant{}}};
    const auto result = charge_readings(input({reading(60min, 900)}), plans, kUtc, {});
    REQUIRE(std::holds_alternative<TariffFault>(result));
    CHECK(std::get<TariffFault>(result).kind == TariffFaultKind::backward_reading);
}

TEST_CASE("held charge: the last bill ends with the account, and what nobody read costs nothing",
          "[core][held_charge]") {
    const auto plan = flat(10'000);
    auto in = input({reading(30min, 1'500)});
    in.closes_at = kStart + 90min;
    const auto made = charged(in, {{&plan, Instant{}}});
    CHECK(made.booked == Money{5'000});
    CHECK(made.mark.at == kStart + 90min);
    REQUIRE(made.bills.size() == 1);
    CHECK(made.bills[0].unmeasured == std::vector<Span>{{kStart + 30min, kStart + 90min}});
}

TEST_CASE("held charge property: reading by reading comes to what the published cases say",
          "[core][held_charge][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    int cases = 0;
    for (const auto& folder : test::tariff_case_folders()) {
        const auto one = test::load_tariff_case(folder);
        // One meter, read at both ends of the period, and booked to the ten-thousandth.
        if (!one.expected.contains("bill") || one.series.size() != 1 || one.period.quantum != Money{1} ||
            one.series[0].readings.size() < 3 || one.series[0].readings.front().at != one.period.from ||
            one.series[0].readings.back().at != one.period.to || one.period.closing) {
            continue;
        }
        INFO(folder);
        const PreparedPlan plan{one.plan};
        const LocalTime local{one.offsets};
        const auto whole = std::get<Bill>(calculate(
            plan, local, std::get<EnergySeries>(energy_between(one.series)), one.period, one.state));
        const auto& all = one.series[0].readings;
        const std::vector<PlanFrom> plans{{&plan, one.period.from}};
        HeldReadings in{
            one.series[0].meter, one.series[0].rolls_over_at, one.series[0].quantum, all[0], {}, {}};
        auto state = one.state;
        Money booked;
        JournalEntry sum{EntryKind::consumption, {}};
        std::size_t next = 1;
        while (next < all.size()) {
            const auto count = static_cast<std::size_t>(random.between(1, 3));
            const auto end = std::min(all.size(), next + count);
            // A round may see again what was charged before.
            const auto begin = static_cast<std::ptrdiff_t>(random.chance(30) ? next - 1 : next);
            in.readings.assign(all.begin() + begin, all.begin() + static_cast<std::ptrdiff_t>(end));
            const auto made = std::get<HeldCharge>(charge_readings(in, plans, local, state));
            if (const auto entry = held_charge_entry(kAccount, made)) {
                REQUIRE(balanced(*entry));
            }
            booked += made.booked;
            state = made.state;
            in.mark = made.mark;
            next = end;
        }
        CHECK(booked == whole.booked);
        ++cases;
    }
    CHECK(cases >= 3);
}
