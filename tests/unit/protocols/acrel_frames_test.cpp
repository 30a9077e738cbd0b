#include "collector/protocols/acrel_frames.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "collector/protocols/modbus_crc.hpp"
#include "collector/protocols/modbus_rtu.hpp"

using namespace wutong::protocols;

namespace {
std::string frame(const Request& request, std::uint8_t unit = 1) {
    return to_hex(encode_rtu(unit, encode_request(request)));
}

std::string reason(const std::variant<MoneyCommand, DecodeFault>& decoded) {
    return std::get<DecodeFault>(decoded).reason;
}
}  // namespace

TEST_CASE("acrel: relay frames of the fact sheet", "[acrel][golden]") {
    CHECK(frame(encode_relay(RelayCommand::force_closed)) == "01 10 00 57 00 02 04 00 01 00 00 E6 B5");
    CHECK(frame(encode_relay(RelayCommand::force_open)) == "01 10 00 57 00 02 04 00 01 00 01 27 75");
    CHECK(frame(encode_relay(RelayCommand::follow_prepaid)) == "01 10 00 57 00 02 04 00 00 00 00 B7 75");
    CHECK(to_hex(encode_rtu(1, encode_write_reply(kRelayRegister, 2))) == "01 10 00 57 00 02 F0 18");
    for (const auto command :
         {RelayCommand::force_closed, RelayCommand::force_open, RelayCommand::follow_prepaid}) {
        CHECK(std::get<RelayCommand>(decode_relay(encode_relay(command))) == command);
    }
    CHECK(std::holds_alternative<DecodeFault>(decode_relay({0x57, {2, 0}})));
    CHECK(std::holds_alternative<DecodeFault>(decode_relay({0x57, {1, 9}})));
    CHECK(std::holds_alternative<DecodeFault>(decode_relay({0x57, {1}})));
    CHECK(std::holds_alternative<DecodeFault>(decode_relay({0x58, {1, 0}})));
}

TEST_CASE("acrel: money frame of the fact sheet", "[acrel][golden]") {
    MoneyCommand command;
    command.balance = 10'000;
    command.purchase_number = 5;
    const auto request = encode_money(command);
    auto expected = from_hex("01 20 02 00 00 1E 3C 00 00 01 00 00 27 10 01 00 05");
    expected.resize(expected.size() + 50, 0);
    expected.push_back(0x5C);
    expected.push_back(0xCA);
    REQUIRE(expected.size() == 69);
    CHECK(frame(request) == to_hex(expected));
    CHECK(std::get<MoneyCommand>(decode_money(request)) == command);
    CHECK(encode_rtu(1, encode_vendor_reply(request)).size() == 15);
}

TEST_CASE("acrel: every field of the money frame has its place", "[acrel]") {
    MoneyCommand command;
    command.prepaid_enabled = true;
    command.balance = -2;
    command.purchase_number = 0x0304;
    command.total_purchased = 0x05060708;
    command.base_energy = 0x090A0B0C;
    command.alarms = {0x11121314, 0x15161718};
    command.prices = {0x21222324, 0x25262728, 0x292A2B2C, 0x2D2E2F30};
    command.overdraft = 0x31323334;
    command.extra = 0x35;
    command.meter_number = {0x20, 0x26, 0x11, 0x21, 0x00, 0x42};
    const auto request = encode_money(command, Circuits::all);
    CHECK(request.address == 0x02FF);
    CHECK(to_hex(request.data) ==
          "01 01 01 FF FF FF FE 01 03 04 01 05 06 07 08 01 09 0A 0B 0C 01 11 12 13 14 15 16 17 18 "
          "01 21 22 23 24 25 26 27 28 29 2A 2B 2C 2D 2E 2F 30 01 31 32 33 34 01 35 01 20 26 11 21 00 42");
    CHECK(std::get<MoneyCommand>(decode_money(request)) == command);
}

TEST_CASE("acrel: money command round trip with any set of fields", "[acrel][property]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 2'000; ++round) {
        const auto fields = random();
        const auto wanted = [&](unsigned bit) { return ((fields >> bit) & 1U) != 0; };
        const auto word = [&] { return static_cast<std::uint32_t>(random()); };
        MoneyCommand command;
        if (wanted(0))
            command.prepaid_enabled = wanted(16);
        if (wanted(1))
            command.balance = static_cast<std::int32_t>(word());
        if (wanted(2))
            command.purchase_number = static_cast<std::uint16_t>(word());
        if (wanted(3))
            command.total_purchased = word();
        if (wanted(4))
            command.base_energy = word();
        if (wanted(5))
            command.alarms = MoneyCommand::Alarms{word(), word()};
        if (wanted(6))
            command.prices = MoneyCommand::Prices{word(), word(), word(), word()};
        if (wanted(7))
            command.overdraft = word();
        if (wanted(8))
            command.extra = static_cast<std::uint8_t>(word());
        if (wanted(9))
            command.meter_number =
                std::array<std::uint8_t, 6>{1, 2, 3, 4, 5, static_cast<std::uint8_t>(word())};
        CHECK(std::get<MoneyCommand>(decode_money(encode_money(command))) == command);
    }
}

