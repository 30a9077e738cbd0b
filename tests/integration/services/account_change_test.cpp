// Meters that are exchanged, and meters that go to another tenant.
#include <wutong/v1/account_change_service.grpc.pb.h>
#include <wutong/v1/balance_service.grpc.pb.h>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

using Changes = v1::AccountChangeService::Stub;

v1::ExchangeMeterRequest exchange(const Counter& counter, std::int64_t account, core::MeterId from,
                                  core::MeterId to) {
    v1::ExchangeMeterRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(counter.site.property.value);
    request.set_account_id(account);
    request.set_old_meter_id(from.value);
    request.set_new_meter_id(to.value);
    request.set_reason("display broken");
    return request;
}

std::string refusal(Counter& counter, const v1::ExchangeMeterRequest& request) {
    v1::ExchangeMeterResponse done;
    const auto answer = counter.client().call(&Changes::ExchangeMeter, request, done);
    // The preview says the same, and both say what to do.
    if (!answer.ok() && answer.code == StatusCode::FAILED_PRECONDITION) {
        const auto quote = counter.client().must(&Changes::QuoteExchange, request);
        CHECK(quote.blockers_size() > 0);
        CHECK(quote.blockers(0).reason() == answer.reason);
        CHECK(answer.message.find("Nothing was changed.") != std::string::npos);
    }
    return answer.ok() ? "" : answer.reason;
}

v1::TransferAccountRequest transfer(const Counter& counter, std::int64_t account, v1::TransferMoney money) {
    v1::TransferAccountRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(counter.site.property.value);
    request.set_account_id(account);
    request.mutable_customer()->set_name("Wang Fang");
    request.set_money(money);
    request.set_method(v1::TENDER_METHOD_CASH);
    return request;
}

/// As the meters are now, the books say the same.
void check_agreed(Counter& counter) {
    check_identity(counter.trial_balance());
    v1::ProveBalancesRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(counter.site.property.value);
    const auto proof = counter.client().must(&v1::BalanceService::Stub::ProveBalances, request);
    INFO(proof.ShortDebugString());
    CHECK(proof.unexplained() == 0);
}

}  // namespace

