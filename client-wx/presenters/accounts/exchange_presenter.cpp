#include "client-wx/presenters/accounts/exchange_presenter.hpp"

#include <wutong/v1/account_change_service.pb.h>

#include <algorithm>

#include "client-wx/api/account_change_methods.hpp"
#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/accounts/change_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

/// The balances move while the page is open.
constexpr std::chrono::seconds kAgain{5};
/// After a key, so that what is typed is not asked letter by letter.
constexpr std::chrono::milliseconds kSoon{300};
constexpr std::size_t kReasonMax = 400;  // bytes; the server takes 500
constexpr std::size_t kMatchesMax = 6;
constexpr std::size_t kWhoMax = 200;

}  // namespace

ExchangePresenter::ExchangePresenter(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)}, change_{context}, open_{context}, clear_{context} {
    change_.on_state = [this] { refresh(); };
    open_.on_change = [this] { refresh(); };
    clear_.on_change = [this] { refresh(); };
    live_ = context_.live.subscribe([this](const LiveChange&) {
        if (old_meter_ != 0 && !screen_.finished) {
            refresh();
        }
    });
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && old_meter_ != 0 && !screen_.finished) {
            quote();
        }
        refresh();
    });
}

ExchangePresenter::~ExchangePresenter() = default;

void ExchangePresenter::open(std::int64_t old_meter) {
    const bool another = old_meter != 0 && (old_meter != old_meter_ || screen_.finished);
    if (another && !change_.open()) {
        old_meter_ = old_meter;
        new_meter_ = account_id_ = unallocated_e4_ = 0;
        new_name_.clear();
        quote_.reset();
        told_ = false;
        open_.leave();
        clear_.leave();
        const auto asked = screen_.focus_asked;
        screen_ = {};
        screen_.focus_asked = asked + 1;
        const auto* meter = context_.live.find(old_meter);
        old_unit_ = meter != nullptr ? clipped(unit_or_code(*meter), 24) : std::string{};
        if (meter != nullptr && meter->account_id != 0) {
            account_id_ = meter->account_id;
            screen_.customer =
                clipped(meter->customer, 120) + "  ·  " +
                fill(tr("account {account}"), fmt::arg("account", clipped(meter->account_number, 40)));
        }
        screen_.title = fill(tr("Exchange the meter of {unit}"), fmt::arg("unit", old_unit_));
        load_account();
    }
    quote();
    refresh();
}

void ExchangePresenter::leave() {
    again_.stop();
}

void ExchangePresenter::load_account() {
    if (account_id_ == 0) {
        return;
    }
    v1::GetAccountRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    account_call_ = context_.server.call<v1::GetAccountRequest, v1::Account>(
        method::get_account, request, [this](Result<v1::Account> result) {
            if (result) {
                unallocated_e4_ = result->unallocated_e4();
                refresh();
            }
        });
}

v1::ExchangeMeterRequest ExchangePresenter::request() {
    v1::ExchangeMeterRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    request.set_old_meter_id(old_meter_);
    request.set_new_meter_id(new_meter_);
    request.set_reason(screen_.reason);
    request.set_carry_waiting(screen_.carry_waiting.ticked);
    request.set_carry_unallocated(screen_.carry_unallocated.ticked);
    request.set_accept_difference(screen_.accept_difference.ticked);
    request.set_leave_old_meter(screen_.leave_old.ticked);
    return request;
}

