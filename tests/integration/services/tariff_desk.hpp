#pragma once

#include <wutong/v1/tariff_service.grpc.pb.h>

#include <string>

#include "tests/integration/services/counter.hpp"

/// Plans and assignments in few words.
namespace wutong::tests {

using Tariffs = v1::TariffService::Stub;

struct TariffDesk {
    explicit TariffDesk(Counter& the_counter) : counter{the_counter} {}

    static v1::TariffVersion flat(const std::string& from, std::int64_t price_e4) {
        v1::TariffVersion version;
        version.set_effective_from(from);
        version.mutable_terms()->add_steps()->mutable_prices()->set_flat_e4(price_e4);
        return version;
    }
    v1::CreateTariffPlanRequest creation(const std::string& name, const v1::TariffVersion& version) const {
        v1::CreateTariffPlanRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(property());
        request.set_name(name);
        *request.mutable_version() = version;
        return request;
    }
    v1::TariffPlan create(const std::string& name, const v1::TariffVersion& version) {
        return counter.client().must(&Tariffs::CreatePlan, creation(name, version));
    }
    v1::AddTariffVersionRequest version(std::int64_t plan, const v1::TariffVersion& version) const {
        v1::AddTariffVersionRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(property());
        request.set_plan_id(plan);
        *request.mutable_version() = version;
        return request;
    }
    /// @param meter 0: the whole property @param from "": today
    v1::AssignTariffRequest assignment(std::int64_t plan, core::MeterId meter = {},
                                       const std::string& from = "") const {
        v1::AssignTariffRequest request;
        request.set_request_id(new_request_id());
        request.set_property_id(property());
        request.mutable_target()->set_meter_id(meter.value);
        request.set_plan_id(plan);
        request.set_effective_from(from);
        return request;
    }
    v1::TariffAssignment assign(std::int64_t plan, core::MeterId meter = {}, const std::string& from = "") {
        return counter.client().must(&Tariffs::Assign, assignment(plan, meter, from));
    }
    /// In the property's calendar.
    std::string day(int from_today) const {
        return counter.database
            .as_superuser(
                "SELECT to_char((now() AT TIME ZONE p.time_zone)::date + " + std::to_string(from_today) +
                ", 'YYYY-MM-DD') FROM property p WHERE property_id = " + std::to_string(property()))[0][0]
            .as<std::string>();
    }
    [[nodiscard]] std::int64_t property() const { return counter.site.property.value; }

    Counter& counter;
};

}  // namespace wutong::tests