TEST_CASE("exchange: the money goes to the new meter, and no cent is lost", "[services][account_change]") {
    Counter counter{3};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 500'000}}).account_id();
    counter.field.meter(meters[0]).price = core::Price{10'000};
    counter.field.meter(meters[0]).use(core::Energy{12'347});
    counter.field.poll(counter.site, meters[0]);

    const auto request = exchange(counter, id, meters[0], meters[1]);
    const auto quote = counter.client().must(&Changes::QuoteExchange, request);
    CHECK(quote.blockers_size() == 0);
    CHECK(quote.energy_wh() == 1'012'347);
    CHECK(quote.ledger_e4() == 376'530);
    CHECK(quote.carried_e4() == 376'500);
    CHECK(quote.rounding_e4() == 30);
    const auto done = counter.client().must(&Changes::ExchangeMeter, request);
    CHECK(done.exchange().carried_e4() == 376'500);
    CHECK(done.account().in_flight_e4() == 376'500);
    CHECK(done.account().prepaid_credit_e4() == 0);
    // The same request again is the first answer; another one finds the meter gone.
    CHECK(counter.client().must(&Changes::ExchangeMeter, request).delivery_id() == done.delivery_id());
    CHECK(refusal(counter, exchange(counter, id, meters[0], meters[2])) == "meter_not_linked");
    CHECK(counter.try_to_sell(id, meters[0], 10'000).reason == "meter_not_linked");

    // Opens the new one, clears the old one; the clear books nothing.
    REQUIRE(counter.field.deliver() == 2);
    counter.field.poll(counter.site, meters[1]);
    CHECK(counter.field.meter(meters[1]).now.balance == core::Money{376'500});
    CHECK(counter.field.meter(meters[0]).now.balance == core::Money{0});
    CHECK(counter.delivery(done.clear_delivery_id()).state() == "delivered");
    const auto account = counter.account(id);
    CHECK(account.prepaid_credit_e4() == 376'500);
    CHECK(account.in_flight_e4() == 0);
    CHECK(account.refund_payable_e4() == 0);
    CHECK(account.unallocated_e4() == 0);
    CHECK(account.state() == "open");
    REQUIRE(account.meters_size() == 2);
    CHECK(account.meters(0).meter_code() == "M2");
    CHECK(account.meters(0).price_e4() == 10'000);
    CHECK(account.meters(1).has_unlinked_at());
    check_agreed(counter);

    counter.field.meter(meters[1]).use(core::Energy{1'000});
    counter.field.poll(counter.site, meters[1]);
    check_agreed(counter);
    v1::ListExchangesRequest list;
    list.set_property_id(counter.site.property.value);
    list.set_meter_id(meters[1].value);
    const auto kept = counter.client().must(&Changes::ListExchanges, list);
    REQUIRE(kept.exchanges_size() == 1);
    CHECK(kept.exchanges(0).energy_wh() == 1'012'347);
    CHECK(kept.exchanges(0).meter_balance_e4() == core::Money{500'000 - 123'470}.ten_thousandths());
    CHECK(kept.exchanges(0).delivery_state() == "delivered");
    CHECK(counter.count("operation_log WHERE action = 'account.exchange_meter'") == 1);

    v1::StatementRequest paper;
    paper.set_property_id(counter.site.property.value);
    paper.set_account_id(id);
    const auto statement = counter.client().must(&Accounts::GetStatement, paper);
    CHECK(statement.opening_balance_e4() + statement.paid_in_e4() - statement.used_e4() -
              statement.paid_out_e4() + statement.other_e4() ==
          statement.closing_balance_e4());
    CHECK(statement.other_e4() == -30);
    bool told = false;
    for (const auto& line : statement.lines()) {
        told = told || line.reason().find("meter M1 exchanged for M2, last reading 1012347 Wh") == 0;
    }
    CHECK(told);
    // The old meter is free for somebody else.
    counter.open_and_deliver({{meters[0], 100'000}});
    check_agreed(counter);
}

TEST_CASE("exchange: a dead meter, and what waited for it", "[services][account_change]") {
    Counter counter{3};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 500'000}}).account_id();
    auto& old = counter.field.meter(meters[0]);
    old.dead = true;
    counter.client().must(&Sales::Sell, counter.sale(id, meters[0], 200'000));
    CHECK(counter.field.deliver() == 0);
    // An hour later nobody has read it.
    counter.site.read(meters[0], old.now.energy, old.now.balance, wall_clock() - std::chrono::hours{1});

    auto request = exchange(counter, id, meters[0], meters[1]);
    CHECK(refusal(counter, request) == "delivery_waiting");
    request.set_carry_waiting(true);
    CHECK(refusal(counter, request) == "reading_too_old");
    request.mutable_typed()->set_energy_wh(1'004'000);
    CHECK(refusal(counter, request) == "invalid_field");
    request.mutable_typed()->set_reason("burnt; the janitor had noted it");
    request.mutable_typed()->set_energy_wh(999'000);
    CHECK(refusal(counter, request) == "reading_below_books");
    request.mutable_typed()->set_energy_wh(101'004'001);
    CHECK(refusal(counter, request) == "reading_implausible");
    request.mutable_typed()->set_energy_wh(1'004'000);
    request.mutable_typed()->set_balance_e4(360'000);
    CHECK(refusal(counter, request) == "balances_differ");
    request.mutable_typed()->set_balance_e4(460'000);
    const auto done = counter.client().must(&Changes::ExchangeMeter, request);
    CHECK(done.exchange().ledger_e4() == 460'000);
    CHECK(done.exchange().carried_e4() == 660'000);
    CHECK(done.exchange().typed_reason() == "burnt; the janitor had noted it");
    REQUIRE(counter.field.deliver() == 1);
    counter.field.poll(counter.site, meters[1]);
    CHECK(counter.field.meter(meters[1]).now.balance == core::Money{660'000});
    CHECK(counter.account(id).prepaid_credit_e4() == 660'000);
    check_agreed(counter);

    // It comes back after all and is cleared; nothing is booked by that.
    old.dead = false;
    counter.database.as_superuser("UPDATE credit_delivery SET next_attempt_at = NULL");
    REQUIRE(counter.field.deliver() == 1);
    CHECK(old.now.balance == core::Money{0});
    CHECK(counter.account(id).prepaid_credit_e4() == 660'000);
    CHECK(counter.account(id).refund_payable_e4() == 0);
    check_identity(counter.trial_balance());
    // Closing ends at exactly zero.
    counter.client().must(&Accounts::CloseAccount, counter.closing(id));
    counter.field.deliver();
    CHECK(counter.account(id).state() == "closed");
    CHECK(counter.account(id).prepaid_credit_e4() == 0);
    CHECK(counter.account(id).refund_payable_e4() == 660'000);
}

TEST_CASE("exchange: refused while the money is somewhere in between, or the new meter won't do",
          "[services][account_change]") {
    Counter counter{4};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 300'000}}).account_id();
    counter.field.poll(counter.site, meters[0]);
    const auto request = exchange(counter, id, meters[0], meters[1]);
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(id, meters[0], 100'000));
    for (const char* state : {"sending", "unknown"}) {
        counter.database.as_superuser("UPDATE credit_delivery SET state = '" + std::string{state} +
                                      "' WHERE delivery_id = " + std::to_string(sold.delivery_id()));
        CHECK(refusal(counter, request) == "delivery_under_way");
    }
    counter.database.as_superuser("UPDATE credit_delivery SET state = 'quarantined' WHERE delivery_id = " +
                                  std::to_string(sold.delivery_id()));
    CHECK(refusal(counter, request) == "delivery_quarantined");
    counter.database.as_superuser("UPDATE credit_delivery SET state = 'queued' WHERE delivery_id = " +
                                  std::to_string(sold.delivery_id()));
    REQUIRE(counter.field.deliver() == 1);
    counter.field.poll(counter.site, meters[0]);

    counter.open_and_deliver({{meters[2], 0}});
    CHECK(refusal(counter, exchange(counter, id, meters[0], meters[2])) == "meter_has_account");
    counter.database.as_superuser("UPDATE meter SET enabled = false WHERE code = 'M4'");
    CHECK(refusal(counter, exchange(counter, id, meters[0], meters[3])) == "meter_disabled");
    counter.database.as_superuser("UPDATE meter SET enabled = true, role = 'monitor' WHERE code = 'M4'");
    CHECK(refusal(counter, exchange(counter, id, meters[0], meters[3])) == "meter_not_prepaid");
    counter.database.as_superuser(
        "UPDATE meter SET role = 'prepaid', balance_max_e4 = 350000 WHERE code = 'M4'");
    CHECK(refusal(counter, exchange(counter, id, meters[0], meters[3])) == "above_hoarding_limit");
    CHECK(refusal(counter, exchange(counter, 987'654, meters[0], meters[3])) == "account_not_found");
    CHECK(refusal(counter, exchange(counter, id, meters[0], meters[0])) == "invalid_field");

    // Another profile takes it; a refused opening gives the money back to the tenant, and a third meter gets
    // it.
    counter.database.as_superuser("UPDATE meter SET profile = 'acrel-dtsy1352' WHERE code = 'M2'");
    counter.field.meter(meters[1]).refuses_writes = true;
    counter.client().must(&Changes::ExchangeMeter, request);
    counter.field.deliver();
    CHECK(counter.account(id).unallocated_e4() == 400'000);
    counter.database.as_superuser("UPDATE meter SET balance_max_e4 = NULL WHERE code = 'M4'");
    auto again = exchange(counter, id, meters[1], meters[3]);
    again.set_carry_unallocated(true);
    CHECK(counter.client().must(&Changes::ExchangeMeter, again).exchange().carried_e4() == 400'000);
    counter.field.deliver();
    counter.field.poll(counter.site, meters[3]);
    CHECK(counter.account(id).prepaid_credit_e4() == 400'000);
    CHECK(counter.account(id).unallocated_e4() == 0);
    check_agreed(counter);
}

TEST_CASE("transfer: the money goes with the meter, which nobody touches", "[services][account_change]") {
    Counter counter{2};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 500'000}, {meters[1], 100'000}}).account_id();
    counter.field.meter(meters[0]).use(core::Energy{3'333});
    for (const auto meter : meters) {
        counter.field.poll(counter.site, meter);
    }
    const int writes = counter.field.meter(meters[0]).writes;
    auto request = transfer(counter, id, v1::TRANSFER_MONEY_CARRY);
    const auto quote = counter.client().must(&Changes::QuoteTransfer, request);
    CHECK(quote.blockers_size() == 0);
    CHECK(quote.carried_e4() == 566'670);
    const auto done = counter.client().must(&Changes::TransferAccount, request);
    CHECK(done.delivery_ids_size() == 0);
    CHECK(done.old_account().state() == "closed");
    CHECK(done.old_account().prepaid_credit_e4() == 0);
    CHECK(done.new_account().prepaid_credit_e4() == 566'670);
    CHECK(done.new_account().customer().name() == "Wang Fang");
    CHECK(counter.client().must(&Changes::TransferAccount, request).new_account().account_id() ==
          done.new_account().account_id());
    CHECK(counter.field.deliver() == 0);
    CHECK(counter.field.meter(meters[0]).writes == writes);
    check_agreed(counter);
    // The new tenant sells, uses and closes as anybody.
    const auto next = done.new_account().account_id();
    counter.field.meter(meters[0]).use(core::Energy{2'222});
    counter.field.poll(counter.site, meters[0]);
    CHECK(counter.try_to_sell(id, meters[0], 50'000).code == StatusCode::FAILED_PRECONDITION);
    CHECK(counter.try_to_sell(next, meters[0], 50'000).ok());
    REQUIRE(counter.field.deliver() == 1);
    counter.field.poll(counter.site, meters[0]);
    check_agreed(counter);
    counter.client().must(&Accounts::CloseAccount, counter.closing(next));
    counter.field.deliver();
    CHECK(counter.account(next).state() == "closed");
    CHECK(counter.account(next).prepaid_credit_e4() == 0);
    CHECK(counter.count("alarm WHERE kind = 'ledger_difference'") == 0);
    check_identity(counter.trial_balance());
}

TEST_CASE("transfer: it stays the old tenant's, and the new one begins with a purchase",
          "[services][account_change]") {
    Counter counter{2};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 500'000}}).account_id();
    // A meter that is added to an open account later is whole: opened, priced, and handed over with the rest.
    v1::AddMeterRequest more;
    more.set_request_id(new_request_id());
    more.set_property_id(counter.site.property.value);
    more.set_account_id(id);
    more.set_method(v1::TENDER_METHOD_CASH);
    more.mutable_meter()->set_meter_id(meters[1].value);
    more.mutable_meter()->set_first_purchase_e4(70'000);
    counter.client().must(&Accounts::AddMeter, more);
    auto request = transfer(counter, id, v1::TRANSFER_MONEY_REFUND);
    v1::TransferAccountResponse nothing;
    CHECK(counter.client().call(&Changes::TransferAccount, request, nothing).reason == "delivery_unfinished");
    REQUIRE(counter.field.deliver() == 1);
    counter.field.meter(meters[0]).use(core::Energy{1'234});
    for (const auto meter : meters) {
        counter.field.poll(counter.site, meter);
    }
    check_agreed(counter);
    auto& first = *request.add_meters();
    first.set_meter_id(meters[0].value);
    first.set_first_purchase_e4(300'000);
    const auto done = counter.client().must(&Changes::TransferAccount, request);
    REQUIRE(done.delivery_ids_size() == 2);
    CHECK(done.old_account().state() == "closed");
    CHECK(done.old_account().refund_payable_e4() == 557'600);
    CHECK(done.new_account().in_flight_e4() == 300'000);
    // Until the opening arrives, the meter goes on as it is.
    CHECK(counter.field.meter(meters[0]).now.balance > core::Money{0});
    REQUIRE(counter.field.deliver() == 2);
    for (const auto meter : meters) {
        counter.field.poll(counter.site, meter);
    }
    CHECK(counter.field.meter(meters[0]).now.balance == core::Money{300'000});
    CHECK(counter.field.meter(meters[1]).now.balance == core::Money{0});
    CHECK(counter.account(done.new_account().account_id()).prepaid_credit_e4() == 300'000);
    check_agreed(counter);

    request = transfer(counter, id, v1::TRANSFER_MONEY_REFUND);
    CHECK(counter.client().call(&Changes::TransferAccount, request, nothing).reason == "account_closed");
    request.set_money(v1::TRANSFER_MONEY_UNSPECIFIED);
    CHECK(counter.client().call(&Changes::TransferAccount, request, nothing).code ==
          StatusCode::INVALID_ARGUMENT);
}
