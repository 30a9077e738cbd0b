#include <catch2/catch.hpp>

#include "collector/protocols/gateway_hello.hpp"
#include "collector/protocols/triple_des_link.hpp"

namespace {

using namespace wutong::protocols;
using namespace wutong::protocols::triple_des;
using namespace std::chrono_literals;

constexpr Sealer::Time kStart{};

std::string hex(ByteView bytes) {
    auto text = to_hex(bytes);
    std::erase(text, ' ');
    return text;
}

std::string upper(std::string text) {
    for (auto& c : text) {
        c = static_cast<char>(c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c);
    }
    return text;
}

Bytes text(const std::string& characters) {
    return {characters.begin(), characters.end()};
}

Bytes secret() {
    Bytes bytes;
    for (std::uint8_t i = 0; i < 32; ++i) {
        bytes.push_back(i);
    }
    return bytes;
}

Nonce filled(std::uint8_t with) {
    Nonce nonce{};
    nonce.fill(with);
    return nonce;
}

/// The first block of each record, so that records are the same each time. Only for tests.
void counted(std::span<std::uint8_t> into) {
    for (std::size_t i = 0; i < into.size(); ++i) {
        into[i] = static_cast<std::uint8_t>(i + 1);
    }
}

DirectionSecret down() {
    return direction_secret(secret(), filled(0xC0), filled(0x61), Direction::to_gateway);
}
Sealer sealer(RekeyRules rules = {}) {
    return {down(), counted, rules, kStart};
}

}  // namespace

// The expected bytes come from tests/support/gateway_link.py, written from the document with other libraries.
TEST_CASE("triple DES: the bytes are those of an independent implementation", "[gateway_link]") {
    CHECK(hex(encode(ClientHello{"collector", filled(0xC0)})) ==
          upper("57474c330109636f6c6c6563746f72c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0"
                "c0"));
    CHECK(hex(down()) == upper("3afaf74941d00c1f73f187d43193dda2d7cac49ddbe9e08a398b291cf4f44413"));
    CHECK(hex(direction_secret(secret(), filled(0xC0), filled(0x61), Direction::to_collector)) ==
          upper("265bb136e6339c4ea8f482b696759301f85b026c361d3426355416976e114519"));
    auto sends = sealer({14, 1h});
    CHECK(hex(sends.seal(from_hex("01 03 02 00 00 30 44 8E"), kStart)) ==
          upper("0038010102030405060708433dbced01f6dcececd8985a4cdf32075ac564159715524ea9b2b8045279c56189858c"
                "299b983c50d70dd7c986db5d60"));
    auto again = sealer({24, 1h});
    (void)again.seal(from_hex("01 03 02 00 00 30 44 8E"), kStart);
    CHECK(hex(again.seal(text("abc"), kStart)) ==
          upper("003001010203040506070881e0b75268fcc4a445ee83b335d96e36823863d575cca4643e3fed72133b87d4c43363"
                "c5dbf04795"));
    CHECK(hex(again.seal(text("after"), kStart)) ==
          upper("00300201020304050607088b0bdf73298f8c44ef98171adbf4886fc32ac765bbe3c41f35471724689dd95857c49b"
                "46fb384a95"
                "00300101020304050607088148a3796d66449dee338d51ad2abb4d194016fe97ba7cb02b8944fb37c42ac5480df2"
                "930a3bc600"));
    CHECK(again.generation() == 1);
}

