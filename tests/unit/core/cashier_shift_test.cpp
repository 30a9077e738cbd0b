#include "core/cashier_shift.hpp"

#include <catch2/catch.hpp>

#include "unit/core/scenario.hpp"
#include "unit/core/seeded.hpp"

using namespace wutong::core;

namespace {

std::optional<Money> limit(const std::string& text) {
    return text == "-" ? std::nullopt : std::optional(parse_money(text));
}

template <class Refusal>
std::string word(const std::optional<Refusal>& refusal) {
    return refusal ? to_string(*refusal) : "ok";
}

std::int64_t sum_of(const JournalEntry& entry, LedgerKind kind) {
    Money sum;
    for (const auto& posting : entry.postings) {
        sum += posting.account == kind ? posting.amount : Money{};
    }
    return sum.ten_thousandths();
}

/// The drawer as the books have it: nothing but the postings to tender of the shift's entries.
void add_to(DrawerSums& drawer, const JournalEntry& entry) {
    CHECK(balanced(entry));
    for (const auto& posting : entry.postings) {
        if (posting.account == LedgerKind::tender) {
            drawer[static_cast<TenderMethod>(posting.owner)] += posting.amount;
        }
    }
}

}  // namespace

TEST_CASE("cashier limits: the first that is met is the answer", "[shift]") {
    for (const auto& row : test::rows_of(R"(
        # amount  op_sale op_day op_today pt_sale pt_day pt_today  sale                       payout
        100       -       -      999      -       -      999       ok                         ok
        100       100     -      0        100     -      0         ok                         ok
        100.01    100     -      0        100     -      0         above_operator_sale_limit  above_operator_sale_limit
        100.01    -       -      0        100     -      0         above_point_sale_limit     above_point_sale_limit
        100       -       300    200      -       -      0         ok                         ok
        100.01    -       300    200      -       300    200       above_operator_day_limit   ok
        100       -       300    100      -       300    200.01    above_point_day_limit      ok
        0.01      -       300    500      -       -      0         above_operator_day_limit   ok
        0         -       300    300      -       300    300       ok                         ok
        922337203685477.58 - 300 1        -       -      0         above_operator_day_limit   ok
    )")) {
        INFO(test::joined(row));
        REQUIRE(row.size() == 9);
        LimitFacts facts{{limit(row[1]), limit(row[2])},
                         {limit(row[4]), limit(row[5])},
                         parse_money(row[3]),
                         parse_money(row[6])};
        const Money amount = parse_money(row[0]);
        CHECK(word(check_sale_limits(amount, facts)) == row[7]);
        CHECK(word(check_payout_limits(amount, facts)) == row[8]);
        if (const auto refusal = check_sale_limits(amount, facts)) {
            CHECK(limit_met(*refusal, facts) <= std::max(amount, parse_money("300")));
        }
    }
    CHECK_THROWS_AS(limit_met(LimitRefusal::above_point_day_limit, LimitFacts{}), std::logic_error);
}

TEST_CASE("shift: what opening and moving cash refuse", "[shift]") {
    const OpenShiftFacts free{true, false, false};
    CHECK(word(check_open_shift(Money{}, free)) == "ok");
    CHECK(word(check_open_shift(Money{2'000'000}, free)) == "ok");
    CHECK(word(check_open_shift(Money{-100}, free)) == "amount_not_positive");
    CHECK(word(check_open_shift(Money{50}, free)) == "amount_not_multiple_of_quantum");
    CHECK(word(check_open_shift(kDrawerMax + Money{100}, free)) == "amount_above_limit");
    CHECK(word(check_open_shift(Money{-1}, {false, true, true})) == "point_disabled");
    CHECK(word(check_open_shift(Money{-1}, {true, true, true})) == "shift_open");
    CHECK(word(check_open_shift(Money{-1}, {true, false, true})) == "point_in_use");

    const DrawerSums drawer{{TenderMethod::cash, Money{1'000'000}}, {TenderMethod::card, Money{5}}};
    using Kind = CashMoveKind;
    CHECK(word(check_cash_move(Kind::pay_in, Money{100}, "change", {})) == "ok");
    CHECK(word(check_cash_move(Kind::pay_in, Money{100}, " \t", {})) == "reason_missing");
    CHECK(word(check_cash_move(Kind::pay_in, Money{0}, "", {})) == "amount_not_positive");
    CHECK(word(check_cash_move(Kind::pay_in, Money{150}, "", {})) == "amount_not_multiple_of_quantum");
    CHECK(word(check_cash_move(Kind::pay_in, kDrawerMax + Money{100}, "", {})) == "amount_above_limit");
    CHECK(word(check_cash_move(Kind::pay_out, Money{1'000'000}, "bank", drawer)) == "ok");
    CHECK(word(check_cash_move(Kind::pay_out, Money{1'000'100}, "bank", drawer)) == "above_drawer");
    CHECK(word(check_cash_move(Kind::pay_out, Money{100}, "bank", {})) == "above_drawer");
    CHECK(word(check_payout(TenderMethod::cash, Money{1'000'100}, drawer)) == "above_drawer");
    CHECK(word(check_payout(TenderMethod::card, Money{1'000'100}, drawer)) == "ok");
    CHECK_THROWS_AS(cash_move_entry(Kind::pay_in, Money{0}), std::invalid_argument);
}

