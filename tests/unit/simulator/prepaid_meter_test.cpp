#include "simulator/prepaid_meter.hpp"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>

namespace wutong::simulator {
namespace {

using namespace std::chrono_literals;

constexpr core::Timestamp kStart{};
constexpr std::uint32_t kPrice = 9'500;  // 0.95 per kWh

struct Rig {
    std::int64_t watts = 0;
    PrepaidMeter meter;
    core::Timestamp now = kStart;

    explicit Rig(Scale price_scale = {}, std::int64_t drift_ppm = 0)
        : meter{[this](core::Timestamp at) {
                    return PrepaidMeter::Demand{watts, at + 24h};
                },
                price_scale, drift_ppm, kStart} {}

    void open(std::int64_t balance_cents, std::uint32_t price = kPrice) {
        meter.edit().price_e4 = {price, price, price, price};
        meter.set_prepaid(true);
        meter.set_balance_cents(balance_cents);
    }
    void run(std::chrono::microseconds span) {
        now += span;
        meter.advance(now);
    }
};

/// One action or expectation a line; see the cases below.
void check_scenario(const std::string& table) {
    Rig rig;
    std::istringstream lines{table};
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream words{line};
        std::string what;
        std::int64_t value = 0;
        if (!(words >> what) || what[0] == '#') {
            continue;
        }
        words >> value;
        INFO("line: " << line);
        auto& meter = rig.meter;
        if (what == "open_cents") {
            rig.open(value);
        } else if (what == "load_w") {
            rig.watts = value;
            meter.settle();
        } else if (what == "run_s") {
            rig.run(std::chrono::seconds{value});
        } else if (what == "write_balance_cents") {
            meter.set_balance_cents(value);
        } else if (what == "overdraft_cents") {
            meter.edit().overdraft_cents = static_cast<std::uint32_t>(value);
            meter.settle();
        } else if (what == "force_closed") {
            meter.set_forced(true, false);
        } else if (what == "force_open") {
            meter.set_forced(true, true);
        } else if (what == "follow_prepaid") {
            meter.set_forced(false, false);
        } else if (what == "overload_w") {
            meter.edit().overload_w = static_cast<std::uint16_t>(value);
            meter.set_load_control(true);
        } else if (what == "trips_allowed") {
            meter.edit().overload_trips_allowed = static_cast<std::uint16_t>(value);
        } else if (what == "reset_trips") {
            meter.reset_overload_trips();
        } else if (what == "dark_s") {
            meter.cut_power_until(rig.now + std::chrono::seconds{value});
        } else if (what == "expect_cents") {
            CHECK(meter.balance_cents() == value);
        } else if (what == "expect_mwh") {
            CHECK(meter.registers().energy_mwh == value);
        } else if (what == "expect_closed") {
            CHECK(meter.relay_closed() == (value == 1));
        } else if (what == "expect_load_w") {
            CHECK(meter.load_w() == value);
        } else if (what == "expect_arrears") {
            CHECK(meter.arrears() == (value == 1));
        } else if (what == "expect_trips") {
            CHECK(meter.registers().overload_trips == value);
        } else {
            FAIL("unknown word in scenario");
        }
    }
}

}  // namespace

TEST_CASE("meter: new from the factory it counts energy and charges nothing") {
    check_scenario(R"(
        expect_closed 1
        load_w 3600
        run_s 1000
        expect_mwh 1000000
        expect_cents 0
        expect_closed 1
        expect_arrears 0
    )");
}

TEST_CASE("meter: balance runs down by the price and trips at zero") {
    check_scenario(R"(
        load_w 3600            # 1 mWh a millisecond
        open_cents 95          # 0.95 pays for exactly 1 kWh = 1000 s
        run_s 999
        expect_closed 1
        expect_mwh 999000
        run_s 2
        expect_closed 0
        expect_arrears 1
        expect_mwh 1000000
        expect_load_w 0
        expect_cents 0
        # no consumption with an open relay
        run_s 100000
        expect_mwh 1000000
        # credit closes it again
        write_balance_cents 95
        expect_closed 1
        run_s 500
        expect_mwh 1500000
        expect_cents 47
    )");
}

TEST_CASE("meter: an overdraft moves the trip below zero") {
    check_scenario(R"(
        load_w 3600
        overdraft_cents 190
        open_cents 95
        run_s 2999
        expect_closed 1
        expect_cents -190
        run_s 2
        expect_closed 0
        expect_mwh 3000000
        expect_cents -190
        # less overdraft with the same balance keeps it open, more closes it
        overdraft_cents 100
        expect_closed 0
        overdraft_cents 191
        expect_closed 1
    )");
}

TEST_CASE("meter: forced states go before credit") {
    check_scenario(R"(
        load_w 3600
        open_cents 95
        force_open
        expect_closed 0
        run_s 100
        expect_mwh 0
        force_closed
        run_s 2000
        expect_closed 1
        expect_arrears 1
        expect_cents -95
        follow_prepaid
        expect_closed 0
        write_balance_cents 1
        expect_closed 1
    )");
}

TEST_CASE("meter: overload trips, closes again after a minute, and stays open in the end") {
    check_scenario(R"(
        open_cents 100000
        trips_allowed 2
        overload_w 5000
        load_w 5000
        run_s 10
        expect_closed 1
        load_w 5001
        expect_closed 0
        expect_trips 1
        run_s 59
        expect_trips 1
        run_s 1
        expect_trips 2
        run_s 60
        expect_trips 3
        run_s 3600
        expect_trips 3
        expect_closed 0
        load_w 100
        expect_closed 0
        reset_trips
        expect_closed 1
        expect_trips 0
        # forced closed goes before overload
        force_closed
        load_w 9000
        run_s 10
        expect_closed 1
        expect_trips 0
    )");
}

