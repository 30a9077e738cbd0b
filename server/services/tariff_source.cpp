#include "server/services/tariff_source.hpp"

#include <fmt/format.h>

#include "server/refused.hpp"
#include "server/services/commodity_text.hpp"
#include "server/services/day_text.hpp"
#include "server/services/tariff_shapes.hpp"
#include "storage/local_days.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

namespace {

/// A draft has no day: it is looked at as if it had always been in force.
const std::chrono::local_days kAlways{std::chrono::year{1970} / 1 / 1};

TariffSubject draft_subject(const v1::TariffTerms& terms, core::Commodity commodity) {
    TariffFaults faults{"source.draft."};
    TariffSubject out;
    out.commodity = commodity;
    out.plan.name = "draft";
    out.plan.versions.push_back(plan_version_of(terms, kAlways, faults));
    faults.add(core::check(out.plan));
    faults.refuse();
    out.draft = out.single = true;
    return out;
}

}  // namespace

const core::PlanVersion* version_on(const core::TariffPlan& plan, std::chrono::local_days day) {
    const core::PlanVersion* found = nullptr;
    for (const auto& version : plan.versions) {
        found = version.from <= day ? &version : found;
    }
    return found;
}

TariffSubject tariff_subject(storage::Transaction& tx, core::PropertyId property,
                             const v1::TariffSource& source) {
    if (source.has_draft() == (source.plan_id() != 0)) {
        throw invalid("source", "name a plan or give a draft, one of the two");
    }
    if (source.has_draft()) {
        return draft_subject(source.draft(), commodity_named(source.commodity(), "source.commodity"));
    }
    auto plan = storage::load_tariff_plan(tx, property, storage::TariffPlanId{source.plan_id()});
    if (!plan) {
        throw not_found("tariff_plan", source.plan_id());
    }
    if (plan->versions.empty()) {
        throw failed_precondition("version_missing", fmt::format("The plan \"{}\" has no version yet, so it "
                                                                 "says nothing; add one first.",
                                                                 plan->name));
    }
    TariffSubject out;
    out.plan = std::move(*plan);
    out.commodity =
        storage::find_tariff_plan(tx, property, storage::TariffPlanId{source.plan_id()}).value().commodity;
    if (!source.effective_from().empty()) {
        const auto* version =
            version_on(out.plan, parse_day(source.effective_from(), "source.effective_from"));
        if (version == nullptr) {
            throw failed_precondition(
                "version_missing",
                fmt::format("No version of \"{}\" has begun by {}; the first begins on {}.", out.plan.name,
                            source.effective_from(),
                            storage::local_day_text(out.plan.versions.front().from)));
        }
        out.plan.versions = {core::PlanVersion{*version}};
        out.single = true;
    }
    return out;
}

void fill_placement(const core::PlanVersion& version, const Profiles& profiles, const std::string& profile,
                    v1::TariffPlacementGroup& out) {
    out.set_profile(profile);
    const auto* known = profiles.find(profile);
    if (known == nullptr) {
        out.set_placement(core::to_string(core::Placement::not_possible));
        auto& reason = *out.add_reasons();
        reason.set_part("meter");
        reason.set_placement(out.placement());
        reason.set_why("this server has no profile \"" + profile + "\", so it knows nothing about the meter");
        return;
    }
    const auto decision = core::place(version, core::capability_of(*known));
    out.set_placement(core::to_string(decision.placement));
    for (const auto& found : decision.reasons) {
        auto& reason = *out.add_reasons();
        reason.set_part(found.part);
        reason.set_placement(core::to_string(found.placement));
        reason.set_why(found.why);
    }
    for (const auto& prices : decision.prices) {
        fill(prices, *out.add_prices());
    }
}

std::optional<core::Price> price_told(const core::PlanVersion& version, const core::MeterProfile* profile) {
    if (profile == nullptr) {
        return std::nullopt;
    }
    const auto decision = core::place(version, core::capability_of(*profile));
    if (decision.placement > core::Placement::at_the_sale || decision.prices.size() != 1) {
        return std::nullopt;
    }
    return decision.prices[0][static_cast<std::size_t>(core::Rate::flat)];
}

PlanTold plan_told(storage::Transaction& tx, core::PropertyId property, core::MeterId meter,
                   const core::MeterProfile* profile, core::Timestamp now) {
    const auto today = today_of(tx, property, now);
    const auto found = storage::tariff_in_force(tx, property, meter, today);
    const auto plan = found ? storage::load_tariff_plan(tx, property, found->plan) : std::nullopt;
    const auto* version = plan ? version_on(*plan, today) : nullptr;
    PlanTold told;
    if (version == nullptr) {
        return told;
    }
    told.price = price_told(*version, profile);
    // A plan without an overdraft says nothing about one: then the meter's or the property's holds.
    if (told.price && version->credit.overdraft > core::Money{}) {
        told.overdraft = version->credit.overdraft;
    }
    return told;
}

std::chrono::local_days today_of(storage::Transaction& tx, core::PropertyId property, core::Timestamp now) {
    return storage::parse_local_day(storage::local_days(tx, property, now, 1).today);
}

}  // namespace wutong::server
