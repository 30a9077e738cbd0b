#include <catch2/catch.hpp>

#include "client-wx/presenters/sale/sale_presenter.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

TEST_CASE("sale: a double click sells once") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    scene.sale->sell();
    scene.sale->sell_exact_cash();
    CHECK(scene.server.asked(method::sell).size() == 1);
    CHECK(scene.screen().busy);
    CHECK_FALSE(scene.screen().can_sell);
    // Nothing that is typed meanwhile changes what is under way.
    scene.sale->type_amount("900");
    scene.sale->type_who("a312");
    CHECK(scene.screen().amount == "200");
    CHECK(scene.screen().who == "C-312");
}

TEST_CASE("sale: sold; the focus is back at who, the delivery is followed at the right") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    scene.server.answer(method::sell, scene.receipt());
    CHECK(scene.screen().focus == SaleScreen::Field::who);
    CHECK(scene.screen().who.empty());
    CHECK(scene.screen().amount.empty());
    CHECK_FALSE(scene.screen().busy);
    CHECK(scene.screen().last_title.find("C-312 ¥200.00") != std::string::npos);
    REQUIRE(scene.screen().last_steps.size() == 4);
    CHECK(scene.screen().last_steps[0].state == FlowStep::State::done);
    CHECK(scene.screen().last_steps[1].state == FlowStep::State::busy);

    v1::Delivery delivery;
    delivery.set_state("sending");
    *delivery.mutable_sent_at() = to_proto_time(scene.clock.now());
    scene.server.push(method::watch_delivery, delivery);
    CHECK(scene.screen().last_steps[1].state == FlowStep::State::done);
    CHECK(scene.screen().last_steps[2].state == FlowStep::State::busy);

    // The next customer is served meanwhile.
    scene.type_who("a312");
    scene.sale->choose_highlighted();

    delivery.set_state("delivered");
    delivery.mutable_after()->set_balance_e4(2'182'000);
    *delivery.mutable_finished_at() = to_proto_time(scene.clock.now() + std::chrono::milliseconds{3800});
    scene.server.push(method::watch_delivery, delivery);
    CHECK(scene.screen().last_steps[2].state == FlowStep::State::done);
    CHECK(scene.screen().last_steps[2].words == "Meter confirmed ¥218.20");
    CHECK(scene.screen().last_note.find("3.8 s") != std::string::npos);
    CHECK(scene.screen().chosen->unit == "A-312");
}

TEST_CASE("sale: to a meter whose credit the server keeps it is done at once, and nothing is followed") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    auto sold = scene.receipt();
    sold.clear_delivery_id();
    scene.server.answer(method::sell, sold);
    CHECK(scene.server.open_streams(method::watch_delivery) == 0);
    REQUIRE(scene.screen().last_steps.size() == 3);
    CHECK(scene.screen().last_steps[1].words == "Credited at once");
    CHECK(scene.screen().last_steps[1].state == FlowStep::State::done);
    CHECK_FALSE(scene.screen().last_failed);
    CHECK(scene.screen().last_note.find("server keeps") != std::string::npos);
}

TEST_CASE("sale: a broken stream is opened again until the delivery has ended") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    scene.server.answer(method::sell, scene.receipt());
    CHECK(scene.server.open_streams(method::watch_delivery) == 1);
    scene.server.end(method::watch_delivery, fault_of(Fault::Kind::unreachable));
    CHECK(scene.server.open_streams(method::watch_delivery) == 0);
    scene.clock.advance(std::chrono::seconds{2});
    CHECK(scene.server.open_streams(method::watch_delivery) == 1);
    v1::Delivery delivery;
    delivery.set_state("quarantined");
    scene.server.push(method::watch_delivery, delivery);
    scene.server.end(method::watch_delivery);
    scene.clock.advance(std::chrono::minutes{1});
    CHECK(scene.server.open_streams(method::watch_delivery) == 0);
    CHECK(scene.screen().last_failed);
    CHECK(scene.screen().last_steps[2].state == FlowStep::State::failed);
}

TEST_CASE("sale: a lost answer is asked for with the same request") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    const auto first = scene.server.asked(method::sell).at(0);
    CHECK(first.request_id().size() == 36);
    scene.server.fail(method::sell, fault_of(Fault::Kind::outcome_unknown));
    CHECK(scene.screen().busy);
    CHECK_FALSE(scene.screen().can_sell);
    CHECK_FALSE(scene.screen().can_take_back);
    CHECK_FALSE(scene.screen().notice.empty());
    // Esc does not take back what may have been done.
    scene.sale->clear();
    CHECK(scene.screen().busy);

    scene.link.lose();
    scene.clock.advance(std::chrono::seconds{40});
    if (scene.link.dial_done) {
        scene.link.succeed();
    }
    scene.clock.advance(std::chrono::seconds{20});
    REQUIRE(scene.server.asked(method::sell).size() >= 2);
    for (const auto& again : scene.server.asked(method::sell)) {
        CHECK(again.SerializeAsString() == first.SerializeAsString());
    }
    scene.server.answer(method::sell, scene.receipt());
    CHECK_FALSE(scene.screen().busy);
    CHECK(scene.screen().focus == SaleScreen::Field::who);
    const auto asked = scene.server.asked(method::sell).size();
    scene.clock.advance(std::chrono::minutes{2});
    CHECK(scene.server.asked(method::sell).size() == asked);
}

