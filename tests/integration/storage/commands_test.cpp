#include "storage/commands.hpp"

#include <catch2/catch.hpp>
#include <set>

#include "storage/ledger.hpp"
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
    explicit Desk(int meters = 3) : site(test, "P1", meters) {}

    std::vector<core::CommandId> order(CommandKind kind, core::Timestamp expires = at(1000),
                                       const std::string& arguments = "{}", const std::string& batch = "") {
        return test.server().transact(site.scope(), "order", [&](Transaction& tx) {
            NewCommands commands;
            commands.property = site.property;
            commands.meters = site.meters;
            commands.kind = kind;
            commands.arguments = arguments;
            commands.expires_at = expires;
            commands.operator_id = core::OperatorId{1};
            commands.batch_id = batch;
            return insert_commands(tx, commands);
        });
    }
    std::vector<StoredCommand> claim(core::Timestamp now = at(10), int limit = 100) {
        return test.collector().transact(Scope::none(), "claim", [&](Transaction& tx) {
            return claim_commands(tx, {site.fence}, now, limit);
        });
    }
    StillWanted wanted(core::CommandId id, core::Timestamp now = at(11)) {
        return test.collector().transact(Scope::none(), "wanted", [&](Transaction& tx) {
            return is_still_wanted(tx, site.fence, id, now);
        });
    }
    void finish(core::CommandId id, CommandState state = CommandState::done, const PriceFound& found = {}) {
        test.collector().transact(Scope::none(), "finish", [&](Transaction& tx) {
            finish_command(tx, site.fence, id, state, "because", R"({"a": 1})", at(12), found);
        });
    }
    bool cancel(core::CommandId id) {
        return test.server().transact(site.scope(), "cancel", [&](Transaction& tx) {
            return cancel_command(tx, site.property, id, "changed my mind", at(9));
        });
    }
    StoredCommand get(core::CommandId id) {
        return *test.server().transact(site.scope(), "get",
                                       [&](Transaction& tx) { return find_command(tx, site.property, id); });
    }

    TestDatabase test;
    TestSite site;
};

}  // namespace

TEST_CASE("commands: from the batch to the result", "[commands]") {
    Desk desk;
    const auto ids = desk.order(CommandKind::set_settings, at(1000), R"({"alarm_1_e4": 5})", uuid(9));
    REQUIRE(ids.size() == 3);
    const auto claimed = desk.claim();
    REQUIRE(claimed.size() == 3);
    CHECK(claimed[0].id == ids[0]);
    CHECK(claimed[0].meter == desk.site.meters[0]);
    CHECK(claimed[0].meter_code == "M1");
    CHECK(claimed[0].channel == desk.site.channel);
    CHECK(claimed[2].bus_address == 3);
    CHECK(claimed[0].arguments == R"({"alarm_1_e4": 5})");
    CHECK(claimed[0].attempts == 1);
    CHECK(desk.claim().empty());
    CHECK(desk.wanted(ids[0]) == StillWanted::yes);
    CHECK(desk.wanted(ids[0]) == StillWanted::yes);
    desk.finish(ids[0]);
    desk.finish(ids[0]);
    const auto done = desk.get(ids[0]);
    CHECK(done.state == CommandState::done);
    CHECK(done.reason == "because");
    CHECK(done.result == R"({"a": 1})");
    CHECK(done.sent_at == at(11));
    CHECK(done.finished_at == at(12));
    CHECK(done.batch_id == uuid(9));
    CHECK_THROWS_AS(desk.finish(ids[0], CommandState::failed), LeaseLost);
    CHECK_THROWS_AS(desk.finish(ids[1], CommandState::cancelled), std::logic_error);
    desk.test.server().transact(desk.site.scope(), "list", [&](Transaction& tx) {
        CHECK(list_commands(tx, {desk.site.property, {}, uuid(9), false}, {}, 10).size() == 3);
        CHECK(list_commands(tx, {desk.site.property, {}, uuid(9), true}, {}, 10).size() == 2);
        CHECK(list_commands(tx, {desk.site.property, {}, uuid(8), false}, {}, 10).empty());
        const auto page = list_commands(tx, {desk.site.property, {}, "", false}, {}, 2);
        CHECK(page[0].id == ids[2]);
        CHECK(list_commands(tx, {desk.site.property, {}, "", false}, page.back().id, 2).size() == 1);
        CHECK(list_commands(tx, {desk.site.property, desk.site.meters[1], "", false}, {}, 10).size() == 1);
    });
}

