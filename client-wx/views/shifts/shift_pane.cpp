#include "client-wx/views/shifts/shift_pane.hpp"

#include <wx/scrolwin.h>
#include <wx/sizer.h>

#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/form_dialog.hpp"

namespace wutong::client {

namespace {

constexpr int kOpeningWidth = 460;
constexpr int kCountWidth = 430;
constexpr int kWordsWidth = 390;
constexpr int kPiecesWidth = 76;
constexpr int kResultHeight = 112;

}  // namespace

ShiftPane::ShiftPane(wxWindow* parent, Context& context)
    : Panel{parent, Token::bg}, context_{context}, presenter_{context, [this] {
                                                                  if (made_) {
                                                                      show();
                                                                  }
                                                              }} {
    instead_ = new EmptyState{this, "hourglass", wxs(tr("Being fetched"))};
    instead_->on_action([this] { presenter_.refresh(); });
    make_opening();
    shift_ = new Panel{this, Token::bg};
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    shift_->SetSizer(row);
    make_head();
    make_count();
    auto* all = new wxBoxSizer{wxVERTICAL};
    all->Add(instead_, 1, wxEXPAND);
    all->Add(opening_, 1, wxEXPAND);
    all->Add(shift_, 1, wxEXPAND);
    SetSizer(all);
    opening_->Hide();
    shift_->Hide();
    made_ = true;
    show();
}

ShiftPane::~ShiftPane() {
    made_ = false;
}

void ShiftPane::make_opening() {
    opening_ = new Panel{this, Token::bg};
    auto* card = new Card{opening_, wxs(tr("Open a shift"))};
    card->SetMinSize({theme::space(this, kOpeningWidth), -1});
    auto& body = *card->body();
    auto* why =
        new Label{card,
                  wxs(tr("What you sell, refund and pay out until you close it belongs to it. At the end you "
                         "count the drawer.")),
                  Text::body, Token::ink_2};
    why->wrap(kOpeningWidth - 2 * space::card_padding);
    point_ = new ChoiceField{card, wxs(tr("Vending point"))};
    point_->on_change([this](int chosen) { presenter_.choose_point(chosen); });
    float_ = new MoneyField{card, wxs(tr("Float: the cash in the drawer now")), wxs(currency_sign())};
    float_->set_hint(wxs(tr("Empty: the drawer is empty")));
    float_->on_change([this](const std::string& text) {
        if (!showing_) {
            presenter_.type_float(text);
        }
    });
    float_->on_enter([this] { open_->press(); });
    opening_notice_ = new Label{card, {}, Text::small, Token::danger};
    opening_notice_->wrap(kOpeningWidth - 2 * space::card_padding);
    open_ = new Button{card, {}, Button::Kind::primary, "clock", wxs(tr("Enter"))};
    open_->set_height(measure::primary);
    open_->on_click([this] { presenter_.open_shift(); });
    const int l = theme::space(this, space::l);
    body.Add(why, 0, wxEXPAND | wxBOTTOM, l);
    body.Add(point_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    body.Add(float_, 0, wxEXPAND | wxBOTTOM, l);
    body.Add(opening_notice_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    body.Add(open_, 0, wxEXPAND);
    auto* outer = new wxBoxSizer{wxVERTICAL};
    outer->AddStretchSpacer(1);
    outer->Add(card, 0, wxALIGN_CENTRE_HORIZONTAL);
    outer->AddStretchSpacer(2);
    opening_->SetSizer(outer);
}

void ShiftPane::make_head() {
    const int gap = theme::space(this, space::card_gap);
    auto* left = new wxBoxSizer{wxVERTICAL};
    title_ = new Label{shift_, {}, Text::title};
    facts_ = new Label{shift_, {}, Text::small, Token::ink_2};
    auto* figures = new wxBoxSizer{wxHORIZONTAL};
    const std::array names{tr("Sold"), tr("Receipts"), tr("Paid out"), tr("Float and moves")};
    const std::array<std::string_view, 4> icons{"shopping-bag", "receipt", "receipt-refund", "cash"};
    for (std::size_t i = 0; i < figures_.size(); ++i) {
        figures_.at(i) = new FigureCard{shift_, wxs(names.at(i)), FigureCard::Size::normal, icons.at(i)};
        figures_.at(i)->set_folded(false);
        figures->Add(figures_.at(i), 1, wxEXPAND | (i == 0 ? 0 : wxLEFT), i == 0 ? 0 : gap);
    }
    auto* card = new Card{shift_, wxs(tr("Cash put in and taken out"))};
    auto* buttons = new Panel{card, Token::surface};
    auto* in_row = new wxBoxSizer{wxHORIZONTAL};
    pay_in_ = new Button{buttons, wxs(tr("Pay in…")), Button::Kind::secondary, "plus", "F3"};
    pay_in_->on_click([this] { move_cash(false); });
    pay_out_ = new Button{buttons, wxs(tr("Pay out…")), Button::Kind::secondary, "minus", "F4"};
    pay_out_->on_click([this] { move_cash(true); });
    in_row->Add(pay_in_, 0);
    in_row->Add(pay_out_, 0, wxLEFT, theme::space(this, space::s));
    buttons->SetSizer(in_row);
    card->set_corner(buttons);
    moves_ = new Table{card,
                       {column(tr("Time"), 19), column(tr("What"), 10), column(tr("Amount"), 12, true),
                        column(tr("Reason"), 16, false, true)}};
    moves_->set_empty_text(tr("Nothing yet."));
    card->body()->Add(moves_, 1, wxEXPAND);
    left->Add(title_, 0, wxEXPAND);
    left->Add(facts_, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::xs));
    left->Add(figures, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
    left->Add(card, 1, wxEXPAND | wxTOP, gap);
    shift_->GetSizer()->Add(left, 1, wxEXPAND);
}

void ShiftPane::make_count() {
    const int s = theme::space(this, space::s);
    count_card_ = new Card{shift_, wxs(tr("Count and close"))};
    count_card_->SetMinSize({theme::space(this, kCountWidth), -1});
    how_ = new Segmented{count_card_, {wxs(tr("By notes")), wxs(tr("Total"))}};
    how_->on_change([this](int chosen) { presenter_.count_by_total(chosen == 1); });
    count_card_->set_corner(how_);
    scroll_ = new wxScrolledWindow{count_card_, wxID_ANY, wxDefaultPosition, wxDefaultSize,
                                   wxVSCROLL | wxBORDER_NONE};
    scroll_->SetScrollRate(0, theme::space(this, space::l));
    scroll_->SetBackgroundColour(theme::colour(Token::surface));
    scroll_->Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        event.Skip();
        scroll_->SetBackgroundColour(theme::colour(Token::surface));
        scroll_->Refresh();
    });
    auto* column_sizer = new wxBoxSizer{wxVERTICAL};

    // Two columns of "¥100 × [48] ¥4,800.00", read downwards.
    const auto& notes = presenter_.screen().notes;
    auto* two = new wxBoxSizer{wxHORIZONTAL};
    const auto in_column = (notes.size() + 1) / 2;
    wxFlexGridSizer* grid = nullptr;
    for (std::size_t i = 0; i < notes.size(); ++i) {
        if (i % in_column == 0) {
            grid = new wxFlexGridSizer{3, s / 2, s};
            grid->AddGrowableCol(2, 1);
            two->Add(grid, 1, wxALIGN_TOP | (i == 0 ? 0 : wxLEFT), theme::space(this, space::l));
        }
        auto* name =
            new Label{scroll_, wxs(notes[i].label + " ×"), Text::body, Token::ink_2, Painter::Align::right};
        TextField::Style style;
        style.right_aligned = true;
        style.length_max = 9;
        style.height_dip = measure::control_min;
        auto* pieces = new TextField{scroll_, {}, style};
        pieces->SetMinSize({theme::space(this, kPiecesWidth), -1});
        pieces->on_change([this, i](const std::string& text) {
            if (!showing_) {
                presenter_.type_note(i, text);
            }
        });
        pieces->on_enter([this, i] {
            if (i + 1 < notes_.size()) {
                notes_[i + 1]->SetFocus();
            } else if (!others_.empty() && others_.front()->IsShown()) {
                others_.front()->SetFocus();
            } else {
                close_->SetFocus();
            }
        });
        auto* sum = new Label{scroll_, {}, Text::small, Token::ink_2, Painter::Align::right};
        grid->Add(name, 0, wxALIGN_CENTRE_VERTICAL | wxALIGN_RIGHT);
        grid->Add(pieces, 0, wxALIGN_CENTRE_VERTICAL);
        grid->Add(sum, 1, wxEXPAND);
        notes_.push_back(pieces);
        note_sums_.push_back(sum);
    }
    notes_sizer_ = two;
    total_ = new MoneyField{scroll_, wxs(tr("Cash in the drawer")), wxs(currency_sign())};
    total_->on_change([this](const std::string& text) {
        if (!showing_) {
            presenter_.type_total(text);
        }
    });
    counted_ = new FactRow{scroll_, wxs(tr("Cash counted"))};
    others_sizer_ = new wxBoxSizer{wxVERTICAL};
    result_line_ = new Divider{scroll_};
    result_ = new Table{scroll_,
                        {column(tr("Way of paying"), 8, false, true), column(tr("Counted"), 9, true),
                         column(tr("Expected"), 9, true), column(tr("Difference"), 9, true)}};
    result_->SetMinSize({-1, theme::space(this, kResultHeight)});
    difference_ = new Label{scroll_, {}, Text::title};
    reason_ = new TextField{scroll_, wxs(tr("Reason of the difference"))};
    reason_->on_change([this](const std::string& text) {
        if (!showing_) {
            presenter_.type_reason(text);
        }
    });
    reason_->on_enter([this] { go_on(); });
    note_ = new Label{scroll_, {}, Text::body, Token::ink_2};
    note_->wrap(kWordsWidth);
    column_sizer->Add(two, 0, wxEXPAND);
    column_sizer->Add(total_, 0, wxEXPAND);
    column_sizer->Add(counted_, 0, wxEXPAND | wxTOP, s);
    column_sizer->Add(others_sizer_, 0, wxEXPAND | wxTOP, s);
    column_sizer->Add(result_line_, 0, wxEXPAND | wxTOP | wxBOTTOM, s);
    column_sizer->Add(result_, 0, wxEXPAND);
    column_sizer->Add(difference_, 0, wxEXPAND | wxTOP, s);
    column_sizer->Add(reason_, 0, wxEXPAND | wxTOP, s);
    column_sizer->Add(note_, 0, wxEXPAND | wxTOP, s);
    scroll_->SetSizer(column_sizer);

    notice_ = new Label{count_card_, {}, Text::small, Token::danger};
    notice_->wrap(kWordsWidth);
    close_ = new Button{count_card_, {}, Button::Kind::primary, "scale", "Ctrl+Enter"};
    close_->set_height(measure::primary);
    close_->on_click([this] { go_on(); });
    again_ = new Button{count_card_, wxs(tr("Open a new shift")), Button::Kind::secondary, "clock"};
    again_->on_click([this] { presenter_.show(0); });
    count_card_->body()->Add(scroll_, 1, wxEXPAND);
    count_card_->body()->Add(notice_, 0, wxEXPAND | wxTOP, s);
    count_card_->body()->Add(close_, 0, wxEXPAND | wxTOP, s);
    count_card_->body()->Add(again_, 0, wxEXPAND | wxTOP, s);
    shift_->GetSizer()->Add(count_card_, 0, wxEXPAND | wxLEFT, theme::space(this, space::card_gap));
}

void ShiftPane::go_on() {
    using Stage = ShiftScreen::Stage;
    if (presenter_.screen().stage == Stage::none) {
        open_->press();
        return;
    }
    presenter_.go_on();
    const auto& screen = presenter_.screen();
    if (!screen.reason_error.empty()) {
        reason_->SetFocus();
        return;
    }
    if (screen.by_total && !screen.total_error.empty()) {
        total_->SetFocus();
        return;
    }
    for (std::size_t i = 0; !screen.by_total && i < screen.notes.size(); ++i) {
        if (!screen.notes[i].error.empty()) {
            notes_[i]->SetFocus();
            return;
        }
    }
    for (std::size_t i = 0; i < screen.others.size(); ++i) {
        if (!screen.others[i].error.empty()) {
            others_[i]->SetFocus();
            return;
        }
    }
}

void ShiftPane::move_cash(bool out) {
    if (run_form(this, presenter_.cash_form(out), context_.navigator)) {
        presenter_.refresh();
    }
}

void ShiftPane::focus_first() {
    using Stage = ShiftScreen::Stage;
    switch (presenter_.screen().stage) {
        case Stage::none:
            float_->SetFocus();
            break;
        case Stage::open:
            presenter_.screen().by_total ? total_->SetFocus() : notes_.front()->SetFocus();
            break;
        case Stage::closed:
            again_->SetFocus();
            break;
        case Stage::loading:
        case Stage::failed:
            break;
    }
}

}  // namespace wutong::client
