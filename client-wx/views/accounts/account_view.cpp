#include "client-wx/views/accounts/account_view.hpp"

#include <wutong/v1/account_service.pb.h>
#include <wx/sizer.h>

#include <algorithm>

#include "client-wx/presenters/context.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/accounts/account_tabs.hpp"
#include "client-wx/views/accounts/meter_card.hpp"
#include "client-wx/views/accounts/money_back_dialog.hpp"

namespace wutong::client {

namespace {

/// What tells two versions of a table apart, so that an unchanged one is left alone.
std::string fingerprint(const AccountTable& table) {
    std::string all = table.empty;
    for (const auto& row : table.rows) {
        for (const auto& cell : row) {
            all += cell.text;
            all += '\x1f';
        }
    }
    return all;
}

}  // namespace

AccountView::AccountView(wxWindow* parent, Context& context)
    : PageView{parent}, context_{context}, printer_{context.preferences} {
    const int margin = theme::space(this, space::page_margin);
    const int gap = theme::space(this, space::card_gap);
    content_ = new Panel{this};
    auto* column_sizer = new wxBoxSizer{wxVERTICAL};
    column_sizer->Add(make_head(), 0, wxEXPAND | wxBOTTOM, gap);
    column_sizer->Add(make_figures(), 0, wxEXPAND | wxBOTTOM, gap);
    meters_panel_ = new Panel{content_};
    meters_ = new wxBoxSizer{wxHORIZONTAL};
    meters_panel_->SetSizer(meters_);
    column_sizer->Add(meters_panel_, 0, wxEXPAND | wxBOTTOM, gap);
    column_sizer->Add(make_tables(), 1, wxEXPAND);
    content_->SetSizer(column_sizer);
    instead_ = new EmptyState{this, "hourglass", wxs(tr("Being fetched"))};
    instead_->on_action([this] { presenter_->refresh(); });
    auto* outer = new wxBoxSizer{wxVERTICAL};
    outer->Add(content_, 1, wxEXPAND | wxALL, margin);
    outer->Add(instead_, 1, wxEXPAND);
    SetSizer(outer);
    content_->Hide();
    presenter_ = std::make_unique<AccountPresenter>(context_, [this] {
        if (presenter_) {
            show();
        }
    });
}

wxSizer* AccountView::make_head() {
    const int s = theme::space(this, space::s);
    name_ = new Label{content_, {}, Text::title};
    state_ = new Label{content_, {}, Text::small_bold, Token::info};
    facts_ = new Label{content_, {}, Text::small, Token::ink_2};
    facts_->flow();
    const auto button = [&](const std::string& words, Button::Kind kind, std::string_view icon,
                            const wxString& key) {
        return new Button{content_, wxs(words), kind, icon, key};
    };
    sell_ = button(tr("Sell"), Button::Kind::primary, "shopping-bag", "F2");
    refund_ = button(tr("Refund…"), Button::Kind::secondary, "receipt-refund", "F4");
    pay_out_ = button(tr("Pay out…"), Button::Kind::secondary, "cash-banknote", {});
    add_ = button(tr("Add meter"), Button::Kind::secondary, "plus", "F3");
    close_ = button(tr("Close account…"), Button::Kind::danger, "user-off", {});
    sell_->on_click([this] { sell_first(); });
    refund_->on_click([this] { refund(); });
    pay_out_->on_click([this] { pay_out(); });
    add_->on_click([this] { add_meter(); });
    close_->on_click([this] { close_account(); });
    auto* names = new wxBoxSizer{wxVERTICAL};
    auto* first = new wxBoxSizer{wxHORIZONTAL};
    first->Add(name_, 0, wxALIGN_CENTRE_VERTICAL);
    first->Add(state_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::m));
    names->Add(first, 0, wxEXPAND);
    names->Add(facts_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(names, 1, wxALIGN_CENTRE_VERTICAL);
    for (auto* one : {sell_, refund_, pay_out_, add_, close_}) {
        row->Add(one, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, s);
    }
    return row;
}

wxSizer* AccountView::make_figures() {
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    const std::array names{tr("Credit on meters"), tr("On its way"), tr("To be paid out"), tr("Used so far")};
    const std::array<std::string_view, 4> icons{"wallet", "send", "cash-banknote", "bolt"};
    for (std::size_t i = 0; i < figures_.size(); ++i) {
        figures_.at(i) = new FigureCard{content_, wxs(names.at(i)), FigureCard::Size::normal, icons.at(i)};
        row->Add(figures_.at(i), 1, wxEXPAND | (i == 0 ? 0 : wxLEFT),
                 i == 0 ? 0 : theme::space(this, space::card_gap));
    }
    return row;
}

wxWindow* AccountView::make_tables() {
    auto* card = new Card{content_};
    auto& body = *card->body();
    tabs_ = new TabBar{card,
                       {wxs(tr("Sales")), wxs(tr("Deliveries to meters")), wxs(tr("Entries")),
                        wxs(tr("Exchanges")), wxs(tr("Messages"))}};
    tabs_->on_change([this](int tab) { choose_tab(tab); });
    receipt_ = new Button{card, wxs(tr("Receipt")), Button::Kind::secondary, "receipt", "Ctrl+P"};
    receipt_->on_click([this] { show_receipt(); });
    take_back_ = new Button{card, wxs(tr("Take back…")), Button::Kind::secondary, "arrow-back-up"};
    take_back_->on_click([this] { take_back(); });
    settle_ = new Button{card, wxs(tr("Settle…")), Button::Kind::secondary, "scale"};
    settle_->on_click([this] { settle(); });
    evidence_ = new Button{card, wxs(tr("Evidence")), Button::Kind::secondary, "file-text", "Enter"};
    evidence_->on_click([this] { show_exchange(); });
    told_ = new Label{card, {}, Text::small, Token::ink_2};
    contact_ = new Button{card, wxs(tr("Contact…")), Button::Kind::secondary, "message"};
    contact_->on_click([this] { change_contact(); });
    statement_ = new Button{card, wxs(tr("Statement")), Button::Kind::secondary, "file-text", "F8"};
    statement_->on_click([this] { show_statement(); });
    more_ = new Button{card, wxs(tr("Older ones")), Button::Kind::ghost, "history"};
    more_->on_click(
        [this] { tabs_->chosen() == kEntries ? presenter_->more_entries() : presenter_->more_sales(); });
    tables_[kSales] =
        new Table{card,
                  {column(tr("Time"), 19), column(tr("What"), 10), column(tr("Receipt"), 14),
                   column(tr("Unit"), 12), column(tr("Amount"), 12, true), column(tr("Paid with"), 11),
                   column(tr("By"), 12), column(tr("Outcome"), 18, false, true, true)}};
    tables_[kDeliveries] = new Table{
        card,
        {column(tr("Time"), 19), column(tr("Receipt"), 14), column(tr("Unit"), 12),
         column(tr("No."), 5, true), column(tr("Amount"), 12, true), column(tr("Meter before → after"), 22),
         column(tr("Outcome"), 18, false, true, true), column(tr("Paid → on meter"), 12, true)}};
    tables_[kEntries] =
        new Table{card,
                  {column(tr("Time"), 19), column(tr("What"), 20), column(tr("Amount"), 12, true),
                   column(tr("Goes to"), 20), column(tr("Comes from"), 20), column(tr("By"), 10),
                   column(tr("Note"), 14, false, true)}};
    tables_[kExchanges] =
        new Table{card,
                  {column(tr("Time"), 19), column(tr("Meters"), 30), column(tr("Last reading"), 16, true),
                   column(tr("Carried"), 12, true), column(tr("Outcome"), 18, false, false, true),
                   column(tr("By"), 10), column(tr("Reason"), 14, false, true)}};
    tables_[kMessages] = new Table{
        card,
        {column(tr("Time"), 19), column(tr("What"), 16), column(tr("By"), 8), column(tr("To"), 24),
         column(tr("Outcome"), 14, false, false, true), column(tr("Text or reason"), 40, false, true)}};
    tables_[kExchanges]->on_activate = [this](std::size_t) { show_exchange(); };
    tables_[kSales]->on_activate = [this](std::size_t) { show_receipt(); };
    tables_[kDeliveries]->on_activate = [this](std::size_t) { settle(); };
    for (auto* table : tables_) {
        table->on_select = [this] { show_table_buttons(); };
    }
    auto* top = new wxBoxSizer{wxHORIZONTAL};
    top->Add(tabs_, 1, wxALIGN_BOTTOM);
    top->Add(more_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::s));
    top->Add(told_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::s));
    for (auto* one : {evidence_, settle_, take_back_, receipt_, contact_, statement_}) {
        top->Add(one, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::s));
    }
    settle_->Hide();
    evidence_->Hide();
    contact_->Hide();
    told_->Hide();
    body.Add(top, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    for (auto* table : tables_) {
        body.Add(table, 1, wxEXPAND);
        table->Hide();
    }
    tables_[kSales]->Show();
    return card;
}

