#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "storage/accounts.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/ledger.hpp"
#include "storage/sales.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

namespace wutong::tests {

using namespace wutong::storage;  // NOLINT(google-build-using-namespace): for tests of that folder alone
using core::DeliveryKind;
using core::DeliveryState;

constexpr core::Money yuan(std::int64_t n) {
    return core::Money{n * 10'000};
}

inline core::CreditRules rules() {
    core::CreditRules rules;
    rules.price = core::Price{10'000};
    return rules;
}

/// One meter, an account, and a collector that follows core::step, storing each step before it acts.
struct Field {
    explicit Field(int meters = 1)
        : site(test, "P1", meters), account(site.account(site.meters)), meter(site.meters[0]) {}

    core::DeliveryId queue(DeliveryKind kind, core::Money amount, const std::string& settings = "{}") {
        return test.server().transact(site.scope(), "queue", [&](Transaction& tx) {
            return queue_delivery(tx, site.property, {meter, account, {}, kind, amount, settings});
        });
    }
    core::DeliveryId sell(core::Money amount, SaleKind kind = SaleKind::sale,
                          const std::string& settings = "{}") {
        return test.server().transact(site.scope(), "sell", [&](Transaction& tx) {
            NewSale sale;
            sale.kind = kind;
            sale.account = account;
            sale.meter = meter;
            sale.amount = amount;
            sale.operator_id = core::OperatorId{1};
            sale.request_id = uuid(++requests);
            sale.delivery_settings = settings;
            return insert_sale(tx, site.property, sale).delivery;
        });
    }
    std::vector<StoredDelivery> claim(const Fence& fence, core::Timestamp now = at(10), int limit = 100) {
        return test.collector().transact(Scope::none(), "claim", [&](Transaction& tx) {
            return claim_deliveries(tx, {fence}, now, limit);
        });
    }
    std::vector<StoredDelivery> claim() { return claim(site.fence); }
    void store(const StoredDelivery& stored, const core::CreditDelivery& delivery,
               const std::string& evidence = "[]") {
        test.collector().transact(Scope::none(), "store", [&](Transaction& tx) {
            store_step(tx, site.fence, stored.id, delivery, at(11), evidence);
        });
    }
    FinishedDelivery finish(const StoredDelivery& stored, const core::CreditDelivery& delivery) {
        return test.collector().transact(Scope::none(), "finish", [&](Transaction& tx) {
            return finish_delivery(tx, site.fence, stored.id, delivery, at(20), R"([{"frame": "0110"}])");
        });
    }
    /// From the claim to the end, with what the meter shows before and after. @return what was stored last
    FinishedDelivery deliver(const core::CreditLook& before, const core::CreditLook& after,
                             bool meter_refuses = false) {
        const auto claimed = claim();
        REQUIRE(claimed.size() == 1);
        auto step = core::step(claimed[0].delivery, rules(), core::Restarted{});
        step = core::step(step.delivery, rules(), core::Looked{before});
        if (std::holds_alternative<core::Write>(step.action)) {
            store(claimed[0], step.delivery);
            step = meter_refuses ? core::step(step.delivery, rules(), core::WriteRefused{"illegal value"})
                                 : core::step(step.delivery, rules(), core::WriteAnswered{});
            store(claimed[0], step.delivery);
            step = core::step(step.delivery, rules(), core::Looked{after});
        }
        REQUIRE(step.delivery.finished());
        last = step.delivery;
        last_claim = claimed[0];
        return finish(claimed[0], step.delivery);
    }
    void open(core::Money amount) {
        sell(amount, SaleKind::opening, R"({"price_e4": 10000})");
        const auto done = deliver({0, yuan(0), core::Energy{500}, at(10), false},
                                  {amount > yuan(0) ? 1U : 0U, amount, core::Energy{500}, at(12), true});
        REQUIRE(done.state == DeliveryState::delivered);
    }
    StoredDelivery get(core::DeliveryId id) {
        return *test.server().transact(site.scope(), "get",
                                       [&](Transaction& tx) { return find_delivery(tx, site.property, id); });
    }
    AccountBalances money() {
        return test.server().transact(site.scope(), "money", [&](Transaction& tx) {
            return account_balances(tx, site.property, account);
        });
    }
    Account books() {
        return *test.server().transact(
            site.scope(), "books", [&](Transaction& tx) { return find_account(tx, site.property, account); });
    }
    std::int64_t number(const std::string& sql) {
        return test.as_superuser("SELECT " + sql)[0][0].as<std::int64_t>();
    }

    TestDatabase test;
    TestSite site;
    core::AccountId account;
    core::MeterId meter;
    int requests = 0;
    core::CreditDelivery last;
    StoredDelivery last_claim;
};

}  // namespace wutong::tests
