#include "collector/protocols/dlms_security.hpp"

#include <catch2/catch.hpp>

#include "collector/protocols/dlms_association.hpp"
#include "tests/unit/protocols/random_bytes.hpp"

using namespace wutong::protocols;
namespace co = wutong::protocols::dlms;
using random::Dice;

namespace {

const co::SecurityKeys kKeys{
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {0xD0, 0xD1, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, 0xDE, 0xDF}};
const co::SystemTitle kClientTitle{0x4D, 0x4D, 0x4D, 0x00, 0x00, 0xBC, 0x61, 0x4E};
const co::SystemTitle kMeterTitle{0x4D, 0x4D, 0x4D, 0x00, 0x00, 0x00, 0x00, 0x01};
constexpr std::uint32_t kCounter = 0x01234567;

Bytes bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

}  // namespace

// Keys, titles and results of the standard's example, as public test suites repeat them:
// docs/protocols/dlms.md.
TEST_CASE("dlms security: the published example", "[dlms]") {
    const auto get_clock = from_hex("C0 01 00 00 08 00 00 01 00 00 FF 02 00");
    const auto sealed = co::protect(co::global_tag(0xC0), co::SecurityControl::both, kClientTitle, kCounter,
                                    kKeys, get_clock);
    CHECK(to_hex(sealed) ==
          to_hex(from_hex("C8 1E 30 01234567 411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B")));
    const auto opened = co::unprotect(sealed, kClientTitle, kKeys);
    REQUIRE(std::holds_alternative<co::Unprotected>(opened));
    CHECK(std::get<co::Unprotected>(opened).plain == get_clock);
    CHECK(std::get<co::Unprotected>(opened).counter == kCounter);

    CHECK(to_hex(co::answer_challenge(bytes_of("P6wRJ21F"), kMeterTitle, 1, kKeys)) ==
          "10 00 00 00 01 1A 52 FE 7D D3 E7 27 48 97 3C 1E 28");
    const auto answer = co::answer_challenge(bytes_of("K56iVagY"), kClientTitle, kCounter, kKeys);
    CHECK(to_hex(answer) == "10 01 23 45 67 FE 14 66 AF B3 DB CD 4F 93 89 E2 B7");
    CHECK(co::check_answer(answer, bytes_of("K56iVagY"), kClientTitle, kKeys) == kCounter);
    CHECK_FALSE(co::check_answer(answer, bytes_of("K56iVagZ"), kClientTitle, kKeys));
    CHECK_FALSE(co::check_answer(answer, bytes_of("K56iVagY"), kMeterTitle, kKeys));
    CHECK_FALSE(co::check_answer(ByteView{answer}.first(16), bytes_of("K56iVagY"), kClientTitle, kKeys));
}

TEST_CASE("dlms association: requests as public sources show them", "[dlms]") {
    using enum co::Mechanism;
    const auto initiate = co::encode_initiate(co::InitiateRequest{{}, 0x007E1F, 0x04B0});
    CHECK(to_hex(initiate) == "01 00 00 00 06 5F 1F 04 00 00 7E 1F 04 B0");
    struct Row {
        const char* apdu;
        co::AssociationRequest request;
    };
    const auto plain = co::encode_initiate(co::InitiateRequest{{}, 0x001E1D, 0xFFFF});
    const auto dedicated = from_hex("00112233445566778899AABBCCDDEEFF");
    const auto ciphered =
        co::protect(co::global_tag(0x01), co::SecurityControl::both, kClientTitle, kCounter, kKeys,
                    co::encode_initiate(co::InitiateRequest{dedicated, 0x007E1F, 0x04B0}));
    for (const auto& row :
         {Row{"601DA109060760857405080101BE10040E01000000065F1F0400001E1DFFFF", {false, none, {}, {}, plain}},
          Row{"6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738BE10040E0100000006"
              "5F1F0400007E1F04B0",
              {false, low, {}, bytes_of("12345678"), initiate}},
          Row{"6036A1090607608574050801018A0207808B0760857405080205AC0A80084B35366956616759BE10040E0100000006"
              "5F1F0400007E1F04B0",
              {false, gmac, {}, bytes_of("K56iVagY"), initiate}},
          Row{"6066A109060760857405080103A60A04084D4D4D0000BC614E8A0207808B0760857405080201AC0A80083132333435"
              "36"
              "3738BE34043221303001234567801302FF8A7874133D414CED25B42534D28DB0047720606B175BD52211BE6841DB20"
              "4D39EE6FDB8E356855",
              {true, low, {kClientTitle.begin(), kClientTitle.end()}, bytes_of("12345678"), ciphered}}}) {
        CHECK(co::encode_association(row.request) == from_hex(row.apdu));
        const auto parsed = co::parse_association_request(from_hex(row.apdu));
        REQUIRE(std::holds_alternative<co::AssociationRequest>(parsed));
        CHECK(std::get<co::AssociationRequest>(parsed) == row.request);
    }
    const auto opened = co::unprotect(ciphered, kClientTitle, kKeys);
    const auto inner = co::parse_initiate_request(std::get<co::Unprotected>(opened).plain);
    CHECK(std::get<co::InitiateRequest>(inner).dedicated_key == dedicated);
}

