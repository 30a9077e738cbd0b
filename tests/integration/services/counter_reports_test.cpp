// What the counter prints and adds up: receipts, sums, both balances, the settlement before a closing.
#include <catch2/catch.hpp>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

v1::Receipt receipt(Counter& counter, std::int64_t sale) {
    v1::GetReceiptRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_sale_id(sale);
    return counter.client().must(&Sales::GetReceipt, request);
}

v1::ClosingQuote quote_closing(Counter& counter, std::int64_t account) {
    v1::QuoteClosingRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_account_id(account);
    return counter.client().must(&Accounts::QuoteClosing, request);
}

v1::SalesSummaryResponse summary(Counter& counter, bool mine) {
    v1::SalesSummaryRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_mine(mine);
    return counter.client().must(&Sales::SalesSummary, request);
}

}  // namespace

TEST_CASE("receipt: what is expected first, what the meter confirmed then", "[services][receipt]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    counter.database.as_superuser("UPDATE operator SET full_name = 'Zhang Min' WHERE name = 'cashier'");
    counter.client().sign_in("cashier", "correct horse");
    const auto account = counter.open_and_deliver({{meter, 500'000}});
    counter.field.meter(meter).use(core::Energy{10'000});
    counter.field.poll(counter.site, meter);
    const auto sold =
        counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 2'000'000));
    CHECK(sold.price_e4() == 10'000);
    CHECK(sold.operator_() == "Zhang Min");
    CHECK(sold.unit_code() == "0101");

    auto paper = receipt(counter, sold.sale_id());
    CHECK(paper.number() == sold.receipt_number());
    CHECK(paper.number().size() == 8);
    CHECK(paper.property_name() == "Tower");
    CHECK(paper.currency() == "CNY");
    CHECK(paper.time_zone() == "Asia/Shanghai");
    CHECK(paper.customer() == "Li Wei");
    CHECK(paper.unit_code() == "0101");
    CHECK(paper.building_name() == "A");
    CHECK(paper.meter_code() == "M1");
    CHECK_FALSE(paper.meter_serial_number().empty());
    CHECK(paper.operator_() == "Zhang Min");
    CHECK(paper.amount_e4() == 2'000'000);
    CHECK(paper.price_e4() == 10'000);
    CHECK(paper.energy_wh() == 200'000);
    CHECK(paper.delivery_state() == "queued");
    CHECK_FALSE(paper.balances_confirmed());
    CHECK(paper.balance_before_e4() == 400'000);
    CHECK(paper.balance_after_e4() == 2'400'000);
    CHECK_FALSE(paper.has_confirmed_at());

    // A second one behind it counts with the first.
    const auto second =
        counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 100'000));
    CHECK(receipt(counter, second.sale_id()).balance_before_e4() == 2'400'000);
    CHECK(receipt(counter, second.sale_id()).balance_after_e4() == 2'500'000);

    counter.field.deliver();
    paper = receipt(counter, sold.sale_id());
    CHECK(paper.delivery_state() == "delivered");
    CHECK(paper.balances_confirmed());
    CHECK(paper.balance_before_e4() == 400'000);
    CHECK(paper.balance_after_e4() == 2'400'000);
    CHECK(paper.purchase_number() == 2);
    CHECK(paper.has_confirmed_at());

    v1::GetReceiptRequest by_number;
    by_number.set_property_id(counter.site.property.value);
    by_number.set_number(paper.number());
    CHECK(counter.client().must(&Sales::GetReceipt, by_number).sale_id() == sold.sale_id());
    v1::Receipt none;
    by_number.set_number("12x");
    CHECK(counter.client().call(&Sales::GetReceipt, by_number, none).fields ==
          std::vector<std::string>{"number"});
    by_number.set_number("99999999");
    CHECK(counter.client().call(&Sales::GetReceipt, by_number, none).code == StatusCode::NOT_FOUND);

    v1::ListDeliveriesRequest list;
    list.set_property_id(counter.site.property.value);
    const auto deliveries = counter.client().must(&Sales::ListDeliveries, list);
    REQUIRE(deliveries.deliveries_size() == 3);
    CHECK(deliveries.deliveries(1).receipt_number() == paper.number());
    CHECK(deliveries.deliveries(1).operator_() == "Zhang Min");
    CHECK(deliveries.deliveries(1).customer() == "Li Wei");
    CHECK(deliveries.deliveries(1).account_number() == account.number());
    CHECK(deliveries.deliveries(1).purchase_number() == 2);
    list.set_state("quarantined");
    CHECK(counter.client().must(&Sales::ListDeliveries, list).deliveries_size() == 0);
}

TEST_CASE("receipt: a price that changes later does not change what was sold", "[services][receipt]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 0}});
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 100'000));
    counter.field.deliver();
    counter.database.as_superuser("UPDATE account_meter SET booked_price_e4 = 20000");
    CHECK(receipt(counter, sold.sale_id()).price_e4() == 10'000);
    CHECK(receipt(counter, sold.sale_id()).energy_wh() == 10'000);
}

TEST_CASE("sums: of today, of me and of all, per way of paying", "[services][summary]") {
    Counter counter{2};
    const auto& meters = counter.site.meters;
    const auto account = counter.open_and_deliver({{meters[0], 500'000}, {meters[1], 0}});
    auto sale = counter.sale(account.account_id(), meters[0], 1'000'000);
    CHECK(counter.client().must(&Sales::Sell, sale).sale_id() > 0);
    sale = counter.sale(account.account_id(), meters[1], 300'000);
    sale.set_method(v1::TENDER_METHOD_CARD);
    CHECK(counter.client().must(&Sales::Sell, sale).sale_id() > 0);
    auto sums = summary(counter, false);
    CHECK(sums.sale_count() == 3);
    CHECK(sums.sale_sum_e4() == 1'800'000);
    CHECK(sums.opening_count() == 2);
    CHECK(sums.unfinished_count() == 2);
    REQUIRE(sums.tenders_size() == 2);
    CHECK(sums.tenders(0).method() == v1::TENDER_METHOD_CASH);
    CHECK(sums.tenders(0).sale_count() == 2);
    CHECK(sums.tenders(0).sale_sum_e4() == 1'500'000);
    CHECK(sums.tenders(1).method() == v1::TENDER_METHOD_CARD);
    CHECK(sums.tenders(1).sale_sum_e4() == 300'000);

    counter.field.deliver();
    counter.field.poll(counter.site, meters[0]);
    CHECK(counter.client()
              .must(&Sales::Refund, counter.refund(account.account_id(), meters[0], 200'000))
              .sale_id() > 0);
    counter.field.deliver();
    v1::PayRefundRequest pay;
    pay.set_request_id(new_request_id());
    pay.set_property_id(counter.site.property.value);
    pay.set_account_id(account.account_id());
    pay.set_amount_e4(150'000);
    pay.set_method(v1::TENDER_METHOD_CASH);
    CHECK(counter.client().must(&Sales::PayRefund, pay).still_payable_e4() == 50'000);
    sums = summary(counter, true);
    CHECK(sums.sale_sum_e4() == 1'800'000);
    CHECK(sums.payout_count() == 1);
    CHECK(sums.payout_sum_e4() == 150'000);
    CHECK(sums.tenders(0).payout_sum_e4() == 150'000);
    CHECK(sums.refund_count() == 1);
    CHECK(sums.refund_sum_e4() == 200'000);
    CHECK(sums.unfinished_count() == 0);

    // Somebody else's are in the sum of all and not in mine; yesterday's in neither.
    counter.database.as_superuser("UPDATE sale SET operator_id = 77 WHERE method = 'card'");
    CHECK(summary(counter, true).sale_sum_e4() == 1'500'000);
    CHECK(summary(counter, false).sale_sum_e4() == 1'800'000);
    counter.database.as_superuser(
        "UPDATE sale SET sold_at = date_trunc('day', now(), 'Asia/Shanghai') - "
        "interval '1 second' WHERE method = 'card'");
    CHECK(summary(counter, false).sale_sum_e4() == 1'500'000);
    CHECK(summary(counter, false).tenders_size() == 1);

    v1::SalesSummaryRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_mine(true);
    request.set_operator_id(77);
    v1::SalesSummaryResponse none;
    CHECK(counter.client().call(&Sales::SalesSummary, request, none).fields ==
          std::vector<std::string>{"operator_id"});
    request.set_mine(false);
    CHECK(counter.client().must(&Sales::SalesSummary, request).sale_count() == 0);
    request.mutable_from()->set_seconds(1);
    CHECK(counter.client().call(&Sales::SalesSummary, request, none).fields ==
          std::vector<std::string>{"from"});
}

TEST_CASE("account: both balances of each meter, and why they differ", "[services][balances]") {
    Counter counter{2};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 1'000'000}, {meters[1], 400'000}}).account_id();
    auto account = counter.account(id);
    REQUIRE(account.meters_size() == 2);
    CHECK(account.meters(0).balances().ledger_e4() == 1'000'000);
    CHECK(account.meters(0).balances().meter_e4() == 1'000'000);
    CHECK(account.meters(0).balances().difference_e4() == 0);
    CHECK(account.meters(1).balances().ledger_e4() == 400'000);
    CHECK(account.meters(0).status() == v1::METER_STATUS_NORMAL);
    CHECK(account.meters(0).price_e4() == 10'000);

    // Somebody else took ten off the second meter.
    counter.field.meter(meters[1]).now.balance -= core::Money{100'000};
    counter.field.poll(counter.site, meters[1]);
    CHECK(counter.client().must(&Sales::Sell, counter.sale(id, meters[0], 200'000)).sale_id() > 0);
    account = counter.account(id);
    CHECK(account.meters(0).balances().in_flight_e4() == 200'000);
    CHECK(account.meters(0).balances().difference_e4() == 0);
    CHECK(account.meters(0).status() == v1::METER_STATUS_DELIVERING);
    CHECK(account.meters(1).balances().difference_e4() == -100'000);
    CHECK(account.meters(1).balances().use_not_booked_e4() == 0);
    CHECK(account.meters(1).balances().unexplained_e4() == -100'000);
    // The account's figures are the sum of its meters'.
    CHECK(account.prepaid_credit_e4() == 1'400'000);
    CHECK(account.in_flight_e4() == 200'000);

    v1::ListAccountsRequest list;
    list.set_property_id(counter.site.property.value);
    const auto page = counter.client().must(&Accounts::ListAccounts, list);
    REQUIRE(page.accounts_size() == 1);
    CHECK(page.accounts(0).prepaid_credit_e4() == 1'400'000);
    CHECK(page.accounts(0).in_flight_e4() == 200'000);
}

TEST_CASE("closing: the settlement before it is what comes out", "[services][closing]") {
    Counter counter{2};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 1'000'000}, {meters[1], 400'000}}).account_id();
    counter.field.meter(meters[0]).use(core::Energy{20'000});
    counter.field.poll(counter.site, meters[0]);
    auto quote = quote_closing(counter, id);
    CHECK(quote.blockers_size() == 0);
    REQUIRE(quote.meters_size() == 2);
    CHECK(quote.meters(0).meter_balance_e4() == 800'000);
    CHECK(quote.meters(0).has_read_at());
    CHECK(quote.meters(0).answers());
    CHECK(quote.payable_after_e4() == 1'200'000);
    CHECK(quote.has_oldest_read_at());
    CHECK_FALSE(quote.switches_off());
    CHECK(counter.count("credit_delivery WHERE kind = 'clear'") == 0);

    // Money on its way blocks, and closing says the same.
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(id, meters[1], 100'000));
    quote = quote_closing(counter, id);
    REQUIRE(quote.blockers_size() == 1);
    CHECK(quote.blockers(0).reason() == "delivery_unfinished");
    CHECK(quote.blockers(0).meter_id() == meters[1].value);
    v1::CloseAccountResponse closed;
    CHECK(counter.client().call(&Accounts::CloseAccount, counter.closing(id), closed).reason ==
          "delivery_unfinished");
    counter.field.deliver();
    counter.field.poll(counter.site, meters[1]);

    quote = quote_closing(counter, id);
    CHECK(quote.payable_after_e4() == 1'300'000);
    counter.client().must(&Accounts::CloseAccount, counter.closing(id));
    CHECK(counter.field.deliver() == 2);
    const auto after = counter.account(id);
    CHECK(after.state() == "closed");
    CHECK(after.refund_payable_e4() == quote.payable_after_e4());
    CHECK(quote_closing(counter, id).blockers(0).reason() == "account_closed");
    CHECK(sold.sale_id() > 0);

    v1::QuoteClosingRequest unknown;
    unknown.set_property_id(counter.site.property.value);
    unknown.set_account_id(999'999);
    v1::ClosingQuote none;
    CHECK(counter.client().call(&Accounts::QuoteClosing, unknown, none).code == StatusCode::NOT_FOUND);
}

TEST_CASE("closing: a balance that nobody knows is not made up", "[services][closing]") {
    Counter counter{1};
    const auto id = counter.open_and_deliver({{counter.site.meters[0], 1'000'000}}).account_id();
    counter.database.as_superuser("UPDATE meter_state SET balance_e4 = NULL, failures = 3");
    const auto quote = quote_closing(counter, id);
    CHECK_FALSE(quote.has_payable_after_e4());
    CHECK_FALSE(quote.meters(0).has_meter_balance_e4());
    CHECK_FALSE(quote.meters(0).answers());
    CHECK(quote.meters(0).ledger_e4() == 1'000'000);
}

TEST_CASE("customers: found for the opening, and corrected", "[services][customers]") {
    Counter counter{1};
    const auto account = counter.open({{counter.site.meters[0], 0}});
    v1::ListCustomersRequest list;
    list.set_property_id(counter.site.property.value);
    list.set_search("i wei");
    const auto found = counter.client().must(&Accounts::ListCustomers, list);
    REQUIRE(found.customers_size() == 1);
    CHECK(found.customers(0).accounts(0).number() == account.number());
    CHECK(found.customers(0).accounts(0).unit_codes(0) == "0101");

    v1::UpdateCustomerRequest update;
    update.set_request_id(new_request_id());
    update.set_property_id(counter.site.property.value);
    *update.mutable_customer() = found.customers(0).customer();
    update.mutable_customer()->set_phone("13912345678");
    CHECK(counter.client().must(&Accounts::UpdateCustomer, update).phone() == "13912345678");
    CHECK(counter.account(account.account_id()).customer().phone() == "13912345678");
    CHECK(counter.count("operation_log WHERE action = 'customer.update'") == 1);
    update.set_request_id(new_request_id());
    update.mutable_customer()->set_name("");
    update.mutable_customer()->set_phone(std::string(33, '1'));
    v1::Customer none;
    CHECK(counter.client().call(&Accounts::UpdateCustomer, update, none).fields ==
          std::vector<std::string>{"customer.name", "customer.phone"});
    update.set_request_id(new_request_id());
    update.mutable_customer()->set_name("Li Wei");
    update.mutable_customer()->set_phone("");
    update.mutable_customer()->set_customer_id(999'999);
    CHECK(counter.client().call(&Accounts::UpdateCustomer, update, none).code == StatusCode::NOT_FOUND);
    list.set_search(std::string(201, 'x'));
    v1::ListCustomersResponse nobody;
    CHECK(counter.client().call(&Accounts::ListCustomers, list, nobody).fields ==
          std::vector<std::string>{"search"});
}
