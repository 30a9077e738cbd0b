#include <catch2/catch.hpp>

#include "storage/meter_clocks.hpp"
#include "storage/meter_records.hpp"
#include "storage/readings.hpp"
#include "storage/transaction.hpp"
#include "tests/integration/services/counter.hpp"
#include "wutong/v1/recording_service.grpc.pb.h"
#include "wutong/v1/upkeep_service.grpc.pb.h"

using namespace wutong;
using namespace wutong::tests;
using namespace std::chrono_literals;

TEST_CASE("upkeep: events, clocks, collected readings and loads of buses are told", "[services][upkeep]") {
    using Upkeep = v1::UpkeepService::Stub;
    Counter counter{2};
    auto& client = counter.client();
    const auto property = counter.site.property;
    const auto meter = counter.site.meters[0];
    counter.database.collector().transact(storage::Scope::none(), "plant", [&](storage::Transaction& tx) {
        storage::put_meter_events(tx, {{property,
                                        meter,
                                        {at(10),
                                         {{core::MeterEventKind::overload, true}},
                                         {{core::MeterEventKind::cover_open, at(1), at(2)}}}}});
        storage::note_clock(tx, {property, meter, at(10), 40s, "40 s ahead", -30s, false}, {});
    });

    v1::ListMeterRecordsRequest events;
    events.set_property_id(property.value);
    CHECK(client.must(&Upkeep::ListMeterRecords, events).records_size() == 2);
    events.set_standing_only(true);
    const auto standing = client.must(&Upkeep::ListMeterRecords, events);
    REQUIRE(standing.records_size() == 1);
    CHECK(standing.records(0).kind() == "overload");
    CHECK(standing.records(0).meter_code() == "M1");
    CHECK_FALSE(standing.records(0).has_ended_at());
    events.set_kind("boredom");
    v1::ListMeterRecordsResponse none;
    CHECK(client.call(&Upkeep::ListMeterRecords, events, none).fields == std::vector<std::string>{"kind"});

    v1::ListMeterClocksRequest clocks;
    clocks.set_property_id(property.value);
    clocks.set_drift_min_s(30);
    const auto off = client.must(&Upkeep::ListMeterClocks, clocks);
    REQUIRE(off.clocks_size() == 1);
    CHECK(off.clocks(0).drift_s() == 40);
    CHECK(off.clocks(0).moved_s() == 30);
    clocks.set_drift_min_s(41);
    CHECK(client.must(&Upkeep::ListMeterClocks, clocks).clocks_size() == 0);

    // Half a day of readings of one meter, two of them fetched later, and none of the other.
    counter.database.as_superuser("UPDATE meter SET created_at = '2026-01-01'");
    std::vector<storage::ReadingRow> rows;
    for (int i = 0; i < 24; ++i) {
        storage::ReadingRow row;
        row.property = property;
        row.meter = meter;
        row.read_at = at(-16 * 3'600 + i * 1'800 + 60);
        row.energy_wh = 1'000 + i;
        row.source = i < 2 ? "catch_up" : "scheduled";
        rows.push_back(row);
    }
    storage::put_readings(counter.database.collector(), rows);
    v1::ReportCollectionRequest report;
    report.set_property_id(property.value);
    report.set_from_day("2026-03-01");
    report.set_to_day("2026-03-01");
    report.set_worst(5);
    const auto told = client.must(&Upkeep::ReportCollection, report);
    REQUIRE(told.days_size() == 1);
    CHECK(told.days(0).expected() == 96);
    CHECK(told.days(0).on_time() == 22);
    CHECK(told.days(0).fetched() == 2);
    REQUIRE(told.worst_size() == 2);
    CHECK(told.worst(0).meter_code() == "M2");
    CHECK(told.worst(0).on_time() == 0);
    v1::ReportCollectionResponse refused;
    report.set_to_day("2026-02-28");
    CHECK(client.call(&Upkeep::ReportCollection, report, refused).fields ==
          std::vector<std::string>{"to_day"});
    report.set_to_day("2026-04-01");
    CHECK(client.call(&Upkeep::ReportCollection, report, refused).fields ==
          std::vector<std::string>{"to_day"});
    report.set_from_day("yesterday");
    CHECK(client.call(&Upkeep::ReportCollection, report, refused).fields ==
          std::vector<std::string>{"from_day"});

    v1::ListChannelLoadsRequest which;
    which.set_property_id(property.value);
    const auto loads = client.must(&Upkeep::ListChannelLoads, which);
    REQUIRE(loads.channels_size() == 1);
    CHECK(loads.freshness_s() == 180);
    CHECK(loads.channels(0).meters() == 2);
    // States of long ago can't be called fresh.
    counter.database.as_superuser(
        "INSERT INTO meter_state (property_id, meter_id, attempted_at, answered_at) SELECT property_id, "
        "meter_id, now(), now() - interval '10 min' FROM meter ON CONFLICT (property_id, meter_id) DO UPDATE "
        "SET lost_since = NULL, answered_at = excluded.answered_at");
    const auto old = client.must(&Upkeep::ListChannelLoads, which);
    CHECK(old.channels(0).too_slow());
    CHECK(old.channels(0).computed_round_ms() > 0);
    CHECK(old.channels(0).remark().find("old") != std::string::npos);
    which.set_freshness_s(-1);
    v1::ListChannelLoadsResponse no;
    CHECK(client.call(&Upkeep::ListChannelLoads, which, no).fields ==
          std::vector<std::string>{"freshness_s"});
}

