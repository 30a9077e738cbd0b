#include <catch2/catch.hpp>

#include "collector/protocols/dlms_profile.hpp"
#include "tests/unit/protocols/random_dlms.hpp"

using namespace wutong::protocols;
namespace co = wutong::protocols::dlms;
using random::Dice;

namespace {

co::Response response(const char* hex) {
    const auto parsed = co::parse_response(from_hex(hex));
    REQUIRE(std::holds_alternative<co::Response>(parsed));
    return std::get<co::Response>(parsed);
}

std::string request_of(const co::Request& request) {
    return to_hex(co::encode_request(request));
}

const auto kCounter = co::parse_obis("0.0.43.1.0.255");

}  // namespace

// Sources of the bytes: docs/protocols/dlms.md.
TEST_CASE("dlms: services as public sources show them", "[dlms]") {
    CHECK(request_of(co::GetRequest{{{1, kCounter, 2}, {}}}) == "C0 01 C1 00 01 00 00 2B 01 00 FF 02 00");
    CHECK(request_of(co::GetNextRequest{3}) == "C0 02 C1 00 00 00 03");
    CHECK(request_of(co::GetListRequest{
              {{{1, co::parse_obis("0.0.42.0.0"), 2}, {}}, {{8, co::kClockObject, 2}, {}}}}) ==
          "C0 03 C1 02 00 01 00 00 2A 00 00 FF 02 00 00 08 00 00 01 00 00 FF 02 00");
    CHECK(std::get<co::Data>(std::get<co::GetResponse>(response("C4 01 C1 00 06 00 00 13 91")).result) ==
          co::number(co::Type::uint32, 5009));
    CHECK(std::get<co::AccessResult>(std::get<co::GetResponse>(response("C4 01 C1 01 01")).result) ==
          co::AccessResult::hardware_fault);
    CHECK(std::get<co::SetResponse>(response("C5 01 C1 00")).result == co::AccessResult::success);
    CHECK_FALSE(std::get<co::ActionResponse>(response("C7 01 C0 00 00")).returned);
    const auto denied = std::get<co::ActionResponse>(response("C7 01 C0 00 01 01 FA"));
    CHECK(std::get<co::AccessResult>(denied.returned.value()) == co::AccessResult::other_reason);
    const auto proof = std::get<co::ActionResponse>(
        response("C7 01 C0 00 01 00 09 11 10 00 00 1A FD E8 85 7B 72 8A 34 99 10 6A A6 65 D1"));
    CHECK(std::get<co::Data>(proof.returned.value()).bytes.size() == 17);

    const co::DateTime moment{{2021, 1, 24, 14, 48, 57}, std::nullopt, 0x50, -60, 0};
    CHECK(
        request_of(co::SetRequest{{8, co::kClockObject, 2}, {}, co::octets(co::encode_date_time(moment))}) ==
        "C1 01 C1 00 08 00 00 01 00 00 FF 02 00 09 0C 07 E5 01 18 FF 0E 30 39 50 FF C4 00");
    co::ActionRequest reply_to_hls{15, co::parse_obis("0.0.40.0.0.255"), 1, {}, 0xC0};
    CHECK(request_of(reply_to_hls) == "C3 01 C0 00 0F 00 00 28 00 00 FF 01 00");
    reply_to_hls.parameters = co::octets(from_hex("10 00 00 1A 90 E6 D2 22 1F A2 FD 85 EE D6 1A CC 22"));
    CHECK(request_of(reply_to_hls) ==
          "C3 01 C0 00 0F 00 00 28 00 00 FF 01 01 09 11 10 00 00 1A 90 E6 D2 22 1F A2 FD 85 EE D6 1A CC 22");
    // Laid out by hand.
    CHECK(request_of(co::disconnect_request()) == "C3 01 C1 00 46 00 00 60 03 0A FF 01 01 0F 00");
    CHECK(request_of(co::reconnect_request()) == "C3 01 C1 00 46 00 00 60 03 0A FF 02 01 0F 00");
}