TEST_CASE("dlms association: answers as public sources show them", "[dlms]") {
    const auto parse = [](const char* hex) {
        const auto parsed = co::parse_association_response(from_hex(hex));
        REQUIRE(std::holds_alternative<co::AssociationResponse>(parsed));
        const auto& response = std::get<co::AssociationResponse>(parsed);
        CHECK(co::encode_association(response) == from_hex(hex));
        return response;
    };
    const auto accepted =
        parse("6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000501F01F40007");
    CHECK(co::to_string(accepted) == "accepted");
    const auto initiate = co::parse_initiate_response(accepted.initiate);
    REQUIRE(std::holds_alternative<co::InitiateResponse>(initiate));
    CHECK(std::get<co::InitiateResponse>(initiate) == co::InitiateResponse{6, 0x00501F, 500});

    CHECK(co::to_string(parse(
              "6129A109060760857405080101A203020101A305A103020102BE10040E0800065F1F040000501F01F40007")) ==
          "rejected for good: application context not supported (2)");
    const auto version = parse("611FA109060760857405080101A203020101A305A103020101BE0604040E010601");
    CHECK(co::to_string(version) == "rejected for good: no reason given (1)");
    CHECK(std::get<DecodeFault>(co::parse_initiate_response(version.initiate)).reason ==
          "the meter refuses the initiate request: DLMS version too low");
    const auto challenge = parse(
        "6142A109060760857405080101A203020100A305A10302010E88020780890760857405080205AA0A8008503677524A323146"
        "BE10"
        "040E0800065F1F040000501F01F40007");
    CHECK(challenge.diagnostic == co::kAuthenticationRequired);
    CHECK(challenge.mechanism == co::Mechanism::gmac);
    CHECK(challenge.challenge == bytes_of("P6wRJ21F"));

    CHECK(to_hex(co::encode_release(false)) == "62 03 80 01 00");
    CHECK(to_hex(co::encode_release(true)) == "63 03 80 01 00");
    CHECK(co::is_release_response(
        from_hex("6328800100BE230421281F3001234567891214A0845E475714383F65BC19745CA235906525E4F3E1C893")));
    CHECK_FALSE(co::is_release_response(from_hex("62 03 80 01 00")));
    CHECK(
        co::is_release_request(from_hex("6239800100BE34043221303001234567801302FF8A7874133D414CED25B42534D28D"
                                        "B0047720606B175BD52211BE6841DB204D"
                                        "39EE6FDB8E356855")));
}

