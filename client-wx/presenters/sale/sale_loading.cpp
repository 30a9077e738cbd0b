// What the page asks the server for: the quote, the two balances, today.
#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/cashier_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_quote.hpp"
#include "client-wx/text/difference.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kRecentMax = 8;

}  // namespace

void SalePresenter::load_account() {
    v1::GetAccountRequest wanted;
    wanted.set_property_id(context_.session.property_id());
    wanted.set_account_id(account_id_);
    account_call_ = context_.server.call<v1::GetAccountRequest, v1::Account>(
        method::get_account, wanted, [this](Result<v1::Account> result) {
            if (!result) {
                return;  // a dash stays: unknown is not zero
            }
            for (const auto& one : result->meters()) {
                if (one.meter_id() == meter_id_ && one.has_balances()) {
                    ledger_e4_ = one.balances().ledger_e4();
                }
            }
            if (!ledger_e4_ && result->meters_size() == 1) {
                ledger_e4_ = result->prepaid_credit_e4();
            }
            refresh();
        });
    v1::ListSalesRequest sales;
    sales.set_property_id(context_.session.property_id());
    sales.set_account_id(account_id_);
    sales.set_meter_id(meter_id_);
    sales.set_kind("sale");
    sales.mutable_page()->set_size(1);
    sales_call_ = context_.server.call<v1::ListSalesRequest, v1::ListSalesResponse>(
        method::list_sales, sales, [this](Result<v1::ListSalesResponse> result) {
            if (!result) {
                return;
            }
            last_purchase_ = result->sales_size() == 0 ? tr("none yet")
                                                       : money(result->sales(0).amount_e4()) + "  ·  " +
                                                             day(to_time_point(result->sales(0).sold_at()));
            refresh();
        });
}

void SalePresenter::ask_quote() {
    if (meter_id_ == 0 || change_.open()) {
        return;
    }
    v1::QuoteRequest wanted;
    wanted.set_property_id(context_.session.property_id());
    wanted.set_account_id(account_id_);
    wanted.set_meter_id(meter_id_);
    wanted.set_amount_e4(amount().value_or(0));
    const auto meter_id = meter_id_;
    const auto amount_e4 = wanted.amount_e4();
    quote_call_ = context_.server.call<v1::QuoteRequest, v1::QuoteResponse>(
        method::quote, wanted, [this, meter_id, amount_e4](Result<v1::QuoteResponse> result) {
            if (!result || meter_id != meter_id_) {
                return;
            }
            quote_ = std::make_unique<Quote>(Quote{meter_id, amount_e4, *result});
            refresh();
        });
}

void SalePresenter::load_today() {
    if (!context_.session.signed_in()) {
        return;
    }
    v1::SalesSummaryRequest today;
    today.set_property_id(context_.session.property_id());
    today.set_mine(true);
    const auto* shift = context_.shift.shift();
    screen_.today_title = shift != nullptr ? tr("This shift") : tr("Your sales today");
    if (shift != nullptr) {
        *today.mutable_from() = shift->opened_at();
    }
    today_call_ = context_.server.call<v1::SalesSummaryRequest, v1::SalesSummaryResponse>(
        method::sales_summary, today, [this](Result<v1::SalesSummaryResponse> result) {
            if (!result) {
                screen_.today_note = tr("Could not be loaded");
                return refresh();
            }
            screen_.today.clear();
            for (const auto& one : result->tenders()) {
                if (one.sale_count() > 0) {
                    screen_.today.emplace_back(
                        fill(tr_n("{tender}, {n} sale", "{tender}, {n} sales",
                                  static_cast<unsigned>(one.sale_count())),
                             fmt::arg("tender", tender_name(static_cast<int>(one.method()))),
                             fmt::arg("n", count(one.sale_count()))),
                        money(one.sale_sum_e4()));
                }
                if (one.payout_count() > 0) {
                    screen_.today.emplace_back(
                        fill(tr("{tender}, {n} paid out"),
                             fmt::arg("tender", tender_name(static_cast<int>(one.method()))),
                             fmt::arg("n", count(one.payout_count()))),
                        money(difference(0, one.payout_sum_e4())));
                }
            }
            screen_.today_total = money(difference(result->sale_sum_e4(), result->payout_sum_e4()));
            screen_.today_note = !screen_.today.empty()              ? std::string{}
                                 : context_.shift.shift() != nullptr ? tr("No sale yet in this shift")
                                                                     : tr("No sale yet today");
            screen_.status_left =
                result->unfinished_count() > 0
                    ? fill(tr_n("{n} of your sales is on its way", "{n} of your sales are on their way",
                                static_cast<unsigned>(result->unfinished_count())),
                           fmt::arg("n", count(result->unfinished_count())))
                    : tr("All your sales of today have arrived");
            refresh();
        });
    v1::ListSalesRequest recent;
    recent.set_property_id(context_.session.property_id());
    recent.set_operator_id(context_.session.who().operator_id);
    recent.mutable_page()->set_size(30);
    recent_call_ = context_.server.call<v1::ListSalesRequest, v1::ListSalesResponse>(
        method::list_sales, recent, [this](Result<v1::ListSalesResponse> result) {
            if (result) {
                take_recent(*result);
            }
        });
}

void SalePresenter::take_recent(const v1::ListSalesResponse& sales) {
    recent_meters_.clear();
    for (const auto& sale : sales.sales()) {
        if (recent_meters_.size() < kRecentMax && std::find(recent_meters_.begin(), recent_meters_.end(),
                                                            sale.meter_id()) == recent_meters_.end()) {
            recent_meters_.push_back(sale.meter_id());
        }
    }
    refresh();
}

}  // namespace wutong::client
