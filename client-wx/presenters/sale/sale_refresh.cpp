// How the screen follows from what is known: no calls, no decisions about money.
#include <wutong/v1/account_service.pb.h>

#include <algorithm>

#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/presenters/sale/sale_quote.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/states.hpp"
#include "client-wx/text/translate.hpp"
#include "core/sale.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kMatchesMax = 6;
constexpr std::size_t kNameMax = 60;
constexpr std::chrono::minutes kFresh{3};

std::string read_words(const LiveMeters& live, const LiveMeter& meter) {
    const auto age_now = live.age_of(meter);
    return age_now ? fill(tr("read {age} ago"), fmt::arg("age", age(*age_now))) : tr("never read");
}

std::string days_figure(std::optional<int> days_left) {
    if (!days_left) {
        return kDash;
    }
    return *days_left == 0 ? "<1" : count(*days_left);
}

/// a + b where a server's absurd values must not overflow.
std::int64_t plus(std::int64_t a, std::int64_t b) {
    std::int64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? (a < 0 ? INT64_MIN : INT64_MAX) : sum;
}

}  // namespace

void SalePresenter::search() {
    std::size_t found = 0;
    screen_.matches.clear();
    const auto& meters = context_.live.meters();
    for (const auto index : find_meters(meters, screen_.who, kMatchesMax, &found)) {
        const auto& meter = meters[index];
        screen_.matches.push_back({meter.meter_id, clipped(unit_or_code(meter), kNameMax),
                                   clipped(shop_and_kind(meter), kNameMax), money_or_dash(meter.balance_e4),
                                   meter.balance_e4.value_or(0) < 0, meter.status});
    }
    if (screen_.who.empty()) {
        screen_.matches_note.clear();
    } else if (found == 0) {
        screen_.matches_note = tr("No match");
    } else {
        screen_.matches_note = fill(tr_n("{n} match", "{n} matches", static_cast<unsigned>(found)),
                                    fmt::arg("n", count(static_cast<std::int64_t>(found)))) +
                               "  ·  ↑ ↓  ·  " + tr("Enter takes the first");
    }
}

void SalePresenter::refresh() {
    search();
    if (screen_.highlighted >= static_cast<int>(screen_.matches.size())) {
        screen_.highlighted = static_cast<int>(screen_.matches.size()) - 1;
    }
    refresh_chosen();
    refresh_after();
    refresh_checks();
    refresh_button();
    refresh_last();
    refresh_recent();
    if (changed_) {
        changed_();
    }
}

void SalePresenter::refresh_chosen() {
    const auto* to = meter();
    if (to == nullptr) {
        screen_.chosen.reset();
        return;
    }
    SaleScreen::Chosen chosen;
    chosen.meter_id = to->meter_id;
    chosen.account_id = account_id_;
    chosen.unit = clipped(unit_or_code(*to), kNameMax);
    chosen.shop = clipped(shop_and_kind(*to), kNameMax);
    chosen.facts =
        fill(tr("Account {account}  ·  meter {meter}  ·  {read}"),
             fmt::arg("account", clipped(to->account_number, 40)),
             fmt::arg("meter",
                      grouped_code(clipped(to->serial_number.empty() ? to->code : to->serial_number, 40))),
             fmt::arg("read", read_words(context_.live, *to)));
    chosen.status = to->status;
    chosen.status_words = state_name(to->status);
    chosen.on_meter = money_or_dash(to->balance_e4);
    chosen.ledger = ledger_e4_ ? money(*ledger_e4_) : kDash;
    chosen.days_left = days_long(to->days_left);
    chosen.last_purchase = last_purchase_.value_or(kDash);
    const auto price_e4 = quote_ && quote_->meter_id == meter_id_ && quote_->answer.price_e4() > 0
                              ? std::optional{quote_->answer.price_e4()}
                              : to->price_e4;
    chosen.price = price_e4 ? price_per_unit(*price_e4, to->commodity) : kDash;
    screen_.chosen = std::move(chosen);
}

