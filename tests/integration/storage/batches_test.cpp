#include <catch2/catch.hpp>
#include <set>

#include "storage/command_batches.hpp"
#include "storage/commands.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using core::CommandKind;
using core::CommandState;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;
using tests::uuid;

namespace {

struct Desk {
    explicit Desk(int meters) : site(test, "P1", meters) {}

    std::vector<core::CommandId> send(int batch, int retry_of = 0) {
        return test.server().transact(site.scope(), "send", [&](Transaction& tx) {
            NewBatch made;
            made.property = site.property;
            made.batch_id = uuid(batch);
            made.kind = CommandKind::set_clock;
            made.expires_at = at(1000);
            made.total = static_cast<int>(site.meters.size());
            made.retry_of = retry_of == 0 ? "" : uuid(retry_of);
            insert_batch(tx, made);
            NewCommands commands;
            commands.property = site.property;
            commands.meters = site.meters;
            commands.kind = CommandKind::set_clock;
            commands.expires_at = at(1000);
            commands.batch_id = uuid(batch);
            return insert_commands(tx, commands);
        });
    }
    std::vector<StoredCommand> claim(int limit = 100) {
        return test.collector().transact(Scope::none(), "claim", [&](Transaction& tx) {
            return claim_commands(tx, {site.fence}, at(10), limit);
        });
    }
    StillWanted wanted(core::CommandId id) {
        return test.collector().transact(Scope::none(), "wanted", [&](Transaction& tx) {
            return is_still_wanted(tx, site.fence, id, at(11));
        });
    }
    void finish(core::CommandId id, CommandState state) {
        test.collector().transact(Scope::none(), "finish", [&](Transaction& tx) {
            finish_command(tx, site.fence, id, state, "because", "{}", at(12));
        });
    }
    void hold(int batch, BatchState state) {
        test.server().transact(site.scope(), "hold", [&](Transaction& tx) {
            REQUIRE(lock_batch(tx, site.property, uuid(batch)));
            hold_batch(tx, site.property, uuid(batch), state);
        });
    }
    StoredBatch get(int batch) {
        return *test.server().transact(
            site.scope(), "get", [&](Transaction& tx) { return find_batch(tx, site.property, uuid(batch)); });
    }

    TestDatabase test;
    TestSite site;
};

}  // namespace

TEST_CASE("batches: a paused one is not claimed, and what was claimed but not sent goes back", "[batches]") {
    Desk desk{4};
    const auto ids = desk.send(1);
    const auto claimed = desk.claim(2);
    REQUIRE(claimed.size() == 2);
    CHECK(desk.get(1).waiting == 4);                        // a collector has two of them, and has sent none
    CHECK(desk.wanted(claimed[0].id) == StillWanted::yes);  // on its way to the meter
    CHECK(desk.get(1).waiting == 3);
    CHECK(desk.get(1).running == 1);

    desk.hold(1, BatchState::paused);
    CHECK(desk.wanted(claimed[1].id) == StillWanted::held);
    CHECK(desk.claim().empty());
    // What was sent goes on, to its end and also to a second attempt.
    CHECK(desk.wanted(claimed[0].id) == StillWanted::yes);
    desk.finish(claimed[0].id, CommandState::done);
    auto batch = desk.get(1);
    CHECK(batch.state == BatchState::paused);
    CHECK(batch.waiting == 3);
    CHECK(batch.running == 0);
    CHECK(batch.done == 1);
    CHECK_FALSE(batch.finished());
    CHECK_FALSE(batch.finished_at);

    desk.hold(1, BatchState::open);
    const auto rest = desk.claim();
    REQUIRE(rest.size() == 3);
    for (const auto& one : rest) {
        CHECK(desk.wanted(one.id) == StillWanted::yes);
        desk.finish(one.id, CommandState::done);
    }
    batch = desk.get(1);
    CHECK(batch.finished());
    CHECK(batch.finished_at == at(12));
    CHECK(batch.started_at == at(10));
}

