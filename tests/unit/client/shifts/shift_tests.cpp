#include <wutong/v1/cashier_service.pb.h>
#include <wutong/v1/site_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/shell/shell_presenter.hpp"
#include "client-wx/presenters/shifts/shift_lists.hpp"
#include "client-wx/presenters/shifts/shift_presenter.hpp"
#include "client-wx/text/format.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

constexpr std::int64_t yuan = 10'000;

v1::Shift a_shift(std::int64_t cash_sold, std::int64_t card_sold, std::int64_t operator_id = 7) {
    v1::Shift shift;
    shift.set_shift_id(12);
    shift.set_point_code("EAST");
    shift.set_point_name("East counter");
    shift.set_operator_id(operator_id);
    shift.set_operator_(operator_id == 7 ? "cashier02" : "cashier03");
    shift.set_state("open");
    shift.set_receipt_count(2);
    auto* cash = shift.add_drawers();
    cash->set_method(v1::TENDER_METHOD_CASH);
    cash->set_sold_e4(cash_sold);
    cash->set_moved_e4(200 * yuan);
    cash->set_expected_e4(cash_sold + 200 * yuan);
    if (card_sold != 0) {
        auto* card = shift.add_drawers();
        card->set_method(v1::TENDER_METHOD_CARD);
        card->set_sold_e4(card_sold);
        card->set_expected_e4(card_sold);
    }
    return shift;
}

/// Somebody who works shifts; what the server has is `now`, nothing: no shift is open.
struct ShiftScene : ClientScene {
    std::optional<v1::Shift> now;
    bool required{false};
    std::unique_ptr<ShiftPresenter> shift_page;
    using Stage = ShiftScreen::Stage;

    ShiftScene() {
        server.on(method::list_points, [](const v1::ListPointsRequest&) {
            v1::ListPointsResponse points;
            auto* west = points.add_points();
            west->set_point_id(4);
            west->set_code("WEST");
            west->set_enabled(true);
            west->set_open_shift_operator("cashier03");
            auto* east = points.add_points();
            east->set_point_id(5);
            east->set_code("EAST");
            east->set_name("East counter");
            east->set_enabled(true);
            points.add_points()->set_code("OLD");
            return points;
        });
        server.on(method::get_parameters, [this](const v1::GetParametersRequest&) {
            v1::Parameters all;
            auto* one = all.add_parameters();
            one->set_key("shift_required");
            one->set_value(required ? "1" : "0");
            return all;
        });
    }
    void begin() {
        sign_in({"sale.write", "sale.read", "shift.work", "point.read", "parameter.read", "device.read"});
        answer();
        shift_page = std::make_unique<ShiftPresenter>(context, [] {});
        shift_page->show(0);
        answer();
    }
    /// Answers what is asked for, the shift as it is now.
    void answer() {
        if (now) {
            server.on(method::get_shift, [this](const v1::GetShiftRequest&) { return *now; });
        } else {
            server.on_fault(method::get_shift, fault_of(Fault::Kind::refused, "no_open_shift"));
        }
        server.deliver();
    }
    [[nodiscard]] const ShiftScreen& screen() const { return shift_page->screen(); }
    [[nodiscard]] std::vector<v1::CloseShiftRequest> closed() const {
        return server.asked(method::close_shift);
    }
};

}  // namespace

TEST_CASE("shift: opened with a float at a free vending point, once") {
    ShiftScene scene;
    scene.begin();
    REQUIRE(scene.screen().stage == ShiftScene::Stage::none);
    CHECK(scene.screen().points.size() == 2);  // the one out of use is not offered
    CHECK(scene.screen().point == 1);          // the first that nobody works at
    scene.shift_page->type_float("200,00x");
    CHECK_FALSE(scene.screen().can_open);
    scene.shift_page->type_float("200");
    CHECK(scene.screen().open_words == "Open shift at EAST with ¥200.00");
    int opened = 0;
    scene.shift_page->on_opened = [&opened] { ++opened; };
    scene.shift_page->open_shift();
    scene.shift_page->open_shift();
    REQUIRE(scene.server.asked(method::open_shift).size() == 1);
    CHECK(scene.server.asked(method::open_shift)[0].float_e4() == 200 * yuan);
    CHECK(scene.server.asked(method::open_shift)[0].point_id() == 5);
    scene.server.answer(method::open_shift, a_shift(0, 0));
    CHECK(scene.screen().stage == ShiftScene::Stage::open);
    CHECK(scene.shift.state() == ShiftWatch::State::open);
    CHECK(opened == 1);
}

