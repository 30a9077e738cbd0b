#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "tests/integration/services/base_stack.hpp"

using namespace wutong;
using namespace wutong::tests::base;

namespace {

Reply create_property(Wire& wire, const std::string& code, v1::Property& made) {
    v1::CreatePropertyRequest request;
    request.set_request_id(request_id());
    request.set_code(code);
    request.set_name("Tower");
    return wire.call<v1::SiteService>(&v1::SiteService::Stub::CreateProperty, request, made);
}

}  // namespace

TEST_CASE("session: in, who, out", "[services][session]") {
    Stack stack;
    auto wire = stack.wire();
    CHECK(wire.who_am_i().reason == "not_signed_in");
    REQUIRE(wire.sign_in("ADMIN", kPassword).ok());
    CHECK(wire.token.size() == 64);
    CHECK(stack.count("session") == 1);
    CHECK(stack.count("session WHERE encode(token_hash, 'hex') = '" + wire.token + "'") == 0);
    CHECK(wire.who_am_i().ok());
    google::protobuf::Empty empty;
    REQUIRE(wire.call<v1::SessionService>(&v1::SessionService::Stub::SignOut, empty, empty).ok());
    const auto after = wire.who_am_i();
    CHECK(after.code == grpc::StatusCode::UNAUTHENTICATED);
    CHECK(after.reason == "session_ended");
    CHECK(stack.count("operation_log WHERE action IN ('session.sign_in', 'session.sign_out')") == 2);
}

TEST_CASE("session: a wrong password counts down to a lock-out, for operators that exist and that don't",
          "[services][session]") {
    Stack stack{[](server::Configuration& configuration) { configuration.sessions.lock_out_tries = 3; }};
    auto wire = stack.wire();
    for (const std::string name : {"admin", "nobody"}) {
        INFO(name);
        const auto first = wire.sign_in(name, "wrong password");
        CHECK(first.code == grpc::StatusCode::UNAUTHENTICATED);
        CHECK(first.reason == "wrong_credentials");
        CHECK(first.metadata.at("tries_left") == "2");
        CHECK(wire.sign_in(name, "wrong password").metadata.at("tries_left") == "1");
        const auto locked = wire.sign_in(name, "wrong password");
        CHECK(locked.reason == "locked_out");
        CHECK(locked.metadata.at("retry_after_s") == "900");
        CHECK(wire.sign_in(name, kPassword).reason == "locked_out");
    }
    CHECK(stack.count("operation_log WHERE action = 'session.lock_out'") == 1);
    CHECK(stack.count("operation_log WHERE action = 'session.sign_in_failed'") == 2);
    CHECK(stack.count("session") == 0);
    stack.moved_s = 15 * 60 + 1;
    CHECK(wire.sign_in("admin", kPassword).ok());
    CHECK(wire.sign_in("admin", "wrong password").metadata.at("tries_left") == "2");
}

TEST_CASE("session: ends when idle, and at its absolute end", "[services][session]") {
    Stack stack{[](server::Configuration& configuration) {
        configuration.sessions.idle = std::chrono::minutes{30};
        configuration.sessions.lifetime = std::chrono::hours{2};
    }};
    auto idle = stack.signed_in();
    REQUIRE(idle.who_am_i().ok());
    stack.app->sessions().forget_all();
    stack.moved_s = 31 * 60;
    CHECK(idle.who_am_i().reason == "session_ended");

    auto busy = stack.signed_in();
    const auto begun = stack.moved_s.load();
    for (int minutes = 20; minutes < 120; minutes += 20) {
        stack.moved_s = begun + minutes * 60;
        stack.app->sessions().forget_all();
        INFO(minutes);
        CHECK(busy.who_am_i().ok());
    }
    stack.moved_s = begun + 121 * 60;
    CHECK(busy.who_am_i().reason == "session_ended");
    CHECK(stack.app->sessions().sweep() == 2);
    CHECK(stack.count("session") == 0);
}

TEST_CASE("session: many clients that are looked up at the same moment are all let in",
          "[services][session]") {
    Stack stack;
    std::vector<std::string> tokens;
    for (int i = 0; i < 3; ++i) {
        tokens.push_back(stack.signed_in().token);
    }
    for (int round = 0; round < 5; ++round) {
        stack.app->sessions().forget_all();
        std::atomic<int> known{0};
        std::atomic<int> refused{0};
        std::vector<std::thread> clients;
        for (std::size_t i = 0; i < 48; ++i) {
            clients.emplace_back([&, i] {
                try {
                    known += stack.app->sessions().find(tokens[i % tokens.size()]) != nullptr;
                } catch (const storage::DatabaseError&) {
                    ++refused;
                }
            });
        }
        for (auto& client : clients) {
            client.join();
        }
        CHECK(known == 48);
        CHECK(refused == 0);
    }
}

