#include "client-wx/presenters/accounts/reversal_presenter.hpp"

#include <wutong/v1/sale_service.pb.h>

#include <utility>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kReasonMax = 400;  // bytes; the server takes 500

bool blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

ReversalPresenter::ReversalPresenter(Context& context, std::int64_t sale_id, std::function<void()> changed)
    : context_{context},
      sale_id_{sale_id},
      changed_{std::move(changed)},
      change_{context},
      follower_{context} {
    change_.on_state = [this] { refresh(); };
    follower_.on_change = [this] { refresh(); };
    live_ = context_.live.subscribe([this](const LiveChange&) { refresh(); });
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && !screen_.fault.empty()) {
            load();
        }
        refresh();
    });
    load();
    refresh();
}

void ReversalPresenter::load() {
    v1::GetReceiptRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_sale_id(sale_id_);
    screen_.loading = true;
    call_ = context_.server.call(
        method::get_receipt, request,
        std::function<void(Result<v1::Receipt>)>{[this](Result<v1::Receipt> result) {
            screen_.loading = false;
            if (!result) {
                screen_.fault = describe_with_code(result.fault());
                return refresh();
            }
            screen_.fault.clear();
            meter_id_ = result->meter_id();
            amount_e4_ = result->amount_e4();
            method_ = static_cast<int>(result->method());
            kind_ = result->kind();
            sale_state_ = result->delivery_state();
            unit_ = clipped(result->unit_code().empty() ? result->meter_code() : result->unit_code(), 24);
            screen_.facts = {{tr("Receipt"), clipped(result->number(), 40)},
                             {tr("Sold"), table_time(to_time_point(result->sold_at())) + "  ·  " +
                                              clipped(result->operator_(), 40)},
                             {tr("Customer"), clipped(result->customer(), 60)},
                             {tr("The meter gives back"), money(amount_e4_)},
                             {tr("You hand back"), money(amount_e4_) + "  ·  " + tender_name(method_)}};
            refresh();
        }});
}

void ReversalPresenter::type_reason(const std::string& text) {
    if (change_.open() || screen_.finished) {
        return;
    }
    screen_.reason = text;
    while (screen_.reason.size() > kReasonMax) {  // between letters, not inside of one
        do {
            screen_.reason.pop_back();
        } while (!screen_.reason.empty() &&
                 (static_cast<unsigned char>(screen_.reason.back()) & 0xC0U) == 0x80U);
    }
    screen_.reason_error.clear();
    refresh();
}

void ReversalPresenter::commit() {
    if (change_.open() || screen_.finished || !screen_.can_commit) {
        return;
    }
    if (blank(screen_.reason)) {
        screen_.reason_error = tr("Say why; it is kept in the operation log.");
        return refresh();
    }
    v1::ReverseRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_sale_id(sale_id_);
    request.set_reason(screen_.reason);
    screen_.notice.clear();
    change_.ask<v1::ReverseRequest, v1::SaleReceipt>(
        method::reverse_sale, request, [this](Result<v1::SaleReceipt> result) {
            if (result) {
                booked(*result);
            } else {
                screen_.notice = describe_with_code(result.fault());
                screen_.notice_is_error = true;
            }
            refresh();
        });
    refresh();
}

void ReversalPresenter::booked(const v1::SaleReceipt& back) {
    screen_.finished = true;
    context_.shift.refresh();
    withdrawn_ = back.delivery_id() == 0;
    if (!withdrawn_) {
        follower_.follow({back.delivery_id(), back.sale_id(), "reversal", back.amount_e4(), unit_,
                          to_time_point(back.sold_at())});
    }
}

void ReversalPresenter::refresh() {
    screen_.sentence =
        tr("The last sale on a meter, whole. First the meter gives the credit back, then you hand the "
           "money back as it was paid.");
    screen_.commit = unit_.empty() ? tr("Take back")
                                   : fill(tr("Take {amount} back from {unit}"),
                                          fmt::arg("amount", money(amount_e4_)), fmt::arg("unit", unit_));
    screen_.after.clear();
    const auto* meter = meter_id_ == 0 ? nullptr : context_.live.find(meter_id_);
    const bool waits = sale_state_ == "queued";
    if (meter != nullptr && meter->balance_e4 && !screen_.finished) {
        std::int64_t after = *meter->balance_e4;
        if (!waits && __builtin_sub_overflow(*meter->balance_e4, amount_e4_, &after)) {
            after = *meter->balance_e4;
        }
        screen_.after.push_back({tr("Balance on meter"), money(*meter->balance_e4), money(after)});
    }
    if (!screen_.finished && waits) {
        screen_.sentence =
            tr("This sale was not sent to the meter yet. It is withdrawn, and you hand the money back.");
    }
    screen_.why_not.clear();
    if (screen_.loading) {
        screen_.why_not = tr("Loading…");
    } else if (!screen_.fault.empty()) {
        screen_.why_not = screen_.fault;
    } else if (screen_.finished) {
        screen_.why_not = tr("It is booked.");
    } else if (change_.open()) {
        screen_.why_not = tr("It is under way.");
    } else if (!context_.session.may("sale.refund")) {
        screen_.why_not = tr("You may not take sales back.");
    } else if (kind_ != "sale") {
        screen_.why_not = tr("Only a sale can be taken back. Refund what the meter holds instead.");
    } else if (!context_.connection.online()) {
        screen_.why_not = tr("No connection. What is typed stays.");
    } else if (context_.shift.needed()) {
        screen_.why_not = tr("Open a shift first (F7): the money goes out of its drawer.");
    }
    screen_.can_commit = screen_.why_not.empty();
    screen_.busy = change_.open();
    if (change_.waiting()) {
        screen_.notice_is_error = false;
        screen_.notice =
            change_.may_be_done()
                ? tr("It was sent; the answer is missing. It is asked for again with the same number, so "
                     "nothing is done twice.")
                : tr("Nothing was sent yet: no connection. It goes out as soon as it is back.");
    }
    const auto hand_back = fill(tr("Hand back {amount} ({tender})."), fmt::arg("amount", money(amount_e4_)),
                                fmt::arg("tender", tender_name(method_)));
    screen_.steps.clear();
    screen_.steps_note.clear();
    screen_.steps_failed = false;
    if (withdrawn_) {
        screen_.steps = {{FlowStep::State::done, tr("Withdrawn; the meter was never written to"), {}}};
        screen_.steps_note = hand_back;
    } else if (screen_.finished) {
        screen_.steps = follower_.steps();
        if (follower_.delivered()) {
            screen_.steps_note = tr("The meter has given it back.") + " " + hand_back;
            if (!std::exchange(told_, true)) {
                context_.shift.refresh();
            }
        } else if (follower_.finished()) {
            screen_.steps_failed = true;
            screen_.steps_note = follower_.note() + " " + tr("Hand nothing back: the sale stands as it was.");
        } else {
            screen_.steps_note = tr("Wait with the money until the meter has given the credit back.");
        }
    }
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
