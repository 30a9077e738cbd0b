#include "storage/ledger.hpp"

#include <catch2/catch.hpp>

#include "storage/transaction.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::TestDatabase;
using tests::TestSite;

namespace {

constexpr core::Money yuan(std::int64_t n) {
    return core::Money{n * 10'000};
}

core::EntryId insert(TestDatabase& test, const TestSite& site, const core::JournalEntry& entry,
                     core::AccountId account) {
    return test.server().transact(site.scope(), "book", [&](Transaction& tx) {
        EntryNotes notes;
        notes.account = account;
        return insert_entry(tx, site.property, entry, notes);
    });
}

/// What the database says to a statement of a role; "" when it lets it pass.
std::string refusal(Database& database, const TestSite& site, const std::string& sql) {
    try {
        database.transact(site.scope(), "try", [&](Transaction& tx) { tx.work().exec(sql); });
    } catch (const StatementFailed& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("ledger: balances, trial balance and statement follow from the entries", "[ledger]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    const auto account = site.account(site.meters);
    insert(test, site, core::sale_entry(account, core::TenderMethod::cash, yuan(100)), account);
    insert(test, site, core::sale_entry(account, core::TenderMethod::card, yuan(30)), account);
    insert(test, site, core::delivery_entry(account, yuan(100)), account);
    insert(test, site, core::consumption_entry(account, core::Money{123'456}), account);
    insert(test, site, core::taken_back_entry(account, yuan(20)), account);
    const auto last =
        insert(test, site, core::payout_entry(account, core::TenderMethod::cash, yuan(5)), account);

    test.server().transact(site.scope(), "look", [&](Transaction& tx) {
        const auto balances = account_balances(tx, site.property, account);
        CHECK(balances.in_flight == yuan(30));
        CHECK(balances.prepaid_credit == yuan(80) - core::Money{123'456});
        CHECK(balances.consumed == core::Money{123'456});
        CHECK(balances.refund_payable == yuan(15));
        CHECK(balances.unallocated == yuan(0));
        CHECK(ledger_balance(tx, site.property, core::LedgerKind::tender, 1) == yuan(95));
        CHECK(ledger_balance(tx, site.property, core::LedgerKind::tender, 2) == yuan(30));

        const auto trial = trial_balance(tx, site.property);
        CHECK(trial.sum == yuan(0));
        CHECK(trial.entries == 6);
        CHECK(trial.sold == yuan(130));
        CHECK(trial.refunded == yuan(5));
        CHECK(trial.consumed == core::Money{123'456});
        CHECK(trial.in_flight == yuan(30));
        CHECK(trial.prepaid == yuan(80) - core::Money{123'456});

        const auto newest = list_entries(tx, site.property, account, {}, 4);
        REQUIRE(newest.size() == 4);
        CHECK(newest[0].id == last);
        CHECK(newest[0].entry.postings ==
              core::payout_entry(account, core::TenderMethod::cash, yuan(5)).postings);
        const auto rest = list_entries(tx, site.property, account, newest.back().id, 1000);
        REQUIRE(rest.size() == 2);
        CHECK(rest[1].entry.postings ==
              core::sale_entry(account, core::TenderMethod::cash, yuan(100)).postings);
        CHECK_THROWS_AS(list_entries(tx, site.property, account, {}, 1001), std::invalid_argument);
    });
}

TEST_CASE("ledger: entries that make no sense are refused before they are sent", "[ledger]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    const auto one = [](core::Money amount) { return core::Posting{core::LedgerKind::rounding, 0, amount}; };
    for (const auto& postings :
         std::vector<std::vector<core::Posting>>{{},
                                                 {one(yuan(0))},
                                                 {one(yuan(1)), one(yuan(-2))},
                                                 {one(yuan(1)), one(yuan(-1)), one(yuan(0))}}) {
        CHECK_THROWS_AS(insert(test, site, {core::EntryKind::correction, postings}, {}),
                        std::invalid_argument);
    }
    CHECK(test.as_superuser("SELECT count(*) FROM journal_entry")[0][0].as<int>() == 0);
}

TEST_CASE("ledger: the database itself refuses an entry that does not balance", "[ledger]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    const auto account = site.account(site.meters);
    const auto id =
        insert(test, site, core::sale_entry(account, core::TenderMethod::cash, yuan(100)), account);
    const std::string p = std::to_string(site.property.value);
    const std::string e = std::to_string(id.value);
    const std::string posting =
        "INSERT INTO posting (property_id, entry_id, line, account, amount_e4) VALUES (" + p + ", ";
    for (auto* database : {&test.server(), &test.collector()}) {
        CHECK(refusal(*database, site,
                      "WITH e AS (INSERT INTO journal_entry (property_id, kind) VALUES (" + p +
                          ", 'correction') RETURNING entry_id) INSERT INTO posting (property_id, entry_id, "
                          "line, account, "
                          "amount_e4) SELECT " +
                          p + ", entry_id, 1, 'rounding', 5 FROM e")
                  .find("does not balance") != std::string::npos);
        CHECK(refusal(*database, site,
                      "INSERT INTO journal_entry (property_id, kind) VALUES (" + p + ", 'correction')")
                  .find("does not balance") != std::string::npos);
        CHECK(refusal(*database, site, posting + e + ", 3, 'rounding', 5)").find("does not balance") !=
              std::string::npos);
        CHECK(refusal(*database, site,
                      "WITH e AS (INSERT INTO journal_entry (property_id, kind) VALUES (" + p +
                          ", 'correction') RETURNING entry_id) "
                          "INSERT INTO posting (property_id, entry_id, line, account, amount_e4) SELECT " +
                          p +
                          ", entry_id, x, 'rounding', 5 - 10 * (x % 2) FROM e, generate_series(4, 5) AS x")
                  .find("not numbered") != std::string::npos);
    }
    CHECK(test.as_superuser("SELECT count(*) FROM posting")[0][0].as<int>() == 2);
}

TEST_CASE("ledger: nobody changes or deletes, whatever the role", "[ledger]") {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    const auto account = site.account(site.meters);
    insert(test, site, core::sale_entry(account, core::TenderMethod::cash, yuan(100)), account);
    test.server().transact(site.scope(), "log", [&](Transaction& tx) {
        tx.exec("INSERT INTO operation_log (property_id, action) VALUES ($1, 'x')", site.property);
        tx.exec(
            "INSERT INTO journal_chain (property_id, position, entry_id, hash) SELECT property_id, 1, "
            "entry_id, decode(repeat('00', 32), 'hex') FROM journal_entry");
    });
    const std::vector<std::pair<std::string, std::string>> tables{{"journal_entry", "memo = 'x'"},
                                                                  {"posting", "amount_e4 = 7"},
                                                                  {"journal_chain", "position = 7"},
                                                                  {"operation_log", "action = 'y'"}};
    for (const auto& [table, change] : tables) {
        for (auto* database : {&test.server(), &test.collector(), &test.owner()}) {
            INFO(table);
            CHECK(refusal(*database, site, "UPDATE " + table + " SET " + change) != "");
            CHECK(refusal(*database, site, "DELETE FROM " + table) != "");
            CHECK(refusal(*database, site, "TRUNCATE " + table + " CASCADE") != "");
        }
        // Not even a superuser, who would have to switch the triggers off first.
        CHECK_THROWS(test.as_superuser("UPDATE " + table + " SET " + change));
        CHECK_THROWS(test.as_superuser("DELETE FROM " + table));
        CHECK_THROWS(test.as_superuser("TRUNCATE " + table + " CASCADE"));
    }
    CHECK(test.as_superuser("SELECT sum(amount_e4 * line) FROM posting")[0][0].as<int>() == -1'000'000);
}
