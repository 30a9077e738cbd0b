#include "client-wx/presenters/accounts/money_back_presenter.hpp"

#include <wutong/v1/sale_service.pb.h>

#include <algorithm>
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

constexpr std::size_t kAmountMax = 100;
constexpr std::size_t kReasonMax = 400;  // bytes; the server takes 500

std::string no_amount() {
    return tr("This is no amount. Write it like 200 or 200.50.");
}

std::optional<std::int64_t> positive(const std::string& text) {
    const auto typed = parse_money(text);
    return typed && *typed > 0 ? typed : std::nullopt;
}

/// What stands on the screen while an answer is missing.
void write_waiting(MoneyBackScreen& screen, const KeptChange& change, const Connection& connection) {
    screen.busy = change.open();
    if (change.waiting()) {
        screen.notice_is_error = false;
        screen.notice =
            change.may_be_done()
                ? tr("It was sent; the answer is missing. It is asked for again with the same number, so "
                     "nothing is done twice.")
                : tr("Nothing was sent yet: no connection. It goes out as soon as it is back.");
    } else if (change.open()) {
        screen.notice.clear();
    }
    if (change.open()) {
        screen.why_not = tr("It is under way.");
    } else if (!connection.online()) {
        screen.why_not = tr("No connection. What is typed stays.");
    }
}

