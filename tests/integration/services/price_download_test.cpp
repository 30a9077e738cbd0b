// Prices of plans on their way to the meters.
#include <catch2/catch.hpp>

#include "tests/integration/services/tariff_desk.hpp"

using namespace wutong;
using namespace wutong::tests;

namespace {

struct PriceDesk : TariffDesk {
    using TariffDesk::TariffDesk;

    v1::ListTariffDownloadsResponse downloads() {
        v1::ListTariffDownloadsRequest request;
        request.set_property_id(property());
        return counter.client().must(&Tariffs::ListDownloads, request);
    }
    v1::ListPriceChangesResponse changes(bool late_only = false) {
        v1::ListPriceChangesRequest request;
        request.set_property_id(property());
        request.set_late_only(late_only);
        return counter.client().must(&Tariffs::ListPriceChanges, request);
    }
    /// A reading of what the register shows now.
    void reading(core::MeterId meter, const std::string& ago) {
        counter.database.as_superuser("SELECT ensure_reading_partition((now() - interval '" + ago +
                                      "')::date)");
        counter.database.as_superuser(
            "INSERT INTO reading (property_id, meter_id, read_at, energy_wh) VALUES (" +
            std::to_string(property()) + ", " + std::to_string(meter.value) + ", now() - interval '" + ago +
            "', " + std::to_string(counter.field.meter(meter).now.energy.watt_hours()) + ")");
    }
    std::int64_t commands() const { return counter.count("command WHERE kind = 'set_price'"); }
    /// The job comes round every two seconds.
    template <class Holds>
    bool soon(Holds holds) {
        for (int i = 0; i < 150; ++i) {
            if (holds()) {
                return true;
            }
            std::this_thread::sleep_for(std::chrono::milliseconds{100});
        }
        return false;
    }
};

}  // namespace

