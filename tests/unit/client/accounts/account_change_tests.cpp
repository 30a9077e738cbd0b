#include <wutong/v1/account_change_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/api/account_change_methods.hpp"
#include "client-wx/presenters/accounts/account_presenter.hpp"
#include "client-wx/presenters/accounts/exchange_presenter.hpp"
#include "client-wx/presenters/accounts/transfer_presenter.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

void block(google::protobuf::RepeatedPtrField<v1::ChangeBlocker>& blockers, const std::string& reason,
           std::int64_t meter) {
    auto& one = *blockers.Add();
    one.set_reason(reason);
    one.set_text("as the server says it");
    one.set_meter_id(meter);
}

v1::ExchangeQuote exchange_quote() {
    v1::ExchangeQuote quote;
    quote.set_account_number("100103");
    quote.set_energy_wh(492'602'600);
    quote.set_meter_balance_e4(182'000);
    quote.set_use_to_book_e4(2'600);
    quote.set_ledger_e4(182'000);
    quote.set_difference_e4(0);
    quote.set_carried_e4(182'000);
    return quote;
}

v1::ExchangeMeterResponse exchanged() {
    v1::ExchangeMeterResponse answer;
    answer.set_delivery_id(701);
    answer.set_clear_delivery_id(702);
    answer.mutable_exchange()->set_carried_e4(182'000);
    return answer;
}

/// C-312 (meter 33, account 103) gets A-104 (meter 35).
struct ExchangeScene : SaleScene {
    std::unique_ptr<ExchangePresenter> exchange;
    v1::ExchangeQuote quote{exchange_quote()};
    explicit ExchangeScene(const std::vector<std::string>& may = {"account.read", "account.write",
                                                                  "device.read"})
        : SaleScene{may} {
        server.on(method::quote_exchange, [this](const v1::ExchangeMeterRequest&) { return quote; });
        server.on(method::get_account, [](const v1::GetAccountRequest&) {
            v1::Account account;
            account.set_account_id(103);
            account.set_unallocated_e4(10'000);
            return account;
        });
        exchange = std::make_unique<ExchangePresenter>(context, [] {});
        exchange->open(33);
        server.deliver();
    }
    void choose() {
        exchange->type_meter("104");
        exchange->meter_entered();
        server.deliver();
    }
    [[nodiscard]] const ExchangeScreen& screen() const { return exchange->screen(); }
    [[nodiscard]] std::vector<v1::ExchangeMeterRequest> acts() const {
        return server.asked(method::exchange_meter);
    }
};

v1::TransferQuote transfer_quote() {
    v1::TransferQuote quote;
    quote.set_account_number("100103");
    quote.set_customer("Noodle House");
    auto* meter = quote.add_meters();
    meter->set_meter_id(33);
    meter->set_unit_code("C-312");
    meter->set_energy_wh(492'602'600);
    meter->set_meter_balance_e4(182'000);
    meter->set_ledger_e4(182'000);
    meter->set_carried_e4(182'000);
    quote.set_carried_e4(182'000);
    quote.set_payable_after_e4(10'000);
    return quote;
}

struct TransferScene : SaleScene {
    std::unique_ptr<TransferPresenter> transfer;
    v1::TransferQuote quote{transfer_quote()};
    TransferScene() : SaleScene{{"account.read", "account.write", "device.read"}} {
        server.on(method::quote_transfer, [this](const v1::TransferAccountRequest&) { return quote; });
        server.on(method::list_customers, [](const v1::ListCustomersRequest&) {
            v1::ListCustomersResponse found;
            auto* one = found.add_customers();
            one->mutable_customer()->set_customer_id(12);
            one->mutable_customer()->set_name("Tea & Co.");
            one->mutable_customer()->set_phone("138");
            return found;
        });
        transfer = std::make_unique<TransferPresenter>(context, [] {});
        transfer->open(103);
        server.deliver();
    }
    void type_all() {
        transfer->type(TransferScreen::Field::name, "Tea & Co.");
        transfer->type(TransferScreen::Field::reason, "moved out");
    }
    [[nodiscard]] const TransferScreen& screen() const { return transfer->screen(); }
    [[nodiscard]] std::vector<v1::TransferAccountRequest> acts() const {
        return server.asked(method::transfer_account);
    }
};

}  // namespace

TEST_CASE(
    "exchange: only meters without an account are offered; the quote before, the amount in the button") {
    ExchangeScene scene;
    CHECK(scene.screen().title == "Exchange the meter of C-312");
    CHECK(scene.server.asked(method::quote_exchange).empty());
    scene.exchange->type_meter("312");
    CHECK(scene.screen().matches.empty());  // all of them have tenants
    scene.exchange->meter_entered();
    CHECK_FALSE(scene.screen().who_error.empty());
    scene.choose();
    CHECK(scene.screen().who == "A-104");
    CHECK(scene.screen().result == "¥18.20");
    CHECK(scene.screen().commit == "Exchange, carry ¥18.20");
    REQUIRE(scene.screen().after.size() == 2);
    CHECK(scene.screen().after[0].after == "¥18.20");
    CHECK(scene.screen().after[1].before == "¥18.20");
    CHECK(scene.screen().after[1].after == "¥0.00");
    CHECK(scene.screen().can_commit);
    // Only what matters is asked.
    CHECK_FALSE(scene.screen().carry_waiting.shown);
    CHECK_FALSE(scene.screen().accept_difference.shown);
    CHECK_FALSE(scene.screen().typed.shown);
    CHECK(scene.screen().carry_unallocated.shown);
    CHECK(scene.screen().carry_unallocated.words.find("¥1.00") != std::string::npos);
}

TEST_CASE("exchange: a blocker says what to do and offers the choice that ends it") {
    ExchangeScene scene;
    block(*scene.quote.mutable_blockers(), "delivery_waiting", 33);
    scene.choose();
    CHECK_FALSE(scene.screen().can_commit);
    REQUIRE(scene.screen().blockers.size() == 1);
    CHECK(scene.screen().blockers[0].find("C-312: A payment waits") == 0);
    CHECK(scene.screen().blockers[0].find("carry_waiting") == std::string::npos);
    REQUIRE(scene.screen().carry_waiting.shown);
    scene.quote = exchange_quote();
    scene.quote.set_waiting_e4(100'000);
    scene.exchange->tick(ExchangePresenter::Choice::carry_waiting, true);
    scene.server.deliver();
    CHECK(scene.server.asked(method::quote_exchange).back().carry_waiting());
    CHECK(scene.screen().carry_waiting.shown);
    CHECK(scene.screen().can_commit);

    scene.quote = exchange_quote();
    scene.quote.set_unexplained_e4(-5'000);
    block(*scene.quote.mutable_blockers(), "balances_differ", 33);
    scene.clock.advance(std::chrono::seconds{6});
    scene.server.deliver();
    CHECK(scene.screen().accept_difference.shown);
    CHECK_FALSE(scene.screen().can_commit);
}

TEST_CASE("exchange: a dead meter's reading is typed, with why; what can't be read is said") {
    ExchangeScene scene;
    block(*scene.quote.mutable_blockers(), "reading_too_old", 33);
    scene.choose();
    REQUIRE(scene.screen().typed.shown);
    scene.quote = exchange_quote();
    scene.quote.set_typed(true);
    scene.exchange->tick(ExchangePresenter::Choice::typed, true);
    CHECK(scene.screen().leave_old.ticked);
    scene.exchange->type(ExchangeScreen::Field::energy, "492,6x");
    scene.exchange->type(ExchangeScreen::Field::reason, "burnt");
    scene.clock.advance(std::chrono::seconds{6});
    scene.server.deliver();
    scene.exchange->commit();
    CHECK(scene.acts().empty());
    CHECK_FALSE(scene.screen().energy_error.empty());
    CHECK_FALSE(scene.screen().typed_reason_error.empty());
    scene.exchange->type(ExchangeScreen::Field::energy, "492602.6");
    scene.exchange->type(ExchangeScreen::Field::balance, "-2.10");
    scene.exchange->type(ExchangeScreen::Field::typed_reason, "burnt, read by Li");
    scene.clock.advance(std::chrono::seconds{1});
    scene.server.deliver();
    scene.exchange->commit();
    REQUIRE(scene.acts().size() == 1);
    CHECK(scene.acts()[0].typed().energy_wh() == 492'602'600);
    CHECK(scene.acts()[0].typed().balance_e4() == -21'000);
    CHECK(scene.acts()[0].typed().reason() == "burnt, read by Li");
    CHECK(scene.acts()[0].leave_old_meter());
}

TEST_CASE("exchange: a reason, once, the same request until it is answered, then followed to the end") {
    ExchangeScene scene;
    scene.choose();
    scene.exchange->commit();
    CHECK_FALSE(scene.screen().reason_error.empty());
    CHECK(scene.acts().empty());
    scene.exchange->type(ExchangeScreen::Field::reason, "display dark");
    scene.exchange->commit();
    scene.exchange->commit();
    REQUIRE(scene.acts().size() == 1);
    CHECK(scene.acts()[0].old_meter_id() == 33);
    CHECK(scene.acts()[0].new_meter_id() == 35);
    scene.server.fail(method::exchange_meter, outcome_unknown());
    CHECK(scene.screen().notice.find("same number") != std::string::npos);
    scene.exchange->type(ExchangeScreen::Field::reason, "something else");  // too late
    scene.clock.advance(std::chrono::seconds{5});
    REQUIRE(scene.acts().size() == 2);
    CHECK(scene.acts()[0].SerializeAsString() == scene.acts()[1].SerializeAsString());
    scene.server.answer(method::exchange_meter, exchanged());
    CHECK(scene.screen().finished);
    CHECK(scene.screen().new_steps.size() == 3);
    CHECK(scene.screen().old_steps.size() == 3);
    v1::Delivery delivered;
    delivered.set_state("delivered");
    scene.server.push(method::watch_delivery, delivered);
    CHECK(scene.screen().steps_note.find("serves the tenant") != std::string::npos);
    CHECK(scene.navigator.toasts.size() == 1);
    scene.exchange->to_account();
    CHECK(scene.navigator.opened.back() == Place{Page::account, 103, {}});
}

TEST_CASE("exchange: refused, offline, without the right, and a new meter that refuses") {
    SECTION("refused: why, what was not done, and it can be tried again") {
        ExchangeScene scene;
        scene.choose();
        scene.exchange->type(ExchangeScreen::Field::reason, "x");
        scene.exchange->commit();
        scene.server.fail(method::exchange_meter, refused("delivery_under_way", "Delivery 7 was sent"));
        scene.server.deliver();
        CHECK(scene.screen().notice.find("Nothing was changed. A payment was sent") == 0);
        CHECK(scene.screen().notice_is_error);
        CHECK(scene.screen().can_commit);
    }
    SECTION("offline: what is typed stays") {
        ExchangeScene scene;
        scene.choose();
        scene.exchange->type(ExchangeScreen::Field::reason, "x");
        scene.link.lose();
        CHECK_FALSE(scene.screen().can_commit);
        CHECK(scene.screen().reason == "x");
        CHECK(scene.screen().who == "A-104");
    }
    SECTION("no right") {
        ExchangeScene scene{{"account.read", "device.read"}};
        scene.choose();
        CHECK_FALSE(scene.screen().can_commit);
    }
    SECTION("the new meter refuses its opening") {
        ExchangeScene scene;
        scene.choose();
        scene.exchange->type(ExchangeScreen::Field::reason, "x");
        scene.exchange->commit();
        scene.server.answer(method::exchange_meter, exchanged());
        v1::Delivery delivery;
        delivery.set_state("refused");
        scene.server.push(method::watch_delivery, delivery);
        CHECK(scene.screen().steps_failed);
        CHECK(scene.screen().steps_note.find("pay it out") != std::string::npos);
    }
}

TEST_CASE("account: the evidence of exchanges, and what is left of it without the right") {
    SaleScene scene{{"account.read", "account.write", "sale.read", "device.read"}};
    AccountPresenter account{scene.context, [] {}};
    account.open(103);
    v1::Account found;
    found.set_account_id(103);
    found.set_state("open");
    found.mutable_customer()->set_name("Noodle House");
    scene.server.answer(method::get_account, found);
    v1::ListExchangesResponse answer;
    auto* one = answer.add_exchanges();
    one->set_exchange_id(5);
    one->set_old_meter_code("000241875520");
    one->set_new_meter_code("000241875521");
    one->set_energy_wh(492'602'600);
    one->set_typed_reason("burnt, read by Li");
    one->set_carried_e4(182'000);
    one->set_debt_e4(500);
    one->set_delivery_state("delivered");
    scene.server.answer(method::list_exchanges, answer);
    REQUIRE(account.screen().exchanges.rows.size() == 1);
    CHECK(account.screen().exchanges.rows[0][3].text == "¥18.20");
    const auto facts = account.exchange(0);
    const auto has = [&](const std::string& label, const std::string& value) {
        return std::find(facts.begin(), facts.end(), std::pair{label, value}) != facts.end();
    };
    CHECK(has("Typed because", "burnt, read by Li"));
    CHECK(has("Its last reading", "492,602.60 kWh"));
    CHECK(has("Clearing of the old one", "left as it is"));
    CHECK(account.exchange(1).empty());
}

TEST_CASE(
    "transfer: the settlement meter by meter, the two ways of the money, the consequence in the button") {
    TransferScene scene;
    CHECK(scene.screen().from == "Noodle House");
    REQUIRE(scene.screen().rows.size() == 1);
    CHECK(scene.screen().rows[0][6].text == "¥18.20");
    CHECK(scene.screen().payable == "¥1.00");
    scene.type_all();
    CHECK(scene.screen().consequence == "1 meter goes from Noodle House to Tea & Co. with ¥18.20.");
    CHECK(scene.screen().commit == "Hand over with ¥18.20");
    CHECK(scene.screen().can_commit);
    scene.quote.mutable_meters(0)->set_carried_e4(0);
    scene.quote.mutable_meters(0)->set_payable_e4(182'000);
    scene.quote.set_carried_e4(0);
    scene.quote.set_payable_e4(182'000);
    scene.quote.set_payable_after_e4(-192'000);
    scene.transfer->choose_carry(false);
    CHECK_FALSE(scene.screen().can_commit);  // the settlement on the screen is the other way's
    scene.server.deliver();
    CHECK(scene.server.asked(method::quote_transfer).back().money() == v1::TRANSFER_MONEY_REFUND);
    CHECK(scene.screen().rows[0][6].text == "¥18.20");
    CHECK(scene.screen().owes);
    CHECK(scene.screen().payable == "¥19.20");
    CHECK(scene.screen().commit == "Hand over, ¥18.20 payable");
}

TEST_CASE("transfer: a name and a reason; once; the new account's page afterwards") {
    TransferScene scene;
    scene.transfer->commit();
    CHECK_FALSE(scene.screen().name_error.empty());
    CHECK_FALSE(scene.screen().reason_error.empty());
    scene.type_all();
    scene.transfer->commit();
    scene.transfer->commit();
    REQUIRE(scene.acts().size() == 1);
    CHECK(scene.acts()[0].customer().name() == "Tea & Co.");
    CHECK(scene.acts()[0].money() == v1::TRANSFER_MONEY_CARRY);
    scene.server.fail(method::transfer_account, unreachable());
    scene.clock.advance(std::chrono::seconds{5});
    REQUIRE(scene.acts().size() == 2);
    CHECK(scene.acts()[0].SerializeAsString() == scene.acts()[1].SerializeAsString());
    v1::TransferAccountResponse answer;
    answer.mutable_new_account()->set_account_id(220);
    answer.mutable_new_account()->set_number("100220");
    answer.mutable_settlement()->set_payable_after_e4(10'000);
    scene.server.answer(method::transfer_account, answer);
    CHECK(scene.navigator.opened.back() == Place{Page::account, 220, {}});
    CHECK(scene.navigator.toasts.back().find("¥1.00") != std::string::npos);
}

TEST_CASE("transfer: a customer who is known, blockers, a difference, a refusal") {
    TransferScene scene;
    scene.transfer->type(TransferScreen::Field::name, "Tea");
    scene.clock.advance(std::chrono::seconds{1});
    scene.server.deliver();
    REQUIRE(scene.screen().known.size() == 1);
    scene.transfer->choose_customer(0);
    CHECK(scene.screen().customer_id == 12);
    CHECK(scene.screen().phone == "138");
    block(*scene.quote.mutable_blockers(), "balances_differ", 33);
    scene.clock.advance(std::chrono::seconds{6});
    scene.server.deliver();
    REQUIRE(scene.screen().blockers.size() == 1);
    CHECK(scene.screen().blockers[0].find("C-312: The meter and the books differ") == 0);
    CHECK(scene.screen().offers_difference);
    CHECK_FALSE(scene.screen().can_commit);
    scene.quote = transfer_quote();
    scene.transfer->accept_difference(true);
    scene.server.deliver();
    CHECK(scene.screen().can_commit);
    scene.transfer->type(TransferScreen::Field::reason, "moved out");
    scene.transfer->commit();
    REQUIRE(scene.acts().size() == 1);
    CHECK(scene.acts()[0].customer().customer_id() == 12);
    CHECK(scene.acts()[0].customer().name().empty());
    CHECK(scene.acts()[0].accept_difference());
    scene.server.fail(method::transfer_account, refused("reading_too_old"));
    scene.server.deliver();
    CHECK(scene.screen().notice.find("Nothing was changed.") == 0);
    CHECK(scene.screen().notice_is_error);
    scene.transfer->new_customer();
    CHECK(scene.screen().name.empty());
}
