#include "core/meter_watch.hpp"

#include <catch2/catch.hpp>

using namespace wutong::core;

namespace {

CreditFigures figures(std::optional<std::int64_t> number, const char* balance, std::int64_t wh) {
    return {number, parse_money(balance), Energy{wh}};
}

WatchRules rules(std::int64_t number) {
    WatchRules rules;
    rules.ledger_number = number;
    rules.price = Price{10'000};  // 10 Wh cost 0.01
    return rules;
}

}  // namespace

TEST_CASE("what use alone explains is nobody's writing", "[meter_watch]") {
    const auto before = figures(3, "50.00", 1'000);
    CHECK(written_by_others(before, figures(3, "50.00", 1'000), rules(3)).empty());
    CHECK(written_by_others(before, figures(3, "49.00", 2'000), rules(3)).empty());
    // The register lags by up to one step, the balance shows whole cents.
    CHECK(written_by_others(before, figures(3, "49.02", 2'000), rules(3)).empty());
    CHECK(written_by_others(before, figures(3, "50.01", 1'000), rules(3)).empty());
    // Falling is left to the two balances.
    CHECK(written_by_others(before, figures(3, "10.00", 1'000), rules(3)).empty());
}

TEST_CASE("a number that is not the ledger's", "[meter_watch]") {
    const auto before = figures(3, "50.00", 1'000);
    CHECK(written_by_others(before, figures(2, "50.00", 1'000), rules(3)).find("went back to 2") !=
          std::string::npos);
    CHECK(written_by_others(before, figures(4, "50.00", 1'000), rules(3)).find("has moved to 4") !=
          std::string::npos);
    // It may have moved before the last look already.
    CHECK_FALSE(written_by_others(figures(4, "50.00", 1'000), figures(4, "50.00", 1'000), rules(3)).empty());
    // Meters that count nothing.
    CHECK(written_by_others(figures({}, "50.00", 1'000), figures({}, "50.00", 1'000), rules(3)).empty());
}

TEST_CASE("a balance that rises without a delivery", "[meter_watch]") {
    const auto before = figures(3, "50.00", 1'000);
    CHECK_FALSE(written_by_others(before, figures(3, "50.02", 1'000), rules(3)).empty());
    // It fell, but by less than was used: what was used is back on the meter.
    const auto text = written_by_others(before, figures(3, "49.03", 2'000), rules(3));
    CHECK(text.find("50.00") != std::string::npos);
    CHECK(text.find("49.03") != std::string::npos);
    CHECK(text.find("1000 Wh") != std::string::npos);
    // Without a certain price only the balance itself can tell.
    auto unsure = rules(3);
    unsure.price.reset();
    CHECK(written_by_others(before, figures(3, "49.99", 2'000), unsure).empty());
    CHECK_FALSE(written_by_others(before, figures(3, "50.02", 2'000), unsure).empty());
}

TEST_CASE("registers that went backwards or are full of rubbish", "[meter_watch]") {
    const auto before = figures(3, "50.00", 1'000);
    CHECK(written_by_others(before, figures(3, "50.00", 10), rules(3)).empty());
    CHECK_FALSE(written_by_others(before, figures(3, "50.00", 9'000'000'000'000'000'000), rules(3)).empty());
}

TEST_CASE("how far a balance jumped beyond use", "[meter_watch]") {
    const auto before = figures(3, "50.00", 1'000);
    CHECK(unexplained_jump(before, figures(3, "49.00", 2'000), rules(3)) == Money{0});
    CHECK(unexplained_jump(before, figures(3, "48.98", 2'000), rules(3)) == Money{0});
    CHECK(unexplained_jump(before, figures(3, "149.00", 2'000), rules(3)) == parse_money("100"));
    CHECK(unexplained_jump(before, figures(2, "19.00", 2'000), rules(3)) == parse_money("-30"));
    auto no_price = rules(3);
    no_price.price = std::nullopt;
    CHECK(unexplained_jump(before, figures(3, "10.00", 2'000), no_price) == Money{0});
    CHECK(unexplained_jump(before, figures(3, "60.00", 2'000), no_price) == parse_money("10"));
}
