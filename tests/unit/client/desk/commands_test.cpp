#include <catch2/catch.hpp>

#include "client-wx/presenters/commands/batch_presenter.hpp"
#include "client-wx/presenters/commands/batches_presenter.hpp"
#include "client-wx/presenters/commands/command_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "tests/support/client_scene.hpp"
#include "wutong/v1/control_service.pb.h"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;
using namespace std::chrono_literals;

namespace {

const std::string kBatch = "6f0e8a52-0f3e-4a0e-9a35-2f2a1e2f5b11";

v1::CommandBatch batch(HandClock& clock, int waiting, int done, int failed) {
    v1::CommandBatch one;
    one.set_batch_id(kBatch);
    one.set_kind("set_price");
    one.set_arguments_json(R"({"price_e4":10500})");
    one.set_state(waiting > 0 ? "running" : "finished");
    one.set_operator_("Wang");
    *one.mutable_created_at() = to_proto_time(clock.now() - 40s);
    one.set_total(waiting + done + failed);
    one.set_waiting(waiting);
    one.set_done(done);
    one.set_failed(failed);
    one.set_retryable(failed);
    if (waiting > 0) {
        *one.mutable_eta() = to_proto_time(clock.now() + 20s);
    } else {
        *one.mutable_finished_at() = to_proto_time(clock.now());
    }
    return one;
}

v1::ListCommandsResponse commands() {
    v1::ListCommandsResponse list;
    const char* states[] = {"done", "failed", "queued"};
    for (int i = 0; i < 3; ++i) {
        auto* one = list.add_commands();
        one->set_command_id(100 + i);
        one->set_meter_id(7 + i);
        one->set_unit_code("A-20" + std::to_string(i));
        one->set_state(states[i]);
    }
    list.mutable_commands(1)->set_reason("no answer after 3 tries");
    return list;
}

struct BatchScene : ClientScene {
    BatchScene() {
        sign_in({"control.read", "control.write"});
        presenter.open();
        presenter.show(kBatch);
    }
    void answer(int waiting, int done, int failed) {
        server.answer(method::get_batch, batch(clock, waiting, done, failed));
        server.answer(method::list_commands, commands());
    }
    BatchPresenter presenter{context};
};

}  // namespace

TEST_CASE("commands: words for what was ordered", "[client][commands]") {
    CHECK(command_words("set_price", R"({"price_e4":10500})") == "Set price ¥1.0500");
    CHECK(command_words("set_price", "broken") == "Set price");
    CHECK(command_words("set_settings", R"({"alarm_1_e4":200000,"overload_w":6000})") ==
          "Set limits: alarm 1 ¥20.00, overload 6.00 kW");
    CHECK(command_words("something_new", "") == "something_new");
}

TEST_CASE("commands: one row for each order, with who and how far", "[client][commands]") {
    ClientScene scene;
    scene.sign_in({"control.read"});
    BatchesPresenter presenter{scene.context};
    presenter.open();
    v1::ListBatchesResponse list;
    *list.add_batches() = batch(scene.clock, 3, 38, 1);
    scene.server.answer(method::list_batches, list);
    REQUIRE(presenter.screen().rows.size() == 1);
    const auto& cells = presenter.screen().rows[0].cells;
    CHECK(cells[0].text == "Set price ¥1.0500");
    CHECK(cells[1].text == "Under way");
    CHECK(cells[2].text == "38 of 42");
    CHECK(cells[3].tone == Tone::danger);
    CHECK(cells[4].text == "Wang");
    CHECK(cells[5].text == "26 Mar 10:41");
    const auto row = presenter.screen().rows[0].id;
    CHECK(presenter.batch_of(row) == kBatch);
    scene.clock.advance(2s);
    scene.server.answer(method::list_batches, list);
    CHECK(presenter.screen().rows[0].id == row);  // a selection stays
    presenter.show(BatchesPresenter::Show::under_way);
    CHECK(scene.server.asked(method::list_batches).back().unfinished_only());
}

TEST_CASE("batch: failures first, progress and the time that is left", "[client][commands]") {
    BatchScene scene;
    scene.answer(1, 1, 1);
    const auto& extra = scene.presenter.extra();
    CHECK(extra.progress == "2 of 3 · about 20 s left");
    CHECK(extra.detail.find("3 meters · Wang") == 0);
    REQUIRE(scene.presenter.screen().rows.size() == 3);
    CHECK(scene.presenter.screen().rows[0].cells[0].text == "A-201");
    CHECK(scene.presenter.screen().rows[0].cells[1].text == "Failed");
    CHECK(extra.retry.words == "Try 1 failed again");
    scene.presenter.open_meter(101);
    CHECK(scene.navigator.opened.back() == Place{Page::meter, 8, ""});
}

TEST_CASE("batch: the rest is stopped once, and one can be cancelled", "[client][commands]") {
    BatchScene scene;
    scene.answer(1, 1, 1);
    CHECK_FALSE(scene.presenter.extra().cancel_chosen.shown);
    scene.presenter.select(102);
    CHECK(scene.presenter.extra().cancel_chosen.words == "Cancel A-202");
    scene.presenter.stop_rest();
    scene.presenter.stop_rest();
    REQUIRE(scene.server.asked(method::cancel_batch).size() == 1);
    CHECK(scene.presenter.extra().busy);
    scene.server.fail(method::cancel_batch, refused("batch_finished"));
    CHECK(scene.presenter.extra().failure.find("E-batch_finished") != std::string::npos);
}

TEST_CASE("batch: what is finished is not asked for again, what is tried again is followed",
          "[client][commands]") {
    BatchScene scene;
    scene.answer(0, 2, 1);
    const auto asked = scene.server.asked(method::get_batch).size();
    scene.clock.advance(10s);
    CHECK(scene.server.asked(method::get_batch).size() == asked);
    scene.presenter.retry_failed();
    v1::SendCommandResponse next;
    next.set_batch_id("00000000-0000-4000-8000-000000000002");
    int told = 0;
    scene.presenter.on_order_changed = [&] { ++told; };
    scene.server.answer(method::retry_batch, next);
    CHECK(told == 1);
    CHECK(scene.presenter.batch_id() == next.batch_id());
    CHECK(scene.server.asked(method::get_batch).back().batch_id() == next.batch_id());
}
