#include <catch2/catch.hpp>

#include "unit/core/profile_files.hpp"

/// Which meter is it, and what can be set on it.
using namespace wutong::core;
using test::profile_text;
using test::shipped_profile;

TEST_CASE("a serial number is compared without its leading zeros", "[profile]") {
    const SerialNumberRegister where{3, 0x0043, 12, true, ""};
    const std::vector<std::uint16_t> words{0x0026, 0x0300, 0x0117};
    CHECK(serial_number_text(words) == "002603000117");
    CHECK(compare_serial_number(where, words, "2603000117") == SerialNumberSays::this_meter);
    CHECK(compare_serial_number(where, words, "002603000117") == SerialNumberSays::this_meter);
    CHECK(compare_serial_number(where, words, "2603000118") == SerialNumberSays::another_meter);
    // Never set, no digits, or nothing that could stand in the register: nobody can tell.
    CHECK(compare_serial_number(where, {0, 0, 0}, "2603000117") == SerialNumberSays::nothing);
    CHECK(compare_serial_number(where, {0xFFFF, 0xFFFF, 0xFFFF}, "2603000117") == SerialNumberSays::nothing);
    CHECK(compare_serial_number(where, words, "SN-2603000117") == SerialNumberSays::nothing);
    CHECK(compare_serial_number(where, words, "") == SerialNumberSays::nothing);
    CHECK(compare_serial_number(where, words, "1234567890123") == SerialNumberSays::nothing);
    CHECK_THROWS_AS(compare_serial_number(where, {0x2603}, "1"), std::invalid_argument);
}

TEST_CASE("the shipped prepaid profiles say where the serial number is, and whether that is known",
          "[profile]") {
    for (const char* id : {"acrel-ddsy1352", "acrel-dtsy1352"}) {
        const auto where = shipped_profile(id).serial_number;
        REQUIRE(where);
        CHECK(where->address == 0x0043);
        CHECK(where->count() == 3);
        CHECK(where->confirmed);
    }
    REQUIRE(shipped_profile("acrel-adf300").serial_number);
    CHECK_FALSE(shipped_profile("acrel-adf300").serial_number->confirmed);
    CHECK_FALSE(shipped_profile("eastron-sdm630").serial_number);
}

TEST_CASE("a serial number register that makes no sense is a fault with its line", "[profile]") {
    const auto faults = [](const std::string& table) {
        try {
            static_cast<void>(
                parse_meter_profile("[serial_number]\n" + table + profile_text("eastron-sdm630"), "x"));
        } catch (const ProfileError& error) {
            return std::string{error.what()};
        }
        return std::string{};
    };
    // The rest of the file follows inside the table: only the faults of our own keys are looked at.
    CHECK(faults("function = 5\naddress = 1\ndigits = 12\n").find("x.toml:2: serial_number.function") !=
          std::string::npos);
    CHECK(faults("function = 3\naddress = 1\ndigits = 10\n").find("multiple of 4") != std::string::npos);
    CHECK(faults("function = 3\naddress = 1\ndigits = 12\nconfirmed = false\n").find("note") !=
          std::string::npos);
}

TEST_CASE("what can be set follows the register's scale and width", "[profile]") {
    const auto profile = shipped_profile("acrel-ddsy1352");
    CHECK(settable(profile, Quantity::price) == SettableRange{1, 4'294'967'294});
    CHECK(settable(profile, Quantity::alarm_1) == SettableRange{100, 429'496'729'400});
    CHECK(settable(profile, Quantity::overload_power) == SettableRange{1, 65'534});
    CHECK_FALSE(settable(profile, Quantity::price_peak) == std::nullopt);
    CHECK_FALSE(settable(profile, Quantity::frequency));
    CHECK_FALSE(settable(profile, Quantity::relay_closed));
    const auto alarms = *settable(profile, Quantity::alarm_1);
    CHECK(alarms.holds(0));
    CHECK(alarms.holds(200'000));
    CHECK_FALSE(alarms.holds(200'050));
    CHECK_FALSE(alarms.holds(-100));
    CHECK_FALSE(alarms.holds(429'496'729'500));
}
