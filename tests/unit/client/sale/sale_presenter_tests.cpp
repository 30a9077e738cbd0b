#include <catch2/catch.hpp>

#include "client-wx/presenters/sale/sale_presenter.hpp"
#include "tests/unit/client/sale/sale_scene.hpp"

using namespace wutong::client;
using namespace wutong::client::test;
namespace v1 = wutong::v1;

TEST_CASE("sale: the unit's number finds all that are called so, whole numbers first") {
    SaleScene scene;
    scene.type_who("312");
    REQUIRE(scene.screen().matches.size() == 4);
    CHECK(scene.screen().matches[0].unit == "A-312");
    CHECK(scene.screen().matches[1].unit == "B-312");
    CHECK(scene.screen().matches[1].negative);
    CHECK(scene.screen().matches[2].unit == "C-312");
    CHECK(scene.screen().matches[3].unit == "D-1312");
    CHECK(scene.screen().highlighted == 0);
    scene.type_who("noodle");
    REQUIRE(scene.screen().matches.size() == 1);
    CHECK(scene.screen().matches[0].unit == "C-312");
    scene.type_who("Ｃ３１２");
    REQUIRE(scene.screen().matches.size() == 1);
    CHECK(scene.screen().matches[0].unit == "C-312");
}

TEST_CASE("sale: nobody is called so") {
    SaleScene scene;
    scene.type_who("zzz");
    CHECK(scene.screen().matches.empty());
    scene.sale->choose_highlighted();
    CHECK_FALSE(scene.screen().chosen);
    CHECK_FALSE(scene.screen().who_error.empty());
    CHECK(scene.screen().focus == SaleScreen::Field::who);
}

TEST_CASE("sale: a unit without an account is not sold to") {
    SaleScene scene;
    scene.type_who("a104");
    scene.sale->choose_highlighted();
    CHECK_FALSE(scene.screen().chosen);
    CHECK(scene.screen().who_error.find("A-104") != std::string::npos);
}

TEST_CASE("sale: before and after, with days and purchase number, at once and as the server says") {
    SaleScene scene;
    scene.type_who("c312");
    scene.sale->choose_highlighted();
    scene.type_amount("200");
    // No answer of the server yet: from the live values.
    REQUIRE(scene.screen().after.size() == 3);
    CHECK(scene.screen().after[0].before == "¥18.20");
    CHECK(scene.screen().after[0].after == "¥218.20");
    CHECK(scene.screen().after[1].before == "2");
    CHECK(scene.screen().after[1].after == "23");
    CHECK(scene.screen().after[2].before == "27");
    CHECK(scene.screen().after[2].after == "28");
    CHECK(scene.screen().energy == "190.48 kWh");
    CHECK(scene.screen().more_days == "about 21 more days");
    scene.settle();
    CHECK(scene.screen().after[0].after == "¥218.20");
    CHECK(scene.screen().after[2].after == "28");
    CHECK(scene.screen().chosen->ledger == "¥18.20");
    CHECK(scene.screen().sell_words == "Sell ¥200.00 to C-312");
    CHECK(scene.screen().can_sell);
    REQUIRE(scene.screen().checks.size() == 4);
    for (const auto& check : scene.screen().checks) {
        CHECK(check.state == SaleCheck::State::good);
    }
}

TEST_CASE("sale: typing three figures asks for one quote, for the last of them") {
    SaleScene scene;
    scene.type_who("c312");
    scene.sale->choose_highlighted();
    scene.server.deliver();
    const auto before = scene.server.asked(method::quote).size();
    scene.type_amount("200");
    scene.settle();
    const auto asked = scene.server.asked(method::quote);
    REQUIRE(asked.size() == before + 1);
    CHECK(asked.back().amount_e4() == 2'000'000);
}

