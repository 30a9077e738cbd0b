#include "collector/protocols/cjt188.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/protocols/random_bytes.hpp"

using namespace wutong::protocols;
namespace cj = wutong::protocols::cjt188;
using random::Dice;

namespace {

cj::Frame opened_cj(const Bytes& bytes) {
    ByteView rest{bytes};
    while (true) {
        const auto told = cj::match_frame(rest);
        if (const auto* skip = std::get_if<Skip>(&told)) {
            rest = rest.subspan(skip->bytes);
            continue;
        }
        REQUIRE(std::holds_alternative<FrameComplete>(told));
        REQUIRE(std::get<FrameComplete>(told).length == rest.size());
        return cj::decode_frame(rest);
    }
}

cj::Request random_cj_request(Dice& dice) {
    const auto order = dice.coin() ? cj::IdOrder::low_first : cj::IdOrder::high_first;
    // An identifier's first byte is over 80h and its second below: see read_id.
    const auto id = static_cast<std::uint16_t>(dice.number(0x80, 0xFF) << 8 | dice.number(0, 0x7F));
    switch (dice.number(0, 3)) {
        case 0:
            return cj::ReadData{id, order};
        case 1:
            return cj::ReadAddress{order};
        case 2:
            return id == cj::kValve ? cj::Request{cj::MoveValve{true, order}}
                                    : cj::Request{cj::WriteData{id, dice.bytes_up_to(97), order}};
        default:
            return cj::MoveValve{dice.coin(), order};
    }
}

cj::Address random_cj_address(Dice& dice) {
    cj::Address address;
    for (auto& byte : address.low_first) {
        byte = bcd_byte(dice.number(0, 99));
    }
    return address;
}

}  // namespace

// Sources: docs/protocols/cjt188.md.
TEST_CASE("cjt188: questions as public sources show them", "[cjt188]") {
    const auto meter = cj::parse_address("78330011223344");
    CHECK(to_hex(cj::encode_frame(cj::encode_request(cj::MeterKind::cold_water, meter, 0, cj::ReadData{}),
                                  4)) == "FE FE FE FE 68 10 44 33 22 11 00 33 78 01 03 1F 90 00 80 16");
    const auto valve = cj::parse_address("78331505900569");
    const auto move = [&](bool open) {
        return to_hex(
            cj::encode_frame(cj::encode_request(cj::MeterKind::cold_water, valve, 1, cj::MoveValve{open})));
    };
    CHECK(move(true) == "68 10 69 05 90 05 15 33 78 04 04 A0 17 01 55 50 16");
    CHECK(move(false) == "68 10 69 05 90 05 15 33 78 04 04 A0 17 01 99 94 16");
    CHECK(cj::to_string(valve) == "78331505900569");
}

// The page prints 08 where the sum is 13; everything else is as printed.
TEST_CASE("cjt188: a reading as a public source shows it", "[cjt188]") {
    const auto request =
        cj::encode_request(cj::MeterKind::cold_water, cj::parse_address("78330011223344"), 0, cj::ReadData{});
    const auto printed = from_hex(
        "FE FE FE FE 68 10 44 33 22 11 00 33 78 81 16 1F 90 00 00 77 66 55 2C 00 77 66 55 2C "
        "31 01 22 11 05 15 20 21 84 08 16");
    CHECK_FALSE(std::holds_alternative<FrameComplete>(cj::match_frame(ByteView{printed}.subspan(4))));
    auto mended = printed;
    mended[mended.size() - 2] = 0x13;
    const auto parsed = cj::parse_reply(opened_cj(mended), request);
    REQUIRE(std::holds_alternative<cj::Reply>(parsed));
    const auto read = cj::decode_water_reading(std::get<cj::Reply>(parsed).data);
    REQUIRE(std::holds_alternative<cj::WaterReading>(read));
    const auto& reading = std::get<cj::WaterReading>(read);
    CHECK(reading.total == 55'667'700);
    CHECK(reading.settled == 55'667'700);
    CHECK(cj::litres(reading.total, reading.unit) == 556'677'000);
    CHECK_FALSE(cj::litres(1, 0x05));
    CHECK(reading.clock == MeterClock{2015, 5, 11, 22, 1, 31});
    CHECK(to_hex(reading.status) == "21 84");
    CHECK(cj::decode_status(reading.status).valve == cj::ValveState::closed);
    CHECK(cj::decode_status(reading.status, cj::kStatusInHighBits) == cj::Status{cj::ValveState::open, true});
}

