// The sale page's widgets follow its screen.
#include <algorithm>

#include "client-wx/text/translate.hpp"
#include "client-wx/views/accounts/reversal_dialog.hpp"
#include "client-wx/views/sale/sale_view.hpp"

namespace wutong::client {

namespace {

/// Below this height of the page the tiles fold into one line and hints go.
constexpr int fold_below = 730;

constexpr std::array kTenders{Tender::cash, Tender::qr, Tender::card, Tender::transfer};

CheckLine::State state_of(SaleCheck::State state) {
    switch (state) {
        case SaleCheck::State::good:
            return CheckLine::State::good;
        case SaleCheck::State::warning:
            return CheckLine::State::warning;
        case SaleCheck::State::bad:
            return CheckLine::State::bad;
        case SaleCheck::State::unknown:
            break;
    }
    return CheckLine::State::unknown;
}

Steps::State state_of(FlowStep::State state) {
    switch (state) {
        case FlowStep::State::busy:
            return Steps::State::busy;
        case FlowStep::State::done:
            return Steps::State::done;
        case FlowStep::State::failed:
            return Steps::State::failed;
        case FlowStep::State::skipped:
            return Steps::State::skipped;
        case FlowStep::State::waiting:
            break;
    }
    return Steps::State::waiting;
}

void put(TextField& field, const std::string& text) {
    if (field.text() != text) {
        field.set_text(text);
    }
}

bool show_window(wxWindow* window, bool shown) {
    return window->Show(shown);
}

}  // namespace

void SaleView::show() {
    if (!presenter_) {
        return;
    }
    showing_ = true;
    show_who();
    show_form();
    show_side();
    showing_ = false;
    const auto& screen = presenter_->screen();
    if (screen.focus_asked != focus_seen_) {
        focus_seen_ = screen.focus_asked;
        if (IsShownOnScreen()) {
            move_focus();
        }
    }
    changed();
}

void SaleView::show_who() {
    const auto& screen = presenter_->screen();
    put(*who_, screen.who);
    who_->set_enabled(!screen.busy);
    who_->set_error(wxs(screen.who_error));
    matches_->set(screen.matches, screen.highlighted);
    const bool moved = show_window(matches_note_, !screen.matches_note.empty()) |
                       show_window(recent_title_, !screen.recent.empty());
    matches_note_->set_text(wxs(screen.matches_note));
    recent_->set(screen.recent);
    if (moved) {
        matches_note_->GetParent()->Layout();
    }
}

void SaleView::show_form() {
    const auto& screen = presenter_->screen();
    bool moved = false;
    const bool chosen = screen.chosen.has_value();
    if (chosen) {
        const auto& to = *screen.chosen;
        unit_->set_text(wxs(to.unit));
        shop_->set_text(wxs(to.shop));
        facts_->set_text(wxs(to.facts));
        badge_->set(to.status, wxs(to.status_words));
        price_->set_text(wxs(to.price));
        figures_[0]->set_figure(wxs(to.on_meter));
        figures_[1]->set_figure(wxs(to.ledger));
        figures_[2]->set_figure(wxs(to.days_left));
        figures_[3]->set_figure(wxs(to.last_purchase));
    } else {
        unit_->set_text(wxs(tr("Who is it for?")));
        shop_->set_text({});
        facts_->set_text(wxs(tr("Type a unit at the left; Enter takes the first match.")));
        price_->set_text({});
        for (auto* figure : figures_) {
            figure->set_figure(wxs("—"));
        }
    }
    for (auto* figure : figures_) {
        figure->set_folded(folded_);
    }
    moved |= show_window(badge_, chosen);
    if (make_room_in_tiles()) {
        tiles_->Layout();
    }
    moved |= make_room_for_tenders();
    moved |= show_window(price_, !folded_);
    moved |= show_window(hint_, !folded_ && screen.notice.empty());
    moved |= show_window(notice_, !screen.notice.empty());
    for (auto* one : amounts_) {
        one->set_height(folded_ ? measure::control_min : measure::control);
    }

    put(*amount_, screen.amount);
    amount_->set_enabled(!screen.busy);
    amount_->set_error(wxs(screen.amount_error));
    energy_->set_text(wxs(screen.energy));
    more_days_->set_text(wxs(screen.more_days));
    for (std::size_t i = 0; i < tenders_.size(); ++i) {
        tenders_.at(i)->set_chosen(screen.tender == kTenders.at(i));
    }
    const bool cash = screen.tender == Tender::cash;
    moved |= show_window(received_, cash);
    moved |= show_window(change_, cash);
    moved |= show_window(change_label_, cash);
    put(*received_, screen.received);
    received_->set_enabled(!screen.busy);
    received_->set_error(wxs(screen.received_error));
    change_->set_text(wxs(screen.change));
    hint_->set_text(wxs(printer_.ready()
                            ? tr("Enter sells. The receipt prints by itself; then type the next unit.")
                            : tr("Enter sells; then type the next unit.")));
    notice_->set_text(wxs(screen.notice));
    notice_->set_ink(screen.notice_is_error ? Token::danger : Token::warn);

    sell_->set_text(wxs(screen.sell_words));
    sell_->set_busy(screen.busy);
    if (screen.can_sell) {
        sell_->enable();
    } else if (!screen.busy) {
        sell_->disable(wxs(screen.why_not));
    }
    clear_->set_text(wxs(screen.can_take_back ? tr("Take back") : tr("Clear")));
    if (moved) {
        form_->Layout();
        form_->Refresh();
    }
}

void SaleView::show_side() {
    const auto& screen = presenter_->screen();
    bool moved = show_window(after_empty_, screen.after.empty());
    for (std::size_t i = 0; i < after_.size(); ++i) {
        moved |= show_window(after_.at(i), i < screen.after.size());
        if (i < screen.after.size()) {
            after_.at(i)->set(screen.after[i]);
        }
    }
    moved |= show_window(checks_line_, !screen.checks.empty());
    for (std::size_t i = 0; i < checks_.size(); ++i) {
        moved |= show_window(checks_.at(i), i < screen.checks.size());
        if (i < screen.checks.size()) {
            checks_.at(i)->set(state_of(screen.checks[i].state), wxs(screen.checks[i].words));
        }
    }

    const bool any = !screen.last_steps.empty();
    last_card_->set_title(wxs(any ? screen.last_title : tr("Last sale")));
    std::vector<Steps::Step> steps;
    for (const auto& step : screen.last_steps) {
        steps.push_back({state_of(step.state), wxs(step.words), wxs(step.time)});
    }
    moved |= show_window(steps_, any);
    steps_->set(std::move(steps));
    last_note_->set_text(wxs(any ? screen.last_note : tr("None since this page was opened.")));
    last_note_->set_ink(screen.last_failed ? Token::danger : Token::ink_2);

    while (today_.size() < screen.today.size()) {
        auto* row = new FactRow{today_card_, {}};
        today_card_->body()->Insert(today_.size(), row, 0, wxEXPAND);
        today_.push_back(row);
        moved = true;
    }
    for (std::size_t i = 0; i < today_.size(); ++i) {
        moved |= show_window(today_[i], i < screen.today.size());
        if (i < screen.today.size()) {
            today_[i]->set_label(wxs(screen.today[i].first));
            today_[i]->set_value(wxs(screen.today[i].second));
        }
    }
    moved |= show_window(today_note_, !screen.today_note.empty());
    moved |= show_window(today_line_, !screen.today.empty());
    moved |= show_window(today_total_, !screen.today.empty());
    today_card_->set_title(wxs(screen.today_title));
    today_note_->set_text(wxs(screen.today_note));
    today_total_->set_value(wxs(screen.today_total));
    if (make_room_at_side() || moved) {
        after_card_->GetParent()->Layout();
        for (auto* card : {after_card_, last_card_, today_card_}) {
            card->Layout();
            card->Refresh();
        }
    }
}

bool SaleView::make_room_in_tiles() {
    bool moved = show_window(figures_[3], !folded_);  // four do not fit in one line
    const bool had_days = figures_[2]->IsShown();
    figures_[2]->Show();
    // With large letters not even three; "After this sale" tells the days too.
    if (folded_ && form_->body()->GetSize().x > 0 &&
        tiles_->GetSizer()->CalcMin().x > form_->body()->GetSize().x) {
        figures_[2]->Hide();
    }
    moved |= figures_[2]->IsShown() != had_days;
    return moved;
}

bool SaleView::make_room_for_tenders() {
    constexpr std::array icons{"cash-banknote", "qrcode", "credit-card", "building-bank"};
    const int picture = tender_icons_ ? 0 : theme::space(this, measure::icon_m + space::s);
    int wanted = 0;
    for (const auto* one : tenders_) {
        wanted += one->GetBestSize().x + picture + theme::space(this, space::s);
    }
    const bool pictures = wanted <= form_->body()->GetSize().x;  // all have one, or none
    if (pictures == tender_icons_) {
        return false;
    }
    tender_icons_ = pictures;
    for (std::size_t i = 0; i < tenders_.size(); ++i) {
        tenders_.at(i)->set_icon(pictures ? icons.at(i) : "");
    }
    return true;
}

void SaleView::take_back() {
    const auto sale_id = presenter_->screen().last_sale_id;
    if (sale_id == 0) {
        context_.navigator.toast(
            tr("Nothing was sold here yet. Others are taken back on the account's page."));
        return;
    }
    std::erase_if(unanswered_reversals_, [](const auto& left) { return !left->unanswered(); });
    if (auto left = ask_reversal(this, context_, sale_id)) {
        unanswered_reversals_.push_back(std::move(left));
    }
}

void SaleView::fold() {
    const bool folded = GetClientSize().y < theme::space(this, fold_below);
    if (folded != folded_) {
        folded_ = folded;
        show();
    } else if (after_card_ != nullptr && make_room_at_side()) {
        after_card_->GetParent()->Layout();
    }
}

bool SaleView::make_room_at_side() {
    auto* side = after_card_->GetParent();
    const bool was = today_card_->IsShown();
    today_card_->Show();
    // Half a card helps nobody; what this sale does comes first.
    if (side->GetSizer()->CalcMin().y > side->GetClientSize().y) {
        today_card_->Hide();
    }
    return today_card_->IsShown() != was;
}

}  // namespace wutong::client
