// The part of TariffService that is about who is charged by which plan.
#include <fmt/format.h>

#include "server/call.hpp"
#include "server/services/commodity_text.hpp"
#include "server/services/convert.hpp"
#include "server/services/day_text.hpp"
#include "server/services/paging.hpp"
#include "server/services/tariff_service.hpp"
#include "server/services/tariff_shapes.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/errors.hpp"
#include "storage/meter_facts.hpp"
#include "storage/tariff_assignments.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

using storage::TariffPlanId;

storage::TariffTarget target_of(const v1::TariffTarget& target) {
    if ((target.meter_id() != 0) + (target.building_id() != 0) + (target.group_id() != 0) > 1) {
        throw invalid("target",
                      "name a meter, a group or a building, one of them; none of them is the whole property");
    }
    storage::TariffTarget out;
    if (target.meter_id() != 0) {
        out.meter = core::MeterId{target.meter_id()};
    }
    if (target.building_id() != 0) {
        out.building = core::BuildingId{target.building_id()};
    }
    if (target.group_id() != 0) {
        out.group = storage::MeterGroupId{target.group_id()};
    }
    return out;
}

/// "meter M1", for people
std::string words(const storage::TariffTarget& target, const std::string& code) {
    return target.meter      ? "meter " + code
           : target.group    ? "group " + code
           : target.building ? "building " + code
                             : "the whole property";
}

void fill(const storage::TariffAssignmentRow& row, core::PropertyId property, v1::TariffAssignment& out) {
    out.Clear();
    out.set_assignment_id(row.id);
    out.set_property_id(property.value);
    auto& target = *out.mutable_target();
    target.set_meter_id(row.target.meter.value_or(core::MeterId{}).value);
    target.set_building_id(row.target.building.value_or(core::BuildingId{}).value);
    target.set_group_id(row.target.group.value_or(storage::MeterGroupId{}).value);
    target.set_code(row.target_code);
    out.set_plan_id(row.plan.value_or(TariffPlanId{}).value);
    out.set_plan_name(row.plan_name);
    out.set_commodity(core::to_string(row.commodity));
    out.set_effective_from(storage::local_day_text(row.from));
    *out.mutable_created_at() = to_timestamp(row.change.at);
    out.set_operator_(row.operator_name);
    out.set_state(storage::to_string(row.state));
}

/// What storage would refuse as well, in words of the counter.
void check_plan(storage::Transaction& tx, core::PropertyId property, TariffPlanId id,
                std::chrono::local_days from) {
    const auto plan = storage::find_tariff_plan(tx, property, id);
    if (!plan) {
        throw not_found("tariff_plan", id.value);
    }
    if (plan->retired_at) {
        throw failed_precondition(
            "plan_retired",
            fmt::format("The plan \"{}\" is retired. It stays with whom it is assigned to, but is not "
                        "assigned any more; choose another one.",
                        plan->name));
    }
    if (!plan->first_from || *plan->first_from > from) {
        throw failed_precondition(
            "version_missing",
            fmt::format("The plan \"{}\" says nothing for {}: {}. Add a version that begins by then, or "
                        "assign it from a later day.",
                        plan->name, storage::local_day_text(from),
                        plan->first_from
                            ? "its first version begins on " + storage::local_day_text(*plan->first_from)
                            : "it has no version"));
    }
}

/// Water is not charged by the prices of a kilowatt-hour.
void check_commodity(storage::Transaction& tx, core::PropertyId property, const storage::TariffTarget& target,
                     core::Commodity commodity) {
    if (!target.meter) {
        return;
    }
    const auto meter = storage::meter_facts(tx, property, {*target.meter}).at(*target.meter);
    if (meter.commodity != commodity) {
        throw failed_precondition(
            "other_commodity",
            fmt::format(
                "Meter {} measures {}, and this is about {}. Nothing was assigned. Choose a plan for {}.",
                meter.code, core::to_string(meter.commodity), core::to_string(commodity),
                core::to_string(meter.commodity)));
    }
}

