#include "client-wx/views/accounts/opening_view.hpp"

#include <wx/sizer.h>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int customer_width = 300, words_width = 360;
constexpr std::array kTenders{Tender::cash, Tender::qr, Tender::card, Tender::transfer};

void put(TextField& field, const FormText& text, bool enabled) {
    if (field.text() != text.text) {
        field.set_text(text.text);
    }
    field.set_error(wxs(text.error));
    field.set_enabled(enabled);
}

}  // namespace

OpeningView::OpeningView(wxWindow* parent, Context& context) : PageView{parent}, context_{context} {
    presenter_ = std::make_unique<OpeningPresenter>(context_, nullptr);
    auto* cards = new wxBoxSizer{wxHORIZONTAL};
    cards->Add(make_customer(), 1, wxEXPAND | wxRIGHT, theme::space(this, space::card_gap));
    cards->Add(make_meters(), 3, wxEXPAND);
    auto* column = new wxBoxSizer{wxVERTICAL};
    column->Add(cards, 1, wxEXPAND | wxBOTTOM, theme::space(this, space::card_gap));
    column->Add(make_act(), 0, wxEXPAND);
    auto* outer = new wxBoxSizer{wxVERTICAL};
    outer->Add(column, 1, wxEXPAND | wxALL, theme::space(this, space::page_margin));
    SetSizer(outer);
    presenter_->set_changed([this] { show(); });
    show();
}

wxWindow* OpeningView::make_customer() {
    customer_ = new Card{this, wxs(tr("Customer"))};
    customer_->SetMinSize({theme::space(this, customer_width), -1});
    const int m = theme::space(this, space::m);
    account_ = new Label{customer_, {}, Text::body};
    account_->wrap(customer_width - 2 * space::card_padding);
    name_ = new TextField{customer_, wxs(tr("Name"))};
    name_->on_change([this](const std::string& text) { presenter_->type_name(text); });
    known_title_ = new Label{customer_, wxs(tr("Known already; click to take")), Text::small, Token::ink_3};
    known_ = new SuggestionList{customer_};
    known_->on_choose([this](std::size_t at) { presenter_->choose_customer(at); });
    new_customer_ = new Button{customer_, wxs(tr("Another customer")), Button::Kind::ghost, "x"};
    new_customer_->on_click([this] { presenter_->new_customer(); });
    phone_ = new TextField{customer_, wxs(tr("Phone"))};
    phone_->on_change([this](const std::string& text) { presenter_->type_phone(text); });
    note_ = new TextField{customer_, wxs(tr("Note"))};
    note_->on_change([this](const std::string& text) { presenter_->type_note(text); });
    number_ = new TextField{customer_, wxs(tr("Account number"))};
    number_->set_hint(wxs(tr("empty: made by the server")));
    number_->on_change([this](const std::string& text) { presenter_->type_number(text); });
    deposit_ = new MoneyField{customer_, wxs(tr("Deposit")), wxs(currency_sign())};
    deposit_->on_change([this](const std::string& text) { presenter_->type_deposit(text); });
    auto& body = *customer_->body();
    body.Add(account_, 0, wxEXPAND);
    body.Add(name_, 0, wxEXPAND);
    body.Add(new_customer_, 0, wxALIGN_RIGHT);
    body.Add(known_title_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    body.Add(known_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    body.Add(phone_, 0, wxEXPAND | wxTOP, m);
    body.Add(note_, 0, wxEXPAND | wxTOP, m);
    body.Add(number_, 0, wxEXPAND | wxTOP, m);
    body.Add(deposit_, 0, wxEXPAND | wxTOP, m);
    return customer_;
}

wxWindow* OpeningView::make_meters() {
    meters_card_ = new Card{this, wxs(tr("Meters"))};
    add_ = new Button{meters_card_, wxs(tr("Add meter")), Button::Kind::secondary, "plus", "F3"};
    add_->on_click([this] { presenter_->add_meter(); });
    meters_card_->set_corner(add_);
    meters_ = new wxScrolledWindow{meters_card_, wxID_ANY, wxDefaultPosition, wxDefaultSize,
                                   wxVSCROLL | wxBORDER_NONE};
    meters_->SetBackgroundColour(theme::colour(Token::surface));
    meters_->Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        meters_->SetBackgroundColour(theme::colour(Token::surface));
        event.Skip();
    });
    meters_->SetScrollRate(0, theme::space(this, space::l));
    meters_->SetSizer(new wxBoxSizer{wxVERTICAL});
    meters_card_->body()->Add(meters_, 1, wxEXPAND);
    return meters_card_;
}