TEST_CASE("sale: keys counted") {
    SECTION("with exact cash: nine") {
        SaleScene scene;
        int keys = scene.type_who("c312");
        scene.sale->choose_highlighted();
        ++keys;  // Enter
        keys += scene.type_amount("200");
        scene.sale->sell_exact_cash();
        ++keys;  // F12
        CHECK(keys == 9);
        REQUIRE(scene.server.asked(method::sell).size() == 1);
        CHECK(scene.server.asked(method::sell)[0].amount_e4() == 2'000'000);
        CHECK(scene.server.asked(method::sell)[0].method() == v1::TENDER_METHOD_CASH);
    }
    SECTION("with an amount key: seven, or six without Enter after the unit") {
        SaleScene scene;
        int keys = scene.type_who("c312");
        scene.sale->take_amount(2);
        ++keys;  // Alt+3 takes the first match too
        scene.sale->sell_exact_cash();
        ++keys;
        CHECK(keys == 6);
        REQUIRE(scene.server.asked(method::sell).size() == 1);
        CHECK(scene.server.asked(method::sell)[0].meter_id() == 33);
        CHECK(scene.server.asked(method::sell)[0].account_id() == 103);
    }
    SECTION("Enter all the way: ten") {
        SaleScene scene;
        int keys = scene.type_who("c312");
        scene.sale->choose_highlighted();
        CHECK(scene.screen().focus == SaleScreen::Field::amount);
        ++keys;
        keys += scene.type_amount("200");
        scene.sale->amount_entered();
        CHECK(scene.screen().focus == SaleScreen::Field::received);
        ++keys;
        scene.sale->received_entered();
        ++keys;
        CHECK(keys == 10);
        CHECK(scene.server.asked(method::sell).size() == 1);
    }
}

TEST_CASE("sale: what the quote refuses is not sent") {
    SaleScene scene;
    scene.ready();
    scene.type_amount("5000");
    scene.settle();
    CHECK_FALSE(scene.screen().can_sell);
    CHECK_FALSE(scene.screen().why_not.empty());
    scene.sale->sell_exact_cash();
    CHECK(scene.server.asked(method::sell).empty());
    CHECK(scene.screen().notice.find("above_hoarding_limit") != std::string::npos);
    bool bad = false;
    for (const auto& check : scene.screen().checks) {
        bad = bad || check.state == SaleCheck::State::bad;
    }
    CHECK(bad);
}

