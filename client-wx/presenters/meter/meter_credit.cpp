#include "client-wx/presenters/meter/meter_credit.hpp"

#include <wutong/v1/sale_service.pb.h>

#include <nlohmann/json.hpp>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kEvidenceMost = 20'000;

std::string kind_words(const std::string& kind) {
    if (kind == "open") {
        return tr("Opening");
    }
    if (kind == "top_up") {
        return tr("Recharge");
    }
    if (kind == "refund") {
        return tr("Refund");
    }
    if (kind == "reversal") {
        return tr("Reversal");
    }
    return kind == "clear" ? tr("Closing") : clipped(kind, 30);
}

TableCell outcome(const v1::Delivery& d) {
    if (d.state() == "delivered") {
        const auto checks = static_cast<unsigned>(std::max(0, d.attempts() - 1));
        return {checks == 0
                    ? tr("Arrived")
                    : client::fill(tr_n("Arrived after {} more try", "Arrived after {} more tries", checks),
                                   checks),
                Ink::ok,
                false,
                {},
                "circle-check"};
    }
    if (d.state() == "refused") {
        return {tr("Refused: nothing was written"), Ink::danger, false, {}, "circle-x"};
    }
    if (d.state() == "quarantined") {
        return {tr("Waits for a decision"), Ink::warn, true, {}, "alert-triangle"};
    }
    if (d.state() == "unknown") {
        return {tr("Sent, being checked"), Ink::info, false, {}, "loader-2"};
    }
    return {d.state() == "sending" ? tr("Being sent") : tr("Waiting"), Ink::info, false, {}, "clock"};
}

std::string before_after(const v1::Delivery& d) {
    const auto side = [](bool there, const v1::CreditLook& look) {
        return there ? money(look.balance_e4()) : std::string{kDash};
    };
    return side(d.has_before(), d.before()) + " → " + side(d.has_after(), d.after());
}

std::string took(const v1::Delivery& d) {
    if (!d.has_finished_at() || !d.has_queued_at()) {
        return kDash;
    }
    const auto length = to_time_point(d.finished_at()) - to_time_point(d.queued_at());
    return duration(std::chrono::duration_cast<std::chrono::milliseconds>(length));
}

}  // namespace

DeliveryEvidence evidence_of(const v1::Delivery& d) {
    DeliveryEvidence e;
    e.title = kind_words(d.kind()) + " " + money(d.amount_e4());
    const auto time = [&](const std::string& label, bool there, const google::protobuf::Timestamp& at) {
        e.facts.emplace_back(label, there ? table_time(to_time_point(at)) : std::string{kDash});
    };
    const auto look = [&](const std::string& label, bool there, const v1::CreditLook& seen) {
        e.facts.emplace_back(label, there ? client::fill(tr("No. {}, {}, {}"), seen.purchase_number(),
                                                         money(seen.balance_e4()), energy(seen.energy_wh()))
                                          : std::string{kDash});
    };
    e.facts.emplace_back(tr("Outcome"), outcome(d).text);
    if (!d.reason().empty()) {
        e.facts.emplace_back(tr("Reason"), clipped(describe_server_text(d.reason()), 400));
    }
    e.facts.emplace_back(tr("Receipt"), d.receipt_number().empty() ? kDash : d.receipt_number());
    e.facts.emplace_back(tr("Sold by"), d.operator_().empty() ? kDash : clipped(d.operator_(), 80));
    time(tr("Paid"), d.has_queued_at(), d.queued_at());
    time(tr("Sent"), d.has_sent_at(), d.sent_at());
    time(tr("Confirmed"), d.has_finished_at(), d.finished_at());
    look(tr("Meter before"), d.has_before(), d.before());
    look(tr("Meter after"), d.has_after(), d.after());
    e.facts.emplace_back(tr("Writes tried"), count(d.attempts()));
    const auto json = nlohmann::json::parse(d.evidence_json(), nullptr, false);
    e.raw = json.is_discarded() ? d.evidence_json()
                                : json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    e.raw = e.raw.size() > kEvidenceMost ? e.raw.substr(0, kEvidenceMost) + "…" : e.raw;
    return e;
}

std::vector<std::string> MeterCredit::columns() {
    return {tr("Time"),    tr("Kind"),           tr("Receipt"),
            tr("No."),     tr("Amount"),         tr("Meter before → after"),
            tr("Outcome"), tr("Paid → on meter")};
}

void MeterCredit::show(std::int64_t meter_id) {
    if (meter_id != meter_id_) {
        meter_id_ = meter_id;
        screen_ = {};
        evidence_.clear();
        recharges_.clear();
    }
    refresh();
}

void MeterCredit::refresh() {
    ask({}, true);
}

void MeterCredit::more() {
    if (screen_.more && !screen_.loading) {
        ask(next_, false);
    }
}

void MeterCredit::ask(const std::string& token, bool from_start) {
    if (meter_id_ == 0 || !context_.session.may("sale.read")) {
        return;
    }
    v1::ListDeliveriesRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_meter_id(meter_id_);
    request.mutable_page()->set_size(kPage);
    request.mutable_page()->set_token(token);
    screen_.loading = true;
    call_ = context_.server.call(method::list_deliveries, request,
                                 [this, from_start](Result<v1::ListDeliveriesResponse> answer) {
                                     screen_.loading = false;
                                     if (!answer) {
                                         screen_.failure = describe_with_code(answer.fault());
                                     } else {
                                         if (from_start) {
                                             screen_ = {};
                                             evidence_.clear();
                                             recharges_.clear();
                                         }
                                         take(*answer);
                                     }
                                     if (on_changed) {
                                         on_changed();
                                     }
                                 });
}

void MeterCredit::take(const v1::ListDeliveriesResponse& page) {
    const auto now = context_.live.server_now();
    for (const auto& d : page.deliveries()) {
        if (screen_.rows.size() >= kRowsMost) {
            break;
        }
        const auto when = to_time_point(d.queued_at());
        const auto number = d.purchase_number() != 0 ? count(d.purchase_number()) : std::string{kDash};
        screen_.rows.push_back(
            {{moment(when, now)},
             {kind_words(d.kind())},
             {d.receipt_number().empty() ? kDash : d.receipt_number(), Ink::quiet},
             {number},
             {d.kind() == "clear" && d.amount_e4() == 0 ? kDash : money(d.amount_e4()), Ink::normal, true},
             {before_after(d)},
             outcome(d),
             {took(d)}});
        screen_.keys.push_back(d.delivery_id());
        evidence_.push_back(evidence_of(d));
        const bool open = d.state() == "queued" || d.state() == "sending" || d.state() == "unknown";
        screen_.unfinished += open ? 1 : 0;
        if (d.amount_e4() > 0 && (d.state() == "delivered" || open)) {
            recharges_.push_back({when, d.amount_e4()});
        }
    }
    next_ = page.next_page_token();
    screen_.more = !next_.empty() && screen_.rows.size() < kRowsMost;
    if (on_recharges) {
        on_recharges(recharges_);
    }
}

DeliveryEvidence MeterCredit::evidence(std::size_t row) const {
    return row < evidence_.size() ? evidence_[row] : DeliveryEvidence{};
}

}  // namespace wutong::client
