#include "client-wx/views/sale/sale_view.hpp"

#include <wx/sizer.h>

#include <algorithm>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/sale/receipt_dialog.hpp"

namespace wutong::client {

namespace {

constexpr int who_width = 262, form_width = 440, side_width = 290;

constexpr std::array kTenders{Tender::cash, Tender::qr, Tender::card, Tender::transfer};

}  // namespace

SaleView::SaleView(wxWindow* parent, Context& context)
    : PageView{parent}, context_{context}, printer_{context.preferences} {
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    const int gap = theme::space(this, space::card_gap);
    row->Add(make_who(), 30, wxEXPAND | wxRIGHT, gap);
    row->Add(make_form(), 54, wxEXPAND | wxRIGHT, gap);
    row->Add(make_side(), 33, wxEXPAND);
    auto* outer = new wxBoxSizer{wxVERTICAL};
    outer->Add(row, 1, wxEXPAND | wxALL, theme::space(this, space::page_margin));
    SetSizer(outer);
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        fold();
        event.Skip();
    });

    presenter_ = std::make_unique<SalePresenter>(context_, [this] {
        if (presenter_) {
            show();
        }
    });
    presenter_->has_printer = [this] { return printer_.ready(); };
    presenter_->print_receipt = [this](std::int64_t sale_id) {
        ReceiptPresenter::print_quietly(context_, printer_, sale_id, false, receipt_call_,
                                        [this, alive = wxWeakRef<wxWindow>{this}](const std::string& fault) {
                                            if (alive) {
                                                presenter_->printed(fault.empty());
                                            }
                                        });
        return true;
    };
    show();
}

wxWindow* SaleView::make_who() {
    auto* card = new Card{this, wxs(tr("Who"))};
    card->set_step(1);
    card->SetMinSize({theme::space(this, who_width), -1});
    TextField::Style style;
    style.height_dip = measure::primary;
    style.placeholder = wxs(tr("Unit, shop, account or meter"));
    style.length_max = 100;
    who_ = new TextField{card, {}, style};
    who_->on_change([this](const std::string& text) {
        if (!showing_) {
            presenter_->type_who(text);
        }
    });
    who_->on_enter([this] { presenter_->choose_highlighted(); });
    who_->on_list_key([this](int key) {
        if (key == WXK_UP || key == WXK_DOWN) {
            presenter_->move_highlight(key == WXK_UP ? -1 : 1);
            return true;
        }
        return false;
    });
    matches_ = new MatchList{card};
    matches_->on_choose([this](std::int64_t meter) { presenter_->choose(meter); });
    matches_note_ = new Label{card, {}, Text::caption, Token::ink_3};
    matches_note_->give_up_parts();
    auto* line = new Divider{card};
    recent_title_ = new Label{card, wxs(tr("Recent at this counter")), Text::small_bold, Token::ink_2};
    recent_ = new RecentList{card};
    recent_->on_choose([this](std::int64_t meter) { presenter_->choose(meter); });

    auto& body = *card->body();
    const int s = theme::space(this, space::s);
    body.Add(who_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::m));
    body.Add(matches_, 0, wxEXPAND);
    body.Add(matches_note_, 0, wxEXPAND | wxTOP, s);
    body.Add(line, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::l));
    body.Add(recent_title_, 0, wxEXPAND | wxBOTTOM, s);
    body.Add(recent_, 1, wxEXPAND);
    return card;
}