TEST_CASE("commands: a relay command doesn't stand behind prices", "[commands]") {
    Desk desk;
    desk.order(CommandKind::set_price, at(1000), R"({"price_e4": 5})");
    const auto urgent = desk.order(CommandKind::switch_off);
    const auto claimed = desk.claim(at(10), 3);
    REQUIRE(claimed.size() == 3);
    for (const auto& command : claimed) {
        CHECK(command.kind == CommandKind::switch_off);
    }
}

TEST_CASE("commands: nobody who has paid is switched off, also not by a second attempt", "[commands]") {
    Desk desk;
    const auto ids = desk.order(CommandKind::switch_off);
    REQUIRE(desk.claim().size() == ids.size());
    REQUIRE(desk.wanted(ids[0]) == StillWanted::yes);  // a first attempt went out and got no answer
    const auto pay = [&](const char* when, const char* state) {
        desk.test.as_superuser(
            std::string(
                "WITH c AS (INSERT INTO customer (property_id, name) SELECT property_id, 'Tea' FROM property "
                "RETURNING property_id, customer_id), "
                "a AS (INSERT INTO account (property_id, number, customer_id) SELECT property_id, "
                "'N' || customer_id, customer_id FROM c RETURNING property_id, account_id) "
                "INSERT INTO credit_delivery (property_id, meter_id, account_id, kind, amount_e4, state, "
                "queued_at) "
                "SELECT k.property_id, k.meter_id, a.account_id, 'top_up', 10000, '") +
            state + "', k.created_at " + when +
            " FROM command k JOIN a USING (property_id) WHERE k.command_id = " +
            std::to_string(ids[0].value));
    };
    pay("- interval '1 second'", "delivered");  // an operator who switches off after a payment means it
    CHECK(desk.wanted(ids[0]) == StillWanted::yes);
    pay("+ interval '1 second'", "refused");
    CHECK(desk.wanted(ids[0]) == StillWanted::yes);
    pay("+ interval '1 second'", "queued");
    CHECK(desk.wanted(ids[0]) == StillWanted::cancelled);
    CHECK(desk.get(ids[0]).state == CommandState::cancelled);
    CHECK(desk.get(ids[0]).reason.find("an earlier attempt got no answer") != std::string::npos);
    CHECK(desk.wanted(ids[1]) == StillWanted::yes);
}

TEST_CASE("commands: no late ones", "[commands]") {
    Desk desk;
    const auto ids = desk.order(CommandKind::switch_off, at(100));
    CHECK(desk.claim(at(100)).empty());
    REQUIRE(desk.claim(at(99)).size() == 3);
    CHECK(desk.wanted(ids[0], at(99)) == StillWanted::yes);
    CHECK(desk.wanted(ids[1], at(100)) == StillWanted::expired);
    CHECK(desk.get(ids[1]).state == CommandState::expired);
    CHECK(!desk.get(ids[1]).sent_at);
    CHECK(desk.wanted(ids[1], at(100)) == StillWanted::expired);
    const auto late = desk.order(CommandKind::switch_off, at(100));
    const auto expire = [&](core::Timestamp now) {
        return desk.test.server().transact(Scope::all(), "expire",
                                           [&](Transaction& tx) { return expire_commands(tx, now, 1000); });
    };
    CHECK(expire(at(99)) == 0);
    CHECK(expire(at(100)) == 3);
    CHECK(expire(at(100)) == 0);
    CHECK(desk.get(late[0]).state == CommandState::expired);
    CHECK(expire(at(700)) == 2);  // two were left running, and nobody said how they ended
    CHECK(desk.get(ids[0]).reason.find("did not say") != std::string::npos);
}

