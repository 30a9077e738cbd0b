#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// Groups of meters that are charged alike. A meter is in one or in none; membership begins with a day, and
/// rows are only added.
namespace wutong::storage {

using MeterGroupId = core::Id<struct MeterGroupTag>;

struct MeterGroupRow {
    MeterGroupId group;
    std::string code, name;
    int meters = 0;  ///< that are in it today
    core::Timestamp created_at;
};

/// By code. @param today of the property
[[nodiscard]] std::vector<MeterGroupRow> list_meter_groups(Transaction& tx, core::PropertyId property,
                                                           std::chrono::local_days today, int limit);
[[nodiscard]] std::optional<MeterGroupRow> find_meter_group(Transaction& tx, core::PropertyId property,
                                                            MeterGroupId group,
                                                            std::chrono::local_days today);
/// @throws UniqueViolation on "meter_group_code"
[[nodiscard]] MeterGroupId insert_meter_group(Transaction& tx, core::PropertyId property,
                                              const std::string& code, const std::string& name,
                                              core::OperatorId by, core::Timestamp at);

/// Of these, the ones whose membership begins on exactly this day already.
[[nodiscard]] std::vector<core::MeterId> members_set_on(Transaction& tx, core::PropertyId property,
                                                        const std::vector<core::MeterId>& meters,
                                                        std::chrono::local_days day);
/// @param group none: in no group from then on
/// @throws ReferenceViolation for a meter that is not there
void put_in_group(Transaction& tx, core::PropertyId property, const std::vector<core::MeterId>& meters,
                  std::optional<MeterGroupId> group, std::chrono::local_days from, core::OperatorId by,
                  core::Timestamp at);

struct GroupMeterRow {
    core::MeterId meter;
    std::string meter_code, unit_code;
    std::chrono::local_days from;
    bool coming = false;  ///< not yet
};
/// Those that are in it today, and those that will be; by id. @param after 0, or the last of the page before
[[nodiscard]] std::vector<GroupMeterRow> list_group_meters(Transaction& tx, core::PropertyId property,
                                                           MeterGroupId group, std::chrono::local_days today,
                                                           core::MeterId after, int limit);

}  // namespace wutong::storage
