#include "client-wx/presenters/accounts/closing_presenter.hpp"

#include <wutong/v1/account_service.pb.h>

#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

/// The balances move while the page is open.
constexpr std::chrono::seconds kAgain{5};
constexpr std::size_t kReasonMax = 400;

}  // namespace

ClosingPresenter::ClosingPresenter(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)}, change_{context} {
    change_.on_state = [this] { refresh(); };
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && account_id_ != 0 && !screen_.finished) {
            load();
        }
        refresh();
    });
}

ClosingPresenter::~ClosingPresenter() = default;

void ClosingPresenter::open(std::int64_t account_id) {
    if (account_id != 0 && account_id != account_id_ && !change_.open()) {
        account_id_ = account_id;
        quote_.reset();
        screen_ = {};
        screen_.title = tr("Close account");
    }
    load();
    refresh();
}

void ClosingPresenter::leave() {
    again_.stop();
}

void ClosingPresenter::load() {
    if (account_id_ == 0 || screen_.finished) {
        return;
    }
    v1::QuoteClosingRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    quote_call_ = context_.server.call<v1::QuoteClosingRequest, v1::ClosingQuote>(
        method::quote_closing, request, [this](Result<v1::ClosingQuote> result) {
            screen_.loading = false;
            again_ = context_.timers.after(kAgain, [this] { load(); });
            if (result) {
                screen_.fault.clear();
                quote_ = std::make_unique<v1::ClosingQuote>(*result);
                write_quote();
            } else if (!quote_) {
                screen_.fault = describe_with_code(result.fault());
            }
            refresh();
        });
}

void ClosingPresenter::write_quote() {
    const auto& quote = *quote_;
    const auto number = clipped(quote.number(), 40);
    screen_.title = fill(tr("Close account {number}"), fmt::arg("number", number));
    screen_.customer = clipped(quote.customer(), 120);
    screen_.meters.clear();
    for (const auto& one : quote.meters()) {
        ClosingScreen::Meter meter;
        meter.meter_id = one.meter_id();
        meter.unit = clipped(one.unit_code().empty() ? one.meter_code() : one.unit_code(), 40);
        meter.code =
            one.meter_code() == one.unit_code() ? std::string{} : grouped_code(clipped(one.meter_code(), 40));
        meter.on_meter = one.has_meter_balance_e4() ? money(one.meter_balance_e4()) : kDash;
        meter.ledger = money(one.ledger_e4());
        meter.read =
            one.has_read_at()
                ? fill(tr("read {age} ago"),
                       fmt::arg("age", age(std::chrono::duration_cast<std::chrono::milliseconds>(
                                           context_.live.server_now() - to_time_point(one.read_at())))))
                : tr("never read");
        meter.check = one.answers() ? SaleCheck{SaleCheck::State::good, tr("answers")}
                                    : SaleCheck{SaleCheck::State::warning,
                                                tr("does not answer: the clearing waits for it")};
        screen_.meters.push_back(std::move(meter));
    }
    screen_.lines = {{tr("Credit on the meters, as the books say"), money(quote.prepaid_credit_e4())}};
    if (quote.in_flight_e4() != 0) {
        screen_.lines.emplace_back(tr("On its way to the meters"), money(quote.in_flight_e4()));
    }
    if (quote.unallocated_e4() != 0) {
        screen_.lines.emplace_back(tr("Paid in, on no meter"), money(quote.unallocated_e4()));
    }
    if (quote.refund_payable_e4() != 0) {
        screen_.lines.emplace_back(tr("Refunded, not paid out yet"), money(quote.refund_payable_e4()));
    }
    screen_.owes = quote.has_payable_after_e4() && quote.payable_after_e4() < 0;
    screen_.result_label = screen_.owes ? tr("The tenant owes") : tr("Payable to the tenant after clearing");
    screen_.result =
        quote.has_payable_after_e4()
            ? money(screen_.owes ? -std::max(quote.payable_after_e4(), -INT64_MAX) : quote.payable_after_e4())
            : kDash;
    screen_.warnings.clear();
    if (!quote.has_payable_after_e4()) {
        screen_.warnings.push_back(
            tr("The balance of a meter is not known: the sum is known only when it is cleared."));
    }
    if (quote.switches_off()) {
        screen_.warnings.push_back(tr("The relays open afterwards: the units are without power."));
    }
    screen_.warnings.push_back(
        tr("What is used until the meter is cleared is taken off. The closing can't be undone; a "
           "new account can be opened."));
    screen_.blockers.clear();
    for (const auto& blocker : quote.blockers()) {
        Fault fault;
        fault.kind = Fault::Kind::refused;
        fault.reason = blocker.reason();
        fault.text = blocker.text();
        screen_.blockers.push_back(describe_with_code(fault));
    }
    screen_.commit =
        fill(tr_n("Close account {number} and clear {n} meter", "Close account {number} and clear {n} meters",
                  static_cast<unsigned>(quote.meters_size())),
             fmt::arg("number", number), fmt::arg("n", quote.meters_size()));
}

void ClosingPresenter::type_reason(const std::string& text) {
    if (change_.open()) {
        return;
    }
    screen_.reason = text.size() <= kReasonMax ? text : clipped(text, kReasonMax / 4);
    screen_.reason_error.clear();
    refresh();
}

void ClosingPresenter::commit() {
    if (change_.open() || screen_.finished) {
        return;
    }
    if (screen_.reason.find_first_not_of(" \t\r\n") == std::string::npos) {
        screen_.reason_error = tr("Say why; it is kept in the operation log.");
        return refresh();
    }
    refresh();
    if (!screen_.can_commit) {
        return;
    }
    v1::CloseAccountRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.set_reason(screen_.reason);
    change_.ask<v1::CloseAccountRequest, v1::CloseAccountResponse>(
        method::close_account, request, [this](Result<v1::CloseAccountResponse> result) {
            if (result) {
                screen_.finished = true;
                again_.stop();
                context_.navigator.toast(fill(tr("Account {number} is being closed. What its meters hold "
                                                 "becomes payable when they are cleared."),
                                              fmt::arg("number", clipped(result->account().number(), 40))));
                context_.navigator.open({Page::account, account_id_, {}});
            } else {
                screen_.notice = describe_with_code(result.fault());
                screen_.notice_is_error = true;
                load();
            }
            refresh();
        });
    refresh();
}

void ClosingPresenter::refresh() {
    screen_.busy = change_.open();
    screen_.why_not.clear();
    if (change_.open()) {
        screen_.why_not = tr("It is under way.");
        if (change_.waiting()) {
            screen_.notice_is_error = false;
            screen_.notice =
                tr("The answer is missing. It is asked for again with the same number, so nothing is done "
                   "twice.");
        } else {
            screen_.notice.clear();
        }
    } else if (screen_.finished) {
        screen_.why_not = tr("It is being closed.");
    } else if (!context_.session.may("account.write")) {
        screen_.why_not = tr("You may look here, but not change accounts.");
    } else if (!context_.connection.online()) {
        screen_.why_not = tr("No connection. What is typed stays.");
    } else if (!quote_) {
        screen_.why_not = tr("The settlement is not known yet.");
    } else if (!screen_.blockers.empty()) {
        screen_.why_not = screen_.blockers.front();
    }
    screen_.can_commit = screen_.why_not.empty();
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
