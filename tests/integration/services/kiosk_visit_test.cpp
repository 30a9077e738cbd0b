#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/integration/services/lobby.hpp"

using namespace wutong;
using namespace wutong::tests::base;

namespace {

std::chrono::milliseconds time_of(Wire& kiosk, const std::string& unit, const std::string& pin) {
    const auto begun = std::chrono::steady_clock::now();
    static_cast<void>(Lobby::start(kiosk, unit, pin));
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
}

}  // namespace

TEST_CASE("kiosk: a tenant sees the own account, whole", "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    const auto p = std::to_string(lobby.site.property.value);
    const auto m = std::to_string(lobby.site.meters[0].value);
    lobby.stack.database.as_superuser(
        "INSERT INTO daily_energy (property_id, meter_id, day, first_wh, last_wh, first_at, last_at) "
        "SELECT " +
        p + ", " + m +
        ", (now() AT TIME ZONE 'Asia/Shanghai')::date - d, 100000 - (d + 1) * 9000, 100000 - d * 9000, "
        "now() - make_interval(days => d + 1), now() - make_interval(days => d) "
        "FROM generate_series(0, 20) AS d; "
        "INSERT INTO alarm (property_id, meter_id, kind, raised_at) VALUES (" +
        p + ", " + m + ", 'alarm_1', now())");
    v1::StartVisitResponse visit;
    REQUIRE(Lobby::start(kiosk, kUnit, kPin, visit).ok());
    CHECK(visit.visit_token().size() == 64);
    CHECK(visit.idle_s() == 300);
    v1::VisitAccount account;
    REQUIRE(Lobby::look(kiosk, visit.visit_token(), account).ok());
    CHECK(account.customer() == "Li Wei");
    CHECK(account.state() == "open");
    REQUIRE(account.meters_size() == 2);
    const auto& meter = account.meters(0);
    CHECK(meter.unit_code() == "0101");
    CHECK(meter.state().balance_e4() == 182'000);
    CHECK(meter.days_size() == 14);
    CHECK(meter.days(13).day() == meter.today());
    CHECK(meter.daily_use_wh() == 9'000);
    // 9 kWh a day at 1.05: 9.45 a day, and 18.20 is there.
    CHECK(meter.price_e4() == 10'500);
    CHECK(meter.days_left() == 1);
    REQUIRE(meter.alarms_size() == 1);
    CHECK(meter.alarms(0).kind() == "alarm_1");
    CHECK(meter.alarm_1_e4() == 200'000);
    // The other meter was never read: nothing is said about it.
    CHECK_FALSE(account.meters(1).state().has_balance_e4());
    CHECK_FALSE(account.meters(1).has_days_left());
    CHECK_FALSE(account.meters(1).has_daily_use_wh());
    CHECK(visit.account().account_number() == account.account_number());
    // By the account's number as well.
    CHECK(Lobby::start(kiosk, account.account_number(), kPin).ok());
}

TEST_CASE("kiosk: unknown unit, no PIN and wrong PIN are answered alike, and locked alike",
          "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    const auto without_pin = lobby.site.account({lobby.site.meters[2]});
    const auto number = lobby.stack.database
                            .as_superuser("SELECT number FROM account WHERE account_id = " +
                                          std::to_string(without_pin.value))[0][0]
                            .as<std::string>();
    // Two accounts in one unit: the unit's code is nobody's door then, so each is named by its number.
    const auto own = lobby.stack.database
                         .as_superuser("SELECT number FROM account WHERE account_id = " +
                                       std::to_string(lobby.account.value))[0][0]
                         .as<std::string>();
    std::vector<std::vector<std::string>> told;
    for (const auto& door : {own, number, std::string{"9999"}, std::string{kUnit}}) {
        INFO(door);
        std::vector<std::string> answers;
        for (int i = 0; i < 6; ++i) {
            // The tries of one door must not pause the kiosk for the next.
            lobby.stack.database.as_superuser("DELETE FROM kiosk_attempt WHERE subject LIKE 'kiosk %'");
            const auto reply = Lobby::start(kiosk, door, "113355");
            CHECK(reply.code == grpc::StatusCode::UNAUTHENTICATED);
            answers.push_back(reply.reason + " " + reply.message + " " +
                              (reply.metadata.count("tries_left") ? reply.metadata.at("tries_left") : ""));
        }
        CHECK(answers[0].starts_with("wrong_unit_or_pin"));
        CHECK(answers[3].ends_with(" 1"));
        CHECK(answers[4].starts_with("locked_out"));
        // The message says how long; the last one may be a second later.
        answers[5] = answers[5].substr(0, 20);
        told.push_back(answers);
        lobby.stack.moved_s += 61;
    }
    CHECK(told[1] == told[0]);
    CHECK(told[2] == told[0]);
    CHECK(told[3] == told[0]);

    // The right PIN does not help before the lock ends.
    CHECK(Lobby::start(kiosk, own, kPin).reason == "locked_out");
    lobby.stack.moved_s += 15 * 60;
    CHECK(Lobby::start(kiosk, own, kPin).ok());
    CHECK(lobby.stack.count("operation_log WHERE action = 'kiosk.lock_out'") == 4);
    CHECK(lobby.stack.count("operation_log WHERE details::text LIKE '%113355%'") == 0);
}

TEST_CASE("kiosk: an unknown unit takes as long as a wrong PIN", "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    auto known = std::chrono::milliseconds::max();
    auto unknown = known;
    for (int i = 0; i < 4; ++i) {
        known = std::min(known, time_of(kiosk, kUnit, "113355"));
        unknown = std::min(unknown, time_of(kiosk, "9999", "113355"));
    }
    INFO(known.count() << " ms known, " << unknown.count() << " ms unknown");
    CHECK(unknown * 2 > known);
    CHECK(known * 2 > unknown);
}

TEST_CASE("kiosk: a kiosk at which many PINs are wrong pauses, for everybody there and nobody elsewhere",
          "[services][kiosk]") {
    Lobby lobby;
    auto east = lobby.kiosk("East", 'a');
    auto west = lobby.kiosk("West", 'b');
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    for (int i = 0; i < 20; ++i) {
        // Different doors, so that none of them is locked.
        CHECK(Lobby::start(east, "77" + std::to_string(i), "113355").reason == "wrong_unit_or_pin");
    }
    lobby.stack.moved_s = 61;  // past the limit of beginnings a minute
    const auto paused = Lobby::start(east, kUnit, kPin);
    CHECK(paused.code == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK(paused.reason == "kiosk_paused");
    CHECK(Lobby::start(west, kUnit, kPin).ok());
    lobby.stack.moved_s = 61 + 15 * 60;
    CHECK(Lobby::start(east, kUnit, kPin).ok());
    lobby.stack.app->sessions().sweep();
}

TEST_CASE("kiosk: visits can't be begun at any speed", "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    int begun = 0;
    Reply last = Lobby::start(kiosk, kUnit, kPin);
    for (; last.ok() && begun < 30; ++begun) {
        last = Lobby::start(kiosk, kUnit, kPin);
    }
    CHECK(begun == 20);
    CHECK(last.reason == "slow_down");
}

TEST_CASE(
    "kiosk: a visit ends: at Finish, when idle, with the next one, with a new PIN; and is worth nothing "
    "at another kiosk",
    "[services][kiosk]") {
    Lobby lobby;
    auto east = lobby.kiosk("East", 'a');
    auto west = lobby.kiosk("West", 'b');
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    v1::StartVisitResponse visit;
    const auto begin = [&] { REQUIRE(Lobby::start(east, kUnit, kPin, visit).ok()); };
    begin();
    CHECK(Lobby::look(west, visit.visit_token()).reason == "visit_ended");
    CHECK(Lobby::look(east, visit.visit_token()).ok());

    v1::VisitRequest finish;
    finish.set_visit_token(visit.visit_token());
    google::protobuf::Empty empty;
    // Another kiosk can't end it either.
    REQUIRE(Lobby::call(west, &Kiosk::EndVisit, finish, empty).ok());
    CHECK(Lobby::look(east, visit.visit_token()).ok());
    REQUIRE(Lobby::call(east, &Kiosk::EndVisit, finish, empty).ok());
    CHECK(Lobby::look(east, visit.visit_token()).reason == "visit_ended");
    CHECK(Lobby::call(east, &Kiosk::EndVisit, finish, empty).ok());

    begin();
    lobby.stack.moved_s += 299;
    CHECK(Lobby::look(east, visit.visit_token()).ok());
    lobby.stack.moved_s += 299;
    CHECK(Lobby::look(east, visit.visit_token()).ok());
    lobby.stack.moved_s += 301;
    CHECK(Lobby::look(east, visit.visit_token()).reason == "visit_ended");

    begin();
    const auto before = visit.visit_token();
    begin();
    CHECK(Lobby::look(east, before).reason == "visit_ended");
    CHECK(Lobby::look(east, visit.visit_token()).ok());
    lobby.cashier = lobby.stack.signed_in();
    REQUIRE(lobby.set_pin("862047", lobby.account).ok());
    CHECK(Lobby::look(east, visit.visit_token()).reason == "visit_ended");
    CHECK(Lobby::start(east, kUnit, kPin).reason == "wrong_unit_or_pin");
    REQUIRE(Lobby::start(east, kUnit, "862047", visit).ok());
    REQUIRE(lobby.set_pin("", lobby.account).ok());
    CHECK(Lobby::look(east, visit.visit_token()).reason == "visit_ended");
    CHECK(Lobby::start(east, kUnit, "862047").reason == "wrong_unit_or_pin");

    CHECK(lobby.stack.count("kiosk_visit WHERE encode(token_hash, 'hex') = '" + visit.visit_token() + "'") ==
          0);
}

TEST_CASE("kiosk: PINs are checked, hashed, and found nowhere", "[services][kiosk]") {
    Lobby lobby;
    for (const auto* bad : {"12345", "1234567", "12345a", "111111", "123456", "654321"}) {
        INFO(bad);
        CHECK(lobby.set_pin(bad, lobby.account).fields == std::vector<std::string>{"pin"});
    }
    const auto id = request_id();
    REQUIRE(lobby.set_pin(kPin, lobby.account, id).ok());
    CHECK(lobby.set_pin(kPin, lobby.account, id).ok());
    CHECK(lobby.set_pin(kPin, core::AccountId{999'999}).reason == "account_not_found");
    CHECK(lobby.stack.count("tenant_pin WHERE pin_hash LIKE 'scrypt$%' AND pin_hash NOT LIKE '%274951%'") ==
          1);
    CHECK(lobby.stack.count("operation_log WHERE details::text || target LIKE '%274951%'") == 0);
    CHECK(lobby.stack.count("operation_log WHERE action = 'account.set_pin'") == 1);
    CHECK(lobby.stack.count("request WHERE position('274951' IN encode(response, 'escape')) > 0") == 0);
    // A new PIN frees a locked account.
    auto kiosk = lobby.kiosk();
    for (int i = 0; i < 5; ++i) {
        static_cast<void>(Lobby::start(kiosk, kUnit, "113355"));
    }
    CHECK(Lobby::start(kiosk, kUnit, kPin).reason == "locked_out");
    REQUIRE(lobby.set_pin("862047", lobby.account).ok());
    CHECK(Lobby::start(kiosk, kUnit, "862047").ok());
}

TEST_CASE("kiosk: a kiosk sees its own property only", "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    // The same unit code elsewhere, with a PIN of its own.
    tests::TestSite other{lobby.stack.database, "OTHER", 1};
    const auto stranger = other.account({other.meters[0]});
    lobby.cashier = lobby.stack.signed_in();
    v1::SetTenantPinRequest request;
    request.set_request_id(request_id());
    request.set_property_id(other.property.value);
    request.set_account_id(stranger.value);
    request.set_pin("862047");
    v1::SetTenantPinResponse set;
    REQUIRE(Lobby::call(lobby.cashier, &Kiosk::SetTenantPin, request, set).ok());
    CHECK(Lobby::start(kiosk, kUnit, "862047").reason == "wrong_unit_or_pin");
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    CHECK(Lobby::start(kiosk, kUnit, kPin).ok());
}

TEST_CASE("kiosk: a closed account has no door", "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    v1::StartVisitResponse visit;
    REQUIRE(Lobby::start(kiosk, kUnit, kPin, visit).ok());
    lobby.stack.database.as_superuser("UPDATE account SET state = 'closed', closed_at = now()");
    CHECK(Lobby::look(kiosk, visit.visit_token()).reason == "visit_ended");
    CHECK(Lobby::start(kiosk, kUnit, kPin).reason == "wrong_unit_or_pin");
    CHECK(lobby.set_pin(kPin, lobby.account).reason == "account_closed");
}
