#include <catch2/catch.hpp>

#include "collector/protocols/dlms_link.hpp"
#include "collector/protocols/dlms_wrapper.hpp"
#include "tests/unit/protocols/random_bytes.hpp"

using namespace wutong::protocols;
namespace co = wutong::protocols::dlms;
using random::Dice;

namespace {

const co::HdlcAddress kPublicClient{16, std::nullopt};
const co::HdlcAddress kMeter{1, 17};

std::string hex_of(const co::HdlcFrame& frame) {
    return to_hex(co::encode_hdlc(frame));
}

co::HdlcFrame opened_hdlc(const Bytes& bytes) {
    const auto told = co::match_hdlc(bytes);
    REQUIRE(std::holds_alternative<FrameComplete>(told));
    REQUIRE(std::get<FrameComplete>(told).length == bytes.size());
    return co::decode_hdlc(bytes);
}

co::HdlcAddress random_hdlc_address(Dice& dice) {
    switch (dice.number(0, 2)) {
        case 0:
            return {static_cast<std::uint16_t>(dice.number(0, 127)), std::nullopt};
        case 1:
            return {static_cast<std::uint16_t>(dice.number(0, 127)),
                    static_cast<std::uint16_t>(dice.number(0, 127))};
        default:
            return {static_cast<std::uint16_t>(dice.number(0, 0x3FFF)),
                    static_cast<std::uint16_t>(dice.number(0, 0x3FFF))};
    }
}

/// Carries frames between both ends until `from` hears a whole APDU, or the conversation ends.
struct Carried {
    std::optional<Bytes> at_meter, at_client;
    int frames = 0;
    bool connected = false, disconnected = false;
    std::string broken;
};
Carried carry(co::HdlcLink& client, co::HdlcLink& meter, Bytes frame, const Bytes* answer = nullptr) {
    Carried result;
    bool to_meter = true;
    while (!frame.empty() && result.frames < 2000) {
        ++result.frames;
        auto step = (to_meter ? meter : client).take(opened_hdlc(frame));
        frame.clear();
        if (auto* send = std::get_if<co::HdlcLink::Send>(&step)) {
            frame = std::move(send->frame);
        } else if (auto* apdu = std::get_if<co::HdlcLink::Apdu>(&step)) {
            (to_meter ? result.at_meter : result.at_client) = apdu->apdu;
            if (to_meter && answer != nullptr) {
                frame = meter.send(*answer);
            }
        } else if (auto* broken = std::get_if<co::HdlcLink::Broken>(&step)) {
            result.broken = broken->reason;
        }
        result.connected = result.connected || std::holds_alternative<co::HdlcLink::Connected>(step);
        result.disconnected = result.disconnected || std::holds_alternative<co::HdlcLink::Disconnected>(step);
        to_meter = !to_meter;
    }
    return result;
}

}  // namespace

// Sources: docs/protocols/dlms.md.
TEST_CASE("hdlc: frames as public sources show them", "[dlms]") {
    CHECK(co::hdlc_crc(from_hex("03 3F")) == 0xEC5B);
    CHECK(hex_of({kMeter, kPublicClient, co::HdlcControl::snrm, false, {}}) ==
          "7E A0 08 02 23 21 93 BD 64 7E");
    CHECK(hex_of({kMeter, kPublicClient, co::HdlcControl::disc, false, {}}) ==
          "7E A0 08 02 23 21 53 B1 A2 7E");

    const auto ua =
        opened_hdlc(from_hex("7EA01F21022373E6C781801205019A06019A070400000001080400000001CCA27E"));
    CHECK(ua.destination == kPublicClient);
    CHECK(ua.source == kMeter);
    CHECK(ua.control == co::HdlcControl::ua);
    const auto limits = co::decode_hdlc_limits(ua.information);
    REQUIRE(std::holds_alternative<co::HdlcLimits>(limits));
    CHECK(std::get<co::HdlcLimits>(limits) == co::HdlcLimits{0x9A, 0x9A, 1, 1});
    CHECK(co::encode_hdlc_limits({0x9A, 0x9A, 1, 1}) == ua.information);

    const auto aarq = from_hex(
        "7EA02C02232110AF9FE6E600601DA109060760857405080101BE10040E01000000065F1F0400001E1DFFFFC5E47E");
    CHECK(opened_hdlc(aarq).control == co::information_control(0, 0));
    CHECK(co::encode_hdlc(opened_hdlc(aarq)) == aarq);
    const auto aare = from_hex(
        "7EA0382102233034E7E6E7006129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400001E"
        "1D04"
        "C80007B86A7E");
    CHECK(opened_hdlc(aare).control == co::information_control(0, 1));
    CHECK(co::encode_hdlc(opened_hdlc(aare)) == aare);
    // Laid out by hand: GET 1.0.1.8.0.255.
    CHECK(to_hex(opened_hdlc(from_hex("7EA01A02232132F672E6E600C001C100030100010800FF020032687E"))
                     .information) == "E6 E6 00 C0 01 C1 00 03 01 00 01 08 00 FF 02 00");
}