TEST_CASE("triple DES: what was sealed is opened, in any pieces, over changes of keys", "[gateway_link]") {
    auto sends = sealer({2'000, 1h});
    Opener takes{down()};
    Bytes all, stream, opened;
    for (const auto length : std::initializer_list<std::size_t>{1, 7, 8, 9, 255, 1024, 1025, 5000}) {
        Bytes plain(length, static_cast<std::uint8_t>(length));
        all.insert(all.end(), plain.begin(), plain.end());
        const auto records = sends.seal(plain, kStart);
        stream.insert(stream.end(), records.begin(), records.end());
    }
    const auto late = sends.seal(text("an hour later"), kStart + 1h);
    stream.insert(stream.end(), late.begin(), late.end());
    const auto last = text("an hour later");
    all.insert(all.end(), last.begin(), last.end());
    for (std::size_t at = 0; at < stream.size(); at += 13) {
        const auto piece = ByteView{stream}.subspan(at, std::min<std::size_t>(13, stream.size() - at));
        const auto result = takes.open(piece);
        REQUIRE_FALSE(result.broken);
        opened.insert(opened.end(), result.plain.begin(), result.plain.end());
    }
    CHECK(opened == all);
    CHECK(takes.generation() >= 3);
    CHECK(takes.generation() == sends.generation());
}

TEST_CASE("triple DES: changed, cut, repeated, left out and exchanged records are noticed",
          "[gateway_link]") {
    auto sends = sealer();
    const auto one = sends.seal(text("write 100.00"), kStart);
    const auto two = sends.seal(text("write 200.00"), kStart);
    const auto broken = [](std::initializer_list<Bytes> records) {
        Opener takes{down()};
        bool noticed = false;
        for (const auto& record : records) {
            noticed = takes.open(record).broken;
        }
        return noticed;
    };
    CHECK_FALSE(broken({one, two}));
    CHECK(broken({one, one}));
    CHECK(broken({two}));
    CHECK(broken({two, one}));
    for (std::size_t at = 0; at < one.size(); ++at) {
        auto changed = one;
        changed[at] ^= 0x01;
        Opener takes{down()};
        const auto result = takes.open(changed);
        INFO("byte " << at);
        CHECK(result.plain.empty());  // a changed length waits for more, or is refused
        CHECK((result.broken || at < 2));
    }
    Opener cut{down()};
    CHECK(cut.open(ByteView{one}.first(one.size() - 1)).plain.empty());
    CHECK(cut.open(two).broken);  // the missing byte never comes
    CHECK(cut.open(one).broken);  // and nothing is opened any more
    // The other direction, another connection, another secret.
    for (const auto& foreign :
         {direction_secret(secret(), filled(0xC0), filled(0x61), Direction::to_collector),
          direction_secret(secret(), filled(0xC1), filled(0x61), Direction::to_gateway),
          direction_secret(secret(), filled(0xC0), filled(0x62), Direction::to_gateway),
          direction_secret(Bytes(32, 9), filled(0xC0), filled(0x61), Direction::to_gateway)}) {
        Opener takes{foreign};
        CHECK(takes.open(one).broken);
    }
    Opener flooded{down()};
    CHECK(flooded.open(from_hex("FF FF 01")).broken);
    CHECK_THROWS_AS(direction_secret(Bytes(23, 1), filled(1), filled(2), Direction::to_gateway),
                    std::invalid_argument);
}

TEST_CASE("triple DES: hellos are read byte by byte, and others refused early", "[gateway_link]") {
    const auto hello = encode(ClientHello{"collector", filled(0xC0)});
    for (std::size_t length = 0; length < hello.size(); ++length) {
        const auto found = find_client_hello(ByteView{hello}.first(length));
        CHECK_FALSE(found.hello);
        CHECK_FALSE(found.broken);
    }
    CHECK(find_client_hello(hello).hello->key_name == "collector");
    CHECK(find_client_hello(from_hex("16 03")).broken);  // a TLS client
    CHECK(find_client_hello(from_hex("57 47 4C 33 01 FF")).broken);
    auto dots = encode(ClientHello{"../secret", filled(1)});
    CHECK(find_client_hello(dots).broken);
    CHECK(read_server_hello(encode_server_hello(filled(7))) == filled(7));
    CHECK_FALSE(read_server_hello(Bytes(kServerHelloBytes, 0)));
}

TEST_CASE("gateway hello: a line there and a line back", "[gateway_link]") {
    const GatewayHello hello{"bus1", "17/42", 9, 9600, 'E', 1};
    const auto line = encode_hello(hello);
    CHECK(line == "WGL1 port=bus1 channel=17/42 epoch=9 baud=9600 parity=E stop=1\n");
    CHECK(std::get<GatewayHello>(parse_hello(line.substr(0, line.size() - 1))) == hello);
    for (const auto* bad : {"", "GET / HTTP/1.1", "WGL1", "WGL1 port=bus1",
                            "WGL1 port=../x channel=1/1 epoch=1 baud=9600 parity=N stop=1",
                            "WGL1 port=b channel=1/1 epoch=0 baud=9600 parity=N stop=1",
                            "WGL1 port=b channel=1/1 epoch=1 baud=1 parity=N stop=1",
                            "WGL1 port=b channel=1/1 epoch=1 baud=9600 parity=X stop=1",
                            "WGL1 port=b port=c channel=1/1 epoch=1 baud=9600 parity=N stop=1",
                            "WGL1 port=b channel=a/1 epoch=1 baud=9600 parity=N stop=1"}) {
        CAPTURE(bad);
        CHECK(std::holds_alternative<std::string>(parse_hello(bad)));
    }
    CHECK(refusal_of("OK").empty());
    CHECK(refusal_of("NO stale_epoch epoch 10 has been here").find("stale_epoch") != std::string::npos);
    CHECK_FALSE(refusal_of("HTTP/1.1 400").empty());
    CHECK(encode_refusal(kBadHello, "two\nlines") == "NO bad_hello two lines\n");
}
