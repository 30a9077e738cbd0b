#include "core/price_download.hpp"

#include <catch2/catch.hpp>

using namespace wutong::core;
using namespace std::chrono_literals;
using Step = PriceDownloadStep;

namespace {

const Timestamp kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

PlanPrice wanted(std::int64_t e4, std::int64_t plan = 1) {
    return {plan, std::chrono::local_days{std::chrono::year{2026} / 11 / 1}, Price{e4}, kNow - 1h};
}

PriceDownloadFacts facts(std::optional<Price> held, std::optional<PlanPrice> plan) {
    return {held, plan, std::nullopt, false, kNow};
}

PriceDownload tried(int attempts, CommandState last, const std::string& reason = "") {
    PriceDownload kept;
    kept.wanted = wanted(9'500);
    kept.attempts = attempts;
    kept.last = last;
    kept.last_reason = reason;
    return kept;
}

}  // namespace

TEST_CASE("price download: begins when the meter charges something else, or nobody knows", "[tariff]") {
    CHECK(decide_price_download(facts(Price{9'000}, wanted(9'500))).step == Step::begin);
    CHECK(decide_price_download(facts(std::nullopt, wanted(9'500))).step == Step::begin);
    CHECK(decide_price_download(facts(Price{9'500}, wanted(9'500))).step == Step::nothing);
    CHECK(decide_price_download(facts(Price{9'000}, std::nullopt)).step == Step::nothing);
}

TEST_CASE("price download: one command at a time, again after a pause, at last a person", "[tariff]") {
    auto now = facts(Price{9'000}, wanted(9'500));
    now.kept = tried(0, CommandState::queued);
    now.kept->last.reset();
    now.kept->next_attempt_at = kNow;
    CHECK(decide_price_download(now).step == Step::send);
    now.command_open = true;  // somebody's own price is on its way
    CHECK(decide_price_download(now).step == Step::nothing);
    now.command_open = false;
    now.kept = tried(1, CommandState::running);
    CHECK(decide_price_download(now).step == Step::nothing);

    now.kept = tried(1, CommandState::failed, "the meter refused: exception 2");
    const auto paused = decide_price_download(now);
    CHECK(paused.step == Step::pause);
    CHECK(paused.next_attempt_at == kNow + 1min);
    CHECK(paused.why == "the meter refused: exception 2");
    now.kept->next_attempt_at = paused.next_attempt_at;
    CHECK(decide_price_download(now).step == Step::nothing);
    now.now = kNow + 1min;
    CHECK(decide_price_download(now).step == Step::send);

    now.kept = tried(kPriceAttemptsMax, CommandState::expired);
    const auto enough = decide_price_download(now);
    CHECK(enough.step == Step::give_up);
    CHECK_THAT(enough.why, Catch::Contains("30 commands") && Catch::Contains("not reached in time"));
    now.kept->given_up = true;
    CHECK(decide_price_download(now).step == Step::nothing);
    now.held = Price{9'500};  // it may come all the same
    CHECK(decide_price_download(now).step == Step::confirm);
}

TEST_CASE("price download: another price takes its place, and none ends it", "[tariff]") {
    auto now = facts(Price{9'000}, wanted(9'900, 2));
    now.kept = tried(3, CommandState::expired);
    CHECK(decide_price_download(now).step == Step::supersede);
    now.held = Price{9'500};  // first it is noted that the old one did come
    CHECK(decide_price_download(now).step == Step::confirm);
    now = facts(Price{9'000}, std::nullopt);
    now.kept = tried(3, CommandState::expired);
    CHECK(decide_price_download(now).step == Step::drop);
    // When it began does not make it another one.
    now.wanted = wanted(9'500);
    now.wanted->effective_at = kNow;
    CHECK(decide_price_download(now).step == Step::pause);
}

TEST_CASE("price download: pauses double up to six hours", "[tariff]") {
    CHECK(price_pause(1) == 1min);
    CHECK(price_pause(2) == 2min);
    CHECK(price_pause(5) == 16min);
    CHECK(price_pause(10) == 6h);
    CHECK(price_pause(1'000) == 6h);
}

TEST_CASE("price download: what was charged too little is energy times the difference", "[tariff]") {
    CHECK(late_price_difference(Energy{2'500}, Price{9'000}, Price{9'500}) == Money{1'250});
    CHECK(late_price_difference(Energy{2'500}, Price{9'500}, Price{9'000}) == Money{-1'250});
    CHECK(late_price_difference(Energy{1}, Price{9'000}, Price{9'500}) == Money{0});
    CHECK_THROWS_AS(late_price_difference(Energy{1'000'000'000'000'000}, Price{0}, Price{1'000'000'000}),
                    QuantityOverflow);
}