void AccountView::choose_tab(int tab) {
    for (std::size_t i = 0; i < tables_.size(); ++i) {
        tables_.at(i)->Show(static_cast<int>(i) == tab);
    }
    receipt_->Show(tab == kSales);
    take_back_->Show(tab == kSales);
    settle_->Show(tab == kDeliveries);
    evidence_->Show(tab == kExchanges);
    contact_->Show(tab == kMessages);
    told_->Show(tab == kMessages);
    if (tab == kMessages) {
        presenter_->show_messages();
    }
    show();
    content_->Layout();
    tables_.at(static_cast<std::size_t>(tab))->GetParent()->Layout();
}

void AccountView::open(const Place& place) {
    refund_when_loaded_ = place.text == "refund";
    presenter_->open(place.id);
    tables_.at(static_cast<std::size_t>(tabs_->chosen()))->focus();
}

void AccountView::show() {
    const auto& screen = presenter_->screen();
    const bool there = !screen.title.empty();
    if (content_->IsShown() != there) {
        content_->Show(there);
        instead_->Show(!there);
        Layout();
    }
    if (!there) {
        if (screen.loading) {
            instead_->set("hourglass", wxs(tr("Being fetched")));
        } else {
            instead_->set("server-off",
                          wxs(screen.fault.empty() ? tr("No account was chosen.") : screen.fault), {},
                          wxs(tr("Try again")));
        }
        return changed();
    }
    name_->set_text(wxs(screen.title));
    state_->set_text(screen.state == "open" ? wxString{} : wxs(screen.state_words));
    facts_->set_text(wxs(screen.facts + (screen.note.empty() ? "" : "  ·  " + screen.note)));
    figures_[0]->set_figure(wxs(screen.on_meters));
    figures_[1]->set_figure(wxs(screen.in_flight));
    figures_[2]->set_figure(wxs(screen.payable), screen.something_payable ? Token::info : Token::ink);
    figures_[3]->set_figure(wxs(screen.used));
    const bool low = GetClientSize().y < theme::space(this, measure::fold_tiles_below_height -
                                                                measure::header - measure::status_line);
    for (auto* figure : figures_) {
        figure->set_folded(low);
    }
    const auto allow = [](Button* button, bool allowed, const std::string& why) {
        allowed ? button->enable() : button->disable(wxs(why));
    };
    const auto not_open = screen.state == "open" ? tr("Your role does not allow it.") : screen.why_not_write;
    allow(sell_, screen.may_sell && !screen.meters.empty(), not_open);
    allow(refund_, screen.may_refund && !screen.meters.empty(), not_open);
    allow(pay_out_, screen.may_pay_out,
          screen.something_payable ? tr("Your role does not allow it.") : tr("Nothing is payable."));
    allow(add_, screen.may_write, screen.why_not_write);
    allow(close_, screen.may_write, screen.why_not_write);

    bool moved = false;
    while (meter_cards_.size() < std::min<std::size_t>(screen.meters.size(), 3)) {
        auto* card = new MeterCard{meters_panel_};
        card->on_sell = [this](std::int64_t meter) { sell(meter); };
        card->on_exchange = [this](std::int64_t meter) { exchange_meter(meter); };
        card->on_open = [this](std::int64_t meter) { context_.navigator.open({Page::meter, meter, {}}); };
        meters_->Add(card, 1, wxEXPAND | (meter_cards_.empty() ? 0 : wxLEFT),
                     meter_cards_.empty() ? 0 : theme::space(this, space::card_gap));
        meter_cards_.push_back(card);
        moved = true;
    }
    for (std::size_t i = 0; i < meter_cards_.size(); ++i) {
        moved |= meter_cards_[i]->Show(i < screen.meters.size());
        if (i < screen.meters.size()) {
            const auto more = i == 2 && screen.meters.size() > 3
                                  ? fill(tr("and {n} more"), fmt::arg("n", screen.meters.size() - 3))
                                  : std::string{};
            meter_cards_[i]->set(screen.meters[i], more, screen.may_write);
        }
    }
    if (moved) {
        content_->Layout();
    }
    show_tables();
    if (refund_when_loaded_ && screen.may_refund) {
        refund_when_loaded_ = false;
        CallAfter([this] { refund(); });
    }
    changed();
}

