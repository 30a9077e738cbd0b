#include "storage/doubted_readings.hpp"

#include <catch2/catch.hpp>

#include "storage/consumption.hpp"
#include "storage/ledger.hpp"
#include "storage/meter_states.hpp"
#include "storage/polled_meters.hpp"
#include "storage/readings.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

/// A register that can't be is charged by nobody until a person has said what it is.
using namespace wutong;
using namespace wutong::storage;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;

namespace {

struct Meter {
    TestDatabase database;
    TestSite site{database, "P1", 1};
    core::MeterId meter = site.meters[0];
    core::AccountId account = site.account(site.meters);

    Meter() {
        site.opened(meter, core::Energy{5'000}, core::Price{10'000}, core::Money{1'000'000});
        look(5'000, 1);
    }

    /// What the collector stores of one look.
    void look(std::int64_t wh, std::int64_t second, std::optional<core::DoubtedRegister> doubt = std::nullopt,
              bool is_new = true) {
        MeterStateRow state;
        state.property = site.property;
        state.meter = meter;
        state.attempted_at = at(second);
        state.answered_at = at(second);
        state.energy_wh = wh;
        state.balance_e4 = 900'000;
        state.alarms = std::vector<std::string>{};
        ReadingRow reading;
        reading.property = site.property;
        reading.meter = meter;
        reading.read_at = at(second);
        if (doubt) {
            state.register_doubted = !core::is_usable(doubt->verdict);
            state.doubt = doubt->text;
            state.alarms->push_back("implausible");
            if (is_new) {
                reading.doubted = doubt;
            }
        }
        if (!state.register_doubted) {
            reading.energy_wh = wh;
        }
        database.collector().transact(Scope::none(), "state",
                                      [&](Transaction& tx) { put_meter_states(tx, {state}); });
        put_readings(database.collector(), {reading});
    }
    static core::DoubtedRegister doubt(core::Plausibility verdict, std::int64_t shown) {
        core::DoubtedRegister one{verdict, core::Energy{shown}, core::Energy{5'000}, at(1), {}, "can't be"};
        if (verdict == core::Plausibility::rollover) {
            one.capacity = core::Energy{10'000};
        }
        return one;
    }
    std::int64_t number(const std::string& sql) {
        return database.as_superuser("SELECT " + sql)[0][0].as<std::int64_t>();
    }
    core::Money consumed() {
        return database.server().transact(site.scope(), "book", [&](Transaction& tx) {
            book_consumption(tx, site.property, {}, 1000);
            return account_balances(tx, site.property, account).consumed;
        });
    }
    bool decide(std::int64_t id, DoubtDecision decision) {
        return database.server().transact(site.scope(), "decide", [&](Transaction& tx) {
            return decide_doubt(tx, site.property, id, {decision, "seen on site", {1}, at(100)});
        });
    }
    std::vector<DoubtedReading> list(bool open_only = true) {
        return database.server().transact(site.scope(), "list", [&](Transaction& tx) {
            return list_doubted_readings(tx, {site.property, {}, open_only}, 0, 10);
        });
    }
    PolledMeter polled() {
        return database.collector().transact(Scope::all(), "site", [&](Transaction& tx) {
            return polled_site(tx, "collector-1").meters.at(0);
        });
    }
};

}  // namespace

TEST_CASE("doubted readings: a jump is kept apart, alarmed, and charged when a person says so",
          "[plausibility]") {
    Meter one;
    one.look(905'000, 20, Meter::doubt(core::Plausibility::jump, 905'000));
    CHECK(one.consumed() == core::Money{0});
    CHECK(one.number("count(*) FROM reading WHERE energy_wh IS NULL") == 1);
    CHECK(one.number("energy_wh FROM meter_state") == 5'000);
    CHECK(one.number("count(*) FROM alarm WHERE kind = 'implausible' AND cleared_at IS NULL") == 1);
    CHECK(one.polled().jumped_to == core::Energy{905'000});
    // It stands, and is not told again.
    one.look(905'010, 40, Meter::doubt(core::Plausibility::jump, 905'010), false);
    const auto open = one.list();
    REQUIRE(open.size() == 1);
    CHECK(open[0].meter_code == "M1");
    CHECK(open[0].doubt == Meter::doubt(core::Plausibility::jump, 905'000));
    CHECK(one.consumed() == core::Money{0});

    REQUIRE(one.decide(open[0].id, DoubtDecision::used));
    CHECK_FALSE(one.decide(open[0].id, DoubtDecision::ignored));
    CHECK(one.consumed() == core::Money{9'000'000});  // 900 kWh at 1.00
    CHECK(one.number("count(*) FROM alarm WHERE kind = 'implausible' AND cleared_at IS NULL") == 0);
    // The collector is told what is believed now.
    const auto polled = one.polled();
    CHECK(polled.register_decided_at == at(100));
    REQUIRE(polled.register_known);
    CHECK(polled.register_known->energy == core::Energy{905'000});
    CHECK_FALSE(polled.jumped_to);
    CHECK(one.list().empty());
    REQUIRE(one.list(false).size() == 1);
    CHECK(one.list(false)[0].reason == "seen on site");
}

TEST_CASE("doubted readings: a register that was set back counts from there", "[plausibility]") {
    Meter one;
    one.look(6'000, 10);  // one kilowatt-hour that is not booked yet
    auto doubt = Meter::doubt(core::Plausibility::reset, 20);
    doubt.before = core::Energy{6'000};
    one.look(20, 20, doubt);
    const auto id = one.list().at(0).id;
    CHECK_THROWS_AS(one.decide(id, DoubtDecision::used), std::logic_error);
    REQUIRE(one.decide(id, DoubtDecision::anew));
    CHECK(one.consumed() == core::Money{10'000});
    one.look(1'020, 140);
    CHECK(one.consumed() == core::Money{20'000});
    CHECK(one.number("booked_energy_wh FROM account_meter") == 1'020);
}

TEST_CASE("doubted readings: a register that rolled over is charged over its end", "[plausibility]") {
    Meter one;
    one.look(300, 20, Meter::doubt(core::Plausibility::rollover, 300));
    REQUIRE(one.decide(one.list().at(0).id, DoubtDecision::used));
    // 5 000 Wh to the end at 10 000 Wh, and 300 Wh from there.
    CHECK(one.consumed() == core::Money{53'000});
    one.look(400, 140);
    CHECK(one.consumed() == core::Money{54'000});
}

TEST_CASE("doubted readings: what was wrong stays out of the books", "[plausibility]") {
    Meter one;
    one.look(905'000, 20, Meter::doubt(core::Plausibility::jump, 905'000));
    REQUIRE(one.decide(one.list().at(0).id, DoubtDecision::ignored));
    CHECK(one.consumed() == core::Money{0});
    CHECK(one.polled().jumped_to == core::Energy{905'000});  // still doubted while it is shown
    one.look(6'000, 60);
    CHECK(one.consumed() == core::Money{10'000});
    CHECK_FALSE(one.polled().jumped_to);
}

TEST_CASE("doubted readings: torn ones need nobody, and frozen registers are charged by", "[plausibility]") {
    Meter one;
    one.look(70'536, 20, Meter::doubt(core::Plausibility::torn, 70'536));
    CHECK(one.list().empty());
    REQUIRE(one.list(false).size() == 1);
    CHECK(one.list(false)[0].decision == DoubtDecision::settled);
    one.look(5'500, 40, Meter::doubt(core::Plausibility::frozen, 5'500));
    CHECK(one.consumed() == core::Money{5'000});
    // Stored once, whoever brings it.
    one.look(5'500, 40, Meter::doubt(core::Plausibility::frozen, 5'500));
    CHECK(one.list().size() == 1);
}
