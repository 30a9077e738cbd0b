#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;

namespace {

constexpr int kClients = 16;
constexpr int kSalesEach = 10;

struct Outcome {
    std::atomic<int> sold{0};
    std::atomic<int> hoarding{0};
    std::atomic<int> other{0};
};

/// Every client sells kSalesEach times 1.00; which meter is a matter of `meter_of`.
template <class MeterOf>
void sell_all(Counter& counter, std::int64_t account, const MeterOf& meter_of, Outcome& outcome) {
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(counter.stack.another_client());
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < kClients; ++i) {
        threads.emplace_back([&, i] {
            for (int n = 0; n < kSalesEach; ++n) {
                v1::SaleReceipt receipt;
                const auto answer = clients[static_cast<std::size_t>(i)]->call(
                    &Sales::Sell, counter.sale(account, meter_of(i), 10'000), receipt);
                ++(answer.ok()                               ? outcome.sold
                   : answer.reason == "above_hoarding_limit" ? outcome.hoarding
                                                             : outcome.other);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

}  // namespace

TEST_CASE("sixteen counters sell to one meter: never above its limit, and all of it arrives once",
          "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    counter.database.as_superuser("UPDATE meter SET balance_max_e4 = 1000000");  // 100.00
    const auto account = counter.open_and_deliver({{meter, 0}});
    Outcome outcome;
    sell_all(
        counter, account.account_id(), [&](int) { return meter; }, outcome);
    CHECK(outcome.sold == 100);
    CHECK(outcome.hoarding == kClients * kSalesEach - 100);
    CHECK(outcome.other == 0);
    CHECK(counter.field.deliver() == 100);
    CHECK(counter.field.meter(meter).now.balance == core::Money{1'000'000});
    CHECK(counter.field.meter(meter).writes == 101);
    const auto balance = counter.trial_balance();
    CHECK(balance.sold_e4() == 1'000'000);
    CHECK(balance.prepaid_e4() == 1'000'000);
    check_identity(balance);
}

TEST_CASE("sixteen counters sell to sixteen meters", "[services]") {
    Counter counter{kClients};
    std::vector<std::pair<core::MeterId, std::int64_t>> all;
    for (const auto meter : counter.site.meters) {
        all.emplace_back(meter, 0);
    }
    const auto account = counter.open_and_deliver(all);
    Outcome outcome;
    sell_all(
        counter, account.account_id(),
        [&](int client) { return counter.site.meters[static_cast<std::size_t>(client)]; }, outcome);
    CHECK(outcome.sold == kClients * kSalesEach);
    CHECK(counter.field.deliver() == kClients * kSalesEach);
    for (const auto meter : counter.site.meters) {
        CHECK(counter.field.meter(meter).now.balance == core::Money{kSalesEach * 10'000});
    }
    check_identity(counter.trial_balance());
}

TEST_CASE("the same request from sixteen connections at once is one sale", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 0}});
    const auto sale = counter.sale(account.account_id(), meter, 10'000);
    std::vector<std::unique_ptr<Client>> clients;
    std::vector<std::int64_t> sale_ids(kClients, 0);
    for (int i = 0; i < kClients; ++i) {
        clients.push_back(counter.stack.another_client());
    }
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kClients; ++i) {
        threads.emplace_back([&, i] {
            v1::SaleReceipt receipt;
            if (clients[i]->call(&Sales::Sell, sale, receipt).ok()) {
                sale_ids[i] = receipt.sale_id();
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(sale_ids == std::vector<std::int64_t>(kClients, sale_ids[0]));
    CHECK(sale_ids[0] != 0);
    CHECK(counter.trial_balance().sold_e4() == 10'000);
}

TEST_CASE("two counters open the same meter at once: one does, the other is told", "[services]") {
    Counter counter{8};
    for (const auto meter : counter.site.meters) {
        std::atomic<int> opened{0};
        std::atomic<int> told{0};
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                v1::OpenAccountResponse response;
                const auto answer = counter.client().call(&Accounts::OpenAccount,
                                                          counter.opening({{meter, 10'000}}), response);
                opened += answer.ok() ? 1 : 0;
                told +=
                    answer.reason == "meter_has_account" || answer.reason == "delivery_unfinished" ? 1 : 0;
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        CHECK(opened == 1);
        CHECK(told == 3);
    }
    CHECK(counter.count("account") == 8);
    CHECK(counter.trial_balance().sold_e4() == 80'000);
}

TEST_CASE("a payout is never more than what is payable, however many ask", "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto id = counter.open_and_deliver({{meter, 1'000'000}}).account_id();
    counter.client().must(&Sales::Refund, counter.refund(id, meter, 500'000));
    REQUIRE(counter.field.deliver() == 1);
    std::atomic<int> paid{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            v1::PayRefundRequest pay;
            pay.set_request_id(new_request_id());
            pay.set_property_id(counter.site.property.value);
            pay.set_account_id(id);
            pay.set_amount_e4(200'000);
            pay.set_method(v1::TENDER_METHOD_CASH);
            v1::PayRefundResponse response;
            paid += counter.client().call(&Sales::PayRefund, pay, response).ok() ? 1 : 0;
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(paid == 2);
    CHECK(counter.account(id).refund_payable_e4() == 100'000);
    check_identity(counter.trial_balance());
}

TEST_CASE("sales and deliveries are listed in pages, newest first", "[services]") {
    Counter counter{2};
    const auto& meters = counter.site.meters;
    const auto id = counter.open_and_deliver({{meters[0], 0}, {meters[1], 0}}).account_id();
    for (int i = 1; i <= 5; ++i) {
        REQUIRE(counter.try_to_sell(id, meters[0], i * 10'000).ok());
    }
    v1::ListSalesRequest sales;
    sales.set_property_id(counter.site.property.value);
    sales.set_account_id(id);
    sales.mutable_page()->set_size(3);
    std::vector<std::int64_t> amounts;
    for (int page = 0; page < 4; ++page) {
        const auto answer = counter.client().must(&Sales::ListSales, sales);
        for (const auto& sale : answer.sales()) {
            amounts.push_back(sale.amount_e4());
        }
        if (answer.next_page_token().empty()) {
            break;
        }
        sales.mutable_page()->set_token(answer.next_page_token());
    }
    CHECK(amounts == std::vector<std::int64_t>{50'000, 40'000, 30'000, 20'000, 10'000, 0, 0});

    v1::ListDeliveriesRequest deliveries;
    deliveries.set_property_id(counter.site.property.value);
    deliveries.set_unfinished_only(true);
    CHECK(counter.client().must(&Sales::ListDeliveries, deliveries).deliveries_size() == 5);
    deliveries.set_meter_id(meters[1].value);
    CHECK(counter.client().must(&Sales::ListDeliveries, deliveries).deliveries_size() == 0);
    sales.mutable_page()->set_size(5000);
    v1::ListSalesResponse none;
    CHECK(counter.client().call(&Sales::ListSales, sales, none).fields ==
          std::vector<std::string>{"page.size"});
}
