#include "client-wx/presenters/control/bulk_command.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/client/wall/wall_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;
using Stage = BulkScreen::Stage;

namespace {

CommandWish price_of(std::vector<std::int64_t> meters) {
    CommandWish wish;
    wish.verb = CommandVerb::set_price;
    wish.price_e4 = 10'500;
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

std::size_t number(const BulkCommand& batch, WallBadge badge) {
    for (const auto& count : batch.screen().counts) {
        if (count.badge == badge) {
            return count.number;
        }
    }
    return 0;
}

v1::CommandBatch batch_in(const std::string& id, const std::string& state) {
    v1::CommandBatch batch;
    batch.set_batch_id(id);
    batch.set_kind("set_price");
    batch.set_arguments_json(R"({"price_e4": 10500})");
    batch.set_state(state);
    return batch;
}

/// A price sent to meters 1 to 6, of which 2 is skipped.
struct Running : WallScene {
    BulkCommand batch{context};
    std::string id;

    Running() {
        answer_commands({{2, "payment_on_its_way"}});
        batch.prepare(price_of(first(6)));
        server.deliver();
        batch.commit();
        server.deliver();
        id = sends.at(0).request_id();
    }
    void meter(std::int64_t meter_id, const std::string& state, const std::string& reason = {}) {
        server.push(method::watch_commands, command(meter_id, state, id, reason));
        clock.advance(std::chrono::milliseconds{150});
    }
};

}  // namespace

TEST_CASE("batch: the preview says who gets it and who is skipped and why; nothing is sent yet", "[batch]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    scene.answer_commands({{2, "payment_on_its_way"}, {5, "not_switchable"}, {6, "made_up_reason"}});
    batch.prepare(price_of(first(8)));
    CHECK(batch.screen().stage == Stage::checking);
    scene.server.deliver();
    const auto& screen = batch.screen();
    CHECK(screen.stage == Stage::preview);
    CHECK(screen.title == "Set price ¥1.0500");
    CHECK(screen.who_gets_it == "5 meters get it, 3 are skipped");
    CHECK(screen.commit == "Send price ¥1.0500 to 5 meters");
    REQUIRE(screen.needs_you.size() == 3);
    CHECK(screen.needs_you[0].text == "Skipped: credit on the way");
    CHECK(screen.needs_you[1].text == "Skipped: only measures");
    CHECK(screen.needs_you[2].text == "Skipped");
    CHECK(batch.badge_of(2) == WallBadge::skipped);
    CHECK(batch.badge_of(1) == WallBadge::none);
    const auto asked = scene.server.asked(method::send_command);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].check_only());
    CHECK(asked[0].request_id().empty());
    CHECK(scene.sends.empty());
}

TEST_CASE("batch: some that do not answer are named in the preview", "[batch]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    scene.server.on(method::send_command, [](const v1::SendCommandRequest& asked) {
        auto answer = WallScene::check_answer(asked);
        answer.set_unanswering(3);
        return answer;
    });
    batch.prepare(price_of(first(4)));
    scene.server.deliver();
    CHECK_THAT(batch.screen().caution, Catch::StartsWith("3 of them do not answer"));
}

TEST_CASE("batch: nobody would get it, so there is nothing to press", "[batch]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    scene.answer_commands({{1, "disabled"}, {2, "disabled"}});
    batch.prepare(price_of(first(2)));
    scene.server.deliver();
    CHECK(batch.screen().commit.empty());
    batch.commit();
    batch.confirm();
    scene.server.deliver();
    CHECK(scene.sends.empty());
}