wxWindow* SaleView::make_form() {
    form_ = new Card{this};
    // What stands in it must not push the columns about.
    form_->SetMinSize({theme::space(this, form_width), -1});
    auto& column = *form_->body();
    const int s = theme::space(this, space::s);
    const int m = theme::space(this, space::m);

    auto* head = new wxBoxSizer{wxHORIZONTAL};
    unit_ = new Label{form_, {}, Text::title};
    shop_ = new Label{form_, {}, Text::section};
    badge_ = new StateBadge{form_, MeterStatus::normal, {}};
    head->Add(unit_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::l));
    head->Add(shop_, 1, wxALIGN_CENTRE_VERTICAL);
    head->Add(badge_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, s);
    facts_ = new Label{form_, {}, Text::small, Token::ink_2};
    tiles_ = new Panel{form_, Token::surface};
    auto* tiles = new wxBoxSizer{wxHORIZONTAL};
    const std::array names{tr("On meter"), tr("Ledger"), tr("Days left"), tr("Last purchase")};
    for (std::size_t i = 0; i < figures_.size(); ++i) {
        figures_.at(i) = new FigureCard{tiles_, wxs(names.at(i)), FigureCard::Size::small};
        tiles->Add(figures_.at(i), i == 3 ? 5 : 4, wxEXPAND | (i == 0 ? 0 : wxLEFT), s);
    }
    tiles_->SetSizer(tiles);
    price_ = new Label{form_, {}, Text::small, Token::ink_2};

    column.Add(head, 0, wxEXPAND | wxBOTTOM, s);
    column.Add(facts_, 0, wxEXPAND | wxBOTTOM, m);
    column.Add(tiles_, 0, wxEXPAND);
    column.Add(price_, 0, wxEXPAND | wxTOP, m);
    column.AddStretchSpacer(1);
    column.Add(new Divider{form_}, 0, wxEXPAND | wxTOP | wxBOTTOM, m);
    add_amount_step(*form_, column);
    column.AddStretchSpacer(1);
    column.Add(new Divider{form_}, 0, wxEXPAND | wxTOP | wxBOTTOM, m);
    add_tender_step(*form_, column);
    column.AddStretchSpacer(2);

    notice_ = new Label{form_, {}, Text::small, Token::ink_2};
    notice_->wrap(480);
    hint_ = new Label{form_, {}, Text::small, Token::ink_3};
    auto* buttons = new wxBoxSizer{wxHORIZONTAL};
    sell_ = new Button{form_, {}, Button::Kind::primary, "bolt", wxs(tr("Enter"))};
    sell_->set_height(measure::sale_button);
    sell_->on_click([this] { presenter_->sell(); });
    clear_ = new Button{form_, wxs(tr("Clear")), Button::Kind::secondary, {}, "Esc"};
    clear_->set_height(measure::sale_button);
    clear_->on_click([this] { presenter_->clear(); });
    buttons->Add(sell_, 1, wxEXPAND | wxRIGHT, m);
    buttons->Add(clear_, 0, wxEXPAND);
    column.Add(notice_, 0, wxEXPAND | wxBOTTOM, s);
    column.Add(hint_, 0, wxEXPAND | wxBOTTOM, s);
    column.Add(buttons, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    return form_;
}

void SaleView::add_amount_step(Card& card, wxBoxSizer& column) {
    const int s = theme::space(this, space::s);
    amount_title_ = new StepTitle{&card, 2, wxs(tr("How much"))};
    amount_title_->set_hint(wxs(tr("Alt+1…6 amount  ·  Enter goes on  ·  F12 exact cash")));
    amount_ = new MoneyField{&card, {}, wxs(currency_sign()), true};
    amount_->on_change([this](const std::string& text) {
        if (!showing_) {
            presenter_->type_amount(text);
        }
    });
    amount_->on_enter([this] { presenter_->amount_entered(); });
    energy_ = new Label{&card, {}, Text::title};
    more_days_ = new Label{&card, {}, Text::small, Token::ink_2};
    auto* beside = new wxBoxSizer{wxVERTICAL};
    beside->Add(energy_, 0, wxEXPAND);
    beside->Add(more_days_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(amount_, 58, wxALIGN_TOP);
    row->Add(beside, 42, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::xl));
    auto* amounts = new wxBoxSizer{wxHORIZONTAL};
    for (std::size_t i = 0; i < amounts_.size(); ++i) {
        amounts_.at(i) = new Button{&card, wxs(count(kSaleAmounts.at(i)))};
        amounts_.at(i)->SetToolTip(wxString::Format("Alt+%d", static_cast<int>(i) + 1));
        amounts_.at(i)->on_click([this, i] { presenter_->take_amount(i); });
        amounts->Add(amounts_.at(i), 1, wxEXPAND | (i == 0 ? 0 : wxLEFT), i == 0 ? 0 : theme::space(this, 6));
    }
    column.Add(amount_title_, 0, wxEXPAND | wxBOTTOM, s);
    column.Add(row, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::m));
    column.Add(amounts, 0, wxEXPAND);
}

