// Vending points, shifts, limits and the numbers of receipts.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <set>
#include <thread>

#include "tests/integration/services/till.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {
constexpr auto kCash = v1::TENDER_METHOD_CASH;
constexpr auto kCard = v1::TENDER_METHOD_CARD;
}  // namespace

TEST_CASE("shift: from a float to a count, with the difference in the books", "[services][shift]") {
    Counter counter{2};
    Till till{counter};
    const auto meter = counter.site.meters[0];
    till.point("P1");
    const auto opened = till.open("P1", 2'000'000);
    CHECK(opened.state() == "open");
    CHECK(till.drawer(kCash).expected_e4() == 2'000'000);

    const auto account = counter.open_and_deliver({{meter, 500'000}});
    const auto id = account.account_id();
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(id, meter, 1'000'000));
    CHECK(sold.shift_id() == opened.shift_id());
    CHECK(sold.point_code() == "P1");
    CHECK(sold.receipt_number() == "P1-00000002");  // the opening was the first
    auto by_card = counter.sale(id, meter, 300'000);
    by_card.set_method(kCard);
    counter.client().must(&Sales::Sell, by_card);
    counter.field.deliver();
    counter.field.poll(counter.site, meter);
    counter.client().must(&Sales::Refund, counter.refund(id, meter, 200'000));
    counter.field.deliver();
    CHECK(counter.client().must(&Sales::PayRefund, till.payout(id, 200'000)).shift_id() == opened.shift_id());
    CHECK(till.move(false, 100'000, "change").ok());
    CHECK(till.move(true, 600'000, "to the bank").ok());
    CHECK(till.move(true, 600'000, " ").reason == "reason_missing");
    CHECK(till.move(true, 100'000'000, "to the bank").reason == "above_drawer");

    const auto cash = till.drawer(kCash);
    CHECK(cash.sold_e4() == 1'500'000);
    CHECK(cash.paid_out_e4() == 200'000);
    CHECK(cash.moved_e4() == 1'500'000);
    CHECK(cash.expected_e4() == 2'800'000);
    CHECK(till.drawer(kCard).expected_e4() == 300'000);
    CHECK(till.shift().moves_size() == 3);

    v1::Shift answer;
    CHECK(counter.client().call(&Cashier::CloseShift, till.closing({{kCash, 2'800'000}}), answer).reason ==
          "count_missing");
    const auto request = till.closing({{kCash, 2'795'000}, {kCard, 300'000}});
    const auto closed = counter.client().must(&Cashier::CloseShift, request);
    CHECK(closed.state() == "closed");
    CHECK(closed.difference_e4() == -5'000);
    CHECK(closed.receipt_count() == 4);
    CHECK(counter.client().must(&Cashier::CloseShift, request).SerializeAsString() ==
          closed.SerializeAsString());
    CHECK(counter.client().call(&Cashier::CloseShift, till.closing({}), answer).reason == "no_open_shift");

    const auto balance = counter.trial_balance();
    check_identity(balance);
    CHECK(line_of(balance, "tender") == 0);
    CHECK(line_of(balance, "cash_difference") == 5'000);
    // 15.00 net came from the takings, 279.50 in cash and 30.00 by card went there.
    CHECK(line_of(balance, "takings") == 2'795'000 + 300'000 - 1'500'000);
    CHECK(
        counter.count("posting p JOIN journal_entry e USING (property_id, entry_id) WHERE e.shift_id IS NOT "
                      "NULL AND p.account = 'tender' HAVING sum(p.amount_e4) = 0") > 0);
    CHECK(till.shift(closed.shift_id()).drawers_size() == 2);

    // Without a shift everything is as it was.
    const auto later = counter.client().must(&Sales::Sell, counter.sale(id, meter, 10'000));
    CHECK(later.shift_id() == 0);
    CHECK(later.receipt_number().size() == 8);
    CHECK(later.receipt_number().find('-') == std::string::npos);
}

TEST_CASE("shift: one for an operator, one at a point, and each one's own", "[services][shift]") {
    Counter counter{1};
    Till till{counter};
    till.point("P1");
    till.point("P2");
    const auto mine = till.open("P1", 0);
    v1::Shift answer;
    CHECK(counter.client().call(&Cashier::OpenShift, till.opening("P2", 0), answer).reason == "shift_open");
    CHECK(counter.client().call(&Cashier::OpenShift, till.opening("P9", 0), answer).code ==
          StatusCode::NOT_FOUND);
    const auto other = counter.stack.colleague("wang", "cashier");
    CHECK(other->call(&Cashier::OpenShift, till.opening("p1", 0), answer).reason == "point_in_use");
    const auto theirs = other->must(&Cashier::OpenShift, till.opening("P2", 100'000));

    // A cashier sees and closes their own; who may manage shifts any.
    v1::GetShiftRequest look;
    look.set_property_id(counter.site.property.value);
    look.set_shift_id(mine.shift_id());
    CHECK(other->call(&Cashier::GetShift, look, answer).reason == "not_your_shift");
    auto closing = till.closing({{kCash, 0}});
    closing.set_shift_id(mine.shift_id());
    CHECK(other->call(&Cashier::CloseShift, closing, answer).reason == "not_your_shift");
    v1::ListShiftsRequest list;
    list.set_property_id(counter.site.property.value);
    CHECK(other->must(&Cashier::ListShifts, list).shifts_size() == 1);
    CHECK(counter.client().must(&Cashier::ListShifts, list).shifts_size() == 2);
    closing.set_shift_id(theirs.shift_id());
    const auto closed = counter.client().must(&Cashier::CloseShift, closing);
    CHECK(closed.difference_e4() == -100'000);
    CHECK(closed.operator_() == "wang");
    CHECK(closed.closed_by() == "cashier");
    v1::CreatePointRequest point;
    point.set_property_id(counter.site.property.value);
    point.set_request_id(new_request_id());
    point.set_code("P3");
    v1::VendingPoint made;
    CHECK(other->call(&Cashier::CreatePoint, point, made).code == StatusCode::PERMISSION_DENIED);
    point.set_code("P 3");
    CHECK(counter.client().call(&Cashier::CreatePoint, point, made).code == StatusCode::INVALID_ARGUMENT);
    point.set_code("p1");
    CHECK(counter.client().call(&Cashier::CreatePoint, point, made).code == StatusCode::ALREADY_EXISTS);
}

TEST_CASE("shift: required where the property says so, limits by operator and point", "[services][shift]") {
    Counter counter{1};
    Till till{counter};
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 100'000}}).account_id();
    const auto property = std::to_string(counter.site.property.value);
    counter.database.as_superuser("INSERT INTO parameter (property_id, key, value) VALUES (" + property +
                                  ", 'shift_required', '1')");
    CHECK(counter.try_to_sell(id, meter, 10'000).reason == "shift_required");
    v1::SaleReceipt receipt;
    CHECK(counter.client().call(&Sales::Refund, counter.refund(id, meter, 10'000), receipt).reason ==
          "shift_required");
    till.point("P1", 500'000, 1'000'000);
    till.open("P1", 0);
    CHECK(counter.try_to_sell(id, meter, 500'100).reason == "above_point_sale_limit");
    CHECK(counter.try_to_sell(id, meter, 500'000).ok());
    CHECK(counter.try_to_sell(id, meter, 400'000).ok());
    CHECK(counter.try_to_sell(id, meter, 100'100).reason == "above_point_day_limit");

    v1::SetCashierLimitRequest limit;
    limit.set_request_id(new_request_id());
    limit.set_property_id(counter.site.property.value);
    limit.set_operator_("cashier");
    limit.set_sale_max_e4(50'000);
    // 10.00 of the first purchase, made without a shift, counts for the operator and not for the point.
    limit.set_day_max_e4(1'040'000);
    counter.client().must(&Cashier::SetCashierLimit, limit);
    const auto refused = counter.try_to_sell(id, meter, 60'000);
    CHECK(refused.reason == "above_operator_sale_limit");
    CHECK(refused.message.find("5.00") != std::string::npos);
    CHECK(counter.try_to_sell(id, meter, 50'000).reason == "above_operator_day_limit");
    CHECK(counter.try_to_sell(id, meter, 40'000).ok());
    v1::SaleReceipt refund;
    CHECK(counter.client().call(&Sales::Refund, counter.refund(id, meter, 60'000), refund).reason ==
          "above_operator_sale_limit");
    // What was refused took no number.
    CHECK(counter.count("sale WHERE point_id IS NOT NULL") == 3);
    CHECK(counter.count("sale WHERE point_id IS NOT NULL HAVING max(receipt_no) = 3") == 3);
}

TEST_CASE("shift: a limit of a day holds however many sell at the same time", "[services][shift]") {
    Counter counter{4};
    Till till{counter};
    std::vector<std::int64_t> accounts;
    for (const auto meter : counter.site.meters) {
        accounts.push_back(counter.open_and_deliver({{meter, 0}}).account_id());
    }
    v1::SetCashierLimitRequest limit;
    limit.set_request_id(new_request_id());
    limit.set_property_id(counter.site.property.value);
    limit.set_operator_("cashier");
    limit.set_day_max_e4(700'000);
    // First of the operator without a shift, then of the point.
    const auto sell_from_four = [&] {
        std::vector<std::thread> windows;
        for (std::size_t i = 0; i < 4; ++i) {
            windows.emplace_back([&, i] {
                for (int n = 0; n < 6; ++n) {
                    v1::SaleReceipt receipt;
                    (void)counter.client().call(
                        &Sales::Sell, counter.sale(accounts[i], counter.site.meters[i], 50'000), receipt);
                }
            });
        }
        for (auto& window : windows) {
            window.join();
        }
    };
    counter.client().must(&Cashier::SetCashierLimit, limit);
    sell_from_four();
    CHECK(counter.count("sale WHERE kind = 'sale'") == 14);
    limit.set_request_id(new_request_id());
    limit.set_day_max_e4(0);
    counter.client().must(&Cashier::SetCashierLimit, limit);
    till.point("P1", 0, 250'000);
    till.open("P1", 0);
    sell_from_four();
    CHECK(counter.count("sale WHERE point_id IS NOT NULL") == 5);
    check_identity(counter.trial_balance());
}

TEST_CASE("shift: counted while it sells, each sale is either in the count or not in the shift",
          "[services][shift]") {
    Counter counter{3};
    Till till{counter};
    std::vector<std::int64_t> accounts;
    for (const auto meter : counter.site.meters) {
        accounts.push_back(counter.open_and_deliver({{meter, 0}}).account_id());
    }
    till.point("P1");
    std::atomic<int> refused = 0;
    for (int round = 0; round < 4; ++round) {
        const auto shift = till.open("P1", 100'000).shift_id();
        std::vector<std::thread> windows;
        for (std::size_t i = 0; i < 3; ++i) {
            windows.emplace_back([&, i] {
                for (int n = 0; n < 8; ++n) {
                    v1::SaleReceipt receipt;
                    refused +=
                        counter.client()
                                .call(&Sales::Sell, counter.sale(accounts[i], counter.site.meters[i], 10'000),
                                      receipt)
                                .ok()
                            ? 0
                            : 1;
                }
            });
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{15 * round});
        const auto closed = till.close({{kCash, 100'000}});
        for (auto& window : windows) {
            window.join();
        }
        const auto sold = counter.count("sale WHERE shift_id = " + std::to_string(shift));
        CHECK(closed.receipt_count() == sold);
        CHECK(closed.drawers(0).sold_e4() == sold * 10'000);
        CHECK(closed.difference_e4() == -sold * 10'000);
        CHECK(counter.database
                  .as_superuser(
                      "SELECT sum(p.amount_e4) FROM posting p JOIN journal_entry e USING (property_id, "
                      "entry_id) WHERE p.account = 'tender' AND e.shift_id = " +
                      std::to_string(shift))[0][0]
                  .as<std::int64_t>() == 0);
    }
    CHECK(refused == 0);
    CHECK(counter.count("sale WHERE kind = 'sale'") == 4 * 3 * 8);
    check_identity(counter.trial_balance());
}

TEST_CASE("receipts: no gap within a point, whoever sells at the same time", "[services][shift]") {
    Counter counter{4};
    Till till{counter};
    std::vector<std::int64_t> accounts;
    for (const auto meter : counter.site.meters) {
        accounts.push_back(counter.open_and_deliver({{meter, 100'000}}).account_id());
    }
    till.point("A");
    till.point("B");
    till.open("A", 0);
    const auto other = counter.stack.colleague("wang", "cashier");
    other->must(&Cashier::OpenShift, till.opening("B", 0));
    constexpr int kSales = 25;
    std::vector<std::thread> cashiers;
    std::vector<std::set<std::string>> numbers(4);
    for (std::size_t i = 0; i < 4; ++i) {
        cashiers.emplace_back([&, i] {
            for (int n = 0; n < kSales; ++n) {
                auto request = counter.sale(accounts[i], counter.site.meters[i], n % 5 == 4 ? 150 : 10'000);
                v1::SaleReceipt receipt;
                auto& client = i < 2 ? counter.client() : *other;
                if (client.call(&Sales::Sell, request, receipt).ok()) {
                    numbers[i].insert(receipt.receipt_number());
                }
            }
        });
    }
    for (auto& cashier : cashiers) {
        cashier.join();
    }
    constexpr auto kSold = 2 * kSales * 4 / 5;
    CHECK(numbers[0].size() + numbers[1].size() == kSold);
    for (const auto* point : {"A", "B"}) {
        CHECK(counter.count(
                  std::string("sale s JOIN vending_point v USING (property_id, point_id) WHERE v.code "
                              "= '") +
                  point +
                  "' HAVING min(s.receipt_no) = 1 AND max(s.receipt_no) = count(*) AND "
                  "count(*) = " +
                  std::to_string(kSold)) == kSold);
    }
    check_identity(counter.trial_balance());
}

TEST_CASE("receipts: found by their numbers, copies counted", "[services][shift]") {
    Counter counter{1};
    Till till{counter};
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 100'000}}).account_id();
    till.point("East1");
    till.open("East1", 0);
    const auto sold = counter.client().must(&Sales::Sell, counter.sale(id, meter, 10'000));
    REQUIRE(sold.receipt_number() == "East1-00000001");
    v1::GetReceiptRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_number("east1-1");
    auto paper = counter.client().must(&Sales::GetReceipt, request);
    CHECK(paper.sale_id() == sold.sale_id());
    CHECK(paper.point_name() == "Window East1");
    CHECK(paper.reprints() == 0);
    v1::Receipt none;
    request.set_number("East1-00000002");
    CHECK(counter.client().call(&Sales::GetReceipt, request, none).code == StatusCode::NOT_FOUND);
    for (const auto* wrong : {"-1", "East1-", "East1-0", "East1-1x", "", "99999999999999999999"}) {
        request.set_number(wrong);
        CHECK(counter.client().call(&Sales::GetReceipt, request, none).code == StatusCode::INVALID_ARGUMENT);
    }
    v1::FindRequest find;
    find.set_property_id(counter.site.property.value);
    find.set_text("East1-00000001");
    CHECK(counter.client().must(&Search::Find, find).hits(0).sale_id() == sold.sale_id());

    v1::ReprintReceiptRequest copy;
    copy.set_property_id(counter.site.property.value);
    copy.set_sale_id(sold.sale_id());
    copy.set_request_id(new_request_id());
    CHECK(counter.client().must(&Sales::ReprintReceipt, copy).reprints() == 1);
    CHECK(counter.client().must(&Sales::ReprintReceipt, copy).reprints() == 1);
    copy.set_request_id(new_request_id());
    CHECK(counter.client().must(&Sales::ReprintReceipt, copy).reprints() == 2);
    CHECK(counter.count("operation_log WHERE action = 'sale.reprint'") == 2);
    copy.set_request_id(new_request_id());
    copy.set_sale_id(987'654);
    CHECK(counter.client().call(&Sales::ReprintReceipt, copy, none).code == StatusCode::NOT_FOUND);
}
