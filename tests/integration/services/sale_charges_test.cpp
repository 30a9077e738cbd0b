// What a tariff plan takes out of sales, and deposits.
#include <catch2/catch.hpp>
#include <string>

#include "tests/integration/services/tariff_desk.hpp"
#include "tests/integration/services/till.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

namespace {

struct Shop {
    explicit Shop(int meters = 1)
        : counter{meters}, desk{counter}, till{counter}, meter{counter.site.meters[0]} {}

    v1::TariffVersion terms(const std::string& from) const {
        auto version = TariffDesk::flat(from, 10'000);
        auto& tax = *version.mutable_terms()->mutable_tax();
        tax.set_basis_points(1'300);
        auto& service = *version.mutable_terms()->add_fixed_charges();
        service.set_name("service");
        service.set_monthly_e4(113'000);
        service.set_spread(v1::TARIFF_SPREAD_WHOLE);
        return version;
    }
    v1::QuoteResponse quote(std::int64_t account, std::int64_t amount) {
        v1::QuoteRequest request;
        request.set_property_id(counter.site.property.value);
        request.set_account_id(account);
        request.set_meter_id(meter.value);
        request.set_amount_e4(amount);
        return counter.client().must(&Sales::Quote, request);
    }
    v1::Receipt receipt(std::int64_t sale) {
        v1::GetReceiptRequest request;
        request.set_property_id(counter.site.property.value);
        request.set_sale_id(sale);
        return counter.client().must(&Sales::GetReceipt, request);
    }
    v1::SaleReceipt sell(std::int64_t account, std::int64_t amount) {
        return counter.client().must(&Sales::Sell, counter.sale(account, meter, amount));
    }
    v1::Statement statement(std::int64_t account) {
        v1::StatementRequest request;
        request.set_property_id(counter.site.property.value);
        request.set_account_id(account);
        return counter.client().must(&Accounts::GetStatement, request);
    }
    void check_books() {
        const auto balance = counter.trial_balance();
        check_identity(balance);
    }

    Counter counter;
    TariffDesk desk;
    Till till;
    core::MeterId meter;
};

void check_statement(const v1::Statement& s) {
    CHECK(s.closing_balance_e4() ==
          s.opening_balance_e4() + s.paid_in_e4() - s.used_e4() - s.paid_out_e4() + s.other_e4());
}

}  // namespace

TEST_CASE("charges: taken out of the next sale, shown before, on the receipt, and given back with it",
          "[services][sale_charge]") {
    Shop shop;
    auto& counter = shop.counter;
    const auto plan = shop.desk.create("Shops", shop.terms(shop.desk.day(-90)));
    shop.desk.assign(plan.plan_id());
    const auto id = counter.open_and_deliver({{shop.meter, 500'000}}).account_id();

    // Before: the month's charge comes first, the meter gets the rest.
    const auto before = shop.quote(id, 1'000'000);
    REQUIRE(before.charges_size() == 1);
    CHECK(before.charges(0).name() == "service");
    CHECK(before.charges(0).plan() == "Shops");
    CHECK(before.charges(0).due_e4() == 113'000);
    CHECK(before.charges(0).tax_e4() == 13'000);
    CHECK(before.charged_e4() == 113'000);
    CHECK(before.credited_e4() == 887'000);
    CHECK(before.balance_after_e4() == 1'387'000);
    CHECK(before.energy_wh() == 88'700);
    CHECK(before.due_after_e4() == 0);
    CHECK(before.charges_fault().empty());

    // Less than is due: all of it is taken, nothing goes to the meter.
    const auto request = counter.sale(id, shop.meter, 50'000);
    const auto small = counter.client().must(&Sales::Sell, request);
    CHECK(small.charged_e4() == 50'000);
    CHECK(small.delivery_id() == 0);
    CHECK(counter.client().must(&Sales::Sell, request).sale_id() == small.sale_id());
    CHECK(shop.quote(id, 1'000'000).charged_e4() == 63'000);
    CHECK(line_of(counter.trial_balance(), "tax") == -5'752);
    shop.check_books();
    // Taken back, the charge is due again.
    const auto undone = counter.client().must(&Sales::Reverse, shop.till.reversal(small.sale_id()));
    CHECK(undone.delivery_id() == 0);
    REQUIRE(undone.charges_size() == 1);
    CHECK(undone.charges(0).taken_e4() == -50'000);
    CHECK(shop.quote(id, 1'000'000).charged_e4() == 113'000);
    CHECK(line_of(counter.trial_balance(), "charges") == 0);
    CHECK(line_of(counter.trial_balance(), "tax") == 0);
    shop.check_books();

    const auto sold = shop.sell(id, 1'000'000);
    CHECK(sold.charged_e4() == 113'000);
    REQUIRE(sold.charges_size() == 1);
    CHECK(counter.account(id).in_flight_e4() == 887'000);
    REQUIRE(counter.field.deliver() == 1);
    counter.field.poll(counter.site, shop.meter);
    CHECK(counter.field.meter(shop.meter).now.balance == core::Money{1'387'000});
    const auto paper = shop.receipt(sold.sale_id());
    CHECK(paper.charged_e4() == 113'000);
    CHECK(paper.credited_e4() == 887'000);
    CHECK(paper.energy_wh() == 88'700);
    CHECK(paper.plan_name() == "Shops");
    CHECK(paper.plan_version() == shop.desk.day(-90));
    REQUIRE(paper.charges_size() == 1);
    CHECK(paper.charges(0).version() == shop.desk.day(-90));
    CHECK(paper.charges(0).taken_e4() == 113'000);
    CHECK(counter.account(id).consumed_e4() == 113'000);
    // Never twice for a month.
    CHECK(shop.sell(id, 100'000).charged_e4() == 0);
    REQUIRE(counter.field.deliver() == 1);
    counter.field.poll(counter.site, shop.meter);
    shop.check_books();
    check_statement(shop.statement(id));
    CHECK(shop.statement(id).paid_in_e4() == 1'650'000);
    CHECK(counter.count("charge_due") == 1);
}

TEST_CASE("charges: a sale that the meter gives back gives its charges back, also into a counted drawer",
          "[services][sale_charge]") {
    Shop shop;
    auto& counter = shop.counter;
    shop.desk.assign(shop.desk.create("Shops", shop.terms(shop.desk.day(-1))).plan_id());
    const auto id = counter.open_and_deliver({{shop.meter, 500'000}}).account_id();
    const bool counted = GENERATE(false, true);
    shop.till.point("P1");
    shop.till.open("P1", 1'000'000);
    const auto sold = shop.sell(id, 1'000'000);
    counter.field.deliver();
    counter.field.poll(counter.site, shop.meter);
    const auto back = counter.client().must(&Sales::Reverse, shop.till.reversal(sold.sale_id()));
    CHECK(back.amount_e4() == 1'000'000);
    CHECK(counter.delivery(back.delivery_id()).amount_e4() == -887'000);
    if (counted) {
        shop.till.close({{v1::TENDER_METHOD_CASH, 2'000'000}});
    }
    REQUIRE(counter.field.deliver() == 1);
    CHECK(counter.field.meter(shop.meter).now.balance == core::Money{500'000});
    CHECK(line_of(counter.trial_balance(), "charges") == 0);
    CHECK(counter.account(id).refund_payable_e4() == (counted ? 1'000'000 : 0));
    CHECK(counter.account(id).consumed_e4() == 0);
    CHECK(shop.quote(id, 1'000'000).charged_e4() == 113'000);
    shop.check_books();
    check_statement(shop.statement(id));
}

TEST_CASE("charges: months that nobody paid in, their minimum, and what a closing sets off",
          "[services][sale_charge]") {
    Shop shop;
    auto& counter = shop.counter;
    auto terms = shop.terms(shop.desk.day(-400));
    terms.mutable_terms()->mutable_minimum()->set_monthly_e4(500'000);
    terms.mutable_terms()->mutable_minimum()->set_spread(v1::TARIFF_SPREAD_WHOLE);
    terms.mutable_terms()->set_deposit_e4(2'000'000);
    shop.desk.assign(shop.desk.create("Shops", terms).plan_id());
    // The deposit has to be said.
    auto opening = counter.opening({{shop.meter, 500'000}});
    v1::OpenAccountResponse opened;
    CHECK(counter.client().call(&Accounts::OpenAccount, opening, opened).reason == "deposit_required");
    opening.set_deposit_e4(2'000'050);
    CHECK(counter.client().call(&Accounts::OpenAccount, opening, opened).code ==
          StatusCode::INVALID_ARGUMENT);
    opening.set_deposit_e4(2'000'000);
    const auto id = counter.client().must(&Accounts::OpenAccount, opening).account().account_id();
    counter.field.deliver();
    counter.field.poll(counter.site, shop.meter);
    CHECK(counter.account(id).deposit_e4() == 2'000'000);
    shop.check_books();

    // As if the account had been opened with last month, and had used 20 kWh in it.
    const std::string month = "date_trunc('month', now(), p.time_zone)";
    const std::string last = "date_trunc('month', now() AT TIME ZONE p.time_zone) - interval '1 month'";
    counter.database.as_superuser("UPDATE tariff_assignment SET effective_from = effective_from - 400");
    counter.database.as_superuser(
        "INSERT INTO sale_charge (property_id, account_id, meter_id, linked_at, began_at) SELECT "
        "am.property_id, "
        "am.account_id, am.meter_id, am.linked_at, (" +
        last +
        ") AT TIME ZONE p.time_zone FROM account_meter am JOIN "
        "property p USING (property_id)");
    counter.database.as_superuser("DELETE FROM daily_energy");
    counter.database.as_superuser(
        "INSERT INTO daily_energy (property_id, meter_id, day, first_at, first_wh, last_at, last_wh) SELECT "
        "am.property_id, am.meter_id, (" +
        last + ")::date, (" + last + ") AT TIME ZONE p.time_zone, 0, " + month +
        ", 20000 FROM account_meter am JOIN property p USING (property_id)");
    const auto now = shop.quote(id, 1'000'000);
    REQUIRE(now.charges_size() == 3);
    CHECK(now.charges_fault().empty());
    CHECK(now.charges(0).taken_e4() == 113'000);
    CHECK(now.charges(1).taken_e4() == 113'000);
    CHECK(now.charges(2).kind() == "minimum");
    CHECK(now.charges(2).month() == now.charges(0).month());
    CHECK(now.charges(2).taken_e4() == 500'000 - 200'000 - 113'000);
    const auto due = now.charged_e4();
    CHECK(shop.sell(id, 200'000).charged_e4() == 200'000);
    CHECK(shop.quote(id, 1'000'000).charged_e4() == due - 200'000);

    v1::QuoteClosingRequest ask;
    ask.set_property_id(counter.site.property.value);
    ask.set_account_id(id);
    const auto closing = counter.client().must(&Accounts::QuoteClosing, ask);
    CHECK(closing.deposit_e4() == 2'000'000);
    // This month ends with the closing: its minimum too is due whole, less its charge.
    CHECK(closing.charges_due_e4() == due - 200'000 + 500'000 - 113'000);
    const auto payable = 500'000 + 2'000'000 - closing.charges_due_e4();
    CHECK(closing.payable_after_e4() == payable);
    counter.client().must(&Accounts::CloseAccount, counter.closing(id));
    REQUIRE(counter.field.deliver() == 1);
    const auto account = counter.account(id);
    CHECK(account.state() == "closed");
    CHECK(account.deposit_e4() == 0);
    CHECK(account.refund_payable_e4() == payable);
    shop.check_books();
    const auto statement = shop.statement(id);
    check_statement(statement);
    CHECK(statement.deposit_e4() == 0);
    CHECK(counter.client().must(&Sales::PayRefund, shop.till.payout(id, payable)).still_payable_e4() == 0);
    shop.check_books();
}
