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