void SalePresenter::refresh_after() {
    screen_.after.clear();
    screen_.energy.clear();
    screen_.more_days.clear();
    screen_.change.clear();
    const auto wanted = amount();
    if (wanted && screen_.tender == Tender::cash) {
        const auto got = parse_money(screen_.received);
        screen_.change = money(got && *got > *wanted ? *got - *wanted : 0);
    }
    const auto* to = meter();
    if (to == nullptr) {
        return;
    }
    const auto* answer = quote_ && quote_->answers(meter_id_, wanted.value_or(0)) ? &quote_->answer : nullptr;
    const auto price_e4 =
        answer != nullptr && answer->price_e4() > 0 ? std::optional{answer->price_e4()} : to->price_e4;
    const auto now_e4 = answer != nullptr && answer->has_balance_now_e4()
                            ? std::optional{answer->balance_now_e4()}
                            : to->balance_e4;
    std::optional<std::int64_t> after_e4;
    if (answer != nullptr && wanted && answer->has_balance_now_e4() && !quote_->refused()) {
        after_e4 = answer->balance_after_e4();
    } else if (now_e4 && wanted) {
        after_e4 = plus(plus(*now_e4, to->in_flight_e4), *wanted);
    }
    std::int64_t number_now = 0;
    std::int64_t number_after = 0;
    if (answer != nullptr) {
        number_now = answer->purchase_number_now();
        number_after = answer->purchase_number_after();
    } else if (to->purchase_number) {
        number_now = *to->purchase_number;
        number_after = plus(number_now, 1);
    }
    const auto days_after = after_e4 ? days_of(*after_e4, to->daily_use_wh, price_e4) : std::nullopt;
    screen_.after = {
        {tr("Balance on meter"), money_or_dash(now_e4), after_e4 ? money(*after_e4) : std::string{}},
        {tr("Days left"), days_figure(to->days_left), wanted ? days_figure(days_after) : std::string{}},
        {tr("Purchase number"), answer != nullptr || to->purchase_number ? count(number_now) : kDash,
         wanted && (answer != nullptr || to->purchase_number) ? count(number_after) : std::string{}}};
    if (wanted) {
        if (answer != nullptr && answer->energy_wh() > 0) {
            screen_.energy = quantity(answer->energy_wh(), to->commodity);
        } else if (price_e4 && *price_e4 > 0 && *wanted < INT64_MAX / 1000) {
            screen_.energy = quantity(*wanted * 1000 / *price_e4, to->commodity);
        }
        if (const auto more = days_of(*wanted, to->daily_use_wh, price_e4)) {
            screen_.more_days =
                *more == 0
                    ? tr("less than a day more")
                    : fill(tr_n("about {n} more day", "about {n} more days", static_cast<unsigned>(*more)),
                           fmt::arg("n", count(*more)));
        }
    }
}

void SalePresenter::refresh_checks() {
    using State = SaleCheck::State;
    screen_.checks.clear();
    const auto* to = meter();
    if (to == nullptr) {
        return;
    }
    const auto age_now = context_.live.age_of(*to);
    if (!age_now) {
        screen_.checks.push_back({State::warning, tr("Meter was never read; the credit waits for it")});
    } else if (to->status == core::MeterStatus::lost || *age_now > kFresh) {
        screen_.checks.push_back({State::warning, fill(tr("No answer for {age}; the credit waits"),
                                                       fmt::arg("age", age(*age_now)))});
    } else if (!to->relay_closed) {
        screen_.checks.push_back({State::good, tr("Meter answers")});
    } else if (to->commodity == Commodity::water) {
        screen_.checks.push_back({State::good, *to->relay_closed ? tr("Meter answers, valve open")
                                                                 : tr("Meter answers, valve closed")});
    } else {
        screen_.checks.push_back({State::good, *to->relay_closed ? tr("Meter answers, relay on")
                                                                 : tr("Meter answers, relay off")});
    }

    const auto wanted = amount();
    const auto* answer = quote_ && quote_->meter_id == meter_id_ ? &quote_->answer : nullptr;
    const bool about_this = answer != nullptr && quote_->answers(meter_id_, wanted.value_or(0));
    if (to->delivering || to->in_flight_e4 != 0) {
        screen_.checks.push_back({State::unknown, fill(tr("{amount} is on its way already"),
                                                       fmt::arg("amount", money(to->in_flight_e4)))});
    } else if (answer == nullptr || !to->purchase_number) {
        screen_.checks.push_back({State::unknown, tr("Purchase number not compared yet")});
    } else if (answer->purchase_number_now() == *to->purchase_number) {
        screen_.checks.push_back({State::good, fill(tr("Purchase number agrees ({number})"),
                                                    fmt::arg("number", *to->purchase_number))});
    } else {
        screen_.checks.push_back(
            {State::warning, fill(tr("The meter counts {meter} purchases, the ledger {ledger}"),
                                  fmt::arg("meter", *to->purchase_number),
                                  fmt::arg("ledger", answer->purchase_number_now()))});
    }

    const auto& refusal = about_this ? answer->refusal() : std::string{};
    if (refusal == core::to_string(core::SaleRefusal::above_hoarding_limit)) {
        screen_.checks.push_back({State::bad, tr("Above the balance limit of this meter")});
    } else if (about_this && wanted) {
        screen_.checks.push_back({State::good, tr("Below the balance limit")});
    } else {
        screen_.checks.push_back({State::unknown, tr("Balance limit: needs the amount")});
    }
    const auto most = core::SaleFacts{}.amount_max.ten_thousandths();
    if (!wanted) {
        screen_.checks.push_back(
            {State::unknown, fill(tr("Sale limit {limit}"), fmt::arg("limit", money(most)))});
    } else {
        screen_.checks.push_back(
            {*wanted > most ? State::bad : State::good,
             *wanted > most ? fill(tr("Above the {limit} sale limit"), fmt::arg("limit", money(most)))
                            : fill(tr("Within the {limit} sale limit"), fmt::arg("limit", money(most)))});
    }
    if (about_this && wanted && quote_->refused() &&
        refusal != core::to_string(core::SaleRefusal::above_hoarding_limit)) {
        screen_.checks.push_back({State::bad, describe(quote_->as_fault())});
    } else if (about_this && wanted && answer->charged_e4() > 0) {
        screen_.checks.push_back(
            {State::warning, fill(tr("{charges} are taken for charges of the tariff, {credit} for the meter"),
                                  fmt::arg("charges", money(answer->charged_e4())),
                                  fmt::arg("credit", money(answer->credited_e4())))});
    }
}

