#include <algorithm>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/theme/inks.hpp"
#include "client-wx/views/accounts/change_parts.hpp"
#include "client-wx/views/ask_settings.hpp"
#include "client-wx/views/meter/meter_tabs.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kFactsMost = 8, kHeldFactsMost = 5;

void fill_rows(const std::vector<FactRow*>& rows, const std::vector<Fact>& facts) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i]->Show(i < facts.size());
        if (i < facts.size()) {
            rows[i]->set_label(wxs(facts[i].label));
            rows[i]->set_value(wxs(facts[i].value), token_of(facts[i].ink));
        }
    }
}

}  // namespace

SettingsTab::SettingsTab(wxWindow* parent, MeterSettings& presenter, MeterHeld& held)
    : Panel{parent, Token::bg}, presenter_{presenter}, held_{held} {
    scroll_ = scrolled_part(this, Token::bg);
    const int gap = theme::space(this, space::card_gap);
    // Both rows in one grid, so that their cards stand under each other.
    auto* grid = new wxFlexGridSizer{2, gap, gap};
    grid->AddGrowableCol(1, 1);
    grid->SetFlexibleDirection(wxBOTH);
    device_ = new Card{scroll_, wxs(tr("Device"))};
    money_ = new Card{scroll_, wxs(tr("On the meter"))};
    for (std::size_t i = 0; i < kFactsMost; ++i) {
        device_rows_.push_back(new FactRow{device_, {}});
        device_->body()->Add(device_rows_.back(), 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
        money_rows_.push_back(new FactRow{money_, {}});
        money_->body()->Add(money_rows_.back(), 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    }
    auto* bar = new wxBoxSizer{wxHORIZONTAL};
    const auto add = [&](const std::string& words, const char* icon, std::function<void()> run) {
        auto* button = new Button{money_, wxs(words), Button::Kind::secondary, icon};
        button->on_click(std::move(run));
        bar->Add(button, 0, wxRIGHT, theme::space(this, space::s));
        buttons_.push_back(button);
    };
    add(tr("Send a price…"), "discount", [this] {
        if (const auto wish = ask_price(this, presenter_.name(), presenter_.screen().form)) {
            presenter_.send(*wish);
        }
    });
    add(tr("Send limits…"), "adjustments", [this] {
        if (const auto wish = ask_limits(this, presenter_.name(), presenter_.screen().form)) {
            presenter_.send(*wish);
        }
    });
    add(tr("Set the clock"), "clock", [this] {
        CommandWish wish;
        wish.verb = CommandVerb::set_clock;
        presenter_.send(wish);
    });
    money_->body()->Add(bar, 0, wxTOP, theme::space(this, space::s));
    sentence_ = new Label{money_, {}, Text::small, Token::ink_2};
    sentence_->wrap(measure::batch_panel);
    money_->body()->Add(sentence_, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
    make_held();
    for (auto* card : {device_, money_, credit_, guard_}) {
        grid->Add(card, 1, wxEXPAND);
    }
    scroll_->GetSizer()->Add(grid, 0, wxEXPAND);
    auto* page = new wxBoxSizer{wxVERTICAL};
    page->Add(scroll_, 1, wxEXPAND);
    SetSizer(page);
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        CallAfter([this] { place(); });
    });
}

void SettingsTab::make_held() {
    credit_ = new Card{scroll_, wxs(tr("The tenant's credit"))};
    guard_ = new Card{scroll_, wxs(tr("Guard of the unit"))};
    const auto rows = [](Card* card, std::vector<FactRow*>& into, std::size_t most) {
        for (std::size_t i = 0; i < most; ++i) {
            into.push_back(new FactRow{card, {}});
            card->body()->Add(into.back(), 0, wxEXPAND | wxBOTTOM, theme::space(card, space::xs));
        }
    };
    rows(credit_, credit_rows_, kHeldFactsMost);
    rows(guard_, guard_rows_, kHeldFactsMost);
    credit_fault_ = new Label{credit_, {}, Text::small, Token::danger};
    credit_fault_->flow();
    credit_->body()->Add(credit_fault_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    change_ = new Button{credit_, {}, Button::Kind::secondary, "transfer"};
    change_->on_click([this] { open(held_.change_form()); });
    credit_->set_corner(change_);
    go_on_ = new Button{credit_, wxs(tr("Go on charging…")), Button::Kind::primary, "player-play"};
    go_on_->on_click([this] { open(held_.go_on_form()); });
    credit_->body()->Add(go_on_, 0, wxALIGN_LEFT | wxTOP, theme::space(this, space::xs));
    set_guard_ = new Button{guard_, {}, Button::Kind::secondary, "shield"};
    set_guard_->on_click([this] { open(held_.guard_form()); });
    guard_->set_corner(set_guard_);
}

void SettingsTab::open(std::unique_ptr<Form> form) {
    if (on_form && form) {
        on_form(std::move(form));
    }
}

void SettingsTab::show(const MeterSettingsScreen& screen) {
    fill_rows(device_rows_, screen.device);
    fill_rows(money_rows_, screen.money);
    for (auto* button : buttons_) {
        screen.can_send ? button->enable() : button->disable(wxs(screen.why_not));
    }
    sentence_->set_text(wxs(screen.sentence));
    sentence_->set_ink(screen.sentence_is_fault ? Token::danger : Token::ink_2);
    sentence_->Show(!screen.sentence.empty());
    place();
}

void SettingsTab::show_held() {
    const auto& screen = held_.screen();
    credit_->Show(screen.shown);
    guard_->Show(screen.shown);
    if (screen.shown) {
        fill_rows(credit_rows_, screen.credit);
        fill_rows(guard_rows_, screen.guard);
        credit_fault_->set_text(wxs(screen.fault));
        credit_fault_->Show(!screen.fault.empty());
        change_->set_text(wxs(screen.change));
        screen.can_change ? change_->enable() : change_->disable(wxs(screen.why_not_change));
        go_on_->Show(screen.stopped);
        screen.can_go_on ? go_on_->enable() : go_on_->disable(wxs(screen.why_not_go_on));
        set_guard_->set_text(wxs(screen.guard_button));
        screen.can_guard ? set_guard_->enable() : set_guard_->disable(wxs(screen.why_not_guard));
    }
    place();
}

void SettingsTab::place() {
    // Half each, unless what stands at the right needs more.
    const int all = scroll_->GetClientSize().x - theme::space(this, space::card_gap);
    const int right = std::max({all / 2, money_->GetSizer()->CalcMin().x, guard_->GetSizer()->CalcMin().x});
    for (auto* card : {device_, credit_}) {
        card->SetMinSize({std::max(all - right, 1), -1});
    }
    for (auto* card : {device_, money_, credit_, guard_}) {
        card->Layout();
    }
    scroll_->FitInside();
    scroll_->Layout();
}

}  // namespace wutong::client
