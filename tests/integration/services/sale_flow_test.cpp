#include <catch2/catch.hpp>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;

TEST_CASE("open, sell, deliver, refund, pay, close: the books follow the meter", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];

    // Opened with 50.00 paid: in flight until the meter has confirmed.
    auto opened = counter.client().must(&Accounts::OpenAccount, counter.opening({{meter, 500'000}}));
    const auto id = opened.account().account_id();
    REQUIRE(opened.delivery_ids_size() == 1);
    CHECK(opened.account().state() == "open");
    CHECK_FALSE(opened.account().number().empty());
    CHECK(opened.account().in_flight_e4() == 500'000);
    CHECK(opened.account().prepaid_credit_e4() == 0);
    CHECK(counter.delivery(opened.delivery_ids(0)).kind() == "open");

    REQUIRE(counter.field.deliver() == 1);
    counter.field.poll(counter.site, meter);
    CHECK(counter.field.meter(meter).now.balance == core::Money{500'000});
    CHECK(counter.field.meter(meter).now.purchase_number == 1);
    auto account = counter.account(id);
    CHECK(account.in_flight_e4() == 0);
    CHECK(account.prepaid_credit_e4() == 500'000);
    CHECK(account.meters(0).meter_balance_e4() == 500'000);
    CHECK(account.meters(0).has_opened_on_meter_at());

    // 100.00 sold.
    const auto receipt = counter.client().must(&Sales::Sell, counter.sale(id, meter, 1'000'000));
    CHECK(receipt.kind() == "sale");
    CHECK(receipt.meter_code() == "M1");
    CHECK(receipt.customer() == "Li Wei");
    CHECK(receipt.account_number() == account.number());
    CHECK(counter.account(id).in_flight_e4() == 1'000'000);
    REQUIRE(counter.field.deliver() == 1);
    counter.field.poll(counter.site, meter);
    CHECK(counter.field.meter(meter).now.balance == core::Money{1'500'000});
    CHECK(counter.field.meter(meter).now.purchase_number == 2);
    const auto delivered = counter.delivery(receipt.delivery_id());
    CHECK(delivered.state() == "delivered");
    CHECK(delivered.before().balance_e4() == 500'000);
    CHECK(delivered.after().balance_e4() == 1'500'000);
    CHECK(counter.account(id).prepaid_credit_e4() == 1'500'000);

    // 30.00 taken off the meter again: nothing is payable before the meter has confirmed.
    v1::PayRefundRequest pay;
    pay.set_request_id(new_request_id());
    pay.set_property_id(counter.site.property.value);
    pay.set_account_id(id);
    pay.set_amount_e4(300'000);
    pay.set_method(v1::TENDER_METHOD_CASH);
    counter.client().must(&Sales::Refund, counter.refund(id, meter, 300'000));
    v1::PayRefundResponse paid;
    CHECK(counter.client().call(&Sales::PayRefund, pay, paid).reason == "above_refund_payable");
    REQUIRE(counter.field.deliver() == 1);
    counter.field.poll(counter.site, meter);
    CHECK(counter.account(id).refund_payable_e4() == 300'000);
    paid = counter.client().must(&Sales::PayRefund, pay);
    CHECK(paid.still_payable_e4() == 0);
    check_identity(counter.trial_balance());

    // Closed: what the meter holds becomes payable, and the account is closed with its last meter.
    const auto closing = counter.client().must(&Accounts::CloseAccount, counter.closing(id));
    CHECK(closing.account().state() == "closing");
    REQUIRE(closing.delivery_ids_size() == 1);
    CHECK(counter.try_to_sell(id, meter, 10'000).reason == "account_closed");
    REQUIRE(counter.field.deliver() == 1);
    account = counter.account(id);
    CHECK(account.state() == "closed");
    CHECK(account.prepaid_credit_e4() == 0);
    CHECK(account.refund_payable_e4() == 1'200'000);
    CHECK(counter.field.meter(meter).now.balance == core::Money{0});
    pay.set_request_id(new_request_id());
    pay.set_amount_e4(1'200'000);
    counter.client().must(&Sales::PayRefund, pay);

    const auto balance = counter.trial_balance();
    check_identity(balance);
    CHECK(balance.sold_e4() == 1'500'000);
    CHECK(balance.refunded_e4() == 1'500'000);
    CHECK(line_of(balance, "tender") == 0);

    // The meter is free for the next tenant.
    CHECK(counter.open({{meter, 0}}).state() == "open");
}

TEST_CASE("the same request is done once, and its id is good for nothing else", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto opening = counter.opening({{meter, 100'000}});
    const auto first = counter.client().must(&Accounts::OpenAccount, opening);
    const auto again = counter.client().must(&Accounts::OpenAccount, opening);
    CHECK(again.account().account_id() == first.account().account_id());
    CHECK(counter.count("account") == 1);
    counter.field.deliver();

    auto sale = counter.sale(first.account().account_id(), meter, 200'000);
    const auto receipt = counter.client().must(&Sales::Sell, sale);
    CHECK(counter.client().must(&Sales::Sell, sale).sale_id() == receipt.sale_id());
    CHECK(counter.count("sale WHERE kind = 'sale'") == 1);

    sale.set_amount_e4(300'000);
    v1::SaleReceipt other;
    const auto answer = counter.client().call(&Sales::Sell, sale, other);
    CHECK(answer.code == grpc::StatusCode::ALREADY_EXISTS);
    CHECK(answer.reason == "request_id_reused");
    CHECK(counter.trial_balance().sold_e4() == 300'000);

    // A refusal is not remembered: the same request succeeds when its reason is gone.
    auto wrong = counter.sale(first.account().account_id(), meter, 99);
    CHECK(counter.client().call(&Sales::Sell, wrong, other).reason == "amount_not_multiple_of_quantum");
    wrong.set_amount_e4(100);
    CHECK(counter.client().call(&Sales::Sell, wrong, other).ok());
}

TEST_CASE("a refused top-up becomes the tenant's money again and can be paid out", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 100'000}});
    counter.field.meter(meter).refuses_writes = true;
    const auto receipt =
        counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 200'000));
    REQUIRE(counter.field.deliver() == 1);
    CHECK(counter.delivery(receipt.delivery_id()).state() == "refused");
    CHECK(counter.account(account.account_id()).unallocated_e4() == 200'000);
    check_identity(counter.trial_balance());

    v1::PayRefundRequest pay;
    pay.set_request_id(new_request_id());
    pay.set_property_id(counter.site.property.value);
    pay.set_account_id(account.account_id());
    pay.set_amount_e4(200'000);
    pay.set_method(v1::TENDER_METHOD_CARD);
    counter.client().must(&Sales::PayRefund, pay);
    CHECK(counter.account(account.account_id()).unallocated_e4() == 0);
    const auto balance = counter.trial_balance();
    check_identity(balance);
    CHECK(balance.refunded_e4() == 200'000);
}

TEST_CASE("a quarantined delivery stops everything on its meter until two operators settle it",
          "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 100'000}});
    const auto id = account.account_id();
    counter.field.meter(meter).foreign_write_next = true;
    const auto receipt = counter.client().must(&Sales::Sell, counter.sale(id, meter, 200'000));
    REQUIRE(counter.field.deliver() == 1);
    REQUIRE(counter.delivery(receipt.delivery_id()).state() == "quarantined");

    const auto answer = counter.try_to_sell(id, meter, 10'000);
    CHECK(answer.code == grpc::StatusCode::FAILED_PRECONDITION);
    CHECK(answer.reason == "delivery_quarantined");
    v1::SaleReceipt refund;
    CHECK(counter.client().call(&Sales::Refund, counter.refund(id, meter, 10'000), refund).reason ==
          "delivery_quarantined");
    v1::CloseAccountResponse closed;
    const auto refused = counter.client().call(&Accounts::CloseAccount, counter.closing(id), closed);
    CHECK(refused.reason == "delivery_quarantined");
    CHECK(refused.message.find("M1") != std::string::npos);
    CHECK(counter.account(id).state() == "open");

    v1::SettleDeliveryRequest settle;
    settle.set_request_id(new_request_id());
    settle.set_property_id(counter.site.property.value);
    settle.set_delivery_id(receipt.delivery_id());
    settle.set_delivered(true);
    v1::Delivery settled;
    CHECK(counter.client().call(&Sales::SettleDelivery, settle, settled).code ==
          grpc::StatusCode::INVALID_ARGUMENT);
    settle.set_reason("the display shows the new balance");
    // One word is not enough, not even said twice; another one's other word takes its place.
    const auto first = counter.client().must(&Sales::SettleDelivery, settle);
    CHECK(first.state() == "quarantined");
    CHECK(first.settlement().delivered());
    CHECK(first.settlement().operator_() == "cashier");
    settle.set_request_id(new_request_id());
    CHECK(counter.client().must(&Sales::SettleDelivery, settle).state() == "quarantined");
    CHECK(counter.try_to_sell(id, meter, 10'000).reason == "delivery_quarantined");
    const auto keeper = counter.stack.colleague("keeper", "administrator");
    settle.set_request_id(new_request_id());
    settle.set_delivered(false);
    settle.set_reason("I see the old balance");
    CHECK(keeper->must(&Sales::SettleDelivery, settle).settlement().operator_() == "keeper");
    settle.set_request_id(new_request_id());
    settle.set_delivered(true);
    settle.set_reason("the display shows the new balance");
    CHECK(counter.client().must(&Sales::SettleDelivery, settle).state() == "quarantined");
    CHECK(counter.account(id).prepaid_credit_e4() == 100'000);
    settle.set_request_id(new_request_id());
    settle.set_reason("I looked again");
    const auto both = keeper->must(&Sales::SettleDelivery, settle);
    CHECK(both.state() == "delivered");
    CHECK_FALSE(both.has_settlement());
    CHECK(counter.count("operation_log WHERE action = 'delivery.propose'") == 4);
    CHECK(counter.count("operation_log WHERE action = 'delivery.settle' AND details ->> 'first_word_of' = "
                        "'cashier'") == 1);
    CHECK(counter.count("delivery_settlement") == 0);
    CHECK(counter.account(id).prepaid_credit_e4() == 300'000);
    check_identity(counter.trial_balance());
    settle.set_request_id(new_request_id());
    CHECK(counter.client().call(&Sales::SettleDelivery, settle, settled).reason ==
          "delivery_not_quarantined");
    CHECK(counter.try_to_sell(id, meter, 10'000).ok());
}

TEST_CASE("a quarantined delivery: one operator is enough where the property says so", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 100'000}});
    counter.database.as_superuser("INSERT INTO parameter (property_id, key, value) VALUES (" +
                                  std::to_string(counter.site.property.value) + ", 'settle_persons', '1')");
    counter.field.meter(meter).foreign_write_next = true;
    const auto receipt =
        counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 200'000));
    REQUIRE(counter.field.deliver() == 1);
    v1::SettleDeliveryRequest settle;
    settle.set_request_id(new_request_id());
    settle.set_property_id(counter.site.property.value);
    settle.set_delivery_id(receipt.delivery_id());
    settle.set_reason("the display shows the old balance");
    CHECK(counter.client().must(&Sales::SettleDelivery, settle).state() == "refused");
    CHECK(counter.account(account.account_id()).unallocated_e4() == 200'000);
    settle.set_delivery_id(987'654);
    settle.set_request_id(new_request_id());
    v1::Delivery nothing;
    CHECK(counter.client().call(&Sales::SettleDelivery, settle, nothing).code == grpc::StatusCode::NOT_FOUND);
}

TEST_CASE("a watched delivery is told until it is finished", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 100'000}});
    const auto receipt =
        counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 200'000));
    v1::GetDeliveryRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_delivery_id(receipt.delivery_id());
    grpc::ClientContext context;
    counter.client().prepare(context);
    const auto stream = counter.client().stub<Sales>().WatchDelivery(&context, request);
    v1::Delivery delivery;
    REQUIRE(stream->Read(&delivery));
    CHECK(delivery.state() == "queued");
    counter.field.deliver();
    while (stream->Read(&delivery)) {
    }
    CHECK(delivery.state() == "delivered");
    CHECK(stream->Finish().ok());

    request.set_delivery_id(987'654);
    grpc::ClientContext other;
    counter.client().prepare(other);
    const auto nothing = counter.client().stub<Sales>().WatchDelivery(&other, request);
    CHECK_FALSE(nothing->Read(&delivery));
    CHECK(nothing->Finish().error_code() == grpc::StatusCode::NOT_FOUND);
}

TEST_CASE("a meter that refuses: no credit onto a meter that was not opened, and closing may begin again",
          "[services]") {
    Counter counter{2};
    const auto refusing = counter.site.meters[0];
    const auto working = counter.site.meters[1];

    counter.field.meter(refusing).refuses_writes = true;
    const auto opened = counter.client().must(&Accounts::OpenAccount, counter.opening({{refusing, 500'000}}));
    const auto id = opened.account().account_id();
    REQUIRE(counter.field.deliver() == 1);
    CHECK(counter.delivery(opened.delivery_ids(0)).state() == "refused");
    CHECK(counter.account(id).unallocated_e4() == 500'000);
    // It has neither a price nor prepaid switched on: the tenant would pay for nothing, or use for nothing.
    CHECK(counter.try_to_sell(id, refusing, 10'000).reason == "meter_not_linked");

    const auto second = counter.client().must(&Accounts::OpenAccount, counter.opening({{working, 500'000}}));
    const auto second_id = second.account().account_id();
    REQUIRE(counter.field.deliver() == 1);
    counter.field.meter(working).refuses_writes = true;
    counter.client().must(&Accounts::CloseAccount, counter.closing(second_id));
    REQUIRE(counter.field.deliver() == 1);
    CHECK(counter.account(second_id).state() == "closing");
    counter.field.meter(working).refuses_writes = false;
    const auto again = counter.client().must(&Accounts::CloseAccount, counter.closing(second_id));
    REQUIRE(again.delivery_ids_size() == 1);
    REQUIRE(counter.field.deliver() == 1);
    CHECK(counter.account(second_id).state() == "closed");
    CHECK(counter.account(second_id).refund_payable_e4() == 500'000);
    check_identity(counter.trial_balance());
}
