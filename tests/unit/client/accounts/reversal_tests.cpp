#include <google/protobuf/empty.pb.h>
#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/sale_service.pb.h>
#include <wutong/v1/session_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/presenters/accounts/reversal_presenter.hpp"
#include "client-wx/presenters/accounts/settlement_presenter.hpp"
#include "client-wx/presenters/accounts/statement_presenter.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

v1::Receipt the_sale(const std::string& kind = "sale") {
    v1::Receipt sold;
    sold.set_number("EAST-00000012");
    sold.set_sale_id(900);
    sold.set_kind(kind);
    sold.set_unit_code("C-312");
    sold.set_meter_id(33);
    sold.set_amount_e4(100'000);
    sold.set_method(v1::TENDER_METHOD_CASH);
    sold.set_delivery_state("delivered");
    return sold;
}

struct ReversalScene : SaleScene {
    ReversalScene() : SaleScene{{"sale.read", "sale.refund", "device.read"}} {}
    std::unique_ptr<ReversalPresenter> begin(const v1::Receipt& sold) {
        auto made = std::make_unique<ReversalPresenter>(context, 900, [] {});
        server.answer(method::get_receipt, sold);
        return made;
    }
};

v1::Delivery in_question() {
    v1::Delivery delivery;
    delivery.set_delivery_id(70);
    delivery.set_kind("top_up");
    delivery.set_state("quarantined");
    delivery.set_amount_e4(2'000'000);
    delivery.set_unit_code("C-312");
    delivery.set_evidence_json("{\"frames\": 3}");
    return delivery;
}

struct SettlementScene : ClientScene {
    std::unique_ptr<SettlementPresenter> settlement;
    explicit SettlementScene(const v1::Delivery& delivery = in_question()) {
        sign_in({"sale.read", "sale.settle"}, "admin");
        settlement = std::make_unique<SettlementPresenter>(context, 70, [] {});
        server.answer(method::get_delivery, delivery);
    }
    static v1::SignInResponse second(const std::string& permission, std::int64_t operator_id = 8) {
        v1::SignInResponse answer;
        answer.set_token("token-of-the-second");
        answer.mutable_who()->set_operator_id(operator_id);
        answer.mutable_who()->add_permissions(permission);
        return answer;
    }
    [[nodiscard]] const SettlementScreen& screen() const { return settlement->screen(); }
    [[nodiscard]] std::vector<v1::SettleDeliveryRequest> words() const {
        return server.asked(method::settle_delivery);
    }
};

}  // namespace

TEST_CASE(
    "reversal: what it does is said first; a reason; once; the money only when the meter has given it back") {
    ReversalScene scene;
    const auto back = scene.begin(the_sale());
    CHECK(back->screen().commit == "Take ¥10.00 back from C-312");
    REQUIRE(back->screen().after.size() == 1);
    CHECK(back->screen().after[0].before == "¥18.20");
    CHECK(back->screen().after[0].after == "¥8.20");
    back->commit();
    CHECK_FALSE(back->screen().reason_error.empty());
    CHECK(scene.server.asked(method::reverse_sale).empty());
    back->type_reason("wrong unit");
    back->commit();
    back->commit();
    REQUIRE(scene.server.asked(method::reverse_sale).size() == 1);
    CHECK(scene.server.asked(method::reverse_sale)[0].sale_id() == 900);
    CHECK(back->unanswered());
    v1::SaleReceipt booked;
    booked.set_sale_id(901);
    booked.set_delivery_id(701);
    booked.set_kind("reversal");
    scene.server.answer(method::reverse_sale, booked);
    CHECK(back->screen().finished);
    CHECK(back->screen().steps_note.find("Wait") != std::string::npos);
    v1::Delivery delivery;
    delivery.set_state("delivered");
    scene.server.push(method::watch_delivery, delivery);
    CHECK(back->screen().steps_note.find("Hand back ¥10.00 (Cash)") != std::string::npos);
}

TEST_CASE("reversal: a meter that refuses leaves the sale; nothing is handed back") {
    ReversalScene scene;
    const auto back = scene.begin(the_sale());
    back->type_reason("wrong unit");
    back->commit();
    v1::SaleReceipt booked;
    booked.set_delivery_id(701);
    scene.server.answer(method::reverse_sale, booked);
    v1::Delivery delivery;
    delivery.set_state("refused");
    scene.server.push(method::watch_delivery, delivery);
    CHECK(back->screen().steps_failed);
    CHECK(back->screen().steps_note.find("Hand nothing back") != std::string::npos);
}

