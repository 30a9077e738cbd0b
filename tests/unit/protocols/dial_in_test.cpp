#include <catch2/catch.hpp>

#include "collector/protocols/acrel_4g.hpp"
#include "collector/protocols/acrel_gateway.hpp"
#include "collector/protocols/dial_in_session.hpp"
#include "collector/protocols/modbus_rtu.hpp"
#include "core/link_names.hpp"

namespace {

using namespace wutong;
using namespace std::chrono_literals;
using protocols::Bytes;
using protocols::ByteView;
using protocols::DialInFacts;
using protocols::DialInSession;
using protocols::from_hex;
using protocols::to_hex;

Bytes text(const std::string& characters) {
    return {characters.begin(), characters.end()};
}

// Captured from a meter, published with the vendor's and an independent server's documents;
// docs/protocols/dial-in.md.
const Bytes kPublicRegistration = from_hex(
    "7B 7B 84 31 32 33 30 37 32 31 30 37 32 30 30 38 35 00 00 00 00 00 00 38 39 38 36 30 34 32 38 32 32 31 "
    "39 43 30 "
    "34 32 33 36 31 30 00 00 00 00 00 00 00 00 00 00 1A 01 00 01 00 01 00 1E 70 F7 7D 7D");
const Bytes kPublicTimeQuestion =
    from_hex("7B 7B 93 31 32 33 30 37 32 31 30 37 32 30 30 38 35 00 00 00 00 00 00 E7 E2 7D 7D");

DialInFacts facts() {
    DialInFacts known;
    known.find_plain = [](const std::string& received) {
        DialInFacts::PlainMatch match;
        for (const std::string id : {"DTU-1", "DTU-12", "\xA1\xB2"}) {
            if (received.starts_with(id) && id.size() > match.id.size()) {
                match.id = id;
                match.heartbeat = id == "\xA1\xB2" ? "\xFE" : "ping";
            }
            match.may_grow = match.may_grow || (id.size() > received.size() && id.starts_with(received));
        }
        return match;
    };
    known.secret = [](const std::string& gateway) {
        return gateway == "GW001" ? std::optional<std::string>{"0123456789abcdef"} : std::nullopt;
    };
    known.new_sequence = [] { return std::string{"1234567890"}; };
    known.local_time = [] { return DialInFacts::LocalTime{2023, 10, 10, 3, 17, 7, 27}; };
    return known;
}

struct Scene {
    DialInFacts known = facts();
    DialInSession session{known};
    DialInSession::Time now{};

    protocols::DialInEvents hear(ByteView bytes, std::chrono::milliseconds later = 1ms) {
        now += later;
        return session.receive(bytes, now);
    }
};

}  // namespace

TEST_CASE("link names: what is understood, and what is said of the rest", "[dial_in]") {
    const auto good = [](const char* name) {
        return std::get<core::DialInName>(core::parse_dial_in_name(name));
    };
    CHECK(good("plain:DTU-0042") == core::DialInName{core::DialInKind::plain, "DTU-0042", 0, ""});
    CHECK(good("plain:0xA1b2,heartbeat=0xFE") ==
          core::DialInName{core::DialInKind::plain, "\xA1\xB2", 0, "\xFE"});
    CHECK(good("acrel-4g:12307210720085").id == "12307210720085");
    CHECK(good("acrel-gateway:GW001/2").port == 2);
    CHECK(core::registration_of(good("plain:0xA1B2,heartbeat=ping")) == "plain:0xA1B2");
    CHECK(core::registration_of(good("plain:0x4142")) == "plain:AB");  // one gateway has one name
    CHECK(core::registration_of(good("acrel-gateway:GW001/02")) == "acrel-gateway:GW001/2");
    for (const auto* bad : {"", "plain:", "plain:A", "plain:a b", "plain:0xA", "plain:0xZZ",
                            "plain:AB,beat=1", "plain:AB,heartbeat=", "acrel-4g:",
                            "acrel-4g:123456789012345678901", "acrel-gateway:GW001", "acrel-gateway:GW001/0",
                            "acrel-gateway:GW001/100", "acrel-gateway:../x/1", "10.0.0.7:502", "tcp:10"}) {
        CAPTURE(bad);
        CHECK(std::holds_alternative<core::BadName>(core::parse_dial_in_name(bad)));
    }
    const auto port = std::get<core::GatewayPortName>(core::parse_gateway_port_name("10.0.0.9:7610/bus1"));
    CHECK(port == core::GatewayPortName{"10.0.0.9", 7610, "bus1"});
    for (const auto* bad : {"10.0.0.9:7610", "10.0.0.9/bus1", "10.0.0.9:0/bus1", "10.0.0.9:7610/b s",
                            "::1:7610/b", ":7610/b", "10.0.0.9:-1/b"}) {
        CAPTURE(bad);
        CHECK(std::holds_alternative<core::BadName>(core::parse_gateway_port_name(bad)));
    }
}