TEST_CASE("batch: only those of the preview are sent to, in one request", "[batch]") {
    Running run;
    REQUIRE(run.sends.size() == 1);
    CHECK(run.sends[0].meter_ids_size() == 5);
    CHECK(run.sends[0].price_e4() == 10'500);
    CHECK_FALSE(run.sends[0].check_only());
    CHECK_FALSE(run.sends[0].request_id().empty());
    CHECK(run.batch.screen().stage == Stage::running);
    CHECK(run.server.asked(method::watch_commands).at(0).batch_id() == run.id);
}

TEST_CASE("batch: each meter's progress shows on its cell and in the counts", "[batch]") {
    Running run;
    std::vector<std::int64_t> told;
    run.batch.on_badges = [&](const std::vector<std::int64_t>& ids) {
        told.insert(told.end(), ids.begin(), ids.end());
    };
    run.meter(1, "running");
    run.meter(3, "done");
    run.meter(4, "failed", "no answer");
    CHECK(told == std::vector<std::int64_t>{1, 3, 4});
    CHECK(run.batch.badge_of(1) == WallBadge::under_way);
    CHECK(run.batch.badge_of(3) == WallBadge::done);
    CHECK(run.batch.badge_of(4) == WallBadge::failed);
    CHECK(run.batch.badge_of(5) == WallBadge::waiting);
    CHECK(run.batch.badge_of(12) == WallBadge::none);
    const auto& screen = run.batch.screen();
    CHECK(number(run.batch, WallBadge::done) == 1);
    CHECK(number(run.batch, WallBadge::under_way) == 1);
    CHECK(number(run.batch, WallBadge::waiting) == 2);
    CHECK(number(run.batch, WallBadge::skipped) == 1);
    CHECK(number(run.batch, WallBadge::failed) == 1);
    CHECK_THAT(screen.progress, Catch::StartsWith("3 of 6"));
    REQUIRE(screen.needs_you.size() == 2);
    CHECK(screen.needs_you[0].code == "U4");  // failed ones first
    CHECK(screen.needs_you[0].text == "No answer");
    CHECK(screen.retry == "Try 1 failed again");
}

TEST_CASE("batch: when all are finished the panel says so and stops asking", "[batch]") {
    Running run;
    int finished = 0;
    run.batch.on_finished = [&] { ++finished; };
    for (const std::int64_t id : {1, 3, 4, 5}) {
        run.meter(id, "done");
    }
    CHECK(finished == 0);
    run.meter(6, "expired");
    CHECK(finished == 1);
    CHECK(run.batch.screen().stage == Stage::finished);
    CHECK(run.server.open_streams(method::watch_commands) == 0);
    const auto asked = run.server.asked(method::get_batch).size();
    run.clock.advance(std::chrono::seconds{30});
    CHECK(run.server.asked(method::get_batch).size() == asked);
    CHECK(run.batch.screen().needs_you.at(0).text == "Not sent in time");
}

TEST_CASE("batch: pause, go on and stop ask with an id of their own", "[batch]") {
    Running run;
    CHECK(run.batch.screen().can_pause);
    run.batch.pause();
    CHECK_FALSE(run.batch.screen().can_pause);  // until it is answered
    run.server.answer(method::pause_batch, batch_in(run.id, "paused"));
    CHECK(run.batch.screen().can_resume);
    CHECK_THAT(run.batch.screen().progress, Catch::Contains("paused"));
    run.batch.resume();
    run.server.answer(method::resume_batch, batch_in(run.id, "running"));
    CHECK(run.batch.screen().can_stop);
    run.batch.stop_rest();
    run.server.answer(method::cancel_batch, batch_in(run.id, "stopped"));
    CHECK_FALSE(run.batch.screen().can_stop);
    for (const std::int64_t id : {1, 3, 4, 5, 6}) {
        run.meter(id, "cancelled");
    }
    CHECK(run.batch.screen().stage == Stage::finished);
    CHECK(run.batch.screen().needs_you.back().text == "Stopped before it was sent");
    CHECK(run.server.asked(method::pause_batch).at(0).batch_id() == run.id);
    CHECK(run.server.asked(method::pause_batch).at(0).request_id() !=
          run.server.asked(method::cancel_batch).at(0).request_id());
}

TEST_CASE("batch: a refused pause is said and the batch goes on", "[batch]") {
    Running run;
    run.batch.pause();
    run.server.fail(method::pause_batch, refused("batch_finished"));
    CHECK_FALSE(run.batch.screen().fault.empty());
    CHECK(run.batch.screen().stage == Stage::running);
    run.meter(1, "done");
    CHECK(number(run.batch, WallBadge::done) == 1);
}

TEST_CASE("batch: failed ones are tried again, the counts go on over all of them", "[batch]") {
    Running run;
    for (const std::int64_t id : {1, 3, 4}) {
        run.meter(id, "done");
    }
    run.meter(5, "failed", "no answer");
    run.meter(6, "failed", "no answer");
    CHECK(run.batch.screen().stage == Stage::finished);
    run.batch.retry_failed();
    const auto asked = run.server.asked(method::retry_batch).at(0);
    CHECK(asked.batch_id() == run.id);
    v1::SendCommandResponse answer;
    answer.set_batch_id(asked.request_id());
    *answer.add_commands() = WallScene::command(5, "queued", asked.request_id(), {}, 905);
    *answer.add_commands() = WallScene::command(6, "queued", asked.request_id(), {}, 906);
    run.server.answer(method::retry_batch, answer);
    CHECK(run.batch.screen().stage == Stage::running);
    CHECK(number(run.batch, WallBadge::done) == 3);
    CHECK(number(run.batch, WallBadge::waiting) == 2);
    CHECK(number(run.batch, WallBadge::failed) == 0);
    run.server.push(method::watch_commands, WallScene::command(5, "done", asked.request_id(), {}, 905));
    // Late news of the first try does not undo that.
    run.server.push(method::watch_commands, WallScene::command(5, "failed", run.id, "no answer", 505));
    run.server.push(method::watch_commands, WallScene::command(6, "done", asked.request_id(), {}, 906));
    run.clock.advance(std::chrono::milliseconds{200});
    CHECK(number(run.batch, WallBadge::done) == 5);
    CHECK(run.batch.screen().stage == Stage::finished);
}

TEST_CASE("batch: the outcome of sending is unknown, so the same request is asked again", "[batch][link]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    scene.server.on(method::send_command,
                    [](const v1::SendCommandRequest& asked) { return WallScene::check_answer(asked); });
    batch.prepare(price_of(first(3)));
    scene.server.deliver();
    scene.server.no_rule(method::send_command);
    batch.commit();
    scene.server.fail(method::send_command, outcome_unknown());
    CHECK(batch.screen().stage == Stage::sending);
    CHECK_FALSE(batch.screen().waiting.empty());
    batch.commit();                // the button is off meanwhile
    batch.prepare(price_of({9}));  // and nothing else is begun
    scene.clock.advance(std::chrono::seconds{20});
    const auto asked = scene.server.asked(method::send_command);
    REQUIRE(asked.size() == 3);
    CHECK(asked[1].request_id() == asked[2].request_id());
    CHECK(asked[1].SerializeAsString() == asked[2].SerializeAsString());
    scene.server.answer(method::send_command, WallScene::sent_answer(asked[2]));
    CHECK(batch.screen().stage == Stage::running);
    CHECK(batch.screen().waiting.empty());
}

