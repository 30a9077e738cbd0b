#include <catch2/catch.hpp>
#include <random>

#include "collector/protocols/modbus_crc.hpp"
#include "collector/protocols/modbus_pdu.hpp"
#include "collector/protocols/modbus_rtu.hpp"
#include "collector/protocols/modbus_tcp.hpp"

using namespace wutong::protocols;

namespace {

Request random_request(std::mt19937& random) {
    const auto number = [&](int from, int to) {
        return std::uniform_int_distribution<int>{from, to}(random);
    };
    switch (number(0, 2)) {
        case 0: {
            const auto count = number(1, 125);
            return ReadRequest{number(0, 1) == 0 ? kReadHolding : kReadInput,
                               static_cast<std::uint16_t>(number(0, 0x10000 - count)),
                               static_cast<std::uint16_t>(count)};
        }
        case 1: {
            WriteRequest write{static_cast<std::uint16_t>(number(0, 0x10000 - 123)), {}};
            write.words.resize(static_cast<std::size_t>(number(1, 123)));
            for (auto& word : write.words) {
                word = static_cast<std::uint16_t>(number(0, 0xFFFF));
            }
            return write;
        }
        default: {
            VendorWriteRequest write{static_cast<std::uint16_t>(number(0, 0xFFFF)), {}};
            write.data.resize(static_cast<std::size_t>(number(1, 123) * 2));
            for (auto& byte : write.data) {
                byte = static_cast<std::uint8_t>(number(0, 0xFF));
            }
            return write;
        }
    }
}

Bytes good_reply(const Request& request, std::mt19937& random, Words& expected) {
    expected.clear();
    if (const auto* read = std::get_if<ReadRequest>(&request)) {
        for (int i = 0; i < read->count; ++i) {
            expected.push_back(static_cast<std::uint16_t>(random()));
        }
        return encode_read_reply(read->function, expected);
    }
    if (const auto* write = std::get_if<WriteRequest>(&request)) {
        return encode_write_reply(write->address, static_cast<std::uint16_t>(write->words.size()));
    }
    return encode_vendor_reply(std::get<VendorWriteRequest>(request));
}

/// Cuts into pieces of 1..max bytes.
std::vector<Bytes> pieces(const Bytes& bytes, std::mt19937& random, std::size_t max) {
    std::vector<Bytes> all;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length = std::min(bytes.size() - at, 1 + random() % max);
        all.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                         bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
        at += length;
    }
    return all;
}

}  // namespace

TEST_CASE("rtu: reads of the fact sheet, byte for byte", "[rtu]") {
    const auto frame = [](std::uint16_t address, std::uint16_t count) {
        return to_hex(encode_rtu(1, encode_request(ReadRequest{kReadHolding, address, count})));
    };
    CHECK(frame(0x3001, 6) == "01 03 30 01 00 06 9B 08");
    CHECK(frame(0x0400, 25) == "01 03 04 00 00 19 85 30");
    CHECK(frame(0x2000, 6) == "01 03 20 00 00 06 CE 08");
    CHECK(frame(0x2006, 21) == "01 03 20 06 00 15 6F C4");
    CHECK(frame(0x201B, 21) == "01 03 20 1B 00 15 FF C2");

    ReplyDeframer deframer{{1, reply_shape(ReadRequest{kReadHolding, 0x3001, 6})}};
    const auto told = deframer.feed(from_hex("01 03 0C 12 01 08 0A 01 01 01 00 00 00 00 00 80 23"));
    REQUIRE(std::holds_alternative<RtuFrame>(told));
    const auto words = parse_reply(std::get<RtuFrame>(told).pdu, ReadRequest{kReadHolding, 0x3001, 6});
    REQUIRE(std::holds_alternative<Words>(words));
    CHECK(std::get<Words>(words) == Words{0x1201, 0x080A, 0x0101, 0x0100, 0, 0});
}