TEST_CASE("cjt188: what is not the answer is told from it", "[cjt188]") {
    using Kind = cj::ReplyFault::Kind;
    const auto meter = cj::parse_address("78330011223344");
    const auto ask = [&](std::uint8_t sequence, const cj::Request& request) {
        return cj::encode_request(cj::MeterKind::cold_water, meter, sequence, request);
    };
    const auto request = ask(5, cj::ReadData{});
    const auto fault = [&](const cj::Frame& reply) {
        const auto parsed = cj::parse_reply(reply, request);
        REQUIRE(std::holds_alternative<cj::ReplyFault>(parsed));
        return std::get<cj::ReplyFault>(parsed);
    };
    CHECK(fault(request).kind == Kind::not_mine);
    CHECK(fault(cj::encode_reply(cj::parse_address("1"), request, {})).kind == Kind::not_mine);
    CHECK(fault(cj::encode_reply(meter, ask(4, cj::ReadData{}), {})).kind == Kind::late);
    CHECK(fault(cj::encode_reply(meter, ask(5, cj::ReadData{0xD120}), {})).kind == Kind::late);
    CHECK(fault(cj::encode_reply(meter, ask(5, cj::MoveValve{}), {})).kind == Kind::not_mine);
    CHECK(fault({0x10, meter, 0x81, {0x1F}}).kind == Kind::wrong_length);
    const auto refused = fault(cj::encode_refusal(meter, request, Bytes{0x02, 0x00}));
    CHECK(refused.kind == Kind::refused);
    CHECK(refused.reason == "meter 78330011223344 refuses, status \"02 00\"");
    // A meter that turns the identifier round answers all the same, and so does any meter to AA...
    auto turned =
        cj::encode_reply(meter, ask(5, cj::ReadData{cj::kCurrentReading, cj::IdOrder::high_first}), Bytes{1});
    CHECK(std::holds_alternative<cj::Reply>(cj::parse_reply(turned, request)));
    auto any = request;
    any.address = cj::kAnyMeter;
    CHECK(std::get<cj::Reply>(cj::parse_reply(turned, any)).from == meter);
}

TEST_CASE("cjt188: wrong questions and bodies are named", "[cjt188]") {
    const cj::Address meter{};
    for (const auto& frame :
         {cj::Frame{0x10, meter, 0x01, {1, 2}}, cj::Frame{0x10, meter, 0x01, {0x90, 0x1F, 0, 0}},
          cj::Frame{0x10, meter, 0x03, {0x90, 0x1F, 0}}, cj::Frame{0x10, meter, 0x04, {0xA0, 0x17, 0, 0x56}},
          cj::Frame{0x10, meter, 0x04, {0x17, 0xA0, 0}}, cj::Frame{0x10, meter, 0x16, {0x90, 0x1F, 0}}}) {
        CHECK(std::holds_alternative<DecodeFault>(cj::parse_request(frame)));
    }
    const auto body = cj::encode_water_reading({123, 0x2C, 45, 0x2C, {2026, 1, 2, 3, 4, 5}, {1, 0}});
    CHECK(std::holds_alternative<DecodeFault>(cj::decode_water_reading(ByteView{body}.first(18))));
    for (const std::size_t at : {0U, 5U, 11U, 14U, 16U}) {
        auto wrong = body;
        wrong[at] = 0x7F;
        CHECK(std::holds_alternative<DecodeFault>(cj::decode_water_reading(wrong)));
    }
    CHECK_THROWS_AS(cj::encode_water_reading({100'000'000, 0x2C, 0, 0x2C, {}, {1, 0}}),
                    std::invalid_argument);
    CHECK_THROWS_AS(cj::encode_water_reading({1, 0x2C, 0, 0x2C, {}, {1}}), std::invalid_argument);
    CHECK_THROWS_AS(cj::encode_request(0x10, meter, 0, cj::WriteData{1, Bytes(98), {}}),
                    std::invalid_argument);
    CHECK_THROWS_AS(cj::encode_frame({0x10, meter, 1, Bytes(101)}), std::invalid_argument);
    for (const auto* wrong : {"", "123456789012345", "12x4"}) {
        CHECK_THROWS_AS(cj::parse_address(wrong), std::invalid_argument);
    }
}

