#include "core/credit_delivery.hpp"

#include <catch2/catch.hpp>

#include "unit/core/scenario.hpp"

using namespace wutong::core;

namespace {

CreditRules rules_of(CreditKind kind) {
    CreditRules rules;
    rules.kind = kind;
    rules.price = Price{10'000};  // 1.00 per kWh: 10 Wh cost 0.01
    rules.balance_max = parse_money("1000");
    rules.attempts_max = 3;
    return rules;
}

/// "number,balance,energy[,off]": what the meter says. Energy in watt-hours.
CreditLook look_of(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream stream{text};
    for (std::string part; std::getline(stream, part, ',');) {
        parts.push_back(part);
    }
    REQUIRE(parts.size() >= 3);
    CreditLook look;
    look.purchase_number = static_cast<std::uint32_t>(std::stoul(parts[0]));
    look.balance = parse_money(parts[1]);
    look.energy = Energy{std::stoll(parts[2])};
    look.prepaid_enabled = parts.size() == 3;
    return look;
}

DeliveryEvent event_of(const std::string& text) {
    if (text == "restarted") {
        return Restarted{};
    }
    if (text == "no_look") {
        return LookFailed{};
    }
    if (text == "ok") {
        return WriteAnswered{};
    }
    if (text == "refused") {
        return WriteRefused{"exception 03"};
    }
    if (text == "silence") {
        return WriteUnanswered{};
    }
    if (text == "settle_yes") {
        return OperatorSettled{true, "seen on the display"};
    }
    if (text == "settle_no") {
        return OperatorSettled{false, "not on the display"};
    }
    return Looked{look_of(text)};
}

/// State and action in one word; a write with what it carries.
std::string outcome_of(const DeliveryStep& step) {
    std::string text = std::string(to_string(step.delivery.state)) + ">";
    if (const auto* write = std::get_if<Write>(&step.action)) {
        return text + "write(" + std::to_string(write->write.purchase_number) + "," +
               to_string(write->write.balance) + "," + to_string(write->write.amount) + ")";
    }
    return text + (std::holds_alternative<Look>(step.action)       ? "look"
                   : std::holds_alternative<TryLater>(step.action) ? "later"
                                                                   : "done");
}

/// One line per event: event, expected state and action. "new KIND DELIVERY AMOUNT NUMBER_BEFORE" starts
/// afresh; "reason WORD" and "amount X" look at the delivery as it is.
void check_scenario(const std::string& table) {
    CreditRules rules;
    CreditDelivery delivery;
    for (const auto& row : test::rows_of(table)) {
        INFO(test::joined(row));
        if (row[0] == "new") {
            rules = rules_of(parse_credit_kind(row[1]));
            delivery = {};
            delivery.kind = parse_delivery_kind(row[2]);
            delivery.amount = parse_money(row[3]);
            delivery.number_before = static_cast<std::uint32_t>(std::stoul(row[4]));
        } else if (row[0] == "reason") {
            CHECK_THAT(delivery.reason, Catch::Contains(row[1]));
        } else if (row[0] == "amount") {
            CHECK(to_string(delivery.amount) == row[1]);
        } else {
            const DeliveryStep next = step(delivery, rules, event_of(row[0]));
            CHECK(outcome_of(next) == row[1]);
            delivery = next.delivery;
        }
    }
}

}  // namespace

TEST_CASE("top-up on an absolute meter", "[credit_delivery]") {
    check_scenario(R"(
        # the plain way: 0.02 were used in between
        new absolute_counted top_up 100 5
        restarted          queued>look
        5,12.50,1000       sending>write(6,112.50,100.00)
        ok                 unknown>look
        6,112.48,1020      delivered>done

        # the meter is away before anything was written
        new absolute_counted top_up 100 5
        no_look            queued>later
        no_look            queued>later
        5,0,0              sending>write(6,100.00,100.00)

        # request lost: what was used meanwhile is in the new balance
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        no_look            unknown>later
        5,12.00,1500       sending>write(6,112.00,100.00)
        ok                 unknown>look
        6,112.00,1500      delivered>done

        # answer lost: the look finds it, nothing is written twice
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        6,112.40,1100      delivered>done

        # collector died right after storing; whether the frame went out is not known
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        restarted          unknown>look
        restarted          unknown>look
        6,112.50,1000      delivered>done

        # a balance below zero is topped up like any other
        new absolute_counted top_up 10 1
        1,-3.20,1000       sending>write(2,6.80,10.00)
        ok                 unknown>look
        2,6.80,1000        delivered>done
    )");
}

TEST_CASE("top-up: what can't be explained stops", "[credit_delivery]") {
    check_scenario(R"(
        # somebody else has bought on the meter
        new absolute_counted top_up 100 5
        7,12.50,1000       quarantined>done
        reason             5
        reason             7
        settle_no          refused>done
        reason             display

        # our number, but not our balance
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        ok                 unknown>look
        6,50.00,1000       quarantined>done
        reason             112.50
        reason             50.00
        settle_yes         delivered>done

        # a late first frame: our number, but the balance of the older look
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        5,12.00,1500       sending>write(6,112.00,100.00)
        silence            unknown>look
        6,112.50,1500      quarantined>done

        # more gone than the energy register explains
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        ok                 unknown>look
        6,112.47,1000      quarantined>done

        # the energy register went backwards: another meter
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        ok                 unknown>look
        6,112.50,990       quarantined>done

        # a number that is neither, and a number that is ours without the money, whatever the balance says
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        7,12.50,1000       quarantined>done
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        6,12.50,1000       quarantined>done

        # number as before, balance not: written by somebody who leaves the number alone
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        5,80.00,1000       quarantined>done

        # never taken: an operator has to look after attempts_max writes
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        5,12.50,1000       sending>write(6,112.50,100.00)
        silence            unknown>look
        5,12.50,1000       quarantined>done
        reason             3
    )");
}

TEST_CASE("the tolerance is one quantum and what the energy register does not show yet",
          "[credit_delivery]") {
    // 100.00 written; price 1.00: up to 10 Wh unseen cost 0.01, one quantum is 0.01
    const CreditLook before = look_of("5,0.00,1000");
    const CreditWrite write{6, parse_money("100"), parse_money("100")};
    const CreditRules rules = rules_of(CreditKind::absolute_counted);
    for (const auto& row : test::rows_of(R"(
        6,100.00,1000  yes
        6,100.01,1000  yes
        6,100.02,1000  no
        6,99.98,1000   yes
        6,99.97,1000   no
        6,99.50,1480   yes
        6,99.49,1480   no
        6,100.00,1480  yes
        5,100.00,1000  no
        7,100.00,1000  no
        6,100.00,999   no
    )")) {
        INFO(test::joined(row));
        CHECK(explained(before, look_of(row[0]), write, rules) == (row[1] == "yes"));
    }
    CreditLook absurd = look_of("6,100.00,1000");
    absurd.energy = Energy{9'000'000'000'000'000'000};
    CHECK_FALSE(explained(before, absurd, write, rules));
}

TEST_CASE("a refusal is believed only after a look", "[credit_delivery]") {
    check_scenario(R"(
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        refused            unknown>look
        no_look            unknown>later
        restarted          unknown>look
        5,12.50,1000       refused>done
        reason             03

        # it said no and did it all the same
        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        refused            unknown>look
        6,112.50,1000      delivered>done

        new absolute_counted top_up 100 5
        5,12.50,1000       sending>write(6,112.50,100.00)
        refused            unknown>look
        6,40.00,1000       quarantined>done
        reason             03
    )");
}

TEST_CASE("limits of the meter are known before anything is written", "[credit_delivery]") {
    check_scenario(R"(
        new absolute_counted top_up 900 5
        5,100.00,0         sending>write(6,1000.00,900.00)
        new absolute_counted top_up 900.01 5
        5,100.00,0         refused>done
        reason             1000.01
        new absolute_counted top_up 922337203685477.58 5
        5,100.00,0         refused>done
        new absolute_counted refund -922337203685477.58 5
        5,100.00,0         refused>done
        new absolute_counted refund -100 5
        5,100.00,0         sending>write(6,0.00,-100.00)
        new absolute_counted refund -100.01 5
        5,100.00,0         refused>done
        reason             100.00
        new absolute_counted refund 10 5
        5,100.00,0         refused>done
        new absolute_counted top_up -10 5
        5,100.00,0         refused>done
        new absolute_counted top_up 0 5
        5,100.00,0         refused>done
        new absolute_counted top_up 0.005 5
        5,100.00,0         refused>done
        reason             0.01
        new absolute_counted reversal -40 5
        5,100.00,0         sending>write(6,60.00,-40.00)
        new absolute_counted top_up 10 65535
        65535,100.00,0     refused>done
        reason             65535
        new none top_up 10 5
        restarted          refused>done
        new server_held top_up 10 5
        restarted          delivered>done
    )");
}

TEST_CASE("refund: the balance may fall below it while we wait", "[credit_delivery]") {
    check_scenario(R"(
        new absolute_counted refund -10 5
        5,10.00,1000       sending>write(6,0.00,-10.00)
        silence            unknown>look
        5,9.00,2000        refused>done
        reason             9.00
    )");
}

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

        new added_counted clear 0 5
        5,12.50,1000       sending>write(0,0.00,-12.50)
        ok                 unknown>look
        0,0,1000           delivered>done
    )");
}

TEST_CASE("meters that count nothing", "[credit_delivery]") {
    check_scenario(R"(
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
