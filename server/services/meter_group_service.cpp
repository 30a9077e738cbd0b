#include "server/services/meter_group_service.hpp"

#include <fmt/format.h>

#include <set>

#include "server/app.hpp"
#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/day_text.hpp"
#include "server/services/paging.hpp"
#include "server/services/tariff_shapes.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/errors.hpp"
#include "storage/meter_facts.hpp"
#include "storage/meter_groups.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

using storage::MeterGroupId;

constexpr int kGroupsShown = 1'000;
constexpr int kMetersAtOnce = 1'000;
constexpr std::size_t kCodeMax = 32;
constexpr std::size_t kNameMax = 100;

void fill(const storage::MeterGroupRow& row, core::PropertyId property, v1::MeterGroup& out) {
    out.Clear();
    out.set_group_id(row.group.value);
    out.set_property_id(property.value);
    out.set_code(row.code);
    out.set_name(row.name);
    out.set_meters(row.meters);
    *out.mutable_created_at() = to_timestamp(row.created_at);
}

std::vector<core::MeterId> meters_of(const v1::PutMetersInGroupRequest& request) {
    if (request.meter_ids_size() < 1 || request.meter_ids_size() > kMetersAtOnce) {
        throw invalid("meter_ids", fmt::format("{} meters were named; 1 to {} go at once",
                                               request.meter_ids_size(), kMetersAtOnce));
    }
    std::set<core::MeterId> once;
    for (const auto id : request.meter_ids()) {
        once.insert(core::MeterId{id});
    }
    return {once.begin(), once.end()};
}

/// A day that has begun is not changed any more.
std::chrono::local_days free_day(storage::Transaction& tx, core::PropertyId property,
                                 std::optional<std::chrono::local_days> wanted,
                                 const std::map<core::MeterId, storage::MeterFacts>& facts,
                                 std::chrono::local_days today) {
    const auto from = wanted.value_or(today);
    if (from > today + std::chrono::days{3'660}) {
        throw invalid("effective_from", "is more than ten years away");
    }
    if (from < today) {
        throw failed_precondition(
            "day_has_begun", fmt::format("What is charged on {} has begun and is not changed any more. The "
                                         "first day that is free is {}.",
                                         storage::local_day_text(from), storage::local_day_text(today)));
    }
    std::vector<core::MeterId> ids;
    for (const auto& [id, meter] : facts) {
        ids.push_back(id);
    }
    const auto set =
        from == today ? storage::members_set_on(tx, property, ids, today) : std::vector<core::MeterId>{};
    if (!set.empty()) {
        throw failed_precondition(
            "day_has_begun",
            fmt::format(
                "Meter {} was put into a group, or out of it, today already. Nothing was changed. The first "
                "day that is free for it is {}.",
                facts.at(set.front()).code, storage::local_day_text(today + std::chrono::days{1})));
    }
    return from;
}

}  // namespace

grpc::Status MeterGroupService::ListMeterGroups(grpc::ServerContext* context,
                                                const v1::ListMeterGroupsRequest* request,
                                                v1::ListMeterGroupsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto rows = app_.database().transact(
            call.scope(property), "list_meter_groups", [&](storage::Transaction& tx) {
                return storage::list_meter_groups(tx, property, today_of(tx, property, app_.now()),
                                                  kGroupsShown);
            });
        for (const auto& row : rows) {
            fill(row, property, *response->add_groups());
        }
    });
}

grpc::Status MeterGroupService::CreateMeterGroup(grpc::ServerContext* context,
                                                 const v1::CreateMeterGroupRequest* request,
                                                 v1::MeterGroup* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if (request->code().find_first_not_of(" \t\r\n") == std::string::npos ||
            request->code().size() > kCodeMax) {
            throw invalid("code", fmt::format("a group has a code of 1 to {} bytes", kCodeMax));
        }
        if (request->name().size() > kNameMax) {
            throw invalid("name", fmt::format("is longer than {} bytes", kNameMax));
        }
        try {
            app_.database().transact(
                call.scope(property), "create_meter_group", [&](storage::Transaction& tx) {
                    call.once(tx, property, "CreateMeterGroup", *request, *response, [&] {
                        const auto id = storage::insert_meter_group(
                            tx, property, request->code(), request->name(), call.operator_id(), app_.now());
                        fill(storage::find_meter_group(tx, property, id, today_of(tx, property, app_.now()))
                                 .value(),
                             property, *response);
                        call.log(tx, property, "meter_group.create", fmt::format("group {}", request->code()),
                                 {{"name", request->name()}});
                    });
                });
        } catch (const storage::UniqueViolation&) {
            throw already_exists("code", fmt::format("there is a group {} already", request->code()));
        }
    });
}

grpc::Status MeterGroupService::PutMetersInGroup(grpc::ServerContext* context,
                                                 const v1::PutMetersInGroupRequest* request,
                                                 v1::PutMetersInGroupResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto meters = meters_of(*request);
        std::optional<std::chrono::local_days> wanted;
        if (!request->effective_from().empty()) {
            wanted = parse_day(request->effective_from(), "effective_from");
        }
        app_.database().transact(call.scope(property), "put_in_group", [&](storage::Transaction& tx) {
            call.once(tx, property, "PutMetersInGroup", *request, *response, [&] {
                const auto today = today_of(tx, property, app_.now());
                std::optional<MeterGroupId> group;
                std::string code = "none";
                if (request->group_id() != 0) {
                    group = MeterGroupId{request->group_id()};
                    const auto found = storage::find_meter_group(tx, property, *group, today);
                    if (!found) {
                        throw not_found("meter_group", request->group_id());
                    }
                    code = found->code;
                }
                const auto facts = storage::meter_facts(tx, property, meters);
                for (const auto meter : meters) {
                    if (facts.find(meter) == facts.end()) {
                        throw not_found("meter", meter.value);
                    }
                }
                const auto from = free_day(tx, property, wanted, facts, today);
                storage::put_in_group(tx, property, meters, group, from, call.operator_id(), app_.now());
                response->set_effective_from(storage::local_day_text(from));
                response->set_meters(static_cast<int>(meters.size()));
                call.log(tx, property, "meter_group.put", fmt::format("group {}", code),
                         {{"meters", meters.size()}, {"effective_from", response->effective_from()}});
            });
        });
    });
}

grpc::Status MeterGroupService::ListGroupMeters(grpc::ServerContext* context,
                                                const v1::ListGroupMetersRequest* request,
                                                v1::ListGroupMetersResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const MeterGroupId group{request->group_id()};
        const int size = page_size(request->page());
        const auto rows = app_.database().transact(
            call.scope(property), "list_group_meters", [&](storage::Transaction& tx) {
                const auto today = today_of(tx, property, app_.now());
                if (!storage::find_meter_group(tx, property, group, today)) {
                    throw not_found("meter_group", group.value);
                }
                return storage::list_group_meters(tx, property, group, today,
                                                  core::MeterId{page_key(request->page())}, size);
            });
        for (const auto& row : rows) {
            auto& out = *response->add_meters();
            out.set_meter_id(row.meter.value);
            out.set_meter_code(row.meter_code);
            out.set_unit_code(row.unit_code);
            out.set_effective_from(storage::local_day_text(row.from));
            out.set_state(row.coming ? "coming" : "in_force");
        }
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().meter.value));
        }
    });
}

}  // namespace wutong::server