TEST_CASE("batch: a refusal says why, and what was asked for can be sent again", "[batch]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    scene.answer_commands();
    batch.prepare(price_of(first(3)));
    scene.server.deliver();
    scene.server.no_rule(method::send_command);
    batch.commit();
    scene.server.fail(method::send_command, refused("price_out_of_range", "The price is too high."));
    CHECK(batch.screen().stage == Stage::preview);
    CHECK_THAT(batch.screen().fault, Catch::Contains("E-price_out_of_range"));
    batch.commit();
    CHECK(scene.server.waiting(method::send_command) == 1);
}

TEST_CASE("batch: more meters than one call takes are refused here", "[batch]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    batch.prepare(price_of(first(10'001)));
    CHECK_FALSE(batch.screen().fault.empty());
    CHECK(scene.server.asked(method::send_command).empty());
}

TEST_CASE("batch: closing the panel lets the commands go on and takes the signs off the wall", "[batch]") {
    Running run;
    run.batch.close();
    CHECK_FALSE(run.batch.shown());
    CHECK(run.batch.badge_of(1) == WallBadge::none);
    CHECK(run.server.open_streams(method::watch_commands) == 0);
    CHECK(run.server.asked(method::cancel_batch).empty());
}

TEST_CASE("batch: a broken stream is opened again", "[batch][link]") {
    Running run;
    run.server.end(method::watch_commands, unreachable());
    CHECK(run.server.open_streams(method::watch_commands) == 0);
    run.clock.advance(std::chrono::seconds{3});
    CHECK(run.server.open_streams(method::watch_commands) == 1);
    run.meter(1, "done");
    CHECK(number(run.batch, WallBadge::done) == 1);
}

TEST_CASE("batch: one that goes on already is shown with all its pages", "[batch]") {
    WallScene scene;
    BulkCommand batch{scene.context};
    scene.server.on(method::list_commands, [](const v1::ListCommandsRequest& asked) {
        v1::ListCommandsResponse answer;
        const bool second = asked.page().token() == "more";
        for (std::int64_t id = second ? 4 : 1; id <= (second ? 6 : 3); ++id) {
            *answer.add_commands() = WallScene::command(id, second ? "done" : "queued", "b-1");
        }
        if (!second) {
            answer.set_next_page_token("more");
        }
        return answer;
    });
    scene.server.on(method::get_batch, [](const v1::GetBatchRequest&) { return batch_in("b-1", "running"); });
    batch.attach("b-1");
    scene.server.deliver();
    CHECK(batch.screen().title == "Sending price ¥1.0500");
    CHECK(number(batch, WallBadge::waiting) == 3);
    CHECK(number(batch, WallBadge::done) == 3);
    CHECK(batch.screen().can_pause);
}

TEST_CASE("batch: the result is a table with every meter and its reason", "[batch][export]") {
    Running run;
    run.meter(1, "done");
    run.meter(3, "failed", "no answer, \"quoted\"");
    const auto sheet = run.batch.result();
    CHECK(sheet.columns.size() == 6);
    REQUIRE(sheet.rows.size() == 6);
    const auto csv = to_csv(sheet);
    CHECK_THAT(csv, Catch::Contains("\"No answer, \"\"quoted\"\"\""));
    CHECK_THAT(csv, Catch::Contains("Skipped: credit on the way"));
}