TEST_CASE("pdu: limits are refused before anything is sent", "[pdu]") {
    CHECK_THROWS_AS(encode_request(ReadRequest{kReadHolding, 0, 0}), std::invalid_argument);
    CHECK_THROWS_AS(encode_request(ReadRequest{kReadHolding, 0, 126}), std::invalid_argument);
    CHECK_THROWS_AS(encode_request(ReadRequest{kReadHolding, 0xFFFF, 2}), std::invalid_argument);
    CHECK_NOTHROW(encode_request(ReadRequest{kReadHolding, 0xFFFF, 1}));
    CHECK_THROWS_AS(encode_request(ReadRequest{0x05, 0, 1}), std::invalid_argument);
    CHECK_THROWS_AS(encode_request(WriteRequest{0, {}}), std::invalid_argument);
    CHECK_THROWS_AS(encode_request(WriteRequest{0, Words(124)}), std::invalid_argument);
    CHECK_THROWS_AS(encode_request(VendorWriteRequest{0, Bytes(3)}), std::invalid_argument);
    CHECK_THROWS_AS(encode_request(VendorWriteRequest{0, {}}), std::invalid_argument);
    CHECK_THROWS_AS(encode_request(VendorWriteRequest{0, Bytes(248)}), std::invalid_argument);
    CHECK(encode_request(VendorWriteRequest{0, Bytes(246)}).size() <= kPduMax);
    CHECK_THROWS_AS(encode_rtu(1, {}), std::invalid_argument);
    CHECK_THROWS_AS(encode_rtu(1, Bytes(254)), std::invalid_argument);
    CHECK_THROWS_AS(encode_tcp({1, 1, Bytes(254)}), std::invalid_argument);
}

TEST_CASE("pdu: a device refuses what it can't serve with the right exception", "[pdu]") {
    struct Row {
        const char* pdu;
        ExceptionCode code;
    };
    for (const auto& row : {
             Row{"", ExceptionCode::illegal_function},
             Row{"2B 0E 01 00", ExceptionCode::illegal_function},
             Row{"03 00 00 00 00", ExceptionCode::illegal_value},
             Row{"03 00 00 00 7E", ExceptionCode::illegal_value},
             Row{"03 00 00 00", ExceptionCode::illegal_value},
             Row{"03 FF FF 00 02", ExceptionCode::illegal_address},
             Row{"10 00 57 00 02 03 00 01 00", ExceptionCode::illegal_value},
             Row{"10 00 57 00 02 04 00 01 00", ExceptionCode::illegal_value},
             Row{"10 00 57 00 00 00", ExceptionCode::illegal_value},
             Row{"10 FF FF 00 02 04 00 01 00 01", ExceptionCode::illegal_address},
             Row{"20 02 00 00 02 04 00 01 00", ExceptionCode::illegal_value},
             Row{"20 02 00", ExceptionCode::illegal_value},
         }) {
        CAPTURE(row.pdu);
        const auto parsed = parse_request(from_hex(row.pdu));
        REQUIRE(std::holds_alternative<ExceptionCode>(parsed));
        CHECK(std::get<ExceptionCode>(parsed) == row.code);
    }
}

TEST_CASE("pdu: wrong replies are named", "[pdu]") {
    using Kind = ReplyFault::Kind;
    struct Row {
        Request request;
        const char* reply;
        Kind kind;
    };
    const ReadRequest read{kReadHolding, 0, 2};
    const WriteRequest write{0x57, {1, 1}};
    const VendorWriteRequest vendor{0x200, Bytes(60)};
    const std::vector<Row> rows{
        {read, "", Kind::wrong_length},
        {read, "04 04 00 00 00 00", Kind::wrong_function},
        {read, "03 04 00 00 00", Kind::wrong_length},
        {read, "03 02 00 00", Kind::wrong_length},
        {read, "03 06 00 00 00 00", Kind::wrong_length},
        {read, "83", Kind::wrong_length},
        {read, "83 02 00", Kind::wrong_length},
        {read, "83 02", Kind::exception},
        {read, "90 02", Kind::wrong_function},
        {write, "10 00 58 00 02", Kind::wrong_echo},
        {write, "10 00 57 00 01", Kind::wrong_echo},
        {write, "10 00 57 00", Kind::wrong_length},
        {vendor, "20 02 00 00 1E", Kind::wrong_length},
        {vendor, "A0 03", Kind::exception},
    };
    for (const auto& row : rows) {
        CAPTURE(row.reply);
        const auto parsed = parse_reply(from_hex(row.reply), row.request);
        REQUIRE(std::holds_alternative<ReplyFault>(parsed));
        CHECK(std::get<ReplyFault>(parsed).kind == row.kind);
    }
    // The bytes of a 20h reply are not looked at.
    CHECK(
        std::holds_alternative<Words>(parse_reply(from_hex("20 FF FF FF FF FF FF FF FF FF FF FF"), vendor)));
}

