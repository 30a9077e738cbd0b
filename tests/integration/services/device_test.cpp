#include <wutong/v1/device_service.grpc.pb.h>

#include <catch2/catch.hpp>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;
using Devices = v1::DeviceService::Stub;

TEST_CASE("a meter keeps its address, channel, profile and serial number while something is on its way to it",
          "[services]") {
    Counter counter{2};
    const auto meter = counter.site.meters[0];
    const auto account = counter.open_and_deliver({{meter, 1'000'000}});
    v1::GetMeterRequest get;
    get.set_property_id(counter.site.property.value);
    get.set_meter_id(meter.value);
    const auto update = [&](auto change) {
        v1::UpdateMeterRequest request;
        request.set_request_id(new_request_id());
        *request.mutable_meter() = counter.client().must(&Devices::GetMeter, get);
        change(*request.mutable_meter());
        v1::Meter changed;
        return counter.client().call(&Devices::UpdateMeter, request, changed);
    };
    counter.client().must(&Sales::Sell, counter.sale(account.account_id(), meter, 100'000));
    const auto moved = update([](v1::Meter& m) { m.set_bus_address(99); });
    CHECK(moved.code == StatusCode::FAILED_PRECONDITION);
    CHECK(moved.reason == "work_under_way");
    CHECK(moved.message.find("1 unfinished payments") != std::string::npos);
    CHECK(moved.message.find("bus address") != std::string::npos);
    CHECK(update([](v1::Meter& m) { m.set_serial_number("4711"); }).reason == "work_under_way");
    // What does not say which meter is meant may change.
    CHECK(update([](v1::Meter& m) { m.set_alarm_1_e4(300'000); }).code == StatusCode::OK);
    REQUIRE(counter.field.deliver() == 1);
    CHECK(update([](v1::Meter& m) { m.set_bus_address(99); }).code == StatusCode::OK);

    counter.client().must(&Controls::SendCommand, counter.command("read_now", {meter}));
    CHECK(update([](v1::Meter& m) { m.set_bus_address(98); }).reason == "work_under_way");
}

TEST_CASE("a price or alarm that a meter's registers can't hold is not queued for it", "[services]") {
    Counter counter{1};
    auto request = counter.command("set_settings", counter.site.meters);
    request.set_alarm_1_e4(12'345);
    request.set_alarm_2_e4(10'000);
    const auto sent = counter.client().must(&Controls::SendCommand, request);
    CHECK(sent.commands_size() == 0);
    REQUIRE(sent.skipped_size() == 1);
    CHECK(sent.skipped(0).reason() == "does_not_fit");
    CHECK(sent.skipped(0).text().find("alarm_1_e4") != std::string::npos);
    CHECK(sent.skipped(0).text().find("multiples of 100") != std::string::npos);
}
