#include "core/cut_off.hpp"

#include <catch2/catch.hpp>

#include "unit/core/seeded.hpp"

using namespace wutong::core;
using namespace std::chrono_literals;

namespace {

const Instant kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 4h};  // 12:00 in Shanghai
const LocalTime kShanghai{{{Instant{}, 8h}}};

/// Used up to the last hundredth, read a minute ago, relay closed: the plain case for a switch-off.
CutOffFacts used_up() {
    CutOffFacts facts;
    facts.alarm_1 = Money{200'000};
    facts.alarm_2 = Money{50'000};
    facts.newest_reading = kNoon - 1min;
    facts.stale_after = 2h;
    facts.relay_closed = true;
    facts.relay_seen_at = kNoon - 1min;
    return facts;
}

CutOffFacts ordered(CutOffFacts facts, RelayOrder order, Instant at, std::optional<Instant> done,
                    std::optional<bool> closed) {
    facts.order = order;
    facts.ordered_at = at;
    facts.order_done = done;
    facts.relay_closed = closed;
    return facts;
}

template <class Change>
CutOffFacts with(CutOffFacts facts, Change change) {
    change(facts);
    return facts;
}

struct Row {
    const char* what;
    CutOffFacts facts;
    CutOffDecision expected;
};

}  // namespace

TEST_CASE("cut-off: the table", "[core][cut_off]") {
    using A = RelayAction;
    using L = AlarmLevel;
    using O = RelayOrder;
    using W = PostponeReason;
    const auto balance = [](std::int64_t e4) {
        return with(used_up(), [e4](auto& f) { f.balance = Money{e4}; });
    };
    const auto later = [](RelayOrder order, std::optional<bool> closed) {
        return ordered(used_up(), order, kNoon - 10min, kNoon - 9min, closed);
    };
    const Row rows[]{
        {"plenty", balance(1'000'000), {L::none, A::leave, W::none, {}}},
        {"first alarm", balance(200'000), {L::alarm_1, A::leave, W::none, {}}},
        {"second alarm", balance(50'000), {L::alarm_2, A::leave, W::none, {}}},
        {"the last ten-thousandth", balance(1), {L::alarm_2, A::leave, W::none, {}}},
        {"nothing left", balance(0), {L::arrears, A::switch_off, W::none, {}}},
        {"in the overdraft",
         with(balance(-5), [](auto& f) { f.overdraft = Money{10}; }),
         {L::alarm_2, A::leave, W::none, {}}},
        {"overdraft used up",
         with(balance(-10), [](auto& f) { f.overdraft = Money{10}; }),
         {L::arrears, A::switch_off, W::none, {}}},
        {"relay unknown",
         with(used_up(), [](auto& f) { f.relay_closed.reset(); }),
         {L::arrears, A::switch_off, W::none, {}}},
        {"open by itself",
         with(used_up(), [](auto& f) { f.relay_closed = false; }),
         {L::arrears, A::leave, W::none, {}}},
        {"medical",
         with(used_up(), [](auto& f) { f.guard = UnitGuard::medical; }),
         {L::arrears, A::postpone, W::guarded, {}}},
        {"payment",
         with(used_up(), [](auto& f) { f.payment_under_way = true; }),
         {L::arrears, A::postpone, W::payment_under_way, kNoon + kPaymentAgainAfter}},
        {"never read",
         with(used_up(), [](auto& f) { f.newest_reading.reset(); }),
         {L::arrears, A::postpone, W::stale_reading, {}}},
        {"just too old",
         with(used_up(), [](auto& f) { f.newest_reading = kNoon - 2h - 1s; }),
         {L::arrears, A::postpone, W::stale_reading, {}}},
        {"just not too old",
         with(used_up(), [](auto& f) { f.newest_reading = kNoon - 2h; }),
         {L::arrears, A::switch_off, W::none, {}}},
        {"quiet",
         with(used_up(),
              [](auto& f) {
                  f.quiet = {720, 840};
              }),
         {L::arrears, A::postpone, W::quiet_hours, kNoon + 2h}},
        {"quiet over midnight",
         with(used_up(),
              [](auto& f) {
                  f.quiet = {1'320, 721};
              }),
         {L::arrears, A::postpone, W::quiet_hours, kNoon + 1min}},
        {"no longer quiet",
         with(used_up(),
              [](auto& f) {
                  f.quiet = {1'320, 720};
              }),
         {L::arrears, A::switch_off, W::none, {}}},
        {"locked by an operator", later(O::off_by_operator, false), {L::arrears, A::leave, W::none, {}}},
        {"guaranteed", later(O::on_by_operator, true), {L::arrears, A::postpone, W::guaranteed, {}}},
        {"released", later(O::released_by_operator, true), {L::arrears, A::switch_off, W::none, {}}},
        {"off already", later(O::off_by_us, false), {L::arrears, A::leave, W::none, {}}},
        {"off did not work", later(O::off_by_us, true), {L::arrears, A::switch_off, W::none, {}}},
        {"off did not work, a moment ago",
         ordered(used_up(), O::off_by_us, kNoon - 3min, kNoon - 2min, true),
         {L::arrears, A::postpone, W::tried_just_now, kNoon + 2min}},
        {"off under way",
         ordered(used_up(), O::off_by_us, kNoon - 1min, std::nullopt, true),
         {L::arrears, A::leave, W::none, {}}},
        {"on, and used up again", later(O::on_by_us, true), {L::arrears, A::switch_off, W::none, {}}},
        {"paid while off",
         with(later(O::off_by_us, false), [](auto& f) { f.balance = Money{1}; }),
         {L::alarm_2, A::switch_on, W::none, {}}},
        {"paid while the off is under way",
         with(ordered(used_up(), O::off_by_us, kNoon - 1min, std::nullopt, true),
              [](auto& f) { f.balance = Money{1'000'000}; }),
         {L::none, A::switch_on, W::none, {}}},
        {"paid, locked by an operator",
         with(later(O::off_by_operator, false), [](auto& f) { f.balance = Money{1'000'000}; }),
         {L::none, A::leave, W::none, {}}},
        {"guarded while off",
         with(later(O::off_by_us, false), [](auto& f) { f.guard = UnitGuard::safety; }),
         {L::arrears, A::switch_on, W::none, {}}},
        {"on did not work",
         with(later(O::on_by_us, false), [](auto& f) { f.balance = Money{1'000'000}; }),
         {L::none, A::switch_on, W::none, {}}},
    };
    for (const auto& row : rows) {
        INFO(row.what);
        const auto decided = decide_cut_off(row.facts, kShanghai, kNoon);
        CHECK(to_string(decided.level) == std::string{to_string(row.expected.level)});
        CHECK(to_string(decided.action) == std::string{to_string(row.expected.action)});
        CHECK(to_string(decided.why) == std::string{to_string(row.expected.why)});
        CHECK((decided.again_at == row.expected.again_at));
    }
}

TEST_CASE("cut-off: figures that make no sense are refused", "[core][cut_off]") {
    auto facts = used_up();
    facts.overdraft = Money{-1};
    CHECK_THROWS_AS(decide_cut_off(facts, kShanghai, kNoon), std::invalid_argument);
    facts = used_up();
    facts.stale_after = 0s;
    CHECK_THROWS_AS(decide_cut_off(facts, kShanghai, kNoon), std::invalid_argument);
    facts = used_up();
    facts.quiet = {0, 1'440};
    CHECK_THROWS_AS(decide_cut_off(facts, kShanghai, kNoon), std::invalid_argument);
    CHECK_THROWS_AS(parse_unit_guard("dog"), std::invalid_argument);
    CHECK(parse_unit_guard("medical") == UnitGuard::medical);
}

TEST_CASE("cut-off: quiet hours go by the wall, also on the night the clock is set", "[core][cut_off]") {
    // 2026-03-29, Berlin: 01:00 UTC is when 02:00 becomes 03:00.
    const Instant change{std::chrono::sys_days{std::chrono::year{2026} / 3 / 29} + 1h};
    const LocalTime berlin{{{Instant{}, 1h}, {change, 2h}}};
    const QuietHours quiet{60, 180};
    CHECK(quiet_until(quiet, berlin, change - 1s) == std::optional{change - 1s + 1h + 1s});
    CHECK_FALSE(quiet_until(quiet, berlin, change));
    CHECK_FALSE(quiet_until(quiet, berlin, change - 1h - 1s));
}

TEST_CASE("cut-off property: thousands of states, and nobody is switched off who must not be",
          "[core][cut_off][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    int off = 0;
    int on = 0;
    for (int i = 0; i < 20'000; ++i) {
        CutOffFacts facts;
        facts.balance = Money{random.between(-30, 30)};
        facts.overdraft = Money{random.chance(50) ? 0 : random.between(0, 20)};
        facts.alarm_1 = Money{random.between(0, 20)};
        facts.alarm_2 = Money{random.between(0, 10)};
        facts.stale_after = std::chrono::seconds{random.between(1, 7'200)};
        if (random.chance(90)) {
            facts.newest_reading = kNoon - std::chrono::seconds{random.between(0, 4'000)};
        }
        if (random.chance(40)) {
            facts.quiet = {static_cast<int>(random.between(0, 1'439)),
                           static_cast<int>(random.between(0, 1'439))};
        }
        facts.guard = static_cast<UnitGuard>(random.chance(80) ? 0 : random.between(1, 2));
        facts.payment_under_way = random.chance(20);
        facts.order = static_cast<RelayOrder>(random.between(0, 5));
        if (random.chance(90)) {
            facts.relay_closed = random.chance(50);
            facts.relay_seen_at = kNoon - std::chrono::seconds{random.between(0, 1'000)};
        }
        if (facts.order != RelayOrder::none) {
            facts.ordered_at = kNoon - std::chrono::seconds{random.between(0, 1'000)};
            if (random.chance(70)) {
                facts.order_done = *facts.ordered_at + std::chrono::seconds{random.between(0, 60)};
            }
        }
        const auto decided = decide_cut_off(facts, kShanghai, kNoon);
        const bool used = facts.balance <= -facts.overdraft;
        const bool stale = !facts.newest_reading || kNoon - *facts.newest_reading > facts.stale_after;
        const bool quiet = quiet_until(facts.quiet, kShanghai, kNoon).has_value();
        const bool by_operator =
            facts.order == RelayOrder::off_by_operator || facts.order == RelayOrder::on_by_operator;
        if (decided.action == RelayAction::switch_off) {
            ++off;
            REQUIRE(used);
            REQUIRE_FALSE(facts.payment_under_way);
            REQUIRE_FALSE(stale);
            REQUIRE_FALSE(quiet);
            REQUIRE(facts.guard == UnitGuard::none);
            REQUIRE_FALSE(by_operator);
        }
        if (decided.action == RelayAction::switch_on) {
            ++on;
            REQUIRE((!used || facts.guard != UnitGuard::none));
            REQUIRE((facts.order == RelayOrder::off_by_us || facts.order == RelayOrder::on_by_us));
        }
        // Credit, and off by us: on, unless it was seen closed after the order.
        const bool seen_closed = facts.relay_closed == true && facts.relay_seen_at && facts.order_done &&
                                 *facts.relay_seen_at >= *facts.order_done;
        if (!used && facts.order == RelayOrder::off_by_us && !seen_closed) {
            REQUIRE(decided.action == RelayAction::switch_on);
        }
        REQUIRE((decided.level == AlarmLevel::arrears) == used);
        REQUIRE((decided.action == RelayAction::postpone) == (decided.why != PostponeReason::none));
        if (decided.again_at) {
            REQUIRE(*decided.again_at > kNoon);
            REQUIRE(*decided.again_at <= kNoon + 24h);
        }
    }
    CHECK(off > 100);
    CHECK(on > 100);
}
