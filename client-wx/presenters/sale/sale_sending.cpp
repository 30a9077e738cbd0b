// From the button to the answer, and what follows it: delivery and receipt.
#include <wutong/v1/sale_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/presenters/sale/sale_quote.hpp"
#include "client-wx/presenters/sale/unanswered_sale.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/format.hpp"

namespace wutong::client {

namespace {

/// A customer at the counter waits no longer for the receipt; it says then what is not confirmed yet.
constexpr std::chrono::seconds kPrintAtTheLatest{20};

}  // namespace

void SalePresenter::send() {
    v1::SellRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.set_meter_id(meter_id_);
    request.set_amount_e4(*amount());
    request.set_method(static_cast<v1::TenderMethod>(tender_number(screen_.tender)));
    const auto* to = meter();
    sold_to_ = to != nullptr ? unit_or_code(*to) : screen_.who;
    keep_for_restart(request);
    ask(request);
}

void SalePresenter::ask(const v1::SellRequest& request) {
    const auto asked = change_.ask<v1::SellRequest, v1::SaleReceipt>(method::sell, request,
                                                                     [this](Result<v1::SaleReceipt> result) {
                                                                         UnansweredSale::forget(context_);
                                                                         if (result) {
                                                                             sold(*result);
                                                                         } else {
                                                                             refused(result.fault());
                                                                         }
                                                                     });
    if (asked) {
        refresh();
    }
}

void SalePresenter::keep_for_restart(const v1::SellRequest& request) {
    UnansweredSale::keep(context_, request, sold_to_);
}

void SalePresenter::resume_after_restart() {
    if (change_.open() || !context_.session.signed_in() || !context_.session.may("sale.write")) {
        return;
    }
    if (auto left = UnansweredSale::find(context_)) {
        sold_to_ = left->unit;
        meter_id_ = left->request->meter_id();
        account_id_ = left->request->account_id();
        screen_.who = sold_to_;
        screen_.amount = plain_money(left->request->amount_e4());
        ask(*left->request);
        change_.assume_sent();
    }
}

void SalePresenter::sold(const v1::SaleReceipt& receipt) {
    FollowedDelivery delivery;
    delivery.delivery_id = receipt.delivery_id();
    delivery.sale_id = receipt.sale_id();
    delivery.kind = "sale";
    delivery.amount_e4 = receipt.amount_e4();
    delivery.target = sold_to_;
    delivery.sold_at = to_time_point(receipt.sold_at());
    receipt_number_ = clipped(receipt.receipt_number(), 40);
    receipt_ = has_printer && has_printer() ? ReceiptState::waits : ReceiptState::no_printer;
    follower_.follow(delivery);
    print_late_ = context_.timers.after(kPrintAtTheLatest, [this] {
        if (receipt_ == ReceiptState::waits && print_receipt) {
            print_receipt(follower_.what()->sale_id);
        }
    });
    screen_.last_sale_id = receipt.sale_id();
    std::erase(recent_meters_, receipt.meter_id());
    recent_meters_.insert(recent_meters_.begin(), receipt.meter_id());
    clear();
    load_today();
    context_.shift.refresh();
}

void SalePresenter::refused(const Fault& fault) {
    if (fault.reason == "shift_required") {
        context_.shift.learn_required();
    }
    const auto field = field_fault(fault, "amount_e4");
    if (!field.empty()) {
        screen_.amount_error = describe_with_code(fault);
        focus(SaleScreen::Field::amount);
    } else {
        screen_.notice = describe_with_code(fault);
        screen_.notice_is_error = true;
        focus(SaleScreen::Field::amount);
    }
    refresh();
}

void SalePresenter::delivery_changed() {
    if (follower_.finished()) {
        print_if_due();
        load_today();
        if (meter_id_ != 0) {
            ask_quote();
        }
    }
    refresh();
}

void SalePresenter::print_if_due() {
    if (receipt_ == ReceiptState::waits && follower_.delivered() && print_receipt) {
        print_late_.stop();
        print_receipt(follower_.what()->sale_id);
    }
}

void SalePresenter::printed(bool done) {
    receipt_ = done ? ReceiptState::printed : ReceiptState::failed;
    receipt_at_ = context_.timers.now();
    refresh();
}

}  // namespace wutong::client