TEST_CASE("sale: absurd input gets an answer and changes nothing") {
    SaleScene scene;
    scene.type_who("c312");
    scene.sale->choose_highlighted();
    const std::vector<std::string> absurd{"",
                                          "0",
                                          "-5",
                                          "abc",
                                          "1e9",
                                          "0.001",
                                          "99999999999999999999",
                                          "2000000",

                                          "NaN",
                                          "200;200",
                                          std::string(5000, '9')};
    for (const auto& text : absurd) {
        scene.sale->type_amount(text);
        scene.sale->sell_exact_cash();
        INFO(text.substr(0, 40));
        CHECK_FALSE(scene.screen().amount_error.empty());
        CHECK(scene.screen().amount.size() <= 100);
    }
    CHECK(scene.server.asked(method::sell).empty());
    scene.sale->type_who(std::string(100'000, 'x'));
    CHECK(scene.screen().who.size() <= 100);
    scene.sale->take_amount(99);
    scene.sale->choose(424242);
    CHECK_FALSE(scene.screen().chosen);
    CHECK(scene.server.asked(method::sell).empty());
}

TEST_CASE("sale: full-width digits count") {
    SaleScene scene;
    scene.type_who("c312");
    scene.sale->choose_highlighted();
    scene.sale->type_amount("２００");
    scene.sale->sell_exact_cash();
    REQUIRE(scene.server.asked(method::sell).size() == 1);
    CHECK(scene.server.asked(method::sell)[0].amount_e4() == 2'000'000);
}

TEST_CASE("sale: received and change") {
    SaleScene scene;
    scene.ready();
    CHECK(scene.screen().received == "200.00");
    CHECK(scene.screen().change == "¥0.00");
    scene.sale->type_received("250");
    CHECK(scene.screen().change == "¥50.00");
    scene.sale->type_received("150");
    scene.sale->sell();
    CHECK(scene.screen().received_error.find("¥50.00") != std::string::npos);
    CHECK(scene.screen().focus == SaleScreen::Field::received);
    CHECK(scene.server.asked(method::sell).empty());
    // Nobody counts change for a card.
    scene.sale->choose_tender(Tender::card);
    scene.sale->sell();
    REQUIRE(scene.server.asked(method::sell).size() == 1);
    CHECK(scene.server.asked(method::sell)[0].method() == v1::TENDER_METHOD_CARD);
}

TEST_CASE("sale: QR code is paid online, and Enter goes to the button") {
    SaleScene scene;
    scene.ready();
    scene.sale->choose_tender(Tender::qr);
    scene.sale->amount_entered();
    CHECK(scene.screen().focus == SaleScreen::Field::sell);
    scene.sale->sell();
    CHECK(scene.server.asked(method::sell).at(0).method() == v1::TENDER_METHOD_ONLINE);
}

TEST_CASE("sale: who may only look can't sell") {
    SaleScene scene{{"sale.read", "device.read"}};
    scene.ready();
    CHECK_FALSE(scene.screen().can_sell);
    scene.sale->sell_exact_cash();
    CHECK(scene.server.asked(method::sell).empty());
}

TEST_CASE("sale: the receipt prints by itself once, when the meter has confirmed") {
    SaleScene scene;
    std::vector<std::int64_t> printed;
    scene.sale->has_printer = [] { return true; };
    scene.sale->print_receipt = [&](std::int64_t sale_id) {
        printed.push_back(sale_id);
        return true;
    };
    scene.ready();
    scene.sale->sell();
    scene.server.answer(method::sell, scene.receipt());
    v1::Delivery delivery;
    delivery.set_state("sending");
    scene.server.push(method::watch_delivery, delivery);
    CHECK(printed.empty());
    SECTION("confirmed in time") {
        delivery.set_state("delivered");
        scene.server.push(method::watch_delivery, delivery);
        CHECK(printed == std::vector<std::int64_t>{900});
        scene.sale->printed(true);
        CHECK(scene.screen().last_steps.back().state == FlowStep::State::done);
        scene.clock.advance(std::chrono::minutes{1});
        CHECK(printed.size() == 1);
    }
    SECTION("the meter is away: after twenty seconds, saying so") {
        scene.clock.advance(std::chrono::seconds{21});
        CHECK(printed == std::vector<std::int64_t>{900});
        scene.sale->printed(false);
        CHECK(scene.screen().last_steps.back().state == FlowStep::State::failed);
        delivery.set_state("delivered");
        scene.server.push(method::watch_delivery, delivery);
        CHECK(printed.size() == 1);
    }
}

TEST_CASE("sale: today's takings by tender") {
    SaleScene scene;
    scene.server.on(method::sales_summary, [](const v1::SalesSummaryRequest& asked) {
        CHECK(asked.mine());
        v1::SalesSummaryResponse sums;
        auto* cash = sums.add_tenders();
        cash->set_method(v1::TENDER_METHOD_CASH);
        cash->set_sale_count(31);
        cash->set_sale_sum_e4(51'800'000);
        auto* qr = sums.add_tenders();
        qr->set_method(v1::TENDER_METHOD_ONLINE);
        qr->set_sale_count(7);
        qr->set_sale_sum_e4(13'000'000);
        sums.set_sale_sum_e4(64'800'000);
        return sums;
    });
    scene.sale->open(0, {});
    scene.server.deliver();
    REQUIRE(scene.screen().today.size() == 2);
    CHECK(scene.screen().today[0].first == "Cash, 31 sales");
    CHECK(scene.screen().today[0].second == "¥5,180.00");
    CHECK(scene.screen().today[1].first == "QR code, 7 sales");
    CHECK(scene.screen().today_total == "¥6,480.00");
}

TEST_CASE("sale: absurd values from the server are shown, not crashed on") {
    SaleScene scene;
    scene.server.on(method::quote, [](const v1::QuoteRequest&) {
        v1::QuoteResponse quote;
        quote.set_balance_now_e4(INT64_MAX);
        quote.set_balance_after_e4(INT64_MIN);
        quote.set_energy_wh(INT64_MAX);
        quote.set_price_e4(-5);
        quote.set_purchase_number_now(INT64_MAX);
        quote.set_purchase_number_after(INT64_MIN);
        return quote;
    });
    scene.ready();
    CHECK(scene.screen().after.size() == 3);
    auto receipt = scene.receipt();
    receipt.set_amount_e4(INT64_MIN);
    receipt.set_receipt_number(std::string(10'000, 'x'));
    scene.sale->sell();
    scene.server.answer(method::sell, receipt);
    CHECK(scene.screen().last_title.size() < 200);
}