TEST_CASE("batches: a paused one still expires", "[batches]") {
    Desk desk{3};
    desk.send(1);
    desk.hold(1, BatchState::paused);
    desk.test.server().transact(Scope::all(), "expire",
                                [](Transaction& tx) { CHECK(expire_commands(tx, at(1001), 100) == 3); });
    CHECK(desk.get(1).expired == 3);
    CHECK(desk.get(1).finished());
}

TEST_CASE("batches: stopping cancels what was not sent, and nothing else", "[batches]") {
    Desk desk{3};
    const auto ids = desk.send(1);
    const auto claimed = desk.claim(2);
    CHECK(desk.wanted(claimed[0].id) == StillWanted::yes);
    desk.hold(1, BatchState::paused);
    desk.test.server().transact(desk.site.scope(), "stop", [&](Transaction& tx) {
        REQUIRE(lock_batch(tx, desk.site.property, uuid(1)));
        CHECK(stop_batch(tx, desk.site.property, uuid(1), "enough", at(13)) == 2);
    });
    CHECK(desk.wanted(claimed[1].id) == StillWanted::cancelled);
    CHECK(desk.get(1).state == BatchState::stopped);
    CHECK(desk.get(1).running == 1);
    desk.finish(claimed[0].id, CommandState::failed);
    CHECK(desk.get(1).finished());
    CHECK(desk.get(1).cancelled == 2);
    CHECK(desk.get(1).failed == 1);
}

TEST_CASE("batches: failures are tried again once, by the newest batch", "[batches]") {
    Desk desk{3};
    const auto ids = desk.send(1);
    const auto claimed = desk.claim();
    REQUIRE(claimed.size() == 3);
    for (const auto& one : claimed) {
        CHECK(desk.wanted(one.id) == StillWanted::yes);
        desk.finish(one.id, one.id == ids[1] ? CommandState::done : CommandState::failed);
    }
    const auto to_retry = [&](int batch) {
        return desk.test.server().transact(desk.site.scope(), "retry", [&](Transaction& tx) {
            return meters_to_retry(tx, desk.site.property, uuid(batch));
        });
    };
    CHECK(to_retry(1) == std::vector{desk.site.meters[0], desk.site.meters[2]});
    CHECK(desk.get(1).retryable == 2);
    desk.send(2, 1);
    CHECK(to_retry(1).empty());
    CHECK(desk.get(1).retryable == 0);
    CHECK(desk.get(1).retried_by == uuid(2));
    CHECK(desk.get(2).retry_of == uuid(1));
}

TEST_CASE("batches: listed newest first, by page, by what is unfinished, and behind the wall", "[batches]") {
    Desk desk{2};
    const TestSite other{desk.test, "P2", 1};
    desk.send(1);
    desk.send(2);
    for (const auto& one : desk.claim()) {
        if (one.batch_id == uuid(1)) {
            CHECK(desk.wanted(one.id) == StillWanted::yes);
            desk.finish(one.id, CommandState::done);
        }
    }
    const auto list = [&](BatchFilter filter, std::int64_t before, int limit) {
        filter.property = desk.site.property;
        std::vector<std::string> ids;
        for (const auto& batch : desk.test.server().transact(desk.site.scope(), "list", [&](Transaction& tx) {
                 return list_batches(tx, filter, before, limit);
             })) {
            ids.push_back(batch.batch_id);
        }
        return ids;
    };
    CHECK(list({}, 0, 10) == std::vector{uuid(2), uuid(1)});
    CHECK(list({}, desk.get(2).number, 10) == std::vector{uuid(1)});
    BatchFilter filter;
    filter.unfinished_only = true;
    CHECK(list(filter, 0, 10) == std::vector{uuid(2)});
    filter = {};
    filter.meters_min = 3;
    CHECK(list(filter, 0, 10).empty());
    filter = {};
    filter.to = desk.get(2).created_at;
    CHECK(list(filter, 0, 10) == std::vector{uuid(1)});
    desk.test.server().transact(other.scope(), "other", [&](Transaction& tx) {
        CHECK_FALSE(find_batch(tx, desk.site.property, uuid(1)));
        CHECK_FALSE(lock_batch(tx, desk.site.property, uuid(1)));
    });
}
