#include "storage/seal.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "storage/cashier_shifts.hpp"
#include "storage/journal_text.hpp"
#include "storage/ledger.hpp"
#include "storage/transaction.hpp"
#include "storage/vending_points.hpp"
#include "tests/support/test_site.hpp"

using namespace wutong;
using namespace wutong::storage;
using tests::TestDatabase;
using tests::TestSite;

namespace {

struct Sealed {
    TestDatabase test;
    TestSite site{test, "P1", 1};
    core::AccountId account = site.account(site.meters);

    core::EntryId book(std::int64_t cents) {
        return test.server().transact(site.scope(), "book", [&](Transaction& tx) {
            EntryNotes notes;
            notes.account = account;
            notes.memo = "memo\nwith lines " + std::to_string(cents);
            return insert_entry(
                tx, site.property,
                core::sale_entry(account, core::TenderMethod::cash, core::Money::from_cents(cents)), notes);
        });
    }
    int seal(int limit = kSealBatchMax) {
        return test.server().transact(
            site.scope(), "seal", [&](Transaction& tx) { return seal_entries(tx, site.property, limit); });
    }
    SealState state() {
        return test.server().transact(site.scope(), "state",
                                      [&](Transaction& tx) { return seal_state(tx, site.property); });
    }
    /// However the chain is cut into pages, and however many of them are read at once, the answer is the
    /// same.
    VerifyResult verify() {
        const auto result = verify_chain(test.server(), site.property, {});
        for (const int page : {1, 2, 5}) {
            const auto other = verify_chain(test.server(), site.property, {}, {page, 3});
            CHECK(other.checked == result.checked);
            CHECK(other.last_hash == result.last_hash);
            REQUIRE(other.fault.has_value() == result.fault.has_value());
            if (result.fault) {
                CHECK(other.fault->kind == result.fault->kind);
                CHECK(other.fault->position == result.fault->position);
                CHECK(other.fault->entry == result.fault->entry);
                CHECK(other.fault->text == result.fault->text);
            }
        }
        return result;
    }
    /// As somebody who owns the database and switches its guards off.
    void tamper(const std::string& sql) const {
        test.as_superuser("SET session_replication_role = replica; " + sql);
    }
};

}  // namespace

TEST_CASE("seal: entries are sealed in batches, and an untouched chain verifies", "[seal]") {
    Sealed s;
    CHECK(s.state().last_hash.empty());
    CHECK(!s.verify().fault);
    for (int i = 1; i <= 25; ++i) {
        s.book(i);
    }
    CHECK(s.state().unsealed == 25);
    CHECK(s.state().oldest_unsealed_at.has_value());
    CHECK(s.seal(10) == 10);
    CHECK(s.seal(10) == 10);
    CHECK(s.seal(10) == 5);
    CHECK(s.seal(10) == 0);
    CHECK(s.state().sealed == 25);
    CHECK(!s.state().oldest_unsealed_at);
    const auto result = s.verify();
    CHECK(!result.fault);
    CHECK(result.checked == 25);
    CHECK(result.last_hash == s.state().last_hash);
    CHECK(result.last_hash.size() == 64);

    std::vector<std::int64_t> seen;
    (void)verify_chain(s.test.server(), s.site.property, [&](const VerifyProgress& progress) {
        seen.push_back(progress.checked);
        CHECK(progress.total == 25);
        return true;
    });
    CHECK(seen == std::vector<std::int64_t>{25});
}

