#include "client-wx/views/accounts/exchange_view.hpp"

#include <wx/sizer.h>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/accounts/change_parts.hpp"
#include "client-wx/views/accounts/flow_steps.hpp"

namespace wutong::client {

ExchangeView::ExchangeView(wxWindow* parent, Context& context) : PageView{parent}, context_{context} {
    presenter_ = std::make_unique<ExchangePresenter>(context_, [this] {
        if (presenter_) {
            show();
        }
    });
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(make_meters(), 3, wxEXPAND | wxRIGHT, theme::space(this, space::card_gap));
    row->Add(make_act(), 2, wxEXPAND);
    auto* outer = new wxBoxSizer{wxVERTICAL};
    outer->Add(row, 1, wxEXPAND | wxALL, theme::space(this, space::page_margin));
    SetSizer(outer);
    show();
}

wxWindow* ExchangeView::make_meters() {
    meters_ = new Card{this, wxs(tr("Meters and settlement"))};
    const int m = theme::space(this, space::m);
    const int s = theme::space(this, space::s);
    customer_ = new Label{meters_, {}, Text::body_bold};
    TextField::Style style;
    style.icon = "search";
    style.placeholder = wxs(tr("Unit or meter"));
    style.length_max = 100;
    who_ = new TextField{meters_, wxs(tr("New meter, prepaid and on no account")), style};
    who_->on_change([this](const std::string& text) { presenter_->type_meter(text); });
    who_->on_enter([this] { presenter_->meter_entered(); });
    check_ = new CheckLine{meters_, CheckLine::State::unknown, {}};
    matches_ = new SuggestionList{meters_};
    matches_->on_choose([this](std::size_t at) {
        if (at < match_ids_.size()) {
            presenter_->choose_meter(match_ids_[at]);
        }
    });
    line_rows_ = new wxBoxSizer{wxVERTICAL};
    divider_ = new Divider{meters_};
    auto* totals = new wxBoxSizer{wxHORIZONTAL};
    auto* figure = new wxBoxSizer{wxVERTICAL};
    result_label_ = new Label{meters_, {}, Text::body, Token::ink_2};
    result_ = new Label{meters_, {}, Text::hero};
    result_->may_shrink();
    figure->Add(result_label_, 0, wxEXPAND);
    figure->Add(result_, 0, wxEXPAND);
    auto* changes = new wxBoxSizer{wxVERTICAL};
    for (int i = 0; i < 2; ++i) {
        after_.push_back(new BeforeAfterRow{meters_, false});
        changes->Add(after_.back(), 0, wxEXPAND);
    }
    totals->Add(figure, 2, wxALIGN_CENTRE_VERTICAL | wxRIGHT, m);
    totals->Add(changes, 3, wxALIGN_CENTRE_VERTICAL);
    fault_ = new Label{meters_, {}, Text::body, Token::danger};
    fault_->flow();
    auto& body = *meters_->body();
    body.Add(customer_, 0, wxEXPAND | wxBOTTOM, s);
    body.Add(who_, 0, wxEXPAND);
    body.Add(check_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    body.Add(matches_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    body.Add(fault_, 0, wxEXPAND | wxTOP, s);
    body.Add(line_rows_, 0, wxEXPAND | wxTOP, m);
    body.Add(divider_, 0, wxEXPAND | wxTOP | wxBOTTOM, s);
    body.Add(totals, 0, wxEXPAND);
    return meters_;
}

void ExchangeView::make_typed(wxWindow* parent, wxSizer& column) {
    const int m = theme::space(this, space::m);
    TextField::Style figure;
    figure.right_aligned = true;
    figure.length_max = 20;
    energy_ = new TextField{parent, wxs(tr("Energy, kWh")), figure};
    balance_ = new TextField{parent, wxs(tr("Balance")) + " (" + wxs(currency_sign()) + ")", figure};
    typed_reason_ = new TextField{parent, wxs(tr("Why nobody can read it, and who read this"))};
    energy_->on_change([this](const std::string& text) { presenter_->type(Where::energy, text); });
    balance_->on_change([this](const std::string& text) { presenter_->type(Where::balance, text); });
    typed_reason_->on_change(
        [this](const std::string& text) { presenter_->type(Where::typed_reason, text); });
    auto* figures = new wxBoxSizer{wxHORIZONTAL};
    figures->Add(energy_, 1, wxRIGHT, m);
    figures->Add(balance_, 1);
    column.Add(figures, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
    column.Add(typed_reason_, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
}

wxWindow* ExchangeView::make_act() {
    act_ = new Card{this, wxs(tr("Exchange"))};
    const int m = theme::space(this, space::m);
    const int s = theme::space(this, space::s);
    scroll_ = scrolled_part(act_);
    auto& column = *scroll_->GetSizer();
    const auto choice = [&](CheckBox*& box, Decision decision) {
        box = new CheckBox{scroll_, {}};
        box->flow();
        box->on_change([this, decision](bool on) { presenter_->tick(decision, on); });
        column.Add(box, 0, wxEXPAND | wxBOTTOM, s);
    };
    blockers_ = new Label{scroll_, {}, Text::body, Token::danger};
    blockers_->flow();
    column.Add(blockers_, 0, wxEXPAND | wxBOTTOM, m);
    choice(typed_, Decision::typed);
    make_typed(scroll_, column);
    choice(carry_waiting_, Decision::carry_waiting);
    choice(carry_unallocated_, Decision::carry_unallocated);
    choice(accept_difference_, Decision::accept_difference);
    choice(leave_old_, Decision::leave_old);
    reason_ = new TextField{scroll_, wxs(tr("Reason"))};
    reason_->on_change([this](const std::string& text) { presenter_->type(Where::reason, text); });
    column.Add(reason_, 0, wxEXPAND | wxTOP | wxBOTTOM, s);
    warnings_ = new Label{scroll_, {}, Text::small, Token::ink_2};
    warnings_->flow();
    column.Add(warnings_, 0, wxEXPAND | wxBOTTOM, m);
    const auto followed = [&](Label*& title, Steps*& steps) {
        title = new Label{scroll_, {}, Text::small_bold, Token::ink_2};
        steps = new Steps{scroll_};
        column.Add(title, 0, wxEXPAND | wxTOP, s);
        column.Add(steps, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    };
    followed(new_title_, new_steps_);
    followed(old_title_, old_steps_);
    steps_note_ = new Label{scroll_, {}, Text::body_bold};
    steps_note_->flow();
    column.Add(steps_note_, 0, wxEXPAND | wxTOP, m);
    notice_ = new Label{act_, {}, Text::small, Token::ink_2};
    notice_->flow();
    commit_ = new Button{act_, {}, Button::Kind::primary, "arrows-exchange", "Ctrl+Enter"};
    commit_->set_height(measure::primary);
    commit_->on_click([this] { presenter_->commit(); });
    cancel_ = new Button{act_, {}, Button::Kind::secondary, {}, "Esc"};
    cancel_->set_height(measure::primary);
    cancel_->on_click([this] { go_back(); });
    auto& body = *act_->body();
    body.Add(scroll_, 1, wxEXPAND);
    body.Add(notice_, 0, wxEXPAND | wxTOP, s);
    body.Add(commit_, 0, wxEXPAND | wxTOP, m);
    body.Add(cancel_, 0, wxEXPAND | wxTOP, s);
    return act_;
}

void ExchangeView::open(const Place& place) {
    presenter_->open(place.id);
    move_focus();
}

bool ExchangeView::show_meters() {
    const auto& screen = presenter_->screen();
    const bool can_type = !screen.busy && !screen.finished;
    bool moved = false;
    customer_->set_text(wxs(screen.customer));
    put(*who_, screen.who, screen.who_error, can_type);
    moved |= check_->Show(!screen.check.words.empty());
    check_->set(
        screen.check.state == SaleCheck::State::good ? CheckLine::State::good : CheckLine::State::warning,
        wxs(screen.check.words));
    match_ids_.clear();
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& match : screen.matches) {
        match_ids_.push_back(match.meter_id);
        found.emplace_back(match.unit, match.detail);
    }
    moved |= matches_->Show(!found.empty());
    matches_->set(std::move(found));
    moved |= fault_->Show(!screen.fault.empty());
    fault_->set_text(wxs(screen.fault));
    while (lines_.size() < screen.lines.size()) {
        lines_.push_back(new FactRow{meters_, {}});
        line_rows_->Add(lines_.back(), 0, wxEXPAND);
        moved = true;
    }
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const bool used = i < screen.lines.size();
        moved |= lines_[i]->Show(used);
        if (used) {
            lines_[i]->set_label(wxs(screen.lines[i].first));
            lines_[i]->set_value(wxs(screen.lines[i].second));
        }
    }
    const bool settled = !screen.result.empty();
    for (wxWindow* one : std::initializer_list<wxWindow*>{divider_, result_label_, result_}) {
        moved |= one->Show(settled);
    }
    result_label_->set_text(wxs(screen.result_label));
    result_->set_text(wxs(screen.result));
    for (std::size_t i = 0; i < after_.size(); ++i) {
        moved |= after_[i]->Show(i < screen.after.size());
        if (i < screen.after.size()) {
            after_[i]->set(screen.after[i]);
        }
    }
    return moved;
}

bool ExchangeView::show_choice(CheckBox& box, const ExchangeScreen::Choice& choice, bool enabled) {
    const bool moved = box.Show(choice.shown && !presenter_->screen().finished);
    box.set_words(wxs(choice.words));
    box.tick(choice.ticked);
    box.Enable(enabled);
    return moved;
}

bool ExchangeView::show_act() {
    const auto& screen = presenter_->screen();
    const bool can_type = !screen.busy && !screen.finished;
    bool moved = false;
    moved |= blockers_->Show(!screen.blockers.empty() && !screen.finished);
    blockers_->set_text(joined(screen.blockers));
    moved |= show_choice(*typed_, screen.typed, can_type);
    moved |= show_choice(*carry_waiting_, screen.carry_waiting, can_type);
    moved |= show_choice(*carry_unallocated_, screen.carry_unallocated, can_type);
    moved |= show_choice(*accept_difference_, screen.accept_difference, can_type);
    moved |= show_choice(*leave_old_, screen.leave_old, can_type);
    const bool types = screen.typed.ticked && !screen.finished;
    for (auto* field : {energy_, balance_, typed_reason_}) {
        moved |= field->Show(types);
    }
    put(*energy_, screen.energy, screen.energy_error, can_type);
    put(*balance_, screen.balance, screen.balance_error, can_type);
    put(*typed_reason_, screen.typed_reason, screen.typed_reason_error, can_type);
    moved |= reason_->Show(!screen.finished);
    put(*reason_, screen.reason, screen.reason_error, can_type);
    moved |= warnings_->Show(!screen.warnings.empty() && !screen.finished);
    warnings_->set_text(joined(screen.warnings));
    moved |= new_title_->Show(!screen.new_steps.empty()) | new_steps_->Show(!screen.new_steps.empty());
    moved |= old_title_->Show(!screen.old_steps.empty()) | old_steps_->Show(!screen.old_steps.empty());
    new_title_->set_text(wxs(screen.new_steps_title));
    old_title_->set_text(wxs(screen.old_steps_title));
    new_steps_->set(steps_of(screen.new_steps));
    old_steps_->set(steps_of(screen.old_steps));
    moved |= steps_note_->Show(!screen.steps_note.empty());
    steps_note_->set_text(wxs(screen.steps_note));
    steps_note_->set_ink(screen.steps_failed ? Token::danger : Token::ink);
    moved |= notice_->Show(!screen.notice.empty());
    notice_->set_text(wxs(screen.notice));
    notice_->set_ink(screen.notice_is_error ? Token::danger : Token::ink_2);
    commit_->set_text(wxs(screen.commit));
    commit_->set_busy(screen.busy);
    if (screen.can_commit) {
        commit_->enable();
    } else if (!screen.busy) {
        commit_->disable(wxs(screen.why_not));
    }
    if (commit_->IsShown() && screen.finished) {
        cancel_->SetFocus();  // what had the focus goes
    }
    moved |= commit_->Show(!screen.finished);
    cancel_->set_text(wxs(screen.finished ? tr("To the account") : tr("Keep the old meter")));
    return moved;
}

void ExchangeView::show() {
    bool moved = show_meters();
    moved |= show_act();
    if (moved) {
        meters_->Layout();
        act_->Layout();
        scroll_->FitInside();
        scroll_->Layout();
        meters_->Refresh();
        act_->Refresh();
    }
    if (presenter_->screen().focus_asked != focus_seen_ && IsShownOnScreen()) {
        move_focus();
    }
    changed();
}

void ExchangeView::move_focus() {
    focus_seen_ = presenter_->screen().focus_asked;
    switch (presenter_->screen().focus) {
        case Where::who:
            return who_->SetFocus();
        case Where::energy:
            return energy_->SetFocus();
        case Where::balance:
            return balance_->SetFocus();
        case Where::typed_reason:
            return typed_reason_->SetFocus();
        case Where::reason:
            break;
    }
    reason_->SetFocus();
}

void ExchangeView::go_back() {
    if (presenter_->screen().finished) {
        presenter_->to_account();
    } else {
        context_.navigator.back();  // what was typed stays
    }
}

wxString ExchangeView::title() const {
    return wxs(presenter_ && !presenter_->screen().title.empty() ? presenter_->screen().title
                                                                 : tr("Exchange the meter"));
}

wxString ExchangeView::status_left() const {
    return wxs(tr("Nothing is changed before you say so"));
}

wxString ExchangeView::status_right() const {
    return wxs(tr("Ctrl+Enter exchanges the meter  ·  Esc goes back"));
}

bool ExchangeView::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.GetModifiers() == wxMOD_CONTROL && (code == WXK_RETURN || code == WXK_NUMPAD_ENTER)) {
        presenter_->commit();
        return true;
    }
    if (!event.HasAnyModifiers() && code == WXK_ESCAPE) {
        go_back();
        return true;
    }
    return false;
}

std::vector<std::pair<wxString, wxString>> ExchangeView::keys() const {
    return {{"Enter", wxs(tr("in the meter field: take the first match"))},
            {"Ctrl+Enter", wxs(tr("exchange the meter"))},
            {"Esc", wxs(tr("go back; what was typed stays"))}};
}

std::vector<wxWindow*> ExchangeView::panes() {
    return {who_, reason_, commit_};
}

}  // namespace wutong::client
