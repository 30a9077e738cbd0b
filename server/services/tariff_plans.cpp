// The part of TariffService that is about plans and their versions.
#include <fmt/format.h>

#include <algorithm>

#include "core/tariff_calendar.hpp"
#include "server/call.hpp"
#include "server/services/commodity_text.hpp"
#include "server/services/paging.hpp"
#include "server/services/tariff_service.hpp"
#include "server/services/tariff_shapes.hpp"
#include "storage/errors.hpp"
#include "storage/local_days.hpp"
#include "storage/tariff_assignments.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

using storage::TariffPlanId;

/// Nobody is charged by the plan, so that every day is still free.
const std::chrono::local_days kAnyDay{std::chrono::year{1970} / 1 / 1};

std::chrono::local_days first_changeable(storage::Transaction& tx, core::PropertyId property,
                                         TariffPlanId plan, core::Timestamp now) {
    if (!storage::is_plan_assigned(tx, property, plan)) {
        return kAnyDay;
    }
    return storage::parse_local_day(storage::local_days(tx, property, now, 1).today) + std::chrono::days{1};
}

/// @throws Refused NOT_FOUND
void fill_whole(storage::Transaction& tx, core::PropertyId property, TariffPlanId id, core::Timestamp now,
                v1::TariffPlan& out) {
    out.Clear();
    const auto row = storage::find_tariff_plan(tx, property, id);
    if (!row) {
        throw not_found("tariff_plan", id.value);
    }
    fill(*row, property, out);
    const auto plan = storage::load_tariff_plan(tx, property, id);
    for (const auto& version : plan->versions) {
        fill(version, *out.add_versions());
    }
    out.set_first_changeable(storage::local_day_text(first_changeable(tx, property, id, now)));
}

void check_name(TariffFaults& faults, const std::string& name) {
    auto found = core::check({name, {}});
    std::erase_if(found, [](const core::PlanFault& fault) { return fault.field != "name"; });
    faults.add(found);
}

/// For the operation log: what there is to it, in few words.
nlohmann::json outline(const core::PlanVersion& version) {
    return {{"effective_from", storage::local_day_text(version.from)},
            {"terms", nlohmann::json::parse(storage::tariff_terms_json(version))}};
}

/// @throws Refused for a plan that is not there or retired, for a day that can't be changed any more, and for
/// what makes no sense together with the other versions
void add_version(storage::Transaction& tx, core::PropertyId property, TariffPlanId plan,
                 const core::PlanVersion& version, const storage::TariffChange& change) {
    const auto row = storage::find_tariff_plan(tx, property, plan);
    if (!row) {
        throw not_found("tariff_plan", plan.value);
    }
    if (row->retired_at) {
        throw failed_precondition("plan_retired",
                                  fmt::format("The plan \"{}\" is retired: it gets no new versions. Make a "
                                              "new plan of the same name.",
                                              row->name));
    }
    const auto first = first_changeable(tx, property, plan, change.at);
    if (version.from < first) {
        throw failed_precondition(
            "day_has_begun",
            fmt::format("Somebody is charged by \"{}\", so what holds on {} can't be changed any more. The "
                        "first day for a new version is {}.",
                        row->name, storage::local_day_text(version.from), storage::local_day_text(first)));
    }
    try {
        storage::add_tariff_version(tx, property, plan, version, first, change);
    } catch (const core::PlanError& wrong) {
        TariffFaults faults{"version."};
        faults.add(wrong.faults());
        faults.refuse();
    }
}

}  // namespace

grpc::Status TariffService::ListPlans(grpc::ServerContext* context, const v1::ListTariffPlansRequest* request,
                                      v1::ListTariffPlansResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const int size = page_size(request->page());
        const auto offset = page_key(request->page());
        if (offset > 1'000'000) {
            throw invalid("page.token", "is none that a page ended with");
        }
        auto rows = app_.database().transact(
            call.scope(property), "list_tariff_plans", [&](storage::Transaction& tx) {
                return storage::list_tariff_plans(tx, property, size + 1, static_cast<int>(offset));
            });
        if (cut_to_page(rows, size)) {
            response->set_next_page_token(std::to_string(offset + size));
        }
        for (const auto& row : rows) {
            fill(row, property, *response->add_plans());
        }
    });
}

grpc::Status TariffService::GetPlan(grpc::ServerContext* context, const v1::GetTariffPlanRequest* request,
                                    v1::TariffPlan* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        if ((request->plan_id() == 0) == request->name().empty()) {
            throw invalid("plan_id", "name the plan by its id or by its name");
        }
        app_.database().transact(call.scope(property), "get_tariff_plan", [&](storage::Transaction& tx) {
            auto id = std::optional{TariffPlanId{request->plan_id()}};
            if (!*id) {
                id = storage::find_tariff_plan(tx, property, request->name());
            }
            if (!id) {
                throw not_found("tariff_plan", request->name());
            }
            fill_whole(tx, property, *id, app_.now(), *response);
        });
    });
}

