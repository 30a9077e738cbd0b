#include "client-wx/presenters/sale/sale_presenter.hpp"

#include <wutong/v1/account_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/sale/meter_search.hpp"
#include "client-wx/presenters/sale/sale_quote.hpp"
#include "client-wx/presenters/sale/unanswered_sale.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "core/sale.hpp"

namespace wutong::client {

namespace {

constexpr std::chrono::milliseconds kQuoteAfter{120};
constexpr std::size_t kTypedMax = 100;

}  // namespace

SalePresenter::SalePresenter(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)}, follower_{context}, change_{context} {
    follower_.on_change = [this] { delivery_changed(); };
    change_.on_state = [this] { refresh(); };
    live_ = context_.live.subscribe([this](const LiveChange&) { refresh(); });
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && meter_id_ != 0 && !quote_) {
            ask_quote();
        }
        refresh();
    });
    session_ = context_.session.on_change([this] {
        if (context_.session.signed_in()) {
            resume_after_restart();
            load_today();
        }
        refresh();
    });
    shift_ = context_.shift.on_change([this] {
        load_today();
        refresh();
    });
    every_second_ = context_.timers.every(std::chrono::seconds{1}, [this] {
        if (meter_id_ != 0) {
            refresh();
        }
    });
    resume_after_restart();
    load_today();
    refresh();
}

SalePresenter::~SalePresenter() = default;

void SalePresenter::open(std::int64_t meter_id, const std::string& typed) {
    if (!change_.open() && meter_id != 0) {
        clear();
        choose(meter_id);
        return;
    }
    if (!change_.open() && !typed.empty()) {
        clear();
        type_who(typed);
    }
    load_today();
    focus(meter_id_ == 0 ? SaleScreen::Field::who : SaleScreen::Field::amount);
    refresh();
}

void SalePresenter::type_who(const std::string& text) {
    if (change_.open()) {
        return refresh();
    }
    unchoose();
    screen_.who = text.substr(0, kTypedMax);
    screen_.who_error.clear();
    screen_.notice.clear();
    screen_.highlighted = 0;
    refresh();
}

void SalePresenter::move_highlight(int by) {
    const int last = static_cast<int>(screen_.matches.size()) - 1;
    screen_.highlighted = std::clamp(screen_.highlighted + by, std::min(last, 0), std::max(last, -1));
    refresh();
}

void SalePresenter::choose_highlighted() {
    if (change_.open()) {
        return;
    }
    const auto at = static_cast<std::size_t>(std::max(screen_.highlighted, 0));
    if (at < screen_.matches.size()) {
        choose(screen_.matches[at].meter_id);
        return;
    }
    screen_.who_error = screen_.who.empty() ? tr("Type a unit, shop, account or meter.")
                                            : tr("Nobody here is called that. Look at the spelling.");
    focus(SaleScreen::Field::who);
    refresh();
}

void SalePresenter::choose(std::int64_t meter_id) {
    if (change_.open()) {
        return;
    }
    const auto* found = context_.live.find(meter_id);
    if (found == nullptr) {
        screen_.who_error = tr("This meter is not on the wall any more.");
        focus(SaleScreen::Field::who);
        return refresh();
    }
    if (found->account_id == 0) {
        screen_.who_error =
            fill(tr("{unit} has no account. Nothing can be sold to it before one is opened (F3)."),
                 fmt::arg("unit", unit_or_code(*found)));
        focus(SaleScreen::Field::who);
        return refresh();
    }
    unchoose();
    meter_id_ = meter_id;
    account_id_ = found->account_id;
    screen_.who = unit_or_code(*found);
    screen_.who_error.clear();
    screen_.notice.clear();
    search();
    const auto at = std::find_if(screen_.matches.begin(), screen_.matches.end(),
                                 [&](const auto& match) { return match.meter_id == meter_id; });
    screen_.highlighted = at == screen_.matches.end() ? -1 : static_cast<int>(at - screen_.matches.begin());
    load_account();
    ask_quote();
    focus(SaleScreen::Field::amount);
    refresh();
}

void SalePresenter::unchoose() {
    meter_id_ = account_id_ = 0;
    ledger_e4_.reset();
    last_purchase_.reset();
    quote_.reset();
    account_call_.cancel();
    sales_call_.cancel();
    quote_call_.cancel();
    quote_soon_.stop();
}

void SalePresenter::type_amount(const std::string& text) {
    if (change_.open()) {
        return refresh();
    }
    screen_.amount = text.substr(0, kTypedMax);
    screen_.amount_error.clear();
    screen_.notice.clear();
    if (!screen_.amount.empty() && !parse_money(screen_.amount)) {
        screen_.amount_error = tr("This is no amount. Write it like 200 or 200.50.");
    }
    if (!received_typed_) {
        const auto wanted = amount();
        screen_.received = wanted ? plain_money(*wanted) : std::string{};
    }
    screen_.received_error.clear();
    quote_call_.cancel();
    quote_soon_ = context_.timers.after(kQuoteAfter, [this] { ask_quote(); });
    refresh();
}

