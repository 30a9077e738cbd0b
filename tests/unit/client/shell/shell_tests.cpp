#include <wutong/v1/device_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/presenters/shell/find_presenter.hpp"
#include "client-wx/presenters/shell/shell_presenter.hpp"
#include "tests/support/client_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

void add_meter(v1::LiveUpdate& update, int id, const std::string& unit, const std::string& customer,
               const std::string& account) {
    auto* meter = update.add_meters();
    meter->set_meter_id(id);
    meter->set_code("M" + std::to_string(id));
    meter->set_unit_code(unit);
    meter->set_customer(customer);
    meter->set_account_number(account);
}

struct ShellScene : ClientScene {
    ShellScene() {
        sign_in({"device.read", "sale.write", "site.read"});
        live.watch(1);
        v1::LiveUpdate update;
        update.set_snapshot(true);
        add_meter(update, 1, "A-229", "Lamp Shop", "100482");
        add_meter(update, 2, "C-312", "Noodle House", "100731");
        add_meter(update, 3, "D-229", "", "");
        update.set_snapshot_complete(true);
        server.push(method::watch_live, update);
        clock.advance(std::chrono::seconds{1});
    }
};

}  // namespace

TEST_CASE("shell: initials stand for a name", "[shell]") {
    CHECK(initials("cashier02") == "02");
    CHECK(initials("Wang Fang") == "WF");
    CHECK(initials("王芳") == "芳");
    CHECK(initials("admin") == "AD");
    CHECK(initials("c") == "C");
    CHECK(initials("") == "");
    CHECK(initials("till123") == "23");
}

TEST_CASE("shell: the way back leads over different places only, and is limited", "[shell]") {
    History history;
    history.visit({Page::wall, 0, {}}, {Page::meter, 7, {}});
    history.visit({Page::meter, 7, {}}, {Page::meter, 7, "readings"});
    history.visit({Page::meter, 7, {}}, {Page::meter, 8, {}});
    REQUIRE(history.previous() != nullptr);
    CHECK(history.back() == Place{Page::meter, 7, {}});
    CHECK(history.back() == Place{Page::wall, 0, {}});
    CHECK(history.back() == std::nullopt);
    for (int i = 0; i < 200; ++i) {
        history.visit({Page::meter, i, {}}, {Page::meter, i + 1, {}});
    }
    std::size_t steps = 0;
    while (history.back()) {
        ++steps;
    }
    CHECK(steps == History::kept_max);
}

TEST_CASE("shell: a lost connection shows a banner with the time of the values, and counts down", "[shell]") {
    ShellScene scene;
    ShellPresenter shell{scene.context, [] {}};
    shell.refresh();
    CHECK_FALSE(shell.screen().banner);
    CHECK(shell.screen().live == ShellScreen::Live::live);
    CHECK(shell.screen().property_name == "Harbour Plaza");

    scene.link.lose();
    CHECK(shell.screen().banner);
    CHECK(shell.screen().live == ShellScreen::Live::offline);
    CHECK(shell.screen().banner_words.find("No connection since 10:42. Values are from 10:42.") == 0);
    CHECK(shell.screen().banner_action.find("Try now") == 0);
    shell.try_now();
    scene.link.succeed();
    CHECK_FALSE(shell.screen().banner);
}

TEST_CASE("shell: a changed certificate is a red banner without a button", "[shell]") {
    ShellScene scene;
    ShellPresenter shell{scene.context, [] {}};
    scene.link.lose();
    scene.connection.try_now();
    Fault changed;
    changed.kind = Fault::Kind::certificate_changed;
    scene.link.fail(changed);
    CHECK(shell.screen().banner_is_stop);
    CHECK(shell.screen().banner_action.empty());
}

TEST_CASE("find: any part of a name, the best fit first, without dashes", "[shell]") {
    ShellScene scene;
    FindPresenter find{scene.context, {{"Alarms", "bell", {Page::alarms, 0, {}}}}, [] {}};
    find.type("a229");
    REQUIRE(find.screen().hits.size() == 1);
    CHECK(find.screen().hits[0].title == "A-229");
    find.type("229");
    CHECK(find.screen().hits.size() == 2);
    find.type("noodle");
    REQUIRE(find.screen().hits.size() == 1);
    CHECK(find.screen().hits[0].place == Place{Page::meter, 2, {}});
    find.type("100731");
    CHECK(find.screen().hits.size() == 1);
    find.type("alar");
    REQUIRE(find.screen().hits.size() == 1);
    CHECK(find.screen().hits[0].place.page == Page::alarms);
    find.type("  - ");
    CHECK(find.screen().hits.empty());
}

TEST_CASE("find: the server is asked after a pause, and what it adds comes after", "[shell]") {
    ShellScene scene;
    FindPresenter find{scene.context, {}, [] {}};
    find.type("13");
    find.type("138");
    CHECK(scene.server.asked(method::search_meters).empty());
    scene.clock.advance(FindPresenter::ask_after);
    REQUIRE(scene.server.asked(method::search_meters).size() == 1);
    CHECK(scene.server.asked(method::search_meters)[0].text() == "138");
    CHECK(find.screen().searching);
    v1::ListMetersResponse answer;
    auto* meter = answer.add_meters();
    meter->set_meter_id(2);
    meter->set_unit_code("C-312");
    meter->set_customer(std::string(10'000, 'x'));
    scene.server.answer(method::search_meters, answer);
    REQUIRE(find.screen().hits.size() == 1);
    CHECK(find.screen().hits[0].detail.size() < 400);
    find.type("");
    CHECK(find.screen().hits.empty());
}

TEST_CASE("find: Enter opens, F2 sells where there is an account", "[shell]") {
    ShellScene scene;
    FindPresenter find{scene.context, {}, [] {}};
    CHECK_FALSE(find.open_chosen());
    find.type("229");
    CHECK(find.screen().chosen == 0);
    CHECK(find.sell_to_chosen());
    CHECK(scene.navigator.opened.back() == Place{Page::sell, 1, {}});
    find.move(1);
    CHECK_FALSE(find.sell_to_chosen());
    CHECK(find.open_chosen());
    CHECK(scene.navigator.opened.back() == Place{Page::meter, 3, {}});
    find.move(100);
    CHECK(find.screen().chosen == 1);
}