TEST_CASE("acrel: what is not a money command is refused with the reason", "[acrel][hostile]") {
    CHECK_THAT(reason(decode_money({0x0300, Bytes(60)})), Catch::Contains("03 00h"));
    CHECK_THAT(reason(decode_money({0x0200, Bytes(58)})), Catch::Contains("58 bytes"));
    CHECK_THAT(reason(decode_money({0x0200, Bytes(62)})), Catch::Contains("must have 60"));
    CHECK_THAT(reason(decode_money({0x0200, {}})), Catch::Contains("0 bytes"));
    auto request = encode_money({});
    request.data[2] = 7;
    CHECK_THAT(reason(decode_money(request)), Catch::Contains("balance") && Catch::Contains("7"));
    request = encode_money({});
    request.data[0] = 1;
    request.data[1] = 2;
    CHECK_THAT(reason(decode_money(request)), Catch::Contains("prepaid switch"));
    // A value whose flag is 0 is not applied, whatever it is.
    request = encode_money({});
    request.data[5] = 0x99;
    CHECK(std::get<MoneyCommand>(decode_money(request)) == MoneyCommand{});
}

TEST_CASE("acrel: load command", "[acrel]") {
    LoadCommand command;
    command.control = LoadCommand::Switch{true, true};
    command.limits = LoadCommand::Limits{5'000, 1'500, 800};
    command.recover_time = 3;
    command.trips_max = 0x0102;
    command.unnamed_word = 0x0304;
    command.unnamed_byte = 0x05;
    const auto request = encode_load(command);
    CHECK(request.address == 0x0400);
    CHECK(to_hex(request.data) ==
          "FF 01 01 13 88 05 DC 03 20 01 03 01 01 02 01 03 04 01 05 00 00 00 00 00 00 00");
    for (const auto relay : {LoadRelay::l1, LoadRelay::l2, LoadRelay::l3, LoadRelay::all_circuits}) {
        const auto decoded = std::get<DecodedLoad>(decode_load(encode_load(command, relay)));
        CHECK(decoded.relay == relay);
        CHECK(decoded.command == command);
    }
    CHECK(encode_load(command, LoadRelay::all_circuits).address == 0x04FF);
    LoadCommand power_only;
    power_only.limits = LoadCommand::Limits{8'000, 0, 0};
    CHECK(std::get<DecodedLoad>(decode_load(encode_load(power_only))).command == power_only);
    CHECK(std::get<DecodedLoad>(decode_load(encode_load({}))).command == LoadCommand{});

    CHECK(std::holds_alternative<DecodeFault>(decode_load({0x0401, Bytes(26)})));
    CHECK(std::holds_alternative<DecodeFault>(decode_load({0x0400, Bytes(24)})));
    auto bad = request;
    bad.data[0] = 0x02;
    CHECK(std::holds_alternative<DecodeFault>(decode_load(bad)));
}

TEST_CASE("acrel: clock frame of the fact sheet", "[acrel][golden]") {
    const MeterClock clock{2026, 1, 1, 8, 30, 0};
    CHECK(frame(encode_clock(clock)) == "01 20 03 54 00 05 0A 00 1E 08 04 01 01 1A 00 00 00 FD B6");
    CHECK(std::get<MeterClock>(decode_clock(encode_clock(clock))) == clock);
    CHECK(weekday({2021, 10, 21, 0, 0, 0}) == 4);  // a Thursday
    CHECK(weekday({2023, 10, 10, 0, 0, 0}) == 2);  // a Tuesday, where a published frame says 3
    CHECK(weekday({2024, 2, 29, 23, 59, 59}) == 4);
}

TEST_CASE("acrel: times that don't exist", "[acrel][hostile]") {
    for (const auto& clock : {MeterClock{1999, 12, 31, 0, 0, 0}, MeterClock{2100, 1, 1, 0, 0, 0},
                              MeterClock{2025, 2, 29, 0, 0, 0}, MeterClock{2026, 0, 1, 0, 0, 0},
                              MeterClock{2026, 257, 1, 0, 0, 0}, MeterClock{2026, 1, 32, 0, 0, 0},
                              MeterClock{2026, 1, 1, 24, 0, 0}, MeterClock{2026, 1, 1, 0, 60, 0},
                              MeterClock{2026, 1, 1, 0, 0, -1}}) {
        CHECK_THROWS_AS(encode_clock(clock), std::invalid_argument);
    }
    auto request = encode_clock({2026, 1, 1, 8, 30, 0});
    request.data[3] = 99;  // the weekday isn't believed
    CHECK(std::holds_alternative<MeterClock>(decode_clock(request)));
    request.data[5] = 13;
    CHECK_THAT(std::get<DecodeFault>(decode_clock(request)).reason, Catch::Contains("2026-13-1"));
    CHECK(std::holds_alternative<DecodeFault>(decode_clock({0x0354, Bytes(8)})));
    CHECK(std::holds_alternative<DecodeFault>(decode_clock({0x0355, Bytes(10)})));
}

TEST_CASE("acrel: random blocks never crash a decoder, and what is accepted encodes to the same meaning",
          "[acrel][hostile]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 20'000; ++round) {
        VendorWriteRequest request{0, Bytes(random() % 80)};
        static constexpr std::uint16_t kRegisters[] = {0x0200, 0x02FF, 0x0400, 0x04FF, 0x0354};
        request.address = kRegisters[random() % 5];
        for (auto& byte : request.data) {
            byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 2);
        }
        if (const auto money = decode_money(request);
            const auto* command = std::get_if<MoneyCommand>(&money)) {
            CHECK(std::get<MoneyCommand>(decode_money(encode_money(*command))) == *command);
        }
        if (const auto load = decode_load(request); const auto* decoded = std::get_if<DecodedLoad>(&load)) {
            CHECK(std::get<DecodedLoad>(decode_load(encode_load(decoded->command, decoded->relay))).command ==
                  decoded->command);
        }
        if (const auto clock = decode_clock(request); const auto* told = std::get_if<MeterClock>(&clock)) {
            CHECK(std::get<MeterClock>(decode_clock(encode_clock(*told))) == *told);
        }
        (void)decode_relay({0x57, Words(random() % 4, static_cast<std::uint16_t>(random() % 3))});
    }
}
