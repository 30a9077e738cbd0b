#include "core/tariff.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "unit/core/seeded.hpp"

using namespace wutong::core;

TEST_CASE("a charge is price times energy, what is below 0.0001 is carried", "[tariff]") {
    const Charge first = charge({Price{9'500}}, Energy{1'000}, Remainder{});
    CHECK(first.amount == Money{9'500});
    CHECK(first.remainder == Remainder{0});

    const Charge small = charge({Price{9'501}}, Energy{10}, Remainder{});
    CHECK(small.amount == Money{95});
    CHECK(small.remainder == Remainder{10});

    const Charge carried = charge({Price{1}}, Energy{1}, Remainder{999});
    CHECK(carried.amount == Money{1});
    CHECK(carried.remainder == Remainder{0});

    CHECK(charge({Price{0}}, Energy{5'000}, Remainder{7}).remainder == Remainder{7});
}

TEST_CASE("many small charges are one large one, to the last ten-millionth", "[tariff][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int run = 0; run < 2'000; ++run) {
        const FlatTariff tariff{Price{random.between(0, 99'999)}};
        Remainder carried;
        Money parts;
        Energy used;
        const auto count = random.between(1, 40);
        for (std::int64_t i = 0; i < count; ++i) {
            const Energy some{random.between(0, random.chance(50) ? 20 : 500'000)};
            const Charge part = charge(tariff, some, carried);
            REQUIRE(part.remainder >= Remainder{0});
            REQUIRE(part.remainder < Remainder{1'000});
            parts += part.amount;
            carried = part.remainder;
            used = used + some;
        }
        const Charge whole = charge(tariff, used, Remainder{});
        REQUIRE(parts == whole.amount);
        REQUIRE(carried == whole.remainder);
    }
}

TEST_CASE("charges that make no sense are refused", "[tariff]") {
    CHECK_THROWS_AS(charge({Price{1}}, Energy{-1}, Remainder{}), std::invalid_argument);
    CHECK_THROWS_AS(charge({Price{-1}}, Energy{1}, Remainder{}), std::invalid_argument);
    CHECK_THROWS_AS(charge({Price{1}}, Energy{1}, Remainder{1'000}), std::invalid_argument);
    CHECK_THROWS_AS(charge({Price{1}}, Energy{1}, Remainder{-1}), std::invalid_argument);
    CHECK_THROWS_AS(charge({Price{10'000}}, Energy{std::numeric_limits<std::int64_t>::max()}, Remainder{}),
                    QuantityOverflow);
}

TEST_CASE("tariff: what an amount buys is rounded down", "[tariff]") {
    CHECK(energy_for(Money{2'000'000}, Price{10'500}) == Energy{190'476});
    CHECK(energy_for(Money{0}, Price{1}) == Energy{0});
    CHECK(energy_for(Money{1}, Price{1}) == Energy{1'000});
    CHECK(energy_for(Money{9}, Price{10'000}) == Energy{0});
    CHECK_THROWS_AS(energy_for(Money{-1}, Price{1}), std::invalid_argument);
    CHECK_THROWS_AS(energy_for(Money{1}, Price{0}), std::invalid_argument);
    CHECK_THROWS_AS(energy_for(Money{std::numeric_limits<std::int64_t>::max()}, Price{1}), QuantityOverflow);
}
