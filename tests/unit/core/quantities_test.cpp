#include "core/quantities.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "unit/core/seeded.hpp"

using namespace wutong::core;

namespace {
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
}  // namespace

TEST_CASE("money is written with two decimals, four where they matter", "[quantities]") {
    const auto [value, text] = GENERATE(table<std::int64_t, std::string>({
        {0, "0.00"},
        {10'000, "1.00"},
        {12'345'000, "1234.50"},
        {5'283, "0.5283"},
        {50, "0.0050"},
        {1, "0.0001"},
        {-1, "-0.0001"},
        {-123'400, "-12.34"},
        {kMax, "922337203685477.5807"},
        {kMin, "-922337203685477.5808"},
    }));
    CHECK(to_string(Money{value}) == text);
    CHECK(parse_money(text) == Money{value});
}

TEST_CASE("money that people type", "[quantities]") {
    const auto [text, value] = GENERATE(table<std::string, std::int64_t>({
        {"100", 1'000'000},
        {"100.5", 1'005'000},
        {"-0.0001", -1},
        {"-0", 0},
        {"007", 70'000},
        {"0.1000", 1'000},
    }));
    CHECK(parse_money(text) == Money{value});
}

TEST_CASE("what is not an amount is refused with the text and the reason", "[quantities]") {
    const auto [text, why] = GENERATE(table<std::string, std::string>({
        {"", "empty"},
        {"-", "before the point"},
        {".5", "before the point"},
        {"5.", "after the point"},
        {"+5", "before the point"},
        {" 5", "before the point"},
        {"5 ", "only digits"},
        {"5\n", "only digits"},
        {"1e3", "only digits"},
        {"1,000", "only digits"},
        {"1.2.3", "only digits"},
        {"--5", "before the point"},
        {"0x10", "only digits"},
        {"nan", "before the point"},
        {"1.00000", "more than four decimals"},
        {"922337203685477.5808", "too large"},
        {"-922337203685477.5809", "too large"},
        {"99999999999999999999", "too large"},
        {"0000000000000000000000000000000000001", "too long"},
        {"\xEF\xBC\x95", "before the point"},  // a full-width five
        {std::string("5\0", 2), "only digits"},
        {"1' OR '1'='1", "only digits"},
    }));
    CAPTURE(text);
    CHECK_THROWS_AS(parse_money(text), std::invalid_argument);
    CHECK_THROWS_WITH(parse_money(text), Catch::Contains(why) && Catch::Contains("is not an amount"));
}

TEST_CASE("the message about a hostile text is short and printable", "[quantities]") {
    try {
        (void)parse_money(std::string(1'000'000, '\x1b'));
        FAIL("accepted");
    } catch (const std::invalid_argument& error) {
        const std::string message = error.what();
        CHECK(message.size() < 200);
        CHECK(message.find('\x1b') == std::string::npos);
    }
}

TEST_CASE("writing and reading money are inverse to each other", "[quantities][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int i = 0; i < 20'000; ++i) {
        const Money money{random.between(kMin, kMax) >> random.between(0, 62)};
        REQUIRE(parse_money(to_string(money)) == money);
    }
}

TEST_CASE("random bytes are either an amount that comes back or refused", "[quantities][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    const std::string alphabet = "0123456789..--+ e,\x80";
    int accepted = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string text;
        const auto length = random.between(0, 12);
        for (std::int64_t j = 0; j < length; ++j) {
            text += alphabet[static_cast<std::size_t>(
                random.between(0, static_cast<std::int64_t>(alphabet.size()) - 1))];
        }
        CAPTURE(text);
        try {
            const Money money = parse_money(text);
            REQUIRE(parse_money(to_string(money)) == money);
            ++accepted;
        } catch (const std::invalid_argument&) {
            continue;
        }
    }
    CHECK(accepted > 100);
}

TEST_CASE("sums and products leave their range with an exception, never with a wrong number",
          "[quantities]") {
    CHECK_THROWS_AS(Money{kMax} + Money{1}, QuantityOverflow);
    CHECK_THROWS_AS(Money{kMin} + Money{-1}, QuantityOverflow);
    CHECK_THROWS_AS(Money{kMin} - Money{1}, QuantityOverflow);
    CHECK_THROWS_AS(Money{0} - Money{kMin}, QuantityOverflow);
    CHECK_THROWS_AS(-Money{kMin}, QuantityOverflow);
    CHECK_THROWS_AS(Money::from_cents(kMax / 50), QuantityOverflow);
    CHECK_THROWS_AS(Energy{kMax} + Energy{1}, QuantityOverflow);
    CHECK(Money{kMax} + Money{kMin} == Money{-1});
    CHECK(Money::from_cents(-150) == Money{-15'000});
}

TEST_CASE("checked arithmetic agrees with the compiler's", "[quantities][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    const auto pick = [&random] {
        const std::int64_t special[] = {0, 1, -1, 2, -2, kMax, kMin, kMax - 1, kMin + 1};
        return random.chance(30) ? special[random.between(0, 8)]
                                 : random.between(kMin, kMax) >> random.between(0, 62);
    };
    const auto check = [](auto ours, bool overflows, std::int64_t expected) {
        if (overflows) {
            REQUIRE_THROWS_AS(ours(), QuantityOverflow);
        } else {
            REQUIRE(ours() == expected);
        }
    };
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t a = pick();
        const std::int64_t b = pick();
        CAPTURE(a, b);
        std::int64_t sum = 0;
        std::int64_t difference = 0;
        std::int64_t product = 0;
        const bool sum_overflows = __builtin_add_overflow(a, b, &sum);
        const bool difference_overflows = __builtin_sub_overflow(a, b, &difference);
        const bool product_overflows = __builtin_mul_overflow(a, b, &product);
        check([=] { return detail::checked_add(a, b, "sum"); }, sum_overflows, sum);
        check([=] { return detail::checked_sub(a, b, "difference"); }, difference_overflows, difference);
        check([=] { return detail::checked_mul(a, b, "product"); }, product_overflows, product);
    }
}
