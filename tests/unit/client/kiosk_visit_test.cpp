#include "client-wx/presenters/kiosk/kiosk_words.hpp"
#include "tests/unit/client/kiosk_scene.hpp"

using namespace wutong;
using namespace wutong::client;
using namespace wutong::client::test;

TEST_CASE("kiosk: start, unit, PIN, account, Finish", "[kiosk]") {
    Lobby lobby;
    CHECK(lobby.screen().stage == KioskStage::start);
    CHECK(lobby.screen().property == "Harbour Plaza");
    CHECK_FALSE(lobby.screen().can_finish);
    CHECK(lobby.scene.server.token() == kDeviceKey);

    lobby.kiosk.touch_to_begin();
    CHECK(lobby.screen().stage == KioskStage::unit);
    CHECK(lobby.screen().keys == KioskKeys::unit);
    CHECK(lobby.screen().letters == "-C");
    CHECK_FALSE(lobby.screen().can_go_on);
    lobby.kiosk.go_on();  // nothing typed yet
    CHECK(lobby.screen().stage == KioskStage::unit);
    lobby.type("C-3122");
    lobby.kiosk.erase();
    CHECK(lobby.screen().entry == "C-312");
    lobby.kiosk.go_on();
    CHECK(lobby.screen().stage == KioskStage::pin);
    CHECK(lobby.screen().places == 6);
    lobby.type("27x4951234");  // only digits, and only six of them
    CHECK(lobby.screen().entry == "••••••");
    CHECK(lobby.screen().can_go_on);
    lobby.kiosk.go_on();
    CHECK(lobby.screen().busy);
    lobby.kiosk.go_on();  // once is enough
    const auto asked = lobby.scene.server.asked(method::start_visit);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].unit_or_account() == "C-312");
    CHECK(asked[0].pin() == "274951");

    lobby.scene.server.answer(method::start_visit, Lobby::begun());
    REQUIRE(lobby.screen().stage == KioskStage::account);
    const auto& account = lobby.screen().account.value();
    CHECK(account.title == "C-312 · Noodle House");
    CHECK(account.balance == "¥18.20");
    CHECK(account.balance_age == "Read 40 s ago");
    CHECK(account.status_words == "Balance is low");
    CHECK(lobby.screen().detail == "Pay at counter East, 08:00–20:00.");
    CHECK(lobby.screen().can_finish);

    const auto before = lobby.host.screens.size();
    lobby.kiosk.finish();
    CHECK(lobby.screen().stage == KioskStage::start);
    CHECK_FALSE(lobby.screen().account);
    CHECK_FALSE(lobby.host.shown_since(before, "Noodle"));
    REQUIRE(lobby.scene.server.asked(method::end_visit).size() == 1);
    CHECK(lobby.scene.server.asked(method::end_visit)[0].visit_token() == std::string(64, 'b'));
    // The next visitor begins with nothing.
    lobby.kiosk.touch_to_begin();
    CHECK(lobby.screen().entry.empty());
}

