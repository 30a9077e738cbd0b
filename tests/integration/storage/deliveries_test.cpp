#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "tests/integration/storage/delivery_field.hpp"

using namespace wutong;
using namespace wutong::tests;

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