TEST_CASE("acrel 4G: published frames are read and answered as published", "[dial_in]") {
    Scene scene;
    auto events = scene.hear(kPublicRegistration);
    REQUIRE(scene.session.name());
    CHECK(core::registration_of(*scene.session.name()) == "acrel-4g:12307210720085");
    CHECK(to_hex(events.reply) == "7B 7B 84 BF 23 7D 7D");
    events = scene.hear(kPublicTimeQuestion);
    CHECK(to_hex(events.reply) == "7B 7B 93 17 0A 0A 03 11 07 1B E4 A2 7D 7D");
    CHECK(to_hex(scene.session.request(0, from_hex("01 10 00 57 00 02 04 00 01 00 01 27 75"), scene.now)) ==
          "7B 7B 90 01 10 00 57 00 02 04 00 01 00 01 27 75 38 7A 7D 7D");
    events = scene.hear(from_hex("7B 7B 94 BE EF 7D 7D"));
    CHECK(events.heartbeats == 1);
    CHECK(events.reply.empty());
    CHECK(events.payloads.empty());
}

TEST_CASE("acrel 4G: an answer passed through is the same with and without the serial number", "[dial_in]") {
    Scene scene;
    (void)scene.hear(kPublicRegistration);
    // 7D 7D inside, and a check that ends in 7D: only the frame's own check says where it ends.
    const auto answer = protocols::encode_rtu(1, from_hex("03 06 7D 7D 7B 7B 7D 7D"));
    Bytes with_serial = text("12307210720085");
    with_serial.resize(20);
    with_serial.insert(with_serial.end(), answer.begin(), answer.end());
    for (const auto& body : {answer, with_serial}) {
        const auto frame = protocols::acrel_4g::encode(0x90, body);
        Bytes came;
        for (const auto byte : frame) {  // byte by byte, as a slow radio has it
            for (const auto& [port, bytes] : scene.hear(Bytes{byte}).payloads) {
                CHECK(port == 0);
                came.insert(came.end(), bytes.begin(), bytes.end());
            }
        }
        CHECK(to_hex(came) == to_hex(answer));
    }
    const auto upload = scene.hear(protocols::acrel_4g::encode(0x91, with_serial));
    CHECK(upload.payloads.empty());
    CHECK(upload.uploads == 1);
    CHECK(to_hex(upload.reply) == "7B 7B 91 7E EC 7D 7D");
    const auto rubbish = scene.hear(Bytes(5'000, 0x7B));
    CHECK(rubbish.rubbish > 2'500);
    CHECK(scene.hear(protocols::acrel_4g::encode(0x90, Bytes(100, 0x55)), 10ms).payloads.size() <= 1);
    // Whatever was before, an exchange later everything is in step again.
    (void)scene.hear(Bytes(2'100, 0x00));
    CHECK(scene.hear(protocols::acrel_4g::encode(0x90, answer)).payloads.size() == 1);
    CHECK_FALSE(scene.hear(protocols::acrel_4g::encode(0x84, text("99999999"))).hang_up.empty());
}

TEST_CASE("acrel gateway: who does not know the secret is not let in", "[dial_in]") {
    using namespace protocols::acrel_gateway;
    const auto login = [](Scene& scene, const std::string& gateway, const std::string& secret) {
        Authentication ask{"B1", gateway, "request", "", "", ""};
        auto events = scene.hear(encode(kAuthenticate, authentication_xml(ask)));
        const auto sequence = find_frame(events.reply);
        if (!sequence.frame) {
            return events;
        }
        ask.operation = "md5";
        ask.md5 = proof(secret, read_authentication(sequence.frame->data)->sequence);
        return scene.hear(encode(kAuthenticate, authentication_xml(ask)));
    };
    // openssl: printf '%s' 0123456789abcdef1234567890 | openssl md5
    CHECK(proof("0123456789abcdef", "1234567890") == "79c0660a1d94c84da240834011e62170");
    Scene good;
    const auto events = login(good, "GW001", "0123456789abcdef");
    CHECK(read_authentication(find_frame(events.reply).frame->data)->result == "pass");
    REQUIRE(good.session.name());
    CHECK(good.session.name()->id == "GW001");
    CHECK(good.hear(encode(kHeartbeat, text("<root/>"))).heartbeats == 1);

    const auto question = protocols::encode_rtu(17, from_hex("03 00 00 00 02"));
    const auto down = find_frame(good.session.request(2, question, good.now));
    REQUIRE(down.frame);
    CHECK(down.frame->type == kDown);
    const auto asked = parse_passed(*unseal(down.frame->data, "0123456789abcdef"));
    CHECK(asked->port == 2);
    CHECK(asked->address == 17);
    CHECK(asked->frame == question);
    const auto answer = encode_passed({2, 17, from_hex("11 03 04 00 01 00 02 2A 32")});
    CHECK(std::string(answer.begin(), answer.end()) ==
          "02017|11030400010002"
          "2A32");
    const auto came = good.hear(encode(kUp, seal(answer, "0123456789abcdef")));
    REQUIRE(came.payloads.size() == 1);
    CHECK(came.payloads[0].first == 2);
    CHECK(to_hex(came.payloads[0].second) == "11 03 04 00 01 00 02 2A 32");
    CHECK(good.hear(encode(kUp, seal(answer, "another secret!!"))).payloads.empty());

    Scene wrong;
    CHECK(login(wrong, "GW001", "0123456789abcdeX").hang_up.find("secret") != std::string::npos);
    CHECK_FALSE(wrong.session.name());
    Scene unknown;
    CHECK(login(unknown, "GW002", "0123456789abcdef").hang_up.find("GW002") != std::string::npos);
    Scene pushy;
    CHECK_FALSE(pushy.hear(encode(kUp, seal(answer, "0123456789abcdef"))).hang_up.empty());
    Scene rude;
    CHECK_FALSE(rude.hear(from_hex("1F 1F 01 7F FF FF FF")).hang_up.empty());
    Scene endless;
    CHECK_FALSE(endless.hear(Bytes(from_hex("1F 1F 01 00 00 F0 00"))).hang_up.empty() ==
                false);  // nothing wrong yet
    CHECK_FALSE(endless.hear(Bytes(2'000, 'x')).hang_up.empty());
}

TEST_CASE("plain: registration and heartbeats never become part of an answer", "[dial_in]") {
    Scene scene;
    SECTION("the longer name wins, and the shorter one after a while") {
        CHECK(scene.hear(text("DTU-1")).payloads.empty());
        CHECK_FALSE(scene.session.name());
        SECTION("nothing follows") {
            (void)scene.session.look_again(scene.now + 100ms);
            CHECK_FALSE(scene.session.name());
            (void)scene.session.look_again(scene.now + 400ms);
            CHECK(scene.session.name()->id == "DTU-1");
        }
        SECTION("the rest follows") {
            (void)scene.hear(text("2"));
            CHECK(scene.session.name()->id == "DTU-12");
        }
    }
    SECTION("in front of an answer, inside of an answer, torn, and alone") {
        (void)scene.hear(text("DTU-12"));
        REQUIRE(scene.session.name());
        const auto ask = [&] {
            (void)scene.session.request(0, from_hex("01 03 00 00 00 02 C4 0B"), scene.now);
        };
        ask();
        auto events = scene.hear(text("pingDTU-12\x01\x03rest"));
        CHECK(events.heartbeats == 2);
        REQUIRE(events.payloads.size() == 1);
        CHECK(events.payloads[0].second == text("\x01\x03rest"));
        events = scene.hear(text("ping"));  // within the same answer: these are its bytes
        REQUIRE(events.payloads.size() == 1);
        CHECK(events.payloads[0].second == text("ping"));
        events = scene.hear(text("pi"), 600ms);
        CHECK(events.payloads.empty());
        events = scene.hear(text("ng"));
        CHECK(events.heartbeats == 1);
        CHECK(events.payloads.empty());
        ask();
        events = scene.hear(text("pi"));
        events = scene.hear(text("zza"));
        REQUIRE(events.payloads.size() == 1);
        CHECK(events.payloads[0].second == text("pizza"));
    }
    SECTION("a heartbeat of one byte") {
        (void)scene.hear(from_hex("A1 B2 FE FE"));
        REQUIRE(scene.session.name());
        (void)scene.session.request(0, from_hex("01 03"), scene.now);
        const auto events = scene.hear(from_hex("FE 01 03 02 FE FE"));
        CHECK(events.heartbeats == 1);
        CHECK(to_hex(events.payloads.at(0).second) == "01 03 02 FE FE");
    }
    SECTION("who never says a name may not say much") {
        CHECK(scene.hear(Bytes(1'000, 'x')).hang_up.empty());
        CHECK_FALSE(scene.hear(Bytes(100, 'x')).hang_up.empty());
    }
}
