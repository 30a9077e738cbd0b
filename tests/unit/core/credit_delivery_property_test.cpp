#include <catch2/catch.hpp>
#include <vector>

#include "core/credit_delivery.hpp"
#include "unit/core/seeded.hpp"

using namespace wutong::core;
using test::Random;

namespace {

/// A meter in memory with exact figures inside and registers that show less.
struct Meter {
    CreditKind kind = CreditKind::absolute_counted;
    Price price{9'500};
    std::uint32_t number = 0;
    std::int64_t balance_e7 = 0;  ///< ten-millionths
    std::int64_t energy_wh = 0;
    std::int64_t cost_e7 = 0;   ///< all that was ever charged
    std::int64_t jumps_e7 = 0;  ///< all changes of the balance by writes
    bool prepaid = false;

    void use(std::int64_t wh) {
        energy_wh += wh;
        if (prepaid) {
            const std::int64_t cost = price.ten_thousandths_per_kwh() * wh;
            balance_e7 -= cost;
            cost_e7 += cost;
        }
    }

    [[nodiscard]] CreditLook look() const {
        constexpr std::int64_t kCent = 100'000;
        const std::int64_t cents =
            balance_e7 >= 0 ? balance_e7 / kCent : -((-balance_e7 + kCent - 1) / kCent);
        CreditLook look;
        look.purchase_number = kind == CreditKind::uncounted ? 0 : number;
        look.balance = Money::from_cents(cents);
        look.energy = Energy{energy_wh / 10 * 10};
        look.prepaid_enabled = prepaid;
        return look;
    }

    /// @return whether the meter takes it
    bool write(const CreditWrite& write, DeliveryKind delivery) {
        const std::int64_t before = balance_e7;
        if (kind == CreditKind::absolute_counted) {
            balance_e7 = write.balance.ten_thousandths() * 1'000;
            number = write.purchase_number;
        } else {
            const bool in_order = delivery == DeliveryKind::clear ? write.purchase_number == 0
                                                                  : write.purchase_number == number + 1;
            if (kind == CreditKind::added_counted && !in_order) {
                return false;
            }
            balance_e7 += write.amount.ten_thousandths() * 1'000;
            number = write.purchase_number;
        }
        if (delivery == DeliveryKind::open || delivery == DeliveryKind::clear) {
            prepaid = delivery == DeliveryKind::open;
        }
        jumps_e7 += balance_e7 - before;
        return true;
    }
};

/// What may go wrong on the way, in per cent of the exchanges.
struct Faults {
    int look_fails = 20;
    int request_lost = 15;
    int answer_lost = 15;
    int refused = 4;
    int refused_but_done = 3;
    int crash = 8;
    int late = 0;  ///< a frame that seemed lost comes later
};

struct Run {
    CreditDelivery delivery;
    int writes_taken = 0;
    std::int64_t used_cost_e7 = 0;  ///< charged between the first look and the last one
};

/// The collector's part: does what the machine says and reports what the world did to it.
Run deliver(Meter& meter, CreditDelivery delivery, const CreditRules& rules, const Faults& faults,
            Random& random) {
    constexpr int kStepsMax = 400;
    constexpr int kFaultyStepsMax = 150;  // after that the world is kind, so that every run has to end
    Run run;
    std::vector<CreditWrite> late;
    const std::int64_t cost_before = meter.cost_e7;
    DeliveryStep next = step(std::move(delivery), rules, Restarted{});
    for (int i = 0; i < kStepsMax; ++i) {
        const auto happens = [&](int percent) { return i < kFaultyStepsMax && random.chance(percent); };
        if (!late.empty() && random.chance(30)) {
            meter.write(late.back(), next.delivery.kind);
            late.pop_back();
        }
        if (std::holds_alternative<Done>(next.action)) {
            run.delivery = next.delivery;
            run.used_cost_e7 = meter.cost_e7 - cost_before;
            return run;
        }
        meter.use(random.between(0, random.chance(80) ? 3 : 400));
        if (const auto* write = std::get_if<Write>(&next.action)) {
            if (happens(faults.crash)) {  // stored, never sent
                next = step(next.delivery, rules, Restarted{});
            } else if (happens(faults.late)) {
                late.push_back(write->write);
                next = step(next.delivery, rules, WriteUnanswered{});
            } else if (happens(faults.request_lost)) {
                next = step(next.delivery, rules, WriteUnanswered{});
            } else if (happens(faults.refused)) {
                next = step(next.delivery, rules, WriteRefused{"exception 06"});
            } else {
                const bool taken = meter.write(write->write, next.delivery.kind);
                run.writes_taken += taken ? 1 : 0;
                if (!taken || happens(faults.refused_but_done)) {
                    next = step(next.delivery, rules, WriteRefused{"exception 03"});
                } else if (happens(faults.answer_lost)) {
                    next = step(next.delivery, rules, WriteUnanswered{});
                } else if (happens(faults.crash)) {
                    next = step(next.delivery, rules, Restarted{});
                } else {
                    next = step(next.delivery, rules, WriteAnswered{});
                }
            }
        } else if (happens(faults.crash)) {
            next = step(next.delivery, rules, Restarted{});
        } else if (happens(faults.look_fails)) {
            next = step(next.delivery, rules, LookFailed{});
        } else {
            next = step(next.delivery, rules, Looked{meter.look()});
        }
    }
    FAIL("a delivery neither ends nor waits");
    return run;
}

CreditRules rules_for(const Meter& meter) {
    CreditRules rules;
    rules.kind = meter.kind;
    rules.price = meter.price;
    return rules;
}

Meter meter_with(CreditKind kind, Random& random) {
    Meter meter;
    meter.kind = kind;
    meter.price = Price{random.between(1'000, 20'000)};
    meter.number = static_cast<std::uint32_t>(random.between(0, 9));
    meter.balance_e7 = random.between(0, 5'000'000'000);
    meter.energy_wh = random.between(0, 10'000'000);
    meter.prepaid = true;
    return meter;
}

constexpr std::int64_t kCentE7 = 100'000;

/// What the writes did to the meter is the amount, plus at most what was used while an absolute balance was
/// under way.
void check_sum(const Run& run, const Meter& meter) {
    const std::int64_t amount = run.delivery.amount.ten_thousandths() * 1'000;
    const bool applied = run.delivery.state == DeliveryState::delivered;
    CAPTURE(to_string(run.delivery.state), run.delivery.reason, amount, meter.jumps_e7, run.used_cost_e7);
    if (applied) {
        REQUIRE(meter.jumps_e7 >= amount - 2 * kCentE7);
        REQUIRE(meter.jumps_e7 <= amount + run.used_cost_e7 + 2 * kCentE7);
        return;
    }
    if (run.delivery.state == DeliveryState::refused) {
        REQUIRE(run.writes_taken == 0);
        REQUIRE(meter.jumps_e7 == 0);
    }
}

}  // namespace

TEST_CASE("whatever is lost on the way, credit is on the meter once or not at all",
          "[credit_delivery][property]") {
    WUTONG_SHOW_SEED();
    Random random{test::seed_of_run()};
    const auto kind =
        GENERATE(CreditKind::absolute_counted, CreditKind::added_counted, CreditKind::uncounted);
    int delivered = 0;
    int quarantined = 0;
    for (int i = 0; i < 6'000; ++i) {
        CAPTURE(i, to_string(kind));
        Meter meter = meter_with(kind, random);
        CreditDelivery delivery;
        const bool refund = random.chance(25);
        delivery.kind = refund ? DeliveryKind::refund : DeliveryKind::top_up;
        // Well above what can be used meanwhile, so that "twice" can't hide behind consumption.
        const std::int64_t cents = random.between(500'000, 2'000'000);
        delivery.amount = Money::from_cents(refund ? -cents : cents);
        if (refund) {
            meter.balance_e7 = (cents + random.between(0, 1'000'000)) * kCentE7;
        }
        delivery.number_before = kind == CreditKind::uncounted ? 0 : meter.number;
        const Run run = deliver(meter, delivery, rules_for(meter), {}, random);
        check_sum(run, meter);
        REQUIRE(run.writes_taken <= 1);
        REQUIRE((run.delivery.state == DeliveryState::delivered) == (run.writes_taken == 1));
        delivered += run.delivery.state == DeliveryState::delivered ? 1 : 0;
        quarantined += run.delivery.state == DeliveryState::quarantined ? 1 : 0;
    }
    CHECK(delivered > 3'000);
    // Without somebody else at the meter the only way there is a meter that never takes the write.
    CHECK(quarantined < (kind == CreditKind::uncounted ? 3'000 : 300));
}

TEST_CASE("a frame that comes late never makes a sale count twice unnoticed", "[credit_delivery][property]") {
    WUTONG_SHOW_SEED();
    Random random{test::seed_of_run()};
    const auto kind =
        GENERATE(CreditKind::absolute_counted, CreditKind::added_counted, CreditKind::uncounted);
    Faults faults;
    faults.late = 30;
    int delivered = 0;
    for (int i = 0; i < 6'000; ++i) {
        CAPTURE(i, to_string(kind));
        Meter meter = meter_with(kind, random);
        CreditDelivery delivery;
        delivery.amount = Money::from_cents(random.between(500'000, 2'000'000));
        delivery.number_before = kind == CreditKind::uncounted ? 0 : meter.number;
        const Run run = deliver(meter, delivery, rules_for(meter), faults, random);
        if (run.delivery.state == DeliveryState::delivered) {
            check_sum(run, meter);
            ++delivered;
        }
    }
    CHECK(delivered > 2'000);
}

TEST_CASE("a life of a meter: open, many purchases, clear", "[credit_delivery][property]") {
    WUTONG_SHOW_SEED();
    Random random{test::seed_of_run()};
    int lives_to_the_end = 0;
    for (int i = 0; i < 2'000; ++i) {
        CAPTURE(i);
        Meter meter = meter_with(CreditKind::absolute_counted, random);
        meter.prepaid = random.chance(30);
        const CreditRules rules = rules_for(meter);
        const std::int64_t balance_at_start = meter.balance_e7;

        CreditDelivery open;
        open.kind = DeliveryKind::open;
        open.amount = Money::from_cents(random.chance(30) ? 0 : random.between(1, 100'000));
        open.number_before = 0;
        Run run = deliver(meter, open, rules, {}, random);
        if (run.delivery.state != DeliveryState::delivered) {
            continue;
        }
        std::uint32_t number = open.amount > Money{0} ? 1 : 0;
        REQUIRE(meter.prepaid);
        REQUIRE(meter.number == number);
        REQUIRE(meter.balance_e7 <= open.amount.ten_thousandths() * 1'000 + kCentE7);

        // From here on the sums have to match: what was paid is on the meter or was used, cent by cent.
        const std::int64_t balance_opened = meter.balance_e7;
        const std::int64_t cost_opened = meter.cost_e7;
        std::int64_t paid_e7 = 0;
        int purchases = 0;
        bool stopped = false;
        for (int sale = 0; sale < 6 && !stopped; ++sale) {
            CreditDelivery top_up;
            top_up.amount = Money::from_cents(random.between(1, 50'000));
            top_up.number_before = number;
            run = deliver(meter, top_up, rules, {}, random);
            stopped = run.delivery.state == DeliveryState::quarantined;
            if (run.delivery.state == DeliveryState::delivered) {
                ++number;
                ++purchases;
                paid_e7 += top_up.amount.ten_thousandths() * 1'000;
                REQUIRE(meter.number == number);
            }
            meter.use(random.between(0, 50'000));
        }
        if (stopped) {
            continue;
        }
        const std::int64_t used_e7 = meter.cost_e7 - cost_opened;
        const std::int64_t forgiven_e7 = meter.balance_e7 - (balance_opened + paid_e7 - used_e7);
        CAPTURE(balance_at_start, paid_e7, used_e7, purchases);
        REQUIRE(forgiven_e7 >= -2 * kCentE7 * (purchases + 1));
        REQUIRE(forgiven_e7 <= used_e7 + kCentE7 * (purchases + 1));

        CreditDelivery clear;
        clear.kind = DeliveryKind::clear;
        clear.number_before = number;
        run = deliver(meter, clear, rules, {}, random);
        if (run.delivery.state == DeliveryState::delivered) {
            REQUIRE(run.delivery.amount == -run.delivery.before->balance);
            REQUIRE(meter.number == 0);
            REQUIRE(meter.balance_e7 == 0);  // prepaid is off with it, so nothing runs down any more
            ++lives_to_the_end;
        }
    }
    CHECK(lives_to_the_end > 500);
}

TEST_CASE("somebody else writes between our write and our look: it stops, always",
          "[credit_delivery][property]") {
    WUTONG_SHOW_SEED();
    Random random{test::seed_of_run()};
    for (int i = 0; i < 5'000; ++i) {
        CAPTURE(i);
        Meter meter = meter_with(CreditKind::absolute_counted, random);
        CreditDelivery delivery;
        delivery.amount = Money::from_cents(random.between(100, 100'000));
        delivery.number_before = meter.number;
        const CreditRules rules = rules_for(meter);
        DeliveryStep next = step(delivery, rules, Looked{meter.look()});
        const CreditWrite ours = std::get<Write>(next.action).write;
        meter.write(ours, delivery.kind);

        CreditWrite foreign = ours;
        const bool other_number = random.chance(50);
        if (other_number) {
            foreign.purchase_number += static_cast<std::uint32_t>(random.between(1, 5));
        }
        if (!other_number || random.chance(50)) {
            // By more than the tolerance: two quanta and what 10 Wh cost.
            foreign.balance += Money::from_cents(random.between(5, 10'000) * (random.chance(50) ? 1 : -1));
        }
        meter.write(foreign, delivery.kind);
        const DeliveryEvent end =
            random.chance(50) ? DeliveryEvent{WriteAnswered{}} : DeliveryEvent{WriteUnanswered{}};
        next = step(next.delivery, rules, end);
        next = step(next.delivery, rules, Looked{meter.look()});
        // A foreign balance that happens to be the one before our write is "never arrived" only with the old
        // number.
        REQUIRE(next.delivery.state == DeliveryState::quarantined);
        REQUIRE_FALSE(next.delivery.reason.empty());
    }
}
