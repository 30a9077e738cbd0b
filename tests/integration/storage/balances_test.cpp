#include "storage/balances.hpp"

#include <set>

#include "storage/balance_proofs.hpp"
#include "storage/consumption.hpp"
#include "storage/meter_states.hpp"
#include "storage/meter_watch.hpp"
#include "tests/integration/storage/delivery_field.hpp"

using namespace wutong;
using namespace wutong::tests;

namespace {

const std::vector<std::string> kHeld{"acrel-ddsy1352"};

TwoBalances of(Field& field, core::MeterId meter) {
    const auto rows = field.test.server().transact(field.site.scope(), "two", [&](Transaction& tx) {
        return find_two_balances(tx, field.site.property, {meter});
    });
    REQUIRE(rows.size() == 1);
    return rows[0];
}

/// A reading as the collector stores it: looked at by the watch first.
void reading(Field& field, core::Energy energy, core::Money balance, std::int64_t second) {
    MeterStateRow row;
    row.property = field.site.property;
    row.meter = field.meter;
    row.attempted_at = at(second);
    row.answered_at = at(second);
    row.energy_wh = energy.watt_hours();
    row.balance_e4 = balance.ten_thousandths();
    row.purchase_number = 1;
    row.prepaid_enabled = true;
    field.test.collector().transact(Scope::none(), "reading",
                                    [&](Transaction& tx) { watch_readings(tx, {row}); });
    field.site.read(field.meter, energy, balance, at(second));
}

}  // namespace

