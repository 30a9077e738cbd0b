#include "storage/held_meters.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "storage/account_lock.hpp"
#include "storage/commands.hpp"
#include "storage/held_charging.hpp"
#include "storage/ledger.hpp"
#include "storage/local_clock.hpp"
#include "storage/meter_states.hpp"
#include "storage/parameters.hpp"
#include "storage/readings.hpp"
#include "storage/sales.hpp"
#include "storage/tariff_json.hpp"
#include "storage/tariff_state_json.hpp"
#include "storage/tariffs.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using namespace std::chrono_literals;
using core::Energy;
using core::Money;
using tests::TestDatabase;
using tests::TestSite;
using tests::uuid;

namespace {

/// One meter run server-held with an account, charged 1.00 per kWh by a plan. The database gives commands
/// their time, so that this test lives in the present.
struct Desk {
    template <class Body>
    auto in(Body body) {
        return test.server().transact(site.scope(), "held", body);
    }
    Desk() : site(test, "P1", 2), meter(site.meters[0]) {
        in([&](Transaction& tx) {
            const auto plan = insert_tariff_plan(tx, site.property, "flat", {core::OperatorId{1}, start});
            add_tariff_version(
                tx, site.property, plan,
                tariff_version_of(parse_local_day("2020-01-01"), R"({"prices": {"flat": "1"}})"),
                parse_local_day("2020-01-01"), {core::OperatorId{1}, start});
            assign_tariff(tx, site.property, {}, plan, parse_local_day("2020-01-01"),
                          {core::OperatorId{1}, start});
            CHECK(begin_held(tx, site.property, meter, "plain meter", {core::OperatorId{1}, start}));
            CHECK_FALSE(begin_held(tx, site.property, meter, "again", {core::OperatorId{1}, start}));
        });
        account = site.account({meter});
        in([&](Transaction& tx) {
            begin_charging(tx, site.property, account, meter, {start, Energy{10'000}}, start);
        });
        look(0s, 10'000, true);
    }

    Money sell(std::int64_t e4) {
        in([&](Transaction& tx) {
            NewSale sale;
            sale.account = account;
            sale.meter = meter;
            sale.amount = Money{e4};
            sale.operator_id = core::OperatorId{1};
            sale.request_id = uuid(++requests);
            const auto facts = lock_sale_facts(tx, site.property, account, meter);
            REQUIRE(facts.held);
            sale.held = true;
            const auto ids = insert_sale(tx, site.property, sale);
            CHECK(ids.entry);
            CHECK_FALSE(ids.delivery);
            done = apply_cut_off(tx, site.property, meter, {Money{50'000}, Money{20'000}}, now()).value();
        });
        return done.balance;
    }
    /// A reading, and the state of the same look.
    void read(std::chrono::seconds after, std::int64_t wh) {
        ReadingRow row;
        row.property = site.property;
        row.meter = meter;
        row.read_at = start + after;
        row.energy_wh = wh;
        put_readings(test.collector(), {row});
    }
    void look(std::chrono::seconds after, std::int64_t wh, bool closed) {
        MeterStateRow row;
        row.property = site.property;
        row.meter = meter;
        row.attempted_at = start + after;
        row.answered_at = start + after;
        row.energy_wh = wh;
        row.balance_e4 = 77;  // what the register shows is nobody's credit
        row.relay_closed = closed;
        row.prepaid_enabled = false;
        row.alarms = std::vector<std::string>{};
        test.collector().transact(Scope::none(), "state",
                                  [&](Transaction& tx) { put_meter_states(tx, {row}); });
    }
    /// What the server's job does, for all that is due.
    int round() {
        int charged = 0;
        for (const auto& due : test.server().transact(
                 Scope::all(), "due", [&](Transaction& tx) { return list_due(tx, now(), 100); })) {
            in([&](Transaction& tx) {
                if (take_due(tx, due, now())) {
                    outcome = charge_held_meter(tx, due.property, due.meter, defaults, plans, now());
                    charged += outcome.entry ? 1 : 0;
                    if (outcome.cut_off) {
                        done = *outcome.cut_off;
                    }
                }
            });
        }
        return charged;
    }
    [[nodiscard]] core::Timestamp now() const {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    std::string wanted(core::CommandId id) {
        return test.collector().transact(Scope::none(), "wanted", [&](Transaction& tx) {
            const auto claimed = claim_commands(tx, {site.fence}, now(), 100);
            const auto wanted = is_still_wanted(tx, site.fence, id, now());
            if (wanted == StillWanted::yes) {
                finish_command(tx, site.fence, id, core::CommandState::done, "", "{}", now());
                return std::string{"done"};
            }
            return tx.exec1("SELECT reason FROM command WHERE command_id = $1", id)[0].as<std::string>();
        });
    }
    std::set<std::string> alarms() {
        std::set<std::string> kinds;
        for (const auto& row : test.as_superuser("SELECT kind FROM alarm WHERE cleared_at IS NULL")) {
            kinds.insert(row[0].as<std::string>());
        }
        return kinds;
    }
    Money on_the_wall() {
        return Money{test.as_superuser("SELECT balance_e4 FROM meter_state")[0][0].as<std::int64_t>()};
    }
    void must_balance() {
        const auto sums = in([&](Transaction& tx) { return trial_balance(tx, site.property); });
        CHECK(sums.sum == Money{});
    }

    TestDatabase test;
    TestSite site;
    core::MeterId meter;
    core::AccountId account;
    core::Timestamp start = std::chrono::floor<std::chrono::seconds>(now()) - 1h;
    HeldDefaults defaults{core::Price{10'000}, Money{}, {Money{50'000}, Money{20'000}}};
    PlanCache plans;
    HeldOutcome outcome;
    CutOffDone done;
    int requests = 0;
};

}  // namespace

TEST_CASE("held meters: from the reading to the switch-off, and from the payment to the switch-on",
          "[held]") {
    Desk desk;
    CHECK(desk.sell(100'000) == Money{100'000});
    CHECK(desk.on_the_wall() == Money{100'000});
    CHECK(desk.round() == 0);

    desk.read(10min, 12'000);
    CHECK(desk.round() == 1);
    CHECK(desk.outcome.booked == Money{20'000});
    CHECK(desk.on_the_wall() == Money{80'000});
    CHECK(desk.alarms().empty());
    // The same reading once more, an old one that comes late, a job that runs again: nothing.
    desk.read(10min, 12'000);
    desk.read(5min, 11'500);
    CHECK(desk.round() == 0);
    CHECK(desk.round() == 0);

    desk.read(20min, 15'500);
    CHECK(desk.round() == 1);
    CHECK(desk.alarms() == std::set<std::string>{"alarm_1"});
    desk.read(30min, 18'500);
    CHECK(desk.round() == 1);
    CHECK(desk.alarms() == std::set<std::string>{"alarm_2"});
    CHECK_FALSE(desk.done.command);
    desk.read(40min, 20'500);
    CHECK(desk.round() == 1);
    CHECK(desk.alarms() == std::set<std::string>{"arrears"});
    CHECK(desk.on_the_wall() == Money{-5'000});
    const auto off = desk.done.command;
    REQUIRE(off);
    // What the meter says of its own credit changes neither the wall nor the alarms.
    desk.look(41min, 20'500, true);
    CHECK(desk.on_the_wall() == Money{-5'000});
    CHECK(desk.alarms() == std::set<std::string>{"arrears"});
    // Under way: no second order.
    desk.read(42min, 20'600);
    CHECK(desk.round() == 1);
    CHECK_FALSE(desk.done.command);
    CHECK(desk.wanted(off) == "done");

    CHECK(desk.sell(100'000) == Money{94'000});
    CHECK(desk.done.decision.action == core::RelayAction::switch_on);
    REQUIRE(desk.done.command);
    CHECK(desk.alarms().empty());
    CHECK(desk.wanted(desk.done.command) == "done");
    desk.must_balance();
}

TEST_CASE("held meters: a switch-off is looked at once more before it is sent", "[held]") {
    Desk desk;
    desk.sell(10'000);
    desk.read(10min, 12'000);
    CHECK(desk.round() == 1);
    const auto off = desk.done.command;
    REQUIRE(off);
    SECTION("the tenant has paid") {
        desk.sell(100'000);
        CHECK(desk.wanted(off) == "the tenant has credit again");
    }
    SECTION("the unit is guarded now") {
        desk.in([&](Transaction& tx) {
            const auto unit = tx.exec1("SELECT unit_id FROM unit")[0].as<std::int64_t>();
            set_guard(tx, desk.site.property, core::UnitId{unit}, core::UnitGuard::medical, "a machine",
                      {core::OperatorId{1}, desk.now()});
            CHECK(list_guarded_units(tx, desk.site.property, {}, 10).size() == 1);
        });
        CHECK(desk.wanted(off) == core::sentence_of(core::PostponeReason::guarded));
    }
    SECTION("it is quiet now") {
        desk.in([&](Transaction& tx) {
            const auto second = std::chrono::floor<std::chrono::seconds>(desk.now());
            const auto local = local_clock(tx, desk.site.property, second - 24h, second + 24h);
            const auto wall = local.wall(std::chrono::floor<std::chrono::seconds>(desk.now()));
            const auto minute =
                std::chrono::floor<std::chrono::minutes>(wall - std::chrono::floor<std::chrono::days>(wall))
                    .count();
            set_parameter(tx, desk.site.property, "quiet_from_min", std::to_string((minute + 1'439) % 1'440));
            set_parameter(tx, desk.site.property, "quiet_to_min", std::to_string((minute + 3) % 1'440));
        });
        CHECK(desk.wanted(off) == core::sentence_of(core::PostponeReason::quiet_hours));
        // The job asks again when the quiet hours are over.
        desk.read(11min, 12'100);
        desk.round();
        CHECK(desk.done.decision.why == core::PostponeReason::quiet_hours);
        CHECK(desk.test.as_superuser("SELECT count(*) FROM held_due WHERE due_at > now()")[0][0].as<int>() ==
              1);
    }
    SECTION("the reading is too old") {
        desk.in([&](Transaction& tx) { set_parameter(tx, desk.site.property, "held_stale_s", "60"); });
        CHECK(desk.wanted(off) == core::sentence_of(core::PostponeReason::stale_reading));
    }
    SECTION("nothing has changed") {
        CHECK(desk.wanted(off) == "done");
    }
}

TEST_CASE("held meters: two servers at once, and one that dies, charge a reading once", "[held]") {
    Desk desk;
    desk.sell(10'000'000);
    std::int64_t wh = 10'000;
    for (int i = 1; i <= 20; ++i) {
        wh += 130;
        desk.read(std::chrono::minutes{i}, wh);
        if (i % 4 == 0) {
            // Everything was done, and then the process is gone before the commit.
            try {
                desk.in([&](Transaction& tx) {
                    CHECK(take_due(tx, {desk.site.property, desk.meter}, desk.now()));
                    CHECK(charge_held_meter(tx, desk.site.property, desk.meter, desk.defaults, desk.plans,
                                            desk.now())
                              .entry);
                    throw std::runtime_error("killed");
                });
            } catch (const std::runtime_error&) {
            }
        }
        std::vector<std::thread> servers;
        for (int server = 0; server < 3; ++server) {
            servers.emplace_back([&] {
                PlanCache own;
                desk.in([&](Transaction& tx) {
                    // Also one that finds nothing in the queue: the watermark alone has to be enough.
                    static_cast<void>(take_due(tx, {desk.site.property, desk.meter}, desk.now()));
                    static_cast<void>(charge_held_meter(tx, desk.site.property, desk.meter, desk.defaults,
                                                        own, desk.now()));
                });
            });
        }
        for (auto& server : servers) {
            server.join();
        }
    }
    const auto sums = desk.test.as_superuser(
        "SELECT count(*), count(DISTINCT e.memo), sum(p.amount_e4) FROM journal_entry e JOIN posting p USING "
        "(property_id, entry_id) WHERE e.kind = 'consumption' AND p.account = 'prepaid_credit'");
    CHECK(sums[0][0].as<int>() == 20);
    CHECK(sums[0][1].as<int>() == 20);
    CHECK(sums[0][2].as<std::int64_t>() == 26'000);
    CHECK(desk.on_the_wall() == Money{10'000'000 - 26'000});
    desk.must_balance();
}

TEST_CASE("held meters: a register that went backwards stops the charging until a person has looked",
          "[held]") {
    Desk desk;
    desk.sell(100'000);
    desk.read(10min, 9'000);
    CHECK(desk.round() == 0);
    CHECK_THAT(desk.outcome.stopped, Catch::Contains("9000 Wh after 10000 Wh"));
    CHECK(desk.alarms() == std::set<std::string>{"not_charged"});
    desk.read(20min, 9'500);
    CHECK(desk.round() == 0);
    const auto row =
        desk.in([&](Transaction& tx) { return list_held_meters(tx, desk.site.property, {}, 10).at(0); });
    CHECK(row.stopped);
    desk.in([&](Transaction& tx) {
        CHECK(go_on_charging(tx, desk.site.property, desk.meter, {desk.start + 20min, Energy{9'500}},
                             desk.now()));
    });
    desk.read(30min, 9'700);
    CHECK(desk.round() == 1);
    CHECK(desk.outcome.booked == Money{2'000});
    CHECK(desk.alarms().empty());
}

TEST_CASE("held meters: closing charges the end, and what is left is payable", "[held]") {
    Desk desk;
    desk.sell(50'000);
    desk.read(10min, 11'000);
    const bool debt = GENERATE(false, true);
    if (debt) {
        desk.read(20min, 17'000);
    }
    desk.in([&](Transaction& tx) {
        CHECK(begin_closing(tx, desk.site.property, desk.account, desk.now())->size() == 1);
        const auto closed =
            close_held_meter(tx, desk.site.property, desk.meter, desk.defaults, desk.plans, desk.now());
        CHECK(closed.account_closed);
        CHECK(closed.balance == Money{debt ? -20'000 : 40'000});
    });
    desk.in([&](Transaction& tx) {
        const auto left = account_balances(tx, desk.site.property, desk.account);
        CHECK(left.prepaid_credit == Money{});
        CHECK(left.refund_payable == Money{debt ? -20'000 : 40'000});
        CHECK(find_account(tx, desk.site.property, desk.account)->state == AccountState::closed);
        CHECK(end_held(tx, desk.site.property, desk.meter, {core::OperatorId{1}, desk.now()}));
        CHECK_FALSE(is_held(tx, desk.site.property, desk.meter));
    });
    desk.must_balance();
}

TEST_CASE("held meters: what a tariff carries is kept as it is", "[held]") {
    core::TariffState state;
    CHECK(tariff_state_of("{}") == state);
    CHECK(tariff_state_of(tariff_state_json(state)) == state);
    state.through = core::Instant{1'772'352'000s};
    state.version = parse_local_day("2026-01-01");
    state.meter = "17";
    state.step_period = std::chrono::year{2026} / 12;
    state.step_used = Energy{12'345};
    state.rest = core::Remainder{999};
    state.tax_rests = {{{1'300, false}, 77}, {{600, true}, 3}};
    state.below_quantum = Money{42};
    state.whole_charged = std::chrono::year{2026} / 1;
    state.month = std::chrono::year{2026} / 3;
    state.month_charged = 123'456'789'012;
    state.month_minimum = 5;
    CHECK(tariff_state_of(tariff_state_json(state)) == state);
    CHECK_THROWS_AS(tariff_state_of("[1]"), std::invalid_argument);
    CHECK_THROWS_AS(tariff_state_of("nonsense"), std::invalid_argument);
}

TEST_CASE("local clock: PostgreSQL's zones as core wants them", "[held][local_time]") {
    Desk desk;
    desk.test.as_superuser("UPDATE property SET time_zone = 'Europe/Berlin'");
    const core::Instant change{std::chrono::sys_days{std::chrono::year{2026} / 3 / 29} + 1h};
    const core::Instant autumn{std::chrono::sys_days{std::chrono::year{2025} / 10 / 26} + 1h};
    const auto local = desk.in([&](Transaction& tx) {
        return local_clock(tx, desk.site.property, autumn - 9'000h, change + 9'001h + 7min);
    });
    CHECK(local.look(change - 1s).offset == 1h);
    CHECK(local.look(change).offset == 2h);
    CHECK(local.look(autumn - 9'000h).offset == 2h);
    CHECK(local.look(autumn - 1s).offset == 2h);
    CHECK(local.look(autumn).offset == 1h);
    // Also when the change is on the last day that was asked for.
    const auto until = desk.in(
        [&](Transaction& tx) { return local_clock(tx, desk.site.property, change - 1h, change + 1s); });
    CHECK(until.look(change - 1s).offset == 1h);
    CHECK(until.look(change).offset == 2h);
}