TEST_CASE("dlms association: what can't be is refused", "[dlms]") {
    CHECK_THROWS_AS(
        co::encode_association(co::AssociationRequest{false, co::Mechanism::low, Bytes(7), {}, {}}),
        std::invalid_argument);
    CHECK_THROWS_AS(
        co::encode_association(co::AssociationRequest{false, co::Mechanism::low, {}, Bytes(65), {}}),
        std::invalid_argument);
    // Short names, cut, too long, another tag, no result.
    for (const auto* wrong : {"601DA109060760857405080102BE10040E01000000065F1F0400001E1DFFFF", "60", "601D",
                              "6000", "6003A10901", "6129A109060760857405080101A303020100"}) {
        CHECK(std::holds_alternative<DecodeFault>(co::parse_association_request(from_hex(wrong))));
        CHECK(std::holds_alternative<DecodeFault>(co::parse_association_response(from_hex(wrong))));
    }
    for (const auto* wrong : {"", "08", "08 00 06 5F 1F 04 00 00 50 1F 01 F4 FA 00",
                              "01 00 00 00 05 5F 1F 04 00 00 7E 1F 04 B0", "0E 01 06"}) {
        CHECK(std::holds_alternative<DecodeFault>(co::parse_initiate_response(from_hex(wrong))));
        CHECK(std::holds_alternative<DecodeFault>(co::parse_initiate_request(from_hex(wrong))));
    }
}

TEST_CASE("dlms security: 2 000 random APDUs there and back; any change is noticed", "[dlms]") {
    Dice dice{128};
    for (int round = 0; round < 2000; ++round) {
        co::SecurityKeys keys;
        co::SystemTitle title{};
        for (auto& byte : keys.encryption) {
            byte = dice.byte();
        }
        for (auto& byte : keys.authentication) {
            byte = dice.byte();
        }
        for (auto& byte : title) {
            byte = dice.byte();
        }
        const auto plain = dice.bytes_up_to(300);
        const auto counter = dice.number32();
        const auto control = static_cast<std::uint8_t>(0x10 * dice.number(1, 3));
        auto sealed = co::protect(co::global_tag(0xC4), control, title, counter, keys, plain);
        const auto opened = co::unprotect(sealed, title, keys);
        REQUIRE(std::holds_alternative<co::Unprotected>(opened));
        const auto& told = std::get<co::Unprotected>(opened);
        REQUIRE((told.plain == plain && told.counter == counter && told.security_control == control &&
                 told.tag == 0xCC));
        // The general form names its sender.
        Bytes general{0xDB, 8};
        general.insert(general.end(), title.begin(), title.end());
        general.insert(general.end(), sealed.begin() + 1, sealed.end());
        REQUIRE(std::holds_alternative<co::Unprotected>(co::unprotect(general, title, keys)));
        general[2] = static_cast<std::uint8_t>(general[2] ^ 1U);
        REQUIRE(std::holds_alternative<DecodeFault>(co::unprotect(general, title, keys)));

        if (control != co::SecurityControl::encrypted) {
            const auto at = 1 + dice.number32(static_cast<std::uint32_t>(sealed.size() - 2));
            sealed[at] = static_cast<std::uint8_t>(sealed[at] ^ 1U << dice.number(0, 7));
            const auto changed = co::unprotect(sealed, title, keys);
            // A flipped bit of the security control may leave "encrypted only", which nothing protects: it is
            // told apart by its control byte, which the caller has to demand.
            const auto* seen = std::get_if<co::Unprotected>(&changed);
            REQUIRE((seen == nullptr || seen->security_control != control));
        }
    }
    CHECK_THROWS_AS(co::protect(0xC8, 0x40, kClientTitle, 1, kKeys, {}), std::invalid_argument);
    CHECK(std::get<DecodeFault>(co::unprotect(from_hex("C8 06 31 00 00 00 01 00"), kClientTitle, kKeys))
              .reason == "DLMS security control 31: only suite 0 is spoken");
    for (const auto* wrong :
         {"", "C8", "C8 04 30 00 00 00", "C8 06 30 00 00 00 01 00", "C8 7F 30 00 00 00 01 00"}) {
        CHECK(std::holds_alternative<DecodeFault>(co::unprotect(from_hex(wrong), kClientTitle, kKeys)));
    }
}

TEST_CASE("dlms security: a counter is taken once", "[dlms]") {
    co::ReplayGuard guard;
    CHECK(guard.accept(5));
    CHECK_FALSE(guard.accept(5));
    CHECK_FALSE(guard.accept(4));
    CHECK(guard.accept(6));
    CHECK(guard.accept(0xFFFFFFFF));
    CHECK_FALSE(guard.accept(0));
}
