#include <wutong/v1/review_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/api/review_methods.hpp"
#include "client-wx/presenters/review/doubted_presenter.hpp"
#include "client-wx/text/format.hpp"
#include "tests/support/form_and_list.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

v1::DoubtedReading doubted(std::int64_t id, const std::string& verdict = "jump") {
    v1::DoubtedReading one;
    one.set_doubt_id(id);
    one.set_meter_id(33);
    one.set_meter_code("M33");
    one.set_unit_code("C-312");
    one.mutable_read_at()->set_seconds(1'774'000'000);
    one.mutable_before_at()->set_seconds(1'773'990'000);
    one.set_verdict(verdict);
    one.set_shown_wh(9'000'000);
    one.set_before_wh(1'000'000);
    for (const char* word : {"used", "anew", "ignored"}) {
        one.add_possible(word);
    }
    return one;
}

v1::DoubtedReading decided(std::int64_t id) {
    auto one = doubted(id);
    one.clear_possible();
    one.set_decision("ignored");
    one.set_reason("lightning");
    one.set_decided_by("Wang");
    return one;
}

struct DoubtedScene : SaleScene {
    explicit DoubtedScene(const std::vector<std::string>& more = {"reading.review"})
        : SaleScene{{"reading.read"}, more} {}
    void say(const std::vector<v1::DoubtedReading>& readings) {
        say_items(server, method::list_doubted_readings, &v1::ListDoubtedReadingsResponse::add_readings,
                  readings);
    }
};

}  // namespace

TEST_CASE("doubted readings: open ones first of all, with what was shown and what was believed",
          "[doubted]") {
    DoubtedScene scene;
    DoubtedPresenter list{scene.context};
    list.open();
    CHECK_FALSE(scene.server.asked(method::list_doubted_readings)[0].decided_too());
    scene.say({doubted(7), doubted(6, "frozen")});
    REQUIRE(list.screen().rows.size() == 2);
    const auto& row = list.screen().rows[0];
    CHECK(row.id == 7);
    CHECK(row.cells[0].text == "C-312");
    CHECK(row.cells[2].text == "Jumped");
    CHECK(row.cells[3].text == energy(9'000'000));
    CHECK(row.cells[4].text == energy(1'000'000));
    CHECK(row.cells[5].text == "+" + energy(8'000'000));
    CHECK(row.cells[6].text == "Undecided");
    CHECK(list.screen().rows[1].cells[2].text == "Stands still under load");
    list.show_all(true);
    CHECK(scene.server.asked(method::list_doubted_readings).back().decided_too());
    scene.say({decided(5)});
    REQUIRE(list.screen().rows.size() == 1);
    CHECK(list.screen().rows[0].cells[6].text == "Left out");
    CHECK(list.screen().rows[0].cells[7].text == "lightning  ·  Wang");
}

TEST_CASE("doubted readings: nothing is decided for anybody, a reason is needed, and it is sent once",
          "[doubted]") {
    DoubtedScene scene;
    DoubtedPresenter list{scene.context};
    list.open();
    scene.say({doubted(7)});
    const auto form = list.decide_form(7);
    REQUIRE(form);
    CHECK(form->screen().title == "C-312: Jumped");
    CHECK(form->screen().intro.find(energy(9'000'000)) != std::string::npos);
    const auto decision = field(*form, "decision");
    const auto reason = field(*form, "reason");
    CHECK(form->screen().fields[decision].value.empty());
    CHECK(form->screen().fields[decision].options.size() == 4);
    form->submit();
    CHECK(scene.server.asked(method::decide_doubted_reading).empty());
    CHECK_FALSE(form->screen().fields[decision].error.empty());
    CHECK_FALSE(form->screen().fields[reason].error.empty());
    form->set(decision, "used");
    CHECK(form->screen().submit == "Charge C-312 by it");
    form->set(decision, "anew");
    CHECK(form->screen().submit == "Count C-312 from here");
    form->set(decision, "ignored");
    form->set(reason, "  lightning  ");
    std::string said;
    form->on_saved = [&](const std::string& words) { said = words; };
    form->submit();
    form->submit();
    REQUIRE(scene.server.asked(method::decide_doubted_reading).size() == 1);
    const auto asked = scene.server.asked(method::decide_doubted_reading)[0];
    CHECK(asked.doubt_id() == 7);
    CHECK(asked.decision() == "ignored");
    CHECK(asked.reason() == "lightning");
    CHECK_FALSE(asked.request_id().empty());
    scene.server.answer(method::decide_doubted_reading, decided(7));
    CHECK(said == "C-312: Left out.");
}

TEST_CASE("doubted readings: a rollover says what would have been used", "[doubted]") {
    DoubtedScene scene;
    DoubtedPresenter list{scene.context};
    list.open();
    auto one = doubted(8, "rollover");
    one.set_shown_wh(2'000);
    one.set_before_wh(9'999'000);
    one.set_capacity_wh(10'000'000);
    scene.say({one});
    const auto form = list.decide_form(8);
    REQUIRE(form);
    CHECK(form->screen().intro.find(energy(3'000)) != std::string::npos);
}

TEST_CASE("doubted readings: decided ones are not decided again, and a role that may not is told",
          "[doubted]") {
    DoubtedScene scene{{}};
    DoubtedPresenter list{scene.context};
    list.open();
    scene.say({doubted(7), decided(6)});
    CHECK_FALSE(list.decide_form(6));
    CHECK_FALSE(list.decide_form(99));
    const auto form = list.decide_form(7);
    REQUIRE(form);
    CHECK_FALSE(form->screen().off_reason.empty());
    form->set(field(*form, "decision"), "used");
    form->set(field(*form, "reason"), "x");
    form->submit();
    CHECK(scene.server.asked(method::decide_doubted_reading).empty());
}

TEST_CASE("doubted readings: all verdicts and decisions have words", "[doubted]") {
    for (const char* verdict : {"rollover", "reset", "backwards", "jump", "torn", "frozen", "repeated"}) {
        CHECK(doubt_words(verdict) != verdict);
    }
    CHECK(doubt_words("new_kind") == "new_kind");
    for (const char* decision : {"used", "anew", "ignored"}) {
        CHECK(decision_words(decision) != decision);
    }
}
