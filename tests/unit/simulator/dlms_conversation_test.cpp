// The client's side of DLMS against the simulated meter, which was written apart from it.
#include "collector/protocols/dlms_conversation.hpp"

#include "collector/protocols/dlms_profile.hpp"
#include "framed_rig.hpp"
#include "simulator/dlms_meter.hpp"

namespace wutong::simulator::test {
namespace {

using Talk = co::DlmsConversation;

co::Credentials with(co::Mechanism mechanism, bool ciphered = false) {
    co::Credentials credentials;
    credentials.mechanism = mechanism;
    credentials.password = {'1', '2', '3', '4', '5', '6', '7', '8'};
    credentials.ciphered = ciphered;
    credentials.title = {'W', 'U', 'T', 0, 0, 0, 0, 1};
    credentials.keys = dlms_test_keys();
    credentials.challenge = Bytes(16, 0x5A);
    credentials.counter = 1000;
    return credentials;
}

/// Everything goes through the wrapper, until the conversation says something else than "send this".
Talk::Step say(Rig& rig, Talk& talk, Bytes apdu) {
    for (int sent = 0; sent < 200; ++sent) {
        const auto answer = rig.ask("tcp", co::encode_wrapper({1, 1, apdu}));
        REQUIRE(answer.answered);
        auto step = talk.take(co::decode_wrapper(answer.frame).apdu);
        auto* send = std::get_if<Talk::Send>(&step);
        if (send == nullptr) {
            return step;
        }
        apdu = std::move(send->apdu);
    }
    FAIL("no end");
    return Talk::Closed{};
}

co::GetRequest get(std::uint16_t class_id, const char* obis, std::uint8_t attribute = 2) {
    return {{{class_id, co::parse_obis(obis), attribute}, {}}};
}

std::string failure(const Talk::Step& step) {
    const auto* failed = std::get_if<Talk::Failed>(&step);
    return failed == nullptr ? "not failed" : failed->reason;
}

}  // namespace

TEST_CASE("conversation: every proof, in plain and ciphered, opens, reads, switches and closes", "[framed]") {
    struct Row {
        co::Mechanism mechanism;
        bool ciphered;
    };
    for (const auto& row : {Row{co::Mechanism::low, false}, Row{co::Mechanism::low, true},
                            Row{co::Mechanism::gmac, false}, Row{co::Mechanism::gmac, true}}) {
        Rig rig;
        rig.building.set_load(rig.meter("202600000005"), 5000);
        rig.now += 30h;
        Talk talk{with(row.mechanism, row.ciphered)};
        REQUIRE(failure(say(rig, talk, talk.open())) == "not failed");
        REQUIRE(talk.is_open());
        const auto energy = say(rig, talk, talk.ask(get(3, "1.0.1.8.0")));
        const auto& told = std::get<co::GetResponse>(std::get<Talk::Answer>(energy).response);
        CHECK(co::as_integer(std::get<co::Data>(told.result)) == 150'000);
        // A profile of 120 rows is more than fits at once.
        const auto profile = say(rig, talk, talk.ask(get(7, "1.0.99.1.0")));
        const auto& buffer = std::get<co::GetResponse>(std::get<Talk::Answer>(profile).response);
        CHECK(std::get<co::Data>(buffer.result).items.size() == 121);
        const co::GetListRequest list{std::vector<co::AttributeRead>(100, get(1, "0.0.42.0.0").read)};
        const auto names = say(rig, talk, talk.ask(list));
        CHECK(std::get<co::GetListResponse>(std::get<Talk::Answer>(names).response).results.size() == 100);
        const auto opened = say(rig, talk, talk.ask(co::disconnect_request()));
        CHECK(std::get<co::ActionResponse>(std::get<Talk::Answer>(opened).response).result ==
              co::AccessResult::success);
        CHECK_FALSE(rig.meter("202600000005").prepaid()->relay_closed());
        CHECK(std::holds_alternative<Talk::Closed>(say(rig, talk, talk.close())));
        CHECK((talk.counter() > 1000) == (row.ciphered || row.mechanism == co::Mechanism::gmac));
        CHECK_THROWS_AS(talk.ask(get(3, "1.0.1.8.0")), std::invalid_argument);
    }
}

TEST_CASE("conversation: without proof there is the identity and nothing else", "[framed]") {
    Rig rig;
    Talk talk{with(co::Mechanism::none)};
    REQUIRE(std::holds_alternative<Talk::Opened>(say(rig, talk, talk.open())));
    const auto serial = say(rig, talk, talk.ask(get(1, "0.0.96.1.0")));
    CHECK(std::holds_alternative<co::Data>(
        std::get<co::GetResponse>(std::get<Talk::Answer>(serial).response).result));
    const auto energy = say(rig, talk, talk.ask(get(3, "1.0.1.8.0")));
    CHECK(std::get<co::AccessResult>(
              std::get<co::GetResponse>(std::get<Talk::Answer>(energy).response).result) ==
          co::AccessResult::read_write_denied);
}

TEST_CASE("conversation: wrong passwords, keys, counters and impostors are named", "[framed]") {
    Rig rig;
    auto wrong = with(co::Mechanism::low);
    wrong.password = {'x'};
    Talk password{wrong};
    CHECK(failure(say(rig, password, password.open())) ==
          "the meter rejected for good: authentication failure (13)");
    CHECK_FALSE(password.is_open());

    auto other_keys = with(co::Mechanism::gmac);
    other_keys.keys.authentication[0] = 0;
    Talk keys{other_keys};
    CHECK(failure(say(rig, keys, keys.open())) ==
          "the meter refuses our proof: reading or writing denied (3)");

    // An old counter in a ciphered association: the meter says which one it wants.
    Talk first{with(co::Mechanism::gmac, true)};
    REQUIRE(std::holds_alternative<Talk::Opened>(say(rig, first, first.open())));
    Talk late{with(co::Mechanism::gmac, true)};
    CHECK(failure(say(rig, late, late.open())) == "the meter rejected for good: authentication failure (13)");

    // A meter that answers with what it heard before.
    auto fresh = with(co::Mechanism::gmac, true);
    fresh.counter = 5000;
    Talk talk{fresh};
    REQUIRE(std::holds_alternative<Talk::Opened>(say(rig, talk, talk.open())));
    const auto question = rig.ask("tcp", co::encode_wrapper({1, 1, talk.ask(get(3, "1.0.1.8.0"))}));
    const auto answer = co::decode_wrapper(question.frame).apdu;
    CHECK(std::holds_alternative<Talk::Answer>(talk.take(answer)));
    static_cast<void>(talk.ask(get(3, "1.0.1.8.0")));
    CHECK(failure(talk.take(answer)).find("came before: a replay") != std::string::npos);

    // Our own title and challenge thrown back prove nothing.
    Talk mirror{with(co::Mechanism::gmac)};
    static_cast<void>(mirror.open());
    co::AssociationResponse thrown_back;
    thrown_back.mechanism = co::Mechanism::gmac;
    thrown_back.title = {'W', 'U', 'T', 0, 0, 0, 0, 1};
    thrown_back.challenge = Bytes(16, 0x5A);
    thrown_back.initiate = co::encode_initiate(co::InitiateResponse{});
    CHECK(failure(mirror.take(co::encode_association(thrown_back))) == "the meter uses our own system title");
    thrown_back.title[7] = 2;
    static_cast<void>(mirror.open());
    CHECK(failure(mirror.take(co::encode_association(thrown_back))) ==
          "the meter sends no challenge of its own");
    // A meter that knows the way but not the key.
    thrown_back.challenge = Bytes(8, 1);
    static_cast<void>(mirror.open());
    CHECK(std::holds_alternative<Talk::Send>(mirror.take(co::encode_association(thrown_back))));
    co::ActionResponse forged;
    forged.returned = co::octets(Bytes(17, 0x10));
    CHECK(failure(mirror.take(co::encode_response(forged))) == "the meter can't prove that it has our keys");

    CHECK(failure(mirror.take(Bytes{1})) == "an answer that nobody asked for");
    CHECK_THROWS_AS(Talk{with(co::Mechanism::high)}, std::invalid_argument);
    auto short_challenge = with(co::Mechanism::gmac);
    short_challenge.challenge.resize(7);
    CHECK_THROWS_AS(Talk{short_challenge}, std::invalid_argument);
    auto used_up = with(co::Mechanism::low, true);
    used_up.counter = 0xFFFFFFFF;
    CHECK_THROWS_AS(Talk{used_up}.open(), std::invalid_argument);
}

}  // namespace wutong::simulator::test
