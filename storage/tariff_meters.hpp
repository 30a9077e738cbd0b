#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/identity.hpp"
#include "core/quantities.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

struct TariffMeterRow {
    core::MeterId meter;
    std::string code, unit_code, profile;
    std::optional<core::Price> held;  ///< confirmed on the meter, and booked at
};

/// Meters that a plan would be for: prepaid ones that are enabled.
struct TariffMeterFilter {
    std::vector<core::MeterId> meters;  ///< empty: of the building, or of all
    core::BuildingId building;
    core::Commodity commodity = core::Commodity::electricity;
};
/// By id, after `after`. @param limit 1 to 1000
[[nodiscard]] std::vector<TariffMeterRow> list_tariff_meters(Transaction& tx, core::PropertyId property,
                                                             const TariffMeterFilter& filter,
                                                             core::MeterId after, int limit);
/// How many there are of each profile.
[[nodiscard]] std::map<std::string, int> count_tariff_meters(Transaction& tx, core::PropertyId property,
                                                             const TariffMeterFilter& filter);

}  // namespace wutong::storage
