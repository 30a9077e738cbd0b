#include <catch2/catch.hpp>

#include "storage/channel_loads.hpp"
#include "storage/line_recordings.hpp"
#include "storage/meter_clocks.hpp"
#include "storage/meter_events.hpp"
#include "storage/meter_records.hpp"
#include "storage/reading_gaps.hpp"
#include "storage/readings.hpp"
#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

/// Events, clocks, missing readings and loads of channels, as collectors and the server store and ask them.
using namespace wutong;
using namespace wutong::storage;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;
using namespace std::chrono_literals;
using Kind = core::MeterEventKind;

namespace {

struct Place {
    TestDatabase database;
    TestSite site{database, "P1", 2};
    core::MeterId meter = site.meters[0];

    std::int64_t number(const std::string& sql) {
        return database.as_superuser("SELECT " + sql)[0][0].as<std::int64_t>();
    }
    void events(core::EventsReport report) {
        database.collector().transact(Scope::none(), "events", [&](Transaction& tx) {
            put_meter_events(tx, {{site.property, meter, std::move(report)}});
        });
    }
    std::vector<MeterRecord> records(const Scope& scope, bool standing_only = false) {
        return database.server().transact(scope, "records", [&](Transaction& tx) {
            return list_meter_records(tx, {site.property, meter, standing_only, {}}, 0, 100);
        });
    }
    std::int64_t live(const char* kind) {
        return number("count(*) FROM alarm WHERE cleared_at IS NULL AND kind = '" + std::string(kind) + "'");
    }
    bool clock(core::Timestamp when, int drift, int step, std::optional<bool> alarm = false) {
        return database.collector().transact(Scope::none(), "clock", [&](Transaction& tx) {
            return note_clock(tx,
                              {site.property, meter, when, std::chrono::seconds{drift}, "note",
                               std::chrono::seconds{step}, alarm},
                              {});
        });
    }
    core::ClockDay day(core::Timestamp when) {
        return database.collector().transact(
            Scope::none(), "day", [&](Transaction& tx) { return clock_day(tx, site.property, meter, when); });
    }
    void reading(std::chrono::seconds second, std::int64_t wh, const char* source) {
        ReadingRow row;
        row.property = site.property;
        row.meter = meter;
        row.read_at = at(0) + second;
        row.energy_wh = wh;
        row.source = source;
        put_readings(database.collector(), {row});
    }
};

}  // namespace

