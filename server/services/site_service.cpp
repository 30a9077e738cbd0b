#include "server/services/site_service.hpp"

#include <fmt/format.h>

#include <map>

#include "server/call.hpp"
#include "server/services/device_checks.hpp"
#include "server/services/paging.hpp"
#include "server/services/parameter_table.hpp"
#include "storage/errors.hpp"
#include "storage/parameters.hpp"
#include "storage/sites.hpp"

namespace wutong::server {

namespace {

constexpr core::PropertyId kInstallation{0};
constexpr int kFloorsMax = 500;

void fill(const storage::PropertyRow& row, v1::Property& property) {
    property.set_property_id(row.property.value);
    property.set_code(row.code);
    property.set_name(row.name);
    property.set_time_zone(row.time_zone);
    property.set_currency(row.currency);
}

void fill(const storage::FloorRow& row, v1::Floor& floor) {
    floor.set_floor_id(row.floor.value);
    floor.set_building_id(row.building.value);
    floor.set_number(row.number);
    floor.set_name(row.name);
}

void fill(storage::Transaction& tx, core::PropertyId property, v1::Parameters& parameters) {
    const auto set = storage::list_parameters(tx, property);
    for (const auto& rule : parameter_rules()) {
        auto* one = parameters.add_parameters();
        const auto value = set.find(rule.key);
        one->set_key(rule.key);
        one->set_value(value == set.end() ? rule.otherwise : value->second);
        one->set_is_default(value == set.end());
        one->set_meaning(rule.meaning);
        one->set_unit(rule.unit);
    }
}

/// Runs what may meet a unique key or a reference, and says which field that was.
template <class Body>
void insert(Body&& body) {
    try {
        body();
    } catch (const storage::StatementFailed& error) {
        refuse_conflict(error);
    }
}

}  // namespace

grpc::Status SiteService::ListProperties(grpc::ServerContext* context, const google::protobuf::Empty*,
                                         v1::ListPropertiesResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const auto rows = app_.database().transact(call.scope(), "list_properties", storage::list_properties);
        for (const auto& row : rows) {
            fill(row, *response->add_properties());
        }
    });
}

grpc::Status SiteService::CreateProperty(grpc::ServerContext* context,
                                         const v1::CreatePropertyRequest* request, v1::Property* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::PropertyRow row{{},
                                 request->code(),
                                 request->name(),
                                 request->time_zone().empty() ? "Asia/Shanghai" : request->time_zone(),
                                 request->currency().empty() ? "CNY" : request->currency()};
        std::vector<FieldViolation> violations;
        check_text(row.code, "code", 32, violations);
        check_text(row.name, "name", 200, violations);
        if (row.currency.size() != 3 ||
            row.currency.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos) {
            violations.push_back({"currency", "must be three capital letters, as CNY"});
        }
        refuse_if_any(std::move(violations));
        const auto create = [&](storage::Transaction& tx) {
            call.once(tx, kInstallation, "CreateProperty", *request, *response, [&] {
                if (!storage::is_time_zone(tx, row.time_zone)) {
                    throw invalid("time_zone",
                                  fmt::format("\"{}\" is not a time zone; write it as Asia/Shanghai",
                                              row.time_zone.substr(0, 64)));
                }
                row.property = storage::insert_property(tx, row);
                storage::grant_property(tx, call.operator_id(), row.property);
                fill(row, *response);
                call.log(tx, row.property, "property.create", "property " + row.code, {{"name", row.name}});
            });
        };
        insert([&] { app_.database().transact(call.installation_scope(), "create_property", create); });
        app_.sessions().forget_all();
    });
}

grpc::Status SiteService::GetSite(grpc::ServerContext* context, const v1::GetSiteRequest* request,
                                  v1::GetSiteResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "get_site", [&](storage::Transaction& tx) {
            response->Clear();
            for (const auto& row : storage::list_properties(tx)) {
                fill(row, *response->mutable_property());
            }
            std::map<core::BuildingId, v1::Building*> buildings;
            for (const auto& row : storage::list_buildings(tx, property)) {
                auto* building = response->add_buildings();
                building->set_building_id(row.building.value);
                building->set_code(row.code);
                building->set_name(row.name);
            }
            for (auto& building : *response->mutable_buildings()) {
                buildings[core::BuildingId{building.building_id()}] = &building;
            }
            for (const auto& row : storage::list_floors(tx, property)) {
                fill(row, *buildings.at(row.building)->add_floors());
            }
        });
    });
}

