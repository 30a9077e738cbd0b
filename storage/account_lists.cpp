// Lists of accounts and customers: pages by key, searched through the functions that may use the trigram
// indexes.
#include <map>

#include "storage/account_rows.hpp"
#include "storage/accounts.hpp"
#include "storage/paging.hpp"
#include "storage/search_text.hpp"
#include "storage/text_array.hpp"

namespace wutong::storage {

namespace {

// clang-format off
#define WUTONG_ACCOUNTS                                                                                           \
    "SELECT " WUTONG_ACCOUNT_COLUMNS                                                                              \
    "FROM account a JOIN customer c USING (property_id, customer_id) WHERE a.property_id = $1 "
// clang-format on

// A statement for each way, so that each has the plan of its index.
pqxx::result page_of_accounts(Transaction& tx, const AccountFilter& filter, std::int64_t key, int limit) {
    if (filter.state) {
        return tx.exec(filter.newest_first ? WUTONG_ACCOUNTS
                           "AND a.account_id < $2 AND a.state = $4 ORDER BY a.account_id DESC LIMIT $3"
                                           : WUTONG_ACCOUNTS
                           "AND a.account_id > $2 AND a.state = $4 ORDER BY a.account_id LIMIT $3",
                       filter.property, key, limit, to_string(*filter.state));
    }
    return tx.exec(filter.newest_first
                       ? WUTONG_ACCOUNTS "AND a.account_id < $2 ORDER BY a.account_id DESC LIMIT $3"
                       : WUTONG_ACCOUNTS "AND a.account_id > $2 ORDER BY a.account_id LIMIT $3",
                   filter.property, key, limit);
}

pqxx::result found_accounts(Transaction& tx, const AccountFilter& filter, std::int64_t key, int limit) {
    std::vector<core::AccountId> hits;
    const std::optional<std::string> state =
        filter.state ? std::optional<std::string>(to_string(*filter.state)) : std::nullopt;
    for (const auto& row :
         tx.exec("SELECT account_id FROM search_accounts($1, $2, $3, $4, $5, $6) AS hits(account_id)",
                 search_pattern(filter.search), filter.property, state, key, filter.newest_first, limit)) {
        hits.push_back(get<core::AccountId>(row, "account_id"));
    }
    return tx.exec(filter.newest_first
                       ? WUTONG_ACCOUNTS "AND a.account_id = ANY ($2::bigint[]) ORDER BY a.account_id DESC"
                       : WUTONG_ACCOUNTS "AND a.account_id = ANY ($2::bigint[]) ORDER BY a.account_id",
                   filter.property, hits);
}

}  // namespace

std::vector<Account> list_accounts(Transaction& tx, const AccountFilter& filter, core::AccountId after,
                                   int limit) {
    const auto key = filter.newest_first ? below(after.value) : after.value;
    checked_limit(limit);
    std::vector<Account> accounts;
    for (const auto& row : filter.search.empty() ? page_of_accounts(tx, filter, key, limit)
                                                 : found_accounts(tx, filter, key, limit)) {
        accounts.push_back(detail::read_account(row));
    }
    detail::add_meters(tx, filter.property, accounts);
    return accounts;
}

std::vector<FoundCustomer> list_customers(Transaction& tx, core::PropertyId property,
                                          const std::string& search, core::CustomerId before, int limit) {
    std::vector<core::CustomerId> ids;
    const auto hits =
        search.empty()
            ? tx.exec(
                  "SELECT customer_id FROM customer WHERE property_id = $1 AND customer_id < $2 "
                  "ORDER BY customer_id DESC LIMIT $3",
                  property, below(before.value), checked_limit(limit))
            : tx.exec("SELECT customer_id FROM search_customers($1, $2, $3, $4) AS hits(customer_id)",
                      search_pattern(search), property, below(before.value), checked_limit(limit));
    for (const auto& row : hits) {
        ids.push_back(get<core::CustomerId>(row, "customer_id"));
    }
    std::vector<FoundCustomer> customers;
    std::map<core::CustomerId, std::size_t> places;
    for (const auto& row :
         tx.exec("SELECT customer_id, name, phone, note FROM customer WHERE property_id = $1 AND customer_id "
                 "= ANY ($2::bigint[]) ORDER BY customer_id DESC",
                 property, ids)) {
        FoundCustomer found;
        found.customer = {get<core::CustomerId>(row, "customer_id"), get<std::string>(row, "name"),
                          get<std::string>(row, "phone"), get<std::string>(row, "note")};
        places.emplace(found.customer.id, customers.size());
        customers.push_back(std::move(found));
    }
    for (const auto& row :
         tx.exec("SELECT a.customer_id, a.account_id, a.number, a.state, array_remove(array_agg(DISTINCT "
                 "u.code), NULL) AS units FROM unnest($2::bigint[]) AS who(customer_id) "
                 "CROSS JOIN LATERAL (SELECT * FROM account x WHERE x.property_id = $1 AND x.customer_id = "
                 "who.customer_id ORDER BY x.account_id DESC LIMIT 20) AS a "
                 "LEFT JOIN account_meter am ON am.property_id = $1 AND am.account_id = a.account_id AND "
                 "am.unlinked_at IS NULL "
                 "LEFT JOIN meter m ON m.property_id = $1 AND m.meter_id = am.meter_id "
                 "LEFT JOIN unit u ON u.property_id = $1 AND u.unit_id = m.unit_id "
                 "GROUP BY a.customer_id, a.account_id, a.number, a.state ORDER BY a.account_id DESC",
                 property, ids)) {
        FoundCustomer::Account account;
        account.account = get<core::AccountId>(row, "account_id");
        account.number = get<std::string>(row, "number");
        account.state = parse_account_state(get<std::string>(row, "state"));
        account.unit_codes = text_array(row["units"]);
        customers[places.at(get<core::CustomerId>(row, "customer_id"))].accounts.push_back(
            std::move(account));
    }
    return customers;
}

std::vector<MeterHit> search_meters(Transaction& tx, const std::vector<core::PropertyId>& properties,
                                    const std::string& text, int limit) {
    std::vector<MeterHit> hits;
    for (const auto& row :
         tx.exec("SELECT property_id, meter_id, account_id FROM search_meters($1, $2::bigint[], $3)",
                 "%" + literal_pattern(text) + "%", properties, checked_limit(limit))) {
        hits.push_back({get<core::PropertyId>(row, "property_id"), get<core::MeterId>(row, "meter_id"),
                        get<core::AccountId>(row, "account_id")});
    }
    return hits;
}

}  // namespace wutong::storage