TEST_CASE("seal: a changed, missing or inserted row is found, and the first one is named", "[seal]") {
    Sealed s;
    std::vector<core::EntryId> ids;
    for (int i = 1; i <= 12; ++i) {
        ids.push_back(s.book(i));
    }
    while (s.seal() > 0) {
    }
    const auto key = [&](std::size_t n) { return " WHERE entry_id = " + std::to_string(ids[n].value); };
    const auto expect = [&](ChainFault::Kind kind, std::size_t n) {
        const auto result = s.verify();
        REQUIRE(result.fault);
        CHECK(result.fault->kind == kind);
        CHECK(result.fault->entry == ids[n]);
        CHECK(result.fault->text.find("entry " + std::to_string(ids[n].value)) == 0);
        return result;
    };

    SECTION("an amount was changed on both sides, so that it still balances") {
        s.tamper("UPDATE posting SET amount_e4 = amount_e4 * 2" + key(4));
        s.tamper("UPDATE posting SET amount_e4 = amount_e4 * 2" + key(8));
        CHECK(expect(ChainFault::Kind::changed, 4).checked == 4);
    }
    SECTION("each part of an entry counts") {
        for (const std::string change :
             {"memo = memo || ' '", "booked_at = booked_at + interval '1 microsecond'", "operator_id = 7",
              "meter_id = 7", "account_id = 7", "kind = 'correction'",
              "request_id = '00000000-0000-4000-8000-000000000001'"}) {
            INFO(change);
            s.tamper("CREATE TEMP TABLE was AS SELECT * FROM journal_entry" + key(3) +
                     "; UPDATE journal_entry SET " + change + key(3) +
                     "; CREATE TABLE IF NOT EXISTS public.kept AS TABLE was");
            expect(ChainFault::Kind::changed, 3);
            s.tamper("DELETE FROM journal_entry" + key(3) +
                     "; INSERT INTO journal_entry OVERRIDING SYSTEM VALUE TABLE public.kept; DROP TABLE "
                     "public.kept");
            CHECK(!s.verify().fault);
        }
    }
    SECTION("postings were added to an old entry") {
        s.tamper(
            "INSERT INTO posting (property_id, entry_id, line, account, amount_e4) SELECT property_id, "
            "entry_id, x + 2, 'rounding', "
            "5 - 10 * (x % 2) FROM journal_entry, generate_series(1, 2) AS x" +
            key(6));
        expect(ChainFault::Kind::changed, 6);
    }
    SECTION("an entry was taken out") {
        s.tamper("DELETE FROM posting" + key(5) + "; DELETE FROM journal_entry" + key(5));
        expect(ChainFault::Kind::missing, 5);
    }
    SECTION("an entry was taken out together with its link") {
        s.tamper("DELETE FROM posting" + key(5) + "; DELETE FROM journal_entry" + key(5) +
                 "; DELETE FROM journal_chain" + key(5));
        const auto result = s.verify();
        REQUIRE(result.fault);
        CHECK(result.fault->kind == ChainFault::Kind::unlinked);
        CHECK(result.fault->position == 6);
    }
    SECTION("a hash was changed") {
        s.tamper("UPDATE journal_chain SET hash = decode(repeat('ab', 32), 'hex')" + key(7));
        expect(ChainFault::Kind::changed, 7);
    }
    SECTION("an entry was slipped in") {
        ids.push_back(core::EntryId{-5});
        s.tamper(
            "INSERT INTO journal_entry (property_id, entry_id, kind) OVERRIDING SYSTEM VALUE SELECT "
            "property_id, -5, 'sale' FROM property");
        expect(ChainFault::Kind::inserted, 12);
    }
    SECTION("two were swapped") {
        const std::string sum = std::to_string(ids[2].value + ids[3].value);
        s.tamper(
            "UPDATE journal_chain SET entry_id = -entry_id WHERE position IN (3, 4); UPDATE journal_chain "
            "SET entry_id = " +
            sum + " + entry_id WHERE position IN (3, 4)");
        expect(ChainFault::Kind::changed, 3);
    }
    SECTION("an entry was taken out before it was sealed") {
        ids.push_back(s.book(99));
        s.tamper("DELETE FROM posting" + key(12) + "; DELETE FROM journal_entry" + key(12));
        expect(ChainFault::Kind::missing, 12);
        CHECK_THROWS_AS(s.seal(), NotFound);
    }
}