TEST_CASE("commands: can be cancelled until they are sent", "[commands]") {
    Desk desk;
    const auto ids = desk.order(CommandKind::switch_off);
    CHECK(desk.cancel(ids[0]));
    CHECK(!desk.cancel(ids[0]));
    REQUIRE(desk.claim().size() == 2);
    CHECK(desk.cancel(ids[1]));  // claimed, not sent
    CHECK(desk.wanted(ids[1]) == StillWanted::cancelled);
    CHECK(desk.wanted(ids[2]) == StillWanted::yes);
    CHECK(!desk.cancel(ids[2]));
    CHECK_THROWS_AS(desk.cancel(core::CommandId{999}), NotFound);
    desk.finish(ids[2]);
    CHECK(desk.get(ids[2]).state == CommandState::done);
    CHECK(desk.get(ids[1]).reason == "changed my mind");
}

TEST_CASE("commands: fenced by the lease, and handed out anew after a take-over", "[commands]") {
    Desk desk;
    const auto ids = desk.order(CommandKind::guarantee_power);
    REQUIRE(desk.claim().size() == 3);
    const auto old = desk.site.fence;
    desk.test.as_superuser("UPDATE channel SET lease_holder = 'collector-2', lease_epoch = 2");
    CHECK_THROWS_AS(desk.wanted(ids[0]), LeaseLost);
    CHECK_THROWS_AS(desk.finish(ids[0]), LeaseLost);
    desk.site.fence = {old.property, old.channel, "collector-2", 2};
    const auto again = desk.claim();
    REQUIRE(again.size() == 3);
    CHECK(again[0].attempts == 2);
    CHECK_THROWS_AS(desk.test.collector().transact(
                        Scope::none(), "old", [&](Transaction& tx) { put_back_command(tx, old, ids[0]); }),
                    LeaseLost);
    desk.test.collector().transact(Scope::none(), "back",
                                   [&](Transaction& tx) { put_back_command(tx, desk.site.fence, ids[0]); });
    CHECK(desk.get(ids[0]).state == CommandState::queued);
    CHECK(desk.claim().size() == 1);
}

TEST_CASE("commands: a claim that its collector never heard of is put back", "[commands]") {
    Desk desk;
    const auto ids = desk.order(CommandKind::read_now);
    REQUIRE(desk.claim().size() == 3);
    const int back = desk.test.collector().transact(Scope::none(), "sweep", [&](Transaction& tx) {
        return put_back_forgotten_commands(tx, {desk.site.fence}, {ids[1]});
    });
    CHECK(back == 2);
    CHECK(desk.get(ids[1]).state == CommandState::running);
    CHECK(desk.claim().size() == 2);
}

