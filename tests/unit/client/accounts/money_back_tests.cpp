#include <wutong/v1/sale_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/presenters/accounts/money_back_presenter.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

struct RefundScene : SaleScene {
    RefundScene() : SaleScene{{"sale.write", "sale.read", "sale.refund", "device.read"}} {}
    RefundPresenter refund{context, 103, {{33, "C-312"}}, [] {}};
};

}  // namespace

TEST_CASE("refund: before and after, with a reason, once") {
    RefundScene scene;
    CHECK_FALSE(scene.refund.screen().can_commit);
    scene.refund.type_amount("8.20");
    REQUIRE(scene.refund.screen().after.size() == 1);
    CHECK(scene.refund.screen().after[0].before == "¥18.20");
    CHECK(scene.refund.screen().after[0].after == "¥10.00");
    CHECK(scene.refund.screen().commit == "Take ¥8.20 off C-312");
    scene.refund.commit();
    CHECK_FALSE(scene.refund.screen().reason_error.empty());
    CHECK(scene.server.asked(method::refund).empty());
    scene.refund.type_reason("sold by mistake");
    scene.refund.commit();
    scene.refund.commit();
    REQUIRE(scene.server.asked(method::refund).size() == 1);
    CHECK(scene.server.asked(method::refund)[0].amount_e4() == 82'000);
    CHECK(scene.server.asked(method::refund)[0].reason() == "sold by mistake");
    CHECK(scene.refund.unanswered());

    v1::SaleReceipt booked = scene.receipt();
    booked.set_kind("refund");
    booked.set_amount_e4(82'000);
    scene.server.answer(method::refund, booked);
    CHECK(scene.refund.screen().finished);
    REQUIRE(scene.refund.screen().steps.size() == 3);
    v1::Delivery delivery;
    delivery.set_state("delivered");
    scene.server.push(method::watch_delivery, delivery);
    CHECK(scene.refund.screen().steps[2].state == FlowStep::State::done);
    scene.refund.commit();
    CHECK(scene.server.asked(method::refund).size() == 1);
}

TEST_CASE("refund: a lost answer is asked for with the same request") {
    RefundScene scene;
    scene.refund.type_amount("5");
    scene.refund.type_reason("moved out");
    scene.refund.commit();
    scene.server.fail(method::refund, fault_of(Fault::Kind::outcome_unknown));
    CHECK(scene.refund.unanswered());
    CHECK_FALSE(scene.refund.screen().can_commit);
    scene.clock.advance(std::chrono::seconds{5});
    const auto asked = scene.server.asked(method::refund);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].SerializeAsString() == asked[1].SerializeAsString());
}

TEST_CASE(
    "refund: more than the meter holds is said before it is sent; the server's no stands under the field") {
    RefundScene scene;
    scene.refund.type_amount("500");
    CHECK(scene.refund.screen().amount_error.find("¥18.20") != std::string::npos);
    scene.refund.take_all();
    CHECK(scene.refund.screen().amount == "18.20");
    CHECK(scene.refund.screen().amount_error.empty());
    scene.refund.type_reason("x");
    scene.refund.commit();
    scene.server.fail(method::refund,
                      fault_of(Fault::Kind::refused, "above_meter_balance", "The meter holds less."));
    CHECK(scene.refund.screen().notice_is_error);
    CHECK(scene.refund.screen().notice.find("above_meter_balance") != std::string::npos);
    CHECK(scene.refund.screen().amount == "18.20");
}

TEST_CASE("refund: absurd input") {
    RefundScene scene;
    scene.refund.type_reason(std::string(100'000, 'r'));
    CHECK(scene.refund.screen().reason.size() <= 500);
    for (const auto* text : {"", "0", "-3", "x", "1e5", "0.001"}) {
        scene.refund.type_amount(text);
        scene.refund.commit();
        INFO(text);
        CHECK_FALSE(scene.refund.screen().amount_error.empty());
    }
    scene.refund.choose_meter(7);
    scene.refund.choose_meter(-1);
    CHECK(scene.refund.screen().meter == 0);
    CHECK(scene.server.asked(method::refund).empty());
}

TEST_CASE("pay-out: what is payable, not more, once") {
    SaleScene scene{{"sale.refund", "sale.read", "device.read"}};
    PayOutPresenter presenter{scene.context, 103, "Noodle House", 200'000, [] {}};
    CHECK(presenter.screen().amount == "20.00");
    CHECK(presenter.screen().commit == "Pay out ¥20.00");
    presenter.type_amount("30");
    presenter.commit();
    CHECK(presenter.screen().amount_error.find("¥20.00") != std::string::npos);
    CHECK(scene.server.asked(method::pay_refund).empty());
    presenter.type_amount("15");
    presenter.choose_tender(Tender::transfer);
    presenter.commit();
    presenter.commit();
    REQUIRE(scene.server.asked(method::pay_refund).size() == 1);
    CHECK(scene.server.asked(method::pay_refund)[0].amount_e4() == 150'000);
    CHECK(scene.server.asked(method::pay_refund)[0].method() == v1::TENDER_METHOD_TRANSFER);
    v1::PayRefundResponse paid;
    paid.set_still_payable_e4(50'000);
    scene.server.answer(method::pay_refund, paid);
    CHECK(presenter.screen().finished);
    CHECK(presenter.screen().notice.find("¥5.00") != std::string::npos);
    presenter.commit();
    CHECK(scene.server.asked(method::pay_refund).size() == 1);
}
