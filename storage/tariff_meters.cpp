#include "storage/tariff_meters.hpp"

#include "storage/paging.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

#define WUTONG_TARIFF_METERS                                                                       \
    "  FROM meter m LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "  \
    "  LEFT JOIN floor f ON f.property_id = u.property_id AND f.floor_id = u.floor_id "            \
    "  LEFT JOIN account_meter am ON am.property_id = m.property_id AND am.meter_id = m.meter_id " \
    "        AND am.unlinked_at IS NULL "                                                          \
    " WHERE m.property_id = $1 AND m.enabled AND m.role = 'prepaid' AND m.commodity = $5 "         \
    "   AND (NOT $2::bool OR m.meter_id = ANY ($3::bigint[])) AND ($4::bigint = 0 OR f.building_id = $4) "

const char* kList =
    "SELECT m.meter_id, m.code, COALESCE(u.code, '') AS unit_code, m.profile, "
    "       CASE WHEN am.opened_on_meter_at IS NOT NULL THEN am.booked_price_e4 END AS "
    "held " WUTONG_TARIFF_METERS "AND m.meter_id > $6 ORDER BY m.meter_id LIMIT $7";

const char* kCount = "SELECT m.profile, count(*) AS meters " WUTONG_TARIFF_METERS "GROUP BY m.profile";

#undef WUTONG_TARIFF_METERS

}  // namespace

std::vector<TariffMeterRow> list_tariff_meters(Transaction& tx, core::PropertyId property,
                                               const TariffMeterFilter& filter, core::MeterId after,
                                               int limit) {
    std::vector<TariffMeterRow> out;
    for (const auto& row :
         tx.exec(kList, property, !filter.meters.empty(), filter.meters, filter.building,
                 core::to_string(filter.commodity), after, checked_limit(limit, kPageMax + 1))) {
        out.push_back({get<core::MeterId>(row, "meter_id"), get<std::string>(row, "code"),
                       get<std::string>(row, "unit_code"), get<std::string>(row, "profile"),
                       get<std::optional<core::Price>>(row, "held")});
    }
    return out;
}

std::map<std::string, int> count_tariff_meters(Transaction& tx, core::PropertyId property,
                                               const TariffMeterFilter& filter) {
    std::map<std::string, int> out;
    for (const auto& row : tx.exec(kCount, property, !filter.meters.empty(), filter.meters, filter.building,
                                   core::to_string(filter.commodity))) {
        out[get<std::string>(row, "profile")] = get<int>(row, "meters");
    }
    return out;
}

}  // namespace wutong::storage