TEST_CASE(
    "shift: a point that somebody works at is not opened; a lost answer is asked for with the same request") {
    ShiftScene scene;
    scene.begin();
    scene.shift_page->choose_point(0);
    CHECK(scene.screen().why_not_open.find("cashier03") != std::string::npos);
    scene.shift_page->open_shift();
    CHECK(scene.server.asked(method::open_shift).empty());
    scene.shift_page->choose_point(1);
    scene.shift_page->open_shift();
    scene.server.fail(method::open_shift, outcome_unknown());
    scene.shift_page->choose_point(0);  // nothing is changed while it is open
    scene.clock.advance(std::chrono::seconds{5});
    const auto asked = scene.server.asked(method::open_shift);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].SerializeAsString() == asked[1].SerializeAsString());
}

TEST_CASE(
    "shift: counted first, then compared; a difference needs a reason; then it is closed as it was shown") {
    ShiftScene scene;
    scene.now = a_shift(300 * yuan, 150 * yuan);
    scene.begin();
    REQUIRE(scene.screen().stage == ShiftScene::Stage::open);
    CHECK(scene.screen().result.empty());  // what the books expect is not told before the count
    REQUIRE(scene.screen().others.size() == 1);
    scene.shift_page->go_on();
    CHECK_FALSE(scene.screen().notes[0].error.empty());
    CHECK_FALSE(scene.screen().others[0].error.empty());
    scene.shift_page->type_note(0, "４");  // full-width digits count
    scene.shift_page->type_note(1, "1");
    scene.shift_page->type_note(2, "2");
    scene.shift_page->type_note(7, "5");
    CHECK(scene.screen().notes[0].sum == "¥400.00");
    CHECK(scene.screen().counted_cash == "¥490.50");
    scene.shift_page->type_other(0, "150");
    scene.shift_page->go_on();
    scene.answer();
    REQUIRE(scene.screen().compared);
    CHECK(scene.screen().difference == "¥9.50 short");
    REQUIRE(scene.screen().result.size() == 2);
    CHECK(scene.screen().result[0].expected == "¥500.00");
    CHECK(scene.screen().result[0].difference == "−¥9.50");
    CHECK(scene.closed().empty());
    scene.shift_page->go_on();
    scene.answer();
    CHECK_FALSE(scene.screen().reason_error.empty());
    CHECK(scene.closed().empty());
    scene.shift_page->type_reason("wrong change given");
    scene.shift_page->go_on();
    scene.answer();
    REQUIRE(scene.closed().size() == 1);
    CHECK(scene.closed()[0].note() == "wrong change given");
    REQUIRE(scene.closed()[0].counted_size() == 2);
    CHECK(scene.closed()[0].counted(0).amount_e4() == 4'905'000);
    CHECK(scene.closed()[0].counted(1).method() == v1::TENDER_METHOD_CARD);
    auto done = a_shift(300 * yuan, 150 * yuan);
    done.set_state("closed");
    done.set_difference_e4(-95'000);
    scene.server.answer(method::close_shift, done);
    CHECK(scene.screen().stage == ShiftScene::Stage::closed);
    CHECK(scene.screen().difference == "¥9.50 short");
    CHECK(scene.shift.state() == ShiftWatch::State::none);
}

TEST_CASE("shift: what was booked between the comparison and the button is shown before it is closed") {
    ShiftScene scene;
    scene.now = a_shift(300 * yuan, 0);
    scene.begin();
    scene.shift_page->count_by_total(true);
    scene.shift_page->type_total("500");
    scene.shift_page->go_on();
    scene.answer();
    CHECK(scene.screen().difference == "No difference");
    scene.now = a_shift(400 * yuan, 0);
    scene.shift_page->go_on();
    scene.answer();
    CHECK(scene.closed().empty());
    CHECK(scene.screen().notice_is_error);
    CHECK(scene.screen().difference == "¥100.00 short");
    scene.shift_page->type_total("600");  // counted again: compared again
    CHECK_FALSE(scene.screen().compared);
    scene.shift_page->go_on();
    scene.answer();
    scene.shift_page->go_on();
    scene.answer();
    CHECK(scene.closed().size() == 1);
}

TEST_CASE("shift: absurd counts and figures") {
    ShiftScene scene;
    scene.now = a_shift(INT64_MAX, INT64_MAX - 5);
    scene.now->mutable_drawers(0)->set_expected_e4(INT64_MIN);
    scene.begin();
    for (const auto* text : {"-1", "x", "99999999", "1.5"}) {
        INFO(text);
        scene.shift_page->type_note(0, text);
        CHECK_FALSE(scene.screen().notes[0].error.empty());
    }
    scene.shift_page->type_note(99, "1");
    scene.shift_page->type_other(99, "1");
    scene.shift_page->type_note(0, "0");
    scene.shift_page->type_other(0, "-3");
    scene.shift_page->go_on();
    scene.answer();
    CHECK(scene.screen().compared);
    CHECK(scene.closed().empty());
}

TEST_CASE("shift: the drawer of another cashier can be counted, but no cash moved") {
    ShiftScene scene;
    scene.begin();
    scene.now = a_shift(10 * yuan, 0, 8);
    scene.shift_page->show(12);
    scene.answer();
    CHECK(scene.screen().stage == ShiftScene::Stage::open);
    CHECK_FALSE(scene.screen().own);
    CHECK(scene.screen().title.find("cashier03") != std::string::npos);
    CHECK(scene.shift_page->cash_form(true) == nullptr);
    CHECK(scene.shift.state() == ShiftWatch::State::none);
}

TEST_CASE("shift: where one is required, a sale says so and waits; the rail shows what is open") {
    ShiftScene scene;
    scene.required = true;
    scene.begin();
    CHECK(scene.shift.needed());
    SalePresenter sale{scene.context, [] {}};
    CHECK(sale.screen().notice.find("F7") != std::string::npos);
    CHECK_FALSE(sale.screen().can_sell);
    ShellPresenter shell{scene.context, [] {}};
    shell.refresh();
    CHECK(shell.screen().shift == "No shift open");
    scene.now = a_shift(300 * yuan, 150 * yuan);
    scene.shift.refresh();
    scene.answer();
    CHECK_FALSE(scene.shift.needed());
    CHECK(sale.screen().notice.empty());
    CHECK(shell.screen().shift.find("EAST") != std::string::npos);
    CHECK(shell.screen().shift_detail == "¥450.00 · 2 receipts");
}

TEST_CASE("shift: pay-out with a reason; the drawer's answer is taken over") {
    ShiftScene scene;
    scene.now = a_shift(300 * yuan, 0);
    scene.begin();
    auto form = scene.shift_page->cash_form(true);
    REQUIRE(form != nullptr);
    std::string said;
    form->on_saved = [&said](const std::string& words) { said = words; };
    form->set(0, "50");
    CHECK(form->screen().submit == "Pay out ¥50.00");
    form->submit();
    CHECK(form->screen().first_fault == 1);
    form->set(1, "to the bank");
    form->submit();
    const auto asked = scene.server.asked(method::move_cash);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].out());
    CHECK(asked[0].amount_e4() == 50 * yuan);
    scene.server.answer(method::move_cash, a_shift(250 * yuan, 0));
    CHECK(said.find("¥50.00") != std::string::npos);
}

TEST_CASE("shift lists: a difference stands out; limits and points say what they are") {
    ShiftScene scene;
    scene.begin();
    ShiftsPresenter shifts{scene.context};
    shifts.open();
    v1::ListShiftsResponse answer;
    *answer.add_shifts() = a_shift(0, 0);
    auto closed = a_shift(0, 0);
    closed.set_shift_id(11);
    closed.set_state("closed");
    closed.set_difference_e4(-20'000);
    *answer.add_shifts() = closed;
    scene.server.answer(method::list_shifts, answer);
    REQUIRE(shifts.screen().rows.size() == 2);
    CHECK(shifts.screen().rows[0].cells[7].text == kDash);
    CHECK(shifts.screen().rows[1].cells[7].text == "−¥2.00");
    CHECK(shifts.screen().rows[1].cells[7].tone == Tone::danger);
    PointsPresenter points{scene.context};
    points.open();
    scene.server.deliver();
    REQUIRE(points.screen().rows.size() == 3);
    CHECK(points.screen().rows[0].cells[2].text.find("cashier03") != std::string::npos);
    CHECK_FALSE(points.may_change());
}
