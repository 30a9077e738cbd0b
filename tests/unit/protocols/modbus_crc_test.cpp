#include "collector/protocols/modbus_crc.hpp"

#include <catch2/catch.hpp>

#include "collector/protocols/modbus_pdu.hpp"
#include "collector/protocols/modbus_rtu.hpp"

using namespace wutong::protocols;

TEST_CASE("crc: published frames hold", "[crc]") {
    for (const auto* frame : {
             "01 03 30 01 00 06 9B 08",
             "01 03 0C 12 01 08 0A 01 01 01 00 00 00 00 00 80 23",
             "01 10 00 57 00 02 F0 18",
             "01 03 04 00 00 19 85 30",
             "01 03 20 00 00 06 CE 08",
             "01 03 20 06 00 15 6F C4",
             "01 03 20 1B 00 15 FF C2",
         }) {
        CAPTURE(frame);
        auto bytes = from_hex(frame);
        CHECK(modbus_crc_holds(bytes));
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            bytes[at] ^= 0x10;
            CHECK_FALSE(modbus_crc_holds(bytes));
            bytes[at] ^= 0x10;
        }
    }
    CHECK_FALSE(modbus_crc_holds(from_hex("FF FF")));  // the check of nothing is not a frame
    CHECK(modbus_crc(from_hex("")) == 0xFFFF);
}

TEST_CASE("crc: the check values of the 4G frames", "[crc]") {
    CHECK(modbus_crc(from_hex("94")) == 0xEFBE);
    CHECK(modbus_crc(from_hex("91")) == 0xEC7E);
    CHECK(modbus_crc(from_hex("84")) == 0x23BF);
    CHECK(modbus_crc(from_hex("90 01 10 00 57 00 02 04 00 01 00 01 27 75")) == 0x7A38);
    CHECK(modbus_crc(from_hex("93 17 0A 0A 03 11 07 1B")) == 0xA2E4);
}

TEST_CASE("hex: read and written", "[bytes]") {
    CHECK(to_hex(from_hex("01ff 7A")) == "01 FF 7A");
    CHECK_THROWS_WITH(from_hex("01 G0"), Catch::Contains("position 3"));
    CHECK_THROWS_AS(from_hex("1"), std::invalid_argument);
}
