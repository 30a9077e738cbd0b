#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/tariffs.hpp"

/// Who is charged by which plan, as people ask for it.
namespace wutong::storage {

struct TariffAssignmentRow {
    std::int64_t id = 0;
    TariffTarget target;
    std::string target_code;           ///< of the meter, group or building; "" for the property
    std::optional<TariffPlanId> plan;  ///< none: from this day on no plan of its own
    std::string plan_name;
    core::Commodity commodity = core::Commodity::electricity;  ///< whose meters it concerns
    std::chrono::local_days from;
    TariffChange change;
    std::string operator_name;
    enum class State { past, in_force, coming } state = State::past;
};
[[nodiscard]] const char* to_string(TariffAssignmentRow::State state);

struct TariffAssignmentFilter {
    std::optional<TariffTarget> target;  ///< none: of all
    TariffPlanId plan;                   ///< none: any
    bool past_too = false;
};
/// Newest first. @param today of the property @param before 0, or the last id of the page before
[[nodiscard]] std::vector<TariffAssignmentRow> list_tariff_assignments(Transaction& tx,
                                                                       core::PropertyId property,
                                                                       const TariffAssignmentFilter& filter,
                                                                       std::chrono::local_days today,
                                                                       std::int64_t before, int limit);

/// Code of the meter, group or building, "" for the whole property; none when it is not there.
[[nodiscard]] std::optional<std::string> tariff_target_code(Transaction& tx, core::PropertyId property,
                                                            const TariffTarget& target);

/// Something is assigned, or was meant not to be, to the target from exactly this day on.
[[nodiscard]] bool is_assigned_from(Transaction& tx, core::PropertyId property, const TariffTarget& target,
                                    std::chrono::local_days day,
                                    core::Commodity commodity = core::Commodity::electricity);

/// Somebody is, was or will be charged by it.
[[nodiscard]] bool is_plan_assigned(Transaction& tx, core::PropertyId property, TariffPlanId plan);

/// A meter's place is taken by another one: what was assigned to it, and the group it is in, hold for the
/// other from `today` on, with what is to come. Whatever the other had of its own, from another place, ends.
void carry_tariffs(Transaction& tx, core::PropertyId property, core::MeterId from, core::MeterId to,
                   std::chrono::local_days today, const TariffChange& change);

struct TariffComing {
    std::chrono::local_days from;
    TariffPlanId plan;  ///< none: no plan any more
    std::string plan_name;
};
/// The next day after `day` on which the meter is charged by another plan, or by another version.
[[nodiscard]] std::optional<TariffComing> tariff_coming(Transaction& tx, core::PropertyId property,
                                                        core::MeterId meter, std::chrono::local_days day);

}  // namespace wutong::storage
