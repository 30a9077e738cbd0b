#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

#include "sim_fixture.hpp"

namespace wutong::simulator::test {
namespace {

using protocols::Bytes;
using protocols::from_hex;
using protocols::to_hex;

struct Rig {
    Building building{small_plan(), curves(), noon()};
    core::Timestamp now = noon();

    std::string ask(int unit, const std::string& pdu_hex) {
        const auto exchange =
            building.exchange("bus1", static_cast<std::uint8_t>(unit), from_hex(pdu_hex), now);
        return exchange.answered ? to_hex(exchange.pdu) : "silent";
    }
    std::vector<std::uint16_t> read(int unit, int function, int address, int count) {
        const protocols::ReadRequest request{static_cast<std::uint8_t>(function),
                                             static_cast<std::uint16_t>(address),
                                             static_cast<std::uint16_t>(count)};
        const auto exchange = building.exchange("bus1", static_cast<std::uint8_t>(unit),
                                                protocols::encode_request(request), now);
        const auto words = protocols::parse_reply(exchange.pdu, request);
        REQUIRE(std::holds_alternative<protocols::Words>(words));
        return std::get<protocols::Words>(words);
    }
    PrepaidMeter& meter(const char* serial) { return *building.find(serial)->prepaid(); }
};

std::string zeros(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += " 00";
    }
    return text;
}
/// The recharge of the fact sheet: balance 100.00, purchase number 5.
const std::string kRecharge = "20 02 00 00 1E 3C 00 00 01 00 00 27 10 01 00 05" + zeros(50);

}  // namespace

TEST_CASE("registers: frames of the fact sheet and what the meter answers") {
    struct Row {
        const char* why;
        int unit;
        std::string request, reply;
    };
    const Row rows[] = {
        {"force closed", 1, "10 00 57 00 02 04 00 01 00 00", "10 00 57 00 02"},
        {"force open", 1, "10 00 57 00 02 04 00 01 00 01", "10 00 57 00 02"},
        {"back to prepaid", 1, "10 00 57 00 02 04 00 00 00 00", "10 00 57 00 02"},
        {"recharge", 1, kRecharge, "20 02 00 00 1E 3C 00 00 00 00 00 00"},
        {"clock", 1, "20 03 54 00 05 0A 00 1E 08 04 01 01 1A 00 00 00",
         "20 03 54 00 05 0A 00 00 00 00 00 00"},
        {"number and status part of the live block", 1, "03 02 00 00 01", "03 02 00 07"},
        {"three-phase type", 2, "03 02 00 00 01", "03 02 00 05"},
        {"box type", 13, "03 02 00 00 01", "03 02 00 0A"},
        {"unmapped", 1, "03 01 00 00 01", "83 02"},
        {"over the end of the live block", 1, "03 02 00 00 31", "83 02"},
        {"nothing asked", 1, "03 02 00 00 00", "83 03"},
        {"too many", 1, "03 02 00 00 7E", "83 03"},
        {"input registers of an Acrel", 1, "04 00 00 00 01", "84 01"},
        {"unknown function", 1, "2B 0E 01 00", "AB 01"},
        {"write where nothing can be written", 1, "10 02 00 00 01 02 00 01", "90 02"},
        {"relay enable out of range", 1, "10 00 57 00 02 04 00 07 00 00", "90 03"},
        {"box command to a single meter", 1, "20 02 FF" + kRecharge.substr(8), "A0 02"},
        {"vendor write elsewhere", 1, "20 09 00 00 01 02 00 00", "A0 02"},
        {"single phase has no L2", 1, "20 04 0D 00 0D 1A" + zeros(26), "A0 02"},
        {"three phases have", 2, "20 04 0D 00 0D 1A" + zeros(26), "20 04 0D 00 0D 1A 00 00 00 00 00 00"},
        {"vendor write cut short", 1, "20 02 00 00 1E 3C 00 00", "A0 03"},
        {"feeder: vendor write", 101, "20 02 00 00 01 02 00 00", "A0 01"},
        {"feeder: gap between its registers", 101, "04 00 34 00 04", "84 02"},
        {"nobody there", 77, "03 02 00 00 01", "silent"},
    };
    for (const auto& row : rows) {
        Rig rig;
        INFO(row.why);
        CHECK(rig.ask(row.unit, row.request) == row.reply);
    }
}