TEST_CASE("reversal: withdrawn before it was sent, refused by the server, lost, and what is no sale") {
    ReversalScene scene;
    SECTION("withdrawn: the money goes back at once") {
        auto sold = the_sale();
        sold.set_delivery_state("queued");
        const auto back = scene.begin(sold);
        back->type_reason("wrong unit");
        back->commit();
        scene.server.answer(method::reverse_sale, v1::SaleReceipt{});
        REQUIRE(back->screen().steps.size() == 1);
        CHECK(back->screen().steps_note.find("Hand back") != std::string::npos);
    }
    SECTION("refused: why, and it can be tried again") {
        const auto back = scene.begin(the_sale());
        back->type_reason("wrong unit");
        back->commit();
        scene.server.fail(method::reverse_sale, refused("not_last_on_meter"));
        CHECK(back->screen().notice_is_error);
        CHECK_FALSE(back->screen().finished);
        CHECK(back->screen().can_commit);
    }
    SECTION("a lost answer is asked for with the same request") {
        const auto back = scene.begin(the_sale());
        back->type_reason("wrong unit");
        back->commit();
        scene.server.fail(method::reverse_sale, outcome_unknown());
        scene.clock.advance(std::chrono::seconds{5});
        const auto asked = scene.server.asked(method::reverse_sale);
        REQUIRE(asked.size() == 2);
        CHECK(asked[0].SerializeAsString() == asked[1].SerializeAsString());
    }
    SECTION("an opening is none") {
        const auto back = scene.begin(the_sale("opening"));
        back->type_reason("x");
        back->commit();
        CHECK(scene.server.asked(method::reverse_sale).empty());
        CHECK_FALSE(back->screen().can_commit);
    }
}

TEST_CASE("settlement: two persons in one dialog, the second in his own name, signed out again") {
    SettlementScene scene;
    CHECK(scene.screen().raw.find("frames") != std::string::npos);
    scene.settlement->commit();
    CHECK_FALSE(scene.screen().decision_error.empty());
    CHECK_FALSE(scene.screen().reason_error.empty());
    scene.settlement->decide(0);
    CHECK(scene.screen().consequence.find("¥200.00") != std::string::npos);
    scene.settlement->type_reason("display shows No. 28");
    scene.settlement->type_second("manager", "pw");
    CHECK(scene.screen().commit == "Settle");
    scene.settlement->commit();
    scene.settlement->commit();
    CHECK(scene.words().empty());  // a wrong password changes nothing
    scene.server.answer(method::sign_in, SettlementScene::second("sale.settle"));
    CHECK(scene.screen().second_password.empty());
    REQUIRE(scene.words().size() == 1);
    CHECK(scene.server.asked_as(method::settle_delivery).empty());
    scene.server.answer(method::settle_delivery, in_question());
    REQUIRE(scene.words().size() == 2);
    CHECK(scene.server.asked_as(method::settle_delivery) == "token-of-the-second");
    CHECK(scene.words()[0].request_id() != scene.words()[1].request_id());
    CHECK(scene.words()[1].delivered());
    auto done = in_question();
    done.set_state("delivered");
    scene.server.answer(method::settle_delivery, done);
    CHECK(scene.screen().finished);
    CHECK(scene.server.asked_as(method::sign_out) == "token-of-the-second");
    CHECK(scene.server.token() == "token-1");  // who sits here is still signed in
}

TEST_CASE("settlement: a second person who may not, is oneself or forgot the password") {
    SettlementScene scene;
    scene.settlement->decide(1);
    scene.settlement->type_reason("nothing on the display");
    SECTION("oneself") {
        scene.settlement->type_second("admin", "pw");
        scene.settlement->commit();
        CHECK(scene.server.asked(method::sign_in).size() == 1);  // the one of this seat
        CHECK_FALSE(scene.screen().second_error.empty());
    }
    SECTION("wrong password") {
        scene.settlement->type_second("manager", "pw");
        scene.settlement->commit();
        scene.server.fail(method::sign_in, fault_of(Fault::Kind::unauthenticated, "wrong_credentials"));
        CHECK_FALSE(scene.screen().second_error.empty());
        CHECK(scene.screen().can_commit);
    }
    SECTION("no right") {
        scene.settlement->type_second("viewer", "pw");
        scene.settlement->commit();
        scene.server.answer(method::sign_in, SettlementScene::second("sale.read"));
        CHECK_FALSE(scene.screen().second_error.empty());
        CHECK(scene.server.asked_as(method::sign_out) == "token-of-the-second");
    }
    CHECK(scene.words().empty());
}