TEST_CASE("sale: what was never sent can be taken back") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    scene.server.fail(method::sell, fault_of(Fault::Kind::unreachable));
    CHECK(scene.screen().can_take_back);
    scene.sale->clear();
    CHECK_FALSE(scene.screen().busy);
    CHECK(scene.screen().amount == "200");  // what was typed stays
    CHECK(scene.screen().chosen->unit == "C-312");
    CHECK_FALSE(scene.preferences.get("sale.unanswered"));
    scene.clock.advance(std::chrono::minutes{1});
    CHECK(scene.server.asked(method::sell).size() == 1);
    scene.sale->sell();
    REQUIRE(scene.server.asked(method::sell).size() == 2);
    CHECK(scene.server.asked(method::sell)[0].request_id() !=
          scene.server.asked(method::sell)[1].request_id());
}

TEST_CASE("sale: the server goes while somebody types; nothing is lost, nothing can be sold") {
    SaleScene scene;
    scene.ready();
    scene.link.lose();
    CHECK_FALSE(scene.screen().can_sell);
    CHECK(scene.screen().why_not.find("No connection") != std::string::npos);
    scene.sale->sell();
    CHECK(scene.server.asked(method::sell).empty());
    CHECK(scene.screen().amount == "200");
    scene.clock.advance(std::chrono::seconds{2});
    scene.link.succeed();
    scene.settle();
    CHECK(scene.screen().can_sell);
    CHECK(scene.screen().notice.empty());
    CHECK(scene.screen().amount == "200");
}

TEST_CASE("sale: the session ends in the middle; signed in again, the same request goes on") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    const auto first = scene.server.asked(method::sell).at(0).request_id();
    scene.server.fail(method::sell, fault_of(Fault::Kind::unauthenticated, "session_ended"));
    scene.server.end_session();
    CHECK(scene.screen().busy);
    scene.clock.advance(std::chrono::minutes{1});
    CHECK(scene.server.asked(method::sell).size() == 1);
    scene.sign_in({"sale.write", "sale.read", "device.read"});
    scene.server.deliver();
    REQUIRE(scene.server.asked(method::sell).size() == 2);
    CHECK(scene.server.asked(method::sell)[1].request_id() == first);
}

TEST_CASE("sale: refused by the server; said with a code, nothing typed is lost") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    scene.server.fail(method::sell,
                      fault_of(Fault::Kind::refused, "delivery_quarantined", "An earlier payment…"));
    CHECK_FALSE(scene.screen().busy);
    CHECK(scene.screen().notice_is_error);
    CHECK(scene.screen().notice.find("delivery_quarantined") != std::string::npos);
    CHECK(scene.screen().amount == "200");
    CHECK_FALSE(scene.preferences.get("sale.unanswered"));
    // The next try is another request.
    scene.sale->sell();
    const auto asked = scene.server.asked(method::sell);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].request_id() != asked[1].request_id());
}

TEST_CASE("sale: a program that was ended in the middle asks with the same id when it is back") {
    SaleScene scene;
    scene.ready();
    scene.sale->sell();
    const auto first = scene.server.asked(method::sell).at(0);
    scene.sale.reset();  // ended before the answer
    scene.sale = std::make_unique<SalePresenter>(scene.context, [] {});
    REQUIRE(scene.server.asked(method::sell).size() == 2);
    CHECK(scene.server.asked(method::sell)[1].SerializeAsString() == first.SerializeAsString());
    CHECK(scene.screen().busy);
    CHECK(scene.screen().sell_words == "Sell ¥200.00 to C-312");
    // It may have been done: it can't be taken back, also when the server is away at first.
    scene.server.fail(method::sell, fault_of(Fault::Kind::unreachable));
    CHECK_FALSE(scene.screen().can_take_back);
    scene.clock.advance(std::chrono::seconds{3});
    scene.server.answer(method::sell, scene.receipt());
    CHECK_FALSE(scene.preferences.get("sale.unanswered"));
    CHECK_FALSE(scene.screen().busy);
}

TEST_CASE("sale: a damaged note about an unanswered sale is dropped, another operator's is kept") {
    SaleScene scene;
    scene.preferences.set("sale.unanswered", "7 1 garbage");
    scene.sale = std::make_unique<SalePresenter>(scene.context, [] {});
    CHECK(scene.server.asked(method::sell).empty());
    CHECK_FALSE(scene.preferences.get("sale.unanswered"));
    const std::string other = "8 1 103 33 2000000 1 01234567-89ab-4cde-8f01-23456789abcd C-312";
    scene.preferences.set("sale.unanswered", other);
    scene.sale = std::make_unique<SalePresenter>(scene.context, [] {});
    CHECK(scene.server.asked(method::sell).empty());
    CHECK(scene.preferences.get("sale.unanswered") == other);
}
