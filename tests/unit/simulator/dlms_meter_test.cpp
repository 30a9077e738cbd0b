#include "simulator/dlms_meter.hpp"

#include "framed_rig.hpp"

namespace wutong::simulator::test {
namespace {

/// A client of the wrapper with one meter.
struct WrapperClient {
    Rig& rig;
    Bytes apdu(const Bytes& request) {
        const auto answer = rig.ask("tcp", co::encode_wrapper({1, 1, request}));
        REQUIRE(answer.answered);
        const auto frame = co::decode_wrapper(answer.frame);
        REQUIRE(frame.destination == 1);
        return frame.apdu;
    }
    co::Response call(const co::Request& request) {
        const auto parsed = co::parse_response(apdu(co::encode_request(request)));
        REQUIRE(std::holds_alternative<co::Response>(parsed));
        return std::get<co::Response>(parsed);
    }
    co::ReadResult read(std::uint16_t class_id, const char* obis, std::uint8_t attribute,
                        std::optional<co::Selection> part = {}) {
        return std::get<co::GetResponse>(
                   call(co::GetRequest{{{class_id, co::parse_obis(obis), attribute}, std::move(part)}}))
            .result;
    }
    co::AssociationResponse associate(const co::AssociationRequest& request) {
        return std::get<co::AssociationResponse>(
            co::parse_association_response(apdu(co::encode_association(request))));
    }
    void log_in(std::uint16_t pdu_max = 0xFFFF) {
        const Bytes password{'1', '2', '3', '4', '5', '6', '7', '8'};
        const auto told =
            associate({false,
                       co::Mechanism::low,
                       {},
                       password,
                       co::encode_initiate(co::InitiateRequest{{}, co::kOurConformance, pdu_max})});
        REQUIRE(co::to_string(told) == "accepted");
    }
};

}  // namespace

TEST_CASE("framed: a DLMS meter in the wrapper: rights, registers, clock, relay", "[framed]") {
    Rig rig;
    WrapperClient client{rig};
    rig.building.set_load(rig.meter("202600000005"), 6000);
    rig.now += 30min;
    CHECK(std::holds_alternative<co::ExceptionResponse>(
        client.call(co::GetRequest{{{1, co::parse_obis("0.0.96.1.0"), 2}, {}}})));
    const auto initiate = co::encode_initiate(co::InitiateRequest{});
    CHECK(client.associate({false, co::Mechanism::none, {}, {}, initiate}).result == 0);
    CHECK(std::get<co::Data>(client.read(1, "0.0.96.1.0", 2)).bytes.size() == 12);
    CHECK(std::get<co::AccessResult>(client.read(3, "1.0.1.8.0", 2)) == co::AccessResult::read_write_denied);
    CHECK(co::to_string(client.associate({false, co::Mechanism::low, {}, Bytes(8, 'x'), initiate})) ==
          "rejected for good: authentication failure (13)");
    client.log_in();
    CHECK(co::as_integer(std::get<co::Data>(client.read(3, "1.0.1.8.0", 2))) == 3000);
    CHECK(std::get<co::ScalerUnit>(co::decode_scaler_unit(
              std::get<co::Data>(client.read(3, "1.0.1.8.0", 3)))) == co::ScalerUnit{0, 30});
    CHECK(co::as_integer(std::get<co::Data>(client.read(3, "1.0.1.7.0", 2))) == 6000);
    CHECK(co::as_integer(std::get<co::Data>(client.read(3, "1.0.72.7.0", 2))).value() > 2200);
    CHECK(std::get<co::AccessResult>(client.read(3, "1.0.99.7.0", 2)) == co::AccessResult::object_undefined);

    const auto list = std::get<co::GetListResponse>(
        client.call(co::GetListRequest{{{{3, co::parse_obis("1.0.1.8.0"), 2}, {}},
                                        {{3, co::parse_obis("1.0.1.8.3"), 2}, {}},
                                        {{9, {}, 2}, {}}}}));
    REQUIRE(list.results.size() == 3);
    CHECK(list.results[0] == list.results[1]);
    CHECK(std::holds_alternative<co::AccessResult>(list.results[2]));

    CHECK(std::get<co::ActionResponse>(client.call(co::disconnect_request())).result ==
          co::AccessResult::success);
    CHECK(co::as_integer(std::get<co::Data>(client.read(70, "0.0.96.3.10", 2))) == 0);
    CHECK(std::get<co::ActionResponse>(client.call(co::reconnect_request())).result ==
          co::AccessResult::success);
    CHECK(co::as_integer(std::get<co::Data>(client.read(70, "0.0.96.3.10", 3))) == 1);

    const co::DateTime moment{{2026, 3, 4, 13, 0, 30}, {}, {}, -480, 0};
    const auto set =
        client.call(co::SetRequest{{8, co::kClockObject, 2}, {}, co::octets(co::encode_date_time(moment))});
    CHECK(std::get<co::SetResponse>(set).result == co::AccessResult::success);
    const auto clock = co::decode_date_time(std::get<co::Data>(client.read(8, "0.0.1.0.0", 2)).bytes);
    CHECK(std::get<co::DateTime>(clock).clock == moment.clock);
    CHECK(co::is_release_response(client.apdu(co::encode_release(false))));
    CHECK(std::holds_alternative<co::ExceptionResponse>(client.call(co::disconnect_request())));
}

TEST_CASE("framed: a load profile by range, by rows and in blocks", "[framed]") {
    Rig rig;
    WrapperClient client{rig};
    rig.building.set_load(rig.meter("202600000005"), 4000);
    rig.now += 25h;
    client.log_in();
    CHECK(co::as_integer(std::get<co::Data>(client.read(7, "1.0.99.1.0", 7))) == 101);
    const auto hour = [](int at) { return co::DateTime{{2026, 3, 4, at, 0, 0}, {}, 0, -480, 0}; };
    const auto rows = [&](const co::Data& buffer) {
        return std::get<std::vector<co::ProfileRow>>(co::decode_profile(buffer, 0, 15min));
    };
    const auto part = rows(std::get<co::Data>(client.read(
        7, "1.0.99.1.0", 2, co::encode_selection(co::RangeSelection{{}, hour(13), hour(14), {}}))));
    REQUIRE(part.size() == 5);
    CHECK(part[0].at.clock == protocols::MeterClock{2026, 3, 4, 13, 0, 0});
    CHECK(part[4].at.clock == protocols::MeterClock{2026, 3, 4, 14, 0, 0});
    CHECK(co::as_integer(part[0].values[1]) == 2000);
    CHECK(co::as_integer(part[4].values[1]) == 6000);
    CHECK(rows(std::get<co::Data>(
                   client.read(7, "1.0.99.1.0", 2, co::encode_selection(co::EntrySelection{3, 4, 1, 0}))))
              .size() == 2);

    client.log_in(128);  // a client with little room: the whole buffer comes in blocks
    co::LongGet get;
    auto told = get.take(std::get<co::GetBlockResponse>(
        client.call(co::GetRequest{{{7, co::parse_obis("1.0.99.1.0"), 2}, {}}})));
    int blocks = 1;
    while (auto* ask = std::get_if<co::LongGet::Ask>(&told)) {
        told = get.take(std::get<co::GetBlockResponse>(client.call(ask->next)));
        ++blocks;
    }
    CHECK(blocks > 5);
    REQUIRE(std::holds_alternative<Bytes>(told));
    CHECK(rows(std::get<co::Data>(co::decode_data(std::get<Bytes>(told)))).size() == 101);
    const auto wrong = std::get<co::GetBlockResponse>(client.call(co::GetNextRequest{9}));
    CHECK(std::get<co::AccessResult>(wrong.part) == co::AccessResult::no_long_get_in_progress);
}

TEST_CASE("framed: high level security in both directions, replays refused", "[framed]") {
    Rig rig;
    WrapperClient client{rig};
    const co::SystemTitle title{'W', 'U', 'T', 0, 0, 0, 0, 1};
    const auto& keys = dlms_test_keys();
    std::uint32_t counter = 100;
    const auto sealed = [&](const Bytes& plain) {
        return co::protect(co::global_tag(plain[0]), co::SecurityControl::both, title, ++counter, keys,
                           plain);
    };
    const auto hello = client.associate({true,
                                         co::Mechanism::gmac,
                                         {title.begin(), title.end()},
                                         Bytes(16, 0x5A),
                                         sealed(co::encode_initiate(co::InitiateRequest{}))});
    REQUIRE(hello.result == 0);
    REQUIRE(hello.diagnostic == co::kAuthenticationRequired);
    co::SystemTitle meter{};
    std::copy(hello.title.begin(), hello.title.end(), meter.begin());
    co::ReplayGuard heard;
    const auto opened = [&](const Bytes& apdu) {
        const auto told = co::unprotect(apdu, meter, keys);
        REQUIRE(std::holds_alternative<co::Unprotected>(told));
        REQUIRE(heard.accept(std::get<co::Unprotected>(told).counter));
        return std::get<co::Unprotected>(told).plain;
    };
    CHECK(std::holds_alternative<co::InitiateResponse>(co::parse_initiate_response(opened(hello.initiate))));
    const auto get = co::encode_request(co::GetRequest{{{3, co::parse_obis("1.0.1.8.0"), 2}, {}}});
    // Before the proof nothing is served.
    CHECK(std::holds_alternative<co::ExceptionResponse>(
        std::get<co::Response>(co::parse_response(client.apdu(sealed(get))))));

    co::ActionRequest proof{15, co::parse_obis("0.0.40.0.0"), 1, {}, co::kInvokeId};
    ++counter;
    proof.parameters = co::octets(co::answer_challenge(hello.challenge, title, counter, keys));
    const auto proven = std::get<co::ActionResponse>(
        std::get<co::Response>(co::parse_response(opened(client.apdu(sealed(co::encode_request(proof)))))));
    REQUIRE(proven.returned);
    CHECK(co::check_answer(std::get<co::Data>(*proven.returned).bytes, Bytes(16, 0x5A), meter, keys));

    const auto question = sealed(get);
    const auto answer = std::get<co::Response>(co::parse_response(opened(client.apdu(question))));
    CHECK(std::holds_alternative<co::Data>(std::get<co::GetResponse>(answer).result));
    const auto replayed = std::get<co::Response>(co::parse_response(client.apdu(question)));
    CHECK(std::get<co::ExceptionResponse>(replayed).counter_wanted == counter + 1);
    CHECK(std::holds_alternative<co::ExceptionResponse>(
        std::get<co::Response>(co::parse_response(client.apdu(get)))));  // plain in a ciphered association
}

TEST_CASE("framed: a DLMS meter over HDLC", "[framed]") {
    Rig rig;
    co::HdlcLink link{co::HdlcLink::Role::client, {1, std::nullopt}, {1, 17}, {}};
    const auto exchange = [&](Bytes frame) {
        while (true) {
            const auto answer = rig.ask("hdlc", frame);
            REQUIRE(answer.answered);
            auto step = link.take(co::decode_hdlc(answer.frame));
            if (auto* send = std::get_if<co::HdlcLink::Send>(&step)) {
                frame = std::move(send->frame);
                continue;
            }
            return step;
        }
    };
    REQUIRE(std::holds_alternative<co::HdlcLink::Connected>(exchange(link.connect())));
    const Bytes password{'1', '2', '3', '4', '5', '6', '7', '8'};
    const auto aare = exchange(link.send(co::encode_association(co::AssociationRequest{
        false, co::Mechanism::low, {}, password, co::encode_initiate(co::InitiateRequest{})})));
    CHECK(std::get<co::AssociationResponse>(
              co::parse_association_response(std::get<co::HdlcLink::Apdu>(aare).apdu))
              .result == 0);
    // Two questions, so long that they and the answers come in segments of 128 bytes.
    for (int round = 0; round < 2; ++round) {
        const co::GetListRequest list{
            std::vector<co::AttributeRead>(20, {{3, co::parse_obis("1.0.1.8.0"), 2}, {}})};
        const auto got = exchange(link.send(co::encode_request(list)));
        const auto response = co::parse_response(std::get<co::HdlcLink::Apdu>(got).apdu);
        CHECK(std::get<co::GetListResponse>(std::get<co::Response>(response)).results.size() == 20);
    }
    CHECK(std::holds_alternative<co::HdlcLink::Disconnected>(exchange(link.disconnect())));
}

}  // namespace wutong::simulator::test