bool ExchangePresenter::check_typed(v1::ExchangeMeterRequest& request, bool say) {
    if (!screen_.typed.ticked) {
        return true;
    }
    auto& typed = *request.mutable_typed();
    std::string energy_error;
    std::string balance_error;
    if (!is_blank(screen_.energy)) {
        std::int64_t wh = 0;
        if (parse_kwh(screen_.energy, wh)) {
            typed.set_energy_wh(wh);
        } else {
            energy_error = tr("Write the kilowatt-hours such as 1234.56.");
        }
    }
    if (!is_blank(screen_.balance)) {
        // A meter that is behind shows less than nothing.
        const bool below = screen_.balance.starts_with('-') || screen_.balance.starts_with("−");
        const auto e4 = parse_money(below ? screen_.balance.substr(screen_.balance.front() == '-' ? 1 : 3)
                                          : screen_.balance);
        if (e4) {
            typed.set_balance_e4(below ? -*e4 : *e4);
        } else {
            balance_error = tr("Write an amount such as 12.50.");
        }
    }
    typed.set_reason(screen_.typed_reason);
    if (say) {
        screen_.energy_error = energy_error;
        screen_.balance_error = balance_error;
        screen_.typed_reason_error = is_blank(screen_.typed_reason)
                                         ? tr("Say why nobody can read the meter, and who read this.")
                                         : std::string{};
        return energy_error.empty() && balance_error.empty() && screen_.typed_reason_error.empty();
    }
    return energy_error.empty() && balance_error.empty();
}

void ExchangePresenter::quote_soon() {
    again_ = context_.timers.after(kSoon, [this] { quote(); });
}

void ExchangePresenter::quote() {
    if (screen_.finished || change_.open() || account_id_ == 0) {
        return;
    }
    if (new_meter_ == 0) {
        quote_.reset();
        quote_call_.cancel();
        screen_.loading = false;
        write_quote();
        return refresh();
    }
    auto asked = request();
    if (!check_typed(asked, false)) {
        return;  // asked again when it can be read
    }
    // The reasons are typed while the quote is looked at already.
    if (is_blank(asked.reason())) {
        asked.set_reason("-");
    }
    if (asked.has_typed() && is_blank(asked.typed().reason())) {
        asked.mutable_typed()->set_reason("-");
    }
    quote_call_ = context_.server.call<v1::ExchangeMeterRequest, v1::ExchangeQuote>(
        method::quote_exchange, asked, [this](Result<v1::ExchangeQuote> result) {
            screen_.loading = false;
            again_ = context_.timers.after(kAgain, [this] { quote(); });
            if (result) {
                screen_.fault.clear();
                quote_ = std::make_unique<v1::ExchangeQuote>(*result);
            } else if (result.fault().kind == Fault::Kind::refused ||
                       result.fault().kind == Fault::Kind::invalid || !quote_) {
                quote_.reset();
                screen_.fault = describe_with_code(result.fault());
            }
            write_quote();
            refresh();
        });
}

void ExchangePresenter::search() {
    screen_.matches.clear();
    if (new_meter_ != 0 || screen_.who.empty() || change_.open() || screen_.finished) {
        return;
    }
    const auto& meters = context_.live.meters();
    for (const auto index : find_meters(meters, screen_.who, 8 * kMatchesMax)) {
        const auto& one = meters[index];
        if (one.account_id != 0 || one.meter_id == old_meter_ || screen_.matches.size() >= kMatchesMax) {
            continue;
        }
        screen_.matches.push_back({one.meter_id, clipped(unit_or_code(one), 40),
                                   clipped(one.unit_name.empty() ? one.code : one.unit_name, 60)});
    }
}

void ExchangePresenter::type_meter(const std::string& text) {
    if (!change_.open() && !screen_.finished) {
        screen_.who = at_most(text, kWhoMax);
        screen_.who_error.clear();
        new_meter_ = 0;
        new_name_.clear();
        quote();
    }
    refresh();
}

void ExchangePresenter::choose_meter(std::int64_t meter_id) {
    const auto* found = context_.live.find(meter_id);
    if (change_.open() || screen_.finished || found == nullptr) {
        return;
    }
    screen_.who = unit_or_code(*found);
    screen_.who_error.clear();
    if (found->account_id != 0) {
        screen_.who_error =
            fill(tr("{unit} belongs to account {account}. Choose a meter that is on none."),
                 fmt::arg("unit", unit_or_code(*found)), fmt::arg("account", found->account_number));
        return refresh();
    }
    new_meter_ = meter_id;
    new_name_ = clipped(unit_or_code(*found), 24);
    screen_.loading = true;
    quote();
    ask_focus(ExchangeScreen::Field::reason);
    refresh();
}