void SaleView::add_tender_step(Card& card, wxBoxSizer& column) {
    const int s = theme::space(this, space::s);
    auto* title = new StepTitle{&card, 3, wxs(tr("Paid with"))};
    title->set_hint("Alt+C  Q  B  T");
    auto* tenders = new wxBoxSizer{wxHORIZONTAL};
    for (std::size_t i = 0; i < tenders_.size(); ++i) {
        tenders_.at(i) = new Button{&card, wxs(tender_name(kTenders.at(i))), Button::Kind::secondary};
        tenders_.at(i)->on_click([this, i] { presenter_->choose_tender(kTenders.at(i)); });
        tenders->Add(tenders_.at(i), 1, wxEXPAND | (i == 0 ? 0 : wxLEFT), i == 0 ? 0 : theme::space(this, 6));
    }
    received_ = new MoneyField{&card, wxs(tr("Received")), wxs(currency_sign())};
    received_->on_change([this](const std::string& text) {
        if (!showing_) {
            presenter_->type_received(text);
        }
    });
    received_->on_enter([this] { presenter_->received_entered(); });
    change_label_ = new Label{&card, wxs(tr("Change")), Text::body, Token::ink_2};
    change_ = new Label{&card, {}, Text::title};
    auto* beside = new wxBoxSizer{wxVERTICAL};
    beside->Add(change_label_, 0, wxEXPAND | wxBOTTOM, s);
    beside->Add(change_, 0, wxEXPAND);
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(received_, 58, wxALIGN_TOP);
    row->Add(beside, 42, wxLEFT, theme::space(this, space::xl));
    column.Add(title, 0, wxEXPAND | wxBOTTOM, s);
    column.Add(tenders, 0, wxEXPAND | wxBOTTOM, s);
    column.Add(row, 0, wxEXPAND);
}

wxWindow* SaleView::make_side() {
    auto* side = new Panel{this};
    side->SetMinSize({theme::space(this, side_width), -1});
    auto* column = new wxBoxSizer{wxVERTICAL};
    const int gap = theme::space(this, space::card_gap);
    const int s = theme::space(this, space::s);

    after_card_ = new Card{side, wxs(tr("After this sale"))};
    after_empty_ =
        new Label{after_card_, wxs(tr("What the sale changes is shown here.")), Text::small, Token::ink_3};
    after_empty_->wrap(230);
    after_card_->body()->Add(after_empty_, 0, wxEXPAND);
    for (std::size_t i = 0; i < after_.size(); ++i) {
        after_.at(i) = new BeforeAfterRow{after_card_, i == 0};
        after_card_->body()->Add(after_.at(i), 0, wxEXPAND | wxBOTTOM, s);
    }
    checks_line_ = new Divider{after_card_};
    after_card_->body()->Add(checks_line_, 0, wxEXPAND | wxBOTTOM, s);
    for (auto& check : checks_) {
        check = new CheckLine{after_card_, CheckLine::State::unknown, {}};
        after_card_->body()->Add(check, 0, wxEXPAND | wxTOP, theme::space(this, space::hair));
    }

    last_card_ = new Card{side, wxs(tr("Last sale"))};
    steps_ = new Steps{last_card_};
    last_note_ = new Label{last_card_, {}, Text::small, Token::ink_2};
    last_note_->wrap(230);
    last_card_->body()->Add(steps_, 0, wxEXPAND);
    last_card_->body()->Add(last_note_, 0, wxEXPAND | wxTOP, s);

    today_card_ = new Card{side, wxs(tr("Your sales today"))};
    today_line_ = new Divider{today_card_};
    today_total_ = new FactRow{today_card_, wxs(tr("Total"))};
    today_note_ = new Label{today_card_, {}, Text::small, Token::ink_3};
    today_card_->body()->Add(today_note_, 0, wxEXPAND);
    today_card_->body()->Add(today_line_, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::xs));
    today_card_->body()->Add(today_total_, 0, wxEXPAND);

    column->Add(after_card_, 0, wxEXPAND);
    column->Add(last_card_, 0, wxEXPAND | wxTOP, gap);
    column->Add(today_card_, 1, wxEXPAND | wxTOP, gap);
    side->SetSizer(column);
    return side;
}

void SaleView::open(const Place& place) {
    presenter_->open(place.id, place.text);
    move_focus();
}

wxString SaleView::title() const {
    return wxs(tr("Sell electricity"));
}

