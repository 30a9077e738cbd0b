#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/message_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/api/message_methods.hpp"
#include "client-wx/presenters/accounts/account_presenter.hpp"
#include "client-wx/presenters/accounts/accounts_presenter.hpp"
#include "client-wx/presenters/accounts/closing_presenter.hpp"
#include "client-wx/presenters/forms/form.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

v1::Account noodle_house() {
    v1::Account account;
    account.set_account_id(103);
    account.set_number("100103");
    account.set_state("open");
    account.mutable_customer()->set_name("Noodle House");
    account.set_prepaid_credit_e4(184'600);
    account.set_refund_payable_e4(50'000);
    account.set_unallocated_e4(10'000);
    auto* meter = account.add_meters();
    meter->set_meter_id(33);
    meter->set_unit_code("C-312");
    meter->set_meter_code("000241875520");
    meter->set_purchase_number(27);
    meter->set_meter_balance_e4(182'000);
    auto* two = meter->mutable_balances();
    two->set_ledger_e4(184'600);
    two->set_meter_e4(182'000);
    two->set_difference_e4(-2'600);
    two->set_use_not_booked_e4(-2'600);
    two->set_rounding_e4(0);
    two->set_unexplained_e4(0);
    return account;
}

v1::ClosingQuote closing_quote() {
    v1::ClosingQuote quote;
    quote.set_account_id(103);
    quote.set_number("100103");
    quote.set_customer("Noodle House");
    quote.set_state("open");
    auto* meter = quote.add_meters();
    meter->set_meter_id(33);
    meter->set_unit_code("C-312");
    meter->set_meter_balance_e4(182'000);
    meter->set_ledger_e4(184'600);
    meter->set_answers(true);
    quote.set_prepaid_credit_e4(184'600);
    quote.set_refund_payable_e4(50'000);
    quote.set_payable_after_e4(232'000);
    return quote;
}

const std::vector<std::string> kAll{"account.read", "account.write", "sale.read",
                                    "sale.write",   "sale.refund",   "device.read"};

struct AccountScene : SaleScene {
    AccountScene() : SaleScene{kAll} {
        server.on(method::get_account, [](const v1::GetAccountRequest&) { return noodle_house(); });
        server.on(method::list_sales, [this](const v1::ListSalesRequest&) {
            v1::ListSalesResponse sales;
            *sales.add_sales() = receipt();
            return sales;
        });
        server.on(method::list_entries, [](const v1::ListEntriesRequest&) {
            v1::ListEntriesResponse entries;
            auto* entry = entries.add_entries();
            entry->set_kind("sale");
            auto* till = entry->add_postings();
            till->set_account("tender");
            till->set_amount_e4(2'000'000);
            auto* way = entry->add_postings();
            way->set_account("credit_in_flight");
            way->set_amount_e4(-2'000'000);
            return entries;
        });
        server.on(method::list_deliveries,
                  [](const v1::ListDeliveriesRequest&) { return v1::ListDeliveriesResponse{}; });
    }
};

}  // namespace

TEST_CASE("account: both balances side by side, and why they differ") {
    AccountScene scene;
    AccountPresenter account{scene.context, [] {}};
    account.open(103);
    scene.server.deliver();
    const auto& screen = account.screen();
    CHECK(screen.title == "Noodle House");
    REQUIRE(screen.meters.size() == 1);
    CHECK(screen.meters[0].on_meter == "¥18.20");
    CHECK(screen.meters[0].ledger == "¥18.46");
    CHECK(screen.meters[0].difference == "−¥0.26 explained");
    CHECK_FALSE(screen.meters[0].unexplained);
    REQUIRE(screen.meters[0].causes.size() == 1);
    CHECK(screen.payable == "¥6.00");
    CHECK(screen.something_payable);
    CHECK(screen.may_pay_out);
    REQUIRE(screen.sales.rows.size() == 1);
    CHECK(screen.sales.keys[0] == 900);
    REQUIRE(screen.entries.rows.size() == 1);
    CHECK(screen.entries.rows[0][2].text == "¥200.00");
    CHECK(screen.entries.rows[0][3].text == "Till");
}

TEST_CASE("account: what can't be explained is said in red") {
    AccountScene scene;
    scene.server.on(method::get_account, [](const v1::GetAccountRequest&) {
        auto account = noodle_house();
        account.mutable_meters(0)->mutable_balances()->set_unexplained_e4(-2'000);
        return account;
    });
    AccountPresenter account{scene.context, [] {}};
    account.open(103);
    scene.server.deliver();
    CHECK(account.screen().meters[0].unexplained);
}

TEST_CASE("account: could not be loaded; tried again when the server is back") {
    AccountScene scene;
    scene.server.no_rule(method::get_account);
    AccountPresenter account{scene.context, [] {}};
    account.open(103);
    scene.server.fail(method::get_account, fault_of(Fault::Kind::unreachable));
    CHECK_FALSE(account.screen().fault.empty());
    CHECK(account.screen().title.empty());
    scene.clock.advance(std::chrono::seconds{6});
    scene.server.answer(method::get_account, noodle_house());
    CHECK(account.screen().title == "Noodle House");
    CHECK(account.screen().fault.empty());
}

TEST_CASE("account: who may only look has no buttons") {
    SaleScene scene{{"account.read", "sale.read", "device.read"}};
    scene.server.on(method::get_account, [](const v1::GetAccountRequest&) { return noodle_house(); });
    AccountPresenter account{scene.context, [] {}};
    account.open(103);
    scene.server.deliver();
    CHECK_FALSE(account.screen().may_sell);
    CHECK_FALSE(account.screen().may_refund);
    CHECK_FALSE(account.screen().may_write);
    CHECK_FALSE(account.screen().why_not_write.empty());
}

TEST_CASE("accounts: the list, its search and its states") {
    AccountScene scene;
    scene.server.on(method::list_accounts, [](const v1::ListAccountsRequest& asked) {
        v1::ListAccountsResponse found;
        if (asked.search() == "zzz") {
            return found;
        }
        *found.add_accounts() = noodle_house();
        return found;
    });
    AccountsPresenter accounts{scene.context};
    accounts.open();
    scene.server.deliver();
    REQUIRE(accounts.screen().rows.size() == 1);
    CHECK(accounts.screen().rows[0].id == 103);
    CHECK(accounts.screen().rows[0].cells[0].text == "C-312");
    CHECK(accounts.screen().rows[0].cells[4].text == "¥18.20");
    CHECK(scene.server.asked(method::list_accounts).back().state() == "open");
    // Three letters, one question.
    const auto before = scene.server.asked(method::list_accounts).size();
    accounts.search("z");
    accounts.search("zz");
    accounts.search("zzz");
    scene.clock.advance(std::chrono::milliseconds{300});
    scene.server.deliver();
    CHECK(scene.server.asked(method::list_accounts).size() == before + 1);
    CHECK(accounts.screen().rows.empty());
    CHECK_FALSE(accounts.screen().empty.empty());
    accounts.clear_filter();
    scene.server.deliver();
    CHECK(accounts.screen().rows.size() == 1);
    CHECK(scene.server.asked(method::list_accounts).back().state().empty());
}

TEST_CASE("closing: the settlement is shown before, the reason is needed, it is sent once") {
    AccountScene scene;
    scene.server.on(method::quote_closing, [](const v1::QuoteClosingRequest&) { return closing_quote(); });
    ClosingPresenter closing{scene.context, [] {}};
    closing.open(103);
    CHECK_FALSE(closing.screen().can_commit);
    scene.server.deliver();
    const auto& screen = closing.screen();
    CHECK(screen.title == "Close account 100103");
    CHECK(screen.result == "¥23.20");
    CHECK_FALSE(screen.owes);
    CHECK(screen.commit == "Close account 100103 and clear 1 meter");
    closing.commit();
    CHECK_FALSE(screen.reason_error.empty());
    CHECK(scene.server.asked(method::close_account).empty());
    closing.type_reason("moved out");
    closing.commit();
    closing.commit();
    REQUIRE(scene.server.asked(method::close_account).size() == 1);
    CHECK(scene.server.asked(method::close_account)[0].reason() == "moved out");
    scene.server.fail(method::close_account, fault_of(Fault::Kind::outcome_unknown));
    scene.clock.advance(std::chrono::seconds{3});
    const auto asked = scene.server.asked(method::close_account);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].SerializeAsString() == asked[1].SerializeAsString());
    v1::CloseAccountResponse answer;
    *answer.mutable_account() = noodle_house();
    scene.server.answer(method::close_account, answer);
    CHECK(screen.finished);
    CHECK(scene.navigator.opened.back() == Place{Page::account, 103, {}});
}

TEST_CASE("closing: what stands in the way is said, with its code") {
    AccountScene scene;
    scene.server.on(method::quote_closing, [](const v1::QuoteClosingRequest&) {
        auto quote = closing_quote();
        quote.set_payable_after_e4(-35'000);
        auto* blocker = quote.add_blockers();
        blocker->set_reason("delivery_unfinished");
        blocker->set_text("something is on its way");
        return quote;
    });
    ClosingPresenter closing{scene.context, [] {}};
    closing.open(103);
    scene.server.deliver();
    CHECK(closing.screen().owes);
    CHECK(closing.screen().result == "¥3.50");
    REQUIRE(closing.screen().blockers.size() == 1);
    CHECK(closing.screen().blockers[0].find("delivery_unfinished") != std::string::npos);
    closing.type_reason("x");
    closing.commit();
    CHECK(scene.server.asked(method::close_account).empty());
}

TEST_CASE("closing: a balance that is not known gives no sum") {
    AccountScene scene;
    scene.server.on(method::quote_closing, [](const v1::QuoteClosingRequest&) {
        auto quote = closing_quote();
        quote.clear_payable_after_e4();
        quote.mutable_meters(0)->clear_meter_balance_e4();
        quote.mutable_meters(0)->set_answers(false);
        return quote;
    });
    ClosingPresenter closing{scene.context, [] {}};
    closing.open(103);
    scene.server.deliver();
    CHECK(closing.screen().result == "—");
    CHECK(closing.screen().meters[0].on_meter == "—");
    CHECK(closing.screen().meters[0].check.state == SaleCheck::State::warning);
}

TEST_CASE(
    "account: what the tenant was told is fetched when somebody looks, and where is changed in a form") {
    AccountScene scene;
    scene.server.on(method::get_message_contact, [](const v1::GetMessageContactRequest& asked) {
        CHECK(asked.account_id() == 103);
        v1::MessageContact contact;
        contact.set_customer_id(7);
        contact.set_language("zh");
        return contact;
    });
    scene.server.on(method::list_messages, [](const v1::ListMessagesRequest&) {
        v1::ListMessagesResponse list;
        auto* message = list.add_messages();
        message->set_message_id(5);
        message->set_kind("alarm_2");
        message->set_channel("sms");
        message->set_recipient("+8613800138000");
        message->set_state("failed");
        message->set_reason("the network refused it");
        return list;
    });
    AccountPresenter account{scene.context, [] {}};
    account.open(103);
    scene.server.deliver();
    CHECK(scene.server.asked(method::list_messages).empty());
    CHECK(account.contact_form() == nullptr);
    account.show_messages();
    scene.server.deliver();
    const auto& table = account.screen().messages;
    REQUIRE(table.rows.size() == 1);
    CHECK(table.rows[0][1].text == "Alarm 2");
    CHECK(table.rows[0][4].text == "Failed");
    CHECK(table.rows[0][5].text == "the network refused it");
    CHECK(account.screen().told == "The tenant is told nothing.");

    const auto form = account.contact_form();
    REQUIRE(form);
    CHECK(form->screen().fields.size() == 7);
    form->set(0, "13800138000");
    form->submit();
    CHECK_FALSE(form->screen().fields[0].error.empty());
    CHECK(scene.server.asked(method::set_message_contact).empty());
    form->set(0, "+8613800138000");
    form->set(6, "");
    form->submit();
    const auto sent = scene.server.asked(method::set_message_contact);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].contact().customer_id() == 7);
    CHECK(sent[0].contact().wants_size() == 3);
}
