// How the exchange's screen follows from the quote and from what is under way.
#include <wutong/v1/account_change_service.pb.h>

#include <algorithm>
#include <array>

#include "client-wx/presenters/accounts/change_words.hpp"
#include "client-wx/presenters/accounts/exchange_presenter.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

bool blocked_by(const v1::ExchangeQuote* quote, std::initializer_list<std::string_view> reasons) {
    return quote != nullptr &&
           std::any_of(quote->blockers().begin(), quote->blockers().end(), [&](const auto& blocker) {
               return std::find(reasons.begin(), reasons.end(), blocker.reason()) != reasons.end();
           });
}

}  // namespace

void ExchangePresenter::write_quote() {
    screen_.lines.clear();
    screen_.after.clear();
    screen_.blockers.clear();
    screen_.warnings.clear();
    screen_.result_label.clear();
    screen_.result.clear();
    write_choices();
    if (!quote_) {
        return;
    }
    const auto& quote = *quote_;
    auto& lines = screen_.lines;
    if (quote.has_energy_wh()) {
        const auto when =
            quote.typed()
                ? tr("typed")
                : fill(tr("read {age} ago"),
                       fmt::arg("age", age(std::chrono::duration_cast<std::chrono::milliseconds>(
                                           context_.live.server_now() - to_time_point(quote.read_at())))));
        lines.emplace_back(tr("Last reading of the old meter") + ", " + when, energy(quote.energy_wh()));
        lines.emplace_back(tr("Balance on the old meter"),
                           quote.has_meter_balance_e4() ? money(quote.meter_balance_e4()) : kDash);
        lines.emplace_back(tr("Used until then, booked now"), money_change(-quote.use_to_book_e4()));
    }
    lines.emplace_back(tr("The tenant's, as the books say"), money(quote.ledger_e4()));
    if (quote.unexplained_e4() != 0) {
        lines.emplace_back(tr("Unexplained difference"), money_change(quote.unexplained_e4()));
    }
    const auto add = [&](const std::string& label, std::int64_t e4) {
        if (e4 != 0) {
            lines.emplace_back(label, money_change(e4));
        }
    };
    add(tr("Payments that wait for the old meter"), quote.waiting_e4());
    add(tr("Paid in, on no meter"), quote.unallocated_e4());
    add(tr("Too fine for the new meter: stays the tenant's"), -quote.left_unallocated_e4());
    add(tr("Rounding"), -quote.rounding_e4());
    if (quote.debt_e4() != 0) {
        lines.emplace_back(tr("Owed on the old meter: stays to be paid"), money(quote.debt_e4()));
    }
    screen_.result_label = fill(tr("Goes to {unit}"), fmt::arg("unit", new_name_));
    screen_.result = money(quote.carried_e4());
    const auto* fresh = context_.live.find(new_meter_);
    screen_.after.push_back({fill(tr("New meter {unit}"), fmt::arg("unit", new_name_)),
                             fresh != nullptr ? money_or_dash(fresh->balance_e4) : std::string{kDash},
                             money(quote.carried_e4())});
    const auto was = quote.has_meter_balance_e4() ? money(quote.meter_balance_e4()) : std::string{kDash};
    screen_.after.push_back({fill(tr("Old meter {unit}"), fmt::arg("unit", old_unit_)), was,
                             screen_.leave_old.ticked ? was : money(0)});
    for (const auto& blocker : quote.blockers()) {
        const auto& about = blocker.meter_id() == 0            ? std::string{}
                            : blocker.meter_id() == new_meter_ ? new_name_
                                                               : old_unit_;
        screen_.blockers.push_back(change_blocker_words(blocker.reason(), blocker.text(), about));
    }
    screen_.warnings.push_back(
        fill(tr("The tenant's time on {old} ends at this reading; {new} goes on with {amount}."),
             fmt::arg("old", old_unit_), fmt::arg("new", new_name_),
             fmt::arg("amount", money(quote.carried_e4()))));
    if (quote.unexplained_e4() != 0 && screen_.accept_difference.ticked) {
        screen_.warnings.push_back(
            tr("The meter and the books differ, and nothing explains it: what the books say is carried."));
    }
    if (quote.debt_e4() != 0) {
        screen_.warnings.push_back(tr("The debt stays on the account. Take it with the next payment."));
    }
    screen_.warnings.push_back(
        screen_.leave_old.ticked
            ? tr("The old meter is left as it is. Take it off the wall: whatever it shows is nobody's.")
            : tr("The old meter is cleared when it can be reached. The new one is opened at once."));
}

