#include <catch2/catch.hpp>

#include "tests/integration/services/counter.hpp"
#include "wutong/v1/device_service.grpc.pb.h"
#include "wutong/v1/history_service.grpc.pb.h"
#include "wutong/v1/site_service.grpc.pb.h"

/// Energy over long times, losses, the archive's job, and addresses that are no Modbus addresses.
using namespace wutong;
using namespace wutong::tests;

namespace {

using History = v1::HistoryService::Stub;
using DeviceStub = v1::DeviceService::Stub;

/// M1 is a feeder, M2 and M3 are behind it. Three days: M1 uses 10 kWh a day, M2 4, M3 5.75 with 1 flowing
/// back.
struct Feeder : Counter {
    Feeder() : Counter{4} {
        database.as_superuser(
            "UPDATE meter SET role = 'feeder' WHERE code = 'M1';"
            "INSERT INTO daily_energy (property_id, meter_id, day, first_wh, last_wh, first_at, last_at, "
            "used_wh, "
            "used_peak_wh, used_reverse_wh) SELECT 1, meter_id, d, 0, 0, d::timestamp AT TIME ZONE "
            "'Asia/Shanghai' + interval '10 min', (d + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' - interval "
            "'10 "
            "min', CASE code WHEN 'M1' THEN 10000 WHEN 'M2' THEN 4000 ELSE 5750 END, CASE code WHEN 'M1' "
            "THEN "
            "3000 END, CASE code WHEN 'M3' THEN 1000 END FROM meter, (SELECT '2026-02-26'::date + n AS d "
            "FROM "
            "generate_series(0, 4) n) AS days WHERE code <> 'M4'");
    }
    template <class Request>
    Request about(const char* from, const char* to) {
        Request request;
        request.set_property_id(site.property.value);
        request.set_from_day(from);
        request.set_to_day(to);
        return request;
    }
    void feeds(const std::vector<std::size_t>& meters) {
        v1::SetFeedsRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(site.property.value);
        request.set_feeder_id(site.meters[0].value);
        for (const auto meter : meters) {
            request.add_meter_ids(site.meters[meter].value);
        }
        CHECK(client().must(&History::SetFeeds, request).meters() == static_cast<int>(meters.size()));
    }
};

}  // namespace

