#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "storage/accounts.hpp"
#include "storage/ledger.hpp"
#include "storage/search_text.hpp"
#include "storage/transaction.hpp"
#include "tests/support/rows_read.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::at;
using tests::TestDatabase;
using tests::TestSite;

namespace {

/// All names of nodes and indexes in a plan.
void collect(const nlohmann::json& plan, std::set<std::string>& nodes, std::set<std::string>& indexes) {
    if (plan.contains("Node Type")) {
        nodes.insert(plan["Node Type"].get<std::string>() + " " + plan.value("Relation Name", ""));
    }
    if (plan.contains("Index Name")) {
        indexes.insert(plan["Index Name"].get<std::string>());
    }
    for (const auto& [key, value] : plan.items()) {
        if (value.is_structured()) {
            collect(value, nodes, indexes);
        }
    }
}

}  // namespace

TEST_CASE("balances: what is kept is what the postings sum up to, whoever books", "[accounts][balances]") {
    TestDatabase test;
    TestSite site{test, "P1", 3};
    const auto first = site.account({site.meters[0], site.meters[1]});
    const auto second = site.account({site.meters[2]});
    std::mt19937 random{2411};
    for (int i = 0; i < 60; ++i) {
        const auto account = random() % 2 == 0 ? first : second;
        const core::Money amount{static_cast<std::int64_t>(1 + random() % 100'000)};
        EntryNotes notes;
        notes.account = account;
        notes.meter = random() % 4 == 0 ? core::MeterId{} : site.meters[random() % 3];
        const auto entry = [&] {
            switch (random() % 6) {
                case 0:
                    return core::sale_entry(account, core::TenderMethod::cash, amount);
                case 1:
                    return core::delivery_entry(account, amount);
                case 2:
                    return core::consumption_entry(account, amount);
                case 3:
                    return core::release_entry(account, amount);
                case 4:
                    return core::taken_back_entry(account, amount);
                default:
                    return core::payout_entry(account, core::TenderMethod::cash, amount);
            }
        }();
        // The collector books deliveries; its role may not touch the sums itself.
        auto& database = random() % 2 == 0 ? test.server() : test.collector();
        database.transact(&database == &test.server() ? site.scope() : Scope::none(), "book",
                          [&](Transaction& tx) { insert_entry(tx, site.property, entry, notes); });
    }
    CHECK(test.as_superuser(
                  "SELECT FROM (SELECT p.property_id, p.owner_id, COALESCE(e.meter_id, 0) AS meter_id, "
                  "COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account = 'prepaid_credit'), 0) AS a, "
                  "COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account = 'credit_in_flight'), 0) AS b, "
                  "COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account = 'unallocated_credit'), 0) AS c, "
                  "COALESCE(-sum(p.amount_e4) FILTER (WHERE p.account = 'refund_payable'), 0) AS d, "
                  "COALESCE(sum(p.amount_e4) FILTER (WHERE p.account = 'prepaid_credit' AND e.kind = "
                  "'consumption'), 0) AS e FROM posting p JOIN journal_entry e USING (property_id, entry_id) "
                  "WHERE p.account NOT IN ('tender', 'revenue') GROUP BY 1, 2, 3 "
                  "EXCEPT SELECT property_id, account_id, meter_id, prepaid_credit_e4, in_flight_e4, "
                  "unallocated_e4, refund_payable_e4, consumed_e4 FROM account_balance) AS different")
              .empty());
    CHECK(test.as_superuser("SELECT FROM account_balance").size() >= 4);
    CHECK_THROWS(test.server().transact(site.scope(), "tamper", [&](Transaction& tx) {
        tx.exec("UPDATE account_balance SET in_flight_e4 = 0");
    }));

    test.server().transact(site.scope(), "read", [&](Transaction& tx) {
        const auto both = account_balances(tx, site.property, {first, second, core::AccountId{77'777}});
        REQUIRE(both.size() == 2);
        const auto one = account_balances(tx, site.property, first);
        CHECK(both.at(first).prepaid_credit == one.prepaid_credit);
        CHECK(one.prepaid_credit ==
              -ledger_balance(tx, site.property, core::LedgerKind::prepaid_credit, first.value));
        CHECK(one.in_flight ==
              -ledger_balance(tx, site.property, core::LedgerKind::credit_in_flight, first.value));
        core::Money sum;
        for (const auto& [meter, balances] : meter_balances(tx, site.property, first)) {
            sum += balances.prepaid_credit;
        }
        CHECK(sum == one.prepaid_credit);
    });
}

TEST_CASE("accounts: pages in both directions, by state and by search", "[accounts]") {
    TestDatabase test;
    TestSite site{test, "P1", 5};
    std::vector<core::AccountId> ids;
    for (const auto meter : site.meters) {
        ids.push_back(site.account({meter}));
    }
    test.as_superuser("UPDATE account SET state = 'closing' WHERE account_id IN (" +
                      std::to_string(ids[1].value) + ", " + std::to_string(ids[3].value) + ")");
    test.as_superuser(
        "UPDATE customer SET name = '王小明', phone = '139' || customer_id WHERE customer_id = "
        "(SELECT customer_id FROM account WHERE account_id = " +
        std::to_string(ids[2].value) + ")");
    const auto list = [&](AccountFilter filter, core::AccountId after = {}, int limit = 100) {
        filter.property = site.property;
        std::vector<core::AccountId> found;
        for (const auto& account : test.server().transact(site.scope(), "list", [&](Transaction& tx) {
                 return list_accounts(tx, filter, after, limit);
             })) {
            found.push_back(account.id);
        }
        return found;
    };
    using Ids = std::vector<core::AccountId>;
    CHECK(list({}) == ids);
    AccountFilter newest;
    newest.newest_first = true;
    CHECK(list(newest, {}, 2) == Ids{ids[4], ids[3]});
    CHECK(list(newest, ids[3], 2) == Ids{ids[2], ids[1]});
    AccountFilter closing;
    closing.state = AccountState::closing;
    CHECK(list(closing) == Ids{ids[1], ids[3]});
    closing.newest_first = true;
    CHECK(list(closing) == Ids{ids[3], ids[1]});
    closing.search = "li wei";
    CHECK(list(closing, {}, 1) == Ids{ids[3]});
    CHECK(list(closing, ids[3], 1) == Ids{ids[1]});
    CHECK(list(closing, ids[1], 1).empty());

    AccountFilter search;
    search.search = "M3";  // two characters: the beginning of a meter's code
    CHECK(list(search) == Ids{ids[2]});
    search.search = "王";
    CHECK(list(search) == Ids{ids[2]});
    search.search = "小明";
    CHECK(list(search).empty());  // in the middle, and too short for that
    search.search = "王小明";
    CHECK(list(search) == Ids{ids[2]});
    search.search = "0101";
    CHECK(list(search, ids[0], 2) == Ids{ids[1], ids[2]});
    search.search = "%";
    CHECK(list(search).empty());
    search.search = "_3";
    CHECK(list(search).empty());
}

TEST_CASE("customers: found by name, phone, account, unit and meter, with their accounts", "[accounts]") {
    TestDatabase test;
    TestSite site{test, "P1", 3};
    const auto first = site.account({site.meters[0]});
    const auto second = site.account({site.meters[1], site.meters[2]});
    test.as_superuser("UPDATE account SET number = 'HX-7788' WHERE account_id = " +
                      std::to_string(first.value));
    const auto find = [&](const std::string& search, core::CustomerId before = {}) {
        return test.server().transact(site.scope(), "find", [&](Transaction& tx) {
            return list_customers(tx, site.property, search, before, 10);
        });
    };
    const auto all = find("");
    REQUIRE(all.size() == 2);
    REQUIRE(all[0].accounts.size() == 1);
    CHECK(all[0].accounts[0].account == second);
    CHECK(all[0].accounts[0].unit_codes == std::vector<std::string>{"0101"});
    CHECK(all[1].customer.name == "Li Wei");
    CHECK(find("hx-77").at(0).accounts.at(0).number == "HX-7788");
    CHECK(find("i We").size() == 2);
    CHECK(find("i We", all[0].customer.id).size() == 1);
    CHECK(find("138000").size() == 2);
    CHECK(find("M2").at(0).accounts.at(0).account == second);
    CHECK(find("0101").size() == 2);
    CHECK(find("nobody").empty());
    const TestSite other{test, "P2", 1};
    CHECK(test.server()
              .transact(other.scope(), "other",
                        [&](Transaction& tx) { return list_customers(tx, site.property, "Li Wei", {}, 10); })
              .empty());
}

TEST_CASE("search text: short ones are beginnings, wildcards are letters", "[accounts]") {
    CHECK(search_pattern("ab") == "ab%");
    CHECK(search_pattern("abc") == "%abc%");
    CHECK(search_pattern("王小") == "王小%");
    CHECK(search_pattern("1_%") == "%1\\_\\%%");
    CHECK(characters_of("王a") == 2);
}

TEST_CASE("accounts: lists and searches go by indexes in a big property", "[accounts][explain]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    const auto p = std::to_string(site.property.value);
    test.as_superuser("INSERT INTO customer (property_id, name, phone) SELECT " + p +
                      ", 'Customer ' || md5(n::text), to_char(13000000000 + n, 'FM00000000000') FROM "
                      "generate_series(1, 60000) AS n");
    test.as_superuser(
        "INSERT INTO account (property_id, number, customer_id, state) SELECT " + p +
        ", to_char(customer_id, 'FM00000000'), customer_id, CASE WHEN customer_id % 5000 = 0 THEN "
        "'closing' ELSE 'open' END FROM customer WHERE property_id = " +
        p);
    test.as_superuser(
        "INSERT INTO account_balance SELECT property_id, account_id, 0, 1, 1, 1, 1, 1 FROM account");
    // As vacuum does it in time: until then the planner thinks little of a fresh trigram index.
    test.as_superuser(
        "SELECT gin_clean_pending_list(indexrelid) FROM pg_index JOIN pg_class ON oid = indexrelid "
        "WHERE relam = (SELECT oid FROM pg_am WHERE amname = 'gin')");
    test.as_superuser("ANALYZE");

    struct Plan {
        const char* what;
        std::string sql;
        const char* index;
    };
    const std::string page =
        "SELECT a.account_id, c.name FROM account a JOIN customer c USING (property_id, customer_id) "
        "WHERE a.property_id = " +
        p + " ";
    const Plan plans[] = {
        {"a page from the middle", page + "AND a.account_id > 30000 ORDER BY a.account_id LIMIT 50",
         "account_pkey"},
        {"the newest page", page + "AND a.account_id < 60000 ORDER BY a.account_id DESC LIMIT 50",
         "account_pkey"},
        {"by state", page + "AND a.account_id > 0 AND a.state = 'closing' ORDER BY a.account_id LIMIT 50",
         "account_state"},
        {"balances of a page",
         "SELECT account_id, sum(in_flight_e4) FROM account_balance WHERE property_id = " + p +
             " AND account_id = ANY ('{30001,30002,30003}') GROUP BY account_id",
         "account_balance_pkey"},
        {"part of a name",
         "SELECT account_id FROM customer c JOIN account a USING (property_id, customer_id) WHERE "
         "a.property_id = " +
             p + " AND c.name ILIKE '%c81e728d9d4c2f63%' AND a.account_id > 0 ORDER BY a.account_id LIMIT 50",
         "customer_name_trgm"},
    };
    for (const auto& plan : plans) {
        const auto text = test.as_superuser("EXPLAIN (FORMAT JSON) " + plan.sql)[0][0].as<std::string>();
        std::set<std::string> nodes;
        std::set<std::string> indexes;
        collect(nlohmann::json::parse(text), nodes, indexes);
        INFO(plan.what << ": " << text);
        CHECK(indexes.contains(plan.index));
        CHECK_FALSE(nodes.contains("Seq Scan account"));
        CHECK_FALSE(nodes.contains("Seq Scan account_balance"));
        CHECK_FALSE(nodes.contains("Seq Scan customer"));
    }

    // And what the calls really read, counted by the database.
    tests::RowsRead rows{test};
    const auto cost = [&](AccountFilter filter, core::AccountId after) {
        filter.property = site.property;
        return rows.by(site.scope(), [&](Transaction& tx) {
            std::vector<core::AccountId> ids;
            for (const auto& account : list_accounts(tx, filter, after, 50)) {
                ids.push_back(account.id);
            }
            (void)account_balances(tx, site.property, ids);
        });
    };
    AccountFilter filter;
    CHECK(cost(filter, core::AccountId{30'000}) < 1'000);
    filter.newest_first = true;
    CHECK(cost(filter, {}) < 1'000);
    filter.state = AccountState::closing;
    CHECK(cost(filter, {}) < 1'000);
    filter = {};
    filter.search = "c81e728d9d4c2f63";
    CHECK(cost(filter, {}) < 5'000);
    filter.search = "customer";  // fits everybody: a page, and no more
    CHECK(cost(filter, {}) < 5'000);
    filter.newest_first = true;
    CHECK(cost(filter, {}) < 5'000);
}
