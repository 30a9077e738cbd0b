#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/identity.hpp"
#include "core/tariff_plan.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/meter_groups.hpp"

/// Tariff plans with their versions, and what is charged by which plan from which day on. Rows are only
/// added.
namespace wutong::storage {

using TariffPlanId = core::Id<struct TariffPlanTag>;

struct TariffPlanRow {
    TariffPlanId plan;
    std::string name;
    int versions = 0;  ///< days on which one begins
    std::optional<std::chrono::local_days> first_from, last_from;
    std::optional<core::Timestamp> retired_at;
    core::Commodity commodity = core::Commodity::electricity;  ///< whose meters it is for
};

/// Who did it, and when.
struct TariffChange {
    core::OperatorId by;
    core::Timestamp at;
};

/// @throws UniqueViolation on "tariff_plan_name"
[[nodiscard]] TariffPlanId insert_tariff_plan(Transaction& tx, core::PropertyId property,
                                              const std::string& name, const TariffChange& change,
                                              core::Commodity commodity = core::Commodity::electricity);

/// Adds a version, or puts right the one of the same day that has not begun.
/// @param first_day the earliest day that may still be changed: the property's tomorrow, or any for a plan
/// nobody is
///        charged by
/// @throws core::PlanError when the plan would have faults with it (nothing is kept), NotFound for a plan
/// that is not there or
///         retired, std::invalid_argument for a version before first_day
void add_tariff_version(Transaction& tx, core::PropertyId property, TariffPlanId plan,
                        const core::PlanVersion& version, std::chrono::local_days first_day,
                        const TariffChange& change);

/// The plan with the newest version of each day, ascending; none when there is no such plan.
/// @throws std::invalid_argument when terms in the database can't be read
[[nodiscard]] std::optional<core::TariffPlan> load_tariff_plan(Transaction& tx, core::PropertyId property,
                                                               TariffPlanId plan);
/// Not retired ones by name, then those from before.
[[nodiscard]] std::vector<TariffPlanRow> list_tariff_plans(Transaction& tx, core::PropertyId property,
                                                           int limit, int offset = 0);
/// @param name without regard to case; none of those that are retired
[[nodiscard]] std::optional<TariffPlanId> find_tariff_plan(Transaction& tx, core::PropertyId property,
                                                           const std::string& name);
[[nodiscard]] std::optional<TariffPlanRow> find_tariff_plan(Transaction& tx, core::PropertyId property,
                                                            TariffPlanId plan);
/// It stays with whom it is assigned to. Retiring again changes nothing. @return false when there is no such
/// plan
bool retire_tariff_plan(Transaction& tx, core::PropertyId property, TariffPlanId plan, core::Timestamp now);

/// What a plan is assigned to: one meter, one building, one group of meters, or with none of them the whole
/// property.
struct TariffTarget {
    std::optional<core::MeterId> meter;
    std::optional<core::BuildingId> building;
    std::optional<MeterGroupId> group{};
};

/// @param plan none: from this day on the target has no plan of its own, and what holds around it counts
/// @param commodity of the plan; of the target's meters it concerns those of this one
/// @throws NotFound for a plan that is not there, is retired, or has no version that has begun by `from`; for
/// a
///         meter or a building of elsewhere the statement's own refusal (ReferenceViolation)
void assign_tariff(Transaction& tx, core::PropertyId property, const TariffTarget& target,
                   std::optional<TariffPlanId> plan, std::chrono::local_days from, const TariffChange& change,
                   core::Commodity commodity = core::Commodity::electricity);

struct TariffInForce {
    TariffPlanId plan;
    TariffTarget target;  ///< where it comes from
    std::chrono::local_days from;
};

/// By which plan a meter is charged on a day: its own, else its group's (of that day), else its building's,
/// else the property's.
/// @param known_at only what had been assigned by then; none: everything
[[nodiscard]] std::optional<TariffInForce> tariff_in_force(Transaction& tx, core::PropertyId property,
                                                           core::MeterId meter, std::chrono::local_days day,
                                                           std::optional<core::Timestamp> known_at = {});

/// The days after `first`, up to `last`, on which another plan may begin for a meter; ascending.
[[nodiscard]] std::vector<std::chrono::local_days> tariff_changes_between(Transaction& tx,
                                                                          core::PropertyId property,
                                                                          core::MeterId meter,
                                                                          std::chrono::local_days first,
                                                                          std::chrono::local_days last);

/// Changes when anything of the plan does. 0: it has no version
[[nodiscard]] std::int64_t newest_tariff_version(Transaction& tx, core::PropertyId property,
                                                 TariffPlanId plan);

}  // namespace wutong::storage