TEST_CASE("shift: what a count refuses", "[shift]") {
    const auto refused = [](const DrawerSums& expected, const DrawerSums& counted) -> std::string {
        const auto count = count_shift(expected, counted);
        const auto* refusal = std::get_if<CountRefusal>(&count);
        return refusal == nullptr
                   ? "ok"
                   : std::string(to_string(refusal->method)) + " " + to_string(refusal->refusal);
    };
    const auto cash = TenderMethod::cash;
    const auto card = TenderMethod::card;
    CHECK(refused({}, {}) == "ok");
    CHECK(refused({{cash, Money{100}}}, {}) == "cash count_missing");
    CHECK(refused({{cash, Money{0}}, {card, Money{0}}}, {}) == "ok");
    CHECK(refused({{cash, Money{100}}, {card, Money{-100}}}, {{cash, Money{0}}}) == "card count_missing");
    CHECK(refused({{card, Money{-100}}}, {{card, Money{-100}}}) == "ok");
    CHECK(refused({}, {{cash, Money{-100}}}) == "cash count_below_zero");
    CHECK(refused({}, {{cash, Money{1}}}) == "cash count_not_multiple_of_quantum");
    CHECK(refused({}, {{card, kDrawerMax + Money{100}}}) == "card amount_above_limit");
    CHECK(refused({}, {{card, -kDrawerMax - Money{100}}}) == "card amount_above_limit");
}

TEST_CASE("shift: whatever happens in it, closing empties the drawer and names the difference", "[shift]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int round = 0; round < 500; ++round) {
        DrawerSums drawer;
        Money takings;
        const auto cash = [&] { return Money{random.between(1, 500'000) * 100}; };
        const auto book = [&](const JournalEntry& entry) {
            add_to(drawer, entry);
            takings += Money{sum_of(entry, LedgerKind::takings)};
        };
        if (random.chance(80)) {
            book(cash_move_entry(CashMoveKind::starting_float, cash()));
        }
        for (auto step = random.between(0, 12); step > 0; --step) {
            const auto method = static_cast<TenderMethod>(random.between(1, 5));
            const Money amount = cash();
            switch (random.between(0, 3)) {
                case 0:
                    book(sale_entry(AccountId{7}, method, amount));
                    break;
                case 1:
                    if (!check_payout(method, amount, drawer)) {
                        book(reversal_entry(AccountId{7}, LedgerKind::refund_payable, method, amount));
                    }
                    break;
                case 2:
                    book(cash_move_entry(CashMoveKind::pay_in, amount));
                    break;
                default:
                    if (!check_cash_move(CashMoveKind::pay_out, amount, "bank", drawer)) {
                        book(cash_move_entry(CashMoveKind::pay_out, amount));
                    }
            }
            CHECK(drawer[TenderMethod::cash] >= Money{});
        }
        DrawerSums counted;
        Money off;
        for (const auto& [method, expected] : drawer) {
            const Money difference{random.chance(50) ? 0 : random.between(-300, 300) * 100};
            counted[method] = method == TenderMethod::cash && expected + difference < Money{}
                                  ? Money{}
                                  : expected + difference;
            off += counted[method] - expected;
        }
        const auto count = count_shift(drawer, counted);
        REQUIRE(std::holds_alternative<std::vector<CountedDrawer>>(count));
        const auto& lines = std::get<std::vector<CountedDrawer>>(count);
        CHECK(difference_of(lines) == off);
        if (const auto entry = close_shift_entry(12, lines)) {
            book(*entry);
            CHECK(sum_of(*entry, LedgerKind::cash_difference) == (-off).ten_thousandths());
            for (const auto& posting : entry->postings) {
                CHECK(posting.amount != Money{});
            }
        } else {
            CHECK(off == Money{});
        }
        for (const auto& [method, left] : drawer) {
            CHECK(left == Money{});
        }
    }
}

TEST_CASE("shift: words are read back", "[shift]") {
    for (const auto kind : {CashMoveKind::starting_float, CashMoveKind::pay_in, CashMoveKind::pay_out}) {
        CHECK(parse_cash_move_kind(to_string(kind)) == kind);
    }
    CHECK_THROWS_AS(parse_cash_move_kind("loan"), std::invalid_argument);
    CHECK_THROWS_AS(reversal_entry(AccountId{1}, LedgerKind::revenue, TenderMethod::cash, Money{100}),
                    std::invalid_argument);
}
