// The two balances through the server: what explains a difference, what doesn't, and the proof of it.
#include <wutong/v1/balance_service.grpc.pb.h>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

using Balances = v1::BalanceService::Stub;

v1::ListBalancesResponse list(Counter& counter, bool unexplained, int size = 0, const std::string& token = "",
                              v1::BalanceOrder order = v1::BALANCE_ORDER_DIFFERENCE) {
    v1::ListBalancesRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_unexplained_only(unexplained);
    request.set_order(order);
    request.mutable_page()->set_size(size);
    request.mutable_page()->set_token(token);
    return counter.client().must(&Balances::ListBalances, request);
}

v1::ProveBalancesRequest proving(const Counter& counter) {
    v1::ProveBalancesRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(counter.site.property.value);
    return request;
}

}  // namespace

TEST_CASE("two balances: explained, then not, then put right", "[services][balances]") {
    Counter counter{3};
    const auto& meters = counter.site.meters;
    counter.open_and_deliver({{meters[0], 500'000}, {meters[1], 200'000}});
    counter.field.meter(meters[0]).use(core::Energy{3'000});
    counter.field.poll(counter.site, meters[0]);

    // Booked by the server's own job or not: it is explained either way.
    auto all = list(counter, false, 0, "", v1::BALANCE_ORDER_METER);
    REQUIRE(all.balances_size() == 2);
    CHECK(all.balances(0).meter_code() == "M1");
    CHECK(all.balances(0).meter_e4() == 470'000);
    CHECK(all.balances(0).difference_e4() == all.balances(0).causes().use_not_booked_e4());
    CHECK(all.balances(0).age_s() < 60);
    CHECK(list(counter, true).balances_size() == 0);
    const auto request = proving(counter);
    const auto clean = counter.client().must(&Balances::ProveBalances, request);
    CHECK(clean.meters() == 2);
    CHECK(clean.unexplained() == 0);
    CHECK(clean.meter_e4() == 670'000);
    CHECK(clean.operator_() == "cashier");
    CHECK(counter.client().must(&Balances::ProveBalances, request).proof_id() == clean.proof_id());
    CHECK(counter.count("alarm WHERE kind = 'balance_unexplained'") == 0);

    // The balance falls by more than use: a price that somebody raised at the meter.
    counter.field.meter(meters[1]).now.balance -= core::Money{30'000};
    counter.field.poll(counter.site, meters[1]);
    const auto odd = list(counter, true);
    REQUIRE(odd.balances_size() == 1);
    CHECK(odd.balances(0).meter_code() == "M2");
    CHECK(odd.balances(0).causes().unexplained_e4() == -30'000);
    CHECK(odd.last_proof().proof_id() == clean.proof_id());
    const auto found = counter.client().must(&Balances::ProveBalances, proving(counter));
    CHECK(found.unexplained() == 1);
    REQUIRE(found.worst_size() == 1);
    CHECK(found.worst(0).meter_code() == "M2");
    CHECK(found.causes().unexplained_e4() == -30'000);
    CHECK(counter.count("alarm WHERE kind = 'balance_unexplained' AND cleared_at IS NULL AND text LIKE "
                        "'%M2 -3%'") == 1);
    v1::GetProofRequest newest;
    newest.set_property_id(counter.site.property.value);
    CHECK(counter.client().must(&Balances::GetProof, newest).worst_size() == 1);

    v1::GetBalanceRequest one;
    one.set_property_id(counter.site.property.value);
    one.set_meter_id(meters[1].value);
    const auto page = counter.client().must(&Balances::GetBalance, one);
    CHECK(page.balance().causes().unexplained_e4() == -30'000);
    CHECK(page.evidence_size() >= 2);

    counter.field.meter(meters[1]).now.balance += core::Money{30'000};
    counter.field.poll(counter.site, meters[1]);
    CHECK(counter.client().must(&Balances::ProveBalances, proving(counter)).unexplained() == 0);
    CHECK(counter.count("alarm WHERE kind = 'balance_unexplained' AND cleared_at IS NULL") == 0);
    v1::ListProofsRequest proofs;
    proofs.set_property_id(counter.site.property.value);
    proofs.mutable_page()->set_size(2);
    const auto last = counter.client().must(&Balances::ListProofs, proofs);
    REQUIRE(last.proofs_size() == 2);
    CHECK(last.proofs(0).proof_id() > last.proofs(1).proof_id());
    CHECK_FALSE(last.next_page_token().empty());
}

TEST_CASE("two balances: pages, tokens, and who may ask", "[services][balances]") {
    Counter counter{3};
    const auto& meters = counter.site.meters;
    counter.open_and_deliver({{meters[0], 100'000}, {meters[1], 200'000}, {meters[2], 300'000}});
    counter.field.meter(meters[2]).now.balance -= core::Money{50'000};
    counter.field.meter(meters[0]).now.balance -= core::Money{40'000};
    for (const auto meter : meters) {
        counter.field.poll(counter.site, meter);
    }
    std::string codes;
    std::string token;
    do {
        const auto page = list(counter, false, 1, token);
        REQUIRE(page.balances_size() <= 1);
        for (const auto& row : page.balances()) {
            codes += row.meter_code();
        }
        token = page.next_page_token();
    } while (!token.empty());
    CHECK(codes == "M3M1M2");
    const auto first = list(counter, true, 1);
    REQUIRE(first.balances_size() == 1);
    CHECK(first.balances(0).meter_code() == "M3");
    const auto second = list(counter, true, 1, first.next_page_token());
    REQUIRE(second.balances_size() == 1);
    CHECK(second.balances(0).meter_code() == "M1");

    v1::ListBalancesRequest bad;
    v1::ListBalancesResponse nothing;
    bad.set_property_id(counter.site.property.value);
    for (const char* rubbish : {"x", "m:", "d:1:2", "m:0:x", "m::", "m:99999999999999999999:M1"}) {
        INFO(rubbish);
        bad.mutable_page()->set_token(rubbish);
        CHECK(counter.client().call(&Balances::ListBalances, bad, nothing).code ==
              StatusCode::INVALID_ARGUMENT);
    }
    const auto teller = counter.stack.colleague("teller", "cashier");
    bad.mutable_page()->clear_token();
    CHECK(teller->call(&Balances::ListBalances, bad, nothing).ok());
    v1::BalanceProof proof;
    CHECK(teller->call(&Balances::ProveBalances, proving(counter), proof).code ==
          StatusCode::PERMISSION_DENIED);
    v1::GetBalanceRequest one;
    v1::BalancePage page;
    one.set_property_id(counter.site.property.value);
    one.set_meter_id(987'654);
    CHECK(counter.client().call(&Balances::GetBalance, one, page).reason == "no_tenant_on_meter");
}
