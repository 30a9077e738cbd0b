#pragma once

#include <wutong/v1/tariff_service.pb.h>

#include <optional>
#include <string>

#include "core/tariff_placement.hpp"
#include "core/tariff_plan.hpp"
#include "server/profiles.hpp"
#include "storage/database.hpp"
#include "storage/tariffs.hpp"

/// What a request about a plan, one of its versions or a draft is about.
namespace wutong::server {

struct TariffSubject {
    core::TariffPlan plan;  ///< checked; of a single version or a draft: that one alone
    bool draft = false;
    core::Commodity commodity = core::Commodity::electricity;
    bool single = false;  ///< one version or a draft, to be taken as in force all the time
};

/// @throws Refused NOT_FOUND for a plan that is not there, INVALID_ARGUMENT for a draft with faults,
/// FAILED_PRECONDITION version_missing
[[nodiscard]] TariffSubject tariff_subject(storage::Transaction& tx, core::PropertyId property,
                                           const v1::TariffSource& source);

/// The newest version that has begun by `day`; null when none has.
[[nodiscard]] const core::PlanVersion* version_on(const core::TariffPlan& plan, std::chrono::local_days day);

/// Who charges by the version on meters of a profile. @param out without the number of meters
void fill_placement(const core::PlanVersion& version, const Profiles& profiles, const std::string& profile,
                    v1::TariffPlacementGroup& out);

/// What a meter that charges by itself is told of the version; none where it has more than one price to hold,
/// or somebody else charges. @param profile null: unknown
[[nodiscard]] std::optional<core::Price> price_told(const core::PlanVersion& version,
                                                    const core::MeterProfile* profile);
/// The same for a meter, of whatever plan is in force for it today; and the plan's overdraft, which such a
/// meter can hold (else it would not be told a price).
struct PlanTold {
    std::optional<core::Price> price;
    std::optional<core::Money> overdraft;
};
[[nodiscard]] PlanTold plan_told(storage::Transaction& tx, core::PropertyId property, core::MeterId meter,
                                 const core::MeterProfile* profile, core::Timestamp now);

/// "2026-10-31" of the property, now.
[[nodiscard]] std::chrono::local_days today_of(storage::Transaction& tx, core::PropertyId property,
                                               core::Timestamp now);

}  // namespace wutong::server
