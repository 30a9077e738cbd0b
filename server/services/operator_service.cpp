#include "server/services/operator_service.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "server/call.hpp"
#include "server/security/password_hash.hpp"
#include "server/security/permission_table.hpp"
#include "server/services/convert.hpp"
#include "server/services/device_checks.hpp"
#include "server/services/operator_checks.hpp"
#include "server/services/paging.hpp"
#include "server/sessions/sign_in.hpp"
#include "storage/operation_log.hpp"
#include "storage/operator_sessions.hpp"
#include "storage/operators.hpp"

namespace wutong::server {

namespace {

constexpr core::PropertyId kInstallation{0};

void fill(const storage::OperatorRow& row, v1::Operator& out) {
    out.set_operator_id(row.operator_id.value);
    out.set_name(row.name);
    out.set_full_name(row.full_name);
    out.set_enabled(row.enabled);
    out.set_all_properties(row.all_properties);
    for (const auto property : row.properties) {
        out.add_property_ids(property.value);
    }
    out.mutable_roles()->Add(row.roles.begin(), row.roles.end());
    if (row.locked_until) {
        *out.mutable_locked_until() = to_timestamp(*row.locked_until);
    }
}

template <class Ids>
std::vector<core::PropertyId> to_properties(const Ids& ids) {
    std::vector<core::PropertyId> properties;
    for (const auto id : ids) {
        properties.push_back(core::PropertyId{id});
    }
    std::sort(properties.begin(), properties.end());
    properties.erase(std::unique(properties.begin(), properties.end()), properties.end());
    return properties;
}

/// Nobody gives more than he has: neither permissions, nor properties.
void check_roles(storage::Transaction& tx, const CallContext& call, const std::vector<std::string>& wanted) {
    const auto known = storage::list_roles(tx);
    for (const auto& code : wanted) {
        const auto role =
            std::find_if(known.begin(), known.end(), [&](const auto& one) { return one.code == code; });
        if (role == known.end()) {
            std::string names;
            for (const auto& one : known) {
                names += (names.empty() ? "" : ", ") + one.code;
            }
            throw invalid("roles",
                          fmt::format("there is no role \"{}\"; known are: {}", code.substr(0, 64), names));
        }
        for (const auto& permission : role->permissions) {
            if (!grants(call.caller().permissions, permission)) {
                throw Refused{
                    grpc::StatusCode::PERMISSION_DENIED, "more_than_own",
                    fmt::format("role {} has the permission {}, which you have not", code, permission)};
            }
        }
    }
}

void check_properties(const CallContext& call, bool all, const std::vector<core::PropertyId>& properties) {
    if (all && !call.caller().all_properties) {
        throw Refused{grpc::StatusCode::PERMISSION_DENIED, "more_than_own",
                      "only an operator who has all properties can give all of them"};
    }
    for (const auto property : properties) {
        if (!property || !call.may_see(property)) {
            throw invalid("property_ids", fmt::format("you have no property {}", property.value));
        }
    }
}

/// Changing somebody who may do more than oneself would be a way to become him.
void check_subject(storage::Transaction& tx, const CallContext& call, const storage::OperatorRow& subject) {
    check_roles(tx, call, subject.roles);
    if (subject.all_properties && !call.caller().all_properties) {
        throw Refused{grpc::StatusCode::PERMISSION_DENIED, "more_than_own",
                      fmt::format("operator {} has all properties, and you have not", subject.name)};
    }
}

}  // namespace

grpc::Status OperatorService::ListOperators(grpc::ServerContext* context,
                                            const v1::ListOperatorsRequest* request,
                                            v1::ListOperatorsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const auto size = page_size(request->page());
        const core::OperatorId after{page_key(request->page())};
        auto rows = app_.database().transact(call.scope(), "list_operators", [&](storage::Transaction& tx) {
            return storage::list_operators(tx, after, size + 1);
        });
        if (cut_to_page(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().operator_id.value));
        }
        for (const auto& row : rows) {
            fill(row, *response->add_operators());
        }
    });
}

grpc::Status OperatorService::CreateOperator(grpc::ServerContext* context,
                                             const v1::CreateOperatorRequest* request,
                                             v1::Operator* response) {
    return handle(app_, context, [&](CallContext& call) {
        check_operator_name(request->name(), "name");
        check_new_password(request->password(), "password");
        if (request->full_name().size() > 200) {
            throw invalid("full_name", "has more than 200 bytes");
        }
        const std::vector<std::string> roles{request->roles().begin(), request->roles().end()};
        const auto properties = to_properties(request->property_ids());
        check_properties(call, request->all_properties(), properties);
        const auto hash = hash_password(request->password());
        auto secretless = *request;
        secretless.clear_password();
        const auto create = [&](storage::Transaction& tx) {
            call.once(
                tx, kInstallation, "CreateOperator", *request, *response,
                [&] {
                    check_roles(tx, call, roles);
                    const auto id = storage::insert_operator(tx, request->name(), request->full_name(), hash,
                                                             request->all_properties());
                    storage::set_roles(tx, id, roles);
                    storage::set_properties(tx, id, request->all_properties(), properties);
                    fill(storage::find_operator(tx, id).value(), *response);
                    call.log(tx, kInstallation, "operator.create", "operator " + request->name(),
                             {{"roles", roles}, {"all_properties", request->all_properties()}});
                },
                &secretless);
        };
        try {
            app_.database().transact(call.installation_scope(), "create_operator", create);
        } catch (const storage::StatementFailed& error) {
            refuse_conflict(error);
        }
    });
}

