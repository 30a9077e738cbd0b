#include "client-wx/views/accounts/transfer_view.hpp"

#include <wx/sizer.h>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/accounts/change_parts.hpp"
#include "client-wx/views/meter/meter_tabs.hpp"

namespace wutong::client {

TransferView::TransferView(wxWindow* parent, Context& context) : PageView{parent}, context_{context} {
    presenter_ = std::make_unique<TransferPresenter>(context_, [this] {
        if (presenter_) {
            show();
        }
    });
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(make_settlement(), 3, wxEXPAND | wxRIGHT, theme::space(this, space::card_gap));
    row->Add(make_act(), 2, wxEXPAND);
    auto* outer = new wxBoxSizer{wxVERTICAL};
    outer->Add(row, 1, wxEXPAND | wxALL, theme::space(this, space::page_margin));
    SetSizer(outer);
    show();
}

wxWindow* TransferView::make_settlement() {
    settlement_ = new Card{this, wxs(tr("Settlement"))};
    const int m = theme::space(this, space::m);
    const int s = theme::space(this, space::s);
    from_ = new Label{settlement_, {}, Text::title};
    way_ =
        new Segmented{settlement_, {wxs(tr("The credit goes along")), wxs(tr("The credit is paid out"))}, 0};
    way_->on_change([this](int chosen) { presenter_->choose_carry(chosen == 0); });
    way_words_ = new Label{settlement_, {}, Text::body, Token::ink_2};
    way_words_->flow();
    std::vector<TableColumn> columns{
        column(tr("Unit"), 7, false, true), column(tr("Last reading"), 12, true),
        column(tr("On meter"), 9, true),    column(tr("Used until then"), 11, true),
        column(tr("Ledger"), 9, true),      column(tr("Unexplained"), 10, true),
        column(tr("Goes along"), 9, true)};
    columns[2].optional = columns[3].optional = true;  // the ledger says what counts
    table_ = new Table{settlement_, std::move(columns)};
    table_->set_empty_text(tr("The settlement is not known yet."));
    carried_ = new FigureCard{settlement_, wxs(tr("Goes to the new tenant")), FigureCard::Size::small};
    payable_ = new FigureCard{settlement_, wxs(tr("Payable to the old tenant")), FigureCard::Size::small};
    auto* figures = new wxBoxSizer{wxHORIZONTAL};
    figures->Add(carried_, 1, wxEXPAND | wxRIGHT, theme::space(this, space::card_gap));
    figures->Add(payable_, 1, wxEXPAND);
    fault_ = new Label{settlement_, {}, Text::body, Token::danger};
    fault_->flow();
    auto& body = *settlement_->body();
    body.Add(from_, 0, wxEXPAND | wxBOTTOM, s);
    body.Add(way_, 0, wxALIGN_LEFT | wxBOTTOM, s);
    body.Add(way_words_, 0, wxEXPAND | wxBOTTOM, m);
    body.Add(fault_, 0, wxEXPAND | wxBOTTOM, s);
    body.Add(table_, 1, wxEXPAND | wxBOTTOM, m);
    body.Add(figures, 0, wxEXPAND);
    return settlement_;
}

wxWindow* TransferView::make_act() {
    act_ = new Card{this, wxs(tr("New tenant"))};
    const int m = theme::space(this, space::m);
    const int s = theme::space(this, space::s);
    scroll_ = scrolled_part(act_);
    auto& column = *scroll_->GetSizer();
    const auto field = [&](TextField*& made, const std::string& label, Where where) {
        made = new TextField{scroll_, wxs(label)};
        made->on_change([this, where](const std::string& text) { presenter_->type(where, text); });
    };
    field(name_, tr("Name"), Where::name);
    field(phone_, tr("Phone"), Where::phone);
    field(note_, tr("Note"), Where::note);
    field(number_, tr("Account number"), Where::number);
    field(reason_, tr("Reason"), Where::reason);
    number_->set_hint(wxs(tr("empty: made by the server")));
    known_title_ = new Label{scroll_, wxs(tr("Known already; click to take")), Text::small, Token::ink_3};
    known_ = new SuggestionList{scroll_};
    known_->on_choose([this](std::size_t at) { presenter_->choose_customer(at); });
    new_customer_ = new Button{scroll_, wxs(tr("Another customer")), Button::Kind::ghost, "x"};
    new_customer_->on_click([this] { presenter_->new_customer(); });
    accept_ = new CheckBox{scroll_, wxs(tr("Accept the difference that nothing explains"))};
    accept_->flow();
    accept_->on_change([this](bool on) { presenter_->accept_difference(on); });
    blockers_ = new Label{scroll_, {}, Text::body, Token::danger};
    blockers_->flow();
    column.Add(blockers_, 0, wxEXPAND | wxBOTTOM, m);
    column.Add(accept_, 0, wxEXPAND | wxBOTTOM, m);
    column.Add(name_, 0, wxEXPAND);
    column.Add(new_customer_, 0, wxALIGN_RIGHT);
    column.Add(known_title_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    column.Add(known_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    auto* pair = new wxBoxSizer{wxHORIZONTAL};
    pair->Add(phone_, 1, wxRIGHT, m);
    pair->Add(number_, 1);
    column.Add(pair, 0, wxEXPAND | wxTOP, s);
    column.Add(note_, 0, wxEXPAND | wxTOP, s);
    column.Add(reason_, 0, wxEXPAND | wxTOP, s);
    consequence_ = new Label{act_, {}, Text::body_bold};
    consequence_->flow();
    notice_ = new Label{act_, {}, Text::small, Token::ink_2};
    notice_->flow();
    commit_ = new Button{act_, {}, Button::Kind::primary, "transfer", "Ctrl+Enter"};
    commit_->set_height(measure::primary);
    commit_->on_click([this] { presenter_->commit(); });
    cancel_ = new Button{act_, wxs(tr("Keep the tenant")), Button::Kind::secondary, {}, "Esc"};
    cancel_->set_height(measure::primary);
    cancel_->on_click([this] { context_.navigator.back(); });
    auto& body = *act_->body();
    body.Add(scroll_, 1, wxEXPAND);
    body.Add(consequence_, 0, wxEXPAND | wxTOP, s);
    body.Add(notice_, 0, wxEXPAND | wxTOP, s);
    body.Add(commit_, 0, wxEXPAND | wxTOP, m);
    body.Add(cancel_, 0, wxEXPAND | wxTOP, s);
    return act_;
}

void TransferView::open(const Place& place) {
    presenter_->open(place.id);
    move_focus();
}

bool TransferView::show_settlement() {
    const auto& screen = presenter_->screen();
    from_->set_text(wxs(screen.from));
    way_->choose(screen.carry ? 0 : 1);
    way_words_->set_text(wxs(screen.carry_words));
    if (!screen.columns.empty()) {
        table_->set_titles(screen.columns);
    }
    show_if_other(*table_, screen.rows, screen.keys);
    carried_->set_figure(wxs(screen.known_quote ? screen.carried : kDash));
    payable_->set_figure(wxs(screen.known_quote ? screen.payable : kDash),
                         screen.owes ? Token::danger : Token::ink);
    if (!screen.payable_label.empty()) {
        payable_->set_label(wxs(screen.payable_label));
    }
    const bool moved = fault_->Show(!screen.fault.empty());
    fault_->set_text(wxs(screen.fault));
    return moved;
}

bool TransferView::show_act() {
    const auto& screen = presenter_->screen();
    const bool can_type = !screen.busy && !screen.finished;
    const bool is_new = screen.customer_id == 0;
    bool moved = false;
    moved |= blockers_->Show(!screen.blockers.empty());
    blockers_->set_text(joined(screen.blockers));
    moved |= accept_->Show(screen.offers_difference);
    accept_->tick(screen.accept_difference);
    accept_->Enable(can_type);
    put(*name_, screen.name, screen.name_error, can_type && is_new);
    put(*phone_, screen.phone, screen.phone_error, can_type && is_new);
    put(*note_, screen.note, {}, can_type && is_new);
    put(*number_, screen.number, screen.number_error, can_type);
    put(*reason_, screen.reason, screen.reason_error, can_type);
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& one : screen.known) {
        lines.emplace_back(one.name, one.detail);
    }
    moved |= known_title_->Show(!lines.empty()) | known_->Show(!lines.empty());
    known_->set(std::move(lines));
    moved |= new_customer_->Show(!is_new && can_type);
    moved |= consequence_->Show(!screen.consequence.empty());
    consequence_->set_text(wxs(screen.consequence));
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
    return moved;
}

void TransferView::show() {
    bool moved = show_settlement();
    moved |= show_act();
    if (moved) {
        settlement_->Layout();
        act_->Layout();
        scroll_->FitInside();
        scroll_->Layout();
        settlement_->Refresh();
        act_->Refresh();
    }
    if (presenter_->screen().focus_asked != focus_seen_ && IsShownOnScreen()) {
        move_focus();
    }
    changed();
}

void TransferView::move_focus() {
    focus_seen_ = presenter_->screen().focus_asked;
    switch (presenter_->screen().focus) {
        case Where::name:
            return name_->SetFocus();
        case Where::phone:
            return phone_->SetFocus();
        case Where::note:
            return note_->SetFocus();
        case Where::number:
            return number_->SetFocus();
        case Where::reason:
            break;
    }
    reason_->SetFocus();
}

wxString TransferView::title() const {
    return wxs(presenter_ && !presenter_->screen().title.empty() ? presenter_->screen().title
                                                                 : tr("New tenant"));
}

wxString TransferView::status_left() const {
    return wxs(tr("Nothing is changed before you say so"));
}

wxString TransferView::status_right() const {
    return wxs(tr("Ctrl+Enter gives the meters over  ·  Esc goes back"));
}

bool TransferView::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.GetModifiers() == wxMOD_CONTROL && (code == WXK_RETURN || code == WXK_NUMPAD_ENTER)) {
        presenter_->commit();
        return true;
    }
    if (!event.HasAnyModifiers() && code == WXK_ESCAPE) {
        context_.navigator.back();  // what was typed stays
        return true;
    }
    return false;
}

std::vector<std::pair<wxString, wxString>> TransferView::keys() const {
    return {{"Ctrl+Enter", wxs(tr("give the meters over"))},
            {"Esc", wxs(tr("go back; what was typed stays"))}};
}

std::vector<wxWindow*> TransferView::panes() {
    return {name_, way_, commit_};
}

}  // namespace wutong::client