TEST_CASE("hdlc: addresses of one, two and four bytes, and limits", "[dlms]") {
    const auto address = [](const co::HdlcAddress& one, co::HdlcAddressBytes width) {
        const auto bytes = co::encode_hdlc({one, {1, std::nullopt}, 0x93, false, {}}, width);
        return to_hex(ByteView{bytes}.subspan(3, bytes.size() - 8));
    };
    using enum co::HdlcAddressBytes;
    CHECK(address({16, std::nullopt}, shortest) == "21");
    CHECK(address({1, 17}, shortest) == "02 23");
    CHECK(address({1, 17}, four) == "00 02 00 23");
    CHECK(address({1, 200}, shortest) == "00 02 02 91");
    CHECK_THROWS_AS(address({128, std::nullopt}, shortest), std::invalid_argument);
    CHECK_THROWS_AS(address({1, 200}, two), std::invalid_argument);
    CHECK_THROWS_AS(address({1, 0x4000}, four), std::invalid_argument);
    CHECK_THROWS_AS(co::encode_hdlc({kMeter, kPublicClient, 0x10, false, Bytes(2040)}),
                    std::invalid_argument);

    CHECK(std::get<co::HdlcLimits>(co::decode_hdlc_limits({})) == co::HdlcLimits{});
    for (const auto* wrong :
         {"81", "81 80 03 05 01", "81 80 02 05 00", "81 80 03 05 01 00", "81 80 06 07 04 00 00 00 08",
          "80 80 03 05 01 9A", "81 80 07 05 05 01 01 01 01 01"}) {
        CHECK(std::holds_alternative<DecodeFault>(co::decode_hdlc_limits(from_hex(wrong))));
    }
}

TEST_CASE("hdlc: 10 000 random frames come through noise and pieces unchanged", "[dlms]") {
    Dice dice{4059};
    for (int round = 0; round < 1000; ++round) {
        std::vector<co::HdlcFrame> sent;
        Bytes stream;
        for (int i = 0; i < 10; ++i) {
            for (int n = dice.number(0, 4); n > 0; --n) {
                stream.push_back(static_cast<std::uint8_t>(dice.number(0, 0x7D)));
            }
            sent.push_back({random_hdlc_address(dice), random_hdlc_address(dice), dice.byte(), dice.coin(),
                            dice.bytes_up_to(dice.number(0, 9) == 0 ? 2000 : 130)});
            const auto bytes = co::encode_hdlc(sent.back());
            stream.insert(stream.end(), bytes.begin(), bytes.end());
        }
        const auto got = random::harvest(stream, dice, 300, co::kHdlcLengthMax + 2, co::match_hdlc);
        REQUIRE_FALSE(got.stuck);
        REQUIRE(got.frames.size() == sent.size());
        for (std::size_t i = 0; i < sent.size(); ++i) {
            REQUIRE(co::decode_hdlc(got.frames[i]) == sent[i]);
        }
    }
}

TEST_CASE("hdlc: rubbish never stops the deframer, any turned bit is noticed", "[dlms]") {
    Dice dice{46};
    const auto frame = co::encode_hdlc({kMeter, kPublicClient, 0x10, false, from_hex("E6 E6 00 C0 01")});
    for (int round = 0; round < 2000; ++round) {
        auto stream = dice.bytes_up_to(200);
        for (auto& byte : stream) {
            const auto kind = dice.number(0, 7);
            byte = kind == 0 ? std::uint8_t{0x7E} : kind == 1 ? std::uint8_t{0xA0} : byte;
        }
        stream.insert(stream.end(), frame.begin(), frame.end());
        stream.insert(stream.end(), co::kHdlcLengthMax + 2, 0x00);
        const auto got = random::harvest(stream, dice, 60, co::kHdlcLengthMax + 2, co::match_hdlc);
        REQUIRE_FALSE(got.stuck);
        REQUIRE(std::find(got.frames.begin(), got.frames.end(), frame) != got.frames.end());
    }
    for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
        auto damaged = frame;
        damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1U << bit % 8);
        CHECK_FALSE(std::holds_alternative<FrameComplete>(co::match_hdlc(damaged)));
    }
}

TEST_CASE("hdlc link: connects, carries APDUs of any length both ways, disconnects", "[dlms]") {
    Dice dice{62056};
    for (const std::uint16_t size : {std::uint16_t{20}, std::uint16_t{128}, std::uint16_t{500}}) {
        const co::HdlcLimits limits{size, size, 1, 1};
        co::HdlcLink client{co::HdlcLink::Role::client, kPublicClient, kMeter, limits};
        co::HdlcLink meter{co::HdlcLink::Role::meter, kMeter, {}, {200, 200, 1, 1}};
        CHECK(carry(client, meter, client.connect()).connected);
        for (int round = 0; round < 40; ++round) {
            auto question = dice.bytes_up_to(round == 7 ? 5000 : 300);
            question.push_back(0xC0);
            auto answer = dice.bytes_up_to(round == 8 ? 8000 : 300);
            answer.push_back(0xC4);
            const auto done = carry(client, meter, client.send(question), &answer);
            INFO(done.broken);
            REQUIRE(done.at_meter == question);
            REQUIRE(done.at_client == answer);
        }
        CHECK(carry(client, meter, client.disconnect()).disconnected);
        CHECK_FALSE(meter.connected());
        const auto refused = carry(client, meter, client.disconnect());
        CHECK(refused.disconnected);  // DM to a DISC is as good
    }
}