TEST_CASE("upkeep: an event is stored once, alarmed while it stands, and ends", "[upkeep]") {
    Place place;
    const core::EventsReport begins{at(10), {{Kind::overload, true}, {Kind::voltage_loss, false}}, {}};
    place.events(begins);
    place.events(begins);                                   // a restarted collector says it again
    place.events({at(500), {{Kind::overload, true}}, {}});  // and later
    auto records = place.records(place.site.scope());
    REQUIRE(records.size() == 1);
    CHECK(records[0].kind == Kind::overload);
    CHECK(records[0].began_at == at(10));
    CHECK_FALSE(records[0].ended_at);
    CHECK_FALSE(records[0].recorded);
    CHECK(place.live("overload") == 1);
    place.events({at(900), {{Kind::overload, false}}, {}});
    place.events({at(950), {{Kind::overload, false}}, {}});
    records = place.records(place.site.scope());
    REQUIRE(records.size() == 1);
    CHECK(records[0].ended_at == at(900));
    CHECK(place.live("overload") == 0);
    CHECK(place.records(place.site.scope(), true).empty());
    // Again: a second event, and both in the meter's history, with their ends.
    place.events({at(1'000), {{Kind::overload, true}}, {}});
    CHECK(place.records(place.site.scope()).size() == 2);
    const auto history =
        place.database.server().transact(place.site.scope(), "history", [&](Transaction& tx) {
            return list_meter_events(tx, place.site.property, place.meter, at(0), at(2'000), {}, 100);
        });
    const auto count = [&](const char* what) {
        return std::count_if(history.begin(), history.end(), [&](const MeterEvent& event) {
            return event.what == what && event.kind == "overload";
        });
    };
    CHECK(count("event_began") == 2);
    CHECK(count("event_ended") == 1);
    CHECK(count("alarm_raised") == 2);
}

TEST_CASE("upkeep: events that end and begin in one batch", "[upkeep]") {
    Place place;
    place.database.collector().transact(Scope::none(), "events", [&](Transaction& tx) {
        const auto row = [&](std::int64_t second, bool stands) {
            return MeterEventsRow{
                place.site.property, place.meter, {at(second), {{Kind::fault, stands}}, {}}};
        };
        put_meter_events(tx, {row(1, true), row(2, false), row(3, true), row(4, false), row(5, true)});
    });
    CHECK(place.records(place.site.scope()).size() == 3);
    CHECK(place.records(place.site.scope(), true).size() == 1);
    CHECK(place.live("fault") == 1);
}

TEST_CASE("upkeep: events that come again from a spool, whole or in part, change nothing", "[upkeep]") {
    Place place;
    core::EventRecord over{Kind::cover_open, at(20), at(25)};
    const std::vector<core::EventsReport> told{{at(10), {{Kind::overload, true}, {Kind::fault, true}}, {}},
                                               {at(50), {{Kind::overload, true}}, {over}},
                                               {at(90), {{Kind::overload, false}}, {}},
                                               {at(120), {{Kind::overload, true}}, {}}};
    const auto put = [&](std::size_t from, std::size_t count) {
        place.database.collector().transact(Scope::none(), "events", [&](Transaction& tx) {
            std::vector<MeterEventsRow> rows;
            for (std::size_t i = from; i < from + count; ++i) {
                rows.push_back({place.site.property, place.meter, told[i]});
            }
            put_meter_events(tx, rows);
        });
    };
    const auto all = [&] {
        std::string text;
        for (const auto& row : place.database.as_superuser("SELECT e::text FROM meter_event e UNION ALL "
                                                           "SELECT (kind, raised_at, cleared_at)::text FROM "
                                                           "alarm ORDER BY 1")) {
            text += row[0].as<std::string>() + "\n";
        }
        return text;
    };
    put(0, 4);
    const auto before = all();
    CHECK(place.records(place.site.scope()).size() == 4);
    for (std::size_t from = 0; from < told.size(); ++from) {
        for (std::size_t count = 1; from + count <= told.size(); ++count) {
            put(from, count);
            CHECK(all() == before);
        }
    }
    CHECK(place.live("overload") == 1);
}

TEST_CASE("upkeep: what the meter has written down as going on is ended by its record alone", "[upkeep]") {
    Place place;
    const core::EventRecord lasts{Kind::phase_order, at(100), {}};
    place.events({at(110), {{Kind::phase_order, true}}, {}});  // worked out, or by a status word
    place.events({at(120), {{Kind::phase_order, false}}, {lasts}});
    CHECK(place.live("phase_order") == 1);
    CHECK(place.records(place.site.scope(), true).size() == 1);
    place.events({at(130), {{Kind::phase_order, false}}, {}});  // a restarted collector
    CHECK(place.live("phase_order") == 1);
    place.events({at(200), {}, {{Kind::phase_order, at(100), at(190)}}});
    CHECK(place.live("phase_order") == 0);
    CHECK(place.records(place.site.scope()).size() == 2);
}

TEST_CASE("upkeep: a recording is ordered once, made by who holds the channel, and read in parts",
          "[upkeep]") {
    Place place;
    const auto property = place.site.property;
    const auto by_server = [&](auto act) {
        return place.database.server().transact(place.site.scope(), "recordings", act);
    };
    const auto by_collector = [&](auto act) {
        return place.database.collector().transact(Scope::none(), "recordings", act);
    };
    const auto order = [&] {
        return by_server([&](Transaction& tx) {
            return order_recording(tx, property, place.site.channel, core::OperatorId{1}, 30, 5'000);
        });
    };
    const auto claim = [&](const char* who) {
        return by_collector([&](Transaction& tx) { return claim_recordings(tx, who, 4); });
    };
    const auto find = [&](std::int64_t id) {
        return by_server([&](Transaction& tx) { return find_recording(tx, property, id); }).value();
    };
    const auto id = order();
    REQUIRE(id);
    CHECK_FALSE(order());  // one at a time
    CHECK(claim("somebody-else").empty());
    const auto orders = claim("collector-1");
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].id == *id);
    CHECK(orders[0].time == 30s);
    CHECK(orders[0].bytes_max == 5'000);
    CHECK(claim("collector-1").empty());
    CHECK(find(*id).state == "running");
    const auto finish = [&](const char* who, const std::string& text) {
        return by_collector(
            [&](Transaction& tx) { return finish_recording(tx, who, orders[0], text, "", false); });
    };
    CHECK_FALSE(finish("somebody-else", "x"));
    CHECK(finish("collector-1", "0.000000 > 01 03\n"));
    CHECK_FALSE(finish("collector-1", "again"));
    CHECK(find(*id).state == "done");
    CHECK(find(*id).bytes == 17);
    CHECK(by_server([&](Transaction& tx) { return recording_part(tx, property, *id, 9, 4); }) == "> 01");
    CHECK(by_server([&](Transaction& tx) { return recording_part(tx, property, *id, 17, 4); }).empty());
    // Another property sees nothing of it.
    const TestSite other{place.database, "P2", 1};
    CHECK_FALSE(place.database.server().transact(other.scope(), "wall", [&](Transaction& tx) {
        return find_recording(tx, property, *id).has_value();
    }));
    // Nobody comes for one that was not taken, nor for one whose collector went.
    const auto stale = order();
    REQUIRE(stale);
    place.database.as_superuser("UPDATE line_recording SET requested_at = now() - interval '3 min'");
    CHECK(find(*stale).state == "failed");
    const auto left = order();
    REQUIRE(left);
    CHECK(claim("collector-1").size() == 1);
    place.database.as_superuser(
        "UPDATE line_recording SET began_at = now() - interval '5 min' WHERE state = 'running'");
    CHECK(find(*left).note.find("ended") != std::string::npos);
    // Few are kept.
    for (int i = 0; i < kRecordingsKept + 3; ++i) {
        REQUIRE(order());
        place.database.as_superuser("UPDATE line_recording SET state = 'failed' WHERE state = 'wanted'");
    }
    CHECK(place.number("count(*) FROM line_recording") == kRecordingsKept);
    CHECK(by_server([&](Transaction& tx) { return list_recordings(tx, property); }).size() ==
          kRecordingsKept);
}

TEST_CASE("upkeep: every kind of event has its place and its alarm", "[upkeep]") {
    Place place;
    for (const auto kind : core::all_meter_event_kinds()) {
        INFO(core::to_string(kind));
        place.events({at(10), {{kind, true}}, {}});
        CHECK(place.live(core::to_string(kind)) == 1);
        place.events({at(20), {{kind, false}}, {}});
        CHECK(place.live(core::to_string(kind)) == 0);
    }
    CHECK(place.records(place.site.scope()).size() == core::all_meter_event_kinds().size());
}

TEST_CASE("upkeep: a meter's own records are stored once, their ends follow", "[upkeep]") {
    Place place;
    const core::EventRecord over{Kind::cover_open, at(100), at(200)};
    const core::EventRecord open{Kind::cover_open, at(1'000), std::nullopt};
    place.events({at(1'100), {}, {over, open}});
    place.events({at(1'200), {}, {over, open}});
    CHECK(place.records(place.site.scope()).size() == 2);
    CHECK(place.live("cover_open") == 1);
    place.events({at(1'300), {}, {{Kind::cover_open, at(1'000), at(1'250)}}});
    const auto records = place.records(place.site.scope());
    REQUIRE(records.size() == 2);
    CHECK(records[0].ended_at == at(1'250));
    CHECK(records[0].recorded);
    CHECK(place.live("cover_open") == 0);
    // Both are to be acknowledged.
    CHECK(place.number("count(*) FROM alarm WHERE kind = 'cover_open' AND acknowledged_at IS NULL") == 2);
    // A meter that is gone is left out.
    place.database.collector().transact(Scope::none(), "events", [&](Transaction& tx) {
        put_meter_events(tx, {{place.site.property, core::MeterId{999'999}, {at(1), {}, {over}}}});
    });
    CHECK(place.number("count(*) FROM meter_event") == 2);
}

TEST_CASE("upkeep: other properties see nothing of it", "[upkeep][walls]") {
    Place place;
    TestSite other{place.database, "P2", 1};
    place.events({at(10), {{Kind::fault, true}}, {}});
    REQUIRE(place.clock(at(10), 5, 0));
    CHECK(place.records(place.site.scope()).size() == 1);
    CHECK(place.records(other.scope()).empty());
    const auto clocks = [&](const Scope& scope) {
        return place.database.server().transact(scope, "clocks", [&](Transaction& tx) {
            return list_meter_clocks(tx, place.site.property, {}, 0, {}, 100).size();
        });
    };
    CHECK(clocks(place.site.scope()) == 1);
    CHECK(clocks(other.scope()) == 0);
}

TEST_CASE("upkeep: a clock's day is counted, in the property's own calendar", "[upkeep]") {
    Place place;  // at(0) is 16:00 there
    CHECK(place.day(at(0)).moved == 0s);
    REQUIRE(place.clock(at(0), 100, -30));
    REQUIRE(place.clock(at(60), 70, 0));
    CHECK(place.day(at(100)).moved == 30s);
    CHECK(place.day(at(100)).steps == 1);
    REQUIRE(place.clock(at(3'600), 70, 30));
    CHECK(place.day(at(3'700)).moved == 60s);
    // Used up: nothing is written, so nothing is sent.
    CHECK_FALSE(place.clock(at(7'200), 40, -1));
    CHECK(place.number("drift_s FROM meter_clock") == 70);
    CHECK(place.clock(at(7'300), 40, 0));
    // The next day begins at midnight there, eight hours later.
    CHECK(place.day(at(8 * 3'600 - 1)).moved == 60s);
    CHECK(place.day(at(8 * 3'600)).moved == 0s);
    REQUIRE(place.clock(at(8 * 3'600 + 60), 40, -30));
    CHECK(place.day(at(8 * 3'600 + 70)).moved == 30s);
    const auto listed = place.database.server().transact(place.site.scope(), "clocks", [&](Transaction& tx) {
        return list_meter_clocks(tx, place.site.property, {}, 20, {}, 100);
    });
    REQUIRE(listed.size() == 1);
    CHECK(listed[0].drift_s == 40);
    CHECK(listed[0].stepped_at == at(8 * 3'600 + 60));
    CHECK(place.database.server().transact(place.site.scope(), "clocks", [&](Transaction& tx) {
        return list_meter_clocks(tx, place.site.property, {}, 41, {}, 100).empty();
    }));
}

TEST_CASE("upkeep: too far is an alarm until it is not, and an unclear look changes nothing", "[upkeep]") {
    Place place;
    place.clock(at(0), 1'000, 0, true);
    CHECK(place.live("clock_drift") == 1);
    place.clock(at(1), 1'000, 0, std::nullopt);
    CHECK(place.live("clock_drift") == 1);
    place.clock(at(2), 1, 0, false);
    CHECK(place.live("clock_drift") == 0);
}

TEST_CASE("upkeep: a step must not cross the changes of any tariff of the property", "[upkeep]") {
    Place place;
    const std::string p = std::to_string(place.site.property.value);
    place.database.as_superuser(
        "INSERT INTO tariff_plan (property_id, name, created_by, created_at) VALUES (" + p +
        ", 'T', 1, now())");
    place.database.as_superuser(
        "INSERT INTO tariff_version (property_id, plan_id, effective_from, terms, created_by, created_at) "
        "SELECT " +
        p +
        R"(, plan_id, '2026-01-01', '{"day_plans": [{"name": "d", "periods": [["08:10", "22:00", "peak"], ["22:00", "08:10", "valley"]]}, {"name": "h", "periods": [["00:00", "24:00", "valley"]]}]}', 1, now() FROM tariff_plan)");
    CHECK(place.day(at(0)).rate_changes == std::vector<int>{0, 490, 1'320});
}

TEST_CASE("upkeep: what there is of readings, with their source and interval", "[upkeep]") {
    Place place;
    place.database.as_superuser(
        "UPDATE meter SET reading_interval_s = 900, created_at = '2026-02-01' WHERE meter_id = " +
        std::to_string(place.meter.value));
    place.reading(100s, 1'000, "scheduled");
    place.reading(1'000s, 1'100, "catch_up");
    place.reading(5'000s, 1'200, "state");
    const auto known = place.database.collector().transact(Scope::none(), "known", [&](Transaction& tx) {
        return known_readings(tx, place.site.property, place.meter, at(0), at(4'000), 1'800s);
    });
    CHECK(known.interval == 900s);
    REQUIRE(known.readings.size() == 2);
    CHECK(known.readings[0] == core::KnownReading{at(100), false, core::Energy{1'000}});
    CHECK(known.readings[1] == core::KnownReading{at(1'000), true, core::Energy{1'100}});
    // What is fetched is stored once, whoever fetches it how often.
    place.reading(1'000s, 1'100, "catch_up");
    CHECK(place.number("count(*) FROM reading WHERE source = 'catch_up'") == 1);
    const auto all = place.database.server().transact(place.site.scope(), "all", [&](Transaction& tx) {
        return readings_of_all(tx, place.site.property, at(0), at(10'000), 1'800s, {}, 10);
    });
    REQUIRE(all.size() == 2);
    CHECK(all[0].readings.size() == 3);
    CHECK(all[0].interval == 900s);
    CHECK(all[1].readings.empty());
    CHECK(all[1].interval == 1'800s);
    const auto day = place.database.server().transact(place.site.scope(), "day", [&](Transaction& tx) {
        return local_day(tx, place.site.property, "2026-03-01");
    });
    CHECK(day.from == at(-16 * 3'600));
    CHECK(day.to == at(8 * 3'600));
}

TEST_CASE("upkeep: what is on a channel", "[upkeep]") {
    Place place;
    place.database.as_superuser("UPDATE channel SET baud = 2400, parity = 'E', round_ms = 4500");
    place.database.as_superuser(
        "INSERT INTO meter_state (property_id, meter_id, attempted_at, answered_at) SELECT property_id, "
        "meter_id, "
        "'2026-03-01 08:00Z', '2026-03-01 08:00Z' FROM meter");
    place.database.as_superuser("UPDATE meter_state SET lost_since = '2026-03-01 07:00Z' WHERE meter_id = " +
                                std::to_string(place.site.meters[1].value));
    const auto loads = place.database.server().transact(place.site.scope(), "loads", [&](Transaction& tx) {
        return channel_loads(tx, place.site.property, 1'800s, 10);
    });
    REQUIRE(loads.size() == 1);
    CHECK(loads[0].baud == 2'400);
    CHECK(loads[0].bits_per_character == 11);
    CHECK(loads[0].lost == 1);
    CHECK(loads[0].meters.size() == 1);
    CHECK(loads[0].meters.begin()->second == 1);
    CHECK(loads[0].round == 4'500ms);
    CHECK(loads[0].oldest == at(0));
}