wxWindow* OpeningView::make_act() {
    act_ = new Card{this};
    const int s = theme::space(this, space::s);
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(new Label{act_, wxs(tr("First purchase paid with")), Text::body, Token::ink_2}, 0,
             wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::m));
    const std::array icons{"cash-banknote", "qrcode", "credit-card", "building-bank"};
    for (std::size_t i = 0; i < tenders_.size(); ++i) {
        tenders_.at(i) =
            new Button{act_, wxs(tender_name(kTenders.at(i))), Button::Kind::secondary, icons.at(i)};
        tenders_.at(i)->on_click([this, i] { presenter_->choose_tender(kTenders.at(i)); });
        row->Add(tenders_.at(i), 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, s);
    }
    row->AddStretchSpacer();
    total_ = new Label{act_, {}, Text::title};
    row->Add(total_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::l));
    commit_ = new Button{act_, {}, Button::Kind::primary, "user-plus", "Ctrl+Enter"};
    commit_->set_height(measure::primary);
    commit_->on_click([this] { presenter_->commit(); });
    row->Add(commit_, 0, wxALIGN_CENTRE_VERTICAL);
    notice_ = new Label{act_, {}, Text::small, Token::ink_2};
    notice_->wrap(words_width * 2);
    act_->body()->Add(notice_, 0, wxEXPAND | wxBOTTOM, s);
    act_->body()->Add(row, 0, wxEXPAND);
    return act_;
}

void OpeningView::open(const Place& place) {
    // "add": one more meter for account `id`. Otherwise `id`, if any, is the first meter of a new account.
    const bool adds = place.text == "add";
    presenter_->open(adds ? place.id : 0, adds ? 0 : place.id);
    move_focus();
}

void OpeningView::show() {
    const auto& screen = presenter_->screen();
    show_customer();
    show_meters();
    for (std::size_t i = 0; i < tenders_.size(); ++i) {
        tenders_.at(i)->set_chosen(screen.tender == kTenders.at(i));
    }
    total_->set_text(wxs(screen.total));
    bool moved = notice_->Show(!screen.notice.empty());
    notice_->set_text(wxs(screen.notice));
    notice_->set_ink(screen.notice_is_error ? Token::danger : Token::ink_2);
    commit_->set_text(wxs(screen.commit));
    commit_->set_busy(screen.busy);
    if (screen.can_commit) {
        commit_->enable();
    } else if (!screen.busy) {
        commit_->disable(wxs(screen.why_not));
    }
    if (moved) {
        Layout();
    }
    if (screen.focus_asked != focus_seen_) {
        focus_seen_ = screen.focus_asked;
        if (IsShownOnScreen()) {
            move_focus();
        }
    }
    changed();
}

void OpeningView::show_customer() {
    const auto& screen = presenter_->screen();
    const bool adds = screen.adds_meter;
    const bool known = screen.customer_id != 0;
    bool moved = false;
    moved |= account_->Show(adds);
    account_->set_text(wxs(screen.account));
    for (wxWindow* one : std::initializer_list<wxWindow*>{name_, phone_, note_, number_}) {
        moved |= one->Show(!adds);
    }
    put(*name_, screen.name, !screen.busy && !known);
    put(*phone_, screen.phone, !screen.busy && !known);
    put(*note_, screen.note, !screen.busy && !known);
    put(*number_, screen.number, !screen.busy);
    moved |= deposit_->Show(screen.asks_deposit);
    put(*deposit_, screen.deposit, !screen.busy);
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& one : screen.known) {
        lines.emplace_back(one.name, one.phone.empty() ? one.accounts : one.phone + "  ·  " + one.accounts);
    }
    moved |= known_title_->Show(!lines.empty() && !adds);
    moved |= known_->Show(!lines.empty() && !adds);
    known_->set(std::move(lines));
    moved |= new_customer_->Show(known && !adds);
    if (moved) {
        customer_->Layout();
        customer_->Refresh();
    }
}

