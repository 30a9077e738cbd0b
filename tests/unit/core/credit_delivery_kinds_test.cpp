#include <catch2/catch.hpp>

#include "core/credit_delivery.hpp"
#include "unit/core/delivery_scenario.hpp"

using namespace wutong::core;
using namespace delivery_scenario;

TEST_CASE("open on an absolute meter", "[credit_delivery]") {
    check_scenario(R"(
        # whatever number it has
        new absolute_counted open 50 0
        7,3.10,1000,off    sending>write(1,50.00,50.00)
        ok                 unknown>look
        1,50.00,1000       delivered>done

        # without a first purchase
        new absolute_counted open 0 0
        0,0,1000,off       sending>write(0,0.00,0.00)
        ok                 unknown>look
        0,0,1000           delivered>done

        # 0 -> 0, lost: prepaid is still off
        new absolute_counted open 0 0
        0,0,1000,off       sending>write(0,0.00,0.00)
        silence            unknown>look
        0,0,1000,off       sending>write(0,0.00,0.00)
        silence            unknown>look
        0,0,1000           delivered>done

        # 1 -> 1: the balance decides
        new absolute_counted open 50 0
        1,3.10,1000        sending>write(1,50.00,50.00)
        silence            unknown>look
        1,3.10,1000        sending>write(1,50.00,50.00)
        silence            unknown>look
        1,49.99,1010       delivered>done

        # it holds already what it is to hold
        new absolute_counted open 50 0
        1,50.00,1000       sending>write(1,50.00,50.00)
        silence            unknown>look
        1,50.00,1000       delivered>done
        new absolute_counted open 50 0
        1,50.00,1000       sending>write(1,50.00,50.00)
        refused            unknown>look
        1,50.00,1000       refused>done

        # number and balance are there, but prepaid is not on
        new absolute_counted open 50 0
        7,3.10,1000,off    sending>write(1,50.00,50.00)
        ok                 unknown>look
        1,50.00,1000,off   quarantined>done
        reason             off

        # somebody switched it on, nothing else happened
        new absolute_counted open 50 0
        7,3.10,1000,off    sending>write(1,50.00,50.00)
        silence            unknown>look
        7,3.10,1000        sending>write(1,50.00,50.00)

        new absolute_counted open -1 0
        0,0,1000,off       refused>done
    )");
}

TEST_CASE("clear on an absolute meter", "[credit_delivery]") {
    check_scenario(R"(
        # the amount is known with the balance
        new absolute_counted clear 0 5
        9,42.17,1000       sending>write(0,0.00,-42.17)
        amount             -42.17
        silence            unknown>look
        9,42.00,1170       sending>write(0,0.00,-42.00)
        amount             -42.00
        ok                 unknown>look
        0,0,1170,off       delivered>done
        amount             -42.00

        # debt
        new absolute_counted clear 0 5
        5,-4.00,1000       sending>write(0,0.00,4.00)
        ok                 unknown>look
        0,0,1000,off       delivered>done
        amount             4.00

        # number 0 already: the balance decides
        new absolute_counted clear 0 0
        0,42.00,1000       sending>write(0,0.00,-42.00)
        silence            unknown>look
        0,42.00,1000       sending>write(0,0.00,-42.00)
        ok                 unknown>look
        0,0,1000,off       delivered>done

        # clear already: once more, because prepaid is still on, and then it is enough
        new absolute_counted clear 0 0
        0,0,1000           sending>write(0,0.00,0.00)
        ok                 unknown>look
        0,0,1000           sending>write(0,0.00,0.00)
        ok                 unknown>look
        0,0,1000           delivered>done
        new absolute_counted clear 0 0
        0,0,1000           sending>write(0,0.00,0.00)
        ok                 unknown>look
        0,0,1000,off       delivered>done
        new absolute_counted clear 0 0
        0,0,1000           sending>write(0,0.00,0.00)
        refused            unknown>look
        0,0,1000           refused>done

        new absolute_counted clear 0 5
        5,42.00,1000       sending>write(0,0.00,-42.00)
        ok                 unknown>look
        0,17.00,1000       quarantined>done
    )");
}

TEST_CASE("adding meters with a number", "[credit_delivery]") {
    check_scenario(R"(
        new added_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        6,112.00,1500      delivered>done

        new added_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        5,12.00,1500       sending>write(6,112.00,100.00)
        refused            unknown>look
        6,111.98,1500      delivered>done

        new added_counted top_up 100 5
        4,12.50,1000       quarantined>done

        # twice as much as ours
        new added_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        6,212.50,1000      quarantined>done

        new added_counted open 50 0
        3,0,1000           refused>done
        reason             clear
        new added_counted open 50 0
        0,1.00,1000        refused>done
        new added_counted open 50 0
        0,0,1000           sending>write(1,50.00,50.00)
        ok                 unknown>look
        1,50.00,1000       delivered>done

        # an opening without a purchase shows in nothing but prepaid
        new added_counted open 0 0
        0,0,1000,off       sending>write(0,0.00,0.00)
        silence            unknown>look
        0,0,1000,off       sending>write(0,0.00,0.00)
        silence            unknown>look
        0,0,1000           delivered>done

        new added_counted clear 0 5
        5,12.50,1000       sending>write(0,0.00,-12.50)
        ok                 unknown>look
        0,0,1000           delivered>done
    )");
}

