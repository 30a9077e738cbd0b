#pragma once

#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <memory>
#include <string>

#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_presenter.hpp"
#include "tests/support/client_scene.hpp"

namespace wutong::client::test {

inline Fault fault_of(Fault::Kind kind, const std::string& reason = {}, const std::string& text = {}) {
    Fault fault;
    fault.kind = kind;
    fault.reason = reason;
    fault.text = text;
    return fault;
}

struct SoldMeter {
    std::int64_t id{0};
    std::string unit;
    std::string customer;
    std::int64_t balance_e4{0};
    std::int64_t account_id{0};
};

/// A counter: four units called 312 on the wall, a server that quotes, and somebody who may sell.
struct SaleScene : ClientScene {
    std::unique_ptr<SalePresenter> sale;
    int shown{0};

    explicit SaleScene(const std::vector<std::string>& permissions = {"sale.write", "sale.read",
                                                                      "device.read"}) {
        sign_in(permissions);
        live.watch(1);
        v1::LiveUpdate update;
        update.set_snapshot(true);
        update.set_snapshot_complete(true);
        add(update, {31, "A-312", "City Pharmacy", 3'045'500, 101});
        add(update, {32, "B-312", "Tea & Co.", -21'000, 102});
        add(update, {33, "C-312", "Noodle House", 182'000, 103});
        add(update, {34, "D-1312", "Copy Centre", 964'000, 104});
        add(update, {35, "A-104", "", 0, 0});
        *update.mutable_at() = to_proto_time(clock.now());
        server.push(method::watch_live, update);
        clock.advance(std::chrono::seconds{1});

        server.on(method::quote, [this](const v1::QuoteRequest& asked) { return quote_for(asked); });
        server.on(method::get_account, [](const v1::GetAccountRequest& asked) {
            v1::Account account;
            account.set_account_id(asked.account_id());
            auto* meter = account.add_meters();
            meter->set_meter_id(33);
            meter->mutable_balances()->set_ledger_e4(182'000);
            return account;
        });
        server.on(method::list_sales, [](const v1::ListSalesRequest&) { return v1::ListSalesResponse{}; });
        server.on(method::sales_summary,
                  [](const v1::SalesSummaryRequest&) { return v1::SalesSummaryResponse{}; });
        sale = std::make_unique<SalePresenter>(context, [this] { ++shown; });
        sale->open(0, {});
        server.deliver();
    }

    SaleScene(std::vector<std::string> permissions, const std::vector<std::string>& more)
        : SaleScene{[&] {
              permissions.insert(permissions.end(), more.begin(), more.end());
              return permissions;
          }()} {}

    void add(v1::LiveUpdate& update, const SoldMeter& sold) const {
        auto* meter = update.add_meters();
        meter->set_meter_id(sold.id);
        meter->set_introduced(true);
        meter->set_code("M" + std::to_string(sold.id));
        meter->set_serial_number("000241875520");
        meter->set_unit_code(sold.unit);
        meter->set_building_code(sold.unit.substr(0, 1));
        meter->set_role("prepaid");
        meter->set_customer(sold.customer);
        if (sold.account_id != 0) {
            meter->set_account_id(sold.account_id);
            meter->set_account_number(std::to_string(100'000 + sold.account_id));
        }
        meter->set_daily_use_wh(9'000);
        meter->set_price_e4(10'500);
        meter->set_days_left(2);
        auto* state = meter->mutable_state();
        state->set_status(v1::METER_STATUS_NORMAL);
        state->set_balance_e4(sold.balance_e4);
        state->set_purchase_number(27);
        state->set_relay_closed(true);
        *state->mutable_answered_at() = to_proto_time(clock.now() - std::chrono::seconds{40});
        *state->mutable_attempted_at() = *state->mutable_answered_at();
    }

    [[nodiscard]] v1::QuoteResponse quote_for(const v1::QuoteRequest& asked) const {
        v1::QuoteResponse quote;
        quote.set_balance_now_e4(182'000);
        quote.set_price_e4(10'500);
        quote.set_purchase_number_now(27);
        quote.set_purchase_number_after(28);
        if (asked.amount_e4() <= 0) {
            quote.set_refusal("amount_not_positive");
            quote.set_balance_after_e4(182'000);
        } else if (asked.amount_e4() > 10'000'000) {
            quote.set_refusal("above_hoarding_limit");
            quote.set_balance_after_e4(182'000);
        } else {
            quote.set_balance_after_e4(182'000 + asked.amount_e4());
            quote.set_energy_wh(asked.amount_e4() * 1000 / 10'500);
        }
        return quote;
    }

    /// As fingers do it: letter by letter. @return how many keys
    int type_who(const std::string& text) {
        for (std::size_t i = 1; i <= text.size(); ++i) {
            sale->type_who(text.substr(0, i));
        }
        return static_cast<int>(text.size());
    }
    int type_amount(const std::string& text) {
        for (std::size_t i = 1; i <= text.size(); ++i) {
            sale->type_amount(text.substr(0, i));
        }
        return static_cast<int>(text.size());
    }
    void settle() {
        clock.advance(std::chrono::milliseconds{300});
        server.deliver();
    }
    /// C-312 is chosen, 200 typed, the quote there.
    void ready() {
        type_who("c312");
        sale->choose_highlighted();
        type_amount("200");
        settle();
    }
    [[nodiscard]] v1::SaleReceipt receipt() const {
        v1::SaleReceipt sold;
        sold.set_sale_id(900);
        sold.set_delivery_id(700);
        sold.set_meter_id(33);
        sold.set_account_id(103);
        sold.set_kind("sale");
        sold.set_amount_e4(2'000'000);
        sold.set_receipt_number("8-0412");
        *sold.mutable_sold_at() = to_proto_time(clock.now());
        return sold;
    }
    [[nodiscard]] const SaleScreen& screen() const { return sale->screen(); }
};

}  // namespace wutong::client::test
