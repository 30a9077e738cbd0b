#include "server/security/permission_table.hpp"

#include <wutong/v1/options.pb.h>
#include <wutong/v1/sale_service.pb.h>
#include <wutong/v1/session_service.pb.h>

#include <catch2/catch.hpp>

using namespace wutong::server;

namespace {

const google::protobuf::ServiceDescriptor* service(const std::string& name) {
    // A linker leaves out generated files that nobody mentions.
    static_cast<void>(wutong::v1::SellRequest::descriptor());
    static_cast<void>(wutong::v1::SignInRequest::descriptor());
    const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(name);
    REQUIRE(found != nullptr);
    return found;
}

/// A service with one method, whose option is `permission`; none without.
std::string message_for(const std::optional<std::string>& permission) {
    google::protobuf::FileDescriptorProto file;
    file.set_name("planted.proto");
    file.set_package("planted");
    file.add_message_type()->set_name("Nothing");
    auto* planted = file.add_service();
    planted->set_name("Planted");
    auto* method = planted->add_method();
    method->set_name("Steal");
    method->set_input_type(".planted.Nothing");
    method->set_output_type(".planted.Nothing");
    if (permission) {
        method->mutable_options()->SetExtension(wutong::v1::permission, *permission);
    }
    google::protobuf::DescriptorPool pool{google::protobuf::DescriptorPool::generated_pool()};
    const auto* built = pool.BuildFile(file);
    REQUIRE(built != nullptr);
    try {
        const PermissionTable table{{built->service(0)}};
        return "";
    } catch (const PermissionMissing& missing) {
        return missing.what();
    }
}

}  // namespace

TEST_CASE("permissions: read from the methods' options", "[permissions]") {
    PermissionTable table{{service("wutong.v1.SaleService"), service("wutong.v1.SessionService")}};
    CHECK(table.permission_of("/wutong.v1.SaleService/Sell") == "sale.write");
    CHECK(table.permission_of("/wutong.v1.SaleService/Refund") == "sale.refund");
    CHECK(table.permission_of("/wutong.v1.SessionService/SignIn") == PermissionTable::kPublic);
    CHECK(table.permission_of("/wutong.v1.SessionService/SignOut") == PermissionTable::kSession);
    CHECK_FALSE(table.permission_of("/wutong.v1.SaleService/Steal"));
    CHECK_FALSE(table.permission_of(""));
    CHECK_FALSE(table.permission_of("/grpc.health.v1.Health/Check"));
    table.allow_everybody("/grpc.health.v1.Health/Check");
    CHECK(table.permission_of("/grpc.health.v1.Health/Check") == PermissionTable::kPublic);
}

TEST_CASE("permissions: a method that names none is not offered", "[permissions]") {
    CHECK(message_for(std::nullopt).find("planted.Planted.Steal") != std::string::npos);
    CHECK(message_for("everything").find("area.verb") != std::string::npos);
    CHECK(message_for("public").empty());
    CHECK(message_for("plant.read").empty());
}

TEST_CASE("permissions: what grants what", "[permissions]") {
    CHECK(grants({"sale.read", "sale.write"}, "sale.write"));
    CHECK_FALSE(grants({"sale.read"}, "sale.write"));
    CHECK_FALSE(grants({}, "sale.read"));
    CHECK(grants({"*"}, "anything.at_all"));
    CHECK_FALSE(grants({"sale.*"}, "sale.write"));
}
