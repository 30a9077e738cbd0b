#include "collector/commands/relay_command.hpp"
#include "collector/drivers/dlms_client.hpp"
#include "collector/service/probe.hpp"
#include "framed_street.hpp"

/// DLMS, CJ/T 188 and DL/T 645 meters, read and switched through the collector's own lines.
namespace wutong::tests {
namespace {

void read_and_switch(LineBus& bus, const FieldMeter& meter, int phases) {
    const auto readout = read_groups(bus, meter, kAll);
    INFO(readout.reason);
    REQUIRE(readout.answered());
    CHECK(readout.value(Quantity::energy_total));
    CHECK(readout.value(Quantity::relay_closed) == 1);
    CHECK(readout.value(Quantity::voltage_a).value_or(0) > 200'000);
    CHECK(readout.value(Quantity::frequency).value_or(0) > 49'000);
    CHECK(readout.values.contains(Quantity::voltage_c) == (phases == 3));
    // Wall clock of the meter, read as if it were UTC.
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(bus.now().time_since_epoch()).count();
    CHECK(std::abs(readout.value(Quantity::clock).value_or(0) - (now + 8 * 3'600)) < 600);

    const int before = bus.exchanges;
    CHECK(read_groups(bus, meter, {Group::state}).answered());
    CHECK(bus.exchanges == before + 1);  // association and scalers are kept, one question for five objects

    auto relay = set_relay(bus, meter, RelayOrder::open, kMaySend);
    CHECK(relay.reason.empty());
    CHECK(relay.readout.value(Quantity::relay_closed) == 0);
    relay = set_relay(bus, meter, RelayOrder::follow_credit, kMaySend);
    CHECK(relay.reason.empty());
    CHECK(relay.readout.value(Quantity::relay_closed) == 1);

    const auto& driver = driver_of(*meter.profile);
    CHECK(driver.read_clock(bus, meter).answered());
    const auto history = driver.read_history(bus, meter, bus.now() - 1h, bus.now());
    INFO(history.reason);
    CHECK(history.answered());  // a meter just switched on has kept nothing yet
    CHECK(driver.set_clock(bus, meter, {2030, 1, 2, 3, 4, 5}).answered());
    constexpr std::int64_t kSet = 1'893'553'445;  // 2030-01-02 03:04:05
    const auto clock = read_groups(bus, meter, kAll).value(Quantity::clock).value_or(0);
    CHECK(clock >= kSet);
    CHECK(clock < kSet + 60);
    CHECK(driver.probe(bus, meter).answered());
    bus.later += 60s;  // what was kept is too old now
    CHECK(read_groups(bus, meter, {Group::state}).answered());
}

}  // namespace

TEST_CASE("framed meters: two DLMS meters on one serial line, with a password", "[field][framed]") {
    Street street;
    auto single = meter_of("dlms-1ph", "17");
    auto three = meter_of("dlms-3ph", "200");
    on_line(street.link("serial"), [&](ModbusClient& client, Yield yield) {
        LineBus single_bus{client, yield};
        LineBus three_bus{client, yield};
        // Without a password nothing is sent.
        const auto refused = read_groups(single_bus, single, kAll);
        CHECK(refused.kind == BusReply::Kind::refused);
        CHECK_THAT(refused.reason, Catch::Matchers::Contains("no password for meter dlms-1ph"));
        CHECK(single_bus.exchanges == 0);

        single.dlms = three.dlms = dlms_secret();
        read_and_switch(single_bus, single, 1);
        read_and_switch(three_bus, three, 3);

        FieldMeter stranger = single;
        stranger.dlms->password = {'w', 'r', 'o', 'n', 'g'};
        LineBus stranger_bus{client, yield};
        const auto rejected = read_groups(stranger_bus, stranger, kAll);
        CHECK(rejected.kind == BusReply::Kind::refused);
        CHECK_THAT(rejected.reason, Catch::Matchers::Contains("authentication failure"));
        // The stranger has taken our connection: that is noticed, and the next look opens a new one.
        static_cast<void>(read_groups(single_bus, single, {Group::state}));
        CHECK(read_groups(single_bus, single, {Group::state}).answered());
    });
}

TEST_CASE("framed meters: a DLMS meter in the TCP wrapper, with GMAC and ciphering", "[field][framed]") {
    Street street;
    auto meter = meter_of("dlms-3ph-tcp", "1");
    meter.dlms = dlms_secret();
    const auto session = std::make_shared<DlmsSession>();
    std::uint32_t used = 0;
    on_line(street.link("tcp"), [&](ModbusClient& client, Yield yield) {
        LineBus bus{client, yield};
        bus.session() = session;
        read_and_switch(bus, meter, 3);
        used = session->talk->counter();
        CHECK(used >= counter_floor(bus.now() - 1h));
    });
    // A collector that starts anew knows nothing, and goes on above.
    on_line(street.link("tcp"), [&](ModbusClient& client, Yield yield) {
        LineBus bus{client, yield};
        const auto fresh = std::make_shared<DlmsSession>();
        bus.session() = fresh;
        CHECK(read_groups(bus, meter, {Group::state}).answered());
        CHECK(fresh->talk->counter() > used);
        // Somebody else's counter ran ahead: the meter says so, and is asked again.
        session->talk.reset();
        session->counter = fresh->talk->counter() + 1'000'000;
        session->counter_known = true;
        LineBus ahead{client, yield};
        ahead.session() = session;
        CHECK(read_groups(ahead, meter, {Group::state}).answered());
        CHECK(read_groups(bus, meter, {Group::state}).answered());
        FieldMeter without = meter;
        without.dlms->keys->authentication[0] ^= 1;
        LineBus other{client, yield};
        CHECK(read_groups(other, without, {Group::state}).kind != BusReply::Kind::answered);
    });
}

TEST_CASE("framed meters: a water meter, its litres and its valve", "[field][framed]") {
    Street street;
    const auto meter = meter_of("cjt188-valve-water", "78332600000003");
    on_line(street.link("water"), [&](ModbusClient& client, Yield yield) {
        LineBus bus{client, yield};
        const auto readout = read_groups(bus, meter, kAll);
        INFO(readout.reason);
        REQUIRE(readout.answered());
        CHECK(readout.value(Quantity::volume_total).value_or(-1) % 10 == 0);
        CHECK_FALSE(readout.value(Quantity::energy_total));
        CHECK(readout.value(Quantity::relay_closed) == 1);
        CHECK(readout.value(Quantity::battery_flag) == 0);
        CHECK(readout.value(Quantity::clock));
        // The motor runs for three seconds; the answer comes before.
        const auto relay = set_relay(bus, meter, RelayOrder::open, kMaySend);
        CHECK(relay.reason.empty());
        CHECK(relay.readout.value(Quantity::relay_closed) == 0);
        CHECK(driver_of(*meter.profile).probe(bus, meter).answered());
    });
}

TEST_CASE("framed meters: a DL/T 645 meter without a security module takes purchases", "[field][framed]") {
    Street street;
    auto meter = meter_of("dlt645-purse-1ph", "202600000001");
    const auto module = meter_of("dlt645-relay-1ph", "202600000001");
    on_line(street.link("purse"), [&](ModbusClient& client, Yield yield) {
        const auto& driver = driver_of(*meter.profile);
        LineBus bus{client, yield};
        const auto buy = [&](std::uint32_t number, core::Money amount, bool opens) {
            PrepaidSettings settings;
            if (opens) {
                settings.prepaid_enabled = true;
            }
            const auto prepared =
                driver.prepare_money(meter, settings, {}, core::CreditWrite{number, amount, amount});
            REQUIRE(std::holds_alternative<PreparedWrite>(prepared));
            return std::get<PreparedWrite>(prepared)(bus);
        };
        const auto held = [&] { return read_groups(bus, meter, {Group::state}); };
        CHECK(held().value(Quantity::purchase_number) == 0);
        CHECK(driver.read_firmware(bus, meter).version == "SIM645 3.2");
        CHECK(buy(1, core::Money{500'000}, true).answered());
        CHECK(buy(2, core::Money{250'000}, false).answered());
        auto now = held();
        INFO(now.reason);
        CHECK(now.value(Quantity::purchase_number) == 2);
        CHECK(now.value(Quantity::balance).value_or(0) > 740'000);
        CHECK(now.value(Quantity::balance).value_or(0) <= 750'000);
        // The same once more, and a number too far ahead: the meter refuses, nothing has moved.
        CHECK(buy(2, core::Money{250'000}, false).kind == BusReply::Kind::refused);
        CHECK(buy(4, core::Money{250'000}, false).kind == BusReply::Kind::refused);
        CHECK(held().value(Quantity::balance).value_or(0) <= 750'000);

        const auto back = driver.prepare_money(meter, {}, {}, core::CreditWrite{3, {}, core::Money{-100}});
        CHECK_THAT(std::get<DialectFault>(back).reason, Catch::Matchers::Contains("can't be taken back"));
        PrepaidSettings price;
        price.price = core::Price{6'000};
        meter.secret = MeterSecret{2, 0, 0};
        CHECK_THAT(std::get<DialectFault>(driver.prepare_money(meter, price, {}, std::nullopt)).reason,
                   Catch::Matchers::Contains("maker's tool"));
        CHECK_THAT(std::get<DialectFault>(
                       driver.prepare_money(module, {}, {}, core::CreditWrite{3, {}, core::Money{100}}))
                       .reason,
                   Catch::Matchers::Contains("can't be given credit"));
    });
}

TEST_CASE("framed meters: a look from the command line shows raw and scaled values, and no password",
          "[field][framed]") {
    Street street;
    Folder folder;
    const auto secrets = folder / "secrets.toml";
    std::ofstream{secrets} << "[dlms.202600000004]\npassword = \"12345678\"\n";
    std::filesystem::permissions(secrets, std::filesystem::perms{0600});
    const auto shown = [&](const ProbeOptions& options) {
        std::FILE* out = std::tmpfile();
        CHECK(run_probe(options, out, out) == 0);
        std::string text(static_cast<std::size_t>(std::ftell(out)), ' ');
        std::rewind(out);
        CHECK(std::fread(text.data(), 1, text.size(), out) == text.size());
        std::fclose(out);
        return text;
    };
    using Catch::Matchers::Contains;
    ProbeOptions options;
    options.answer_timeout = 10s;
    options.profile = profile_file("dlms-1ph");
    options.link = street.link("serial");
    options.station_address = "17";
    options.secrets = secrets;
    options.serial_number = "202600000004";
    const auto electric = shown(options);
    CHECK_THAT(electric, Contains("1.0.32.7.0.255:2") && Contains(" mV") && Contains("(with a password") &&
                             Contains("\nfirmware: SIM-DLMS 2.1\n"));
    CHECK_THAT(electric, !Contains("31 32 33 34 35 36 37 38"));

    options.profile = profile_file("cjt188-valve-water");
    options.link = street.link("water");
    options.station_address = "78332600000003";
    CHECK_THAT(shown(options), Contains("901F+0") && Contains(" l\n") && !Contains("firmware"));

    options.profile = profile_file("iec62056-1ph");
    options.link = street.link("readout");
    options.station_address = "202600000007";
    CHECK_THAT(shown(options), Contains("*kWh") && Contains(" Wh\n") && Contains("\nfirmware: SIM 1.4\n"));
}

}  // namespace wutong::tests
