#include "client-wx/views/accounts/meter_card.hpp"

#include <wx/sizer.h>

#include "client-wx/text/translate.hpp"

namespace wutong::client {

MeterCard::MeterCard(wxWindow* parent) : Card{parent} {
    const int s = theme::space(this, space::s);
    unit_ = new Label{this, {}, Text::section};
    badge_ = new StateBadge{this, MeterStatus::normal, {}};
    code_ = new Label{this, {}, Text::small, Token::ink_2};
    meter_ = new FigureCard{this, wxs(tr("On meter")), FigureCard::Size::small};
    ledger_ = new FigureCard{this, wxs(tr("Ledger")), FigureCard::Size::small};
    note_ = new Label{this, {}, Text::small, Token::ink_2};
    exchange_ = new Button{this, wxs(tr("Exchange…")), Button::Kind::ghost, "arrows-exchange"};
    exchange_->on_click([this] {
        if (on_exchange) {
            on_exchange(meter_id_);
        }
    });
    open_ = new Button{this, wxs(tr("Meter page")), Button::Kind::ghost, "gauge"};
    open_->on_click([this] {
        if (on_open) {
            on_open(meter_id_);
        }
    });
    auto* head = new wxBoxSizer{wxHORIZONTAL};
    head->Add(unit_, 0, wxALIGN_CENTRE_VERTICAL);
    head->Add(code_, 1, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::m));
    head->Add(badge_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, s);
    auto* two = new wxBoxSizer{wxHORIZONTAL};
    two->Add(meter_, 1, wxEXPAND | wxRIGHT, s);
    two->Add(ledger_, 1, wxEXPAND);
    auto* foot = new wxBoxSizer{wxHORIZONTAL};
    foot->Add(note_, 1, wxALIGN_CENTRE_VERTICAL);
    foot->Add(exchange_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, s);
    foot->Add(open_, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, s);
    body()->Add(head, 0, wxEXPAND | wxBOTTOM, s);
    body()->Add(two, 0, wxEXPAND);
    body()->Add(foot, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
}

void MeterCard::set(const AccountMeterRow& meter, const std::string& more, bool may_exchange) {
    meter_id_ = meter.meter_id;
    if (exchange_->IsShown() != may_exchange) {
        exchange_->Show(may_exchange);
        Layout();
    }
    unit_->set_text(wxs(meter.unit));
    badge_->set(meter.status, wxs(meter.status_words));
    code_->set_text(wxs(meter.code.empty() ? meter.read : meter.code + "  ·  " + meter.read));
    meter_->set_figure(wxs(meter.on_meter));
    ledger_->set_figure(wxs(meter.ledger));
    std::string note = meter.difference.empty() ? meter.days_left : meter.difference;
    std::string tip;
    for (const auto& [cause, amount] : meter.causes) {
        tip += (tip.empty() ? "" : "\n") + cause + "  " + amount;
    }
    for (const auto& part : {meter.in_flight, more}) {
        note += part.empty() ? std::string{} : "  ·  " + part;
    }
    note_->set_text(wxs(note));
    note_->set_ink(meter.unexplained ? Token::danger : Token::ink_2);
    if (!tip.empty()) {
        note_->SetToolTip(wxs(tip));
    }
}

}  // namespace wutong::client