TEST_CASE("dlms: selective access as a public source shows it", "[dlms]") {
    const auto october = [](int hour) { return co::DateTime{{2017, 10, 1, hour, 0, 0}, 7, 0, -60, 0x80}; };
    const co::RangeSelection range{{}, october(0), october(1), {}};
    const co::GetRequest get{{{7, co::parse_obis("1.0.99.1.0.255"), 2}, co::encode_selection(range)}};
    CHECK(co::encode_request(get) ==
          from_hex("C001C1 0007 0100630100FF 02 01 01 0204 0204 120008 0906 0000010000FF 0F02 120000 "
                   "090C 07E10A0107000000 00FFC480 090C 07E10A0107010000 00FFC480 0100"));
    const auto back = co::decode_selection(*get.read.part);
    REQUIRE(std::holds_alternative<co::RangeSelection>(back));
    CHECK(std::get<co::RangeSelection>(back) == range);
    CHECK(to_hex(co::encode_date_time({{2020, 1, 1, 0, 3, 0}, {}, 0, -120, 0})) ==
          "07 E4 01 01 FF 00 03 00 00 FF 88 00");
    const co::EntrySelection entries{1, 96, 1, 3};
    CHECK(to_hex(co::encode_data(co::encode_selection(entries).parameters)) ==
          "02 04 06 00 00 00 01 06 00 00 00 60 12 00 01 12 00 03");
    CHECK(std::get<co::EntrySelection>(co::decode_selection(co::encode_selection(entries))) == entries);
    CHECK(std::holds_alternative<DecodeFault>(
        co::decode_selection({3, co::encode_selection(entries).parameters})));
    CHECK(std::holds_alternative<DecodeFault>(
        co::decode_selection({1, co::encode_selection(entries).parameters})));
    CHECK(std::holds_alternative<DecodeFault>(co::decode_selection({1, co::null_data()})));
}

TEST_CASE("dlms: a profile's rows; a missing time follows the row before", "[dlms]") {
    const auto at = co::octets(from_hex("07 E3 0C 13 04 02 00 00 00 FF C4 00"));
    const auto value = [](int number) { return co::number(co::Type::uint32, number); };
    const auto flags = co::number(co::Type::uint8, 6);
    // The head of a buffer that a public test holds: the first row has its time, the others null.
    const auto printed = co::decode_data(
        from_hex("01 02 02 04 09 0C 07 E3 0C 13 04 02 00 00 00 FF C4 00 11 06 06 00 00 05 ED 06 00 00 06 54 "
                 "02 04 00 11 06 06 00 00 05 ED 06 00 00 06 54"));
    REQUIRE(std::holds_alternative<co::Data>(printed));
    CHECK(std::get<co::Data>(printed) ==
          co::array({co::structure({at, flags, value(1517), value(1620)}),
                     co::structure({co::null_data(), flags, value(1517), value(1620)})}));
    const auto rows = co::decode_profile(std::get<co::Data>(printed), 0, std::chrono::minutes{60});
    REQUIRE(std::holds_alternative<std::vector<co::ProfileRow>>(rows));
    const auto& both = std::get<std::vector<co::ProfileRow>>(rows);
    REQUIRE(both.size() == 2);
    CHECK(both[0].at.clock == MeterClock{2019, 12, 19, 2, 0, 0});
    CHECK(both[0].at.deviation_minutes == -60);
    CHECK(both[1].at.clock == MeterClock{2019, 12, 19, 3, 0, 0});
    CHECK(both[1].values[2] == value(1517));

    const auto fault = [&](const co::Data& buffer, std::size_t column, int minutes) {
        const auto told = co::decode_profile(buffer, column, std::chrono::minutes{minutes});
        REQUIRE(std::holds_alternative<DecodeFault>(told));
        return std::get<DecodeFault>(told).reason;
    };
    const auto nothing = co::null_data();
    CHECK(fault(nothing, 0, 60) == "a profile's buffer is an array of rows");
    CHECK(fault(co::array({co::structure({nothing})}), 0, 60) ==
          "row 1 has no time, and there is nothing to count it from");
    CHECK(fault(co::array({co::structure({at}), co::structure({nothing})}), 0, 0) ==
          "row 2 has no time, and there is nothing to count it from");
    CHECK(fault(co::array({co::structure({at})}), 1, 60) == "row 1 is not a structure that holds column 2");
    CHECK(fault(co::array({co::structure({flags})}), 0, 60) == "row 1: column 1 is no time");
    const auto century = co::octets(co::encode_date_time({{2099, 12, 31, 23, 59, 59}, {}, {}, {}, 0}));
    CHECK(fault(co::array({co::structure({century}), co::structure({nothing})}), 0, 1) ==
          "row 2: year 2100, the meter knows 2000..2099");

    const std::vector<co::CaptureObject> columns{{}, {3, co::parse_obis("1.0.1.8.0"), 2, 0}};
    CHECK(std::get<std::vector<co::CaptureObject>>(
              co::decode_capture_objects(co::encode_capture_objects(columns))) == columns);
    CHECK(std::holds_alternative<DecodeFault>(co::decode_capture_objects(co::array({nothing}))));
    CHECK(std::get<co::ScalerUnit>(co::decode_scaler_unit(co::encode_scaler_unit({-2, 30}))) ==
          co::ScalerUnit{-2, 30});
    CHECK(std::holds_alternative<DecodeFault>(co::decode_scaler_unit(nothing)));
}