TEST_CASE("seal: a walk of several pages can be stopped", "[seal]") {
    Sealed s;
    s.test.as_superuser(
        "WITH e AS (INSERT INTO journal_entry (property_id, kind) SELECT property_id, 'correction' FROM "
        "property, "
        "generate_series(1, 2500) RETURNING property_id, entry_id) INSERT INTO posting (property_id, "
        "entry_id, line, account, "
        "amount_e4) SELECT property_id, entry_id, x, 'rounding', 5 - 10 * (x % 2) FROM e, generate_series(1, "
        "2) AS x");
    while (s.seal() > 0) {
    }
    int pages = 0;
    const VerifyOptions options{1'000, 2};
    const auto whole = verify_chain(
        s.test.server(), s.site.property, [&](const VerifyProgress&) { return ++pages > 0; }, options);
    CHECK(whole.checked == 2500);
    CHECK(!whole.fault);
    CHECK(pages == 3);
    const auto part = verify_chain(
        s.test.server(), s.site.property, [](const VerifyProgress&) { return false; }, options);
    CHECK(part.checked == 1000);
    CHECK(!part.fault);
}

TEST_CASE("seal: an entry that was sealed long after its neighbours is looked up by itself", "[seal]") {
    Sealed s;
    const auto late = s.book(1);
    s.tamper("DELETE FROM journal_unsealed");
    for (int i = 0; i < 300; ++i) {
        s.book(100 + i);
    }
    while (s.seal() > 0) {
    }
    s.tamper("INSERT INTO journal_unsealed (property_id, entry_id) SELECT property_id, " +
             std::to_string(late.value) + " FROM property");
    s.book(7);
    CHECK(s.seal() == 2);
    CHECK(!s.verify().fault);
    s.tamper("UPDATE journal_entry SET memo = 'x' WHERE entry_id = " + std::to_string(late.value));
    const auto result = s.verify();
    REQUIRE(result.fault);
    CHECK(result.fault->entry == late);
    CHECK(result.fault->position == 301);
}

TEST_CASE("seal: a time is sealed as time_text writes it, however PostgreSQL shortens it", "[seal]") {
    for (const auto* text :
         {"2026-11-21 10:50:12.123456+00", "2026-11-21 10:50:12.1+00", "2026-11-21 10:50:12+00",
          "1970-01-01 00:00:00+00", "0001-01-01 00:00:00.000001+00"}) {
        CHECK(sealed_time(text) == time_text(parse_time_text(text)));
    }
    for (const auto* text :
         {"", "2026-11-21 10:50:12.123456", "2026-11-21 10:50:12.1234567+00", "2026-11-21 10:5x:12+00",
          "infinity", "2026-11-21 10:50:12.+00", "20260-11-21 10:50:12+00"}) {
        CHECK_THROWS_AS(sealed_time(text), std::invalid_argument);
    }
}

TEST_CASE("seal: while others book, nothing is lost and nothing sealed twice", "[seal]") {
    Sealed s;
    std::atomic<bool> writing{true};
    std::atomic<int> faults{0};
    constexpr int kWriters = 4;
    constexpr int kEach = 60;
    std::vector<std::thread> threads;
    for (int w = 0; w < kWriters; ++w) {
        threads.emplace_back([&, w] {
            try {
                for (int i = 0; i < kEach; ++i) {
                    // Some transactions stay open for a while, so that numbers become visible out of order.
                    s.test.server().transact(s.site.scope(), "book", [&](Transaction& tx) {
                        EntryNotes notes;
                        notes.account = s.account;
                        insert_entry(tx, s.site.property,
                                     core::sale_entry(s.account, core::TenderMethod::cash, core::Money{100}),
                                     notes);
                        if ((i + w) % 7 == 0) {
                            tx.exec("SELECT pg_sleep(0.02)");
                        }
                    });
                }
            } catch (const std::exception&) {
                ++faults;
            }
        });
    }
    std::vector<std::thread> sealers;
    for (int n = 0; n < 2; ++n) {
        sealers.emplace_back([&] {
            try {
                while (writing) {
                    s.seal(7);
                }
            } catch (const std::exception&) {
                ++faults;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    writing = false;
    for (auto& thread : sealers) {
        thread.join();
    }
    while (s.seal() > 0) {
    }
    CHECK(faults == 0);
    const auto result = s.verify();
    CHECK(!result.fault);
    CHECK(result.checked == kWriters * kEach);
    CHECK(s.state().unsealed == 0);
}

TEST_CASE("seal: the properties with something to seal are known", "[seal]") {
    Sealed s;
    TestSite other{s.test, "P2", 1};
    s.book(1);
    const auto list = [&] {
        return s.test.server().transact(Scope::all(), "list",
                                        [](Transaction& tx) { return properties_to_seal(tx); });
    };
    CHECK(list() == std::vector<core::PropertyId>{s.site.property});
    s.seal();
    CHECK(list().empty());
}

TEST_CASE("seal: an entry that was moved to another cashier's drawer is found", "[seal]") {
    Sealed s;
    s.book(1);
    const auto shift = s.test.server().transact(s.site.scope(), "shift", [&](Transaction& tx) {
        const auto point = insert_vending_point(tx, s.site.property, {{}, "P1", "", true, {}, 0, {}, ""});
        const auto opened = insert_shift(tx, s.site.property, point, core::OperatorId{7}, tests::at(0));
        insert_cash_move(tx, s.site.property, opened, core::OperatorId{7}, "",
                         {core::CashMoveKind::starting_float, core::Money{1'000'000}, "", tests::at(1), {}});
        CHECK(drawer_sums(tx, s.site.property, opened).at(core::TenderMethod::cash) ==
              core::Money{1'000'000});
        return opened;
    });
    CHECK(s.seal() == 2);
    CHECK(!s.verify().fault);
    s.tamper("UPDATE journal_entry SET shift_id = shift_id + 1 WHERE shift_id = " +
             std::to_string(shift.value));
    const auto fault = s.verify().fault;
    REQUIRE(fault);
    CHECK(fault->kind == ChainFault::Kind::changed);
    CHECK(fault->position == 2);
}