void ExchangePresenter::write_choices() {
    const auto* quote = quote_.get();
    const auto offer = [](ExchangeScreen::Choice& choice, bool matters, std::string words) {
        choice.shown = matters || choice.ticked;
        choice.words = std::move(words);
    };
    offer(screen_.carry_waiting,
          blocked_by(quote, {"delivery_waiting"}) || (quote != nullptr && quote->waiting_e4() != 0),
          tr("Carry the payments that wait for the old meter"));
    offer(screen_.carry_unallocated, quote != nullptr && unallocated_e4_ > 0,
          fill(tr("Carry the {amount} that are on no meter too"),
               fmt::arg("amount", money(std::max<std::int64_t>(unallocated_e4_, 0)))));
    offer(screen_.accept_difference,
          blocked_by(quote, {"balances_differ"}) || (quote != nullptr && quote->unexplained_e4() != 0),
          tr("Accept the difference that nothing explains"));
    offer(screen_.typed, blocked_by(quote, {"reading_too_old", "reading_below_books", "reading_implausible"}),
          tr("Nobody can read the old meter: type its last reading"));
    offer(screen_.leave_old, quote != nullptr && quote->has_energy_wh(),
          tr("Leave the old meter as it is, it is scrap"));
}

void ExchangePresenter::write_steps() {
    screen_.new_steps.clear();
    screen_.old_steps.clear();
    screen_.steps_note.clear();
    screen_.steps_failed = false;
    if (!screen_.finished) {
        return;
    }
    screen_.new_steps_title = fill(tr("New meter {unit}"), fmt::arg("unit", new_name_));
    screen_.old_steps_title = fill(tr("Old meter {unit}"), fmt::arg("unit", old_unit_));
    screen_.new_steps = open_.steps();
    if (!screen_.new_steps.empty()) {
        screen_.new_steps.front().words = tr("Exchanged in the books");
    }
    screen_.old_steps = clear_.steps();
    if (open_.delivered()) {
        screen_.steps_note = tr("The new meter is open and serves the tenant.");
        if (!std::exchange(told_, true)) {
            context_.navigator.toast(
                fill(tr("{unit} is open on the new meter."), fmt::arg("unit", new_name_)));
        }
    } else if (open_.finished()) {
        screen_.steps_failed = true;
        screen_.steps_note =
            open_.note() + " " +
            tr("The exchange stands: carry it to another meter with \"on no meter\", or pay it out.");
    } else {
        screen_.steps_note =
            tr("The exchange is booked. The new meter gets its credit as soon as it answers.");
    }
}

void ExchangePresenter::refresh() {
    search();
    screen_.check = {};
    if (const auto* fresh = new_meter_ == 0 ? nullptr : context_.live.find(new_meter_)) {
        const auto since = context_.live.age_of(*fresh);
        const bool answers = since && !fresh->lost_since;
        screen_.check = answers ? SaleCheck{SaleCheck::State::good, tr("answers")}
                                : SaleCheck{SaleCheck::State::warning,
                                            tr("does not answer: its credit waits until it does")};
    }
    screen_.commit = new_meter_ == 0 || !quote_ ? tr("Exchange the meter")
                     : quote_->carried_e4() > 0 ? fill(tr("Exchange, carry {amount}"),
                                                       fmt::arg("amount", money(quote_->carried_e4())))
                                                : tr("Exchange, carry nothing");
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
    } else if (account_id_ == 0) {
        screen_.why_not = tr("This meter is on no account: there is nothing to exchange.");
    } else if (!context_.connection.online()) {
        screen_.why_not = tr("No connection. What is typed stays.");
    } else if (new_meter_ == 0) {
        screen_.why_not = tr("Choose the new meter first.");
    } else if (!quote_) {
        screen_.why_not = screen_.fault.empty() ? tr("The settlement is not known yet.") : screen_.fault;
    } else if (!screen_.blockers.empty()) {
        screen_.why_not = screen_.blockers.front();
    }
    screen_.can_commit = screen_.why_not.empty();
    write_steps();
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