TEST_CASE("two balances: what a foreign write made of it is kept, once", "[storage][balances]") {
    Field field;
    field.open(yuan(50));
    CHECK(of(field, field.meter).ledger == yuan(50));
    CHECK(of(field, field.meter).writes == 1);
    CHECK(of(field, field.meter).foreign == yuan(0));

    reading(field, core::Energy{1'500}, yuan(149), 100);
    CHECK(of(field, field.meter).foreign == yuan(100));
    // The same again is no new jump; use goes on.
    reading(field, core::Energy{2'500}, yuan(148), 200);
    CHECK(of(field, field.meter).foreign == yuan(100));
    CHECK(field.number("count(*) FROM foreign_write") == 1);
    CHECK(field.number("count(*) FROM alarm WHERE kind = 'foreign_write'") == 1);

    const auto evidence = field.test.server().transact(field.site.scope(), "evidence", [&](Transaction& tx) {
        return balance_evidence(tx, field.site.property, of(field, field.meter));
    });
    std::set<std::string> causes;
    for (const auto& one : evidence) {
        causes.insert(one.cause);
        if (one.cause == "foreign_write") {
            CHECK(one.amount == yuan(100));
            CHECK(one.text == "the balance went from 50.00 to 149.00");
        }
        if (one.cause == "ledger") {
            CHECK(one.entry);
        }
    }
    const std::set<std::string> expected{"ledger", "use_not_booked", "rounding", "foreign_write"};
    CHECK(causes == expected);
}

TEST_CASE("two balances: a price that was on its way can explain what was used meanwhile",
          "[storage][balances]") {
    Field field;
    field.open(yuan(50));
    field.test.as_superuser("SELECT ensure_reading_partition('2026-03-01')");
    field.test.as_superuser("INSERT INTO reading (property_id, meter_id, read_at, energy_wh) VALUES (" +
                            std::to_string(field.site.property.value) + ", " +
                            std::to_string(field.meter.value) + ", '2026-03-01 08:01:00+00', 1500)");
    field.test.collector().transact(Scope::none(), "price", [&](Transaction& tx) {
        change_booked_price(tx, field.site.property, field.meter, core::Price{20'000}, core::Energy{4'500},
                            at(600), {}, at(120));
    });
    CHECK(of(field, field.meter).price_low == -yuan(3));
    CHECK(of(field, field.meter).price_high == yuan(0));
    CHECK(of(field, field.meter).ledger == yuan(46));
}

TEST_CASE("two balances: orders and their pages", "[storage][balances]") {
    Field field{3};
    for (const auto meter : field.site.meters) {
        field.site.opened(meter, core::Energy{1'000}, core::Price{10'000}, yuan(0));
    }
    field.site.read(field.site.meters[0], core::Energy{1'000}, yuan(7), at(30));
    field.site.read(field.site.meters[1], core::Energy{1'000}, -yuan(90), at(20));
    field.site.read(field.site.meters[2], core::Energy{1'000}, yuan(7), at(10));
    const auto walk = [&](BalanceOrder order, const std::vector<std::string>& profiles = kHeld) {
        std::string codes;
        BalanceCursor after;
        for (int i = 0; i < 10; ++i) {
            const auto rows = field.test.server().transact(field.site.scope(), "list", [&](Transaction& tx) {
                return list_two_balances(tx, {field.site.property, profiles, order}, after, 1);
            });
            if (rows.empty()) {
                return codes;
            }
            REQUIRE(rows.size() == 1);
            codes += rows[0].meter_code + " ";
            after = cursor_after(rows[0]);
        }
        return std::string{"no end"};
    };
    CHECK(walk(BalanceOrder::meter_code) == "M1 M2 M3 ");
    CHECK(walk(BalanceOrder::difference) == "M2 M1 M3 ");
    CHECK(walk(BalanceOrder::oldest_reading) == "M3 M2 M1 ");
    CHECK(walk(BalanceOrder::meter_code, {"another"}).empty());
}

TEST_CASE("proofs: due at their hour by the property's clock, stored once a night, never changed",
          "[storage][balances]") {
    Field field;
    const auto due = [&](core::Timestamp now) {
        return field.test.server()
            .transact(field.site.scope(), "due", [&](Transaction& tx) { return proofs_due(tx, now, 3); })
            .size();
    };
    // 2026-03-01 08:00 UTC is 16:00 in Shanghai; 18:59 UTC is 02:59 on the next day.
    CHECK(due(at(0)) == 1);
    CHECK(due(at(10 * 3'600 + 3'540)) == 0);
    CHECK(due(at(11 * 3'600)) == 1);
    field.test.as_superuser("INSERT INTO parameter (property_id, key, value) VALUES (" +
                            std::to_string(field.site.property.value) + ", 'proof_hour', '17')");
    CHECK(due(at(0)) == 0);
    CHECK(due(at(3'600)) == 1);

    BalanceProof proof;
    proof.property = field.site.property;
    proof.day = "2026-03-01";
    proof.scheduled = true;
    proof.started_at = proof.finished_at = at(3'600);
    proof.meters = 1;
    proof.ledger = yuan(10);
    proof.balance = yuan(12);
    proof.found.difference = proof.found.unexplained = yuan(2);
    proof.unexplained = 1;
    ProofMeter worst;
    worst.meter = field.meter;
    worst.account = field.account;
    worst.ledger = yuan(10);
    worst.balance = yuan(12);
    worst.read_at = at(0);
    worst.found = proof.found;
    proof.worst = {worst};
    const auto store = [&] {
        return field.test.server().transact(field.site.scope(), "store",
                                            [&](Transaction& tx) { return insert_balance_proof(tx, proof); });
    };
    const auto id = store();
    CHECK(id > 0);
    CHECK(store() == 0);
    CHECK(due(at(3'600)) == 0);
    proof.scheduled = false;
    CHECK(store() > id);
    const auto found = field.test.server().transact(field.site.scope(), "find", [&](Transaction& tx) {
        return find_balance_proof(tx, field.site.property, id);
    });
    REQUIRE(found);
    REQUIRE(found->worst.size() == 1);
    CHECK(found->worst[0].found == proof.found);
    CHECK(found->worst[0].meter_code == "M1");
    CHECK(found->found == proof.found);
    // Append-only, and behind the property's wall.
    CHECK_THROWS_AS(field.test.as_superuser("DELETE FROM balance_proof_meter"), pqxx::sql_error);
    CHECK_THROWS_AS(field.test.as_superuser("UPDATE balance_proof SET unexplained = 0"), pqxx::sql_error);
    CHECK(field.test.server()
              .transact(Scope::of({core::PropertyId{9'999}}), "peek",
                        [&](Transaction& tx) { return list_balance_proofs(tx, field.site.property, 0, 10); })
              .empty());
}
