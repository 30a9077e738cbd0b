#include <catch2/catch.hpp>

#include "storage/requests.hpp"
#include "tests/simulation/memory_store.hpp"
#include "tests/simulation/postgres_store.hpp"

/// What every place must do where the money is written down. Each case runs in memory and on PostgreSQL.
using namespace wutong;
using namespace wutong::simulation;
using core::DeliveryKind;
using core::DeliveryState;
using core::Money;

namespace {

struct InMemory {
    MemoryStore store{2};
};
struct OnPostgres {
    tests::TestDatabase database;
    PostgresStore store{database, "P1", 2};
};

constexpr Money yuan(std::int64_t n) {
    return Money{n * 10'000};
}

core::CreditRules rules() {
    core::CreditRules rules;
    rules.price = core::Price{10'000};
    return rules;
}

/// A cashier, and a collector that does what core::step says.
template <class Where>
struct Site : Where {
    using Where::store;
    core::MeterId meter = store.meters()[0];
    core::AccountId account;
    storage::Fence fence = store.take_channel("one");
    int ids = 0;
    int minutes = 0;

    core::Timestamp now() { return tests::at(60 * ++minutes); }
    Request request(Request::Kind kind, Money amount) {
        Request made;
        made.id = tests::uuid(++ids);
        made.kind = kind;
        made.account = account;
        made.meter = meter;
        made.amount = amount;
        made.price = core::Price{10'000};
        return made;
    }
    Answer ask(Request::Kind kind, Money amount) { return store.carry_out(request(kind, amount)); }
    std::vector<storage::StoredDelivery> claim() { return store.claim(fence, now(), 10); }
    core::CreditLook look(std::uint32_t number, Money balance, std::int64_t wh, bool prepaid = true) {
        return {number, balance, core::Energy{wh}, now(), prepaid};
    }
    /// From the claim to the end with what the meter shows.
    storage::FinishedDelivery deliver(const core::CreditLook& before, const core::CreditLook& after,
                                      bool refuses = false) {
        const auto claimed = claim();
        REQUIRE(claimed.size() == 1);
        auto step = core::step(claimed[0].delivery, rules(), core::Restarted{});
        step = core::step(step.delivery, rules(), core::Looked{before});
        if (!step.delivery.finished()) {
            store.store_step(fence, claimed[0].id, step.delivery, now());
            step = refuses ? core::step(step.delivery, rules(), core::WriteRefused{"illegal value"})
                           : core::step(step.delivery, rules(), core::WriteAnswered{});
            step = core::step(step.delivery, rules(), core::Looked{after});
        }
        REQUIRE(step.delivery.finished());
        last = step.delivery;
        return store.finish(fence, claimed[0].id, step.delivery, now());
    }
    void open(Money amount) {
        account = ask(Request::Kind::open, amount).account;
        REQUIRE(account);
        const auto done = deliver(look(0, Money{}, 500, false), look(amount > Money{} ? 1 : 0, amount, 500));
        REQUIRE(done.state == DeliveryState::delivered);
    }
    core::CreditDelivery last;
};

}  // namespace

TEMPLATE_TEST_CASE("a sale and its delivery are one: entry, delivery, answer", "[contract]", InMemory,
                   OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    const auto answer = site.ask(Request::Kind::sale, yuan(20));
    CHECK(answer.refusal.empty());
    CHECK(answer.delivery.value == 2);
    REQUIRE(site.store.deliveries().size() == 2);
    CHECK(site.store.deliveries()[1].delivery.state == DeliveryState::queued);
    const auto books = site.store.books();
    CHECK(books.tender == yuan(70));
    CHECK(books.in_flight == yuan(20));
    CHECK(books.prepaid == yuan(50));
    CHECK(books.sum == Money{});
    core::EntryId seen;
    const auto entries = site.store.entries_after(seen);
    CHECK(entries.size() == 3);
    for (const auto& entry : entries) {
        CHECK(core::balanced(entry));
    }
    CHECK(site.store.entries_after(seen).empty());
}

TEMPLATE_TEST_CASE("a request is done once; the same id for something else is refused", "[contract]",
                   InMemory, OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    const auto request = site.request(Request::Kind::sale, yuan(20));
    const auto first = site.store.carry_out(request);
    const auto second = site.store.carry_out(request);
    CHECK_FALSE(first.repeated);
    CHECK(second.repeated);
    CHECK(second.delivery == first.delivery);
    CHECK(site.store.books().tender == yuan(70));
    auto other = request;
    other.amount = yuan(21);
    CHECK_THROWS_AS(site.store.carry_out(other), storage::RequestReused);
    CHECK(site.store.books().tender == yuan(70));
    // A refusal is not remembered: its reason may be gone later.
    auto refund = site.request(Request::Kind::refund, yuan(60));
    CHECK(site.store.carry_out(refund).refusal == "above_meter_balance");
    refund.amount = yuan(10);
    CHECK(site.store.carry_out(refund).refusal.empty());
}

TEMPLATE_TEST_CASE("deliveries of a meter are handed out in order, one at a time", "[contract]", InMemory,
                   OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    site.ask(Request::Kind::sale, yuan(20));
    site.ask(Request::Kind::sale, yuan(30));
    const auto claimed = site.claim();
    REQUIRE(claimed.size() == 1);
    CHECK(claimed[0].id.value == 2);
    CHECK(claimed[0].delivery.number_before == 1);
    CHECK(site.claim().empty());
    // Given back: nothing before its time, then the same one again.
    site.store.put_back(site.fence, claimed[0].id, tests::at(36'000));
    CHECK(site.claim().empty());
    CHECK(site.store.claim(site.fence, tests::at(36'000), 10).size() == 1);
    // A claim that nobody has in hand is found.
    CHECK(site.store.put_back_forgotten(site.fence, {claimed[0].id}) == 0);
    CHECK(site.store.put_back_forgotten(site.fence, {}) == 1);
    CHECK(site.deliver(site.look(1, yuan(50), 500), site.look(2, yuan(70), 500)).state ==
          DeliveryState::delivered);
    const auto next = site.claim();
    REQUIRE(next.size() == 1);
    CHECK(next[0].id.value == 3);
    CHECK(next[0].delivery.number_before == 2);
}

TEMPLATE_TEST_CASE("whoever has lost the channel changes nothing", "[contract]", InMemory, OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    site.ask(Request::Kind::sale, yuan(20));
    const auto old = site.fence;
    const auto claimed = site.claim();
    REQUIRE(claimed.size() == 1);
    site.fence = site.store.take_channel("two");
    CHECK(site.fence.epoch > old.epoch);
    CHECK_FALSE(site.store.holds(old));
    CHECK(site.store.holds(site.fence));
    auto step = core::step(claimed[0].delivery, rules(), core::Looked{site.look(1, yuan(50), 500)});
    CHECK_THROWS_AS(site.store.store_step(old, claimed[0].id, step.delivery, site.now()), storage::LeaseLost);
    CHECK_THROWS_AS(site.store.put_back(old, claimed[0].id, site.now()), storage::LeaseLost);
    step.delivery.state = DeliveryState::refused;
    CHECK_THROWS_AS(site.store.finish(old, claimed[0].id, step.delivery, site.now()), storage::LeaseLost);
    CHECK(site.store.claim(old, site.now(), 10).empty());
    // The next holder finds the row, and so does the first one under a newer epoch.
    CHECK(site.claim().size() == 1);
    site.fence = site.store.take_channel("one");
    CHECK(site.claim().size() == 1);
    CHECK_THROWS_AS(site.store.store_step(old, claimed[0].id, claimed[0].delivery, site.now()),
                    storage::LeaseLost);
}

TEMPLATE_TEST_CASE("an outcome is booked once", "[contract]", InMemory, OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    site.ask(Request::Kind::sale, yuan(20));
    CHECK_FALSE(site.deliver(site.look(1, yuan(50), 500), site.look(2, yuan(70), 500)).already);
    const auto books = site.store.books();
    CHECK(books.in_flight == Money{});
    CHECK(books.prepaid == yuan(70));
    CHECK(site.store.finish(site.fence, core::DeliveryId{2}, site.last, site.now()).already);
    CHECK(site.store.books() == books);
    REQUIRE(site.store.link(site.meter));
    CHECK(site.store.link(site.meter)->purchase_number == 2);
}

TEMPLATE_TEST_CASE("what the meter refused is the tenant's again, and can be paid out", "[contract]",
                   InMemory, OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    site.ask(Request::Kind::sale, yuan(20));
    CHECK(site.deliver(site.look(1, yuan(50), 500), site.look(1, yuan(50), 500), true).state ==
          DeliveryState::refused);
    CHECK(site.store.books().unallocated == yuan(20));
    CHECK(site.store.payable(site.account) == yuan(20));
    CHECK(site.ask(Request::Kind::payout, yuan(21)).refusal == "above_refund_payable");
    CHECK(site.ask(Request::Kind::payout, yuan(15)).refusal.empty());
    CHECK(site.store.payable(site.account) == yuan(5));
    CHECK(site.store.books().tender == yuan(55));
}

TEMPLATE_TEST_CASE("an opening that is refused takes what was sold on top of it with it", "[contract]",
                   InMemory, OnPostgres) {
    Site<TestType> site;
    site.account = site.ask(Request::Kind::open, yuan(50)).account;
    CHECK(site.ask(Request::Kind::sale, yuan(20)).refusal.empty());
    site.deliver(site.look(0, Money{}, 500, false), site.look(0, Money{}, 500, false), true);
    for (const auto& stored : site.store.deliveries()) {
        CHECK(stored.delivery.state == DeliveryState::refused);
    }
    CHECK(site.store.books().unallocated == yuan(70));
    CHECK(site.ask(Request::Kind::sale, yuan(20)).refusal == "meter_not_linked");
}

TEMPLATE_TEST_CASE("a quarantined delivery keeps its money in flight until an operator speaks", "[contract]",
                   InMemory, OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    site.ask(Request::Kind::sale, yuan(20));
    site.ask(Request::Kind::sale, yuan(30));
    CHECK(site.deliver(site.look(7, yuan(99), 500), {}).state == DeliveryState::quarantined);
    CHECK(site.store.alarmed(site.meter, "quarantine"));
    CHECK(site.store.books().in_flight == yuan(50));
    CHECK(site.claim().empty());
    CHECK(site.ask(Request::Kind::sale, yuan(1)).refusal == "delivery_quarantined");
    CHECK(site.ask(Request::Kind::close, Money{}).refusal == "on_its_way");
    CHECK_FALSE(site.store.settle(core::DeliveryId{2}, false, "not there", site.now()).already);
    CHECK(site.store.settle(core::DeliveryId{2}, true, "again", site.now()).already);
    CHECK_FALSE(site.store.alarmed(site.meter, "quarantine"));
    CHECK(site.store.books().unallocated == yuan(20));
    // The next one starts from what is there.
    const auto next = site.claim();
    REQUIRE(next.size() == 1);
    CHECK(next[0].delivery.number_before == 7);
}

TEMPLATE_TEST_CASE("use is booked once, by the newest reading; closing ends at zero", "[contract]", InMemory,
                   OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    site.store.put_reading(site.meter, site.look(1, yuan(49), 1'500), true);
    CHECK(site.store.book_consumption() == 1);
    CHECK(site.store.book_consumption() == 0);
    CHECK(site.store.books().revenue == yuan(1));
    // An older reading changes nothing.
    auto old = site.look(1, yuan(10), 9'000);
    old.at = tests::at(1);
    site.store.put_reading(site.meter, old, true);
    CHECK(site.store.book_consumption() == 0);
    CHECK(site.ask(Request::Kind::close, Money{}).refusal.empty());
    CHECK(site.ask(Request::Kind::sale, yuan(1)).refusal == "account_closed");
    // A cent less than the ledger says: rounding.
    const auto done = site.deliver(site.look(1, Money{479'900}, 2'500), site.look(0, Money{}, 2'500, false));
    CHECK(done.state == DeliveryState::delivered);
    CHECK(done.account_closed);
    const auto books = site.store.books();
    CHECK(books.prepaid == Money{});
    CHECK(books.revenue == yuan(2));
    CHECK(books.refund_payable == Money{479'900});
    CHECK(books.rounding == Money{100});
    CHECK_FALSE(site.store.link(site.meter));
    // The meter is free for the next one.
    site.open(yuan(5));
    CHECK(site.account.value == 2);
}

TEMPLATE_TEST_CASE("what somebody else writes to a meter is told", "[contract]", InMemory, OnPostgres) {
    Site<TestType> site;
    site.open(yuan(50));
    const auto told = [&] { return site.store.alarmed(site.meter, "foreign_write"); };
    site.store.put_reading(site.meter, site.look(1, Money{495'000}, 1'000), true);
    CHECK_FALSE(told());

    SECTION("a number that the ledger does not know") {
        site.store.put_reading(site.meter, site.look(2, Money{495'000}, 1'000), true);
        CHECK(told());
    }
    SECTION("a balance that rises") {
        site.store.put_reading(site.meter, site.look(1, yuan(50), 1'000), true);
        CHECK(told());
    }
    SECTION("a balance that falls by less than was used, found by the look before a write") {
        site.ask(Request::Kind::sale, yuan(20));
        const auto claimed = site.claim();
        REQUIRE(claimed.size() == 1);
        const auto step =
            core::step(claimed[0].delivery, rules(), core::Looked{site.look(1, yuan(49), 9'000)});
        REQUIRE(step.delivery.state == DeliveryState::sending);
        site.store.store_step(site.fence, claimed[0].id, step.delivery, site.now());
        CHECK(told());
        // Its own read-back decides as long as it is under way.
        site.store.put_reading(site.meter, site.look(2, yuan(69), 9'000), true);
    }
    SECTION("not while a delivery of ours is under way, and not by an older reading") {
        site.ask(Request::Kind::sale, yuan(20));
        const auto claimed = site.claim();
        REQUIRE(claimed.size() == 1);
        const auto step =
            core::step(claimed[0].delivery, rules(), core::Looked{site.look(1, Money{495'000}, 1'000)});
        site.store.store_step(site.fence, claimed[0].id, step.delivery, site.now());
        site.store.put_reading(site.meter, site.look(2, Money{695'000}, 1'000), true);
        CHECK_FALSE(told());
        auto old = site.look(7, yuan(900), 1'000);
        old.at = tests::at(0);
        site.store.put_reading(site.meter, old, true);
        CHECK_FALSE(told());
    }
    SECTION("closing ends it") {
        site.store.put_reading(site.meter, site.look(1, yuan(50), 1'000), true);
        REQUIRE(told());
        CHECK(site.ask(Request::Kind::close, Money{}).refusal.empty());
        site.deliver(site.look(1, yuan(50), 1'000), site.look(0, Money{}, 1'000, false));
        CHECK_FALSE(told());
    }
}
