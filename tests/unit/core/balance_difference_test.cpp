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
        const auto found = explain_difference(facts);
        REQUIRE(found.difference == facts.meter - facts.ledger);
        REQUIRE(found.use_not_booked + found.rounding + found.unexplained == found.difference);
        REQUIRE((found.rounding == Money{0} || found.unexplained == Money{0}));
    }
}
