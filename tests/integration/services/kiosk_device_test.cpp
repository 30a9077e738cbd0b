#include <catch2/catch.hpp>

#include "tests/integration/services/lobby.hpp"

using namespace wutong;
using namespace wutong::tests::base;

TEST_CASE("kiosk: a registration code is good once, for fifteen minutes, and is kept nowhere",
          "[services][kiosk]") {
    Lobby lobby;
    v1::RegisterDeviceResponse made;
    const auto id = request_id();
    REQUIRE(lobby.register_kiosk("Lobby east", made, id).ok());
    const auto code = made.registration_code();
    CHECK(code.size() == 12);
    CHECK(made.device().state() == "waiting");
    CHECK(lobby.register_kiosk("LOBBY EAST", made).code == grpc::StatusCode::ALREADY_EXISTS);
    CHECK(lobby.stack.count("request WHERE position('" + code + "' IN encode(response, 'escape')) > 0") == 0);
    CHECK(lobby.stack.count("operation_log WHERE details::text LIKE '%" + code + "%'") == 0);

    // Asked again before it was used: the same kiosk, a fresh code, and the old one is worth nothing.
    REQUIRE(lobby.register_kiosk("Lobby east", made, id).ok());
    const auto fresh = made.registration_code();
    CHECK(fresh != code);
    CHECK(lobby.stack.count("kiosk_device") == 1);
    auto wire = lobby.stack.wire();
    v1::KioskHome home;
    CHECK(lobby.activate(wire, code, device_key('a'), home).reason == "wrong_code");
    CHECK(lobby.activate(wire, fresh, "short", home).fields == std::vector<std::string>{"device_key"});

    const auto typed = fresh.substr(0, 4) + " " + fresh.substr(4, 4) + "-" + fresh.substr(8);
    REQUIRE(lobby.activate(wire, typed, device_key('a'), home).ok());
    CHECK(home.kiosk_name() == "Lobby east");
    CHECK(home.property_name() == "Tower");
    // An answer that was lost is asked for again; another kiosk gets nothing for the same code.
    CHECK(lobby.activate(wire, fresh, device_key('a'), home).ok());
    CHECK(lobby.activate(wire, fresh, device_key('b'), home).reason == "wrong_code");
    REQUIRE(lobby.register_kiosk("Lobby east", made, id).ok());
    CHECK(made.registration_code().empty());

    REQUIRE(lobby.register_kiosk("Lobby west", made).ok());
    lobby.stack.moved_s = 15 * 60 + 1;
    CHECK(lobby.activate(wire, made.registration_code(), device_key('c'), home).reason == "wrong_code");
    CHECK(lobby.stack.count("kiosk_device WHERE key_hash IS NOT NULL") == 1);
}

TEST_CASE("kiosk: codes can't be guessed at speed", "[services][kiosk]") {
    Lobby lobby;
    auto wire = lobby.stack.wire();
    v1::KioskHome home;
    for (int i = 0; i < 10; ++i) {
        CHECK(lobby.activate(wire, "000000000000", device_key('a'), home).reason == "wrong_code");
    }
    const auto slowed = lobby.activate(wire, "000000000000", device_key('a'), home);
    CHECK(slowed.code == grpc::StatusCode::RESOURCE_EXHAUSTED);
    CHECK(slowed.reason == "slow_down");
    CHECK(std::stoi(slowed.metadata.at("retry_after_s")) > 500);
}

TEST_CASE("kiosk: its key opens the kiosk's methods and nothing else; an operator's token opens none of them",
          "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    google::protobuf::Empty empty;
    v1::KioskHome home;
    CHECK(Lobby::call(kiosk, &Kiosk::GetKioskHome, empty, home).ok());

    CHECK(kiosk.who_am_i().reason == "permission_denied");
    v1::ListPropertiesResponse properties;
    CHECK(kiosk.call<v1::SiteService>(&v1::SiteService::Stub::ListProperties, empty, properties).code ==
          grpc::StatusCode::PERMISSION_DENIED);
    v1::ListDevicesRequest list;
    list.set_property_id(lobby.site.property.value);
    v1::ListDevicesResponse devices;
    CHECK(Lobby::call(kiosk, &Kiosk::ListDevices, list, devices).code == grpc::StatusCode::PERMISSION_DENIED);

    CHECK(Lobby::call(lobby.cashier, &Kiosk::GetKioskHome, empty, home).reason == "kiosk_revoked");
    auto nobody = lobby.stack.wire();
    CHECK(Lobby::call(nobody, &Kiosk::GetKioskHome, empty, home).reason == "not_signed_in");
    nobody.token = device_key('f');
    CHECK(Lobby::call(nobody, &Kiosk::GetKioskHome, empty, home).reason == "kiosk_revoked");
}