TEST_CASE("energy of a meter and of all of them, per rate and with what flowed back", "[services][history]") {
    Feeder counter;
    auto& client = counter.client();
    auto one = counter.about<v1::ListMeterEnergyRequest>("2026-02-27", "2026-03-01");
    one.set_meter_id(counter.site.meters[0].value);
    auto energy = client.must(&History::ListMeterEnergy, one);
    REQUIRE(energy.steps_size() == 3);
    CHECK(energy.steps(0).day() == "2026-02-27");
    CHECK(energy.steps(0).used_wh() == 10'000);
    CHECK(energy.steps(0).rates().peak_wh() == 3'000);
    CHECK_FALSE(energy.steps(0).rates().has_sharp_wh());
    counter.database.as_superuser(
        "INSERT INTO monthly_energy (property_id, meter_id, month, days, first_at, last_at, last_wh, "
        "used_wh, "
        "used_valley_wh) SELECT 1, meter_id, '2026-02-01', 3, now(), now(), 7, 30000, 400 FROM meter WHERE "
        "code = 'M1'");
    one.set_by_month(true);
    energy = client.must(&History::ListMeterEnergy, one);
    REQUIRE(energy.steps_size() == 1);
    CHECK(energy.steps(0).day() == "2026-02");
    CHECK(energy.steps(0).days() == 3);
    CHECK(energy.steps(0).rates().valley_wh() == 400);

    auto all = counter.about<v1::ReportEnergyRequest>("2026-02-27", "2026-03-01");
    all.mutable_page()->set_size(3);
    auto report = client.must(&History::ReportEnergy, all);
    REQUIRE(report.meters_size() == 3);
    CHECK(report.meters(2).meter_code() == "M3");
    CHECK(report.meters(2).used_wh() == 17'250);
    CHECK(report.meters(2).rates().reverse_wh() == 3'000);
    CHECK(report.meters(2).days() == 3);
    CHECK(report.meters(2).coverage() == "whole");
    all.mutable_page()->set_token(report.next_page_token());
    report = client.must(&History::ReportEnergy, all);
    REQUIRE(report.meters_size() == 1);
    CHECK_FALSE(report.meters(0).has_used_wh());
    CHECK(report.meters(0).coverage() == "nothing");
    all.clear_page();
    all.set_role("feeder");
    CHECK(client.must(&History::ReportEnergy, all).meters_size() == 1);
    // The first day that is known at all begins where its first reading is; the last but one ends too early.
    counter.database.as_superuser("DELETE FROM daily_energy WHERE day > '2026-03-01'");
    all.set_to_day("2026-03-02");
    CHECK(client.must(&History::ReportEnergy, all).meters(0).coverage() == "ends_early");
    all.set_from_day("2026-02-25");
    CHECK(client.must(&History::ReportEnergy, all).meters(0).coverage() == "begins_and_ends");

    v1::ReportEnergyResponse refused;
    all.set_commodity("water");
    CHECK(client.must(&History::ReportEnergy, all).meters_size() == 0);
    all.set_commodity("steam");
    CHECK(client.call(&History::ReportEnergy, all, refused).fields == std::vector<std::string>{"commodity"});
    all.set_to_day("2027-06-01");
    CHECK(client.call(&History::ReportEnergy, all, refused).fields == std::vector<std::string>{"to_day"});
    all.set_from_day("2026-02-30");
    CHECK(client.call(&History::ReportEnergy, all, refused).fields == std::vector<std::string>{"from_day"});
}

TEST_CASE("losses of a feeder, and who was not read", "[services][history]") {
    Feeder counter;
    auto& client = counter.client();
    auto request = counter.about<v1::ReportLossesRequest>("2026-02-27", "2026-03-01");
    auto report = client.must(&History::ReportLosses, request);
    REQUIRE(report.feeders_size() == 1);
    CHECK(report.feeders(0).meters() == 0);
    CHECK(report.feeders(0).in_wh() == 30'000);

    counter.feeds({1, 2});
    report = client.must(&History::ReportLosses, request);
    CHECK(report.feeders(0).feeder().meter_code() == "M1");
    CHECK(report.feeders(0).out_wh() == 3 * (4'000 + 5'750 - 1'000));
    CHECK(report.feeders(0).lost_wh() == 3'750);
    CHECK(report.feeders(0).lost_share_e4() == 1'250);
    CHECK(report.feeders(0).complete());

    counter.feeds({1, 3});  // M3 no more, M4 was never read
    v1::GetFeedsRequest which;
    which.set_property_id(counter.site.property.value);
    which.set_feeder_id(counter.site.meters[0].value);
    const auto feeds = client.must(&History::GetFeeds, which);
    CHECK(feeds.feeder_code() == "M1");
    REQUIRE(feeds.meters_size() == 2);
    CHECK(feeds.meters(1).meter_code() == "M4");
    which.set_feeder_id(0);
    v1::Feeds nobody;
    CHECK(client.call(&History::GetFeeds, which, nobody).code == grpc::StatusCode::NOT_FOUND);
    report = client.must(&History::ReportLosses, request);
    CHECK(report.feeders(0).meters() == 2);
    CHECK(report.feeders(0).out_wh() == 12'000);
    CHECK_FALSE(report.feeders(0).complete());
    REQUIRE(report.feeders(0).named_size() == 1);
    CHECK(report.feeders(0).named(0).meter_code() == "M4");
    CHECK(report.feeders(0).named(0).coverage() == "nothing");

    v1::SetFeedsRequest wrong;
    wrong.set_request_id(new_request_id());
    wrong.set_property_id(counter.site.property.value);
    wrong.set_feeder_id(counter.site.meters[1].value);
    v1::SetFeedsResponse no;
    CHECK(client.call(&History::SetFeeds, wrong, no).reason == "not_a_feeder");
    wrong.set_feeder_id(counter.site.meters[0].value);
    wrong.add_meter_ids(counter.site.meters[0].value);
    CHECK(client.call(&History::SetFeeds, wrong, no).fields == std::vector<std::string>{"meter_ids"});
    request.set_feeder_id(counter.site.meters[1].value);
    v1::ReportLossesResponse none;
    CHECK(client.call(&History::ReportLosses, request, none).code == grpc::StatusCode::NOT_FOUND);

    // An import tells feeds too, of a feeder that is there as well; it never changes them.
    const auto import_feeds = [&](const std::string& fed) {
        v1::ImportRequest import;
        import.set_request_id(new_request_id());
        auto& file = *import.add_files();
        file.set_name("m.csv");
        file.set_content(
            "property,building,floor,unit,channel,address,profile,serial,code,role,feeds\n"
            "TOWER,A,1,0101,BUS1,1,acrel-ddsy1352,1000001,M1,feeder," +
            fed + "\n");
        return client.must(&DeviceStub::Import, import);
    };
    CHECK(import_feeds("M4 M2").faults_size() == 0);
    auto faults = import_feeds("M2").faults();
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].column() == "feeds");
    CHECK(faults[0].text().find("M2 M4") != std::string::npos);
    counter.feeds({});
    CHECK(import_feeds("M3").faults_size() == 0);
    CHECK(
        client
            .must(&History::ReportLosses, counter.about<v1::ReportLossesRequest>("2026-02-27", "2026-03-01"))
            .feeders(0)
            .out_wh() == 3 * 4'750);
    faults = import_feeds("M1").faults();
    REQUIRE(faults.size() >= 1);
    CHECK(faults[0].text().find("itself") != std::string::npos);
}

TEST_CASE("the archive's job is seen, started and held", "[services][history]") {
    Counter counter{1};
    auto& client = counter.client();
    const auto set = [&](const char* key, const char* value) {
        v1::SetParametersRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(counter.site.property.value);
        (*request.mutable_values())[key] = value;
        client.must(&v1::SiteService::Stub::SetParameters, request);
    };
    // Held first, so that a round that begins just now leaves it alone.
    set("history_hold", "1");
    counter.database.as_superuser(
        "SELECT ensure_reading_partition('2024-05-01');"
        "INSERT INTO reading (property_id, meter_id, read_at, energy_wh, source) SELECT 1, meter_id, "
        "'2024-05-01', 1, "
        "'scheduled' FROM meter");
    v1::GetArchiveRequest get;
    get.set_property_id(counter.site.property.value);
    auto archive = client.must(&History::GetArchive, get);
    REQUIRE(archive.months_size() >= 1);
    const auto& oldest = archive.months(archive.months_size() - 1);
    CHECK(oldest.month() == "2024-05");
    CHECK(oldest.hot());
    CHECK(oldest.hot_bytes() > 0);
    CHECK(archive.held());
    CHECK(archive.hot_months() == 13);

    set("history_hold", "0");
    CHECK_FALSE(client.must(&History::GetArchive, get).held());
    v1::RunArchiveRequest run;
    run.set_request_id(new_request_id());
    run.set_property_id(counter.site.property.value);
    CHECK(client.must(&History::RunArchive, run).months_size() >= 1);
}

TEST_CASE("a meter with a station address is made, changed and kept by clients that do not know it",
          "[services][history]") {
    Counter counter{1};
    auto& client = counter.client();
    v1::CreateMeterRequest create;
    create.set_request_id(new_request_id());
    auto& meter = *create.mutable_meter();
    meter.set_property_id(counter.site.property.value);
    meter.set_channel_id(counter.site.channel.value);
    meter.set_code("D1");
    meter.set_serial_number("201000000012");
    meter.set_profile("dlt645-relay-1ph");
    meter.set_role("monitor");
    meter.set_enabled(true);
    meter.set_station_address("20100000001");
    v1::Meter made;
    CHECK(client.call(&DeviceStub::CreateMeter, create, made).fields ==
          std::vector<std::string>{"station_address"});
    meter.set_station_address("201000000012");
    made = client.must(&DeviceStub::CreateMeter, create);
    CHECK(made.station_address() == "201000000012");
    CHECK(made.bus_address() == 0);

    v1::UpdateMeterRequest update;
    update.set_request_id(new_request_id());
    *update.mutable_meter() = made;
    update.mutable_meter()->set_station_address("201000000013");
    CHECK(client.must(&DeviceStub::UpdateMeter, update).station_address() == "201000000013");
    update.set_request_id(new_request_id());
    update.mutable_meter()->clear_station_address();
    CHECK(client.must(&DeviceStub::UpdateMeter, update).station_address() == "201000000013");
}