grpc::Status OperatorService::UpdateOperator(grpc::ServerContext* context,
                                             const v1::UpdateOperatorRequest* request,
                                             v1::Operator* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::OperatorId who{request->operator_id()};
        if (request->has_full_name() && request->full_name().size() > 200) {
            throw invalid("full_name", "has more than 200 bytes");
        }
        std::string hash;
        if (request->has_new_password()) {
            check_new_password(request->new_password(), "new_password");
            hash = hash_password(request->new_password());
        }
        if (request->has_enabled() && !request->enabled() && who == call.operator_id()) {
            throw failed_precondition("own_operator", "nobody disables himself; ask another administrator");
        }
        const auto properties = to_properties(request->properties().property_ids());
        const std::vector<std::string> roles{request->roles().roles().begin(),
                                             request->roles().roles().end()};
        check_properties(call, request->properties().all(), properties);
        auto secretless = *request;
        secretless.clear_new_password();
        const auto change = [&](storage::Transaction& tx) {
            const auto subject = storage::find_operator(tx, who);
            if (!subject) {
                throw Refused{grpc::StatusCode::NOT_FOUND, "operator_not_found",
                              fmt::format("there is no operator #{}", who.value)};
            }
            check_subject(tx, call, *subject);
            nlohmann::json details = nlohmann::json::object();
            if (request->has_full_name()) {
                storage::set_full_name(tx, who, request->full_name());
                details["full_name"] = request->full_name();
            }
            if (request->has_enabled()) {
                storage::set_enabled(tx, who, request->enabled());
                details["enabled"] = request->enabled();
            }
            if (!hash.empty()) {
                storage::set_password_hash(tx, who, hash);
                details["password"] = "changed";
            }
            if (request->has_unlock() && request->unlock()) {
                storage::set_failures(tx, who, 0, std::nullopt);
                details["unlocked"] = true;
            }
            if (request->has_roles()) {
                check_roles(tx, call, roles);
                storage::set_roles(tx, who, roles);
                details["roles"] = roles;
            }
            if (request->has_properties()) {
                storage::set_properties(tx, who, request->properties().all(), properties);
                details["all_properties"] = request->properties().all();
                details["property_ids"] = std::vector<std::int64_t>{
                    request->properties().property_ids().begin(), request->properties().property_ids().end()};
            }
            if ((request->has_enabled() && !request->enabled()) || !hash.empty()) {
                // His own session stays when it is he who sets his password.
                storage::end_operator_sessions(
                    tx, who,
                    who == call.operator_id() ? std::optional{call.caller().token_hash} : std::nullopt);
            }
            fill(storage::find_operator(tx, who).value(), *response);
            call.log(tx, kInstallation, "operator.update", "operator " + subject->name, details);
        };
        app_.database().transact(call.installation_scope(), "update_operator", [&](storage::Transaction& tx) {
            call.once(
                tx, kInstallation, "UpdateOperator", *request, *response, [&] { change(tx); }, &secretless);
        });
        app_.sessions().forget_all();
    });
}

grpc::Status OperatorService::ListRoles(grpc::ServerContext* context, const google::protobuf::Empty*,
                                        v1::ListRolesResponse* response) {
    return handle(app_, context, [&](CallContext&) {
        for (const auto& role :
             app_.database().transact(storage::Scope::none(), "list_roles", storage::list_roles)) {
            auto* out = response->add_roles();
            out->set_code(role.code);
            out->mutable_permissions()->Add(role.permissions.begin(), role.permissions.end());
        }
    });
}

grpc::Status OperatorService::ListOperationLog(grpc::ServerContext* context,
                                               const v1::ListOperationLogRequest* request,
                                               v1::ListOperationLogResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        storage::OperationLogFilter filter;
        filter.property = core::PropertyId{request->property_id()};
        filter.action = request->action();
        if (request->has_from()) {
            filter.from = from_timestamp(request->from(), "from");
        }
        if (request->has_to()) {
            filter.to = from_timestamp(request->to(), "to");
        }
        // One more than the page is asked for, and the store gives 1000 at most.
        const auto size = std::min(page_size(request->page()), 999);
        const auto before = page_key(request->page());
        app_.database().transact(
            call.scope(filter.property), "list_operation_log", [&](storage::Transaction& tx) {
                response->Clear();
                auto rows = storage::list_operation_log(tx, filter, before, size + 1);
                if (cut_to_page(rows, size)) {
                    response->set_next_page_token(std::to_string(rows.back().log_id));
                }
                std::vector<core::OperatorId> ids;
                for (const auto& row : rows) {
                    ids.push_back(row.operator_id);
                }
                const auto names = storage::operator_names(tx, ids);
                for (const auto& row : rows) {
                    auto* out = response->add_entries();
                    out->set_log_id(row.log_id);
                    *out->mutable_at() = to_timestamp(row.at);
                    out->set_operator_id(row.operator_id.value);
                    if (const auto name = names.find(row.operator_id); name != names.end()) {
                        out->set_operator_(name->second);
                    }
                    out->set_action(row.action);
                    out->set_target(row.target);
                    out->set_details_json(row.details);
                }
            });
    });
}

}  // namespace wutong::server
