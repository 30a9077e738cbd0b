#include <grpcpp/impl/codegen/client_unary_call.h>

#include <catch2/catch.hpp>

#include "tests/integration/services/base_stack.hpp"

using namespace wutong;
using namespace wutong::tests::base;

TEST_CASE("server: a second one on the same port is refused with a clear word", "[services][availability]") {
    Stack stack;
    auto configuration = stack.configuration;
    configuration.listen.address = "127.0.0.1:" + std::to_string(stack.server->port());
    server::App app{
        configuration, "",
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>())};
    server::Server second{app, [](const std::string&) {}};
    CHECK_THROWS_WITH(second.start(), Catch::Contains(configuration.listen.address) &&
                                          Catch::Contains("another program has the port"));
    CHECK(stack.signed_in().who_am_i().ok());
}

TEST_CASE("server: the database goes away during work and comes back", "[services][availability]") {
    Stack stack{[](server::Configuration& configuration) { configuration.database.pool_size = 4; }};
    auto wire = stack.signed_in();
    REQUIRE(wire.who_am_i().ok());
    const auto name = stack.database.name();
    const auto admin = [&](const std::string& sql) {
        // Not in the database itself: its connections are what is cut.
        auto url = stack.database.url(tests::Role::superuser);
        pqxx::connection connection{url.substr(0, url.rfind('/')) + "/postgres"};
        pqxx::nontransaction{connection}.exec(sql);
    };
    admin("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
    admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
    stack.app->sessions().forget_all();
    const auto away = wire.who_am_i();
    CHECK(away.code == grpc::StatusCode::UNAVAILABLE);
    CHECK(away.reason == "database_unavailable");
    const auto sign_in = stack.wire().sign_in("admin", kPassword);
    CHECK(sign_in.code == grpc::StatusCode::UNAVAILABLE);
    CHECK(sign_in.reason == "database_unavailable");
    CHECK(eventually([&] { return !stack.server->serving(); }, std::chrono::seconds{10}));

    admin("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
    CHECK(eventually([&] { return stack.server->serving(); }, std::chrono::seconds{20}));
    CHECK(eventually([&] { return wire.who_am_i().ok(); }, std::chrono::seconds{10}));
}

TEST_CASE("server: waits for a database that is away at the start", "[services][availability]") {
    Stack stack{[](server::Configuration& configuration) {
                    configuration.database.url = "postgresql://wutong_server@127.0.0.1:26099/nowhere";
                },
                false};
    const auto reply = stack.wire().sign_in("admin", kPassword);
    CHECK(reply.code == grpc::StatusCode::UNAVAILABLE);
    CHECK_FALSE(stack.server->serving());
    CHECK(stack.fatal.empty());
}

TEST_CASE("server: an older schema is said, not guessed around", "[services][availability]") {
    std::string said;
    {
        Stack stack;
        stack.database.as_superuser("DELETE FROM schema_migration");
        REQUIRE(eventually([&] { return !stack.server->serving(); }, std::chrono::seconds{10}));
        stack.server->stop();
        said = stack.fatal;
    }
    CHECK(said.find("migrate") != std::string::npos);
}

TEST_CASE("server: health is for everybody, an unknown method for nobody", "[services][availability]") {
    Stack stack;
    const auto wire = stack.wire();
    const auto answer_to = [&wire](const std::string& path) {
        // A raw call with an empty message, which is a valid HealthCheckRequest too.
        const grpc::internal::RpcMethod method{path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC,
                                               wire.channel};
        grpc::ClientContext context;
        wire.prepare(context);
        google::protobuf::Empty request;
        google::protobuf::Empty response;
        return Reply{grpc::internal::BlockingUnaryCall<google::protobuf::Empty, google::protobuf::Empty,
                                                       google::protobuf::Empty, google::protobuf::Empty>(
            wire.channel.get(), method, &context, request, &response)};
    };
    CHECK(answer_to("/grpc.health.v1.Health/Check").ok());
    CHECK(answer_to("/wutong.v1.SaleService/Sell").reason == "not_signed_in");
    CHECK(answer_to("/wutong.v1.SaleService/Steal").code == grpc::StatusCode::UNIMPLEMENTED);
}
