#include "framed_street.hpp"

/// IEC 62056-21 meters, read through the collector's own lines.
namespace wutong::tests {

TEST_CASE("framed meters: two IEC 62056-21 meters behind a serial server, by address", "[field][framed]") {
    Street street;
    const auto single = meter_of("iec62056-1ph", "202600000007");
    const auto three = meter_of("iec62056-3ph", "202600000008");
    on_line(street.link("readout"), [&](ModbusClient& client, Yield yield) {
        LineBus bus{client, yield};
        const auto one = read_groups(bus, single, {Group::state});
        INFO(one.reason);
        REQUIRE(one.answered());
        CHECK(bus.exchanges == 1);  // sign-on, acknowledgement and data belong together
        CHECK(one.value(Quantity::energy_total));
        CHECK(one.value(Quantity::voltage_a).value_or(0) > 200'000);
        CHECK_FALSE(one.value(Quantity::voltage_c));
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(bus.now().time_since_epoch()).count();
        if (one.value(Quantity::clock)) {  // left out in the first minute of a day
            CHECK(std::abs(*one.value(Quantity::clock) - (now + 8 * 3'600)) < 600);
        }
        LineBus other{client, yield};
        const auto all = read_groups(other, three, kAll);
        INFO(all.reason);
        REQUIRE(all.answered());
        CHECK(all.value(Quantity::voltage_c).value_or(0) > 200'000);
        CHECK(all.value(Quantity::frequency).value_or(0) > 49'000);
        // Zeros in front don't count; a probe is the sign-on alone, and a read-out after it is none the
        // worse.
        CHECK(driver_of(*three.profile).probe(other, meter_of("iec62056-3ph", "000202600000008")).answered());
        CHECK(read_groups(bus, single, {Group::state}).answered());
        // Only read: what can't be done is said, and nothing is sent.
        const int before = bus.exchanges;
        const auto relay = driver_of(*single.profile).switch_relay(bus, single, RelayOrder::open);
        CHECK(relay.kind == BusReply::Kind::refused);
        CHECK_THAT(relay.reason, Catch::Matchers::Contains("can't be switched from here"));
        CHECK(bus.exchanges == before);
    });
}

TEST_CASE("framed meters: an IEC 62056-21 meter on a port that changes from 300 to 9600 baud",
          "[field][framed]") {
    Street street;
    const auto meter = meter_of("iec62056-3ph", "202600000009");
    on_line(street.link("optical"), [&](ModbusClient& client, Yield yield) {
        LineBus bus{client, yield};
        // The simulated meter hears and is heard at its own speed alone; a busy machine may need another try.
        MeterReadout readout;
        for (int i = 0; i < 4 && !readout.answered(); ++i) {
            readout = read_groups(bus, meter, {Group::state});
        }
        INFO(readout.reason);
        REQUIRE(readout.answered());
        CHECK(readout.value(Quantity::voltage_c).value_or(0) > 200'000);
        // The port is at 300 again for the next sign-on, whatever the channel's own speed is.
        BusReply again;
        for (int i = 0; i < 4 && !again.answered(); ++i) {
            again = driver_of(*meter.profile).probe(bus, meter);
        }
        CHECK(again.answered());
    });
}

}  // namespace wutong::tests