TEST_CASE("kiosk: only those who may register and revoke kiosks", "[services][kiosk]") {
    Lobby lobby;
    lobby.stack.make_operator("till", "cashier", true);
    lobby.stack.make_operator("boss", "manager", true);
    lobby.stack.make_operator("eyes", "viewer", true);
    v1::RegisterDeviceResponse made;
    lobby.cashier = lobby.stack.signed_in("till");
    CHECK(lobby.register_kiosk("Lobby", made).code == grpc::StatusCode::PERMISSION_DENIED);
    CHECK(lobby.set_pin(kPin, lobby.account).ok());
    lobby.cashier = lobby.stack.signed_in("eyes");
    CHECK(lobby.set_pin(kPin, lobby.account).code == grpc::StatusCode::PERMISSION_DENIED);
    lobby.cashier = lobby.stack.signed_in("boss");
    CHECK(lobby.register_kiosk("Lobby", made).ok());
}

TEST_CASE("kiosk: a revoked kiosk is out at once, and so is who stands there", "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    REQUIRE(lobby.set_pin(kPin, lobby.account).ok());
    v1::StartVisitResponse visit;
    REQUIRE(Lobby::start(kiosk, kUnit, kPin, visit).ok());
    v1::RevokeDeviceRequest request;
    request.set_request_id(request_id());
    request.set_property_id(lobby.site.property.value);
    request.set_device_id(lobby.last_kiosk);
    v1::KioskDevice revoked;
    REQUIRE(Lobby::call(lobby.cashier, &Kiosk::RevokeDevice, request, revoked).ok());
    CHECK(revoked.state() == "revoked");
    CHECK(Lobby::look(kiosk, visit.visit_token()).reason == "kiosk_revoked");
    CHECK(lobby.stack.count("kiosk_visit") == 0);
    CHECK(lobby.stack.count("operation_log WHERE action IN ('kiosk.register', 'kiosk.activate', "
                            "'kiosk.visit', 'kiosk.revoke')") == 4);
    // Its name is free again.
    v1::RegisterDeviceResponse made;
    CHECK(lobby.register_kiosk("Lobby east", made).ok());
}

TEST_CASE("kiosk: the start page says where to pay, and nothing about anybody", "[services][kiosk]") {
    Lobby lobby;
    auto kiosk = lobby.kiosk();
    v1::SetParametersRequest request;
    request.set_request_id(request_id());
    request.set_property_id(lobby.site.property.value);
    auto& values = *request.mutable_values();
    values["kiosk_pay_where_zh"] = "东门柜台";
    values["kiosk_pay_where_en"] = "counter East";
    values["kiosk_pay_hours"] = "08:00–20:00";
    values["kiosk_language"] = "en";
    v1::Parameters parameters;
    REQUIRE(
        lobby.cashier.call<v1::SiteService>(&v1::SiteService::Stub::SetParameters, request, parameters).ok());
    google::protobuf::Empty empty;
    v1::KioskHome home;
    REQUIRE(Lobby::call(kiosk, &Kiosk::GetKioskHome, empty, home).ok());
    CHECK(home.pay_where_zh() == "东门柜台");
    CHECK(home.pay_where_en() == "counter East");
    CHECK(home.pay_hours() == "08:00–20:00");
    CHECK(home.language() == "en");
    CHECK(home.unit_letters().empty());
    CHECK(home.DebugString().find("Li Wei") == std::string::npos);

    lobby.stack.database.as_superuser("UPDATE unit SET code = 'c-312'");
    REQUIRE(Lobby::call(kiosk, &Kiosk::GetKioskHome, empty, home).ok());
    CHECK(home.unit_letters() == "-C");
    for (const auto& [key, value] :
         {std::pair{"kiosk_language", "fr"}, std::pair{"kiosk_pay_hours", "08:00\n20:00"},
          std::pair{"alarm_phone", "letters"}}) {
        INFO(key);
        request.set_request_id(request_id());
        values.clear();
        values[key] = value;
        CHECK(lobby.cashier.call<v1::SiteService>(&v1::SiteService::Stub::SetParameters, request, parameters)
                  .code == grpc::StatusCode::INVALID_ARGUMENT);
    }
}
