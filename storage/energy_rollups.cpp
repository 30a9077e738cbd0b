#include "storage/energy_rollups.hpp"

#include "storage/transaction.hpp"

namespace wutong::storage {

RollupStep roll_up_energy(Transaction& tx, int meter_days_max) {
    const auto row = tx.exec1("SELECT dues, days FROM roll_up_energy($1)", meter_days_max);
    return {get<int>(row, "dues"), get<int>(row, "days")};
}

std::int64_t rollup_backlog(Transaction& tx) {
    return get<std::int64_t>(tx.exec1("SELECT count(*) AS dues FROM energy_due"), "dues");
}

std::vector<MonthlyEnergyRow> list_monthly_energy(Transaction& tx, core::PropertyId property,
                                                  core::MeterId meter, const std::string& from_month,
                                                  const std::string& to_month) {
    using Number = std::optional<std::int64_t>;
    std::vector<MonthlyEnergyRow> months;
    for (const auto& row : tx.exec(
             "SELECT to_char(month, 'YYYY-MM') AS month, used_wh, used_sharp_wh, used_peak_wh, "
             "used_flat_wh, used_valley_wh, used_reverse_wh, days, first_at, last_at FROM monthly_energy "
             "WHERE property_id = $1 AND meter_id = $2 AND month >= ($3::text || '-01')::date AND month <= "
             "($4::text || '-01')::date ORDER BY monthly_energy.month LIMIT 1200",
             property, meter, from_month, to_month)) {
        months.push_back({get<std::string>(row, "month"),
                          get<std::int64_t>(row, "used_wh"),
                          {get<Number>(row, "used_sharp_wh"), get<Number>(row, "used_peak_wh"),
                           get<Number>(row, "used_flat_wh"), get<Number>(row, "used_valley_wh"),
                           get<Number>(row, "used_reverse_wh")},
                          get<int>(row, "days"),
                          get<core::Timestamp>(row, "first_at"),
                          get<core::Timestamp>(row, "last_at")});
    }
    return months;
}

}  // namespace wutong::storage
