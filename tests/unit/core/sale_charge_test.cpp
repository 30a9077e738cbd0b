#include "core/sale_charge.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <tuple>

#include "unit/core/seeded.hpp"

using namespace wutong::core;
using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month;

namespace {

constexpr AccountId kAccount{7};
constexpr int kShanghai = 8;
const LocalTime kLocal{{{Instant{}, std::chrono::hours{kShanghai}}}};

/// Midnight in the property.
Instant at(int y, unsigned m, unsigned d, std::chrono::minutes later = 0min) {
    return sys_days{year{y} / static_cast<int>(m) / static_cast<int>(d)} - std::chrono::hours{kShanghai} +
           later;
}

PlanVersion version(std::int64_t price_e4, std::vector<FixedCharge> fixed,
                    std::optional<MinimumCharge> minimum = {}, Tax tax = {}) {
    PlanVersion out;
    out.from = local_days{year{2026} / 1 / 1};
    out.steps.emplace_back();
    out.steps[0].prices[static_cast<std::size_t>(Rate::flat)] = Price{price_e4};
    out.fixed_charges = std::move(fixed);
    out.minimum = minimum;
    out.tax = tax;
    return out;
}

std::vector<SalePlan> one_plan(PlanVersion terms) {
    return {{{"shops", {std::move(terms)}}, Instant{}}};
}

MeterSeries meter(std::vector<std::pair<Instant, std::int64_t>> looks) {
    MeterSeries out{"M1", std::nullopt, std::nullopt, Energy{10}, {}};
    for (const auto& [when, wh] : looks) {
        out.readings.push_back({when, Energy{wh}, std::nullopt});
    }
    return out;
}

ChargesFound found(Instant from, Instant now, const std::vector<SalePlan>& plans,
                   const SaleChargeState& state = {}, const std::vector<MeterSeries>& series = {},
                   bool closing = false) {
    return find_charges({from, now, closing}, plans, series, kLocal, state);
}

std::vector<std::int64_t> amounts(const ChargesFound& charges) {
    std::vector<std::int64_t> out;
    for (const auto& line : charges.lines) {
        out.push_back(line.amount.ten_thousandths());
    }
    return out;
}

using Amounts = std::vector<std::int64_t>;
const FixedCharge kRent{"rent", Money{310'000}, Spread::by_day, true};
const FixedCharge kFee{"service", Money{100'000}, Spread::whole, true};

}  // namespace

TEST_CASE("sale charges: fixed ones become due with the days and months, once", "[core][sale_charge]") {
    const auto plans = one_plan(version(9'500, {kRent, kFee}));
    const auto from = at(2026, 3, 30, 600min);
    // 30 March began before the account did; 31 March is its first day. The month's whole charge is due at
    // once.
    const auto first = found(from, at(2026, 3, 31, 1min), plans);
    REQUIRE(first.lines.size() == 2);
    CHECK(amounts(first) == Amounts{10'000, 100'000});
    CHECK(first.lines[0].name == "rent");
    CHECK(first.lines[0].plan == "shops");
    CHECK(first.lines[0].days == 1);
    CHECK(first.lines[0].first_day == 30);
    CHECK(first.lines[1].month == year{2026} / 3);
    // The same moment again, and a clock that went back: nothing.
    CHECK(found(from, at(2026, 3, 31, 1min), plans, first.state).lines.empty());
    const auto back = found(from, at(2026, 3, 30, 700min), plans, first.state);
    CHECK(back.lines.empty());
    CHECK(back.state == first.state);
    // Two months later: April whole by its days, May until today, and one whole charge for each.
    const auto later = found(from, at(2026, 5, 2, 60min), plans, first.state);
    REQUIRE(later.lines.size() == 4);
    CHECK(amounts(later) == Amounts{310'000, 100'000, 20'000, 100'000});
    CHECK(found(from, at(2026, 5, 31, 60min), plans, later.state).lines.size() == 1);
}

TEST_CASE("sale charges: what a month lacks to its minimum waits for a reading after its end",
          "[core][sale_charge]") {
    const auto plans = one_plan(version(10'000, {kFee}, MinimumCharge{Money{500'000}, Spread::whole}));
    const auto from = at(2026, 3, 1);
    const auto now = at(2026, 4, 2);
    // 20 kWh = 20.00 and the fee of 10.00: 20.00 are missing to 50.00.
    const auto early = found(from, now, plans, {}, {meter({{from, 0}, {at(2026, 3, 31), 19'000}})});
    CHECK(amounts(early) == Amounts{100'000, 100'000});
    CHECK(early.state.minimum_next == year{2026} / 3);
    const std::vector<MeterSeries> read{
        meter({{from, 0}, {at(2026, 3, 31), 19'000}, {at(2026, 4, 2), 21'000}})};
    const auto done = found(from, now, plans, early.state, read);
    REQUIRE(amounts(done) == Amounts{200'000});
    CHECK(done.lines[0].kind == LineKind::minimum);
    CHECK(done.lines[0].month == year{2026} / 3);
    CHECK(done.state.minimum_next == year{2026} / 4);
    CHECK(found(from, at(2026, 4, 20), plans, done.state, read).lines.empty());
    // The account closes in the middle of April, 2 kWh later: 50.00 - 10.00 - 2.00, whatever was read when.
    const std::vector<MeterSeries> last{
        meter({{at(2026, 3, 31), 19'000}, {at(2026, 4, 1), 20'000}, {at(2026, 4, 20), 22'000}})};
    CHECK(amounts(found(from, at(2026, 4, 20), plans, done.state, last, true)) == Amounts{380'000});
    // A register that went backwards: the fixed charges are found, the minimum says why not.
    const auto broken =
        found(from, now, plans, {}, {meter({{from, 5'000}, {at(2026, 3, 9), 4'000}, {now, 9'000}})});
    CHECK(amounts(broken) == Amounts{100'000, 100'000});
    CHECK(broken.fault.find("M1") != std::string::npos);
    CHECK(broken.state.minimum_next == year{2026} / 3);
    const auto span = minimum_span({from, now, false}, plans, kLocal, {});
    REQUIRE(span);
    CHECK(*span == Span{from, at(2026, 4, 1)});
    CHECK_FALSE(minimum_span({from, now, false}, plans, kLocal, done.state));
    CHECK_FALSE(minimum_span({from, now, false}, one_plan(version(1, {kFee})), kLocal, {}));
}

TEST_CASE("sale charges: another plan in mid-month, and none at all", "[core][sale_charge]") {
    const auto from = at(2026, 3, 1);
    const std::vector<SalePlan> plans{{no_plan(), Instant{}},
                                      {{"a", {version(1, {kRent, kFee})}}, at(2026, 3, 11)},
                                      {{"b", {version(1, {kFee})}}, at(2026, 3, 21)}};
    const auto march = found(from, at(2026, 4, 1), plans);
    // Whole charges are those of the plan that a month begins with, so that of March there is none.
    REQUIRE(amounts(march) == Amounts{100'000});
    CHECK(march.lines[0].days == 10);
    CHECK(march.lines[0].plan == "a");
    const auto april = found(from, at(2026, 4, 1, 1min), plans, march.state);
    REQUIRE(amounts(april) == Amounts{100'000});
    CHECK(april.lines[0].plan == "b");
    const std::vector<SalePlan> late{{no_plan(), at(2026, 4, 1)}};
    CHECK_THROWS_AS(found(from, at(2026, 4, 1), late), std::invalid_argument);
}

TEST_CASE("sale charges: of a plan that a meter can't charge by nothing is left", "[core][sale_charge]") {
    MeterCapability capability;
    capability.credit = CreditKind::absolute_counted;
    capability.switchable = true;
    capability.rates = 1;
    capability.price = SettableRange{1, 999'999};
    auto stepped = version(9'500, {kFee}, MinimumCharge{Money{500'000}, Spread::whole});
    stepped.steps.push_back(stepped.steps[0]);
    stepped.steps[0].up_to = Energy{100'000};
    auto plain = version(9'500, {kFee}, MinimumCharge{Money{500'000}, Spread::whole});
    plain.from = local_days{year{2026} / 5 / 1};
    const auto part = part_at_the_sale({"p", {stepped, plain}}, capability);
    REQUIRE(part.versions.size() == 2);
    CHECK(part.versions[0].fixed_charges.empty());
    CHECK_FALSE(part.versions[0].minimum);
    CHECK(part.versions[0].from == stepped.from);
    CHECK(part.versions[1] == plain);
    CHECK(check(part).empty());
}

TEST_CASE("sale charges: a sale takes whole quanta, the oldest first, never more than there is",
          "[core][sale_charge]") {
    const std::vector<ChargeOpen> open{{LineKind::fixed_charge, Money{62'033}, Money{7'136}, {}, {}},
                                       {LineKind::minimum, Money{100'000}, Money{0}, Money{40'000}, {}}};
    CHECK(take_charges(Money{1'000'000}, Money{100}, open) ==
          std::vector<ChargeTaken>{{Money{62'033}, Money{7'136}}, {Money{59'967}, Money{0}}});
    const auto part = take_charges(Money{30'000}, Money{100}, open);
    CHECK(part == std::vector<ChargeTaken>{{Money{30'000}, Money{3'451}}, {}});
    CHECK(take_charges(Money{0}, Money{100}, open)[0] == ChargeTaken{});
    CHECK_THROWS_AS(take_charges(Money{150}, Money{100}, open), std::invalid_argument);
    ChargeSums sums;
    sums.add(LineKind::fixed_charge, part[0]);
    const auto sale = charged_sale_entry(kAccount, TenderMethod::cash, Money{30'000}, sums);
    CHECK(balanced(sale));
    CHECK(sale.postings.size() == 3);  // nothing is left for the meter
    CHECK_THROWS_AS(charged_sale_entry(kAccount, TenderMethod::cash, Money{20'000}, sums),
                    std::invalid_argument);
    CHECK(balanced(charges_payable_entry(kAccount, sums)));
    CHECK(balanced(closing_charges_entry(kAccount, sums)));
    const auto back =
        charged_reversal_entry(kAccount, LedgerKind::refund_payable, TenderMethod::cash, Money{500}, sums);
    CHECK(balanced(back));
    CHECK(back.postings.back().amount == Money{-30'500});
}

namespace {

/// Sales at random moments, of random amounts, some taken back; charges are found and taken as they come.
struct Tenancy {
    struct Row {
        ChargeDue due;
        ChargeOpen open;
    };
    explicit Tenancy(test::Random& the_random) : random{the_random} {
        auto terms =
            version(10'000,
                    {{"rent", Money{random.between(1, 400'000)}, Spread::by_day, random.chance(50)},
                     {"service", Money{random.between(1, 200'000)}, Spread::whole, true}},
                    std::nullopt, Tax{static_cast<int>(random.between(0, 2'000)), random.chance(50)});
        if (random.chance(70)) {
            terms.minimum = MinimumCharge{Money{random.between(1, 900'000)},
                                          random.chance(50) ? Spread::whole : Spread::by_day};
        }
        plans = one_plan(terms);
        plans.push_back({{"next", {terms}}, at(2026, 3, static_cast<unsigned>(random.between(1, 28)))});
        from = now = at(2026, 1, static_cast<unsigned>(random.between(1, 31)),
                        std::chrono::minutes{random.between(0, 1'439)});
        series = meter({{from, 0}});
    }
    void sell() {
        now += std::chrono::minutes{random.between(0, 60'000)};
        if (random.chance(80)) {
            wh += random.between(0, 40'000);
            if (now > series.readings.back().at) {
                series.readings.push_back({now, Energy{wh}, std::nullopt});
            }
        }
        look(false);
        std::vector<ChargeOpen> open;
        for (const auto& row : rows) {
            open.push_back(row.open);
        }
        const Money tender{100 * random.between(1, 10'000)};
        const auto taken = take_charges(tender, kTenderQuantum, open);
        ChargeSums sums;
        for (std::size_t i = 0; i < taken.size(); ++i) {
            REQUIRE(taken[i].amount >= Money{0});
            REQUIRE(taken[i].tax >= Money{0});
            REQUIRE(taken[i].tax <= taken[i].amount);
            sums.add(rows[i].due.kind, taken[i]);
        }
        REQUIRE(sums.total() <= tender);
        REQUIRE(sums.total().is_multiple_of(kTenderQuantum));
        const auto entry = charged_sale_entry(kAccount, TenderMethod::cash, tender, sums);
        REQUIRE(balanced(entry));
        if (random.chance(15)) {
            return;  // taken back: as if it had never been, but what was found stays due
        }
        for (std::size_t i = 0; i < taken.size(); ++i) {
            rows[i].open.paid += taken[i].amount;
            rows[i].open.tax_paid += taken[i].tax;
        }
    }
    void look(bool closing) {
        const auto made = found(from, now, plans, state, {series}, closing);
        REQUIRE(made.fault.empty());
        state = made.state;
        for (const auto& line : made.lines) {
            REQUIRE(line.amount > Money{0});
            rows.push_back({line, {line.kind, line.amount, line.tax_amount, {}, {}}});
        }
    }

    test::Random& random;
    std::vector<SalePlan> plans;
    Instant from, now;
    std::int64_t wh = 0;
    MeterSeries series;
    SaleChargeState state;
    std::vector<Row> rows;
};

}  // namespace

TEST_CASE("sale charges: thousands of tenancies are charged what one look at their end would charge",
          "[core][sale_charge][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int round = 0; round < 3'000; ++round) {
        Tenancy tenancy{random};
        for (auto sales = random.between(1, 12); sales > 0; --sales) {
            tenancy.sell();
        }
        tenancy.now += 1min;
        tenancy.look(true);
        // Never twice: one line for a name, month and first day.
        std::map<std::tuple<LineKind, std::string, int, unsigned, int>, int> seen;
        Money sum, paid;
        for (const auto& [due, open] : tenancy.rows) {
            CHECK(++seen[{due.kind, due.name, static_cast<int>(due.month.year()),
                          static_cast<unsigned>(due.month.month()), due.first_day}] == 1);
            CHECK(open.paid <= open.amount);
            CHECK((open.paid < open.amount || open.tax_paid == open.tax));
            sum += due.amount;
            paid += open.paid;
        }
        CHECK(paid <= sum);
        // However often it was looked at, rests included.
        Money whole;
        for (const auto& line :
             found(tenancy.from, tenancy.now, tenancy.plans, {}, {tenancy.series}, true).lines) {
            whole += line.amount;
        }
        CHECK(sum == whole);
    }
}
