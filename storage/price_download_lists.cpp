// What is asked of prices on their way, and of those that came.
#include "storage/paging.hpp"
#include "storage/price_downloads.hpp"
#include "storage/tariff_json.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

const char* kDownloads =
    "SELECT d.*, m.code AS meter_code, COALESCE(u.code, '') AS unit_code, p.name AS plan_name, "
    "       am.booked_price_e4 AS held, COALESCE(k.state IN ('queued', 'running'), false) AS under_way, "
    "       COALESCE(NULLIF(d.why, ''), k.reason, '') AS reason, s.lost_since IS NOT NULL AS lost "
    "  FROM price_download d JOIN meter m ON m.property_id = d.property_id AND m.meter_id = d.meter_id "
    "  JOIN tariff_plan p ON p.property_id = d.property_id AND p.plan_id = d.plan_id "
    "  LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
    "  LEFT JOIN floor f ON f.property_id = u.property_id AND f.floor_id = u.floor_id "
    "  LEFT JOIN account_meter am ON am.property_id = m.property_id AND am.meter_id = m.meter_id "
    "        AND am.unlinked_at IS NULL AND am.opened_on_meter_at IS NOT NULL "
    "  LEFT JOIN command k ON k.property_id = d.property_id AND k.command_id = d.command_id "
    "  LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = m.meter_id "
    " WHERE d.property_id = $1 AND d.meter_id > $2 AND ($3::bigint = 0 OR f.building_id = $3) "
    " ORDER BY d.meter_id LIMIT $4";

const char* kChanges =
    "SELECT h.*, m.code AS meter_code, a.number AS account_number, COALESCE(p.name, '') AS plan_name FROM ("
    "  SELECT c.change_id, c.meter_id, c.account_id, c.at, c.price_before_e4, c.price_e4, c.energy_wh, "
    "         w.plan_id, w.version_from, w.effective_at, w.late_wh, w.difference_e4 "
    "    FROM price_change c LEFT JOIN plan_price w ON w.property_id = c.property_id "
    "                                              AND w.change_id = c.change_id "
    "   WHERE c.property_id = $1 "
    "  UNION ALL "
    "  SELECT 0, meter_id, account_id, ended_at, price_before_e4, price_e4, energy_wh, plan_id, "
    "version_from, "
    "         effective_at, late_wh, difference_e4 "
    "    FROM plan_price WHERE property_id = $1 AND change_id IS NULL) AS h "
    "  JOIN meter m ON m.property_id = $1 AND m.meter_id = h.meter_id "
    "  JOIN account a ON a.property_id = $1 AND a.account_id = h.account_id "
    "  LEFT JOIN tariff_plan p ON p.property_id = $1 AND p.plan_id = h.plan_id "
    " WHERE ($2::timestamptz IS NULL OR h.at < $2) AND ($3::bigint = 0 OR h.meter_id = $3) "
    "   AND ($4::timestamptz IS NULL OR h.at >= $4) AND ($5::timestamptz IS NULL OR h.at < $5) "
    "   AND (NOT $6::bool OR h.late_wh > 0 OR (h.plan_id IS NOT NULL AND h.late_wh IS NULL)) "
    " ORDER BY h.at DESC, h.change_id DESC LIMIT $7";

}  // namespace

std::vector<PriceDownloadRow> list_price_downloads(Transaction& tx, core::PropertyId property,
                                                   core::BuildingId building, core::MeterId after,
                                                   int limit) {
    std::vector<PriceDownloadRow> out;
    for (const auto& row : tx.exec(kDownloads, property, after, building, checked_limit(limit))) {
        PriceDownloadRow one;
        one.meter = get<core::MeterId>(row, "meter_id");
        one.meter_code = get<std::string>(row, "meter_code");
        one.unit_code = get<std::string>(row, "unit_code");
        one.plan_name = get<std::string>(row, "plan_name");
        auto& kept = one.download;
        kept.wanted = {get<std::int64_t>(row, "plan_id"),
                       parse_local_day(get<std::string>(row, "version_from")),
                       get<core::Price>(row, "wanted_price_e4"), get<core::Timestamp>(row, "effective_at")};
        kept.attempts = get<int>(row, "attempts");
        kept.next_attempt_at = get<std::optional<core::Timestamp>>(row, "next_attempt_at");
        kept.given_up = get<bool>(row, "given_up");
        one.held = get<std::optional<core::Price>>(row, "held");
        one.why = get<std::string>(row, "reason");
        one.command = get<core::CommandId>(row, "command_id");
        one.sent = get<bool>(row, "under_way");
        one.lost = get<bool>(row, "lost");
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<PriceChangeRow> list_price_changes(Transaction& tx, core::PropertyId property,
                                               const PriceChangeFilter& filter,
                                               std::optional<core::Timestamp> before, int limit) {
    std::vector<PriceChangeRow> out;
    for (const auto& row : tx.exec(kChanges, property, before, filter.meter, filter.from, filter.to,
                                   filter.late_only, checked_limit(limit))) {
        PriceChangeRow one;
        one.id = get<std::int64_t>(row, "change_id");
        one.meter = get<core::MeterId>(row, "meter_id");
        one.account = get<core::AccountId>(row, "account_id");
        one.meter_code = get<std::string>(row, "meter_code");
        one.account_number = get<std::string>(row, "account_number");
        one.plan_name = get<std::string>(row, "plan_name");
        one.at = get<core::Timestamp>(row, "at");
        one.from = get<std::optional<core::Price>>(row, "price_before_e4");
        one.to = get<core::Price>(row, "price_e4");
        one.energy = get<std::optional<core::Energy>>(row, "energy_wh");
        one.plan = get<TariffPlanId>(row, "plan_id");
        if (const auto day = get<std::optional<std::string>>(row, "version_from")) {
            one.version = parse_local_day(*day);
        }
        one.effective_at = get<std::optional<core::Timestamp>>(row, "effective_at");
        one.late = get<std::optional<core::Energy>>(row, "late_wh");
        one.difference = get<std::optional<core::Money>>(row, "difference_e4");
        out.push_back(std::move(one));
    }
    return out;
}

}  // namespace wutong::storage
