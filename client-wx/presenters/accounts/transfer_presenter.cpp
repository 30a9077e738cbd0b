#include "client-wx/presenters/accounts/transfer_presenter.hpp"

#include <wutong/v1/account_change_service.pb.h>

#include <algorithm>

#include "client-wx/api/account_change_methods.hpp"
#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/accounts/change_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kAgain{5};
constexpr std::chrono::milliseconds kLookAfter{250};
constexpr std::size_t kTextMax = 400;  // bytes
constexpr int kKnownMax = 4;

std::string unit_of(const v1::TransferMeter& meter) {
    return clipped(meter.unit_code().empty() ? meter.meter_code() : meter.unit_code(), 40);
}

}  // namespace

TransferPresenter::TransferPresenter(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)}, change_{context} {
    change_.on_state = [this] { refresh(); };
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && account_id_ != 0 && !screen_.finished) {
            quote();
        }
        refresh();
    });
}

TransferPresenter::~TransferPresenter() = default;

void TransferPresenter::open(std::int64_t account_id) {
    if (account_id != 0 && (account_id != account_id_ || screen_.finished) && !change_.open()) {
        account_id_ = account_id;
        quote_.reset();
        const auto asked = screen_.focus_asked;
        screen_ = {};
        screen_.focus_asked = asked + 1;
        screen_.title = tr("New tenant");
    }
    quote();
    refresh();
}

void TransferPresenter::leave() {
    again_.stop();
}

v1::TransferAccountRequest TransferPresenter::request() const {
    v1::TransferAccountRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    auto& customer = *request.mutable_customer();
    if (screen_.customer_id != 0) {
        customer.set_customer_id(screen_.customer_id);
    } else {
        customer.set_name(screen_.name);
        customer.set_phone(screen_.phone);
        customer.set_note(screen_.note);
    }
    request.set_number(screen_.number);
    request.set_money(screen_.carry ? v1::TRANSFER_MONEY_CARRY : v1::TRANSFER_MONEY_REFUND);
    request.set_reason(screen_.reason);
    request.set_accept_difference(screen_.accept_difference);
    return request;
}

void TransferPresenter::quote() {
    if (account_id_ == 0 || screen_.finished || change_.open()) {
        return;
    }
    auto asked = request();
    // The settlement does not depend on who comes.
    asked.mutable_customer()->Clear();
    asked.mutable_customer()->set_name("-");
    asked.clear_number();
    asked.clear_reason();
    quote_call_ = context_.server.call<v1::TransferAccountRequest, v1::TransferQuote>(
        method::quote_transfer, asked, [this](Result<v1::TransferQuote> result) {
            screen_.loading = false;
            again_ = context_.timers.after(kAgain, [this] { quote(); });
            if (result) {
                screen_.fault.clear();
                quote_ = std::make_unique<v1::TransferQuote>(*result);
                write_quote();
            } else if (!quote_) {
                screen_.fault = describe_with_code(result.fault());
            }
            refresh();
        });
}

void TransferPresenter::write_quote() {
    const auto& quote = *quote_;
    screen_.known_quote = true;
    screen_.title =
        fill(tr("New tenant for {number}"), fmt::arg("number", clipped(quote.account_number(), 40)));
    screen_.from = clipped(quote.customer(), 120);
    const bool carry = screen_.carry;
    screen_.columns = {tr("Unit"),
                       tr("Last reading"),
                       tr("On meter"),
                       tr("Used until then"),
                       tr("Ledger"),
                       tr("Unexplained"),
                       carry ? tr("Goes along") : tr("Payable")};
    screen_.rows.clear();
    screen_.keys.clear();
    bool differs = false;
    const auto right = [](std::string text, Ink ink = Ink::normal, bool bold = false) {
        return TableCell{.text = std::move(text), .ink = ink, .bold = bold};
    };
    for (const auto& meter : quote.meters()) {
        differs |= meter.unexplained_e4() != 0;
        screen_.rows.push_back(
            {right(unit_of(meter), Ink::normal, true), right(energy(meter.energy_wh())),
             right(money(meter.meter_balance_e4())), right(money(meter.use_to_book_e4())),
             right(money(meter.ledger_e4())),
             right(meter.unexplained_e4() == 0 ? std::string{kDash} : money_change(meter.unexplained_e4()),
                   meter.unexplained_e4() == 0 ? Ink::quiet : Ink::danger),
             right(money(carry ? meter.carried_e4() : meter.payable_e4()), Ink::normal, true)});
        screen_.keys.push_back(meter.meter_id());
    }
    screen_.carried = money(quote.carried_e4());
    const auto payable = quote.payable_after_e4();
    screen_.owes = payable < 0;
    screen_.payable_label = screen_.owes ? tr("The old tenant owes") : tr("Payable to the old tenant");
    screen_.payable = money(screen_.owes ? -std::max(payable, -INT64_MAX) : payable);
    screen_.blockers.clear();
    for (const auto& blocker : quote.blockers()) {
        differs |= blocker.reason() == "balances_differ";
        std::string unit;
        for (const auto& meter : quote.meters()) {
            if (meter.meter_id() == blocker.meter_id()) {
                unit = unit_of(meter);
            }
        }
        if (const auto* live = unit.empty() ? context_.live.find(blocker.meter_id()) : nullptr) {
            unit = clipped(live->unit_code.empty() ? live->code : live->unit_code, 40);
        }
        screen_.blockers.push_back(change_blocker_words(blocker.reason(), blocker.text(), unit));
    }
    screen_.offers_difference = differs || screen_.accept_difference;
}