TEST_CASE("hdlc link: lost frames are sent again, strangers ignored, faults named", "[dlms]") {
    using Link = co::HdlcLink;
    const co::HdlcLimits small{20, 20, 1, 1};
    Link client{Link::Role::client, kPublicClient, kMeter, small};
    Link meter{Link::Role::meter, kMeter, {}, small};
    // Before a connection the meter says DM.
    const auto early = client.send(Bytes{1});
    const auto dm = std::get<Link::Send>(meter.take(opened_hdlc(early))).frame;
    CHECK(opened_hdlc(dm).control == co::HdlcControl::dm);
    CHECK(carry(client, meter, client.connect()).connected);

    const Bytes question{0xC0, 0x01};
    const auto asked = opened_hdlc(client.send(question));
    CHECK(std::get<Link::Apdu>(meter.take(asked)).apdu == question);
    const auto answered = meter.send(Bytes{0xC4});
    // The answer is lost: the client asks again and hears the same.
    const auto again = meter.take(opened_hdlc(client.again()));
    CHECK(std::get<Link::Send>(again).frame == answered);
    CHECK(std::get<Link::Apdu>(client.take(opened_hdlc(answered))).apdu == Bytes{0xC4});
    CHECK(std::holds_alternative<Link::Ignored>(client.take(opened_hdlc(answered))));  // repeated

    auto stranger = opened_hdlc(answered);
    stranger.source = {1, 18};
    CHECK(std::holds_alternative<Link::Ignored>(client.take(stranger)));
    auto jumped = opened_hdlc(answered);
    jumped.control = co::information_control(5, 1);
    CHECK(std::get<Link::Broken>(client.take(jumped)).reason == "frame 5 came, 1 was expected");
    jumped.control = co::information_control(1, 7);
    CHECK(std::get<Link::Broken>(client.take(jumped)).reason == "the other side expects frame 7, ours is 1");
    jumped.control = co::information_control(1, 1);
    jumped.information = Bytes{0xE6, 0xE6, 0x00, 0xC4};
    CHECK(std::get<Link::Broken>(client.take(jumped)).reason ==
          "an APDU begins with LLC header E6 E7 00, this with E6 E6 00");
    jumped.control = co::HdlcControl::frmr;
    CHECK(std::holds_alternative<Link::Broken>(client.take(jumped)));
    CHECK_THROWS_AS(client.send({}), std::invalid_argument);
}

TEST_CASE("wrapper: header, pieces, noise and limits", "[dlms]") {
    const co::WrapperFrame hello{16, 1, from_hex("C0 01 C1")};
    CHECK(to_hex(co::encode_wrapper(hello)) == "00 01 00 10 00 01 00 03 C0 01 C1");
    CHECK(std::get<Skip>(co::match_wrapper(from_hex("00 01 00 10 00 01 00 00"))).bytes == 4);
    CHECK(std::get<Skip>(co::match_wrapper(from_hex("00 01 00 10 00 01 40 01"))).bytes > 0);
    CHECK_THROWS_AS(co::encode_wrapper({1, 1, {}}), std::invalid_argument);
    CHECK_THROWS_AS(co::encode_wrapper({1, 1, Bytes(16'385)}), std::invalid_argument);
    Dice dice{47};
    for (int round = 0; round < 1000; ++round) {
        std::vector<co::WrapperFrame> sent;
        Bytes stream;
        for (int i = 0; i < 10; ++i) {
            auto apdu = dice.bytes_up_to(300);
            apdu.push_back(1);
            sent.push_back({static_cast<std::uint16_t>(dice.number32(0xFFFF)),
                            static_cast<std::uint16_t>(dice.number32(0xFFFF)), apdu});
            const auto bytes = co::encode_wrapper(sent.back());
            stream.insert(stream.end(), bytes.begin(), bytes.end());
        }
        const auto got =
            random::harvest(stream, dice, 500, co::kWrapperHeader + co::kWrapperApduMax, co::match_wrapper);
        REQUIRE_FALSE(got.stuck);
        REQUIRE(got.skipped == 0);
        REQUIRE(got.frames.size() == sent.size());
        for (std::size_t i = 0; i < sent.size(); ++i) {
            REQUIRE(co::decode_wrapper(got.frames[i]) == sent[i]);
        }
        auto rubbish = dice.bytes_up_to(2000);
        REQUIRE_FALSE(
            random::harvest(rubbish, dice, 60, co::kWrapperHeader + co::kWrapperApduMax, co::match_wrapper)
                .stuck);
    }
}
