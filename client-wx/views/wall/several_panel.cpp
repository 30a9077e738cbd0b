#include "client-wx/views/wall/several_panel.hpp"

#include <wx/wrapsizer.h>

#include "client-wx/text/translate.hpp"
#include "client-wx/theme/inks.hpp"
#include "client-wx/views/ask_settings.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kFactsMost = 4;

}  // namespace

SeveralPanel::SeveralPanel(wxWindow* parent, WallPresenter& presenter)
    : Panel{parent, Token::surface}, presenter_{presenter} {
    const int text_width = measure::inspector - 2 * space::card_padding;
    auto* column = new wxBoxSizer{wxVERTICAL};
    title_ = new Label{this, {}, Text::title};
    title_->wrap(text_width);
    places_ = new Label{this, {}, Text::small, Token::ink_2};
    places_->wrap(text_width);
    column->Add(title_, 0, wxEXPAND);
    column->Add(places_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    column->Add(new Divider{this}, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::m));
    auto* states = new wxWrapSizer{wxHORIZONTAL, wxREMOVE_LEADING_SPACES};
    for (std::size_t i = 0; i < kMeterStatusCount; ++i) {
        badges_.push_back(new StateBadge{this, static_cast<MeterStatus>(i), {}});
        states->Add(badges_.back(), 0, wxRIGHT | wxBOTTOM, theme::space(this, space::s));
    }
    column->Add(states, 0, wxEXPAND);
    column->Add(new Divider{this}, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::s));
    for (std::size_t i = 0; i < kFactsMost; ++i) {
        facts_.push_back(new FactRow{this, {}});
        column->Add(facts_.back(), 0, wxEXPAND | wxBOTTOM, theme::space(this, space::hair));
    }
    guard_ = new GuardBadge{this};
    column->Add(guard_, 0, wxALIGN_LEFT | wxTOP, theme::space(this, space::s));
    column->AddStretchSpacer();
    why_not_ = new Label{this, {}, Text::small, Token::warn};
    why_not_->wrap(text_width);
    column->Add(why_not_, 0, wxEXPAND);
    build_buttons(column);
    auto* frame = new wxBoxSizer{wxVERTICAL};
    frame->Add(column, 1, wxEXPAND | wxALL, theme::space(this, space::card_padding));
    SetSizer(frame);
}

void SeveralPanel::build_buttons(wxSizer* column) {
    const auto add = [&](const std::string& words, Button::Kind kind, const char* icon, const wxString& key,
                         std::function<void()> run) {
        auto* button = new Button{this, wxs(words), kind, icon, key};
        button->on_click(std::move(run));
        column->Add(button, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
        buttons_.push_back(button);
    };
    const auto send = [this](CommandVerb verb) {
        CommandWish wish;
        wish.verb = verb;
        presenter_.send_to_selected(wish);
    };
    add(tr("Query now"), Button::Kind::secondary, "refresh", "F5", [this] { presenter_.query(); });
    add(tr("Send a price…"), Button::Kind::secondary, "discount", {}, [this] {
        if (const auto wish = ask_price(this, presenter_.several().title)) {
            presenter_.send_to_selected(*wish);
        }
    });
    add(tr("Send limits…"), Button::Kind::secondary, "adjustments", {}, [this] {
        if (const auto wish = ask_limits(this, presenter_.several().title)) {
            presenter_.send_to_selected(*wish);
        }
    });
    add(tr("Set clocks"), Button::Kind::secondary, "clock", {}, [send] { send(CommandVerb::set_clock); });
    add(tr("Guarantee power…"), Button::Kind::secondary, "shield-check-filled", "Ctrl+G",
        [this] { presenter_.guarantee(); });
    add(tr("Back to prepaid…"), Button::Kind::secondary, "arrow-back-up", {},
        [send] { send(CommandVerb::restore); });
    add(tr("Switch off…"), Button::Kind::danger, "power", "Ctrl+D", [this] { presenter_.cut(); });
}

void SeveralPanel::show(const SeveralScreen& screen) {
    Freeze();
    title_->set_text(wxs(screen.title));
    places_->set_text(wxs(screen.places));
    for (std::size_t i = 0; i < badges_.size(); ++i) {
        badges_[i]->Show(i < screen.states.size());
        if (i < screen.states.size()) {
            badges_[i]->set(screen.states[i].first, wxs(screen.states[i].second));
        }
    }
    for (std::size_t i = 0; i < facts_.size(); ++i) {
        facts_[i]->Show(i < screen.facts.size());
        if (i < screen.facts.size()) {
            facts_[i]->set_label(wxs(screen.facts[i].label));
            facts_[i]->set_value(wxs(screen.facts[i].value), token_of(screen.facts[i].ink));
        }
    }
    guard_->set(wxs(screen.guard), wxs(screen.guard_note));
    why_not_->set_text(wxs(screen.why_not));
    why_not_->Show(!screen.can_send);
    for (auto* button : buttons_) {
        screen.can_send ? button->enable() : button->disable(wxs(screen.why_not));
    }
    // What can be done must be seen whole: on a low screen figures go first.
    for (std::size_t i = facts_.size(); i > 0 && GetSizer()->CalcMin().y > GetClientSize().y; --i) {
        facts_[i - 1]->Hide();
    }
    Layout();
    Thaw();
}

}  // namespace wutong::client