void ExchangePresenter::meter_entered() {
    if (new_meter_ != 0) {
        ask_focus(ExchangeScreen::Field::reason);
        return refresh();
    }
    search();
    if (!screen_.matches.empty()) {
        return choose_meter(screen_.matches.front().meter_id);
    }
    screen_.who_error =
        screen_.who.empty() ? tr("Which meter?") : tr("No prepaid meter without an account is called that.");
    refresh();
}

void ExchangePresenter::tick(Choice choice, bool on) {
    if (change_.open() || screen_.finished) {
        return refresh();
    }
    auto& which = choice == Choice::carry_waiting       ? screen_.carry_waiting
                  : choice == Choice::carry_unallocated ? screen_.carry_unallocated
                  : choice == Choice::accept_difference ? screen_.accept_difference
                  : choice == Choice::leave_old         ? screen_.leave_old
                                                        : screen_.typed;
    which.ticked = on;
    if (choice == Choice::typed) {
        screen_.leave_old.ticked = on;  // nobody will reach it to clear it
        if (on) {
            ask_focus(ExchangeScreen::Field::energy);
        }
    }
    screen_.notice.clear();
    quote();
    refresh();
}

void ExchangePresenter::type(ExchangeScreen::Field field, const std::string& text) {
    using Field = ExchangeScreen::Field;
    if (change_.open() || screen_.finished) {
        return;
    }
    switch (field) {
        case Field::who:
            return type_meter(text);
        case Field::energy:
            screen_.energy = at_most(text, kReasonMax);
            screen_.energy_error.clear();
            quote_soon();
            break;
        case Field::balance:
            screen_.balance = at_most(text, kReasonMax);
            screen_.balance_error.clear();
            quote_soon();
            break;
        case Field::typed_reason:
            screen_.typed_reason = at_most(text, kReasonMax);
            screen_.typed_reason_error.clear();
            break;
        case Field::reason:
            screen_.reason = at_most(text, kReasonMax);
            screen_.reason_error.clear();
            break;
    }
    refresh();
}

void ExchangePresenter::commit() {
    if (change_.open() || screen_.finished) {
        return;
    }
    auto asked = request();
    const bool typed_right = check_typed(asked, true);
    screen_.reason_error =
        is_blank(screen_.reason) ? tr("Say why; it is kept with both readings.") : std::string{};
    refresh();
    if (new_meter_ == 0) {
        return meter_entered();
    }
    if (!typed_right || !screen_.reason_error.empty()) {
        using Field = ExchangeScreen::Field;
        ask_focus(!screen_.energy_error.empty()         ? Field::energy
                  : !screen_.balance_error.empty()      ? Field::balance
                  : !screen_.typed_reason_error.empty() ? Field::typed_reason
                                                        : Field::reason);
        return refresh();
    }
    if (!screen_.can_commit) {
        return;
    }
    again_.stop();
    quote_call_.cancel();
    screen_.notice.clear();
    asked.set_request_id(new_request_id());
    change_.ask<v1::ExchangeMeterRequest, v1::ExchangeMeterResponse>(
        method::exchange_meter, asked, [this](Result<v1::ExchangeMeterResponse> result) {
            if (result) {
                exchanged(*result);
            } else {
                screen_.notice = change_refusal_words(result.fault());
                screen_.notice_is_error = true;
                quote();
            }
            refresh();
        });
    refresh();
}

void ExchangePresenter::exchanged(const v1::ExchangeMeterResponse& answer) {
    screen_.finished = true;
    again_.stop();
    const auto& done = answer.exchange();
    const auto at = done.has_at() ? to_time_point(done.at()) : context_.live.server_now();
    open_.follow({answer.delivery_id(), 0, "opening", done.carried_e4(), new_name_, at});
    if (answer.clear_delivery_id() != 0) {
        clear_.follow({answer.clear_delivery_id(), 0, "closing", 0, old_unit_, at});
    }
}

void ExchangePresenter::to_account() {
    context_.navigator.open({Page::account, account_id_, {}});
}

void ExchangePresenter::ask_focus(ExchangeScreen::Field field) {
    screen_.focus = field;
    ++screen_.focus_asked;
}

}  // namespace wutong::client