TEST_CASE("dlms: long answers come together block by block", "[dlms]") {
    const auto whole = co::encode_data(co::octets(Bytes(1000, 7)));
    co::LongGet get;
    std::uint32_t block = 0;
    for (std::size_t at = 0; at < whole.size(); at += 300) {
        const auto end = std::min(whole.size(), at + 300);
        const Bytes part{whole.begin() + static_cast<std::ptrdiff_t>(at),
                         whole.begin() + static_cast<std::ptrdiff_t>(end)};
        const auto told = get.take({end == whole.size(), ++block, part});
        if (end == whole.size()) {
            CHECK(std::get<Bytes>(told) == whole);
        } else {
            CHECK(std::get<co::LongGet::Ask>(told).next.block == block);
        }
    }
    const auto failed = [](co::LongGet from, const co::GetBlockResponse& response) {
        return std::get<co::LongGet::Failed>(from.take(response)).reason;
    };
    CHECK(failed({}, {false, 2, Bytes{1}}) == "block 2 came, 1 was asked for");
    CHECK(failed({}, {false, 1, Bytes{}}) == "block 1 is empty and not the last");
    CHECK(failed({}, {true, 1, co::AccessResult::long_get_aborted}) == "block 1: long get aborted (15)");
    co::LongGet endless;
    std::uint32_t number = 0;
    while (std::holds_alternative<co::LongGet::Ask>(endless.take({false, ++number, Bytes(60'000)}))) {
        REQUIRE(number < 20);
    }
    CHECK(number == 18);
}

TEST_CASE("dlms: what is no APDU is refused, what a meter refuses is said in words", "[dlms]") {
    for (const auto* wrong :
         {"", "C4", "C4 01 C1", "C4 01 C1 02", "C4 01 C1 00 06 00", "C4 01 C1 00 06 00 00 13 91 00",
          "C4 04 C1 00", "C5 02 C1 00", "C7 01 C0 00 02", "FF 01 C1 00", "C4 01 C1 00 63"}) {
        CHECK(std::holds_alternative<DecodeFault>(co::parse_response(from_hex(wrong))));
    }
    for (const auto* wrong : {"", "C0 04 C1 00", "C0 03 C1 00", "C0 01 C1 00 01 00 00 2B 01 00 FF 02",
                              "C0 01 C1 00 01 00 00 2B 01 00 FF 02 02", "C1 02 C1 00",
                              "C3 01 C1 00 46 00 00 60 03 0A FF 01 02"}) {
        CHECK(std::holds_alternative<DecodeFault>(co::parse_request(from_hex(wrong))));
    }
    CHECK(co::to_string(co::AccessResult::object_undefined) == "object undefined (4)");
    CHECK(co::to_string(static_cast<co::AccessResult>(77)) == "unknown result (77)");
    CHECK(co::to_string(std::get<co::ExceptionResponse>(response("D8 01 02"))) ==
          "service not allowed, service not supported");
    CHECK(co::to_string(std::get<co::ExceptionResponse>(response("D8 02 06 00 00 00 2A"))) ==
          "service unknown, invocation counter not accepted, the meter wants 42");
    CHECK_THROWS_AS(co::encode_request(co::GetListRequest{}), std::invalid_argument);
    CHECK_THROWS_AS(co::number(co::Type::uint8, 256), std::invalid_argument);
    CHECK_THROWS_AS(co::number(co::Type::uint8, -1), std::invalid_argument);
    CHECK_THROWS_AS(co::number(co::Type::int8, 128), std::invalid_argument);
    CHECK_THROWS_AS(co::number(co::Type::boolean, 2), std::invalid_argument);
    CHECK_THROWS_AS(co::number(co::Type::octet_string, 2), std::invalid_argument);
    for (const auto* wrong : {"", "1.0.1.8", "1.0.1.8.0.256", "1.0.1.8.0.", "a", "1.0.1.8.0.255.1"}) {
        CHECK_THROWS_AS(co::parse_obis(wrong), std::invalid_argument);
    }
    CHECK(co::to_string(co::parse_obis("1-0:1.8.0*255")) == "1.0.1.8.0.255");
}

TEST_CASE("dlms: compact arrays and limits of nesting", "[dlms]") {
    // structure of (uint16, octet string); two of them in 8 bytes.
    const auto compact = co::decode_data(from_hex("13 02 02 12 09 09 00 01 01 AA 00 02 02 BB CC"));
    REQUIRE(std::holds_alternative<co::Data>(compact));
    CHECK(std::get<co::Data>(compact) ==
          co::array({co::structure({co::number(co::Type::uint16, 1), co::octets(Bytes{0xAA})}),
                     co::structure({co::number(co::Type::uint16, 2), co::octets(Bytes{0xBB, 0xCC})})}));
    // Array of two uint8 inside.
    const auto nested = co::decode_data(from_hex("13 01 00 02 11 04 01 02 03 04"));
    REQUIRE(std::holds_alternative<co::Data>(nested));
    CHECK(std::get<co::Data>(nested).items.size() == 2);
    for (const auto* wrong : {"13 00 01 00", "13 02 00 01 00", "13 12 03 00 01 02", "13 01 FF FF 00 01 00",
                              "01 05 00 00", "01 82 FF FF 00", "13 02 7F 12"}) {
        CHECK(std::holds_alternative<DecodeFault>(co::decode_data(from_hex(wrong))));
    }
    auto deep = co::null_data();
    for (int i = 0; i < co::kDepthMax; ++i) {
        deep = co::array({deep});
    }
    CHECK(std::holds_alternative<co::Data>(co::decode_data(co::encode_data(deep))));
    CHECK_THROWS_AS(co::encode_data(co::array({deep})), std::invalid_argument);
    Bytes too_deep;
    for (int i = 0; i < 1000; ++i) {
        too_deep.insert(too_deep.end(), {1, 1});
    }
    CHECK(std::holds_alternative<DecodeFault>(co::decode_data(too_deep)));
}

TEST_CASE("dlms: 10 000 random values and services come back unchanged", "[dlms]") {
    Dice dice{61334};
    for (int round = 0; round < 5000; ++round) {
        const auto data = random::any_data(dice, 5);
        const auto back = co::decode_data(co::encode_data(data));
        REQUIRE(std::holds_alternative<co::Data>(back));
        REQUIRE(std::get<co::Data>(back) == data);

        const auto request = random::dlms_request(dice);
        const auto asked = co::parse_request(co::encode_request(request));
        REQUIRE(std::holds_alternative<co::Request>(asked));
        REQUIRE(std::get<co::Request>(asked) == request);

        const auto answer = random::dlms_response(dice);
        const auto heard = co::parse_response(co::encode_response(answer));
        REQUIRE(std::holds_alternative<co::Response>(heard));
        REQUIRE(std::get<co::Response>(heard) == answer);

        co::DateTime moment{dice.clock(), {}, {}, {}, dice.byte()};
        if (dice.coin()) {
            moment.weekday = dice.number(1, 7);
            moment.hundredths = dice.number(0, 99);
            moment.deviation_minutes = dice.number(-720, 720);
        }
        REQUIRE(std::get<co::DateTime>(co::decode_date_time(co::encode_date_time(moment))) == moment);
        const auto obis = random::obis(dice);
        REQUIRE(co::parse_obis(co::to_string(obis)) == obis);
    }
}

TEST_CASE("dlms: cut and turned services never break the parser", "[dlms]") {
    Dice dice{15118};
    for (int round = 0; round < 3000; ++round) {
        auto bytes = dice.coin() ? co::encode_request(random::dlms_request(dice))
                                 : co::encode_response(random::dlms_response(dice));
        for (int i = dice.number(0, 3); i > 0; --i) {
            bytes[dice.number32(static_cast<std::uint32_t>(bytes.size() - 1))] = dice.byte();
        }
        bytes.resize(dice.number32(static_cast<std::uint32_t>(bytes.size())));
        // Whatever still parses is written as something that parses to the same.
        const auto request = co::parse_request(bytes);
        if (const auto* sound = std::get_if<co::Request>(&request)) {
            REQUIRE(std::get<co::Request>(co::parse_request(co::encode_request(*sound))) == *sound);
        }
        static_cast<void>(co::parse_response(bytes));
    }
}
