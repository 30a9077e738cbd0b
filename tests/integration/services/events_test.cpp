#include <catch2/catch.hpp>
#include <set>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

std::vector<std::string> whats(const v1::ListMeterEventsResponse& list) {
    std::vector<std::string> all;
    for (const auto& event : list.events()) {
        all.push_back(event.what());
    }
    return all;
}

}  // namespace

TEST_CASE("events: everything of one meter, newest first, page by page", "[services][events]") {
    Counter counter{2};
    const auto meter = counter.site.meters[0];
    const auto m = std::to_string(meter.value);
    const auto p = std::to_string(counter.site.property.value);
    const auto account = counter.open_and_deliver({{meter, 100'000}, {counter.site.meters[1], 0}});
    const auto sent = counter.client().must(&Controls::SendCommand, counter.command("set_clock", {meter}));
    CHECK(counter.field.obey() == 1);
    counter.database.as_superuser(
        "INSERT INTO alarm (property_id, meter_id, kind, text, raised_at, cleared_at, acknowledged_at, "
        "acknowledged_by) SELECT " +
        p + ", " + m +
        ", 'alarm_1', 'balance 9.00', now() - interval '2 hours', now() - interval '1 hour', now() - "
        "interval "
        "'90 minutes', operator_id FROM operator");
    counter.database.as_superuser(
        "INSERT INTO reading (property_id, meter_id, read_at, relay_closed) SELECT " + p + ", " + m +
        ", now() - n * interval '10 minutes', n NOT IN (3, 4) FROM generate_series(1, 8) AS n");

    v1::ListMeterEventsRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_meter_id(meter.value);
    const auto all = counter.client().must(&Readings::ListMeterEvents, request);
    const auto names = whats(all);
    CHECK(std::multiset<std::string>(names.begin(), names.end()) ==
          std::multiset<std::string>{"account_linked", "account_opened", "alarm_acknowledged",
                                     "alarm_cleared", "alarm_raised", "command_finished", "command_queued",
                                     "delivery_finished", "delivery_queued", "relay_closed", "relay_opened"});
    CHECK(all.next_page_token().empty());
    for (int i = 1; i < all.events_size(); ++i) {
        CHECK(std::pair(all.events(i - 1).at().seconds(), all.events(i - 1).at().nanos()) >=
              std::pair(all.events(i).at().seconds(), all.events(i).at().nanos()));
    }
    for (const auto& event : all.events()) {
        if (event.what() == "command_finished") {
            CHECK(event.command_id() == sent.commands(0).command_id());
            CHECK(event.kind() == "set_clock");
            CHECK(event.state() == "done");
            CHECK(event.operator_() == "cashier");
        }
        if (event.what() == "delivery_queued") {
            CHECK(event.amount_e4() == 100'000);
            CHECK(event.kind() == "open");
            CHECK(event.operator_() == "cashier");
        }
        if (event.what() == "account_linked") {
            CHECK(event.kind() == account.number());
            CHECK(event.account_id() == account.account_id());
        }
        if (event.what() == "alarm_acknowledged") {
            CHECK(event.text() == "balance 9.00");
            CHECK(event.operator_() == "cashier");
        }
    }

    request.mutable_page()->set_size(3);
    std::vector<std::string> paged;
    for (int page = 0; page < 10; ++page) {
        const auto part = counter.client().must(&Readings::ListMeterEvents, request);
        for (const auto& what : whats(part)) {
            paged.push_back(what);
        }
        if (part.next_page_token().empty()) {
            break;
        }
        request.mutable_page()->set_token(part.next_page_token());
    }
    CHECK(paged == names);

    v1::ListMeterEventsResponse none;
    request.mutable_page()->set_token("12.x");
    CHECK(counter.client().call(&Readings::ListMeterEvents, request, none).fields ==
          std::vector<std::string>{"page.token"});
    request.clear_page();
    request.mutable_from()->set_seconds(1);
    CHECK(counter.client().call(&Readings::ListMeterEvents, request, none).fields ==
          std::vector<std::string>{"from"});
    request.clear_from();
    request.set_meter_id(999'999);
    CHECK(counter.client().call(&Readings::ListMeterEvents, request, none).code == StatusCode::NOT_FOUND);
}

TEST_CASE("alarms: with meter, unit and tenant, by time, kind and what nobody has noticed",
          "[services][events]") {
    Counter counter{2};
    const auto& meters = counter.site.meters;
    const auto account = counter.open({{meters[0], 0}});
    const auto p = std::to_string(counter.site.property.value);
    counter.database.as_superuser(
        "INSERT INTO alarm (property_id, meter_id, kind, raised_at) SELECT " + p +
        ", meter_id, 'alarm_1', "
        "timestamptz '2026-03-01 08:00:00+00' FROM meter ORDER BY code; "
        "INSERT INTO alarm (property_id, channel_id, kind, raised_at, cleared_at) SELECT " +
        p + ", channel_id, 'lost_channel', now(), now() FROM channel");
    v1::ListAlarmsRequest request;
    request.set_property_id(counter.site.property.value);
    auto list = counter.client().must(&Readings::ListAlarms, request);
    REQUIRE(list.alarms_size() == 3);
    CHECK(list.alarms(0).subject() == "BUS1");
    CHECK(list.alarms(0).meter_code().empty());
    CHECK(list.alarms(2).meter_code() == "M1");
    CHECK(list.alarms(2).unit_code() == "0101");
    CHECK(list.alarms(2).customer() == "Li Wei");
    CHECK(list.alarms(2).account_number() == account.number());
    CHECK(list.alarms(1).customer().empty());
    v1::AcknowledgeAlarmRequest acknowledge;
    acknowledge.set_request_id(new_request_id());
    acknowledge.set_property_id(counter.site.property.value);
    acknowledge.set_alarm_id(list.alarms(2).alarm_id());
    CHECK(counter.client().must(&Readings::AcknowledgeAlarm, acknowledge).acknowledged_by() == "cashier");

    request.set_live_only(true);
    CHECK(counter.client().must(&Readings::ListAlarms, request).alarms_size() == 2);
    request.set_unacknowledged_only(true);
    CHECK(counter.client().must(&Readings::ListAlarms, request).alarms_size() == 1);
    request.set_live_only(false);
    request.set_unacknowledged_only(false);
    request.set_kind("lost_channel");
    CHECK(counter.client().must(&Readings::ListAlarms, request).alarms_size() == 1);
    request.set_kind("");
    request.mutable_to()->set_seconds(at(1).time_since_epoch().count() / 1'000'000);
    CHECK(counter.client().must(&Readings::ListAlarms, request).alarms_size() == 2);
    request.mutable_page()->set_size(1);
    list = counter.client().must(&Readings::ListAlarms, request);
    request.mutable_page()->set_token(list.next_page_token());
    list = counter.client().must(&Readings::ListAlarms, request);
    CHECK(list.alarms_size() == 1);
    CHECK(list.next_page_token().empty());
    v1::ListAlarmsResponse none;
    request.set_kind("boredom");
    CHECK(counter.client().call(&Readings::ListAlarms, request, none).fields ==
          std::vector<std::string>{"kind"});
}

TEST_CASE("readings: newest first, and in equal steps with their gaps", "[services][events]") {
    Counter counter{1};
    const auto p = std::to_string(counter.site.property.value);
    const auto m = std::to_string(counter.site.meters[0].value);
    // One a minute for an hour, none in the second half of it but one.
    counter.database.as_superuser("SELECT ensure_reading_partition('2026-03-01')");
    counter.database.as_superuser(
        "INSERT INTO reading (property_id, meter_id, read_at, power_w, energy_wh, balance_e4) SELECT " + p +
        ", " + m +
        ", timestamptz '2026-03-01 08:00:00+00' + n * interval '1 minute', n * 10, 1000 + n, 50000 - n FROM "
        "generate_series(0, 59) AS n WHERE n < 30 OR n = 50");
    v1::ListReadingsRequest list;
    list.set_property_id(counter.site.property.value);
    list.set_meter_id(counter.site.meters[0].value);
    list.mutable_from()->set_seconds(at(0).time_since_epoch().count() / 1'000'000);
    list.mutable_to()->set_seconds(at(3'600).time_since_epoch().count() / 1'000'000);
    list.set_newest_first(true);
    list.mutable_page()->set_size(20);
    auto page = counter.client().must(&Readings::ListReadings, list);
    REQUIRE(page.readings_size() == 20);
    CHECK(page.readings(0).power_w() == 500);
    CHECK(page.readings(19).power_w() == 110);
    list.mutable_page()->set_token(page.next_page_token());
    page = counter.client().must(&Readings::ListReadings, list);
    REQUIRE(page.readings_size() == 11);
    CHECK(page.readings(0).power_w() == 100);
    CHECK(page.next_page_token().empty());

    v1::ReadingSeriesRequest request;
    request.set_property_id(counter.site.property.value);
    request.set_meter_id(counter.site.meters[0].value);
    *request.mutable_from() = list.from();
    *request.mutable_to() = list.to();
    request.set_steps(6);
    const auto series = counter.client().must(&Readings::GetReadingSeries, request);
    CHECK(series.width_s() == 600);
    REQUIRE(series.steps_size() == 4);
    CHECK(series.steps(0).readings() == 10);
    CHECK(series.steps(0).power_min_w() == 0);
    CHECK(series.steps(0).power_avg_w() == 45);
    CHECK(series.steps(0).power_max_w() == 90);
    CHECK(series.steps(0).energy_wh() == 1'009);
    CHECK(series.steps(0).balance_e4() == 49'991);
    CHECK(series.steps(3).at().seconds() == list.from().seconds() + 3'000);
    v1::ReadingSeries none;
    request.set_steps(1'001);
    CHECK(counter.client().call(&Readings::GetReadingSeries, request, none).fields ==
          std::vector<std::string>{"steps"});
    request.set_steps(0);
    request.mutable_from()->set_seconds(1);
    CHECK(counter.client().call(&Readings::GetReadingSeries, request, none).fields ==
          std::vector<std::string>{"from"});
}
