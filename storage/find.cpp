#include "storage/find.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "core/names.hpp"
#include "storage/paging.hpp"
#include "storage/search_text.hpp"
#include "storage/transaction.hpp"

namespace wutong::storage {

namespace {

constexpr auto kKinds = std::to_array<core::detail::Name<FoundKind>>({
    {FoundKind::meter, "meter"},
    {FoundKind::unit, "unit"},
    {FoundKind::account, "account"},
    {FoundKind::customer, "customer"},
});

FoundParty read_party(const pqxx::row& row) {
    const auto text = [&row](const char* column) {
        return get<std::optional<std::string>>(row, column).value_or("");
    };
    return {get<core::AccountId>(row, "account_id"),
            get<core::CustomerId>(row, "customer_id"),
            text("number"),
            text("state"),
            text("name"),
            text("phone"),
            get<core::MeterId>(row, "meter_id"),
            text("meter_code"),
            text("unit_code")};
}

// The first meter that is linked now.
#define WUTONG_FIRST_METER                                                                                   \
    "LEFT JOIN LATERAL (SELECT m.meter_id, m.code AS meter_code, u.code AS unit_code FROM account_meter am " \
    "JOIN meter m ON m.property_id = am.property_id AND m.meter_id = am.meter_id "                           \
    "LEFT JOIN unit u ON u.property_id = m.property_id AND u.unit_id = m.unit_id "                           \
    "WHERE am.property_id = $1 AND am.account_id = a.account_id AND am.unlinked_at IS NULL "                 \
    "ORDER BY m.code LIMIT 1) AS l ON true "

}  // namespace

std::vector<Found> find_anything(Transaction& tx, core::PropertyId property, const std::string& text,
                                 int limit) {
    std::map<std::pair<FoundKind, std::int64_t>, Found> best;
    // More than is shown, so that the short ones among them come first.
    for (const auto& row :
         tx.exec("SELECT kind, id, rank, title FROM find_anything($1, $2, $3, $4)", literal_pattern(text),
                 characters_of(text), property, 4 * checked_limit(limit, 50))) {
        Found found{core::detail::value_of(kKinds, get<std::string>(row, "kind"), "kind"),
                    get<std::int64_t>(row, "id"), get<int>(row, "rank"), get<std::string>(row, "title")};
        auto [known, added] = best.try_emplace({found.kind, found.id}, found);
        if (!added && found.rank < known->second.rank) {
            known->second = std::move(found);
        }
    }
    std::vector<Found> all;
    for (auto& [key, found] : best) {
        all.push_back(std::move(found));
    }
    std::sort(all.begin(), all.end(), [](const Found& a, const Found& b) {
        return std::tuple(a.rank, a.title.size(), a.title, a.id) <
               std::tuple(b.rank, b.title.size(), b.title, b.id);
    });
    std::map<FoundKind, int> counts;
    std::erase_if(all, [&](const Found& found) { return ++counts[found.kind] > limit; });
    return all;
}

std::vector<FoundUnit> find_units(Transaction& tx, core::PropertyId property,
                                  const std::vector<core::UnitId>& units) {
    std::vector<FoundUnit> found;
    for (const auto& row :
         tx.exec("SELECT u.unit_id, u.code, u.name, b.code AS building_code, f.name AS floor_name, "
                 "m.meter_id, a.account_id, COALESCE(a.number, '') AS number, COALESCE(c.name, '') AS "
                 "customer FROM unit u "
                 "JOIN floor f ON f.property_id = u.property_id AND f.floor_id = u.floor_id "
                 "JOIN building b ON b.property_id = f.property_id AND b.building_id = f.building_id "
                 "LEFT JOIN LATERAL (SELECT x.meter_id FROM meter x WHERE x.property_id = u.property_id AND "
                 "x.unit_id = u.unit_id ORDER BY x.role <> 'prepaid', x.code LIMIT 1) AS m ON true "
                 "LEFT JOIN account_meter am ON am.property_id = u.property_id AND am.meter_id = m.meter_id "
                 "AND am.unlinked_at IS NULL "
                 "LEFT JOIN account a ON a.property_id = am.property_id AND a.account_id = am.account_id "
                 "LEFT JOIN customer c ON c.property_id = a.property_id AND c.customer_id = a.customer_id "
                 "WHERE u.property_id = $1 AND u.unit_id = ANY ($2::bigint[])",
                 property, units)) {
        found.push_back({get<core::UnitId>(row, "unit_id"), get<std::string>(row, "code"),
                         get<std::string>(row, "name"), get<std::string>(row, "building_code"),
                         get<std::string>(row, "floor_name"), get<core::MeterId>(row, "meter_id"),
                         get<core::AccountId>(row, "account_id"), get<std::string>(row, "number"),
                         get<std::string>(row, "customer")});
    }
    return found;
}

std::vector<FoundParty> find_accounts(Transaction& tx, core::PropertyId property,
                                      const std::vector<core::AccountId>& accounts) {
    std::vector<FoundParty> found;
    for (const auto& row :
         tx.exec("SELECT a.account_id, a.customer_id, a.number, a.state, c.name, c.phone, l.* FROM account a "
                 "JOIN customer c USING (property_id, customer_id) " WUTONG_FIRST_METER
                 "WHERE a.property_id = $1 AND a.account_id = ANY ($2::bigint[])",
                 property, accounts)) {
        found.push_back(read_party(row));
    }
    return found;
}

std::vector<FoundParty> find_customers(Transaction& tx, core::PropertyId property,
                                       const std::vector<core::CustomerId>& customers) {
    std::vector<FoundParty> found;
    for (const auto& row : tx.exec(
             "SELECT a.account_id, c.customer_id, a.number, a.state, c.name, c.phone, l.* FROM customer c "
             "LEFT JOIN LATERAL (SELECT * FROM account x WHERE x.property_id = c.property_id AND "
             "x.customer_id = c.customer_id ORDER BY x.account_id DESC LIMIT 1) AS a ON "
             "true " WUTONG_FIRST_METER "WHERE c.property_id = $1 AND c.customer_id = ANY ($2::bigint[])",
             property, customers)) {
        found.push_back(read_party(row));
    }
    return found;
}

}  // namespace wutong::storage