grpc::Status TariffService::CreatePlan(grpc::ServerContext* context,
                                       const v1::CreateTariffPlanRequest* request, v1::TariffPlan* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        TariffFaults faults{"version."};
        check_name(faults, request->name());
        const auto commodity = commodity_named(request->commodity(), "commodity");
        std::optional<core::PlanVersion> first;
        if (request->has_version()) {
            first = plan_version_of(request->version(), faults);
            auto found = core::check({request->name(), {*first}});
            std::erase_if(found, [](const core::PlanFault& fault) { return fault.field == "name"; });
            faults.add(found);
        }
        faults.refuse();
        try {
            app_.database().transact(
                call.scope(property), "create_tariff_plan", [&](storage::Transaction& tx) {
                    call.once(tx, property, "CreateTariffPlan", *request, *response, [&] {
                        const storage::TariffChange change{call.operator_id(), app_.now()};
                        const auto id =
                            storage::insert_tariff_plan(tx, property, request->name(), change, commodity);
                        if (first) {
                            add_version(tx, property, id, *first, change);
                        }
                        fill_whole(tx, property, id, app_.now(), *response);
                        call.log(tx, property, "tariff.create", fmt::format("tariff {}", request->name()),
                                 first ? outline(*first) : nlohmann::json::object());
                    });
                });
        } catch (const storage::UniqueViolation& violation) {
            if (violation.constraint() != "tariff_plan_name") {
                throw;
            }
            throw already_exists("name",
                                 fmt::format("there is a tariff plan \"{}\" already; add a version to "
                                             "it, or choose another name",
                                             request->name()));
        }
    });
}

grpc::Status TariffService::AddVersion(grpc::ServerContext* context,
                                       const v1::AddTariffVersionRequest* request, v1::TariffPlan* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const TariffPlanId id{request->plan_id()};
        TariffFaults faults{"version."};
        const auto version = plan_version_of(request->version(), faults);
        faults.add(core::check({"plan", {version}}));
        faults.refuse();
        app_.database().transact(call.scope(property), "add_tariff_version", [&](storage::Transaction& tx) {
            call.once(tx, property, "AddTariffVersion", *request, *response, [&] {
                add_version(tx, property, id, version, {call.operator_id(), app_.now()});
                fill_whole(tx, property, id, app_.now(), *response);
                call.log(tx, property, "tariff.version", fmt::format("tariff {}", response->name()),
                         outline(version));
            });
        });
    });
}

grpc::Status TariffService::CheckVersion(grpc::ServerContext* context,
                                         const v1::CheckTariffVersionRequest* request,
                                         v1::CheckTariffVersionResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const TariffPlanId id{request->plan_id()};
        TariffFaults faults{"version."};
        const auto version = plan_version_of(request->version(), faults);
        core::TariffPlan whole{"plan", {}};
        std::optional<std::chrono::local_days> first;
        app_.database().transact(call.scope(property), "check_tariff_version", [&](storage::Transaction& tx) {
            if (!id) {
                return;
            }
            const auto plan = storage::load_tariff_plan(tx, property, id);
            if (!plan) {
                throw not_found("tariff_plan", id.value);
            }
            whole = *plan;
            first = first_changeable(tx, property, id, app_.now());
        });
        if (first && version.from < *first) {
            faults.unreadable("effective_from",
                              fmt::format("somebody is charged by this plan: the first day for a new version "
                                          "is {}",
                                          storage::local_day_text(*first)));
        }
        std::erase_if(whole.versions,
                      [&](const core::PlanVersion& other) { return other.from == version.from; });
        whole.versions.insert(
            std::find_if(whole.versions.begin(), whole.versions.end(),
                         [&](const core::PlanVersion& other) { return other.from > version.from; }),
            version);
        faults.add(core::check(whole));
        for (const auto& fault : faults.all()) {
            *response->add_faults() = fault;
        }
    });
}

grpc::Status TariffService::RetirePlan(grpc::ServerContext* context,
                                       const v1::RetireTariffPlanRequest* request, v1::TariffPlan* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const TariffPlanId id{request->plan_id()};
        app_.database().transact(call.scope(property), "retire_tariff_plan", [&](storage::Transaction& tx) {
            call.once(tx, property, "RetireTariffPlan", *request, *response, [&] {
                if (!storage::retire_tariff_plan(tx, property, id, app_.now())) {
                    throw not_found("tariff_plan", id.value);
                }
                fill_whole(tx, property, id, app_.now(), *response);
                call.log(tx, property, "tariff.retire", fmt::format("tariff {}", response->name()));
            });
        });
    });
}

}  // namespace wutong::server