TEST_CASE("registers: a recharge is the new balance and number, in the truth and on the wire") {
    Rig rig;
    rig.ask(1, kRecharge);
    CHECK(rig.meter("202600000001").registers().purchase_number == 5);
    CHECK(rig.meter("202600000001").balance_cents() == 10'000);
    const auto live = rig.read(1, 3, 0x21F, 3);
    CHECK(live == std::vector<std::uint16_t>{0, 10'000, 5});
    CHECK(rig.meter("202600000001").writes().back().kind == "money");
}

TEST_CASE("registers: a whole account set-up is read back from every block") {
    for (const int unit : {1, 2, 13}) {
        Rig rig;
        INFO("unit " << unit);
        protocols::MoneyCommand command;
        command.prepaid_enabled = true;
        command.balance = 5'000;
        command.purchase_number = 1;
        command.prices = protocols::MoneyCommand::Prices{9'500, 9'500, 9'500, 9'500};
        command.alarms = protocols::MoneyCommand::Alarms{2'000, 500};
        command.overdraft = 300;
        const auto pdu = protocols::encode_request(protocols::encode_money(command));
        CHECK(rig.building.exchange("bus1", static_cast<std::uint8_t>(unit), pdu, rig.now).answered);

        const auto parameters = rig.read(unit, 3, 0x46, 28);
        CHECK(parameters[1] == 2'000);
        CHECK(parameters[3] == 500);
        CHECK(parameters[5] == 300);
        CHECK(parameters[8] == 1);
        CHECK(parameters[10] == 5'000);
        CHECK(parameters[0x5E - 0x46] == 9'500);
        const bool box = unit == 13;
        const auto back = rig.read(unit, 3, box ? 0x500 : 0x400, box ? 18 : 25);
        CHECK(back[0] == 1);
        CHECK(back[box ? 15 : 1] == 1);
        CHECK(back[box ? 2 : 3] == 9'500);
        const auto status = rig.read(unit, 3, 0x224, 1)[0];
        CHECK((status & 0x08) != 0);    // prepaid
        CHECK((status & 0x20) == 0);    // no arrears
        CHECK((status & 0x2000) != 0);  // output L1 closed
        CHECK(((status & 0x8000) != 0) == (unit == 2));
    }
}

TEST_CASE("registers: status words follow trip, alarm and force") {
    Rig rig;
    auto& meter = rig.meter("202600000001");
    meter.edit().price_e4 = {9'500, 9'500, 9'500, 9'500};
    meter.edit().alarm_1_cents = 100;
    meter.set_prepaid(true);
    CHECK(rig.read(1, 3, 0x224, 2) ==
          std::vector<std::uint16_t>{0x0068, 0x0110});  // arrears, alarm 1, prepaid
    rig.ask(1, "10 00 57 00 02 04 00 01 00 00");
    CHECK(rig.read(1, 3, 0x224, 2) ==
          std::vector<std::uint16_t>{0x2068, 0x0119});  // output closed, forced closed
    CHECK(rig.read(1, 3, 0x57, 2) == std::vector<std::uint16_t>{1, 0});
    rig.ask(1, "10 00 57 00 02 04 00 01 00 01");
    CHECK(rig.read(1, 3, 0x224, 2) == std::vector<std::uint16_t>{0x0068, 0x0118});
    rig.ask(1, "10 00 57 00 02 04 00 00 00 00");
    meter.set_balance_cents(101);
    CHECK(rig.read(1, 3, 0x224, 2) == std::vector<std::uint16_t>{0x2009, 0x0110});
}

TEST_CASE("registers: negative balances are two's complement") {
    Rig rig;
    rig.meter("202600000001").set_balance_cents(-250);
    CHECK(rig.read(1, 3, 0x21F, 2) == std::vector<std::uint16_t>{0xFFFF, 0xFF06});
}

TEST_CASE("registers: a command for all circuits of a box reaches them all, and only them") {
    Rig rig;
    CHECK(rig.ask(13, "20 02 FF" + kRecharge.substr(8)).substr(0, 2) == "20");
    CHECK(rig.meter("202600000013").registers().purchase_number == 5);
    CHECK(rig.meter("202600000014").registers().purchase_number == 5);
    CHECK(rig.meter("202600000001").registers().purchase_number == 0);
}

TEST_CASE("registers: overload settings are read back") {
    Rig rig;
    protocols::LoadCommand command;
    command.control = protocols::LoadCommand::Switch{true, false};
    command.limits = protocols::LoadCommand::Limits{6'000, 0, 0};
    command.trips_max = 7;
    const auto pdu = protocols::encode_request(protocols::encode_load(command));
    CHECK(rig.building.exchange("bus1", 1, pdu, rig.now).answered);
    CHECK(rig.read(1, 3, 0x61, 1)[0] == 6'000);
    CHECK(rig.read(1, 3, 0x223, 1)[0] == 7);
    const auto load = rig.read(1, 3, 0x480, 7);
    CHECK(load[0] == 1);
    CHECK(load[1] == 6'000);
    CHECK(load[5] == 7);
    CHECK(rig.read(2, 3, 0x480, 19).size() == 19);
    CHECK(rig.read(13, 3, 0x700, 8).size() == 8);
}

TEST_CASE("registers: the clock shows the building's local time and can be set") {
    Rig rig;
    const auto shown = rig.read(1, 3, 0x228, 4);
    CHECK(shown[0] == (26 << 8 | 3));
    CHECK(shown[1] == (4 << 8 | 3));  // a Wednesday
    CHECK(shown[2] == (12 << 8 | 30));
    rig.ask(1, "20 03 54 00 05 0A 00 1E 08 04 01 01 1A 00 00 00");
    const auto set = rig.read(1, 3, 0x228, 4);
    CHECK(set[0] == (26 << 8 | 1));
    CHECK(set[1] == (1 << 8 | 4));
    CHECK(set[2] == (8 << 8 | 30));
}

TEST_CASE("registers: the serial number is the meter number in BCD") {
    Rig rig;
    CHECK(rig.read(1, 3, 0x43, 3) == std::vector<std::uint16_t>{0x2026, 0x0000, 0x0001});
}

TEST_CASE("registers: a feeder shows what is below it and a small loss") {
    Rig rig;
    std::int64_t watts = 1'000;
    for (const char* serial : {"202600000001", "202600000002", "202600000013", "202600000014"}) {
        rig.building.set_load(*rig.building.find(serial), watts);
        watts += 1'000;
    }
    rig.now += std::chrono::hours{1};
    rig.building.advance(rig.now);
    const auto sums = rig.building.sums();
    CHECK(sums.energy_mwh == 10'000'000);
    const auto& feeder = *rig.building.find("202600000101")->feeder;
    CHECK(feeder.energy_mwh() == 10'120'000);
    CHECK(feeder.load_w() == 10'120);
    const auto energy = rig.read(101, 4, 0x48, 2);
    const auto kwh = std::bit_cast<float>(static_cast<std::uint32_t>(energy[0]) << 16 | energy[1]);
    CHECK(kwh == Approx(10.12F));
    const auto power = rig.read(101, 4, 0x34, 2);
    CHECK(std::bit_cast<float>(static_cast<std::uint32_t>(power[0]) << 16 | power[1]) == Approx(10'120.0F));
}

TEST_CASE("registers: energy is shown in whole hundredths of a kilowatt-hour") {
    Rig rig;
    rig.building.set_load(*rig.building.find("202600000001"), 3'599);
    rig.now += std::chrono::seconds{1'000};
    const auto energy = rig.read(1, 3, 0x215, 2);
    CHECK(energy[1] == 99);
    CHECK(rig.read(1, 3, 0x0000, 2)[1] == 99);
}

}  // namespace wutong::simulator::test