wxString SaleView::status_left() const {
    const auto printer = printer_.ready()
                             ? fill(tr("Receipts go to {printer}"), fmt::arg("printer", printer_.name()))
                             : tr("No printer set up: receipts are shown");
    const auto& more = presenter_->screen().status_left;
    return wxs(more.empty() ? printer : printer + "   ·   " + more);
}

wxString SaleView::status_right() const {
    return wxs(tr("F2 new sale  ·  Alt+1…6 amount  ·  Alt+C Q B T payment  ·  Esc clears"));
}

std::vector<std::pair<wxString, wxString>> SaleView::keys() const {
    return {{"Alt+1…6", wxs(tr("amount"))},
            {"Alt+C Q B T", wxs(tr("cash, QR code, bank card, transfer"))},
            {"F12", wxs(tr("sell for exact cash"))},
            {"Enter", wxs(tr("next step, in the end: sell"))},
            {"↑ ↓", wxs(tr("choose among the matches"))},
            {"F3", wxs(tr("open an account"))},
            {"F4", wxs(tr("refund, on the account's page"))},
            {"Shift+F4", wxs(tr("take the last sale back"))},
            {"Ctrl+P", wxs(tr("receipt of the last sale"))},
            {"Esc", wxs(tr("clear"))}};
}

std::vector<wxWindow*> SaleView::panes() {
    return {who_, amount_, received_};
}

void SaleView::refund() {
    const auto& screen = presenter_->screen();
    if (screen.chosen) {
        context_.navigator.open({Page::account, screen.chosen->account_id, "refund"});
    } else {
        context_.navigator.toast(tr("First say who it is for; then F4 opens the account's refund."));
    }
}

void SaleView::open_account() {
    const auto& screen = presenter_->screen();
    const auto at = static_cast<std::size_t>(std::max(screen.highlighted, 0));
    const auto* live = at < screen.matches.size() ? context_.live.find(screen.matches[at].meter_id) : nullptr;
    context_.navigator.open(
        {Page::open_account, live != nullptr && live->account_id == 0 ? live->meter_id : 0, {}});
}

void SaleView::show_receipt(bool copy) {
    const auto sale_id = presenter_->screen().last_sale_id;
    if (sale_id == 0) {
        context_.navigator.toast(tr("Nothing was sold yet. Receipts of others are on the account's page."));
        return;
    }
    show_receipt_dialog(this, context_, printer_, sale_id, copy);
}

bool SaleView::key(wxKeyEvent& event) {
    const int code = event.GetKeyCode();
    if (event.GetModifiers() == wxMOD_ALT) {
        // The row of digits only: Windows composes letters with Alt and the number pad.
        if (code >= '1' && code <= '6') {
            presenter_->take_amount(static_cast<std::size_t>(code - '1'));
            return true;
        }
        constexpr std::string_view kLetters = "CQBT";
        const auto letter =
            code > 0 && code < 128 ? kLetters.find(static_cast<char>(code)) : std::string_view::npos;
        if (letter != std::string_view::npos) {
            presenter_->choose_tender(kTenders.at(letter));
            return true;
        }
        return false;
    }
    if (event.GetModifiers() == wxMOD_CONTROL && code == 'P') {
        const auto& steps = presenter_->screen().last_steps;  // the receipt is the last one
        show_receipt(!steps.empty() && steps.back().state == FlowStep::State::done);
        return true;
    }
    if (event.GetModifiers() == wxMOD_SHIFT && code == WXK_F4) {
        take_back();
        return true;
    }
    if (event.HasAnyModifiers()) {
        return false;
    }
    switch (code) {
        case WXK_F12:
            presenter_->sell_exact_cash();
            return true;
        case WXK_F2:
            presenter_->clear();
            return true;
        case WXK_F3:
            open_account();
            return true;
        case WXK_F4:
            refund();
            return true;
        case WXK_ESCAPE:
            presenter_->clear();
            return true;
        default:
            return false;
    }
}

void SaleView::move_focus() {
    switch (presenter_->screen().focus) {
        case SaleScreen::Field::who:
            who_->SetFocus();
            break;
        case SaleScreen::Field::amount:
            amount_->SetFocus();
            amount_->select_all();
            break;
        case SaleScreen::Field::received:
            received_->SetFocus();
            received_->select_all();
            break;
        case SaleScreen::Field::sell:
            sell_->SetFocus();
            break;
    }
}

}  // namespace wutong::client