void SalePresenter::take_amount(std::size_t index) {
    if (index >= kSaleAmounts.size() || change_.open()) {
        return;
    }
    if (meter_id_ == 0) {
        choose_highlighted();
        if (meter_id_ == 0) {
            return;
        }
    }
    type_amount(plain_money(kSaleAmounts[index] * 10'000));
    focus(SaleScreen::Field::amount);
    refresh();
}

void SalePresenter::amount_entered() {
    if (change_.open()) {
        return;
    }
    if (check_amount()) {
        focus(screen_.tender == Tender::cash ? SaleScreen::Field::received : SaleScreen::Field::sell);
    }
    refresh();
}

void SalePresenter::choose_tender(Tender tender) {
    if (change_.open()) {
        return;
    }
    screen_.tender = tender;
    screen_.received_error.clear();
    refresh();
}

void SalePresenter::type_received(const std::string& text) {
    if (change_.open()) {
        return refresh();
    }
    screen_.received = text.substr(0, kTypedMax);
    received_typed_ = !text.empty();
    screen_.received_error.clear();
    refresh();
}

void SalePresenter::received_entered() {
    sell();
}

const LiveMeter* SalePresenter::meter() const {
    return meter_id_ == 0 ? nullptr : context_.live.find(meter_id_);
}

std::optional<std::int64_t> SalePresenter::amount() const {
    const auto typed = parse_money(screen_.amount);
    return typed && *typed > 0 ? typed : std::nullopt;
}

bool SalePresenter::check_amount() {
    const auto typed = parse_money(screen_.amount);
    const auto most = core::SaleFacts{}.amount_max.ten_thousandths();
    if (screen_.amount.empty()) {
        screen_.amount_error = tr("How much is it?");
    } else if (!typed) {
        screen_.amount_error = tr("This is no amount. Write it like 200 or 200.50.");
    } else if (*typed <= 0) {
        screen_.amount_error = tr("The amount must be above zero.");
    } else if (*typed > most) {
        screen_.amount_error = fill(tr("At most {limit} in one sale."), fmt::arg("limit", money(most)));
    } else {
        screen_.amount_error.clear();
        return true;
    }
    focus(SaleScreen::Field::amount);
    return false;
}

bool SalePresenter::check_received() {
    if (screen_.tender != Tender::cash) {
        return true;
    }
    const auto got = parse_money(screen_.received);
    const auto wanted = amount().value_or(0);
    if (!got) {
        screen_.received_error = tr("This is no amount. Write it like 200 or 200.50.");
    } else if (*got < wanted) {
        screen_.received_error = fill(tr("{missing} is missing."), fmt::arg("missing", money(wanted - *got)));
    } else {
        return true;
    }
    focus(SaleScreen::Field::received);
    return false;
}

void SalePresenter::sell_exact_cash() {
    if (change_.open()) {
        return;
    }
    screen_.tender = Tender::cash;
    if (const auto wanted = amount()) {
        screen_.received = plain_money(*wanted);
    }
    sell();
}

void SalePresenter::sell() {
    if (change_.open()) {
        return;  // a second click: the first one is under way
    }
    screen_.notice.clear();
    if (meter_id_ == 0) {
        choose_highlighted();
        if (meter_id_ == 0) {
            return;
        }
    }
    if (!check_amount() || !check_received()) {
        return refresh();
    }
    if (!context_.session.may("sale.write") || !context_.connection.online() || context_.shift.needed()) {
        return refresh();  // the button says why
    }
    if (quote_ && quote_->answers(meter_id_, *amount()) && quote_->refused()) {
        refused(quote_->as_fault());
        ask_quote();
        return;
    }
    send();
}

void SalePresenter::clear() {
    if (change_.open()) {
        if (!change_.take_back()) {
            return refresh();
        }
        UnansweredSale::forget(context_);
        screen_.notice = tr("Taken back: nothing was sent, nothing was sold.");
        screen_.notice_is_error = false;
        return refresh();  // what was typed stays for the next Esc
    }
    unchoose();
    screen_.who.clear();
    screen_.who_error.clear();
    screen_.amount.clear();
    screen_.amount_error.clear();
    screen_.received.clear();
    screen_.received_error.clear();
    screen_.notice.clear();
    screen_.tender = Tender::cash;
    screen_.highlighted = -1;
    received_typed_ = false;
    focus(SaleScreen::Field::who);
    refresh();
}

std::int64_t SalePresenter::account_id() const {
    return account_id_;
}

void SalePresenter::focus(SaleScreen::Field field) {
    screen_.focus = field;
    ++screen_.focus_asked;
}

}  // namespace wutong::client
