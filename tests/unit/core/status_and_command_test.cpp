#include <catch2/catch.hpp>

#include "core/command.hpp"
#include "core/meter_status.hpp"
#include "unit/core/scenario.hpp"

using namespace wutong::core;

TEST_CASE("alarm level from the balance alone", "[status]") {
    for (const auto& row : test::rows_of(R"(
        # balance  alarm_1  alarm_2  overdraft  expect
        100        20       5        0          none
        20.01      20       5        0          none
        20         20       5        0          alarm_1
        5.01       20       5        0          alarm_1
        5          20       5        0          alarm_2
        0.01       20       5        0          alarm_2
        0          20       5        0          arrears
        -3         20       5        0          arrears
        0          20       5        10         alarm_2
        -9.99      20       5        10         alarm_2
        -10        20       5        10         arrears
        0.01       0        0        0          none
        -5         0        0        10         none
        3          20       0        0          alarm_1
    )")) {
        INFO(test::joined(row));
        CHECK(to_string(alarm_level(parse_money(row[0]), parse_money(row[1]), parse_money(row[2]),
                                    parse_money(row[3]))) == row[4]);
    }
}

TEST_CASE("what the wall shows, in its order of precedence", "[status]") {
    // facts: L lost, D delivering, A account, M monitoring only, F forced; relay: closed, open or unknown
    for (const auto& row : test::rows_of(R"(
        # facts  relay    alarm    expect
        LDAF     open     arrears  lost
        LM       -        none     lost
        MDAF     open     arrears  normal
        DAF      open     arrears  delivering
        AF       open     arrears  arrears
        AF       open     alarm_2  forced_off
        F        open     none     forced_off
        AF       closed   alarm_2  guaranteed
        AF       -        alarm_2  alarm_2
        A        open     alarm_2  alarm_2
        A        closed   alarm_1  alarm_1
        A        closed   none     normal
        A        open     none     normal
        -        closed   arrears  no_account
        -        -        none     no_account
    )")) {
        INFO(test::joined(row));
        const auto has = [&row](char flag) { return row[0].find(flag) != std::string::npos; };
        MeterFacts facts;
        facts.lost = has('L');
        facts.delivering = has('D');
        facts.has_account = has('A');
        facts.prepaid = !has('M');
        facts.forced = has('F');
        if (row[1] != "-") {
            facts.relay_closed = row[1] == "closed";
        }
        facts.alarm = row[2] == "arrears"   ? AlarmLevel::arrears
                      : row[2] == "alarm_2" ? AlarmLevel::alarm_2
                      : row[2] == "alarm_1" ? AlarmLevel::alarm_1
                                            : AlarmLevel::none;
        CHECK(to_string(meter_status(facts)) == row[3]);
    }
}

TEST_CASE("only the relay commands may overtake everything", "[command]") {
    CHECK(lane_of(CommandKind::switch_off) == Lane::control);
    CHECK(lane_of(CommandKind::guarantee_power) == Lane::control);
    CHECK(lane_of(CommandKind::restore_prepaid) == Lane::control);
    CHECK(lane_of(CommandKind::read_now) == Lane::read_now);
    CHECK(lane_of(CommandKind::set_price) == Lane::read_now);
    CHECK(lane_of(CommandKind::set_clock) == Lane::read_now);
    CHECK(Lane::control < Lane::credit);
    CHECK(Lane::credit < Lane::read_now);
}

TEST_CASE("command words are read as they are written", "[command]") {
    for (int i = 0; i <= static_cast<int>(CommandKind::set_clock); ++i) {
        CHECK(parse_command_kind(to_string(static_cast<CommandKind>(i))) == static_cast<CommandKind>(i));
    }
    for (int i = 0; i <= static_cast<int>(CommandState::cancelled); ++i) {
        CHECK(parse_command_state(to_string(static_cast<CommandState>(i))) == static_cast<CommandState>(i));
    }
    CHECK_THROWS_WITH(parse_command_kind("explode"),
                      Catch::Contains("\"explode\"") && Catch::Contains("switch_off"));
    CHECK_THROWS_AS(parse_command_state(""), std::invalid_argument);
    CHECK(std::string(to_string(Lane::catch_up)) == "catch_up");
}

TEST_CASE("the second sign is the next state in the order of precedence", "[status]") {
    MeterFacts facts;
    facts.has_account = true;
    CHECK_FALSE(second_status(facts));
    facts.alarm = AlarmLevel::alarm_1;
    CHECK(meter_status(facts) == MeterStatus::alarm_1);
    CHECK_FALSE(second_status(facts));
    facts.forced = true;
    facts.relay_closed = false;
    CHECK(meter_status(facts) == MeterStatus::forced_off);
    CHECK(second_status(facts) == MeterStatus::alarm_1);
    facts.alarm = AlarmLevel::arrears;
    CHECK(meter_status(facts) == MeterStatus::arrears);
    CHECK(second_status(facts) == MeterStatus::forced_off);
    facts.delivering = true;
    CHECK(second_status(facts) == MeterStatus::arrears);
    facts.lost = true;
    CHECK(meter_status(facts) == MeterStatus::lost);
    CHECK(second_status(facts) == MeterStatus::delivering);
    // Without an account the alarm is not looked at, and a monitoring meter is only ever lost.
    facts = {};
    facts.alarm = AlarmLevel::arrears;
    facts.forced = true;
    facts.relay_closed = true;
    CHECK(meter_status(facts) == MeterStatus::guaranteed);
    CHECK(second_status(facts) == MeterStatus::no_account);
    facts.prepaid = false;
    facts.lost = true;
    CHECK_FALSE(second_status(facts));
}