TEST_CASE("cjt188: 20 000 random questions and readings come back unchanged", "[cjt188]") {
    Dice dice{188};
    for (int round = 0; round < 2000; ++round) {
        std::vector<cj::Frame> sent;
        Bytes stream;
        for (int i = 0; i < 10; ++i) {
            for (int n = dice.number(0, 4); n > 0; --n) {
                stream.push_back(static_cast<std::uint8_t>(dice.number(0, 0x67)));
            }
            const auto request = random_cj_request(dice);
            sent.push_back(
                cj::encode_request(cj::MeterKind::hot_water, random_cj_address(dice), dice.byte(), request));
            const auto parsed = cj::parse_request(sent.back());
            REQUIRE(std::holds_alternative<cj::Request>(parsed));
            REQUIRE(std::get<cj::Request>(parsed) == request);
            const auto bytes = cj::encode_frame(sent.back(), static_cast<std::size_t>(dice.number(0, 4)));
            stream.insert(stream.end(), bytes.begin(), bytes.end());
        }
        const auto got = random::harvest(stream, dice, 200, cj::kFrameMax, cj::match_frame);
        REQUIRE_FALSE(got.stuck);
        REQUIRE(got.frames.size() == sent.size());
        for (std::size_t i = 0; i < sent.size(); ++i) {
            REQUIRE(cj::decode_frame(got.frames[i]) == sent[i]);
        }
        const cj::Status status{dice.coin()   ? cj::ValveState::closed
                                : dice.coin() ? cj::ValveState::open
                                              : cj::ValveState::fault,
                                dice.coin()};
        for (const auto& layout : {cj::StatusLayout{}, cj::kStatusInHighBits}) {
            const cj::WaterReading reading{dice.number(0, 99'999'999),
                                           cj::kUnitCubicMetre,
                                           dice.number(0, 99'999'999),
                                           0x05,
                                           dice.clock(),
                                           cj::encode_status(status, layout)};
            const auto back = cj::decode_water_reading(cj::encode_water_reading(reading));
            REQUIRE(std::get<cj::WaterReading>(back) == reading);
            REQUIRE(cj::decode_status(std::get<cj::WaterReading>(back).status, layout) == status);
        }
    }
}

TEST_CASE("cjt188: rubbish never stops the deframer", "[cjt188]") {
    Dice dice{2004};
    const auto frame = cj::encode_frame(cj::encode_request(
        cj::MeterKind::cold_water, cj::parse_address("78330011223344"), 0, cj::ReadData{}));
    int missed = 0;
    for (int round = 0; round < 3000; ++round) {
        auto stream = dice.bytes_up_to(200);
        for (auto& byte : stream) {
            byte = dice.number(0, 3) == 0 ? std::uint8_t{0x68} : byte;
        }
        stream.insert(stream.end(), frame.begin(), frame.end());
        stream.insert(stream.end(), cj::kFrameMax, 0x00);
        const auto got = random::harvest(stream, dice, 40, cj::kFrameMax, cj::match_frame);
        REQUIRE_FALSE(got.stuck);
        missed += std::find(got.frames.begin(), got.frames.end(), frame) == got.frames.end() ? 1 : 0;
    }
    // The sum has eight bits: once in a while rubbish that swallows our frame is a frame itself.
    CHECK(missed <= 5);
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
        auto damaged = frame;
        damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1U << bit % 8);
        CHECK_FALSE(std::holds_alternative<FrameComplete>(cj::match_frame(damaged)));
    }
}
