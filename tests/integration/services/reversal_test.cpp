// A wrong sale taken back, and the statement that tells of it.
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/integration/services/till.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

v1::Statement statement(Counter& counter, std::int64_t account, int size = 0, const std::string& token = "") {
    v1::StatementRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_account_id(account);
    request.mutable_page()->set_size(size);
    request.mutable_page()->set_token(token);
    return counter.client().must(&Accounts::GetStatement, request);
}

}  // namespace

TEST_CASE("reversal: the meter gives it back, then the drawer does", "[services][reversal]") {
    Counter counter{1};
    Till till{counter};
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 500'000}}).account_id();
    till.point("P1");
    till.open("P1", 0);
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(id, meter, 1'000'000));
    counter.field.deliver();
    counter.field.poll(counter.site, meter);

    const auto request = till.reversal(sold.sale_id());
    const auto back = counter.client().must(&Sales::Reverse, request);
    CHECK(back.kind() == "reversal");
    CHECK(back.reverses_sale_id() == sold.sale_id());
    CHECK(back.receipt_number() == "P1-00000002");
    CHECK(counter.client().must(&Sales::Reverse, request).sale_id() == back.sale_id());
    CHECK(till.drawer(v1::TENDER_METHOD_CASH).expected_e4() == 1'000'000);
    CHECK(till.try_to_reverse(sold.sale_id()).reason == "reversed_already");
    REQUIRE(counter.field.deliver() == 1);
    CHECK(counter.delivery(back.delivery_id()).kind() == "reversal");
    CHECK(counter.delivery(back.delivery_id()).state() == "delivered");
    CHECK(counter.field.meter(meter).now.balance == core::Money{500'000});
    const auto account = counter.account(id);
    CHECK(account.prepaid_credit_e4() == 500'000);
    CHECK(account.refund_payable_e4() == 0);
    CHECK(till.drawer(v1::TENDER_METHOD_CASH).expected_e4() == 0);
    CHECK(till.drawer(v1::TENDER_METHOD_CASH).paid_out_e4() == 1'000'000);
    CHECK(till.try_to_reverse(sold.sale_id()).reason == "reversed_already");
    CHECK(till.try_to_reverse(back.sale_id()).reason == "not_a_sale");
    check_identity(counter.trial_balance());
    CHECK(counter.trial_balance().refunded_e4() == 1'000'000);
    v1::GetReceiptRequest paper;
    paper.set_property_id(counter.site.property.value);
    paper.set_sale_id(sold.sale_id());
    CHECK(counter.client().must(&Sales::GetReceipt, paper).reversed_by_number() == "P1-00000002");
    v1::SalesSummaryRequest sums;
    sums.set_property_id(counter.site.property.value);
    const auto day = counter.client().must(&Sales::SalesSummary, sums);
    CHECK(day.reversal_count() == 1);
    CHECK(day.reversal_sum_e4() == 1'000'000);
    CHECK(day.sale_count() == 2);
    CHECK(day.payout_sum_e4() == 1'000'000);
}

TEST_CASE("reversal: refused when it is not the last, used up, unsure or gone", "[services][reversal]") {
    Counter counter{2};
    Till till{counter};
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 100'000}}).account_id();
    const auto first = counter.client().must(&Sales::Sell, counter.sale(id, meter, 200'000));
    const auto second = counter.client().must(&Sales::Sell, counter.sale(id, meter, 300'000));
    counter.field.deliver();
    counter.field.poll(counter.site, meter);
    CHECK(till.try_to_reverse(first.sale_id()).reason == "not_last_on_meter");
    CHECK(till.try_to_reverse(987'654).code == StatusCode::NOT_FOUND);
    auto no_reason = till.reversal(second.sale_id());
    no_reason.set_reason(" ");
    v1::SaleReceipt answer;
    CHECK(counter.client().call(&Sales::Reverse, no_reason, answer).code == StatusCode::INVALID_ARGUMENT);
    // 40.00 of the 60.00 are used: the sale of 30.00 is not there whole any more.
    counter.field.meter(meter).use(core::Energy{40'000});
    counter.field.poll(counter.site, meter);
    CHECK(till.try_to_reverse(second.sale_id()).reason == "above_meter_balance");
    // A meter that refuses: nothing is given back, and it may be asked for again.
    const auto third = counter.client().must(&Sales::Sell, counter.sale(id, meter, 400'000));
    counter.field.deliver();
    counter.field.poll(counter.site, meter);
    counter.field.meter(meter).refuses_writes = true;
    const auto back = counter.client().must(&Sales::Reverse, till.reversal(third.sale_id()));
    counter.field.deliver();
    CHECK(counter.delivery(back.delivery_id()).state() == "refused");
    CHECK(counter.account(id).prepaid_credit_e4() == 1'000'000);
    counter.field.meter(meter).refuses_writes = false;
    // The shift that it is asked for in is counted before the meter answers: then it is payable.
    till.point("P1");
    const auto shift = till.open("P1", 400'000);
    CHECK(till.try_to_reverse(third.sale_id()).ok());
    till.close({{v1::TENDER_METHOD_CASH, 400'000}});
    counter.field.deliver();
    CHECK(counter.account(id).refund_payable_e4() == 400'000);
    CHECK(till.shift(shift.shift_id()).difference_e4() == 0);
    CHECK(counter.client().must(&Sales::PayRefund, till.payout(id, 400'000)).still_payable_e4() == 0);
    check_identity(counter.trial_balance());
    // Cash that is not in the drawer can't be promised.
    till.open("P1", 0);
    const auto card = [&] {
        auto request = counter.sale(id, meter, 100'000);
        request.set_method(v1::TENDER_METHOD_CARD);
        return request;
    }();
    const auto by_card = counter.client().must(&Sales::Sell, card);
    counter.field.deliver();
    counter.field.poll(counter.site, meter);
    CHECK(till.try_to_reverse(by_card.sale_id()).ok());
    counter.field.deliver();
    CHECK(till.drawer(v1::TENDER_METHOD_CARD).expected_e4() == 0);
    check_identity(counter.trial_balance());
}

TEST_CASE("reversal: what was not sent yet is withdrawn", "[services][reversal]") {
    Counter counter{1};
    Till till{counter};
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 100'000}}).account_id();
    counter.field.meter(meter).dead = true;
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(id, meter, 200'000));
    counter.field.deliver();
    REQUIRE(counter.delivery(sold.delivery_id()).state() == "queued");
    const auto back = counter.client().must(&Sales::Reverse, till.reversal(sold.sale_id()));
    CHECK(back.delivery_id() == 0);
    CHECK(back.kind() == "reversal");
    CHECK(counter.delivery(sold.delivery_id()).state() == "refused");
    const auto account = counter.account(id);
    CHECK(account.in_flight_e4() == 0);
    CHECK(account.unallocated_e4() == 0);
    CHECK(counter.trial_balance().refunded_e4() == 200'000);
    check_identity(counter.trial_balance());
    CHECK(till.try_to_reverse(sold.sale_id()).reason == "reversed_already");
    counter.field.meter(meter).dead = false;
    CHECK(counter.field.deliver() == 0);
    CHECK(counter.field.meter(meter).now.balance == core::Money{100'000});
    // In a collector's hands it is not ours to withdraw.
    const auto again = counter.client().must(&Sales::Sell, counter.sale(id, meter, 200'000));
    counter.database.as_superuser(
        "UPDATE credit_delivery SET claimed_by = 'collector-1', claim_epoch = 1 "
        "WHERE delivery_id = " +
        std::to_string(again.delivery_id()));
    CHECK(till.try_to_reverse(again.sale_id()).reason == "delivery_under_way");
}

TEST_CASE("statement: every entry with its reason, and the balances on both ends", "[services][statement]") {
    Counter counter{1};
    Till till{counter};
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 500'000}}).account_id();
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(id, meter, 300'000));
    counter.field.deliver();
    counter.field.poll(counter.site, meter);
    counter.client().must(&Sales::Refund, counter.refund(id, meter, 100'000));
    counter.field.deliver();
    counter.client().must(&Sales::PayRefund, till.payout(id, 100'000));

    const auto whole = statement(counter, id);
    CHECK(whole.opening_balance_e4() == 0);
    CHECK(whole.paid_in_e4() == 800'000);
    CHECK(whole.paid_out_e4() == 100'000);
    CHECK(whole.closing_balance_e4() == 700'000);
    CHECK(whole.opening_balance_e4() + whole.paid_in_e4() - whole.used_e4() - whole.paid_out_e4() +
              whole.other_e4() ==
          whole.closing_balance_e4());
    REQUIRE(whole.lines_size() == 6);
    CHECK(whole.lines(0).reason().find("paid in, cash, receipt ") == 0);
    CHECK(whole.lines(1).change_e4() == 0);
    CHECK(whole.lines(1).moved_e4() == 500'000);
    CHECK(whole.lines(1).reason() == "confirmed by the meter");
    CHECK(whole.lines(2).reason().find(sold.receipt_number()) != std::string::npos);
    CHECK(whole.lines(4).reason() == "taken off the meter");
    CHECK(whole.lines(5).reason() == "paid out, cash");
    CHECK(whole.lines(5).balance_e4() == whole.closing_balance_e4());
    REQUIRE(whole.meters_size() == 1);
    CHECK(whole.meters(0).meter_code() == "M1");
    CHECK(whole.currency() == "CNY");

    // In pages the same, with the balance going on.
    std::vector<std::int64_t> balances;
    std::string token;
    do {
        const auto page = statement(counter, id, 4, token);
        for (const auto& line : page.lines()) {
            balances.push_back(line.balance_e4());
        }
        token = page.next_page_token();
    } while (!token.empty());
    REQUIRE(balances.size() == 6);
    for (int i = 0; i < 6; ++i) {
        CHECK(balances[static_cast<std::size_t>(i)] == whole.lines(i).balance_e4());
    }
    // A time that begins after all of it.
    v1::StatementRequest later;
    later.set_property_id(counter.site.property.value);
    later.set_account_id(id);
    later.mutable_from()->set_seconds(4'000'000'000);
    later.mutable_to()->set_seconds(4'000'000'001);
    const auto empty = counter.client().must(&Accounts::GetStatement, later);
    CHECK(empty.lines_size() == 0);
    CHECK(empty.opening_balance_e4() == 700'000);
    CHECK(empty.closing_balance_e4() == 700'000);
    later.mutable_to()->set_seconds(4'000'000'000);
    v1::Statement none;
    CHECK(counter.client().call(&Accounts::GetStatement, later, none).code == StatusCode::INVALID_ARGUMENT);

    // Once sealed, the hash is the chain's.
    for (int i = 0; i < 200 && statement(counter, id).sealed_entry_id() != whole.lines(5).entry_id(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    const auto sealed = statement(counter, id);
    CHECK(sealed.sealed_entry_id() == whole.lines(5).entry_id());
    CHECK(counter.count("journal_chain WHERE position = " + std::to_string(sealed.sealed_position()) +
                        " AND encode(hash, 'hex') = '" + sealed.sealed_hash() + "'") == 1);
}
