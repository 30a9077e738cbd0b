#include "core/credit_delivery.hpp"

#include <catch2/catch.hpp>

#include "unit/core/delivery_scenario.hpp"

using namespace wutong::core;
using namespace delivery_scenario;

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
