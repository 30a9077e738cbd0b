#include "collector/protocols/iec62056.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/protocols/random_bytes.hpp"

using namespace wutong::protocols;
namespace iec = wutong::protocols::iec62056;
using random::Dice;

namespace {

Bytes iec_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

std::string iec_text(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string iec_command(const std::string& name, const std::string& code, const std::string& value) {
    return iec_text(iec::encode_command({name, iec::DataSet{code, {{value, ""}}}}));
}

iec::DataSets iec_data(const Bytes& message) {
    const auto told = iec::match_message(message);
    REQUIRE(std::holds_alternative<FrameComplete>(told));
    REQUIRE(std::get<FrameComplete>(told).length == message.size());
    auto data = iec::decode_data(message);
    if (const auto* fault = std::get_if<DecodeFault>(&data)) {
        FAIL(fault->reason);
    }
    return std::get<iec::DataSets>(std::move(data));
}

std::string dice_text(Dice& dice, int least, int most, std::string_view alphabet) {
    std::string text(static_cast<std::size_t>(dice.number(least, most)), ' ');
    for (auto& c : text) {
        c = alphabet[static_cast<std::size_t>(dice.number(0, static_cast<int>(alphabet.size()) - 1))];
    }
    return text;
}

iec::DataSets dice_data(Dice& dice) {
    iec::DataSets data(static_cast<std::size_t>(dice.number(1, 12)));
    for (auto& set : data) {
        set.code = dice_text(dice, 1, 16, "0123456789.:-*CFPL&");
        set.values.resize(static_cast<std::size_t>(dice.number(1, 4)));
        for (auto& value : set.values) {
            value.text = dice_text(dice, 0, 20, "0123456789.-+ ABCdef?:/");
            value.unit = dice.coin() ? "" : dice_text(dice, 1, 8, "kWVAhvar/%3*");
        }
    }
    return data;
}

/// Of the meter's manual: manualshive.com/en/manual/lem/em4tii/em4tii_manual_1874544-27.html, "Examples of
/// read-outs", with all checks as printed.
constexpr std::string_view kEmh =
    "\x02"
    "1-0:1.8.0*255(000000000.0*kWh)\r\n1-0:2.8.0*255(000000000.0*kWh)\r\n"
    "1-0:3.8.0*255(000000000.0*kvarh)\r\n1-0:4.8.0*255(000000000.0*kvarh)\r\n"
    "0-0:F.F.0*255(00000000)\r\n1-0:0.0.1*255()\r\n1-0:0.2.0*255(10600000)\r\n"
    "1-0:0.9.1*255(140253)\r\n1-0:0.9.2*255(121221)\r\n0-0:C.1.0*255(03878504)\r\n"
    "0-0:C.72.1*255()\r\n0-0:C.72.2*255()\r\n1-0:0.8.4*255(5*min)\r\n"
    "1-0:0.3.0*255(6.00*Imp/kWh)\r\n1-0:0.2.1*1(121120?\?)\r\n1-0:0.2.1*50(121120?\?)\r\n"
    "0-0:C.90.2*255(9F139CC2)\r\n1-0:C.1.9*255(Point-ID)\r\n!\r\n\x03+";

/// A Landis+Gyr E350, recorded by github.com/widmedia/wmeter (uart_ir_e350), check included.
constexpr std::string_view kE350 =
    "\x02"
    "F.F(00)\r\n0.0(          120858)\r\nC.1.0(13647123)\r\nC.1.1(        )\r\n1.8.1(042951.721*kWh)\r\n"
    "1.8.2(018609.568*kWh)\r\n2.8.1(000000.302*kWh)\r\n2.8.2(000010.188*kWh)\r\n1.8.0(061561.289*kWh)\r\n"
    "2.8.0(000010.490*kWh)\r\n15.8.0(061571.780*kWh)\r\nC.7.0(0008)\r\n32.7(241*V)\r\n52.7(243*V)\r\n"
    "72.7(242*V)\r\n31.7(000.35*A)\r\n51.7(000.52*A)\r\n71.7(000.47*A)\r\n82.8.1(0000)\r\n82.8.2(0000)\r\n"
    "0.2.0(M26)\r\nC.5.0(0401)\r\n!\r\n\x03\x01";

}  // namespace

// Sources: docs/protocols/iec62056-21.md.
TEST_CASE("iec62056: opening as public sources show it", "[iec62056]") {
    CHECK(iec_text(iec::encode_sign_on("")) == "/?!\r\n");
    CHECK(iec_text(iec::encode_sign_on("45678903")) == "/?45678903!\r\n");
    CHECK(iec_text(iec::encode_acknowledgement({'5', iec::Option::readout})) ==
          "\x06"
          "050\r\n");
    CHECK(iec_text(iec::encode_acknowledgement({'5', iec::Option::programming})) ==
          "\x06"
          "051\r\n");
    const auto told = [](std::string_view line) {
        return std::get<iec::Identification>(iec::decode_identification(iec_bytes(line)));
    };
    CHECK(told("/EMH5\\@D4EM4TIIW001--\r\n") == iec::Identification{"EMH", '5', "\\@D4EM4TIIW001--"});
    CHECK(told("/LGZ4ZMF100AC.M26\r\n") == iec::Identification{"LGZ", '4', "ZMF100AC.M26"});
    CHECK(told("/LGZ4ZMF100AC.M26\r\n").baud() == 4'800);
    CHECK(told("/Els6\\2EK280\r\n").baud() == 19'200);
    CHECK(told("/ISK5ME162-0033\r\n").mode() == iec::Mode::acknowledged);
    CHECK(told("/XYZEold meter\r\n").mode() == iec::Mode::announced);
    CHECK(told("/XYZEold meter\r\n").baud() == 9'600);
    CHECK(told("/XYZ older\r\n").mode() == iec::Mode::fixed);
    CHECK_FALSE(told("/XYZ9later\r\n").baud().has_value());
    for (const auto* wrong : {"/X!Z5meter\r\n", "/\r\n", "/XY5\r\n", "/ABC\r\n"}) {
        INFO(wrong);
        CHECK(std::holds_alternative<DecodeFault>(iec::decode_identification(iec_bytes(wrong))));
    }
    CHECK(iec::speed_character(300) == '0');
    CHECK(iec::speed_character(9'600) == '5');
    CHECK_FALSE(iec::speed_character(115'200).has_value());
}

TEST_CASE("iec62056: commands and answers as public sources show them", "[iec62056]") {
    CHECK(iec_command("P0", "", "") == "\x01P0\x02()\x03`");
    CHECK(iec_command("P1", "", "00000000") ==
          "\x01P1\x02(00000000)\x03"
          "a");
    CHECK(iec_command("R5", "0.9.2", "") ==
          "\x01R5\x02"
          "0.9.2()\x03\\");
    CHECK(iec_command("R5", "0.9.1", "") ==
          "\x01R5\x02"
          "0.9.1()\x03_");
    CHECK(iec_command("R1", "1.8.0", "1") ==
          "\x01R1\x02"
          "1.8.0(1)\x03k");
    CHECK(iec_command("P0", "", "1234567") == "\x01P0\x02(1234567)\x03P");
    CHECK(iec_text(iec::encode_command({"B0", {}})) ==
          "\x01"
          "B0\x03q");
    CHECK(iec_data(iec_bytes("\x02"
                             "0.9.2(130103)\x03"
                             "9")) == iec::DataSets{{"0.9.2", {{"130103", ""}}}});
    CHECK(iec_text(iec::encode_data({{"0.9.1", {{"101415", ""}}}}, iec::DataEnd::answer)) ==
          "\x02"
          "0.9.1(101415)\x03:");
    const auto two =
        iec_data(iec_bytes("\x02"
                           "3:14(314*kWh)4:15(415*kWh)\r\n!\r\n\x03\""));
    REQUIRE(two.size() == 2);
    CHECK(two[1] == iec::DataSet{"4:15", {{"415", "kWh"}}});
    CHECK_THROWS_AS(iec::encode_command({"W5", iec::DataSet{"0.9.1", {{"1", ""}}}}), std::invalid_argument);
}

TEST_CASE("iec62056: read-outs as public sources show them", "[iec62056]") {
    const auto emh = iec_data(iec_bytes(kEmh));
    CHECK(emh.size() == 18);
    REQUIRE(iec::find_data(emh, "1.8.0") != nullptr);
    CHECK(iec::find_data(emh, "1.8.0")->values.front() == iec::Value{"000000000.0", "kWh"});
    CHECK(iec::find_data(emh, "0.3.0")->values.front() == iec::Value{"6.00", "Imp/kWh"});
    CHECK(iec::find_data(emh, "0.2.1*50")->values.front().text == "121120??");
    CHECK(iec::find_data(emh, "0.2.1") == nullptr);
    CHECK(iec::find_data(emh, "1-1:1.8.0") == nullptr);
    CHECK(iec_text(iec::encode_data(emh, iec::DataEnd::readout)) == kEmh);

    const auto e350 = iec_data(iec_bytes(kE350));
    CHECK(e350.size() == 22);
    CHECK(iec::find_data(e350, "1-0:1.8.0*255")->values.front() == iec::Value{"061561.289", "kWh"});
    CHECK(iec::find_data(e350, "72.7")->values.front() == iec::Value{"242", "V"});
    CHECK(iec::find_data(e350, "72.7.0") == nullptr);
    CHECK(iec::find_data(e350, "0.0")->values.front().text == "          120858");
    CHECK(iec_text(iec::encode_data(e350, iec::DataEnd::readout)) == kE350);
}

TEST_CASE("iec62056: several values of a code, and lines that go on", "[iec62056]") {
    const auto data = iec_data(iec::encode_data(
        {{"0-1:24.2.1", {{"161116200000W", ""}, {"00066.405", "m3"}}}, {"1.8.0*01", {{"000100.5", "kWh"}}}},
        iec::DataEnd::readout));
    REQUIRE(data.size() == 2);
    CHECK(data[0].values[1] == iec::Value{"00066.405", "m3"});
    CHECK(iec::find_data(data, "1.8.0") == nullptr);
    CHECK(iec::find_data(data, "1.8.0*01") != nullptr);
    const auto profile =
        iec_data(iec_bytes("\x02"
                           "P.01(2401010000)(15)\r\n(0.42)\r\n(0.38)\r\n!\r\n\x03R"));
    REQUIRE(profile.size() == 1);
    CHECK(profile[0].values.size() == 4);
}

TEST_CASE("iec62056: a message with any bit turned is noticed", "[iec62056]") {
    const auto sent = iec::with_parity(iec_bytes(kE350));
    REQUIRE(iec_data(sent).size() == 22);
    for (std::size_t at = 1; at < sent.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto turned = sent;
            turned[at] = static_cast<std::uint8_t>(turned[at] ^ (1U << bit));
            const auto told = iec::match_message(turned);
            const auto* whole = std::get_if<FrameComplete>(&told);
            if (whole == nullptr || whole->length != turned.size()) {
                continue;
            }
            INFO(at << " " << bit);
            CHECK(std::holds_alternative<DecodeFault>(iec::decode_data(turned)));
        }
    }
}

TEST_CASE("iec62056: a port of seven bits takes the parity off", "[iec62056]") {
    const auto text = iec_bytes("/?12345678!\r\n");
    const auto sent = iec::with_parity(text);
    CHECK(to_hex(ByteView{sent}.first(3)) == "AF 3F B1");
    CHECK(std::get<Bytes>(iec::without_parity(sent)) == text);
    CHECK(std::get<Bytes>(iec::without_parity(text)) == text);
    auto odd = sent;
    odd[4] = static_cast<std::uint8_t>(odd[4] ^ 0x80U);
    CHECK(std::holds_alternative<DecodeFault>(iec::without_parity(odd)));
}

TEST_CASE("iec62056: addresses", "[iec62056]") {
    CHECK(iec::same_address("0012", "12"));
    CHECK(iec::same_address("000", "0"));
    CHECK(iec::same_address("", "12"));
    CHECK_FALSE(iec::same_address("12", "120"));
    CHECK_FALSE(iec::same_address("a1", "A1"));
    CHECK_THROWS_AS(iec::encode_sign_on("12!"), std::invalid_argument);
    CHECK_THROWS_AS(iec::encode_sign_on(std::string(33, '1')), std::invalid_argument);
}

TEST_CASE("iec62056: what is written is read as the same", "[iec62056]") {
    Dice dice{62056};
    for (int i = 0; i < 2'000; ++i) {
        const auto data = dice_data(dice);
        const auto plain = iec::encode_data(data, iec::DataEnd::readout);
        CHECK(iec_data(plain) == data);
        CHECK(iec_data(iec::with_parity(plain)) == data);

        const iec::Identification identification{dice_text(dice, 3, 3, "ABCXYZ"),
                                                 dice_text(dice, 1, 1, "0123456ABCDEF")[0],
                                                 dice_text(dice, 0, 16, "abcXYZ019.-\\")};
        CHECK(std::get<iec::Identification>(iec::decode_identification(
                  iec::with_parity(iec::encode_identification(identification)))) == identification);

        const iec::Request requests[] = {
            iec::SignOn{dice_text(dice, 0, 32, "0123456789ABCabc ")},
            iec::Acknowledgement{dice_text(dice, 1, 1, "0123456789")[0],
                                 dice.coin() ? iec::Option::readout : iec::Option::programming},
            iec::Command{"R5", data.front()}, iec::Command{"B0", {}}};
        const Bytes frames[] = {iec::encode_sign_on(std::get<iec::SignOn>(requests[0]).address),
                                iec::encode_acknowledgement(std::get<iec::Acknowledgement>(requests[1])),
                                iec::encode_command(std::get<iec::Command>(requests[2])),
                                iec::encode_command(std::get<iec::Command>(requests[3]))};
        for (std::size_t k = 0; k < 4; ++k) {
            const auto frame = iec::with_parity(frames[k]);
            const auto told = iec::match_request(frame);
            REQUIRE(std::holds_alternative<FrameComplete>(told));
            CHECK(std::get<FrameComplete>(told).length == frame.size());
            CHECK(std::get<iec::Request>(iec::decode_request(frame)) == requests[k]);
        }
    }
}

TEST_CASE("iec62056: found in pieces, after noise and echoes", "[iec62056]") {
    Dice dice{621};
    for (int i = 0; i < 200; ++i) {
        const auto identification =
            iec::with_parity(iec::encode_identification({"LGZ", '4', "ZMF100AC.M26"}));
        Bytes stream(static_cast<std::size_t>(dice.number(0, 5)), 0xFF);
        const auto echo = iec::with_parity(iec::encode_sign_on("12345678"));
        stream.insert(stream.end(), echo.begin(), echo.end());
        stream.insert(stream.end(), identification.begin(), identification.end());
        const auto got = random::harvest(stream, dice, 9, iec::kIdentificationMax, iec::match_identification);
        REQUIRE(got.frames.size() == 1);
        CHECK(got.frames[0] == identification);

        auto data = iec::encode_acknowledgement({'4', iec::Option::readout});
        const auto message = iec::with_parity(iec::encode_data(dice_data(dice), iec::DataEnd::readout));
        data.insert(data.end(), message.begin(), message.end());
        const auto found = random::harvest(data, dice, 40, iec::kMessageMax, iec::match_message);
        REQUIRE(found.frames.size() == 1);
        CHECK(found.frames[0] == message);
    }
}

TEST_CASE("iec62056: nothing is longer than its limit", "[iec62056]") {
    Bytes endless(iec::kMessageMax + 10, '1');
    endless[0] = iec::kStx;
    CHECK(std::holds_alternative<Skip>(iec::match_message(endless)));
    Bytes line(iec::kIdentificationMax + 1, 'x');
    line[0] = '/';
    CHECK(std::holds_alternative<Skip>(iec::match_identification(line)));
    const auto fault = [](const iec::DataSets& data) {
        try {
            static_cast<void>(iec::encode_data(data, iec::DataEnd::readout));
        } catch (const std::invalid_argument&) {
            return true;
        }
        return false;
    };
    CHECK(fault({{std::string(iec::kCodeMax + 1, '1'), {{"1", ""}}}}));
    CHECK(fault({{"1.8.0", {{std::string(iec::kValueMax + 1, '1'), ""}}}}));
    CHECK(fault({{"1.8.0", {{"1)", ""}}}}));
    CHECK(fault({{"1.8.0", {}}}));
    // More values than any meter has of one code, in a message that is right otherwise.
    std::string many = "\x02P.01";
    for (std::size_t i = 0; i <= iec::kValuesMax; ++i) {
        many += "(1)";
    }
    many += "\r\n!\r\n\x03";
    std::uint8_t check = 0;
    for (std::size_t i = 1; i < many.size(); ++i) {
        check = static_cast<std::uint8_t>(check ^ static_cast<std::uint8_t>(many[i]));
    }
    auto message = iec_bytes(many);
    message.push_back(check);
    CHECK(std::holds_alternative<DecodeFault>(iec::decode_data(message)));
}