bool blank(const std::string& text) {
    return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

RefundPresenter::RefundPresenter(Context& context, std::int64_t account_id, std::vector<Meter> meters,
                                 std::function<void()> changed)
    : context_{context},
      account_id_{account_id},
      meters_{std::move(meters)},
      changed_{std::move(changed)},
      change_{context},
      follower_{context} {
    for (const auto& one : meters_) {
        screen_.meters.push_back(one.unit);
    }
    screen_.title = tr("Refund from a meter");
    screen_.sentence = tr("Takes credit off the meter. When the meter has confirmed it, it can be paid out.");
    change_.on_state = [this] { refresh(); };
    follower_.on_change = [this] { refresh(); };
    live_ = context_.live.subscribe([this](const LiveChange&) { refresh(); });
    connection_ = context_.connection.on_change([this] { refresh(); });
    refresh();
}

const LiveMeter* RefundPresenter::meter() const {
    const auto at = static_cast<std::size_t>(screen_.meter);
    return at < meters_.size() ? context_.live.find(meters_[at].meter_id) : nullptr;
}

std::string RefundPresenter::unit() const {
    const auto at = static_cast<std::size_t>(screen_.meter);
    return at < meters_.size() ? meters_[at].unit : std::string{};
}

void RefundPresenter::choose_meter(int index) {
    if (!change_.open() && index >= 0 && static_cast<std::size_t>(index) < meters_.size()) {
        screen_.meter = index;
        refresh();
    }
}

void RefundPresenter::type_amount(const std::string& text) {
    if (change_.open()) {
        return;
    }
    screen_.amount = text.substr(0, kAmountMax);
    screen_.amount_error =
        screen_.amount.empty() || parse_money(screen_.amount) ? std::string{} : no_amount();
    screen_.notice.clear();
    refresh();
}

void RefundPresenter::take_all() {
    if (const auto* from = meter(); from != nullptr && from->balance_e4 && *from->balance_e4 > 0) {
        type_amount(plain_money(*from->balance_e4 / 100 * 100));
    }
}

void RefundPresenter::type_reason(const std::string& text) {
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

void RefundPresenter::commit() {
    if (change_.open() || screen_.finished) {
        return;
    }
    const auto amount = positive(screen_.amount);
    screen_.amount_error = screen_.amount.empty() ? tr("How much is it?")
                           : amount               ? std::string{}
                                                  : tr("The amount must be above zero, like 200 or 200.50.");
    screen_.reason_error =
        blank(screen_.reason) ? tr("Say why; it is kept in the operation log.") : std::string{};
    if (!amount || blank(screen_.reason) || !context_.connection.online() || meters_.empty()) {
        return refresh();
    }
    v1::RefundRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.set_meter_id(meters_[static_cast<std::size_t>(screen_.meter)].meter_id);
    request.set_amount_e4(*amount);
    request.set_reason(screen_.reason);
    change_.ask<v1::RefundRequest, v1::SaleReceipt>(
        method::refund, request, [this](Result<v1::SaleReceipt> result) {
            if (result) {
                screen_.finished = true;
                screen_.notice.clear();
                screen_.sale_id = result->sale_id();
                follower_.follow({result->delivery_id(), result->sale_id(), "refund", result->amount_e4(),
                                  unit(), to_time_point(result->sold_at())});
            } else if (const auto field = field_fault(result.fault(), "amount_e4"); !field.empty()) {
                screen_.amount_error = describe_with_code(result.fault());
            } else {
                screen_.notice = describe_with_code(result.fault());
                screen_.notice_is_error = true;
            }
            refresh();
        });
    refresh();
}

void RefundPresenter::refresh() {
    const auto amount = positive(screen_.amount);
    screen_.commit = amount ? fill(tr("Take {amount} off {unit}"), fmt::arg("amount", money(*amount)),
                                   fmt::arg("unit", unit()))
                            : fill(tr("Take credit off {unit}"), fmt::arg("unit", unit()));
    screen_.after.clear();
    if (const auto* from = meter()) {
        BeforeAfter row{tr("Balance on meter"), money_or_dash(from->balance_e4), {}};
        if (amount && from->balance_e4 && *from->balance_e4 >= *amount) {
            row.after = money(*from->balance_e4 - *amount);
        }
        screen_.after.push_back(std::move(row));
        if (amount && from->balance_e4 && *from->balance_e4 < *amount && screen_.amount_error.empty() &&
            !screen_.finished) {
            screen_.amount_error =
                fill(tr("The meter holds {balance} only."), fmt::arg("balance", money(*from->balance_e4)));
        }
    }
    screen_.why_not.clear();
    if (screen_.finished) {
        screen_.why_not = tr("It is booked.");
    } else if (!context_.session.may("sale.refund")) {
        screen_.why_not = tr("You may not refund.");
    } else if (!amount) {
        screen_.why_not = tr("First say how much.");
    }
    write_waiting(screen_, change_, context_.connection);
    screen_.can_commit = screen_.why_not.empty();
    screen_.steps = follower_.steps();
    screen_.steps_note =
        follower_.delivered()
            ? tr("The meter has confirmed it. It can be paid out now, on the account's page.")
            : follower_.note();
    if (changed_) {
        changed_();
    }
}

PayOutPresenter::PayOutPresenter(Context& context, std::int64_t account_id, std::string account,
                                 std::int64_t payable_e4, std::function<void()> changed)
    : context_{context},
      account_id_{account_id},
      account_{std::move(account)},
      payable_e4_{payable_e4},
      changed_{std::move(changed)},
      change_{context} {
    screen_.title = tr("Pay out");
    screen_.sentence = fill(tr("{amount} is payable to {account}."), fmt::arg("amount", money(payable_e4_)),
                            fmt::arg("account", account_));
    screen_.amount = plain_money(std::max<std::int64_t>(payable_e4_ / 100 * 100, 0));
    change_.on_state = [this] { refresh(); };
    connection_ = context_.connection.on_change([this] { refresh(); });
    refresh();
}

void PayOutPresenter::type_amount(const std::string& text) {
    if (change_.open()) {
        return;
    }
    screen_.amount = text.substr(0, kAmountMax);
    screen_.amount_error =
        screen_.amount.empty() || parse_money(screen_.amount) ? std::string{} : no_amount();
    screen_.notice.clear();
    refresh();
}

void PayOutPresenter::choose_tender(Tender tender) {
    if (!change_.open()) {
        screen_.tender = tender;
        refresh();
    }
}

void PayOutPresenter::commit() {
    if (change_.open() || screen_.finished) {
        return;
    }
    const auto amount = positive(screen_.amount);
    screen_.amount_error.clear();
    if (!amount) {
        screen_.amount_error = screen_.amount.empty()
                                   ? tr("How much is it?")
                                   : tr("The amount must be above zero, like 200 or 200.50.");
    } else if (*amount > payable_e4_) {
        screen_.amount_error = fill(tr("Only {amount} is payable."), fmt::arg("amount", money(payable_e4_)));
    }
    if (!screen_.amount_error.empty() || !context_.connection.online()) {
        return refresh();
    }
    v1::PayRefundRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.set_amount_e4(*amount);
    request.set_method(static_cast<v1::TenderMethod>(tender_number(screen_.tender)));
    change_.ask<v1::PayRefundRequest, v1::PayRefundResponse>(
        method::pay_refund, request, [this](Result<v1::PayRefundResponse> result) {
            if (result) {
                screen_.finished = true;
                screen_.notice_is_error = false;
                screen_.notice = result->still_payable_e4() > 0
                                     ? fill(tr("Paid out. {amount} is still payable."),
                                            fmt::arg("amount", money(result->still_payable_e4())))
                                     : tr("Paid out. Nothing is payable any more.");
            } else {
                screen_.notice = describe_with_code(result.fault());
                screen_.notice_is_error = true;
            }
            refresh();
        });
    refresh();
}

void PayOutPresenter::refresh() {
    const auto amount = positive(screen_.amount);
    screen_.commit =
        amount ? fill(tr("Pay out {amount}"), fmt::arg("amount", money(*amount))) : tr("Pay out");
    screen_.after = {{tr("Payable"), money(payable_e4_),
                      amount && *amount <= payable_e4_ ? money(payable_e4_ - *amount) : std::string{}}};
    screen_.why_not.clear();
    if (screen_.finished) {
        screen_.why_not = tr("It is paid out.");
    } else if (!context_.session.may("sale.refund")) {
        screen_.why_not = tr("You may not pay out.");
    } else if (!amount) {
        screen_.why_not = tr("First say how much.");
    }
    write_waiting(screen_, change_, context_.connection);
    screen_.can_commit = screen_.why_not.empty();
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