void SalePresenter::refresh_button() {
    const auto wanted = amount();
    const auto* to = meter();
    const auto unit = change_.open() ? sold_to_ : to != nullptr ? unit_or_code(*to) : std::string{};
    if (wanted && !unit.empty()) {
        screen_.sell_words = fill(tr("Sell {amount} to {unit}"), fmt::arg("amount", money(*wanted)),
                                  fmt::arg("unit", clipped(unit, 24)));
    } else if (!unit.empty()) {
        screen_.sell_words = fill(tr("Sell to {unit}"), fmt::arg("unit", clipped(unit, 24)));
    } else {
        screen_.sell_words = tr("Sell");
    }
    screen_.busy = change_.open();
    screen_.can_take_back = change_.waiting() && !change_.may_be_done();
    screen_.why_not.clear();
    const auto offline = tr("No connection. What is typed stays; sales wait until it is back.");
    const auto shift_first =
        tr("This property takes money in shifts only, and you have none open. F7 opens one; what is typed "
           "stays.");
    if (change_.open()) {
        screen_.why_not = tr("The sale is under way.");
        if (change_.waiting()) {
            screen_.notice_is_error = false;
            screen_.notice = change_.may_be_done() ? fill(tr("{amount} to {unit} was sent; the answer is "
                                                             "missing. It is asked for again with the "
                                                             "same number, so nothing is sold twice."),
                                                          fmt::arg("amount", wanted ? money(*wanted) : kDash),
                                                          fmt::arg("unit", clipped(unit, 24)))
                                                   : tr("Nothing was sent yet: no connection. It goes out as "
                                                        "soon as it is back. Esc takes it back.");
        } else {
            screen_.notice.clear();
        }
    } else if (!context_.session.may("sale.write")) {
        screen_.why_not = tr("You may look here, but not sell.");
    } else if (!context_.connection.online()) {
        screen_.why_not = offline;
    } else if (context_.shift.needed()) {
        screen_.why_not = shift_first;
    } else if (to == nullptr) {
        screen_.why_not = tr("First say who it is for.");
    } else if (!wanted) {
        screen_.why_not = tr("First say how much.");
    } else if (quote_ && quote_->answers(meter_id_, *wanted) && quote_->refused()) {
        screen_.why_not = describe(quote_->as_fault());
    }
    screen_.can_sell = screen_.why_not.empty();
    if (!change_.open() && !context_.connection.online()) {
        screen_.notice = offline;
        screen_.notice_is_error = false;
    } else if (!change_.open() && context_.shift.needed()) {
        screen_.notice = shift_first;
        screen_.notice_is_error = false;
    } else if (screen_.notice == offline || screen_.notice == shift_first) {
        screen_.notice.clear();
    }
}

void SalePresenter::refresh_last() {
    screen_.last_steps = follower_.steps();
    screen_.last_note = follower_.note();
    screen_.last_title.clear();
    screen_.last_failed = follower_.finished() && !follower_.delivered();
    if (!follower_.what()) {
        return;
    }
    screen_.last_title =
        fill(tr("Last sale  ·  {unit} {amount}"), fmt::arg("unit", clipped(follower_.what()->target, 24)),
             fmt::arg("amount", money(follower_.what()->amount_e4)));
    using State = FlowStep::State;
    const auto receipt = receipt_number_.empty()
                             ? tr("Receipt")
                             : fill(tr("Receipt {number}"), fmt::arg("number", receipt_number_));
    switch (receipt_) {
        case ReceiptState::printed:
            screen_.last_steps.push_back({State::done,
                                          fill(tr("{receipt} printed"), fmt::arg("receipt", receipt)),
                                          clock_time_s(receipt_at_)});
            screen_.last_note += "  ·  " + tr("Ctrl+P prints again");
            break;
        case ReceiptState::failed:
            screen_.last_steps.push_back(
                {State::failed, fill(tr("{receipt} did not print"), fmt::arg("receipt", receipt)), {}});
            screen_.last_note += "  ·  " + tr("Ctrl+P tries again");
            break;
        case ReceiptState::no_printer:
            screen_.last_steps.push_back({State::skipped, receipt, {}});
            screen_.last_note += "  ·  " + tr("Ctrl+P shows it");
            break;
        case ReceiptState::waits:
        case ReceiptState::none:
            screen_.last_steps.push_back({follower_.delivered() ? State::busy : State::waiting, receipt, {}});
            break;
    }
}

void SalePresenter::refresh_recent() {
    screen_.recent.clear();
    for (const auto id : recent_meters_) {
        if (const auto* one = context_.live.find(id)) {
            screen_.recent.push_back({id, clipped(unit_or_code(*one), kNameMax),
                                      clipped(shop_and_kind(*one), kNameMax),
                                      money_or_dash(one->balance_e4)});
        }
    }
}

}  // namespace wutong::client