TEST_CASE("round trip: any request and reply, in any pieces, over both envelopes", "[rtu][tcp][property]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    for (int round = 0; round < 2'000; ++round) {
        const auto request = random_request(random);
        const auto unit = static_cast<std::uint8_t>(1 + random() % 247);
        const auto pdu = encode_request(request);

        RequestDeframer device;
        std::optional<RtuFrame> seen;
        for (const auto& piece : pieces(encode_rtu(unit, pdu), random, 9)) {
            REQUIRE_FALSE(seen.has_value());
            device.feed(piece);
            seen = device.next();
        }
        REQUIRE(seen == RtuFrame{unit, pdu});
        const auto parsed = parse_request(seen->pdu);
        REQUIRE(std::holds_alternative<Request>(parsed));
        CHECK(std::get<Request>(parsed) == request);

        Words expected;
        const auto reply = good_reply(request, random, expected);
        CHECK(reply.size() == reply_shape(request).pdu_length);
        ReplyDeframer client{{unit, reply_shape(request)}};
        std::variant<NeedMore, RtuFrame, ReplyFault::Kind> told;
        for (const auto& piece : pieces(encode_rtu(unit, reply), random, 9)) {
            REQUIRE(std::holds_alternative<NeedMore>(told));
            told = client.feed(piece);
        }
        REQUIRE(std::holds_alternative<RtuFrame>(told));
        const auto words = parse_reply(std::get<RtuFrame>(told).pdu, request);
        REQUIRE(std::holds_alternative<Words>(words));
        CHECK(std::get<Words>(words) == expected);

        const TcpFrame envelope{static_cast<std::uint16_t>(random()), unit, reply};
        TcpDeframer stream;
        std::optional<TcpFrame> told_tcp;
        for (const auto& piece : pieces(encode_tcp(envelope), random, 9)) {
            stream.feed(piece);
            if (auto next = stream.next()) {
                told_tcp = std::move(next);
            }
        }
        CHECK(told_tcp == envelope);
        CHECK(stream.pending() == 0);
    }
}

TEST_CASE("rtu reply: the answer to another question is refused", "[rtu]") {
    using Kind = ReplyFault::Kind;
    const ReadRequest asked{kReadHolding, 0x200, 10};
    const auto fed = [&](const Bytes& bytes) {
        ReplyDeframer deframer{{7, reply_shape(asked)}};
        return deframer.feed(bytes);
    };
    CHECK(std::get<Kind>(fed(encode_rtu(8, encode_read_reply(kReadHolding, Words(10))))) == Kind::wrong_unit);
    CHECK(std::get<Kind>(fed(encode_rtu(7, encode_read_reply(kReadInput, Words(10))))) ==
          Kind::wrong_function);
    CHECK(std::get<Kind>(fed(encode_rtu(7, encode_read_reply(kReadHolding, Words(9))))) ==
          Kind::wrong_length);
    CHECK(std::get<Kind>(fed(encode_rtu(7, encode_write_reply(0x57, 2)))) == Kind::wrong_function);
    CHECK(std::get<Kind>(fed(encode_rtu(7, encode_exception(kWriteRegisters, ExceptionCode::device_busy)))) ==
          Kind::wrong_function);

    auto garbled = encode_rtu(7, encode_read_reply(kReadHolding, Words(10)));
    garbled[5] ^= 0x01;
    CHECK(std::get<Kind>(fed(garbled)) == Kind::crc);

    const auto refused = fed(encode_rtu(7, encode_exception(kReadHolding, ExceptionCode::device_busy)));
    REQUIRE(std::holds_alternative<RtuFrame>(refused));
    const auto fault = std::get<ReplyFault>(parse_reply(std::get<RtuFrame>(refused).pdu, asked));
    CHECK(fault == ReplyFault{Kind::exception, ExceptionCode::device_busy});
}

TEST_CASE("rtu reply: every truncation waits, what follows the frame is surplus", "[rtu]") {
    const auto frame = encode_rtu(7, encode_read_reply(kReadHolding, Words(10, 0x1234)));
    for (std::size_t length = 0; length < frame.size(); ++length) {
        ReplyDeframer deframer{{7, {kReadHolding, 22}}};
        CHECK(std::holds_alternative<NeedMore>(deframer.feed(ByteView{frame}.first(length))));
    }
    auto twice = frame;
    twice.insert(twice.end(), frame.begin(), frame.end());
    ReplyDeframer deframer{{7, {kReadHolding, 22}}};
    CHECK(std::holds_alternative<RtuFrame>(deframer.feed(twice)));
    CHECK(deframer.surplus() == frame.size());
}

TEST_CASE("rtu request: a bad frame is skipped until the line is silent", "[rtu]") {
    const auto good = encode_rtu(3, encode_request(ReadRequest{kReadHolding, 0, 2}));
    auto bad = good;
    bad[3] ^= 0x40;
    RequestDeframer device;
    device.feed(bad);
    CHECK_FALSE(device.next());
    device.feed(good);  // still part of the same burst as far as a device can know
    CHECK_FALSE(device.next());
    CHECK(device.faults() == 1);
    CHECK(device.busy());
    device.silence();
    device.feed(good);
    CHECK(device.next().has_value());
    CHECK_FALSE(device.busy());
}