TEST_CASE("settlement: one's own word waits for a second one; the word of another makes it whole") {
    SECTION("alone") {
        SettlementScene scene;
        scene.settlement->decide(0);
        scene.settlement->type_reason("seen");
        CHECK(scene.screen().commit == "Keep my word");
        scene.settlement->commit();
        scene.server.answer(method::settle_delivery, in_question());
        CHECK(scene.screen().finished);
        CHECK(scene.screen().notice.find("second operator") != std::string::npos);
    }
    SECTION("second") {
        auto delivery = in_question();
        delivery.mutable_settlement()->set_delivered(true);
        delivery.mutable_settlement()->set_operator_id(8);
        delivery.mutable_settlement()->set_operator_("manager");
        delivery.mutable_settlement()->set_reason("seen");
        SettlementScene scene{delivery};
        CHECK(scene.screen().first_word.find("manager") != std::string::npos);
        CHECK(scene.screen().decision == 0);
        CHECK_FALSE(scene.screen().second_needed);
        CHECK(scene.screen().commit == "Settle");
        scene.settlement->decide(1);  // another word needs its own second one
        CHECK(scene.screen().second_needed);
    }
}

TEST_CASE("statement: page after page, its sums, its paper and its sheet") {
    ClientScene scene;
    scene.sign_in({"account.read"});
    StatementPresenter statement{scene.context, [] {}};
    statement.open(103);
    v1::Statement first;
    first.set_number("100731");
    first.set_customer("Noodle House");
    first.set_opening_balance_e4(182'000);
    first.set_closing_balance_e4(2'082'000);
    first.set_paid_in_e4(2'000'000);
    first.set_used_e4(100'000);
    first.set_sealed_hash("abcd");
    first.set_sealed_position(41);
    auto* paid = first.add_lines();
    paid->set_kind("sale");
    paid->set_reason("paid in, cash, receipt EAST-00000012");
    paid->set_change_e4(2'000'000);
    paid->set_moved_e4(2'000'000);
    paid->set_balance_e4(2'182'000);
    auto* tap = first.add_meters();
    tap->set_meter_code("W1");
    tap->set_commodity("water");
    tap->set_first_wh(10'000);
    tap->set_last_wh(12'345);
    tap->set_energy_wh(2'345);
    first.set_next_page_token("2");
    scene.server.answer(method::get_statement, first);
    CHECK_FALSE(statement.screen().can_save);
    v1::Statement second;
    auto* used = second.add_lines();
    used->set_kind("consumption");
    used->set_memo("1000 to 3500 Wh at 1.05");
    used->set_change_e4(-100'000);
    used->set_balance_e4(2'082'000);
    scene.server.answer(method::get_statement, second);
    const auto& screen = statement.screen();
    CHECK(screen.can_save);
    REQUIRE(screen.lines.size() == 2);
    CHECK(screen.lines[0][1].text.find("EAST-00000012") != std::string::npos);
    CHECK(screen.lines[1][1].text.find("2.50 kWh") != std::string::npos);
    CHECK(screen.closing == "¥208.20");
    CHECK(screen.proof.find("abcd") != std::string::npos);
    const auto sheet = statement.table();
    REQUIRE(sheet.rows.size() > 4);
    CHECK(std::get<Spreadsheet::Figure>(sheet.rows[1][5]).value == Approx(218.2));
    CHECK(std::get<Spreadsheet::Figure>(sheet.rows[3][5]).value == Approx(208.2));
    CHECK(screen.meters_title == "Water");
    REQUIRE(screen.meters.size() == 1);
    CHECK(screen.meters[0][3].text == "2.345 m³");
    const auto& water = sheet.rows[sheet.rows.size() - 2];
    CHECK(std::get<std::string>(water[1]) == "Water (m³)");
    CHECK(std::get<Spreadsheet::Figure>(water[5]).value == Approx(2.345));
    CHECK(std::get<Spreadsheet::Figure>(water[5]).decimals == 3);
    const auto paper = statement.paper();
    CHECK(paper.energy.front().find("12.345 m³") != std::string::npos);
    CHECK(paper.rows.front().back() == "¥18.20");
    CHECK(paper.rows.back().back() == "¥208.20");
}

TEST_CASE("statement: dates that are none, and a server that fails") {
    ClientScene scene;
    scene.sign_in({"account.read"});
    StatementPresenter statement{scene.context, [] {}};
    statement.open(103);
    scene.server.fail(method::get_statement, unreachable());
    CHECK_FALSE(statement.screen().failure.empty());
    CHECK_FALSE(statement.screen().can_save);
    CHECK(statement.table().rows.empty());
    statement.choose_period("2026-13-01", "x");
    CHECK_FALSE(statement.screen().from_error.empty());
    CHECK_FALSE(statement.screen().to_error.empty());
    statement.choose_period("2026-03-05", "2026-03-01");
    CHECK_FALSE(statement.screen().to_error.empty());
    statement.choose_period("2026-03-01", "2026-03-05");
    const auto asked = scene.server.asked(method::get_statement);
    REQUIRE(asked.size() == 2);
    CHECK(asked[1].to().seconds() - asked[1].from().seconds() == 5 * 86'400);
}