TEST_CASE("meters that count nothing", "[credit_delivery]") {
    check_scenario(R"(
        # an opening that was lost: prepaid is still off, and nobody may be charged
        new uncounted open 0 0
        0,0,1000,off       sending>write(0,0.00,0.00)
        silence            unknown>look
        0,0,1000,off       quarantined>done
        new uncounted open 50 0
        0,0,1000,off       sending>write(1,50.00,50.00)
        ok                 unknown>look
        0,50.00,1000       delivered>done

        new uncounted top_up 100 0
        9,12.50,1000       sending>write(0,112.50,100.00)
        silence            unknown>look
        9,112.00,1500      delivered>done

        # never a second write by itself: the first may still arrive and add again
        new uncounted top_up 100 0
        0,12.50,1000       sending>write(0,112.50,100.00)
        silence            unknown>look
        0,12.50,1000       quarantined>done

        new uncounted top_up 100 0
        0,12.50,1000       sending>write(0,112.50,100.00)
        refused            unknown>look
        0,12.50,1000       refused>done

        # used about as much as was bought: it can be read either way
        new uncounted top_up 1 0
        0,12.50,1000       sending>write(0,13.50,1.00)
        silence            unknown>look
        0,12.40,2100       quarantined>done

        new uncounted clear 0 0
        0,0,1000           sending>write(0,0.00,0.00)
        ok                 unknown>look
        0,0,1000           delivered>done
    )");
}

TEST_CASE("events that can't happen are our bug", "[credit_delivery]") {
    const CreditRules rules = rules_of(CreditKind::absolute_counted);
    const auto [state, events] = GENERATE(table<std::string, std::string>({
        {"queued", "ok silence refused settle_yes"},
        {"sending", "5,0,0 settle_yes"},
        {"unknown", "ok silence refused settle_yes"},
        {"delivered", "5,0,0 no_look ok silence refused settle_yes"},
        {"refused", "5,0,0 no_look ok silence refused settle_yes"},
        {"quarantined", "5,0,0 no_look ok silence refused"},
    }));
    const auto rows = test::rows_of(events);
    for (const auto& event : rows.front()) {
        CAPTURE(state, event);
        CreditDelivery delivery;
        delivery.amount = parse_money("1");
        delivery.state = parse_delivery_state(state);
        CHECK_THROWS_AS(step(delivery, rules, event_of(event)), std::logic_error);
    }
    // A look settles what was written; an unknown delivery that has lost it can't be settled.
    CreditDelivery lost;
    lost.state = DeliveryState::unknown;
    CHECK_THROWS_AS(step(lost, rules, event_of("5,0,0")), std::logic_error);
    CreditRules nonsense = rules;
    nonsense.quantum = Money{0};
    CHECK_THROWS_AS(step({}, nonsense, Restarted{}), std::logic_error);
}

TEST_CASE("a finished delivery that meets a restart is only booked", "[credit_delivery]") {
    for (const auto state : {DeliveryState::delivered, DeliveryState::refused, DeliveryState::quarantined}) {
        CreditDelivery delivery;
        delivery.state = state;
        delivery.reason = "as it was";
        const DeliveryStep next = step(delivery, rules_of(CreditKind::absolute_counted), Restarted{});
        CHECK(std::holds_alternative<Done>(next.action));
        CHECK(next.delivery.state == state);
        CHECK(next.delivery.reason == "as it was");
    }
}

TEST_CASE("delivery words are read as they are written", "[credit_delivery]") {
    for (int i = 0; i <= static_cast<int>(DeliveryState::quarantined); ++i) {
        CHECK(parse_delivery_state(to_string(static_cast<DeliveryState>(i))) ==
              static_cast<DeliveryState>(i));
    }
    for (int i = 0; i <= static_cast<int>(DeliveryKind::clear); ++i) {
        CHECK(parse_delivery_kind(to_string(static_cast<DeliveryKind>(i))) == static_cast<DeliveryKind>(i));
    }
    for (int i = 0; i <= static_cast<int>(CreditKind::server_held); ++i) {
        CHECK(parse_credit_kind(to_string(static_cast<CreditKind>(i))) == static_cast<CreditKind>(i));
    }
    CHECK_THROWS_WITH(parse_delivery_kind("gift"), Catch::Contains("top_up"));
}
