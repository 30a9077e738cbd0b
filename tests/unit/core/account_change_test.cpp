#include "core/account_change.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace wutong::core;

namespace {

/// How much an entry changes one ledger account, as people say it for liabilities: more is positive.
Money more_on(const std::optional<JournalEntry>& entry, LedgerKind kind, std::int64_t owner = 7) {
    Money sum;
    if (entry) {
        for (const auto& posting : entry->postings) {
            if (posting.account == kind && posting.owner == owner) {
                sum -= posting.amount;
            }
        }
    }
    return sum;
}

}  // namespace

TEST_CASE("exchange: what is carried, left, rounded and owed", "[core][account_change]") {
    const Money cent{100};
    CHECK(carry_over(parse_money("54.3217"), Money{0}, cent) ==
          CarriedMoney{parse_money("54.32"), Money{0}, parse_money("0.0017"), Money{0}});
    // A meter that counts in whole units leaves the cents to the tenant.
    CHECK(carry_over(parse_money("54.3217"), Money{0}, parse_money("1")) ==
          CarriedMoney{parse_money("54"), parse_money("0.32"), parse_money("0.0017"), Money{0}});
    // A meter that is finer than tender gets whole cents all the same.
    CHECK(carry_over(parse_money("54.3217"), Money{0}, Money{1}).carried == parse_money("54.32"));
    // A debt is taken out of what waits; what it does not cover stays owed.
    CHECK(carry_over(parse_money("-3.5"), parse_money("10"), cent).carried == parse_money("6.5"));
    CHECK(carry_over(parse_money("-3.5012"), parse_money("3"), cent) ==
          CarriedMoney{Money{0}, Money{0}, parse_money("-0.0012"), parse_money("0.5")});
    CHECK(carry_over(Money{0}, Money{0}, cent) == CarriedMoney{});
    CHECK_THROWS_AS(carry_over(Money{0}, Money{-1}, cent), std::invalid_argument);
    CHECK_THROWS_AS(carry_over(Money{0}, Money{0}, Money{0}), std::invalid_argument);
}

TEST_CASE("exchange and transfer: nothing is lost or made", "[core][account_change]") {
    std::mt19937_64 random{9};
    const auto any = [&](std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{least, most}(random);
    };
    const AccountId account{7};
    for (int i = 0; i < 3'000; ++i) {
        const Money ledger{any(-50'000, 2'000'000)};
        const Money others{any(0, 1) * any(0, 5'000) * 100};
        const auto money = carry_over(ledger, others, Money{any(1, 3) == 1 ? 10'000 : 100});
        CHECK(money.carried >= Money{0});
        CHECK(money.debt >= Money{0});
        CHECK(money.left_unallocated >= Money{0});
        REQUIRE(ledger + others == money.carried + money.left_unallocated + money.rounding - money.debt);
        REQUIRE((money.rounding < kTenderQuantum && money.rounding > -kTenderQuantum));
        const auto leave = leave_meter_entry(account, ledger, others, money);
        const auto reach = reach_meter_entry(account, money.carried);
        // The old meter ends at exactly zero, the new one begins with what is carried.
        REQUIRE(more_on(leave, LedgerKind::prepaid_credit) == -ledger);
        REQUIRE(more_on(reach, LedgerKind::credit_in_flight) == money.carried);
        REQUIRE(others + more_on(leave, LedgerKind::unallocated_credit) +
                    more_on(reach, LedgerKind::unallocated_credit) ==
                money.left_unallocated);
        REQUIRE(more_on(leave, LedgerKind::refund_payable) == -money.debt);

        const auto handed =
            any(0, 1) == 0 ? hand_back(ledger) : hand_over_with_meter(ledger, Money{any(-300, 300)});
        REQUIRE(ledger == handed.carried + handed.payable + handed.rounding);
        REQUIRE(handed.payable.is_multiple_of(kTenderQuantum));
        const auto out = transfer_out_entry(account, ledger, handed);
        const auto in = transfer_in_entry(AccountId{8}, handed.carried);
        REQUIRE(more_on(out, LedgerKind::prepaid_credit) == -ledger);
        REQUIRE(more_on(out, LedgerKind::refund_payable) == handed.payable);
        REQUIRE(more_on(in, LedgerKind::prepaid_credit, 8) == handed.carried);
        REQUIRE(more_on(out, LedgerKind::unallocated_credit, 0) +
                    more_on(in, LedgerKind::unallocated_credit, 0) ==
                Money{0});
    }
}