void OpeningView::show_meters() {
    const auto& screen = presenter_->screen();
    bool moved = false;
    while (blocks_.size() < screen.meters.size()) {
        auto* block = new OpeningMeterBlock{meters_, *presenter_, blocks_.size()};
        if (!blocks_.empty()) {
            meters_->GetSizer()->Add(new Divider{meters_}, 0, wxEXPAND | wxTOP | wxBOTTOM,
                                     theme::space(this, space::l));
        }
        meters_->GetSizer()->Add(block, 0, wxEXPAND | wxRIGHT, theme::space(this, space::m));
        blocks_.push_back(block);
        moved = true;
    }
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        const bool used = i < screen.meters.size();
        moved |= blocks_[i]->Show(used);
        if (i > 0) {  // the line before it
            moved |= meters_->GetSizer()->GetItem(2 * i - 1)->GetWindow()->Show(used);
        }
        if (used) {
            const auto before = blocks_[i]->GetBestSize();
            blocks_[i]->set(screen.meters[i], screen.meters.size() > 1 && !screen.busy, !screen.busy);
            moved |= blocks_[i]->GetBestSize() != before;
        }
    }
    add_->Show(!screen.adds_meter);
    screen.can_add ? add_->enable() : add_->disable(wxs(tr("No more fit on one page; add them later.")));
    if (moved) {
        meters_->FitInside();
        meters_->Layout();
    }
}

void OpeningView::move_focus() {
    const auto& screen = presenter_->screen();
    switch (screen.focus) {
        case OpeningScreen::Field::name:
            name_->SetFocus();
            return;
        case OpeningScreen::Field::phone:
            phone_->SetFocus();
            return;
        case OpeningScreen::Field::deposit:
            deposit_->SetFocus();
            return;
        default:
            if (screen.focus_meter < blocks_.size()) {
                blocks_[screen.focus_meter]->focus(screen.focus);
            }
    }
}

wxString OpeningView::title() const {
    return wxs(presenter_->screen().title);
}

wxString OpeningView::status_left() const {
    return wxs(tr("The account is open in the books at once; the meters follow"));
}

wxString OpeningView::status_right() const {
    return wxs(tr("F3 adds a meter  ·  Ctrl+Enter opens  ·  Alt+← back"));
}

bool OpeningView::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.GetModifiers() == wxMOD_CONTROL && (code == WXK_RETURN || code == WXK_NUMPAD_ENTER)) {
        presenter_->commit();
        return true;
    }
    if (event.GetModifiers() == wxMOD_ALT) {
        constexpr std::string_view kLetters = "CQBT";
        const auto letter =
            code > 0 && code < 128 ? kLetters.find(static_cast<char>(code)) : std::string_view::npos;
        if (letter != std::string_view::npos) {
            presenter_->choose_tender(kTenders.at(letter));
            return true;
        }
    }
    if (!event.HasAnyModifiers() && code == WXK_F3) {
        presenter_->add_meter();
        return true;
    }
    if (!event.HasAnyModifiers() && code == WXK_ESCAPE) {
        context_.navigator.back();  // what was typed stays
        return true;
    }
    return false;
}

std::vector<std::pair<wxString, wxString>> OpeningView::keys() const {
    return {{"F3", wxs(tr("one more meter"))},
            {"Enter", wxs(tr("in the meter field: take the first match"))},
            {"Alt+C Q B T", wxs(tr("cash, QR code, bank card, transfer"))},
            {"Ctrl+Enter", wxs(tr("open the account"))},
            {"Esc", wxs(tr("go back; what was typed stays"))}};
}

std::vector<wxWindow*> OpeningView::panes() {
    return {name_, blocks_.empty() ? static_cast<wxWindow*>(add_) : blocks_.front(), commit_};
}

}  // namespace wutong::client