/// What the assignment, or the end of one, is about.
core::Commodity commodity_of(storage::Transaction& tx, core::PropertyId property,
                             const storage::TariffTarget& target, const v1::AssignTariffRequest& request) {
    if (request.plan_id() != 0) {
        const auto plan = storage::find_tariff_plan(tx, property, TariffPlanId{request.plan_id()});
        if (!plan) {
            throw not_found("tariff_plan", request.plan_id());
        }
        return plan->commodity;
    }
    if (request.commodity().empty() && target.meter) {
        return storage::meter_facts(tx, property, {*target.meter}).at(*target.meter).commodity;
    }
    return commodity_named(request.commodity(), "commodity");
}

}  // namespace

grpc::Status TariffService::Assign(grpc::ServerContext* context, const v1::AssignTariffRequest* request,
                                   v1::TariffAssignment* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const auto target = target_of(request->target());
        std::optional<std::chrono::local_days> wanted;
        if (!request->effective_from().empty()) {
            wanted = parse_day(request->effective_from(), "effective_from");
        }
        app_.database().transact(call.scope(property), "assign_tariff", [&](storage::Transaction& tx) {
            call.once(tx, property, "AssignTariff", *request, *response, [&] {
                const auto today = today_of(tx, property, app_.now());
                const auto from = wanted.value_or(today);
                if (from > today + std::chrono::days{3'660}) {
                    throw invalid("effective_from", "is more than ten years away");
                }
                const auto code = storage::tariff_target_code(tx, property, target);
                if (!code) {
                    throw target.meter ? not_found("meter", target.meter->value)
                    : target.group     ? not_found("meter_group", target.group->value)
                                       : not_found("building", target.building->value);
                }
                const auto commodity = commodity_of(tx, property, target, *request);
                check_commodity(tx, property, target, commodity);
                const bool taken = storage::is_assigned_from(tx, property, target, today, commodity);
                if (from < today || (from == today && taken)) {
                    throw failed_precondition(
                        "day_has_begun",
                        fmt::format("What {} is charged by on {} has begun and is not changed any more. The "
                                    "first day that is free is {}.",
                                    words(target, *code), storage::local_day_text(from),
                                    storage::local_day_text(taken ? today + std::chrono::days{1} : today)));
                }
                std::optional<TariffPlanId> plan;
                if (request->plan_id() != 0) {
                    plan = TariffPlanId{request->plan_id()};
                    check_plan(tx, property, *plan, from);
                }
                storage::assign_tariff(tx, property, target, plan, from, {call.operator_id(), app_.now()},
                                       commodity);
                storage::TariffAssignmentFilter newest;
                newest.target = target;
                newest.past_too = true;
                fill(storage::list_tariff_assignments(tx, property, newest, today, 0, 1).at(0), property,
                     *response);
                call.log(tx, property, "tariff.assign", words(target, *code),
                         {{"plan", response->plan_name()}, {"effective_from", response->effective_from()}});
            });
        });
    });
}

grpc::Status TariffService::ListAssignments(grpc::ServerContext* context,
                                            const v1::ListTariffAssignmentsRequest* request,
                                            v1::ListTariffAssignmentsResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const int size = page_size(request->page());
        storage::TariffAssignmentFilter filter;
        if (request->has_target()) {
            filter.target = target_of(request->target());
        }
        filter.plan = TariffPlanId{request->plan_id()};
        filter.past_too = request->past_too();
        auto rows = app_.database().transact(
            call.scope(property), "list_tariff_assignments", [&](storage::Transaction& tx) {
                return storage::list_tariff_assignments(tx, property, filter,
                                                        today_of(tx, property, app_.now()),
                                                        page_key(request->page()), size);
            });
        if (is_full(rows, size)) {
            response->set_next_page_token(std::to_string(rows.back().id));
        }
        for (const auto& row : rows) {
            fill(row, property, *response->add_assignments());
        }
    });
}

}  // namespace wutong::server
