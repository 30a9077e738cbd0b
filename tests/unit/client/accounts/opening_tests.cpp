#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/site_service.pb.h>

#include <catch2/catch.hpp>

#include "client-wx/presenters/accounts/opening_presenter.hpp"
#include "client-wx/text/format.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

namespace {

using Value = OpeningPresenter::Value;

struct OpeningScene : SaleScene {
    OpeningScene() : SaleScene{{"account.write", "account.read", "parameter.read", "device.read"}} {
        server.on(method::get_parameters, [](const v1::GetParametersRequest&) {
            v1::Parameters parameters;
            const auto add = [&](const char* key, const char* value) {
                auto* one = parameters.add_parameters();
                one->set_key(key);
                one->set_value(value);
            };
            add("price_e4", "10500");
            add("alarm_1_e4", "400000");
            add("alarm_2_e4", "150000");
            add("overdraft_e4", "100000");
            add("overload_w", "6500");
            return parameters;
        });
        server.on(method::list_customers, [](const v1::ListCustomersRequest&) {
            v1::ListCustomersResponse found;
            auto* one = found.add_customers();
            one->mutable_customer()->set_customer_id(55);
            one->mutable_customer()->set_name("Tea & Co.");
            one->mutable_customer()->set_phone("138 0013 8000");
            one->add_accounts()->set_number("100102");
            return found;
        });
        // Units without an account.
        v1::LiveUpdate update;
        add(update, {41, "B-401", "", 0, 0});
        add(update, {42, "B-402", "", 0, 0});
        server.push(method::watch_live, update);
        clock.advance(std::chrono::seconds{1});
        opening.open(0, 0);
        server.deliver();
    }
    OpeningPresenter opening{context, [] {}};
    [[nodiscard]] const OpeningScreen& form() const { return opening.screen(); }
    void fill_in() {
        opening.type_name("Lamp Shop");
        opening.type_phone("021 5555");
        opening.type_meter(0, "b401");
        opening.meter_entered(0);
        opening.type_value(0, Value::first_purchase, "200");
    }
};

v1::OpenAccountResponse opened() {
    v1::OpenAccountResponse answer;
    answer.mutable_account()->set_account_id(777);
    answer.mutable_account()->set_number("100777");
    answer.add_delivery_ids(1);
    return answer;
}

}  // namespace

TEST_CASE("opening: defaults are filled in, what was typed stays") {
    OpeningScene scene;
    REQUIRE(scene.form().meters.size() == 1);
    CHECK(scene.form().meters[0].price.text == "1.0500");
    CHECK(scene.form().meters[0].alarm_1.text == "40.00");
    CHECK(scene.form().meters[0].alarm_2.text == "15.00");
    CHECK(scene.form().meters[0].overdraft.text == "10.00");
    CHECK(scene.form().meters[0].overload_kw.text == "6.50");
    scene.opening.type_value(0, Value::alarm_1, "77");
    scene.opening.add_meter();
    CHECK(scene.form().meters[0].alarm_1.text == "77");
    CHECK(scene.form().meters[1].alarm_1.text == "40.00");
}