TEST_CASE("price download: the plan's price is sent once, confirmed, and what was late is said",
          "[services][tariff]") {
    Counter counter{2};
    PriceDesk desk{counter};
    const auto meter = counter.site.meters[0];
    counter.open_and_deliver({{meter, 500'000}, {counter.site.meters[1], 500'000}});
    const auto plan = desk.create("dear", TariffDesk::flat(desk.day(0), 12'000)).plan_id();
    CHECK(desk.downloads().downloads().empty());
    desk.reading(meter, "10 minutes");
    desk.assign(plan, meter);
    REQUIRE(desk.soon([&] { return desk.downloads().downloads_size() == 1; }));
    const auto waiting = desk.downloads().downloads(0);
    CHECK(waiting.meter_id() == meter.value);
    CHECK(waiting.wanted_price_e4() == 12'000);
    CHECK(waiting.held_price_e4() == 10'000);
    CHECK(waiting.state() == "sent");
    CHECK(waiting.attempts() == 1);
    CHECK(waiting.plan_name() == "dear");

    // 1000 Wh at the old price, and then the meter says that it has the new one.
    counter.field.meter(meter).use(core::Energy{1'000});
    counter.field.poll(counter.site, meter);
    desk.reading(meter, "0 s");
    CHECK(counter.field.obey() == 1);
    REQUIRE(desk.soon([&] { return desk.downloads().downloads().empty(); }));
    CHECK(desk.commands() == 1);
    const auto changes = desk.changes();
    REQUIRE(changes.changes_size() == 1);
    const auto& change = changes.changes(0);
    CHECK(change.plan_name() == "dear");
    CHECK(change.from_price_e4() == 10'000);
    CHECK(change.to_price_e4() == 12'000);
    CHECK(change.energy_at_confirm_wh() == counter.field.meter(meter).now.energy.watt_hours());
    CHECK(change.confirmed_at().seconds() >= change.effective_at().seconds());
    // When it began lies between two looks at the register; so does what is called late.
    REQUIRE(change.has_late_wh());
    CHECK(change.late_wh() <= 1'000);
    CHECK(change.difference_e4() == change.late_wh() * 2'000 / 1'000);
}

TEST_CASE("price download: a price that was set by hand is put back, and a later version follows",
          "[services][tariff]") {
    Counter counter{1};
    PriceDesk desk{counter};
    const auto meter = counter.site.meters[0];
    counter.open_and_deliver({{meter, 500'000}});
    const auto plan = desk.create("flat", TariffDesk::flat(desk.day(0), 10'000)).plan_id();
    desk.assign(plan);
    auto by_hand = counter.command("set_price", {meter});
    by_hand.set_price_e4(8'000);
    counter.client().must(&Controls::SendCommand, by_hand);
    CHECK(counter.field.obey() == 1);
    // Nothing else has changed, so another version makes the job look at everybody.
    counter.client().must(&Tariffs::AddVersion, desk.version(plan, TariffDesk::flat(desk.day(7), 11'000)));
    REQUIRE(desk.soon([&] { return desk.commands() == 2; }));
    const auto waiting = desk.downloads();
    REQUIRE(waiting.downloads_size() == 1);
    CHECK(waiting.downloads(0).held_price_e4() == 8'000);
    CHECK(waiting.downloads(0).wanted_price_e4() == 10'000);
    CHECK(counter.field.obey() == 1);
    REQUIRE(desk.soon([&] { return desk.downloads().downloads().empty(); }));
    const auto changes = desk.changes();
    REQUIRE(changes.changes_size() == 2);
    CHECK(changes.changes(0).plan_id() == plan);
    CHECK(changes.changes(0).effective_at().seconds() == changes.changes(1).confirmed_at().seconds());
    CHECK(changes.changes(1).plan_id() == 0);
}

TEST_CASE("price download: what a meter refuses is listed with its reason and tried again later",
          "[services][tariff]") {
    Counter counter{1};
    PriceDesk desk{counter};
    const auto meter = counter.site.meters[0];
    counter.open_and_deliver({{meter, 500'000}});
    desk.assign(desk.create("dear", TariffDesk::flat(desk.day(0), 12'000)).plan_id());
    REQUIRE(desk.soon([&] { return desk.commands() == 1; }));
    counter.database.collector().transact(storage::Scope::none(), "refuse", [&](storage::Transaction& tx) {
        const auto& fence = counter.site.fence;
        for (const auto& command : storage::claim_commands(tx, {fence}, wall_clock(), 10)) {
            storage::finish_command(tx, fence, command.id, core::CommandState::failed,
                                    "the meter refused: exception 2", "{}", wall_clock());
        }
    });
    REQUIRE(desk.soon([&] { return desk.downloads().downloads(0).has_next_attempt_at(); }));
    const auto waiting = desk.downloads().downloads(0);
    CHECK(waiting.state() == "waiting");
    CHECK(waiting.why() == "the meter refused: exception 2");
    CHECK(waiting.held_price_e4() == 10'000);
    CHECK(waiting.next_attempt_at().seconds() > waiting.since().seconds() + 30);
    CHECK(desk.commands() == 1);
    CHECK(desk.changes().changes().empty());
    // Its time comes.
    counter.database.as_superuser("UPDATE price_download SET next_attempt_at = now()");
    REQUIRE(desk.soon([&] { return desk.commands() == 2; }));
    CHECK(desk.downloads().downloads(0).attempts() == 2);
}

TEST_CASE("price download: a price that never came before the next one was due is told as such",
          "[services][tariff]") {
    Counter counter{1};
    PriceDesk desk{counter};
    const auto meter = counter.site.meters[0];
    counter.open_and_deliver({{meter, 500'000}});
    desk.reading(meter, "10 minutes");
    const auto first = desk.create("first", TariffDesk::flat(desk.day(0), 12'000)).plan_id();
    const auto second = desk.create("second", TariffDesk::flat(desk.day(0), 13'000)).plan_id();
    desk.assign(first);
    REQUIRE(desk.soon([&] { return desk.commands() == 1; }));
    desk.assign(second, meter);
    REQUIRE(desk.soon([&] { return desk.commands() == 2; }));
    CHECK(counter.count("command WHERE kind = 'set_price' AND state = 'cancelled'") == 1);
    CHECK(desk.downloads().downloads(0).wanted_price_e4() == 13'000);
    const auto told = desk.changes(true);
    REQUIRE(told.changes_size() == 1);
    CHECK(told.changes(0).plan_id() == first);
    CHECK_FALSE(told.changes(0).has_confirmed_at());
    CHECK_FALSE(told.changes(0).has_late_wh());  // nothing was read since
    CHECK(counter.field.obey() == 1);
    REQUIRE(desk.soon([&] { return desk.downloads().downloads().empty(); }));
    CHECK(desk.changes().changes(0).plan_id() == second);
}
