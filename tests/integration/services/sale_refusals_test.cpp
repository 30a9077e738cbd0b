#include <catch2/catch.hpp>

#include "tests/integration/services/counter.hpp"

using namespace wutong;
using namespace wutong::tests;
using grpc::StatusCode;

TEST_CASE("every refusal of a sale says why and changes nothing", "[services]") {
    Counter counter{3};
    const auto meter = counter.site.meters[0];
    const auto foreign = counter.site.meters[1];
    counter.database.as_superuser("UPDATE meter SET balance_max_e4 = 5000000 WHERE meter_id = " +
                                  std::to_string(meter.value));
    const auto account = counter.open_and_deliver({{meter, 1'000'000}});
    const auto id = account.account_id();
    const auto sales = counter.count("sale");
    const auto entries = counter.count("journal_entry");

    struct Case {
        std::int64_t amount;
        core::MeterId meter;
        StatusCode code;
        const char* reason;
    };
    const Case cases[] = {
        {0, meter, StatusCode::INVALID_ARGUMENT, "amount_not_positive"},
        {-10'000, meter, StatusCode::INVALID_ARGUMENT, "amount_not_positive"},
        {150, meter, StatusCode::INVALID_ARGUMENT, "amount_not_multiple_of_quantum"},
        {20'000'000'000, meter, StatusCode::INVALID_ARGUMENT, "amount_above_limit"},
        {9'000'000'000'000'000'000, meter, StatusCode::INVALID_ARGUMENT, "amount_above_limit"},
        {10'000, foreign, StatusCode::FAILED_PRECONDITION, "meter_not_linked"},
        {4'000'100, meter, StatusCode::FAILED_PRECONDITION, "above_hoarding_limit"},
    };
    for (const auto& refused : cases) {
        const auto answer = counter.try_to_sell(id, refused.meter, refused.amount);
        CAPTURE(refused.amount, refused.reason, answer.message);
        CHECK(answer.code == refused.code);
        CHECK(answer.reason == refused.reason);
        CHECK(answer.message.find("Nothing was sold") != std::string::npos);
        CHECK(answer.fields == (refused.code == StatusCode::INVALID_ARGUMENT
                                    ? std::vector<std::string>{"amount_e4"}
                                    : std::vector<std::string>{}));
    }
    CHECK(counter.try_to_sell(424'242, meter, 10'000).code == StatusCode::NOT_FOUND);
    CHECK(counter.try_to_sell(id, core::MeterId{424'242}, 10'000).code == StatusCode::NOT_FOUND);
    auto no_method = counter.sale(id, meter, 10'000);
    no_method.set_method(v1::TENDER_METHOD_UNSPECIFIED);
    v1::SaleReceipt receipt;
    CHECK(counter.client().call(&Sales::Sell, no_method, receipt).fields ==
          std::vector<std::string>{"method"});
    auto other_property = counter.sale(id, meter, 10'000);
    other_property.set_property_id(counter.site.property.value + 1000);
    CHECK(counter.client().call(&Sales::Sell, other_property, receipt).code == StatusCode::PERMISSION_DENIED);

    // A refund of more than the meter holds, with what is still on its way not counted as held.
    CHECK(counter.client().call(&Sales::Refund, counter.refund(id, meter, 1'000'100), receipt).reason ==
          "above_meter_balance");
    CHECK(counter.count("sale") == sales);
    CHECK(counter.count("journal_entry") == entries);

    // Exactly up to the limit, and then not one step more, because what is in flight counts.
    CHECK(counter.try_to_sell(id, meter, 4'000'000).ok());
    CHECK(counter.try_to_sell(id, meter, 100).reason == "above_hoarding_limit");

    // A quotation says the same without doing it.
    v1::QuoteRequest quote;
    quote.set_property_id(counter.site.property.value);
    quote.set_account_id(id);
    quote.set_meter_id(meter.value);
    quote.set_amount_e4(100);
    const auto refused = counter.client().must(&Sales::Quote, quote);
    CHECK(refused.refusal() == "above_hoarding_limit");
    CHECK(refused.in_flight_e4() == 4'000'000);
    CHECK_FALSE(refused.refusal_text().empty());

    counter.field.deliver();
    counter.client().must(&Accounts::CloseAccount, counter.closing(id));
    CHECK(counter.try_to_sell(id, meter, 10'000).reason == "account_closed");
}

TEST_CASE("the hoarding limit of the property holds for meters without one of their own; 0 is none",
          "[services]") {
    Counter counter{1};
    const auto meter = counter.site.meters[0];
    const auto property = std::to_string(counter.site.property.value);
    const auto id = counter.open_and_deliver({{meter, 0}}).account_id();
    counter.database.as_superuser("INSERT INTO parameter (property_id, key, value) VALUES (" + property +
                                  ", 'balance_max_e4', '500000')");
    CHECK(counter.try_to_sell(id, meter, 500'100).reason == "above_hoarding_limit");
    CHECK(counter.try_to_sell(id, meter, 500'000).ok());
    counter.database.as_superuser("UPDATE parameter SET value = '0'");
    CHECK(counter.try_to_sell(id, meter, 500'000).ok());
}

TEST_CASE("what can't be opened is named, and nothing is booked for it", "[services]") {
    Counter counter{3};
    const auto& meters = counter.site.meters;
    v1::OpenAccountResponse response;
    const auto refused = [&](const v1::OpenAccountRequest& request) {
        return counter.client().call(&Accounts::OpenAccount, request, response);
    };

    counter.database.as_superuser(
        "UPDATE meter SET role = 'monitor' WHERE code = 'M2'; UPDATE meter SET enabled = false WHERE code = "
        "'M3'");
    CHECK(refused(counter.opening({{meters[0], 0}, {meters[1], 0}})).reason == "meter_not_prepaid");
    CHECK(refused(counter.opening({{meters[0], 0}, {meters[2], 0}})).reason == "meter_disabled");
    CHECK(refused(counter.opening({{meters[0], 0}, {meters[0], 0}})).code == StatusCode::INVALID_ARGUMENT);
    CHECK(refused(counter.opening({{core::MeterId{99'999}, 0}})).reason == "meter_not_found");
    CHECK(refused(counter.opening({})).fields == std::vector<std::string>{"meters"});
    CHECK(refused(counter.opening({{meters[0], -100}})).reason == "amount_not_positive");
    CHECK(refused(counter.opening({{meters[0], 150}})).fields ==
          std::vector<std::string>{"meters[0].first_purchase_e4"});
    auto nameless = counter.opening({{meters[0], 0}});
    nameless.mutable_customer()->clear_name();
    CHECK(refused(nameless).fields == std::vector<std::string>{"customer.name"});
    auto overpriced = counter.opening({{meters[0], 0}});
    overpriced.mutable_meters(0)->set_price_e4(-1);
    CHECK(refused(overpriced).fields == std::vector<std::string>{"meters[0].price_e4"});
    CHECK(counter.count("account") == 0);
    CHECK(counter.count("customer") == 0);
    CHECK(counter.count("credit_delivery") == 0);

    auto numbered = counter.opening({{meters[0], 0}});
    numbered.set_number("SHOP-1");
    CHECK(refused(numbered).ok());
    CHECK(refused(counter.opening({{meters[0], 0}})).reason == "meter_has_account");
    counter.database.as_superuser("UPDATE meter SET role = 'prepaid', enabled = true");
    auto taken = counter.opening({{meters[1], 0}});
    taken.set_number("SHOP-1");
    CHECK(refused(taken).code == StatusCode::ALREADY_EXISTS);

    // While the opening is on its way the account can't be closed; the answer says which meter.
    v1::GetAccountRequest get;
    get.set_property_id(counter.site.property.value);
    get.set_number("SHOP-1");
    const auto id = counter.client().must(&Accounts::GetAccount, get).account_id();
    v1::CloseAccountResponse closed;
    const auto answer = counter.client().call(&Accounts::CloseAccount, counter.closing(id), closed);
    CHECK(answer.reason == "delivery_unfinished");
    CHECK(answer.message.find("M1") != std::string::npos);

    // A second meter joins the account.
    v1::AddMeterRequest add;
    add.set_request_id(new_request_id());
    add.set_property_id(counter.site.property.value);
    add.set_account_id(id);
    add.mutable_meter()->set_meter_id(meters[1].value);
    CHECK(counter.client().must(&Accounts::AddMeter, add).account().meters_size() == 2);

    v1::ListAccountsRequest list;
    list.set_property_id(counter.site.property.value);
    list.set_search("SHOP");
    CHECK(counter.client().must(&Accounts::ListAccounts, list).accounts_size() == 1);
    list.set_search("nobody");
    CHECK(counter.client().must(&Accounts::ListAccounts, list).accounts_size() == 0);
}