TEST_CASE("meter: without power it counts nothing and keeps everything") {
    check_scenario(R"(
        open_cents 1000
        load_w 3600
        run_s 100
        expect_mwh 100000
        dark_s 50
        run_s 40
        expect_mwh 100000
        expect_load_w 0
        run_s 20
        expect_mwh 110000
        expect_closed 1
    )");
}

TEST_CASE("meter: charges exactly, however time is cut into pieces") {
    Rig whole;
    Rig pieces;
    for (auto* rig : {&whole, &pieces}) {
        rig->watts = 4'321;
        rig->open(1'000'000, 12'345);
    }
    whole.run(7'777s + 777us);
    for (int i = 0; i < 7'777; ++i) {
        pieces.run(333'333us);
        pieces.run(666'667us);
    }
    pieces.run(777us);
    CHECK(pieces.meter.registers().energy_mwh == whole.meter.registers().energy_mwh);
    CHECK(pieces.meter.registers().energy_rest == whole.meter.registers().energy_rest);
    // 4321 W x 7777.000777 s / 3600 s/h, in mWh, rounded down
    CHECK(whole.meter.registers().energy_mwh == 9'334'561);
    CHECK(whole.meter.registers().cost_e10 == 9'334'561 * MoneyE10{12'345});
    CHECK(whole.meter.registers().balance_e10 == 1'000'000 * kE10PerCent - whole.meter.registers().cost_e10);
    CHECK(pieces.meter.registers().cost_e10 == whole.meter.registers().cost_e10);
}

TEST_CASE("meter: the trip never overshoots by more than one milliwatt-hour") {
    Rig rig;
    rig.watts = 100'000;
    rig.open(3);
    rig.run(1h);
    CHECK_FALSE(rig.meter.relay_closed());
    CHECK(rig.meter.registers().balance_e10 <= 0);
    CHECK(rig.meter.registers().balance_e10 > -MoneyE10{kPrice});
    CHECK(rig.meter.registers().cost_e10 == 3 * kE10PerCent - rig.meter.registers().balance_e10);
}

TEST_CASE("meter: the display rounds down, below zero too") {
    Rig rig;
    rig.meter.set_balance_e10(kE10PerCent * 5 - 1);
    CHECK(rig.meter.balance_cents() == 4);
    rig.meter.set_balance_e10(-1);
    CHECK(rig.meter.balance_cents() == -1);
    rig.meter.set_balance_e10(-kE10PerCent);
    CHECK(rig.meter.balance_cents() == -1);
}

TEST_CASE("meter: price scale multiplies what is charged, thousandths carried") {
    Rig rig{Scale{1}};  // a thousandth
    rig.watts = 3'600;
    rig.open(1000, 1);
    for (int i = 0; i < 2'500; ++i) {
        rig.run(1ms);  // 1 mWh each: a thousandth of 1e-10
    }
    CHECK(rig.meter.registers().energy_mwh == 2'500);
    CHECK(rig.meter.registers().cost_e10 == 2);
    CHECK(rig.meter.registers().cost_rest == 500);
}

TEST_CASE("meter: alarms need a threshold and prepaid") {
    Rig rig;
    rig.meter.edit().alarm_1_cents = 500;
    rig.meter.edit().alarm_2_cents = 100;
    CHECK_FALSE(rig.meter.alarm_1());
    struct Row {
        std::int64_t cents;
        bool alarm_1, alarm_2;
    };
    rig.open(10'000);
    for (const auto& row : {Row{501, false, false}, Row{500, true, false}, Row{101, true, false},
                            Row{100, true, true}, Row{0, true, true}}) {
        rig.meter.set_balance_cents(row.cents);
        CHECK(rig.meter.alarm_1() == row.alarm_1);
        CHECK(rig.meter.alarm_2() == row.alarm_2);
    }
    rig.meter.edit().alarm_1_cents = 0;
    CHECK_FALSE(rig.meter.alarm_1());
}

TEST_CASE("meter: the clock drifts from when it was set") {
    Rig rig{Scale{}, 20};
    rig.run(std::chrono::hours{1'000});
    CHECK(rig.meter.clock() - rig.now == 72s);  // 20 ppm of 3 600 000 s
    rig.meter.set_clock(rig.now);
    CHECK(rig.meter.clock() == rig.now);
}

TEST_CASE("meter: a forced meter at the end of its register stays there") {
    Rig rig;
    rig.watts = 10'000'000;
    rig.open(0, 4'000'000'000U);
    rig.meter.set_forced(true, false);
    rig.run(24h);
    CHECK(rig.meter.balance_cents() == -2'147'483'648LL);
}

TEST_CASE("meter: the last fifty writes are kept") {
    Rig rig;
    for (int i = 0; i < 60; ++i) {
        rig.meter.edit().purchase_number = static_cast<std::uint16_t>(i);
        rig.meter.note_write("money");
    }
    CHECK(rig.meter.writes().size() == 50);
    CHECK(rig.meter.writes().front().purchase_number == 10);
    CHECK(rig.meter.writes().back().purchase_number == 59);
}

}  // namespace wutong::simulator