TEST_CASE("gate: without the permission the handler does not run", "[services][session]") {
    Stack stack;
    stack.make_operator("viewer", "viewer", true);
    auto wire = stack.signed_in("viewer");
    v1::Property made;
    const auto refused = create_property(wire, "SNEAKY", made);
    CHECK(refused.code == grpc::StatusCode::PERMISSION_DENIED);
    CHECK(refused.reason == "permission_denied");
    CHECK(refused.message.find("site.write") != std::string::npos);
    CHECK(stack.count("property") == 0);
    CHECK(stack.count("request") == 0);
    const auto metrics = stack.app->metrics().text();
    CHECK(metrics.find(R"(wutong_server_calls_refused_total{reason="permission_denied"} 1)") !=
          std::string::npos);
    CHECK(metrics.find("CreateProperty") == std::string::npos);  // no handler was entered

    wire.token = std::string(64, 'f');
    CHECK(create_property(wire, "SNEAKY", made).reason == "session_ended");
    wire.token = "'; DROP TABLE session; --";
    CHECK(create_property(wire, "SNEAKY", made).code == grpc::StatusCode::UNAUTHENTICATED);
    CHECK(stack.count("property") == 0);
}

TEST_CASE("gate: a property is a wall", "[services][session]") {
    Stack stack;
    stack.make_operator("manager", "administrator", false);
    auto admin = stack.signed_in();
    auto manager = stack.signed_in("manager");
    v1::Property theirs;
    REQUIRE(create_property(admin, "THEIRS", theirs).ok());
    v1::Property own;
    REQUIRE(create_property(manager, "OWN", own).ok());

    v1::GetSiteRequest request;
    v1::GetSiteResponse site;
    request.set_property_id(theirs.property_id());
    const auto refused = manager.call<v1::SiteService>(&v1::SiteService::Stub::GetSite, request, site);
    CHECK(refused.code == grpc::StatusCode::PERMISSION_DENIED);
    CHECK(refused.reason == "property_not_allowed");
    request.set_property_id(own.property_id());
    CHECK(manager.call<v1::SiteService>(&v1::SiteService::Stub::GetSite, request, site).ok());

    v1::ListPropertiesResponse list;
    REQUIRE(
        manager.call<v1::SiteService>(&v1::SiteService::Stub::ListProperties, google::protobuf::Empty{}, list)
            .ok());
    REQUIRE(list.properties_size() == 1);
    CHECK(list.properties(0).code() == "OWN");
    v1::Property again;
    const auto taken = create_property(manager, "THEIRS", again);
    CHECK(taken.code == grpc::StatusCode::ALREADY_EXISTS);
    CHECK(taken.fields == std::vector<std::string>{"code"});
}

TEST_CASE("operators: nobody gives more than he has", "[services][session]") {
    Stack stack;
    stack.make_operator("chief", "administrator", false);
    auto chief = stack.signed_in("chief");
    v1::CreateOperatorRequest request;
    request.set_request_id(request_id());
    request.set_name("new");
    request.set_password("long enough");
    request.set_all_properties(true);
    v1::Operator made;
    CHECK(chief.call<v1::OperatorService>(&v1::OperatorService::Stub::CreateOperator, request, made).reason ==
          "more_than_own");
    request.set_all_properties(false);
    request.add_roles("cashier");
    REQUIRE(chief.call<v1::OperatorService>(&v1::OperatorService::Stub::CreateOperator, request, made).ok());
    const auto first = made.operator_id();
    // The same request again: the first answer, and no second operator.
    REQUIRE(chief.call<v1::OperatorService>(&v1::OperatorService::Stub::CreateOperator, request, made).ok());
    CHECK(made.operator_id() == first);
    request.set_full_name("other content");
    CHECK(chief.call<v1::OperatorService>(&v1::OperatorService::Stub::CreateOperator, request, made).reason ==
          "request_id_reused");

    auto cashier = stack.wire();
    REQUIRE(cashier.sign_in("new", "long enough").ok());
    v1::UpdateOperatorRequest change;
    change.set_request_id(request_id());
    change.set_operator_id(first);
    change.set_enabled(false);
    REQUIRE(chief.call<v1::OperatorService>(&v1::OperatorService::Stub::UpdateOperator, change, made).ok());
    CHECK(cashier.who_am_i().code == grpc::StatusCode::UNAUTHENTICATED);
    CHECK(stack.count("operation_log WHERE details::text LIKE '%long enough%'") == 0);
}

TEST_CASE("session: a new password ends the other sessions", "[services][session]") {
    Stack stack;
    auto here = stack.signed_in();
    auto elsewhere = stack.signed_in();
    v1::ChangePasswordRequest request;
    request.set_old_password(kPassword);
    request.set_new_password("short");
    google::protobuf::Empty empty;
    const auto refused =
        here.call<v1::SessionService>(&v1::SessionService::Stub::ChangePassword, request, empty);
    CHECK(refused.fields == std::vector<std::string>{"new_password"});
    request.set_new_password("battery staple");
    REQUIRE(here.call<v1::SessionService>(&v1::SessionService::Stub::ChangePassword, request, empty).ok());
    CHECK(here.who_am_i().ok());
    CHECK(elsewhere.who_am_i().reason == "session_ended");
    CHECK(stack.wire().sign_in("admin", kPassword).reason == "wrong_credentials");
    CHECK(stack.wire().sign_in("admin", "battery staple").ok());
}