TEST_CASE("commands: a price that was set is the price that is booked from then on", "[commands]") {
    Desk desk{1};
    const auto account = desk.site.account(desk.site.meters);
    desk.site.opened(desk.site.meters[0], core::Energy{0}, core::Price{10'000}, core::Money{1'000'000});
    const auto ids = desk.order(CommandKind::set_price, at(1000), R"({"price_e4": 20000})");
    REQUIRE(desk.claim().size() == 1);
    desk.finish(ids[0], CommandState::done, {core::Energy{3'000}, {}, {}});
    CHECK(desk.test.as_superuser("SELECT booked_price_e4 FROM account_meter")[0][0].as<int>() == 20'000);
    desk.test.server().transact(desk.site.scope(), "look", [&](Transaction& tx) {
        CHECK(account_balances(tx, desk.site.property, account).consumed == core::Money{30'000});
    });
    const auto failed = desk.order(CommandKind::set_price, at(1000), R"({"price_e4": 30000})");
    REQUIRE(desk.claim().size() == 1);
    desk.finish(failed[0], CommandState::failed);
    CHECK(desk.test.as_superuser("SELECT booked_price_e4 FROM account_meter")[0][0].as<int>() == 20'000);
}

namespace {

/// A meter on an account that charges 1.0000, and a set_price to 2.0000 until at(100).
struct PriceDesk : Desk {
    PriceDesk() : Desk(1) {
        account = site.account(site.meters);
        site.opened(site.meters[0], core::Energy{0}, core::Price{10'000}, core::Money{1'000'000});
        id = order(CommandKind::set_price, at(100), R"({"price_e4": 20000})")[0];
    }
    int booked_price() {
        return test.as_superuser("SELECT booked_price_e4 FROM account_meter")[0][0].as<int>();
    }
    int alarms() {
        return test
            .as_superuser(
                "SELECT count(*) FROM alarm WHERE kind = 'price_unknown' AND cleared_at IS NULL")[0][0]
            .as<int>();
    }
    int expire(core::Timestamp now) {
        return test.server().transact(Scope::all(), "expire",
                                      [&](Transaction& tx) { return expire_commands(tx, now, 1000); });
    }
    core::AccountId account;
    core::CommandId id;
};

constexpr int kDay = 86'400;

}  // namespace

TEST_CASE("commands: however a set_price ends, what the meter charges is booked", "[commands]") {
    PriceDesk desk;
    REQUIRE(desk.claim().size() == 1);
    REQUIRE(desk.wanted(desk.id, at(99)) == StillWanted::yes);
    // Late, and on the meter all the same: it stays running until somebody has looked.
    CHECK(desk.wanted(desk.id, at(100)) == StillWanted::too_late);
    CHECK(desk.get(desk.id).state == CommandState::running);
    CHECK_FALSE(desk.cancel(desk.id));
    desk.finish(desk.id, CommandState::expired, {core::Energy{3'000}, core::Price{20'000}, {}});
    CHECK(desk.booked_price() == 20'000);
    desk.test.server().transact(desk.site.scope(), "look", [&](Transaction& tx) {
        CHECK(account_balances(tx, desk.site.property, desk.account).consumed == core::Money{30'000});
    });
}

TEST_CASE("commands: a price that nobody can read back raises an alarm, the next good one clears it",
          "[commands]") {
    PriceDesk desk;
    REQUIRE(desk.claim().size() == 1);
    REQUIRE(desk.wanted(desk.id) == StillWanted::yes);
    desk.finish(desk.id, CommandState::failed, {{}, {}, "the meter could not be read"});
    CHECK(desk.booked_price() == 10'000);
    CHECK(desk.alarms() == 1);
    const auto next = desk.order(CommandKind::set_price, at(1000), R"({"price_e4": 20000})");
    REQUIRE(desk.claim().size() == 1);
    desk.finish(next[0]);
    CHECK(desk.booked_price() == 20'000);
    CHECK(desk.alarms() == 0);
}

TEST_CASE(
    "commands: a price that was sent is handed out past its time, and given up after a day with an alarm",
    "[commands]") {
    PriceDesk desk;
    REQUIRE(desk.claim().size() == 1);
    REQUIRE(desk.wanted(desk.id, at(99)) == StillWanted::yes);
    CHECK(desk.expire(at(800)) == 0);
    // The collector died. Its successor gets the command, and that it was sent.
    desk.test.as_superuser("UPDATE channel SET lease_holder = 'collector-2', lease_epoch = 2");
    desk.site.fence = {desk.site.property, desk.site.channel, "collector-2", 2};
    const auto again = desk.claim(at(800));
    REQUIRE(again.size() == 1);
    CHECK(again[0].sent_at == at(99));
    desk.test.collector().transact(Scope::none(), "back",
                                   [&](Transaction& tx) { put_back_command(tx, desk.site.fence, desk.id); });
    CHECK_FALSE(desk.cancel(desk.id));
    CHECK(desk.claim(at(100 + kDay)).empty());
    CHECK(desk.expire(at(99 + kDay)) == 0);
    CHECK(desk.expire(at(100 + kDay)) == 1);
    CHECK(desk.get(desk.id).state == CommandState::expired);
    CHECK(desk.alarms() == 1);
    CHECK(desk.booked_price() == 10'000);
}

TEST_CASE("commands: ten thousand in one statement, more are refused", "[commands]") {
    Desk desk{1};
    desk.site.meters.assign(10'000, desk.site.meters[0]);
    const auto ids = desk.order(CommandKind::read_now);
    CHECK(std::set<core::CommandId>(ids.begin(), ids.end()).size() == 10'000);
    desk.site.meters.push_back(desk.site.meters[0]);
    CHECK_THROWS_AS(desk.order(CommandKind::read_now), std::invalid_argument);
    desk.site.meters.clear();
    CHECK_THROWS_AS(desk.order(CommandKind::read_now), std::invalid_argument);
}