TEST_CASE("opening: one page, one meter, a first purchase; sent once") {
    OpeningScene scene;
    scene.fill_in();
    CHECK(scene.form().meters[0].meter_id == 41);
    CHECK(scene.form().focus == OpeningScreen::Field::first_purchase);
    CHECK(scene.form().commit == "Open account and sell ¥200.00");
    scene.opening.choose_tender(Tender::card);
    scene.opening.commit();
    scene.opening.commit();
    const auto asked = scene.server.asked(method::open_account);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].customer().name() == "Lamp Shop");
    CHECK(asked[0].method() == v1::TENDER_METHOD_CARD);
    REQUIRE(asked[0].meters_size() == 1);
    CHECK(asked[0].meters(0).meter_id() == 41);
    CHECK(asked[0].meters(0).first_purchase_e4() == 2'000'000);
    CHECK(asked[0].meters(0).price_e4() == 10'500);
    CHECK(asked[0].meters(0).alarm_1_e4() == 400'000);
    CHECK(asked[0].meters(0).overload_w() == 6'500);
    scene.server.answer(method::open_account, opened());
    REQUIRE_FALSE(scene.navigator.opened.empty());
    CHECK(scene.navigator.opened.back() == Place{Page::account, 777, {}});
    CHECK(scene.form().name.text.empty());
}

TEST_CASE("opening: several meters; one is not named twice, one with an account is not taken") {
    OpeningScene scene;
    scene.fill_in();
    scene.opening.add_meter();
    scene.opening.type_meter(1, "b401");
    scene.opening.meter_entered(1);
    CHECK_FALSE(scene.form().meters[1].who.error.empty());
    CHECK(scene.form().meters[1].meter_id == 0);
    scene.opening.type_meter(1, "c312");
    scene.opening.meter_entered(1);
    CHECK(scene.form().meters[1].who.error.find("100103") != std::string::npos);
    scene.opening.type_meter(1, "b402");
    scene.opening.meter_entered(1);
    scene.opening.type_value(1, Value::first_purchase, "50");
    CHECK(scene.form().commit == "Open account and sell ¥250.00");
    scene.opening.commit();
    REQUIRE(scene.server.asked(method::open_account).size() == 1);
    CHECK(scene.server.asked(method::open_account)[0].meters_size() == 2);
}

TEST_CASE("opening: no more meters than fit on the page") {
    OpeningScene scene;
    for (int i = 0; i < 100; ++i) {
        scene.opening.add_meter();
    }
    CHECK(scene.form().meters.size() == OpeningPresenter::kMetersMax);
    CHECK_FALSE(scene.form().can_add);
    for (int i = 0; i < 100; ++i) {
        scene.opening.remove_meter(0);
    }
    CHECK(scene.form().meters.size() == 1);
}

TEST_CASE("opening: a customer who is known already") {
    OpeningScene scene;
    scene.opening.type_name("Te");
    scene.clock.advance(std::chrono::milliseconds{500});
    scene.server.deliver();
    REQUIRE(scene.form().known.size() == 1);
    scene.opening.choose_customer(0);
    CHECK(scene.form().customer_id == 55);
    CHECK(scene.form().name.text == "Tea & Co.");
    scene.opening.choose_meter(0, 41);
    scene.opening.commit();
    REQUIRE(scene.server.asked(method::open_account).size() == 1);
    CHECK(scene.server.asked(method::open_account)[0].customer().customer_id() == 55);
    CHECK(scene.server.asked(method::open_account)[0].customer().name().empty());
}

TEST_CASE("opening: what is missing or wrong stands under its field, the first gets the focus") {
    OpeningScene scene;
    scene.opening.commit();
    CHECK_FALSE(scene.form().name.error.empty());
    CHECK_FALSE(scene.form().meters[0].who.error.empty());
    CHECK(scene.form().focus == OpeningScreen::Field::name);
    scene.fill_in();
    scene.opening.type_value(0, Value::price, "0");
    scene.opening.type_value(0, Value::alarm_2, "90");
    scene.opening.type_value(0, Value::overload, "much");
    scene.opening.type_value(0, Value::first_purchase, "two");
    scene.opening.commit();
    CHECK_FALSE(scene.form().meters[0].price.error.empty());
    CHECK_FALSE(scene.form().meters[0].alarm_2.error.empty());
    CHECK_FALSE(scene.form().meters[0].overload_kw.error.empty());
    CHECK_FALSE(scene.form().meters[0].first_purchase.error.empty());
    CHECK(scene.form().focus == OpeningScreen::Field::price);
    CHECK(scene.server.asked(method::open_account).empty());
    CHECK(scene.form().name.text == "Lamp Shop");
}

TEST_CASE("opening: the server's faults go to their fields") {
    OpeningScene scene;
    scene.fill_in();
    scene.opening.commit();
    auto fault = fault_of(Fault::Kind::invalid, "invalid_field", "wrong");
    fault.fields = {{"meters[0].alarm_1_e4", "can't be held by this meter"},
                    {"customer.phone", "is too long"}};
    scene.server.fail(method::open_account, fault);
    CHECK_FALSE(scene.form().meters[0].alarm_1.error.empty());
    CHECK_FALSE(scene.form().phone.error.empty());
    CHECK(scene.form().meters[0].first_purchase.text == "200");
    CHECK_FALSE(scene.form().busy);
}

TEST_CASE(
    "opening: a deposit that the plan asks for is asked of the cashier, and nothing is lost meanwhile") {
    OpeningScene scene;
    scene.fill_in();
    CHECK_FALSE(scene.form().asks_deposit);
    scene.opening.commit();
    scene.server.fail(method::open_account, fault_of(Fault::Kind::refused, "deposit_required",
                                                     "The tariff plan asks for a deposit of 500.00."));
    CHECK(scene.form().asks_deposit);
    CHECK(scene.form().focus == OpeningScreen::Field::deposit);
    CHECK_FALSE(scene.form().deposit.error.empty());
    CHECK(scene.form().name.text == "Lamp Shop");
    scene.opening.commit();  // nothing said: nothing is sent
    CHECK(scene.server.asked(method::open_account).size() == 1);
    scene.opening.type_deposit("500");
    CHECK(scene.form().total == money(7'000'000));
    scene.opening.commit();
    const auto asked = scene.server.asked(method::open_account);
    REQUIRE(asked.size() == 2);
    CHECK_FALSE(asked[0].has_deposit_e4());
    CHECK(asked[1].deposit_e4() == 5'000'000);
    CHECK(asked[1].meters(0).first_purchase_e4() == 2'000'000);
    CHECK(asked[0].request_id() != asked[1].request_id());
    scene.server.answer(method::open_account, opened());
    CHECK_FALSE(scene.form().asks_deposit);
}

TEST_CASE(
    "opening: a lost answer is asked for with the same request; Esc and typing change nothing meanwhile") {
    OpeningScene scene;
    scene.fill_in();
    scene.opening.commit();
    scene.server.fail(method::open_account, fault_of(Fault::Kind::outcome_unknown));
    CHECK(scene.form().busy);
    scene.opening.type_name("Somebody else");
    scene.opening.clear();
    CHECK(scene.form().name.text == "Lamp Shop");
    scene.clock.advance(std::chrono::seconds{3});
    const auto asked = scene.server.asked(method::open_account);
    REQUIRE(asked.size() == 2);
    CHECK(asked[0].SerializeAsString() == asked[1].SerializeAsString());
    scene.server.answer(method::open_account, opened());
    CHECK_FALSE(scene.form().busy);
}

TEST_CASE("opening: the server is away; what was typed stays, also when the page is left") {
    OpeningScene scene;
    scene.fill_in();
    scene.link.lose();
    CHECK_FALSE(scene.form().can_commit);
    scene.opening.commit();
    CHECK(scene.server.asked(method::open_account).empty());
    scene.opening.open(0, 0);
    CHECK(scene.form().name.text == "Lamp Shop");
    scene.clock.advance(std::chrono::seconds{2});
    scene.link.succeed();
    CHECK(scene.form().can_commit);
}

TEST_CASE("adding a meter to an account") {
    OpeningScene scene;
    scene.opening.open(103, 42);
    scene.server.deliver();
    CHECK(scene.form().adds_meter);
    CHECK_FALSE(scene.form().can_add);
    REQUIRE(scene.form().meters.size() == 1);
    CHECK(scene.form().meters[0].meter_id == 42);
    scene.opening.type_value(0, Value::first_purchase, "10");
    CHECK(scene.form().commit == "Add meter and sell ¥10.00");
    scene.opening.commit();
    REQUIRE(scene.server.asked(method::add_meter).size() == 1);
    CHECK(scene.server.asked(method::add_meter)[0].account_id() == 103);
    CHECK(scene.server.asked(method::add_meter)[0].meter().first_purchase_e4() == 100'000);
    scene.server.answer(method::add_meter, opened());
    CHECK(scene.navigator.opened.back().page == Page::account);
}

TEST_CASE("opening: absurd input is cut, and harms nothing") {
    OpeningScene scene;
    scene.opening.type_name(std::string(1'000'000, 'n'));
    scene.opening.type_phone(std::string(1'000'000, '1'));
    scene.opening.type_number(std::string(1'000'000, '1'));
    scene.opening.type_meter(0, std::string(1'000'000, 'm'));
    scene.opening.type_meter(99, "x");
    scene.opening.choose_meter(99, 41);
    scene.opening.choose_customer(99);
    scene.opening.type_value(0, Value::first_purchase, std::string(1'000'000, '9'));
    scene.opening.commit();
    CHECK(scene.server.asked(method::open_account).empty());
    CHECK_FALSE(scene.form().phone.error.empty());
}