grpc::Status SiteService::CreateBuilding(grpc::ServerContext* context,
                                         const v1::CreateBuildingRequest* request, v1::Building* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto name = request->name().empty() ? request->code() : request->name();
        std::vector<FieldViolation> violations;
        check_text(request->code(), "code", 32, violations);
        check_text(name, "name", 200, violations);
        if (request->floors() < 0 || request->floors() > kFloorsMax) {
            violations.push_back({"floors", fmt::format("must be from 0 to {}", kFloorsMax)});
        }
        refuse_if_any(std::move(violations));
        const auto create = [&](storage::Transaction& tx) {
            call.once(tx, property, "CreateBuilding", *request, *response, [&] {
                const auto id = storage::insert_building(tx, property, {{}, request->code(), name});
                response->set_building_id(id.value);
                response->set_code(request->code());
                response->set_name(name);
                for (int number = 1; number <= request->floors(); ++number) {
                    storage::FloorRow floor{{}, id, number, fmt::format("{}F", number)};
                    floor.floor = storage::insert_floor(tx, property, floor);
                    fill(floor, *response->add_floors());
                }
                call.log(tx, property, "building.create", "building " + request->code(),
                         {{"floors", request->floors()}});
            });
        };
        insert([&] { app_.database().transact(call.scope(property), "create_building", create); });
    });
}

grpc::Status SiteService::CreateFloor(grpc::ServerContext* context, const v1::CreateFloorRequest* request,
                                      v1::Floor* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        storage::FloorRow floor{
            {},
            core::BuildingId{request->building_id()},
            request->number(),
            request->name().empty() ? fmt::format("{}F", request->number()) : request->name()};
        std::vector<FieldViolation> violations;
        check_text(floor.name, "name", 100, violations);
        if (floor.number < -100 || floor.number > 1'000) {
            violations.push_back({"number", "must be from -100 to 1000"});
        }
        refuse_if_any(std::move(violations));
        const auto create = [&](storage::Transaction& tx) {
            call.once(tx, property, "CreateFloor", *request, *response, [&] {
                floor.floor = storage::insert_floor(tx, property, floor);
                fill(floor, *response);
                call.log(tx, property, "floor.create", "floor " + floor.name,
                         {{"building_id", floor.building.value}, {"number", floor.number}});
            });
        };
        insert([&] { app_.database().transact(call.scope(property), "create_floor", create); });
    });
}

grpc::Status SiteService::CreateUnit(grpc::ServerContext* context, const v1::CreateUnitRequest* request,
                                     v1::Unit* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        std::vector<FieldViolation> violations;
        check_text(request->code(), "code", 32, violations);
        if (request->name().size() > 200) {
            violations.push_back({"name", "has more than 200 bytes"});
        }
        refuse_if_any(std::move(violations));
        const auto create = [&](storage::Transaction& tx) {
            call.once(tx, property, "CreateUnit", *request, *response, [&] {
                const storage::UnitRow unit{
                    {}, core::FloorId{request->floor_id()}, request->code(), request->name()};
                response->set_unit_id(storage::insert_unit(tx, property, unit).value);
                response->set_floor_id(request->floor_id());
                response->set_code(request->code());
                response->set_name(request->name());
                call.log(tx, property, "unit.create", "unit " + request->code(),
                         {{"floor_id", request->floor_id()}});
            });
        };
        insert([&] { app_.database().transact(call.scope(property), "create_unit", create); });
    });
}

grpc::Status SiteService::ListUnits(grpc::ServerContext* context, const v1::ListUnitsRequest* request,
                                    v1::ListUnitsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto size = page_size(request->page());
        const core::UnitId after{page_key(request->page())};
        auto rows =
            app_.database().transact(call.scope(property), "list_units", [&](storage::Transaction& tx) {
                return storage::list_units(tx, property, core::FloorId{request->floor_id()}, after, size + 1);
            });
        if (cut_to_page(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().unit.value));
        }
        for (const auto& row : rows) {
            auto* unit = response->add_units();
            unit->set_unit_id(row.unit.value);
            unit->set_floor_id(row.floor.value);
            unit->set_code(row.code);
            unit->set_name(row.name);
        }
    });
}

grpc::Status SiteService::GetParameters(grpc::ServerContext* context, const v1::GetParametersRequest* request,
                                        v1::Parameters* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        app_.database().transact(call.scope(property), "get_parameters", [&](storage::Transaction& tx) {
            response->Clear();
            fill(tx, property, *response);
        });
    });
}

grpc::Status SiteService::SetParameters(grpc::ServerContext* context, const v1::SetParametersRequest* request,
                                        v1::Parameters* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (!property || request->values().empty()) {
            throw invalid(property ? "values" : "property_id", "must not be empty");
        }
        std::vector<FieldViolation> violations;
        const std::map<std::string, std::string> values{request->values().begin(), request->values().end()};
        for (const auto& [key, value] : values) {
            for (auto& violation : check_parameter(key, value)) {
                violations.push_back(std::move(violation));
            }
        }
        refuse_if_any(std::move(violations));
        app_.database().transact(call.scope(property), "set_parameters", [&](storage::Transaction& tx) {
            call.once(tx, property, "SetParameters", *request, *response, [&] {
                const auto before = storage::list_parameters(tx, property);
                nlohmann::json changes = nlohmann::json::object();
                for (const auto& [key, value] : values) {
                    const auto was = before.find(key);
                    changes[key] = {
                        {"was", was == before.end() ? nlohmann::json{} : nlohmann::json(was->second)},
                        {"is", value}};
                    storage::set_parameter(tx, property, key, value);
                }
                fill(tx, property, *response);
                call.log(tx, property, "parameter.set", fmt::format("{} parameters", values.size()), changes);
            });
        });
    });
}

}  // namespace wutong::server