TEST_CASE("kiosk: a water meter's tenant is told of water", "[kiosk]") {
    v1::VisitAccount account;
    auto& meter = *account.add_meters();
    meter.set_commodity("water");
    meter.set_price_e4(50'000);
    meter.mutable_state()->set_status(v1::METER_STATUS_NORMAL);
    meter.add_alarms()->set_kind("arrears");
    const auto told = [&] { return kiosk_account(account, 0, std::chrono::seconds{0}); };
    CHECK(told().status_words == "Water is on");
    CHECK(told().alarms.front() == "Your balance is used up. Water comes back after a recharge.");
    meter.mutable_state()->set_status(v1::METER_STATUS_ARREARS);
    CHECK(told().status_words == "Used up, water is off");
    meter.set_commodity("electricity");
    CHECK(told().status_words == "Used up, power is off");
}

TEST_CASE("kiosk: 60 s without a touch ask, 20 s more clear", "[kiosk]") {
    for (const auto* until : {"unit", "pin", "account"}) {
        INFO(until);
        Lobby lobby;
        if (std::string{until} == "account") {
            lobby.visit();
        } else {
            lobby.kiosk.touch_to_begin();
            lobby.type("C-312");
            if (std::string{until} == "pin") {
                lobby.kiosk.go_on();
                lobby.type("27");
            }
        }
        const auto stage = lobby.screen().stage;
        lobby.wait(seconds{59});
        CHECK_FALSE(lobby.screen().still_there);
        CHECK(lobby.screen().idle_share.value() < 0.05);
        lobby.wait(seconds{1});
        CHECK(lobby.screen().still_there);
        CHECK(lobby.screen().still_there_detail == "What you see will be cleared in 20 s.");
        // Somebody is there: everything is as before.
        lobby.wait(seconds{15});
        lobby.kiosk.touched();
        CHECK_FALSE(lobby.screen().still_there);
        CHECK(lobby.screen().stage == stage);
        lobby.wait(seconds{79});
        CHECK(lobby.screen().still_there);
        CHECK(lobby.screen().stage == stage);
        const auto before = lobby.host.screens.size();
        lobby.wait(seconds{1});
        CHECK(lobby.screen().stage == KioskStage::start);
        CHECK_FALSE(lobby.screen().still_there);
        CHECK(lobby.screen().entry.empty());
        CHECK_FALSE(lobby.host.shown_since(before, "Noodle"));
        CHECK_FALSE(lobby.host.shown_since(before, "C-312"));
        CHECK(lobby.scene.server.asked(method::end_visit).size() == (stage == KioskStage::account ? 1U : 0U));
    }
}

TEST_CASE("kiosk: any key counts as a touch", "[kiosk]") {
    Lobby lobby;
    lobby.kiosk.touch_to_begin();
    for (int i = 0; i < 6; ++i) {
        lobby.wait(seconds{50});
        lobby.kiosk.type("1");
    }
    CHECK(lobby.screen().stage == KioskStage::unit);
    CHECK(lobby.screen().entry == "111111");
}

TEST_CASE("kiosk: a wrong PIN says how many tries are left, and keeps the unit", "[kiosk]") {
    Lobby lobby;
    lobby.ask("113355");
    lobby.scene.server.fail(method::start_visit, refused_visit("wrong_unit_or_pin", "tries_left", "3"));
    CHECK(lobby.screen().stage == KioskStage::pin);
    CHECK(lobby.screen().message == "Unit or PIN is wrong. 3 tries left.");
    CHECK(lobby.screen().entry.empty());
    CHECK_FALSE(lobby.screen().busy);
    lobby.type("274951");
    CHECK(lobby.screen().message.empty());
    lobby.kiosk.go_on();
    CHECK(lobby.scene.server.asked(method::start_visit).back().unit_or_account() == "C-312");
    lobby.scene.server.fail(method::start_visit, refused_visit("wrong_unit_or_pin", "tries_left", "1"));
    CHECK(lobby.screen().message == "Unit or PIN is wrong. 1 try left.");
}

TEST_CASE("kiosk: locked, paused and too many", "[kiosk]") {
    Lobby lobby;
    lobby.ask();
    lobby.scene.server.fail(method::start_visit, refused_visit("locked_out", "retry_after_s", "900"));
    CHECK(lobby.screen().stage == KioskStage::unit);
    CHECK(lobby.screen().entry.empty());
    CHECK(lobby.screen().message == "Too many wrong tries. Try again in 15 minutes, or ask at counter East.");
    lobby.kiosk.finish();
    lobby.ask();
    lobby.scene.server.fail(method::start_visit, refused_visit("kiosk_paused", "retry_after_s", "61"));
    CHECK(lobby.screen().message == "This kiosk pauses for 2 minutes. Please ask at counter East.");
    lobby.kiosk.finish();
    lobby.ask();
    lobby.scene.server.fail(method::start_visit, refused_visit("slow_down", "retry_after_s", "5"));
    CHECK(lobby.screen().message == "Many people ask at this moment. Please try again in a minute.");
    lobby.type("274951");
    lobby.kiosk.go_on();
    Fault strange;
    strange.kind = Fault::Kind::internal;
    strange.reason = "internal";
    lobby.scene.server.fail(method::start_visit, strange);
    CHECK(lobby.screen().message == "That did not work. Please try again. · E-internal");
    CHECK(lobby.screen().stage == KioskStage::pin);
}

TEST_CASE("kiosk: language and Larger fall back with the visit", "[kiosk]") {
    Lobby lobby;
    lobby.visit();
    lobby.kiosk.choose_language(true);
    lobby.kiosk.toggle_larger();
    CHECK(lobby.screen().chinese);
    CHECK(lobby.screen().larger);
    CHECK(lobby.screen().pay_where == "东门柜台");
    CHECK(lobby.host.languages.back());
    lobby.kiosk.finish();
    CHECK_FALSE(lobby.screen().chinese);
    CHECK_FALSE(lobby.screen().larger);
    CHECK_FALSE(lobby.host.languages.back());
    CHECK_FALSE(lobby.host.larger.back());
    // Also when somebody chose on the start page and walked away.
    lobby.kiosk.choose_language(true);
    lobby.wait(seconds{59});
    CHECK(lobby.screen().chinese);
    lobby.wait(seconds{2});
    CHECK_FALSE(lobby.screen().chinese);
    CHECK(lobby.screen().stage == KioskStage::start);
}

TEST_CASE("kiosk: what is shown stays fresh, and has its age", "[kiosk]") {
    Lobby lobby;
    lobby.visit();
    lobby.scene.clock.advance(seconds{10});
    REQUIRE(lobby.scene.server.waiting(method::get_visit_account) == 1);
    CHECK(lobby.scene.server.asked(method::get_visit_account)[0].visit_token() == std::string(64, 'b'));
    CHECK(lobby.screen().account->balance_age == "Read 50 s ago");
    CHECK_FALSE(lobby.screen().account->balance_old);
    auto news = visit_account(2'182'000);
    news.mutable_at()->set_seconds(HandClock::kStart.count() + 10);
    news.mutable_meters(0)->mutable_state()->mutable_answered_at()->set_seconds(HandClock::kStart.count() +
                                                                                8);
    lobby.scene.server.answer(method::get_visit_account, news);
    CHECK(lobby.screen().account->balance == "¥218.20");
    CHECK(lobby.screen().account->balance_age == "Read 2 s ago");
}

TEST_CASE("kiosk: several meters are chosen from", "[kiosk]") {
    Lobby lobby;
    lobby.ask();
    auto answer = Lobby::begun();
    auto& second = *answer.mutable_account()->add_meters();
    second.set_meter_code("C-312K");
    second.set_unit_code("C-312");
    lobby.scene.server.answer(method::start_visit, answer);
    CHECK(lobby.screen().account->meters == std::vector<std::string>{"C-312", "C-312K"});
    lobby.kiosk.choose_meter(1);
    CHECK(lobby.screen().account->meter == 1);
    // Never read: unknown is not zero.
    CHECK(lobby.screen().account->balance == "—");
    CHECK(lobby.screen().account->days == "—");
    CHECK_FALSE(lobby.screen().account->status_known);
    lobby.kiosk.choose_meter(7);
    CHECK(lobby.screen().account->meter == 1);
}

TEST_CASE("kiosk: the words of an account", "[kiosk]") {
    Lobby lobby;
    lobby.visit();
    const auto& account = lobby.screen().account.value();
    CHECK(account.subtitle == "Account 100731");
    CHECK(account.days == "2");
    CHECK(account.days_unit == "days");
    CHECK(account.days_detail == "Until 28 Mar (Saturday), about ¥9.10 a day");
    REQUIRE(account.bars.size() == 14);
    CHECK(account.bars.front().label == "13 Mar");
    CHECK(account.bars.front().figure == "8.1");
    CHECK_FALSE(account.bars[1].kwh);  // the 14th: nothing was read, and that is not zero
    CHECK(account.bars[2].kwh.value() == Approx(12.1));
    CHECK(account.bars.back().so_far);
    CHECK(account.alarms == std::vector<std::string>{"Your balance is low. Recharge soon."});
    REQUIRE(account.recharges.size() == 1);
    CHECK(account.recharges[0].when == "12 Mar 10:42");
    CHECK(account.recharges[0].amount == "+¥150.00");
    CHECK(account.recharges[0].words == "On the meter");
    CHECK(account.facts[0].value == "¥1.0500 per kWh");
}

TEST_CASE("kiosk: absurd answers are shown in bounds", "[kiosk]") {
    Lobby lobby;
    lobby.ask();
    auto answer = Lobby::begun();
    auto& account = *answer.mutable_account();
    account.set_customer(std::string(10'000, 'x') + "\n\xff");
    account.mutable_meters(0)->set_days_left(2'000'000'000);
    account.mutable_meters(0)->set_daily_use_wh(9'000'000'000'000'000'000);
    account.mutable_meters(0)->set_price_e4(9'000'000'000'000'000'000);
    account.mutable_meters(0)->mutable_state()->set_balance_e4(std::numeric_limits<std::int64_t>::min());
    account.mutable_meters(0)->add_alarms()->set_kind("unheard_of");
    for (int i = 0; i < 1'000; ++i) {
        account.add_recharges()->set_amount_e4(std::numeric_limits<std::int64_t>::max());
    }
    lobby.scene.server.answer(method::start_visit, answer);
    REQUIRE(lobby.screen().stage == KioskStage::account);
    CHECK(lobby.screen().account->title.size() < 200);
    CHECK(lobby.screen().account->days == "0");  // whatever else is said, nothing is left below zero
    CHECK(lobby.screen().account->recharges.size() == 4);
    CHECK(lobby.screen().account->alarms.size() == 1);
}
