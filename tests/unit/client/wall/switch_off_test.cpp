#include <catch2/catch.hpp>

#include "client-wx/presenters/control/bulk_command.hpp"
#include "client-wx/presenters/control/settings_form.hpp"
#include "tests/unit/client/wall/wall_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

CommandWish off(std::vector<std::int64_t> meters) {
    CommandWish wish;
    wish.verb = CommandVerb::switch_off;
    wish.meters = std::move(meters);
    return wish;
}

std::vector<std::int64_t> first(std::int64_t n) {
    std::vector<std::int64_t> ids;
    for (std::int64_t id = 1; id <= n; ++id) {
        ids.push_back(id);
    }
    return ids;
}

}  // namespace

TEST_CASE("switch off: the dialog says unit, load now and guard; nothing is sent without it",
          "[batch][cut]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    scene.answer_commands();
    std::vector<CutQuestion> asked;
    batch.on_ask = [&](const CutQuestion& question) { asked.push_back(question); };
    batch.prepare(off({3}));
    scene.server.deliver();
    REQUIRE(asked.size() == 1);  // for a single unit at once
    CHECK(asked[0].title == "Switch off A-103?");
    CHECK(asked[0].commit == "Switch off A-103");
    CHECK(asked[0].count == 1);
    CHECK(asked[0].facts.at(0) == std::pair<std::string, std::string>{"Load now", "1.42 kW"});
    CHECK(asked[0].facts.back().first == "Guarantee");
    CHECK(asked[0].units == std::vector<std::string>{"A-103 · Noodle House"});
    CHECK(scene.sends.empty());
    batch.confirm();
    scene.server.deliver();
    REQUIRE(scene.sends.size() == 1);
    CHECK(scene.sends[0].kind() == "switch_off");
}

TEST_CASE("switch off: many units are listed in part, their loads added up, their number is to be typed",
          "[batch][cut]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    scene.answer_commands({{12, "payment_on_its_way"}});
    scene.change(1, [](v1::LiveMeter& meter) {
        meter.mutable_state()->set_forced(true);
        meter.mutable_state()->set_status(v1::METER_STATUS_GUARANTEED);
    });
    scene.change(2, [](v1::LiveMeter& meter) { meter.mutable_state()->clear_power_w(); });
    std::optional<CutQuestion> question;
    batch.on_ask = [&](const CutQuestion& q) { question = q; };
    batch.prepare(off(first(12)));
    scene.server.deliver();
    CHECK_FALSE(question.has_value());  // first the preview with who is skipped
    batch.commit();
    REQUIRE(question.has_value());
    CHECK(question->title == "Switch off 11 units?");
    CHECK(question->count == 11);
    CHECK(question->count >= BulkCommand::kTypeFrom);
    CHECK(question->type_label == "Type 11 to go on");
    CHECK(question->units.size() == 8);
    CHECK(question->and_more == "and 3 more");
    CHECK(question->facts.at(0).second == "14.2 kW");
    CHECK(question->facts.at(1) == std::pair<std::string, std::string>{"Load unknown", "1 meter"});
    CHECK(question->facts.at(2).second == "1 are guaranteed; this ends it");
    CHECK_THAT(question->warning, Catch::Contains("credit on the way"));
}

TEST_CASE("settings: price and limits are checked as typed", "[batch][form]") {
    SettingsForm form;
    form.price = "1.05";
    CHECK(form.check_price().wish->price_e4 == 10'500);
    form.price = "１．２３４５";
    CHECK(form.check_price().wish->price_e4 == 12'345);
    for (const char* wrong : {"", "0", "-1", "abc", "1.23456", "101"}) {
        form.price = wrong;
        CAPTURE(wrong);
        CHECK_FALSE(form.check_price().wish.has_value());
        CHECK(form.check_price().errors.contains("price"));
    }
    form.alarm_1 = "40";
    form.alarm_2 = "15";
    form.overload_kw = "6.5";
    const auto good = form.check_limits();
    REQUIRE(good.wish.has_value());
    CHECK(good.wish->alarm_1_e4 == 400'000);
    CHECK(good.wish->alarm_2_e4 == 150'000);
    CHECK(good.wish->overload_w == 6'500);
    CHECK_FALSE(good.wish->overdraft_e4.has_value());
    form.alarm_2 = "50";
    CHECK(form.check_limits().errors.contains("alarm_2"));
    form = {};
    CHECK_FALSE(form.check_limits().wish.has_value());
    form.overload_kw = "0";
    CHECK(form.check_limits().errors.contains("overload"));
    form.overload_kw = "x";
    CHECK(form.check_limits().errors.contains("overload"));
}
