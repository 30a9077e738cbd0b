#include "storage/account_rows.hpp"

#include <map>
#include <optional>
#include <utility>

namespace wutong::storage::detail {

Account read_account(const pqxx::row& row) {
    Account account;
    account.property = get<core::PropertyId>(row, "property_id");
    account.id = get<core::AccountId>(row, "account_id");
    account.number = get<std::string>(row, "number");
    account.state = parse_account_state(get<std::string>(row, "state"));
    account.opened_at = get<core::Timestamp>(row, "opened_at");
    account.closed_at = get<std::optional<core::Timestamp>>(row, "closed_at");
    account.customer = {get<core::CustomerId>(row, "customer_id"), get<std::string>(row, "name"),
                        get<std::string>(row, "phone"), get<std::string>(row, "note")};
    return account;
}

void add_meters(Transaction& tx, core::PropertyId property, std::vector<Account>& accounts) {
    std::map<core::AccountId, std::vector<AccountMeter>*> by_id;
    std::vector<core::AccountId> ids;
    for (auto& account : accounts) {
        by_id[account.id] = &account.meters;
        ids.push_back(account.id);
    }
    for (const auto& row : tx.exec(
             "SELECT am.account_id, am.meter_id, m.code AS meter_code, m.profile, COALESCE(u.code, '') AS "
             "unit_code, COALESCE(u.name, '') AS unit_name, am.linked_at, am.unlinked_at, "
             "am.opened_on_meter_at, am.purchase_number, am.booked_energy_wh, am.booked_remainder, "
             "am.booked_price_e4, s.balance_e4, s.energy_wh, s.answered_at FROM account_meter am "
             "JOIN meter m ON m.property_id = am.property_id AND m.meter_id = am.meter_id "
             "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "
             "LEFT JOIN meter_state s ON s.property_id = m.property_id AND s.meter_id = m.meter_id "
             "WHERE am.property_id = $1 AND am.account_id = ANY ($2::bigint[]) "
             "ORDER BY am.account_id, am.unlinked_at IS NOT NULL, am.linked_at, am.meter_id",
             property, ids)) {
        AccountMeter meter;
        meter.meter = get<core::MeterId>(row, "meter_id");
        meter.meter_code = get<std::string>(row, "meter_code");
        meter.unit_code = get<std::string>(row, "unit_code");
        meter.unit_name = get<std::string>(row, "unit_name");
        meter.profile = get<std::string>(row, "profile");
        meter.linked_at = get<core::Timestamp>(row, "linked_at");
        meter.unlinked_at = get<std::optional<core::Timestamp>>(row, "unlinked_at");
        meter.opened_on_meter_at = get<std::optional<core::Timestamp>>(row, "opened_on_meter_at");
        meter.purchase_number = get<std::int64_t>(row, "purchase_number");
        meter.meter_balance = get<std::optional<core::Money>>(row, "balance_e4");
        meter.meter_energy = get<std::optional<core::Energy>>(row, "energy_wh");
        meter.booked_energy = get<std::optional<core::Energy>>(row, "booked_energy_wh");
        meter.booked_remainder = get<core::Remainder>(row, "booked_remainder");
        meter.price = get<std::optional<core::Price>>(row, "booked_price_e4");
        meter.read_at = get<std::optional<core::Timestamp>>(row, "answered_at");
        by_id.at(get<core::AccountId>(row, "account_id"))->push_back(std::move(meter));
    }
}

}  // namespace wutong::storage::detail
