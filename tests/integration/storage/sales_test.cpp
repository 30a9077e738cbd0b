#include "storage/sales.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "storage/credit_deliveries.hpp"
#include "storage/ledger.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::TestDatabase;
using tests::TestSite;
using tests::uuid;

namespace {

constexpr core::Money yuan(std::int64_t n) {
    return core::Money{n * 10'000};
}

NewSale sale_of(core::AccountId account, core::MeterId meter, core::Money amount, int request) {
    NewSale sale;
    sale.account = account;
    sale.meter = meter;
    sale.amount = amount;
    sale.operator_id = core::OperatorId{1};
    sale.request_id = uuid(request);
    return sale;
}

}  // namespace

TEST_CASE("sales: a sale, its entry and its delivery are one", "[sales]") {
    TestDatabase test;
    TestSite site{test, "P1", 2};
    const auto account = site.account(site.meters);
    site.opened(site.meters[0], core::Energy{1000}, core::Price{9'500}, yuan(12));
    const auto ids = test.server().transact(site.scope(), "sell", [&](Transaction& tx) {
        const auto before = lock_sale_facts(tx, site.property, account, site.meters[0]);
        CHECK(before.facts.account_open);
        CHECK(before.facts.meter_linked);
        CHECK(before.facts.balance_known == yuan(12));
        CHECK(before.balance_at == tests::at(0));
        CHECK(before.facts.in_flight == yuan(0));
        CHECK(!before.facts.balance_max);
        CHECK(before.price == core::Price{9'500});
        const auto made = insert_sale(tx, site.property, sale_of(account, site.meters[0], yuan(100), 1));
        CHECK(read_sale_facts(tx, site.property, account, site.meters[0]).facts.in_flight == yuan(100));
        CHECK(read_sale_facts(tx, site.property, account, site.meters[1]).facts.in_flight == yuan(0));
        CHECK(!read_sale_facts(tx, site.property, account, site.meters[1]).opened_on_meter);
        return made;
    });
    test.server().transact(site.scope(), "look", [&](Transaction& tx) {
        const auto stored = find_sale(tx, site.property, ids.sale);
        REQUIRE(stored);
        CHECK(stored->kind == SaleKind::sale);
        CHECK(stored->amount == yuan(100));
        CHECK(stored->entry == ids.entry);
        CHECK(stored->delivery == ids.delivery);
        CHECK(stored->delivery_state == "queued");
        CHECK(stored->customer == "Li Wei");
        CHECK(stored->meter_code == "M1");
        const auto delivery = find_delivery(tx, site.property, ids.delivery);
        REQUIRE(delivery);
        CHECK(delivery->sale == ids.sale);
        CHECK(delivery->delivery.kind == core::DeliveryKind::top_up);
        CHECK(delivery->delivery.amount == yuan(100));
        CHECK(account_balances(tx, site.property, account).in_flight == yuan(100));
        CHECK(list_sales(tx, {site.property, account, {}, {}}, {}, 10).size() == 1);
        CHECK(list_sales(tx, {site.property, account, {}, stored->sold_at}, {}, 10).empty());
        CHECK(list_sales(tx, {site.property, {}, stored->sold_at, {}}, {}, 10).size() == 1);
        CHECK(list_sales(tx, {site.property, {}, {}, {}}, ids.sale, 10).empty());
    });
    // The same request twice for one meter is refused even if nobody asked the request log.
    CHECK_THROWS_AS(test.server().transact(site.scope(), "again",
                                           [&](Transaction& tx) {
                                               insert_sale(tx, site.property,
                                                           sale_of(account, site.meters[0], yuan(100), 1));
                                           }),
                    UniqueViolation);
    CHECK(test.as_superuser("SELECT count(*) FROM credit_delivery")[0][0].as<int>() == 1);
    CHECK(test.as_superuser("SELECT count(*) FROM journal_entry")[0][0].as<int>() == 1);
}

TEST_CASE("sales: refunds and closings book nothing yet, an opening may be without a purchase", "[sales]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    const auto account = site.account(site.meters);
    test.server().transact(site.scope(), "sell", [&](Transaction& tx) {
        auto sale = sale_of(account, site.meters[0], yuan(0), 1);
        sale.kind = SaleKind::opening;
        sale.delivery_settings = R"({"price_e4": 9500})";
        const auto opening = insert_sale(tx, site.property, sale);
        CHECK(!opening.entry);
        const auto delivery = find_delivery(tx, site.property, opening.delivery);
        CHECK(delivery->delivery.kind == core::DeliveryKind::open);
        CHECK(delivery->settings == R"({"price_e4": 9500})");
        sale = sale_of(account, site.meters[0], yuan(7), 2);
        sale.kind = SaleKind::refund;
        const auto refund = insert_sale(tx, site.property, sale);
        CHECK(!refund.entry);
        CHECK(find_delivery(tx, site.property, refund.delivery)->delivery.amount == yuan(-7));
        sale = sale_of(account, site.meters[0], yuan(0), 3);
        sale.kind = SaleKind::closing;
        CHECK(
            find_delivery(tx, site.property, insert_sale(tx, site.property, sale).delivery)->delivery.kind ==
            core::DeliveryKind::clear);
        CHECK(list_deliveries(tx, {site.property, site.meters[0], {}, true}, {}, 10).size() == 3);
        CHECK(account_balances(tx, site.property, account).in_flight == yuan(0));
    });
}

TEST_CASE("sales: unknown, foreign and closed accounts and meters are said as facts", "[sales]") {
    TestDatabase test;
    TestSite site{test, "P1", 2};
    const auto account = site.account({site.meters[0]});
    test.server().transact(site.scope(), "facts", [&](Transaction& tx) {
        CHECK(!lock_sale_facts(tx, site.property, account, site.meters[1]).facts.meter_linked);
        CHECK(!lock_sale_facts(tx, site.property, core::AccountId{999}, site.meters[0]).facts.account_open);
        // Never read: unknown is not zero, so there is no time beside it.
        CHECK(!lock_sale_facts(tx, site.property, account, site.meters[0]).balance_at);
    });
    test.as_superuser(
        "INSERT INTO parameter (property_id, key, value) SELECT property_id, 'balance_max_e4', '5000000' "
        "FROM property");
    test.server().transact(site.scope(), "facts", [&](Transaction& tx) {
        CHECK(read_sale_facts(tx, site.property, account, site.meters[0]).facts.balance_max == yuan(500));
    });
    test.as_superuser("UPDATE meter SET balance_max_e4 = 3000000");
    test.server().transact(site.scope(), "close", [&](Transaction& tx) {
        CHECK(read_sale_facts(tx, site.property, account, site.meters[0]).facts.balance_max == yuan(300));
        const auto meters = begin_closing(tx, site.property, account, tests::at(5));
        REQUIRE(meters);
        CHECK(*meters == std::vector<core::MeterId>{site.meters[0]});
        CHECK(!read_sale_facts(tx, site.property, account, site.meters[0]).facts.account_open);
        // A clear that was refused leaves the account closing and its meter linked: closing may begin again.
        CHECK(begin_closing(tx, site.property, account, tests::at(6)) == meters);
    });
}

TEST_CASE("sales: eight cashiers at once never sell above the hoarding limit", "[sales]") {
    TestDatabase test;
    TestSite site{test, "P1", 2};
    const auto account = site.account(site.meters);
    for (const auto meter : site.meters) {
        site.opened(meter, core::Energy{0}, core::Price{9'500}, yuan(50));
    }
    test.as_superuser(
        "UPDATE meter SET balance_max_e4 = 5000000");  // 500.00 each: room for 45 sales of 10.00
    std::atomic<int> sold{0};
    std::atomic<int> refused{0};
    std::atomic<int> faults{0};
    std::atomic<int> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 25; ++n) {
                const int request = ++next;
                const auto meter = site.meters[static_cast<std::size_t>(request) % 2];
                try {
                    const bool accepted = test.server().transact(site.scope(), "sell", [&](Transaction& tx) {
                        const auto facts = lock_sale_facts(tx, site.property, account, meter);
                        const auto decision = core::decide_sale(yuan(10), facts.facts);
                        if (std::holds_alternative<core::Accepted>(decision)) {
                            insert_sale(tx, site.property, sale_of(account, meter, yuan(10), request));
                            return true;
                        }
                        return std::get<core::SaleRefusal>(decision) !=
                               core::SaleRefusal::above_hoarding_limit;
                    });
                    ++(accepted ? sold : refused);
                } catch (const std::exception&) {
                    ++faults;
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(faults == 0);
    CHECK(sold == 90);
    CHECK(refused == 110);
    CHECK(
        test
            .as_superuser(
                "SELECT max(s) FROM (SELECT sum(amount_e4) AS s FROM credit_delivery GROUP BY meter_id) x")[0]
                                                                                                           [0]
            .as<int>() == 4'500'000);
}

TEST_CASE("sales: one meter's lock holds up nobody else", "[sales]") {
    TestDatabase test;
    TestSite site{test, "P1", 2};
    const auto account = site.account(site.meters);
    test.server().transact(site.scope(), "slow", [&](Transaction& tx) {
        (void)lock_sale_facts(tx, site.property, account, site.meters[0]);
        const auto begin = std::chrono::steady_clock::now();
        test.server().transact(site.scope(), "quick", [&](Transaction& other) {
            (void)lock_sale_facts(other, site.property, account, site.meters[1]);
            insert_sale(other, site.property, sale_of(account, site.meters[1], yuan(1), 1));
        });
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
    });
}

TEST_CASE("accounts: numbers, customers, search and pages", "[accounts]") {
    TestDatabase test;
    TestSite site{test, "P1", 3};
    const auto first = site.account({site.meters[0]});
    test.server().transact(site.scope(), "accounts", [&](Transaction& tx) {
        const auto customer = create_customer(tx, site.property, {{}, "Wang_100%", "021-555", "note"});
        CHECK(find_customer(tx, site.property, customer)->phone == "021-555");
        update_customer(tx, site.property, {customer, "Wang_100% Fang", "021-556", ""});
        CHECK_THROWS_AS(update_customer(tx, site.property, {core::CustomerId{999}, "x", "", ""}), NotFound);
        const auto second = open_account(tx, site.property, customer, "SHOP-7");
        link_meter(tx, site.property, second, site.meters[1]);
        link_meter(tx, site.property, second, site.meters[2]);

        const auto found = find_account(tx, site.property, "SHOP-7");
        REQUIRE(found);
        CHECK(found->id == second);
        CHECK(found->customer.name == "Wang_100% Fang");
        REQUIRE(found->meters.size() == 2);
        CHECK(found->meters[1].meter_code == "M3");
        CHECK(found->meters[1].unit_code == "0101");
        CHECK(!found->meters[1].meter_balance);
        CHECK(find_account(tx, site.property, first)->number.size() >= 8);
        CHECK(account_of_meter(tx, site.property, site.meters[0]) == first);

        const auto numbers = [&](const std::string& search, core::AccountId after, int limit) {
            std::vector<core::AccountId> ids;
            for (const auto& account : list_accounts(tx, {site.property, {}, search}, after, limit)) {
                ids.push_back(account.id);
            }
            return ids;
        };
        CHECK(numbers("", {}, 10) == std::vector{first, second});
        CHECK(numbers("", first, 10) == std::vector{second});
        CHECK(numbers("shop", {}, 10) == std::vector{second});
        CHECK(numbers("g_100%", {}, 10) == std::vector{second});
        CHECK(numbers("M1", {}, 10) == std::vector{first});
        CHECK(numbers("0101", {}, 1) == std::vector{first});
        CHECK(numbers("0101", first, 1) == std::vector{second});
        CHECK(numbers("nobody", {}, 10).empty());
        CHECK(list_accounts(tx, {site.property, AccountState::closed, "shop"}, {}, 10).empty());
    });
    CHECK_THROWS_AS(test.server().transact(
                        site.scope(), "link",
                        [&](Transaction& tx) { link_meter(tx, site.property, first, site.meters[1]); }),
                    UniqueViolation);
    CHECK_THROWS_AS(test.server().transact(
                        site.scope(), "open",
                        [&](Transaction& tx) { open_account(tx, site.property, core::CustomerId{999}, ""); }),
                    ReferenceViolation);
}
