#include "core/balance_difference.hpp"

#include <catch2/catch.hpp>
#include <random>

using namespace wutong::core;

TEST_CASE("balance difference: what the meter has charged and the ledger has not booked yet",
          "[core][balance]") {
    BalanceFacts facts;
    facts.ledger = Money{1'000'000};
    facts.meter = Money{980'000};
    facts.booked = Energy{5'000};
    facts.look = Energy{7'000};
    facts.price = Price{10'000};
    CHECK(explain_difference(facts) == BalanceDifference{Money{-20'000}, Money{-20'000}, Money{0}, Money{0}});

    SECTION("a balance from before the booking lies above the ledger") {
        facts.ledger = Money{980'000};
        facts.meter = Money{1'000'000};
        facts.booked = Energy{7'000};
        facts.look = Energy{5'000};
        CHECK(explain_difference(facts) ==
              BalanceDifference{Money{20'000}, Money{20'000}, Money{0}, Money{0}});
    }
    SECTION("cents, and what is used between two steps of the register, are rounding") {
        facts.meter = Money{979'900};
        CHECK(explain_difference(facts).rounding == Money{-100});
        facts.meter = Money{979'800};
        CHECK(explain_difference(facts).rounding == Money{-200});
        CHECK(explain_difference(facts).unexplained == Money{0});
    }
    SECTION("more is not explained") {
        facts.meter = Money{979'700};
        CHECK(explain_difference(facts) ==
              BalanceDifference{Money{-20'300}, Money{-20'000}, Money{0}, Money{-300}});
        facts.meter = Money{1'080'000};
        CHECK(explain_difference(facts).unexplained == Money{100'000});
    }
    SECTION("the remainder of the last booking belongs to what is not booked") {
        facts.remainder = Remainder{999};
        facts.price = Price{10'001};
        facts.look = Energy{5'001};  // 10001 + 999 ten-millionths: 11 ten-thousandths
        facts.meter = Money{999'989};
        CHECK(explain_difference(facts) == BalanceDifference{Money{-11}, Money{-11}, Money{0}, Money{0}});
    }
}

TEST_CASE("balance difference: each cause by its name", "[core][balance]") {
    BalanceFacts facts;
    facts.ledger = Money{1'000'000};
    facts.meter = Money{1'000'000};
    facts.booked = facts.look = Energy{5'000};
    facts.price = Price{10'000};

    SECTION("a payment that is on the meter, and in the ledger not yet") {
        facts.sent = Money{500'000};
        facts.meter = Money{1'500'000};
        facts.sent_arrived = true;
        CHECK(explain_difference(facts).in_flight == Money{500'000});
        CHECK(explain_difference(facts).unexplained == Money{0});
        facts.sent_arrived = false;
        CHECK(explain_difference(facts).unexplained == Money{500'000});
        // A meter that counts nothing: the balance tells.
        facts.sent_arrived = std::nullopt;
        CHECK(explain_difference(facts).in_flight == Money{500'000});
        facts.meter = Money{1'000'000};
        CHECK(explain_difference(facts) == BalanceDifference{});
    }
    SECTION("what a foreign write made of it, and no more than that") {
        facts.meter = Money{1'300'000};
        facts.foreign = Money{200'000};
        CHECK(explain_difference(facts).foreign_write == Money{200'000});
        CHECK(explain_difference(facts).unexplained == Money{100'000});
        // Put right since then: nothing is left to be explained by it.
        facts.meter = Money{1'000'000};
        CHECK(explain_difference(facts) == BalanceDifference{});
        // In the other direction it explains nothing.
        facts.meter = Money{900'000};
        CHECK(explain_difference(facts).foreign_write == Money{0});
        CHECK(explain_difference(facts).unexplained == Money{-100'000});
    }
    SECTION("a price that was on its way explains as much as was used meanwhile") {
        facts.price_low = Money{-30'000};
        facts.meter = Money{980'000};
        CHECK(explain_difference(facts).price_change == Money{-20'000});
        CHECK(explain_difference(facts).unexplained == Money{0});
        facts.meter = Money{960'000};
        CHECK(explain_difference(facts).price_change == Money{-30'000});
        CHECK(explain_difference(facts).unexplained == Money{-10'000});
        facts.meter = Money{1'020'000};
        CHECK(explain_difference(facts).unexplained == Money{20'000});
    }
    SECTION("absolute writes widen rounding") {
        facts.meter = Money{1'000'500};
        CHECK(explain_difference(facts).unexplained == Money{500});
        facts.writes = 3;
        facts.used_meanwhile = Energy{20};
        CHECK(explain_difference(facts).rounding == Money{500});
        facts.meter = Money{1'002'000};
        CHECK(explain_difference(facts).unexplained == Money{2'000});
    }
}

TEST_CASE("balance difference: the parts always add up", "[core][balance]") {
    std::mt19937_64 random{2411};
    const auto any = [&](std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{least, most}(random);
    };
    for (int i = 0; i < 2'000; ++i) {
        BalanceFacts facts;
        facts.ledger = Money{any(-1'000'000, 10'000'000)};
        facts.meter = Money{any(-1'000'000, 10'000'000)};
        facts.booked = Energy{any(0, 100'000)};
        facts.look = Energy{any(0, 100'000)};
        facts.price = Price{any(0, 20'000)};
        facts.remainder = Remainder{any(0, 999)};
        facts.sent = Money{any(-500'000, 500'000)};
        if (any(0, 2) > 0) {
            facts.sent_arrived = any(0, 1) == 1;
        }
        facts.writes = any(0, 20);
        facts.used_meanwhile = Energy{any(0, 2'000)};
        facts.price_low = Money{any(-100'000, 0)};
        facts.price_high = Money{any(0, 100'000)};
        facts.foreign = Money{any(-1'000'000, 1'000'000)};
        const auto found = explain_difference(facts);
        REQUIRE(found.difference == facts.meter - facts.ledger);
        REQUIRE(found.use_not_booked + found.rounding + found.unexplained + found.in_flight +
                    found.price_change + found.foreign_write ==
                found.difference);
        REQUIRE((found.rounding == Money{0} || found.unexplained == Money{0}));
    }
}
