#include <wutong/v1/balance_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/api/balance_methods.hpp"
#include "client-wx/presenters/balances/balance_lists.hpp"
#include "client-wx/text/format.hpp"
#include "tests/support/client_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

v1::MeterBalance balance(std::int64_t id, const std::string& unit, std::int64_t unexplained_e4) {
    v1::MeterBalance one;
    one.set_meter_id(id);
    one.set_unit_code(unit);
    one.set_customer("Noodle House");
    one.set_ledger_e4(2'000'000);
    one.set_meter_e4(1'990'000 + unexplained_e4);
    one.set_difference_e4(-10'000 + unexplained_e4);
    one.mutable_causes()->set_use_not_booked_e4(-10'000);
    one.mutable_causes()->set_unexplained_e4(unexplained_e4);
    return one;
}

}  // namespace

TEST_CASE("balances: the difference by its causes; never read is not zero; the filter is the server's") {
    ClientScene scene;
    scene.sign_in({"ledger.read"});
    BalancesPresenter balances{scene.context};
    balances.open();
    v1::ListBalancesResponse answer;
    *answer.add_balances() = balance(33, "C-312", 0);
    *answer.add_balances() = balance(34, "C-313", -50'000);
    auto* never = answer.add_balances();
    never->set_meter_id(35);
    never->set_unit_code("C-314");
    answer.mutable_last_proof()->set_unexplained(1);
    answer.mutable_last_proof()->set_difference_e4(-60'000);
    scene.server.answer(method::list_balances, answer);
    const auto& rows = balances.screen().rows;
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].cells[5].text == "−¥1.00");
    CHECK(rows[0].cells[10].tone == Tone::quiet);
    CHECK(rows[1].cells[10].text == "−¥5.00");
    CHECK(rows[1].cells[10].tone == Tone::danger);
    CHECK(rows[2].cells[3].text == kDash);
    CHECK(rows[2].cells[4].text == kDash);
    CHECK(balances.proof().alarming);
    CHECK(balances.status() == "1 of 3 meters have a part that none of us has caused");
    balances.search("313");
    CHECK(balances.screen().rows.size() == 1);
    balances.show_unexplained_only(true);
    REQUIRE(scene.server.asked(method::list_balances).size() == 2);
    CHECK(scene.server.asked(method::list_balances)[1].unexplained_only());
    balances.clear_filter();
    CHECK_FALSE(scene.server.asked(method::list_balances).back().unexplained_only());
}

TEST_CASE("balances: an empty page may be followed by others") {
    ClientScene scene;
    scene.sign_in({"ledger.read"});
    BalancesPresenter balances{scene.context};
    balances.show_unexplained_only(true);
    balances.open();
    v1::ListBalancesResponse empty;
    empty.set_next_page_token("m:10000:X");
    scene.server.answer(method::list_balances, empty);
    CHECK(balances.screen().phase == ListPhase::loading);
    v1::ListBalancesResponse last;
    *last.add_balances() = balance(34, "C-313", -50'000);
    scene.server.answer(method::list_balances, last);
    CHECK(balances.screen().rows.size() == 1);
}

TEST_CASE("balances: a proof is taken once at a time, and its outcome said") {
    ClientScene scene;
    scene.sign_in({"ledger.read", "ledger.prove"});
    ProofsPresenter proofs{scene.context};
    proofs.open();
    scene.server.answer(method::list_proofs, v1::ListProofsResponse{});
    proofs.prove();
    proofs.prove();
    CHECK(scene.server.asked(method::prove_balances).size() == 1);
    v1::BalanceProof proof;
    proof.set_meters(240);
    proof.set_unexplained(2);
    scene.server.answer(method::prove_balances, proof);
    CHECK(proofs.said() == "240 meters compared, 2 of them have an unexplained part.");
    CHECK_FALSE(proofs.proving());
    v1::ListProofsResponse answer;
    *answer.add_proofs() = proof;
    scene.server.answer(method::list_proofs, answer);
    REQUIRE(proofs.screen().rows.size() == 1);
    CHECK(proofs.screen().rows[0].cells[9].tone == Tone::danger);
}

TEST_CASE("balances: whoever may not prove does not; one meter with what stands behind it") {
    ClientScene scene;
    scene.sign_in({"ledger.read"});
    ProofsPresenter proofs{scene.context};
    proofs.prove();
    CHECK(scene.server.asked(method::prove_balances).empty());
    BalancePresenter one{scene.context, 34, [] {}};
    v1::BalancePage page;
    *page.mutable_balance() = balance(34, "C-313", -50'000);
    auto* evidence = page.add_evidence();
    evidence->set_cause("use_not_booked");
    evidence->set_amount_e4(-10'000);
    evidence->set_text(std::string(10'000, 'x'));
    scene.server.answer(method::get_balance, page);
    CHECK(one.screen().unexplained);
    CHECK(one.screen().facts.size() == 9);
    REQUIRE(one.screen().evidence.size() == 1);
    CHECK(one.screen().evidence[0][4].text.size() < 1'000);
}

TEST_CASE("balances: credit in question waits in a list") {
    ClientScene scene;
    scene.sign_in({"sale.read"});
    QuestionsPresenter questions{scene.context};
    questions.open();
    CHECK(scene.server.asked(method::list_deliveries)[0].state() == "quarantined");
    v1::ListDeliveriesResponse answer;
    auto* one = answer.add_deliveries();
    one->set_delivery_id(70);
    one->set_unit_code("C-312");
    one->set_amount_e4(2'000'000);
    scene.server.answer(method::list_deliveries, answer);
    REQUIRE(questions.screen().rows.size() == 1);
    CHECK(questions.screen().rows[0].cells[4].text == "¥200.00");
}