void TransferPresenter::type(TransferScreen::Field field, const std::string& text) {
    using Field = TransferScreen::Field;
    if (change_.open() || screen_.finished) {
        return;
    }
    const auto typed = at_most(text, kTextMax);
    switch (field) {
        case Field::name:
            if (screen_.customer_id == 0) {
                screen_.name = typed;
                screen_.name_error.clear();
                customers_soon_ = context_.timers.after(kLookAfter, [this] { look_for_customer(); });
            }
            break;
        case Field::phone:
            screen_.phone = typed;
            screen_.phone_error.clear();
            break;
        case Field::note:
            screen_.note = typed;
            break;
        case Field::number:
            screen_.number = typed;
            screen_.number_error.clear();
            break;
        case Field::reason:
            screen_.reason = typed;
            screen_.reason_error.clear();
            break;
    }
    refresh();
}

void TransferPresenter::look_for_customer() {
    const auto text = clipped(screen_.name, 40);
    if (text.size() < 2 || screen_.customer_id != 0) {
        screen_.known.clear();
        return refresh();
    }
    v1::ListCustomersRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_search(text);
    request.mutable_page()->set_size(kKnownMax);
    customers_call_ = context_.server.call<v1::ListCustomersRequest, v1::ListCustomersResponse>(
        method::list_customers, request, [this](Result<v1::ListCustomersResponse> result) {
            screen_.known.clear();
            if (result && screen_.customer_id == 0) {
                for (const auto& one : result->customers()) {
                    std::string detail = clipped(one.customer().phone(), 40);
                    for (const auto& account : one.accounts()) {
                        detail += (detail.empty() ? "" : "  ·  ") + clipped(account.number(), 40);
                        if (detail.size() > kTextMax) {
                            break;
                        }
                    }
                    screen_.known.push_back({one.customer().customer_id(), clipped(one.customer().name(), 60),
                                             clipped(one.customer().phone(), 40), clipped(detail, 60)});
                }
            }
            refresh();
        });
}

void TransferPresenter::choose_customer(std::size_t index) {
    if (change_.open() || screen_.finished || index >= screen_.known.size()) {
        return;
    }
    const auto chosen = screen_.known[index];
    screen_.customer_id = chosen.customer_id;
    screen_.name = chosen.name;
    screen_.phone = chosen.phone;
    screen_.note.clear();
    screen_.name_error.clear();
    screen_.phone_error.clear();
    screen_.known.clear();
    ask_focus(TransferScreen::Field::reason);
    refresh();
}

void TransferPresenter::new_customer() {
    if (!change_.open() && !screen_.finished && screen_.customer_id != 0) {
        screen_.customer_id = 0;
        screen_.name.clear();
        screen_.phone.clear();
        ask_focus(TransferScreen::Field::name);
        refresh();
    }
}

void TransferPresenter::quote_again() {
    screen_.notice.clear();
    if (quote_) {
        screen_.loading = true;
    }
    quote();
    refresh();
}

void TransferPresenter::choose_carry(bool carry) {
    if (!change_.open() && !screen_.finished && carry != screen_.carry) {
        screen_.carry = carry;
        quote_again();
    } else {
        refresh();
    }
}

void TransferPresenter::accept_difference(bool on) {
    if (!change_.open() && !screen_.finished) {
        screen_.accept_difference = on;
        quote_again();
    } else {
        refresh();
    }
}