void AccountView::show_tables() {
    const auto& screen = presenter_->screen();
    const std::array<const AccountTable*, 5> from{&screen.sales, &screen.deliveries, &screen.entries,
                                                  &screen.exchanges, &screen.messages};
    const auto tab = static_cast<std::size_t>(tabs_->chosen());
    const auto now = fingerprint(*from.at(tab));
    if (now != written_.at(tab)) {
        written_.at(tab) = now;
        tables_.at(tab)->set_empty_text(from.at(tab)->empty);
        tables_.at(tab)->show(from.at(tab)->rows, from.at(tab)->keys);
    }
    more_->Show(from.at(tab)->more);
    if (told_->text() != wxs(screen.told)) {
        told_->set_text(wxs(screen.told));
        told_->GetParent()->Layout();
    }
    show_table_buttons();
}

void AccountView::sell(std::int64_t meter_id) {
    context_.navigator.open({Page::sell, meter_id, {}});
}

void AccountView::sell_first() {
    if (!presenter_->screen().meters.empty()) {
        sell(presenter_->screen().meters.front().meter_id);
    }
}

void AccountView::refund() {
    const auto& screen = presenter_->screen();
    std::erase_if(unanswered_refunds_, [](const auto& left) { return !left->unanswered(); });
    std::vector<RefundPresenter::Meter> meters;
    for (const auto& meter : screen.meters) {
        meters.push_back({meter.meter_id, meter.unit});
    }
    if (auto left = ask_refund(this, context_, screen.account_id, std::move(meters))) {
        unanswered_refunds_.push_back(std::move(left));
    }
    presenter_->refresh();
}

void AccountView::pay_out() {
    const auto* account = presenter_->account();
    if (account == nullptr) {
        return;
    }
    const auto payable = account->refund_payable_e4() + account->unallocated_e4();
    if (auto left = ask_pay_out(this, context_, account->account_id(), presenter_->screen().title, payable)) {
        unanswered_pay_outs_.push_back(std::move(left));
    }
    presenter_->refresh();
}

void AccountView::add_meter() {
    context_.navigator.open({Page::open_account, presenter_->screen().account_id, "add"});
}

void AccountView::close_account() {
    context_.navigator.open({Page::close_account, presenter_->screen().account_id, {}});
}

}  // namespace wutong::client
