#include "core/ledger.hpp"

#include <catch2/catch.hpp>
#include <map>

#include "unit/core/seeded.hpp"

using namespace wutong::core;

namespace {

constexpr AccountId kAccount{7};

using Sums = std::map<std::pair<LedgerKind, std::int64_t>, Money>;

void book(Sums& sums, const JournalEntry& entry) {
    REQUIRE(balanced(entry));
    for (const Posting& posting : entry.postings) {
        sums[{posting.account, posting.owner}] += posting.amount;
    }
}

CreditDelivery finished(DeliveryKind kind, DeliveryState state, std::int64_t amount) {
    CreditDelivery delivery;
    delivery.kind = kind;
    delivery.state = state;
    delivery.amount = Money{amount};
    return delivery;
}

}  // namespace

TEST_CASE("an entry balances when there are postings and they sum to zero", "[ledger]") {
    CHECK_FALSE(balanced({EntryKind::correction, {}}));
    CHECK_FALSE(balanced({EntryKind::correction, {{LedgerKind::tender, 1, Money{1}}}}));
    CHECK(balanced({EntryKind::correction,
                    {{LedgerKind::tender, 1, Money{3}},
                     {LedgerKind::tax, 0, Money{-1}},
                     {LedgerKind::revenue, 0, Money{-2}}}}));
}

