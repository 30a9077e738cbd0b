#include <catch2/catch.hpp>

#include "storage/readings.hpp"
#include "tests/integration/services/counter.hpp"
#include "wutong/v1/review_service.grpc.pb.h"

using namespace wutong;
using namespace wutong::tests;

TEST_CASE("doubted readings: listed, decided once with a reason, by who may", "[services][plausibility]") {
    using Review = v1::ReviewService::Stub;
    Counter counter{1};
    auto& client = counter.client();
    const auto meter = counter.site.meters[0];
    storage::ReadingRow row;
    row.property = counter.site.property;
    row.meter = meter;
    row.read_at = at(20);
    row.doubted = core::DoubtedRegister{
        core::Plausibility::reset, core::Energy{20}, core::Energy{6'000}, at(1), {}, "it was set back"};
    storage::put_readings(counter.database.collector(), {row});

    v1::ListDoubtedReadingsRequest which;
    which.set_property_id(counter.site.property.value);
    const auto open = client.must(&Review::ListDoubtedReadings, which);
    REQUIRE(open.readings_size() == 1);
    const auto& one = open.readings(0);
    CHECK(one.meter_code() == "M1");
    CHECK(one.verdict() == "reset");
    CHECK(one.shown_wh() == 20);
    CHECK(one.before_wh() == 6'000);
    CHECK(std::vector<std::string>(one.possible().begin(), one.possible().end()) ==
          std::vector<std::string>{"anew", "ignored"});

    v1::DecideDoubtedReadingRequest decide;
    decide.set_request_id(new_request_id());
    decide.set_property_id(counter.site.property.value);
    decide.set_doubt_id(one.doubt_id());
    decide.set_decision("used");
    v1::DoubtedReading decided;
    CHECK(client.call(&Review::DecideDoubtedReading, decide, decided).fields ==
          std::vector<std::string>{"reason"});
    decide.set_reason("a new meter behind the old number");
    CHECK(client.call(&Review::DecideDoubtedReading, decide, decided).fields ==
          std::vector<std::string>{"decision"});
    decide.set_decision("perhaps");
    CHECK(client.call(&Review::DecideDoubtedReading, decide, decided).fields ==
          std::vector<std::string>{"decision"});
    decide.set_decision("anew");
    decided = client.must(&Review::DecideDoubtedReading, decide);
    CHECK(decided.decision() == "anew");
    CHECK_FALSE(decided.decided_by().empty());
    CHECK(client.must(&Review::DecideDoubtedReading, decide).decided_at().seconds() ==
          decided.decided_at().seconds());
    decide.set_request_id(new_request_id());
    CHECK(client.call(&Review::DecideDoubtedReading, decide, decided).reason == "already_decided");
    decide.set_request_id(new_request_id());
    decide.set_doubt_id(4'711);
    CHECK(client.call(&Review::DecideDoubtedReading, decide, decided).code == grpc::StatusCode::NOT_FOUND);
    CHECK(client.must(&Review::ListDoubtedReadings, which).readings_size() == 0);
    which.set_decided_too(true);
    CHECK(client.must(&Review::ListDoubtedReadings, which).readings_size() == 1);
    CHECK(counter.count("operation_log WHERE action = 'reading.decide'") == 1);
}
