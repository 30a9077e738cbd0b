#include <catch2/catch.hpp>

#include "tests/integration/storage/delivery_field.hpp"

using namespace wutong;
using namespace wutong::tests;

TEST_CASE("deliveries: an opening starts the meter's time on the account", "[deliveries]") {
    Field field;
    field.sell(yuan(100), SaleKind::opening, R"({"price_e4": 10000})");
    CHECK(field.money().in_flight == yuan(100));
    // 200 Wh went by between the looks; by the balance the meter charged 50 of them.
    const auto done = field.deliver({0, yuan(0), core::Energy{500}, at(10), false},
                                    {1, core::Money{999'500}, core::Energy{700}, at(12), true});
    CHECK(done.state == DeliveryState::delivered);
    CHECK(done.entry);
    CHECK(field.money().in_flight == yuan(0));
    CHECK(field.money().prepaid_credit == yuan(100));
    const auto meter = field.books().meters[0];
    CHECK(meter.opened_on_meter_at == at(12));
    CHECK(meter.purchase_number == 1);
    CHECK(meter.meter_balance == core::Money{999'500});
    CHECK(meter.read_at == at(12));
    CHECK(field.number("booked_energy_wh FROM account_meter") == 650);
    CHECK(field.number("booked_price_e4 FROM account_meter") == 10'000);
    const auto stored = field.get(field.last_claim.id);
    CHECK(stored.finished_at == at(20));
    CHECK(stored.entry == done.entry);
    CHECK(stored.delivery.after->energy == core::Energy{700});

    // Without a purchase nothing is booked, and the number is 0.
    Field empty;
    empty.open(yuan(0));
    CHECK(empty.number("count(*) FROM journal_entry") == 0);
    CHECK(empty.books().meters[0].purchase_number == 0);
}

TEST_CASE("deliveries: top-up, refund, and finishing twice changes nothing", "[deliveries]") {
    Field field;
    field.open(yuan(100));
    field.sell(yuan(30));
    const auto top_up =
        field.deliver({1, yuan(100), core::Energy{500}, at(30)}, {2, yuan(130), core::Energy{500}, at(32)});
    CHECK(top_up.state == DeliveryState::delivered);
    CHECK(!top_up.already);
    CHECK(field.money().prepaid_credit == yuan(130));
    CHECK(field.books().meters[0].purchase_number == 2);

    const auto twice = field.finish(field.last_claim, field.last);
    CHECK(twice.already);
    CHECK(twice.entry == top_up.entry);
    auto other = field.last;
    other.state = DeliveryState::refused;
    CHECK(field.finish(field.last_claim, other).state == DeliveryState::delivered);
    CHECK(field.money().prepaid_credit == yuan(130));
    CHECK(field.number("count(*) FROM journal_entry WHERE kind = 'delivery'") == 2);

    field.sell(yuan(20), SaleKind::refund);
    CHECK(field.deliver({2, yuan(130), core::Energy{500}, at(40)}, {3, yuan(110), core::Energy{500}, at(42)})
              .state == DeliveryState::delivered);
    CHECK(field.money().prepaid_credit == yuan(110));
    CHECK(field.money().refund_payable == yuan(20));
    CHECK(field.books().meters[0].purchase_number == 3);

    // A figure that is not the stored one is our bug, and books nothing.
    field.sell(yuan(5));
    const auto claimed = field.claim();
    auto wrong = claimed.at(0).delivery;
    wrong.state = DeliveryState::delivered;
    wrong.amount = yuan(50);
    CHECK_THROWS_AS(field.finish(claimed[0], wrong), std::logic_error);
    CHECK(field.money().in_flight == yuan(5));
}

TEST_CASE("deliveries: what the meter refuses goes to the tenant's unallocated money", "[deliveries]") {
    Field field;
    field.open(yuan(100));
    field.sell(yuan(30));
    const core::CreditLook look{1, yuan(100), core::Energy{500}, at(30)};
    const auto done = field.deliver(look, look, true);
    CHECK(done.state == DeliveryState::refused);
    CHECK(field.money().in_flight == yuan(0));
    CHECK(field.money().unallocated == yuan(30));
    CHECK(field.books().meters[0].purchase_number == 1);
    // A refused refund books nothing: the money never left the meter.
    field.sell(yuan(20), SaleKind::refund);
    CHECK(field.deliver(look, look, true).state == DeliveryState::refused);
    CHECK(field.money().prepaid_credit == yuan(100));
    CHECK(field.money().refund_payable == yuan(0));
}

TEST_CASE("deliveries: a clear ends the meter's time, and the last one closes the account", "[deliveries]") {
    Field field{2};
    field.open(yuan(100));
    field.meter = field.site.meters[1];
    field.open(yuan(40));
    const auto meters = field.test.server().transact(field.site.scope(), "close", [&](Transaction& tx) {
        return begin_closing(tx, field.site.property, field.account, at(50));
    });
    REQUIRE(meters->size() == 2);
    field.meter = field.site.meters[0];
    field.sell(yuan(0), SaleKind::closing);
    // 10 kWh were used at 1.00 since the opening, so 90.00 are left on the meter.
    auto done = field.deliver({1, yuan(90), core::Energy{10'500}, at(60)},
                              {0, yuan(0), core::Energy{10'500}, at(62), false});
    CHECK(done.state == DeliveryState::delivered);
    CHECK(!done.account_closed);
    CHECK(field.money().consumed == yuan(10));
    CHECK(field.money().refund_payable == yuan(90));
    CHECK(field.money().prepaid_credit == yuan(40));
    CHECK(field.get(field.last_claim.id).delivery.amount == yuan(-90));
    CHECK(field.books().state == AccountState::closing);

    field.meter = field.site.meters[1];
    field.sell(yuan(0), SaleKind::closing);
    done = field.deliver({1, yuan(40), core::Energy{500}, at(70)},
                         {0, yuan(0), core::Energy{500}, at(72), false});
    CHECK(done.account_closed);
    const auto books = field.books();
    CHECK(books.state == AccountState::closed);
    CHECK(books.closed_at == at(20));
    CHECK(books.meters.size() == 2);
    CHECK(books.meters[0].unlinked_at);
    CHECK(field.money().prepaid_credit == yuan(0));
    CHECK(field.money().refund_payable == yuan(130));
    CHECK(field.finish(field.last_claim, field.last).already);
    // The meter is free for the next tenant.
    const auto next = field.site.account({field.meter});
    CHECK(next != field.account);
}

TEST_CASE("deliveries: a closed account ends at exactly zero; what rounding can't explain stays and is told",
          "[deliveries]") {
    const auto close_with = [](Field& field, core::Money left_on_meter) {
        field.open(yuan(100));
        field.test.server().transact(field.site.scope(), "close", [&](Transaction& tx) {
            REQUIRE(begin_closing(tx, field.site.property, field.account, at(50)));
        });
        field.sell(yuan(0), SaleKind::closing);
        // 10 kWh were used at 1.00: 90.00 should be left.
        const auto done = field.deliver({1, left_on_meter, core::Energy{10'500}, at(60)},
                                        {0, yuan(0), core::Energy{10'500}, at(62), false});
        REQUIRE(done.account_closed);
    };
    const auto rounding = [](Field& field) {
        return field.test.server().transact(field.site.scope(), "rounding", [&](Transaction& tx) {
            return ledger_balance(tx, field.site.property, core::LedgerKind::rounding, 0);
        });
    };
    for (const std::int64_t cents : {2, -2}) {
        Field field;
        close_with(field, yuan(90) - core::Money::from_cents(cents));
        CHECK(field.money().prepaid_credit == yuan(0));
        CHECK(rounding(field) == core::Money::from_cents(-cents));
        CHECK(field.number("count(*) FROM alarm WHERE kind = 'ledger_difference'") == 0);
        CHECK(field.number("sum(amount_e4) FROM posting") == 0);
    }
    Field field;
    close_with(field, yuan(85));
    CHECK(field.money().prepaid_credit == yuan(5));
    CHECK(rounding(field) == yuan(0));
    CHECK(field.number("count(*) FROM alarm WHERE kind = 'ledger_difference' AND cleared_at IS NULL") == 1);
}

TEST_CASE("deliveries: what was sold behind an opening that is refused is the tenant's again",
          "[deliveries]") {
    Field field;
    field.sell(yuan(100), SaleKind::opening, R"({"price_e4": 10000})");
    const auto behind = field.sell(yuan(30));
    const auto refund = field.sell(yuan(10), SaleKind::refund);
    const core::CreditLook look{0, yuan(0), core::Energy{500}, at(10), false};
    CHECK(field.deliver(look, look, true).state == DeliveryState::refused);
    CHECK(field.get(behind).delivery.state == DeliveryState::refused);
    CHECK(field.get(behind).delivery.reason.find("opening") != std::string::npos);
    CHECK(field.get(behind).finished_at == at(20));
    CHECK(field.get(behind).entry);
    CHECK(field.get(refund).delivery.state == DeliveryState::refused);
    CHECK_FALSE(field.get(refund).entry);
    CHECK(field.money().in_flight == yuan(0));
    CHECK(field.money().unallocated == yuan(130));
    CHECK(field.claim().empty());
}

TEST_CASE("deliveries: a clear while the account stays open leaves it open", "[deliveries]") {
    Field field;
    field.open(yuan(100));
    field.queue(DeliveryKind::clear, yuan(0));
    CHECK(!field
               .deliver({1, yuan(100), core::Energy{500}, at(60)},
                        {0, yuan(0), core::Energy{500}, at(62), false})
               .account_closed);
    CHECK(field.books().state == AccountState::open);
    CHECK(field.books().meters[0].unlinked_at);
}

TEST_CASE("deliveries: a quarantine raises an alarm, holds up the meter, and an operator settles it",
          "[deliveries]") {
    Field field;
    field.open(yuan(100));
    field.sell(yuan(30));
    // Somebody else wrote: number 7 instead of 1.
    const auto done = field.deliver({7, yuan(500), core::Energy{500}, at(30)}, {});
    CHECK(done.state == DeliveryState::quarantined);
    CHECK(!done.entry);
    CHECK(field.money().in_flight == yuan(30));
    CHECK(field.number("count(*) FROM alarm WHERE kind = 'quarantine' AND cleared_at IS NULL") == 1);
    const auto facts = field.test.server().transact(field.site.scope(), "facts", [&](Transaction& tx) {
        return read_sale_facts(tx, field.site.property, field.account, field.meter);
    });
    CHECK(facts.facts.delivery_quarantined);
    CHECK(facts.facts.balance_known == yuan(500));
    field.queue(DeliveryKind::top_up, yuan(1));
    CHECK(field.claim().empty());

    const auto settle = [&](bool delivered) {
        return field.test.server().transact(field.site.scope(), "settle", [&](Transaction& tx) {
            return settle_delivery(tx, field.site.property, field.last_claim.id, delivered,
                                   "seen at the meter", at(90));
        });
    };
    const auto settled = settle(false);
    CHECK(settled.state == DeliveryState::refused);
    CHECK(field.money().unallocated == yuan(30));
    CHECK(field.get(field.last_claim.id).delivery.reason == "seen at the meter");
    CHECK(field.number("count(*) FROM alarm WHERE cleared_at IS NULL") == 0);
    CHECK(settle(true).already);
    CHECK(field.money().unallocated == yuan(30));
    // The next one starts from the number that is on the meter.
    const auto next = field.claim();
    REQUIRE(next.size() == 1);
    CHECK(next[0].delivery.number_before == 7);
    CHECK_THROWS_AS(field.test.server().transact(field.site.scope(), "settle",
                                                 [&](Transaction& tx) {
                                                     settle_delivery(tx, field.site.property,
                                                                     core::DeliveryId{999}, true, "", at(1));
                                                 }),
                    NotFound);
}

TEST_CASE("deliveries: lists by meter and account, newest first", "[deliveries]") {
    Field field{2};
    for (int i = 1; i <= 4; ++i) {
        field.meter = field.site.meters[static_cast<std::size_t>(i % 2)];
        field.queue(DeliveryKind::top_up, yuan(i));
    }
    field.test.server().transact(field.site.scope(), "list", [&](Transaction& tx) {
        const auto all = list_deliveries(tx, {field.site.property, {}, {}, false}, {}, 3);
        REQUIRE(all.size() == 3);
        CHECK(all[0].delivery.amount == yuan(4));
        CHECK(list_deliveries(tx, {field.site.property, {}, {}, false}, all.back().id, 3).size() == 1);
        CHECK(list_deliveries(tx, {field.site.property, field.site.meters[0], {}, true}, {}, 10).size() == 2);
        CHECK(list_deliveries(tx, {field.site.property, {}, core::AccountId{999}, false}, {}, 10).empty());
    });
}
