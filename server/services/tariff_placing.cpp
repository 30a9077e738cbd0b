// The part of TariffService that says who would charge by a version, or does.
#include <map>

#include "server/call.hpp"
#include "server/services/convert.hpp"
#include "server/services/paging.hpp"
#include "server/services/tariff_service.hpp"
#include "server/services/tariff_source.hpp"
#include "storage/meters.hpp"
#include "storage/tariff_assignments.hpp"
#include "storage/tariff_json.hpp"
#include "storage/tariff_meters.hpp"

namespace wutong::server {

namespace {

constexpr int kMetersMax = 1'000;

storage::TariffMeterFilter filter_of(const v1::PlaceTariffVersionRequest& request) {
    if (request.meter_ids_size() > kMetersMax) {
        throw invalid("meter_ids", "at most 1000 meters; leave them out for a whole building or property");
    }
    if (request.meter_ids_size() > 0 && request.building_id() != 0) {
        throw invalid("building_id", "name meters or a building, not both");
    }
    storage::TariffMeterFilter out;
    for (const auto id : request.meter_ids()) {
        out.meters.push_back(core::MeterId{id});
    }
    out.building = core::BuildingId{request.building_id()};
    return out;
}

}  // namespace

grpc::Status TariffService::PlaceVersion(grpc::ServerContext* context,
                                         const v1::PlaceTariffVersionRequest* request,
                                         v1::PlaceTariffVersionResponse* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        auto filter = filter_of(*request);
        const int size = page_size(request->page());
        const core::MeterId after{page_key(request->page())};
        app_.database().transact(call.scope(property), "place_tariff_version", [&](storage::Transaction& tx) {
            response->Clear();
            const auto subject = tariff_subject(tx, property, request->source());
            filter.commodity = subject.commodity;
            const auto* version = version_on(subject.plan, today_of(tx, property, app_.now()));
            version = version == nullptr ? &subject.plan.versions.front() : version;
            if (!subject.draft) {
                response->set_effective_from(storage::local_day_text(version->from));
            }
            std::map<std::string, int> group_of;
            for (const auto& [profile, count] : storage::count_tariff_meters(tx, property, filter)) {
                group_of[profile] = response->groups_size();
                auto& group = *response->add_groups();
                fill_placement(*version, app_.profiles(), profile, group);
                group.set_meters(count);
            }
            auto rows = storage::list_tariff_meters(tx, property, filter, after, size);
            if (is_full(rows, size)) {
                response->set_next_page_token(std::to_string(rows.back().meter.value));
            }
            for (const auto& row : rows) {
                auto& out = *response->add_meters();
                out.set_meter_id(row.meter.value);
                out.set_meter_code(row.code);
                out.set_unit_code(row.unit_code);
                out.set_group(group_of.at(row.profile));
                if (row.held) {
                    out.set_held_price_e4(row.held->ten_thousandths_per_kwh());
                }
            }
        });
    });
}

grpc::Status TariffService::GetMeterTariff(grpc::ServerContext* context,
                                           const v1::GetMeterTariffRequest* request,
                                           v1::MeterTariff* response) {
    return handle(app_, context, [&](CallContext& call) {
        const core::PropertyId property{request->property_id()};
        const core::MeterId id{request->meter_id()};
        app_.database().transact(call.scope(property), "get_meter_tariff", [&](storage::Transaction& tx) {
            response->Clear();
            const auto meter = storage::find_meter(tx, property, id);
            if (!meter) {
                throw not_found("meter", id.value);
            }
            response->set_meter_id(id.value);
            response->set_meter_code(meter->code);
            const bool now = !request->has_at();
            const auto at = optional_time(!now, request->at(), "at");
            if (now && meter->opened && meter->price) {
                response->set_held_price_e4(meter->price->ten_thousandths_per_kwh());
            }
            const auto today = today_of(tx, property, at.value_or(app_.now()));
            if (const auto found = storage::tariff_in_force(tx, property, id, today, at)) {
                const auto plan = storage::load_tariff_plan(tx, property, found->plan);
                response->set_plan_id(found->plan.value);
                response->set_plan_name(plan->name);
                response->set_assigned_from(storage::local_day_text(found->from));
                auto& target = *response->mutable_assigned_to();
                target.set_meter_id(found->target.meter.value_or(core::MeterId{}).value);
                target.set_building_id(found->target.building.value_or(core::BuildingId{}).value);
                target.set_group_id(found->target.group.value_or(storage::MeterGroupId{}).value);
                target.set_code(storage::tariff_target_code(tx, property, found->target).value_or(""));
                if (const auto* version = version_on(*plan, today)) {
                    response->set_version_from(storage::local_day_text(version->from));
                    fill_placement(*version, app_.profiles(), meter->profile, *response->mutable_placement());
                    response->mutable_placement()->set_meters(1);
                }
            }
            const auto next = now ? storage::tariff_coming(tx, property, id, today) : std::nullopt;
            if (next) {
                response->set_next_from(storage::local_day_text(next->from));
                response->set_next_plan_id(next->plan.value);
                response->set_next_plan_name(next->plan_name);
            }
        });
    });
}

}  // namespace wutong::server