void TransferPresenter::commit() {
    using Field = TransferScreen::Field;
    if (change_.open() || screen_.finished) {
        return;
    }
    screen_.name_error = is_blank(screen_.name) ? tr("Who takes the meters over?") : std::string{};
    screen_.reason_error =
        is_blank(screen_.reason) ? tr("Say why; it is kept with both accounts.") : std::string{};
    refresh();
    if (!screen_.name_error.empty() || !screen_.reason_error.empty()) {
        ask_focus(screen_.name_error.empty() ? Field::reason : Field::name);
        return refresh();
    }
    if (!screen_.can_commit) {
        return;
    }
    auto asked = request();
    asked.set_request_id(new_request_id());
    again_.stop();
    quote_call_.cancel();
    screen_.notice.clear();
    change_.ask<v1::TransferAccountRequest, v1::TransferAccountResponse>(
        method::transfer_account, asked, [this](Result<v1::TransferAccountResponse> result) {
            if (result) {
                transferred(*result);
            } else {
                const auto& fault = result.fault();
                screen_.name_error = field_fault(fault, "customer.name");
                screen_.phone_error = field_fault(fault, "customer.phone");
                screen_.number_error = field_fault(fault, "number");
                screen_.notice = change_refusal_words(fault);
                screen_.notice_is_error = true;
                quote();
            }
            refresh();
        });
    refresh();
}

void TransferPresenter::transferred(const v1::TransferAccountResponse& answer) {
    screen_.finished = true;
    again_.stop();
    const auto payable = answer.settlement().payable_after_e4();
    const auto number = clipped(answer.new_account().number(), 40);
    context_.navigator.toast(
        payable > 0 ? fill(tr("Account {number} is open. {amount} are to be paid out to the old tenant."),
                           fmt::arg("number", number), fmt::arg("amount", money(payable)))
                    : fill(tr("Account {number} is open for the new tenant."), fmt::arg("number", number)));
    context_.navigator.open({Page::account, answer.new_account().account_id(), {}});
}

void TransferPresenter::refresh() {
    const auto meters = quote_ ? static_cast<unsigned>(quote_->meters_size()) : 0U;
    const auto who = is_blank(screen_.name) ? std::string{} : clipped(screen_.name, 60);
    screen_.carry_words =
        screen_.carry
            ? tr("The credit stays on the meters and becomes the new tenant's. Nothing is written to a "
                 "meter; power goes on.")
            : tr("The credit becomes payable to the old tenant. The meters begin at zero for the "
                 "new one: sell to the new account right away.");
    const auto amount = quote_ ? money(screen_.carry ? quote_->carried_e4() : quote_->payable_e4()) : kDash;
    screen_.commit = meters == 0     ? tr("Hand the meters over")
                     : screen_.carry ? fill(tr("Hand over with {amount}"), fmt::arg("amount", amount))
                                     : fill(tr("Hand over, {amount} payable"), fmt::arg("amount", amount));
    screen_.consequence.clear();
    if (meters > 0 && !who.empty()) {
        screen_.consequence =
            screen_.carry
                ? fill(tr_n("{n} meter goes from {old} to {name} with {amount}.",
                            "{n} meters go from {old} to {name} with {amount}.", meters),
                       fmt::arg("n", meters), fmt::arg("old", screen_.from), fmt::arg("name", who),
                       fmt::arg("amount", amount))
                : fill(tr_n("{n} meter goes from {old} to {name}; {amount} become payable to {old}.",
                            "{n} meters go from {old} to {name}; {amount} become payable to {old}.", meters),
                       fmt::arg("n", meters), fmt::arg("old", screen_.from), fmt::arg("name", who),
                       fmt::arg("amount", amount));
    }
    screen_.busy = change_.open();
    screen_.why_not.clear();
    if (change_.open()) {
        screen_.why_not = tr("It is under way.");
        if (change_.waiting()) {
            screen_.notice_is_error = false;
            screen_.notice =
                change_.may_be_done()
                    ? tr("It was sent; the answer is missing. It is asked for again with the same number, so "
                         "nothing is done twice.")
                    : tr("Nothing was sent yet: no connection. It goes out as soon as it is back.");
        }
    } else if (screen_.finished) {
        screen_.notice.clear();
        screen_.why_not = tr("It is booked.");
    } else if (!context_.session.may("account.write")) {
        screen_.why_not = tr("You may look here, but not change accounts.");
    } else if (!context_.connection.online()) {
        screen_.why_not = tr("No connection. What is typed stays.");
    } else if (!quote_ || screen_.loading) {
        screen_.why_not = tr("The settlement is not known yet.");
    } else if (!screen_.blockers.empty()) {
        screen_.why_not = screen_.blockers.front();
    }
    screen_.can_commit = screen_.why_not.empty();
    if (changed_) {
        changed_();
    }
}

void TransferPresenter::ask_focus(TransferScreen::Field field) {
    screen_.focus = field;
    ++screen_.focus_asked;
}

}  // namespace wutong::client