TEST_CASE("a sale goes from tender over in flight to the meter and is used up", "[ledger]") {
    Sums sums;
    book(sums, sale_entry(kAccount, TenderMethod::card, Money{1'000'000}));
    CHECK(sums[{LedgerKind::tender, 2}] == Money{1'000'000});
    CHECK(sums[{LedgerKind::credit_in_flight, 7}] == Money{-1'000'000});
    book(sums, delivery_entry(kAccount, Money{1'000'000}));
    CHECK(sums[{LedgerKind::credit_in_flight, 7}] == Money{0});
    CHECK(sums[{LedgerKind::prepaid_credit, 7}] == Money{-1'000'000});
    book(sums, consumption_entry(kAccount, Money{400'000}));
    book(sums, taken_back_entry(kAccount, Money{600'000}));
    CHECK(sums[{LedgerKind::prepaid_credit, 7}] == Money{0});
    CHECK(sums[{LedgerKind::revenue, 0}] == Money{-400'000});
    book(sums, payout_entry(kAccount, TenderMethod::card, Money{600'000}));
    CHECK(sums[{LedgerKind::refund_payable, 7}] == Money{0});
    CHECK(sums[{LedgerKind::tender, 2}] == Money{400'000});
}

TEST_CASE("what rounding has left goes to the rounding account, of either sign", "[ledger]") {
    Sums sums;
    book(sums, rounding_entry(kAccount, Money{178}));
    CHECK(sums[{LedgerKind::prepaid_credit, 7}] == Money{178});
    CHECK(sums[{LedgerKind::rounding, 0}] == Money{-178});
    book(sums, rounding_entry(kAccount, Money{-178}));
    CHECK(sums[{LedgerKind::prepaid_credit, 7}] == Money{0});
    CHECK_THROWS_AS(rounding_entry(kAccount, Money{0}), std::invalid_argument);
    CHECK(parse_entry_kind("rounding") == EntryKind::rounding);
}

TEST_CASE("how far ledger and meters may come apart grows with the writes and what was used meanwhile",
          "[ledger]") {
    // Nothing was ever written: the two cents of the last look.
    CHECK(rounding_at_most({0, Energy{0}, Price{10'000}}) == Money{200});
    // Three writes at 1.00/kWh: 4 x 0.02, and 60 Wh of register steps.
    CHECK(rounding_at_most({3, Energy{0}, Price{10'000}}) == Money{800 + 600});
    CHECK(rounding_at_most({3, Energy{500}, Price{10'000}}) == Money{800 + 600 + 5'000});
    // Rounded up: a part of a ten-thousandth counts as one.
    CHECK(rounding_at_most({1, Energy{0}, Price{33}}) == Money{400 + 1});
    CHECK_THROWS_AS(rounding_at_most({std::int64_t{1} << 62, Energy{0}, Price{1}}), QuantityOverflow);
}

TEST_CASE("what a finished delivery books", "[ledger]") {
    using K = DeliveryKind;
    using S = DeliveryState;
    CHECK(entry_of_finished(finished(K::top_up, S::delivered, 500), kAccount)->postings ==
          delivery_entry(kAccount, Money{500}).postings);
    CHECK(entry_of_finished(finished(K::refund, S::delivered, -500), kAccount)->postings ==
          taken_back_entry(kAccount, Money{500}).postings);
    CHECK(entry_of_finished(finished(K::clear, S::delivered, -500), kAccount)->postings ==
          taken_back_entry(kAccount, Money{500}).postings);
    CHECK(entry_of_finished(finished(K::open, S::refused, 500), kAccount)->postings ==
          release_entry(kAccount, Money{500}).postings);

    const auto debt = entry_of_finished(finished(K::clear, S::delivered, 300), kAccount);
    REQUIRE(debt);
    Sums sums;
    book(sums, *debt);
    CHECK(sums[{LedgerKind::refund_payable, 7}] == Money{300});  // the tenant owes it
    CHECK(sums[{LedgerKind::prepaid_credit, 7}] == Money{-300});

    CHECK_FALSE(entry_of_finished(finished(K::open, S::delivered, 0), kAccount));
    CHECK_FALSE(entry_of_finished(finished(K::refund, S::refused, -500), kAccount));
    CHECK_FALSE(entry_of_finished(finished(K::clear, S::refused, 500), kAccount));
    CHECK_FALSE(entry_of_finished(finished(K::top_up, S::quarantined, 500), kAccount));
    CHECK_FALSE(entry_of_finished(finished(K::top_up, S::unknown, 500), kAccount));
}

TEST_CASE("every entry balances whatever the amount, and negative ones are refused", "[ledger][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int i = 0; i < 5'000; ++i) {
        const Money amount{random.between(0, 1'000'000'000'000)};
        const AccountId account{random.between(1, 1'000'000)};
        const auto method = static_cast<TenderMethod>(random.between(1, 5));
        REQUIRE(balanced(sale_entry(account, method, amount)));
        REQUIRE(balanced(delivery_entry(account, amount)));
        REQUIRE(balanced(delivery_entry(account, -amount)));
        REQUIRE(balanced(taken_back_entry(account, amount)));
        REQUIRE(balanced(release_entry(account, amount)));
        REQUIRE(balanced(consumption_entry(account, amount)));
        REQUIRE(balanced(payout_entry(account, method, amount)));
    }
    CHECK_THROWS_AS(sale_entry(kAccount, TenderMethod::cash, Money{-1}), std::invalid_argument);
    CHECK_THROWS_AS(release_entry(kAccount, Money{-1}), std::invalid_argument);
    CHECK_THROWS_AS(consumption_entry(kAccount, Money{-1}), std::invalid_argument);
    CHECK_THROWS_AS(payout_entry(kAccount, TenderMethod::cash, Money{-1}), std::invalid_argument);
}

TEST_CASE("ledger words are read as they are written", "[ledger]") {
    for (int i = 0; i <= static_cast<int>(LedgerKind::rounding); ++i) {
        CHECK(parse_ledger_kind(to_string(static_cast<LedgerKind>(i))) == static_cast<LedgerKind>(i));
    }
    for (int i = 0; i <= static_cast<int>(EntryKind::correction); ++i) {
        CHECK(parse_entry_kind(to_string(static_cast<EntryKind>(i))) == static_cast<EntryKind>(i));
    }
    for (int i = 1; i <= static_cast<int>(TenderMethod::online); ++i) {
        CHECK(parse_tender_method(to_string(static_cast<TenderMethod>(i))) == static_cast<TenderMethod>(i));
    }
    CHECK_THROWS_WITH(parse_tender_method("gold"),
                      Catch::Contains("\"gold\"") && Catch::Contains("cash, card"));
    CHECK_THROWS_AS(to_string(static_cast<TenderMethod>(9)), std::logic_error);
}
