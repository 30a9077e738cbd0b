#include "core/feeder_loss.hpp"

#include <catch2/catch.hpp>

using namespace wutong::core;
using namespace std::chrono_literals;

namespace {

const Timestamp kFrom{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
const Timestamp kTo = kFrom + 24h;

UseSpan span(std::int64_t used, std::int64_t reverse = 0) {
    return {kFrom - 20min, kTo - 20min, Energy{used}, Energy{reverse}};
}

}  // namespace

TEST_CASE("feeder loss: what came in less what went out, what flows back counts on both sides", "[core]") {
    auto loss = feeder_loss(span(10'000), {span(4'000), span(5'750)});
    CHECK(loss.out == Energy{9'750});
    CHECK(loss.lost == Energy{250});
    CHECK(loss.share_e4 == 250);
    // A roof feeds 1 kWh back through its meter, of which 0.9 leave through the feeder.
    loss = feeder_loss(span(10'000, 900), {span(4'000), span(5'750, 1'000)});
    CHECK(loss.in == Energy{9'100});
    CHECK(loss.out == Energy{8'750});
    CHECK(loss.lost == Energy{350});
    loss = feeder_loss(span(1'000), {span(1'100)});
    CHECK(loss.lost == Energy{-100});
    CHECK(loss.share_e4 == -1'000);
}

TEST_CASE("feeder loss: without anything coming in there is no share, and large registers have one",
          "[core]") {
    CHECK_FALSE(feeder_loss(span(0), {span(10)}).share_e4);
    CHECK_FALSE(feeder_loss(span(10, 20), {}).share_e4);
    CHECK(feeder_loss(span(1'000'000'000'000'000'000), {span(750'000'000'000'000'000)}).share_e4 == 2'500);
    CHECK_THROWS_AS(feeder_loss(span(1), {span(9'000'000'000'000'000'000), span(9'000'000'000'000'000'000)}),
                    QuantityOverflow);
}

TEST_CASE("coverage: a period is whole when readings lie near both its ends", "[core]") {
    auto one = span(1);
    CHECK(coverage_of(one, kFrom, kTo) == Coverage::whole);
    one.known_from = kFrom + 2h;
    one.known_to = kTo - 2h;
    CHECK(coverage_of(one, kFrom, kTo) == Coverage::whole);
    one.known_from = kFrom + 2h + 1s;
    CHECK(coverage_of(one, kFrom, kTo) == Coverage::begins_late);
    one.known_from = kFrom - 3h;  // three hours of the day before are in it
    CHECK(coverage_of(one, kFrom, kTo) == Coverage::begins_late);
    one.known_to = kTo - 3h;
    CHECK(coverage_of(one, kFrom, kTo) == Coverage::begins_and_ends);
    one.known_from = kFrom;
    CHECK(coverage_of(one, kFrom, kTo) == Coverage::ends_early);
    CHECK(coverage_of({}, kFrom, kTo) == Coverage::nothing);
    CHECK(std::string{to_string(Coverage::nothing)} == "nothing");
}