TEST_CASE("rtu request: functions without a known length are told by silence", "[rtu]") {
    const auto frame = encode_rtu(3, from_hex("2B 0E 01 00"));
    RequestDeframer device;
    device.feed(frame);
    CHECK_FALSE(device.next());
    device.silence();
    const auto told = device.next();
    REQUIRE(told);
    CHECK(told->pdu == from_hex("2B 0E 01 00"));

    device.feed(from_hex("03 03 00"));  // torn
    device.silence();
    CHECK_FALSE(device.next());
    CHECK(device.faults() == 1);
    CHECK_FALSE(device.busy());
}

TEST_CASE("rtu request: two at once come out one after the other, a flood is dropped", "[rtu]") {
    const auto first = encode_rtu(3, encode_request(ReadRequest{kReadHolding, 0, 2}));
    const auto second = encode_rtu(4, encode_request(WriteRequest{0x57, {1, 1}}));
    auto both = first;
    both.insert(both.end(), second.begin(), second.end());
    RequestDeframer device;
    device.feed(both);
    CHECK(device.next()->unit == 3);
    CHECK(device.next()->unit == 4);
    CHECK_FALSE(device.next());

    device.feed(Bytes(100'000, 0x55));
    CHECK_FALSE(device.next());
    CHECK(device.faults() == 1);
    device.silence();
    device.feed(first);
    CHECK(device.next().has_value());
}

TEST_CASE("tcp: headers that can't be are out of step", "[tcp]") {
    for (const auto* bytes : {
             "00 01 00 01",              // protocol 1
             "00 01 00 00 00 00",        // no unit
             "00 01 00 00 00 01",        // no function
             "00 01 00 00 00 FF",        // longer than a frame may be
             "48 54 54 50 2F 31 2E 31",  // "HTTP/1.1"
         }) {
        CAPTURE(bytes);
        TcpDeframer stream;
        stream.feed(from_hex(bytes));
        CHECK_FALSE(stream.next());
        CHECK(stream.out_of_step());
        stream.feed(encode_tcp({1, 1, {3, 2, 0, 0}}));
        CHECK_FALSE(stream.next());
        stream.reset();
        stream.feed(encode_tcp({1, 1, {3, 2, 0, 0}}));
        CHECK(stream.next().has_value());
    }
    TcpDeframer flooded;
    flooded.feed(Bytes(1'000'000, 0));
    CHECK(flooded.out_of_step());
}

TEST_CASE("random bytes never crash and are never taken for an answer", "[hostile]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random{seed};
    const ExpectedReply expected{9, {kReadHolding, 2 + 2 * 20}};
    for (int round = 0; round < 20'000; ++round) {
        Bytes noise(random() % 300);
        for (auto& byte : noise) {
            byte = static_cast<std::uint8_t>(random());
        }
        // Half of them look right as far as they can without a check.
        if (round % 2 == 0 && noise.size() >= 3) {
            noise[0] = 9;
            noise[1] = kReadHolding;
            noise[2] = 40;
        }
        const bool by_chance = noise.size() >= 45 && modbus_crc_holds(ByteView{noise}.first(45));
        const bool refusal =
            noise.size() >= 5 && noise[1] == 0x83 && modbus_crc_holds(ByteView{noise}.first(5));
        ReplyDeframer client{expected};
        bool taken = false;
        for (const auto& piece : pieces(noise, random, 40)) {
            const auto told = client.feed(piece);
            taken = taken || std::holds_alternative<RtuFrame>(told);
            if (!std::holds_alternative<NeedMore>(told)) {
                break;
            }
        }
        if (!by_chance && !refusal) {
            CHECK_FALSE(taken);
        }
        RequestDeframer device;
        device.feed(noise);
        while (const auto frame = device.next()) {
            CHECK(modbus_crc_holds(encode_rtu(frame->unit, frame->pdu)));
        }
        device.silence();
        while (device.next()) {
        }
        TcpDeframer stream;
        stream.feed(noise);
        while (const auto frame = stream.next()) {
            (void)parse_request(frame->pdu);
        }
        if (auto parsed = parse_request(noise); auto* request = std::get_if<Request>(&parsed)) {
            CHECK(encode_request(*request) == noise);
        }
        (void)parse_reply(noise, ReadRequest{kReadHolding, 0, 20});
    }
}