TEST_CASE("upkeep: a line is recorded for who may, and the log says who", "[services][upkeep]") {
    using Recordings = v1::RecordingService::Stub;
    Counter counter{2};
    auto& client = counter.client();
    const auto property = counter.site.property;
    v1::StartRecordingRequest start;
    start.set_property_id(property.value);
    start.set_channel_id(counter.site.channel.value);
    start.set_request_id(new_request_id());
    start.set_seconds(60);
    const auto made = client.must(&Recordings::StartRecording, start);
    CHECK(made.state() == "wanted");
    CHECK(made.bytes_max() == 8'000'000);
    CHECK(client.must(&Recordings::StartRecording, start).recording_id() == made.recording_id());
    v1::LineRecording refused;
    start.set_request_id(new_request_id());
    CHECK(client.call(&Recordings::StartRecording, start, refused).reason == "recording_under_way");
    start.set_request_id(new_request_id());
    start.set_seconds(3'601);
    CHECK(client.call(&Recordings::StartRecording, start, refused).fields ==
          std::vector<std::string>{"seconds"});
    start.set_seconds(60);
    start.set_bytes_max(999);
    CHECK(client.call(&Recordings::StartRecording, start, refused).fields ==
          std::vector<std::string>{"bytes_max"});

    v1::ReadRecordingRequest read;
    read.set_property_id(property.value);
    read.set_recording_id(made.recording_id());
    v1::ReadRecordingResponse part;
    CHECK(client.call(&Recordings::ReadRecording, read, part).reason == "not_recorded");
    counter.database.as_superuser(
        "UPDATE line_recording SET state = 'done', content = convert_to('0.000000 > 01 03', 'UTF8'), "
        "began_at = now(), "
        "ended_at = "
        "now()");
    CHECK(client.must(&Recordings::ReadRecording, read).bytes() > 0);
    v1::ListRecordingsRequest all;
    all.set_property_id(property.value);
    CHECK(client.must(&Recordings::ListRecordings, all).recordings_size() == 1);
    CHECK(counter.database
              .as_superuser("SELECT string_agg(action, ' ' ORDER BY log_id) FROM operation_log "
                            "WHERE action LIKE 'channel.%'")[0][0]
              .as<std::string>() == "channel.record channel.read_recording");

    // A cashier sees the buses, and not what goes over them.
    const auto cashier = counter.stack.colleague("till", "cashier");
    v1::ListRecordingsResponse none;
    CHECK(cashier->call(&Recordings::ListRecordings, all, none).code == grpc::StatusCode::PERMISSION_DENIED);
    CHECK(counter.stack.colleague("boss", "manager")
              ->must(&Recordings::ListRecordings, all)
              .recordings_size() == 1);
}
