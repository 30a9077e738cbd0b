#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "storage/accounts.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/ledger.hpp"
#include "storage/sales.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using core::DeliveryKind;
using core::DeliveryState;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;
using tests::uuid;

namespace {

constexpr core::Money yuan(std::int64_t n) {
    return core::Money{n * 10'000};
}

core::CreditRules rules() {
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

}  // namespace

TEST_CASE("deliveries: what is stored comes back as it was", "[deliveries]") {
    Field field;
    field.queue(DeliveryKind::top_up, yuan(50), R"({"a": 1})");
    const auto claimed = field.claim();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].channel == field.site.channel);
    CHECK(claimed[0].settings == R"({"a": 1})");
    CHECK(claimed[0].delivery.state == DeliveryState::queued);
    core::CreditDelivery delivery = claimed[0].delivery;
    delivery.state = DeliveryState::sending;
    delivery.number_before = 4'000'000'000U;
    delivery.before = core::CreditLook{4'000'000'000U, yuan(-3), core::Energy{77}, at(1), false};
    delivery.write = core::CreditWrite{4'000'000'001U, yuan(47), yuan(50)};
    delivery.attempts = 2;
    delivery.reason = "電";
    field.store(claimed[0], delivery, R"([{"out": "14"}])");
    field.store(claimed[0], delivery, R"([{"in": "15"}])");
    const auto back = field.get(claimed[0].id);
    CHECK(back.delivery.state == DeliveryState::sending);
    CHECK(back.delivery.number_before == 4'000'000'000U);
    CHECK(back.delivery.before->balance == yuan(-3));
    CHECK(back.delivery.before->energy == core::Energy{77});
    CHECK(back.delivery.before->at == at(1));
    CHECK(!back.delivery.before->prepaid_enabled);
    CHECK(!back.delivery.after);
    CHECK(back.delivery.write->purchase_number == 4'000'000'001U);
    CHECK(back.delivery.write->balance == yuan(47));
    CHECK(back.delivery.attempts == 2);
    CHECK(back.delivery.reason == "電");
    CHECK(back.evidence == R"([{"out": "14"}, {"in": "15"}])");
    CHECK(back.sent_at == at(11));
    delivery.state = DeliveryState::delivered;
    CHECK_THROWS_AS(field.store(claimed[0], delivery), std::logic_error);
}

TEST_CASE("deliveries: per meter one at a time, in order, and not before their time", "[deliveries]") {
    Field field{2};
    field.queue(DeliveryKind::top_up, yuan(1));
    field.queue(DeliveryKind::top_up, yuan(2));
    field.meter = field.site.meters[1];
    field.queue(DeliveryKind::top_up, yuan(3));
    const auto first = field.claim();
    REQUIRE(first.size() == 2);
    CHECK(first[0].delivery.amount == yuan(1));
    CHECK(first[1].delivery.amount == yuan(3));
    CHECK(field.claim().empty());  // what this holder has is not handed out again

    field.test.collector().transact(Scope::none(), "away", [&](Transaction& tx) {
        put_back_delivery(tx, field.site.fence, first[0].id, at(100));
    });
    CHECK(field.claim(field.site.fence, at(99)).empty());
    const auto again = field.claim(field.site.fence, at(100));
    REQUIRE(again.size() == 1);
    CHECK(again[0].id == first[0].id);
    // A put-back delivery is no longer ours to write.
    CHECK_THROWS_AS(field.test.collector().transact(
                        Scope::none(), "stale",
                        [&](Transaction& tx) {
                            put_back_delivery(tx, field.site.fence, first[0].id, at(1));
                            store_step(tx, field.site.fence, first[0].id, first[0].delivery, at(1));
                        }),
                    LeaseLost);
    field.test.as_superuser("UPDATE meter SET enabled = false");
    field.test.as_superuser("UPDATE credit_delivery SET claimed_by = NULL");
    CHECK(field.claim().empty());
}

TEST_CASE("deliveries: who holds no lease gets nothing and changes nothing", "[deliveries]") {
    Field field;
    const auto id = field.queue(DeliveryKind::top_up, yuan(5));
    for (auto wrong : {Fence{field.site.property, field.site.channel, "collector-2", 1},
                       Fence{field.site.property, field.site.channel, "collector-1", 0},
                       Fence{field.site.property, field.site.channel, "collector-1", 2},
                       Fence{core::PropertyId{99}, field.site.channel, "collector-1", 1}}) {
        CHECK(field.claim(wrong).empty());
    }
    const auto claimed = field.claim();
    REQUIRE(claimed.size() == 1);
    auto step =
        core::step(claimed[0].delivery, rules(), core::Looked{{0, yuan(0), core::Energy{0}, at(10), true}});
    REQUIRE(step.delivery.state == DeliveryState::sending);
    field.store(claimed[0], step.delivery);

    // The standby takes over while the first collector is frozen.
    field.test.as_superuser("UPDATE channel SET lease_holder = 'collector-2', lease_epoch = 2");
    CHECK_THROWS_AS(field.store(claimed[0], step.delivery), LeaseLost);
    auto done = step.delivery;
    done.state = DeliveryState::delivered;
    CHECK_THROWS_AS(field.finish(claimed[0], done), LeaseLost);
    CHECK(field.number("count(*) FROM journal_entry") == 0);

    const auto taken = field.claim({field.site.property, field.site.channel, "collector-2", 2});
    REQUIRE(taken.size() == 1);
    CHECK(taken[0].id == id);
    CHECK(taken[0].delivery.state == DeliveryState::sending);
    CHECK(taken[0].delivery.write->balance == yuan(5));
    CHECK_THROWS_AS(field.finish(claimed[0], done), LeaseLost);
}

TEST_CASE("deliveries: a collector that restarts meets what it left, under a new epoch", "[deliveries]") {
    Field field;
    field.queue(DeliveryKind::top_up, yuan(5));
    const auto claimed = field.claim();
    auto delivery = claimed[0].delivery;
    delivery.state = DeliveryState::unknown;
    field.store(claimed[0], delivery);
    CHECK(field.claim().empty());
    field.test.as_superuser("UPDATE channel SET lease_epoch = 2");
    field.site.fence.epoch = 2;
    const auto again = field.claim();
    REQUIRE(again.size() == 1);
    CHECK(again[0].delivery.state == DeliveryState::unknown);
}

TEST_CASE("deliveries: a claim that its collector never heard of is put back", "[deliveries]") {
    Field field{2};
    field.queue(DeliveryKind::top_up, yuan(5));
    field.meter = field.site.meters[1];
    const auto known = field.queue(DeliveryKind::top_up, yuan(6));
    REQUIRE(field.claim().size() == 2);
    const auto put_back = [&](const Fence& fence) {
        return field.test.collector().transact(Scope::none(), "sweep", [&](Transaction& tx) {
            return put_back_forgotten_deliveries(tx, {fence}, {known});
        });
    };
    CHECK(put_back({field.site.property, field.site.channel, "collector-1", 7}) == 0);
    CHECK(put_back(field.site.fence) == 1);
    CHECK(put_back(field.site.fence) == 0);
    const auto again = field.claim();
    REQUIRE(again.size() == 1);
    CHECK(again[0].delivery.amount == yuan(5));
}

TEST_CASE("deliveries: claimers at the same time never get the same meter", "[deliveries]") {
    Field field{20};
    for (int round = 0; round < 3; ++round) {
        for (const auto meter : field.site.meters) {
            field.meter = meter;
            field.queue(DeliveryKind::top_up, yuan(1));
        }
    }
    std::mutex mutex;
    std::multiset<core::MeterId> meters;
    std::atomic<int> faults{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&] {
            try {
                for (int n = 0; n < 10; ++n) {
                    for (const auto& delivery : field.claim(field.site.fence, at(10), 3)) {
                        const std::lock_guard lock{mutex};
                        meters.insert(delivery.meter);
                    }
                }
            } catch (const std::exception&) {
                ++faults;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    CHECK(faults == 0);
    CHECK(meters.size() == 20);
    CHECK(std::set<core::MeterId>(meters.begin(), meters.end()).size() == 20);
}

TEST_CASE("deliveries: an opening starts the meter's time on the account", "[deliveries]") {
    Field field;
    field.sell(yuan(100), SaleKind::opening, R"({"price_e4": 10000})");
    CHECK(field.money().in_flight == yuan(100));
    // 200 Wh went by between the looks; by the balance the meter charged 50 of them.
    const auto done = field.deliver({0, yuan(0), core::Energy{500}, at(10), false},
                                    {1, core::Money{999'500}, core::Energy{700}, at(12), true});
    CHECK(done.state == DeliveryState::delivered);
    CHECK(done.entry);
    CHECK(field.money().in_flight == yuan(0));
    CHECK(field.money().prepaid_credit == yuan(100));
    const auto meter = field.books().meters[0];
    CHECK(meter.opened_on_meter_at == at(12));
    CHECK(meter.purchase_number == 1);
    CHECK(meter.meter_balance == core::Money{999'500});
    CHECK(meter.read_at == at(12));
    CHECK(field.number("booked_energy_wh FROM account_meter") == 650);
    CHECK(field.number("booked_price_e4 FROM account_meter") == 10'000);
    const auto stored = field.get(field.last_claim.id);
    CHECK(stored.finished_at == at(20));
    CHECK(stored.entry == done.entry);
    CHECK(stored.delivery.after->energy == core::Energy{700});

    // Without a purchase nothing is booked, and the number is 0.
    Field empty;
    empty.open(yuan(0));
    CHECK(empty.number("count(*) FROM journal_entry") == 0);
    CHECK(empty.books().meters[0].purchase_number == 0);
}

TEST_CASE("deliveries: top-up, refund, and finishing twice changes nothing", "[deliveries]") {
    Field field;
    field.open(yuan(100));
    field.sell(yuan(30));
    const auto top_up =
        field.deliver({1, yuan(100), core::Energy{500}, at(30)}, {2, yuan(130), core::Energy{500}, at(32)});
    CHECK(top_up.state == DeliveryState::delivered);
    CHECK(!top_up.already);
    CHECK(field.money().prepaid_credit == yuan(130));
    CHECK(field.books().meters[0].purchase_number == 2);

    const auto twice = field.finish(field.last_claim, field.last);
    CHECK(twice.already);
    CHECK(twice.entry == top_up.entry);
    auto other = field.last;
    other.state = DeliveryState::refused;
    CHECK(field.finish(field.last_claim, other).state == DeliveryState::delivered);
    CHECK(field.money().prepaid_credit == yuan(130));
    CHECK(field.number("count(*) FROM journal_entry WHERE kind = 'delivery'") == 2);

    field.sell(yuan(20), SaleKind::refund);
    CHECK(field.deliver({2, yuan(130), core::Energy{500}, at(40)}, {3, yuan(110), core::Energy{500}, at(42)})
              .state == DeliveryState::delivered);
    CHECK(field.money().prepaid_credit == yuan(110));
    CHECK(field.money().refund_payable == yuan(20));
    CHECK(field.books().meters[0].purchase_number == 3);

    // A figure that is not the stored one is our bug, and books nothing.
    field.sell(yuan(5));
    const auto claimed = field.claim();
    auto wrong = claimed.at(0).delivery;
    wrong.state = DeliveryState::delivered;
    wrong.amount = yuan(50);
    CHECK_THROWS_AS(field.finish(claimed[0], wrong), std::logic_error);
    CHECK(field.money().in_flight == yuan(5));
}

TEST_CASE("deliveries: what the meter refuses goes to the tenant's unallocated money", "[deliveries]") {
    Field field;
    field.open(yuan(100));
    field.sell(yuan(30));
    const core::CreditLook look{1, yuan(100), core::Energy{500}, at(30)};
    const auto done = field.deliver(look, look, true);
    CHECK(done.state == DeliveryState::refused);
    CHECK(field.money().in_flight == yuan(0));
    CHECK(field.money().unallocated == yuan(30));
    CHECK(field.books().meters[0].purchase_number == 1);
    // A refused refund books nothing: the money never left the meter.
    field.sell(yuan(20), SaleKind::refund);
    CHECK(field.deliver(look, look, true).state == DeliveryState::refused);
    CHECK(field.money().prepaid_credit == yuan(100));
    CHECK(field.money().refund_payable == yuan(0));
}

TEST_CASE("deliveries: a clear ends the meter's time, and the last one closes the account", "[deliveries]") {
    Field field{2};
    field.open(yuan(100));
    field.meter = field.site.meters[1];
    field.open(yuan(40));
    const auto meters = field.test.server().transact(field.site.scope(), "close", [&](Transaction& tx) {
        return begin_closing(tx, field.site.property, field.account, at(50));
    });
    REQUIRE(meters->size() == 2);
    field.meter = field.site.meters[0];
    field.sell(yuan(0), SaleKind::closing);
    // 10 kWh were used at 1.00 since the opening, so 90.00 are left on the meter.
    auto done = field.deliver({1, yuan(90), core::Energy{10'500}, at(60)},
                              {0, yuan(0), core::Energy{10'500}, at(62), false});
    CHECK(done.state == DeliveryState::delivered);
    CHECK(!done.account_closed);
    CHECK(field.money().consumed == yuan(10));
    CHECK(field.money().refund_payable == yuan(90));
    CHECK(field.money().prepaid_credit == yuan(40));
    CHECK(field.get(field.last_claim.id).delivery.amount == yuan(-90));
    CHECK(field.books().state == AccountState::closing);

    field.meter = field.site.meters[1];
    field.sell(yuan(0), SaleKind::closing);
    done = field.deliver({1, yuan(40), core::Energy{500}, at(70)},
                         {0, yuan(0), core::Energy{500}, at(72), false});
    CHECK(done.account_closed);
    const auto books = field.books();
    CHECK(books.state == AccountState::closed);
    CHECK(books.closed_at == at(20));
    CHECK(books.meters.size() == 2);
    CHECK(books.meters[0].unlinked_at);
    CHECK(field.money().prepaid_credit == yuan(0));
    CHECK(field.money().refund_payable == yuan(130));
    CHECK(field.finish(field.last_claim, field.last).already);
    // The meter is free for the next tenant.
    const auto next = field.site.account({field.meter});
    CHECK(next != field.account);
}

TEST_CASE("deliveries: a clear while the account stays open leaves it open", "[deliveries]") {
    Field field;
    field.open(yuan(100));
    field.queue(DeliveryKind::clear, yuan(0));
    CHECK(!field
               .deliver({1, yuan(100), core::Energy{500}, at(60)},
                        {0, yuan(0), core::Energy{500}, at(62), false})
               .account_closed);
    CHECK(field.books().state == AccountState::open);
    CHECK(field.books().meters[0].unlinked_at);
}

TEST_CASE("deliveries: a quarantine raises an alarm, holds up the meter, and an operator settles it",
          "[deliveries]") {
    Field field;
    field.open(yuan(100));
    field.sell(yuan(30));
    // Somebody else wrote: number 7 instead of 1.
    const auto done = field.deliver({7, yuan(500), core::Energy{500}, at(30)}, {});
    CHECK(done.state == DeliveryState::quarantined);
    CHECK(!done.entry);
    CHECK(field.money().in_flight == yuan(30));
    CHECK(field.number("count(*) FROM alarm WHERE kind = 'quarantine' AND cleared_at IS NULL") == 1);
    const auto facts = field.test.server().transact(field.site.scope(), "facts", [&](Transaction& tx) {
        return read_sale_facts(tx, field.site.property, field.account, field.meter);
    });
    CHECK(facts.facts.delivery_quarantined);
    CHECK(facts.facts.balance_known == yuan(500));
    field.queue(DeliveryKind::top_up, yuan(1));
    CHECK(field.claim().empty());

    const auto settle = [&](bool delivered) {
        return field.test.server().transact(field.site.scope(), "settle", [&](Transaction& tx) {
            return settle_delivery(tx, field.site.property, field.last_claim.id, delivered,
                                   "seen at the meter", at(90));
        });
    };
    const auto settled = settle(false);
    CHECK(settled.state == DeliveryState::refused);
    CHECK(field.money().unallocated == yuan(30));
    CHECK(field.get(field.last_claim.id).delivery.reason == "seen at the meter");
    CHECK(field.number("count(*) FROM alarm WHERE cleared_at IS NULL") == 0);
    CHECK(settle(true).already);
    CHECK(field.money().unallocated == yuan(30));
    // The next one starts from the number that is on the meter.
    const auto next = field.claim();
    REQUIRE(next.size() == 1);
    CHECK(next[0].delivery.number_before == 7);
    CHECK_THROWS_AS(field.test.server().transact(field.site.scope(), "settle",
                                                 [&](Transaction& tx) {
                                                     settle_delivery(tx, field.site.property,
                                                                     core::DeliveryId{999}, true, "", at(1));
                                                 }),
                    NotFound);
}

TEST_CASE("deliveries: lists by meter and account, newest first", "[deliveries]") {
    Field field{2};
    for (int i = 1; i <= 4; ++i) {
        field.meter = field.site.meters[static_cast<std::size_t>(i % 2)];
        field.queue(DeliveryKind::top_up, yuan(i));
    }
    field.test.server().transact(field.site.scope(), "list", [&](Transaction& tx) {
        const auto all = list_deliveries(tx, {field.site.property, {}, {}, false}, {}, 3);
        REQUIRE(all.size() == 3);
        CHECK(all[0].delivery.amount == yuan(4));
        CHECK(list_deliveries(tx, {field.site.property, {}, {}, false}, all.back().id, 3).size() == 1);
        CHECK(list_deliveries(tx, {field.site.property, field.site.meters[0], {}, true}, {}, 10).size() == 2);
        CHECK(list_deliveries(tx, {field.site.property, {}, core::AccountId{999}, false}, {}, 10).empty());
    });
}
