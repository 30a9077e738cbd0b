#include "client-wx/views/wall/inspector_panel.hpp"

#include <algorithm>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/theme/inks.hpp"

namespace wutong::client {

namespace {

constexpr std::size_t kFactsMost = 8;

}  // namespace

InspectorPanel::InspectorPanel(wxWindow* parent, MeterInspector& presenter)
    : Panel{parent, Token::surface}, presenter_{presenter} {
    auto* column = new wxBoxSizer{wxVERTICAL};
    build_head(column);
    build_balance(column);
    fact_column_ = new wxBoxSizer{wxVERTICAL};
    for (std::size_t i = 0; i < kFactsMost; ++i) {
        facts_.push_back(new FactRow{this, {}});
        fact_column_->Add(facts_.back(), 0, wxEXPAND | wxBOTTOM, theme::space(this, space::hair));
    }
    column->Add(fact_column_, 0, wxEXPAND);
    column->Add(new Divider{this}, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::s));
    days_title_ = new Label{this, {}, Text::small, Token::ink_2};
    days_ = new Sparkline{this};
    column->Add(days_title_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    column->Add(days_, 0, wxEXPAND);
    column->AddStretchSpacer();
    sentence_ = new Label{this, {}, Text::small, Token::ink_2};
    sentence_->wrap(measure::inspector - 2 * space::card_padding);
    column->Add(sentence_, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
    build_buttons(column);

    auto* frame = new wxBoxSizer{wxVERTICAL};
    frame->Add(column, 1, wxEXPAND | wxALL, theme::space(this, space::card_padding));
    SetSizer(frame);
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        if (event.GetSize().y != height_) {
            height_ = event.GetSize().y;
            show(presenter_.screen());
        }
    });
}

void InspectorPanel::build_head(wxSizer* column) {
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    code_ = new Label{this, {}, Text::title};
    state_ = new StateBadge{this, MeterStatus::normal, {}};
    row->Add(code_, 1, wxALIGN_CENTRE_VERTICAL);
    row->Add(state_, 0, wxALIGN_CENTRE_VERTICAL);
    column->Add(row, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    name_ = new Label{this, {}, Text::body_bold};
    line_ = new Label{this, {}, Text::small, Token::ink_3};
    line_->flow();
    guard_ = new GuardBadge{this};
    column->Add(name_, 0, wxEXPAND);
    column->Add(line_, 0, wxEXPAND);
    column->Add(guard_, 0, wxALIGN_LEFT | wxTOP, theme::space(this, space::xs));
    column->Add(new Divider{this}, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::s));
}

void InspectorPanel::build_balance(wxSizer* column) {
    auto* labels = new wxBoxSizer{wxHORIZONTAL};
    labels->Add(new Label{this, wxs(tr("Balance on meter")), Text::small, Token::ink_2}, 1);
    balance_age_ = new Label{this, {}, Text::small, Token::warn, Painter::Align::right};
    labels->Add(balance_age_, 0);
    column->Add(labels, 0, wxEXPAND);
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    balance_ = new Label{this, {}, Text::hero};
    balance_->may_shrink();
    auto* right = new wxBoxSizer{wxVERTICAL};
    ledger_ = new Label{this, {}, Text::small, Token::ink_2, Painter::Align::right};
    difference_ = new Button{this, {}, Button::Kind::ghost};
    difference_->on_click([this] { explain_difference(); });
    right->Add(ledger_, 0, wxALIGN_RIGHT);
    right->Add(difference_, 0, wxALIGN_RIGHT);
    row->Add(balance_, 1, wxALIGN_CENTRE_VERTICAL);
    row->Add(right, 0, wxALIGN_CENTRE_VERTICAL);
    column->Add(row, 0, wxEXPAND);
    level_ = new ProgressBar{this, 6};
    column->Add(level_, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::xs));
    outlook_ = new Label{this, {}, Text::small_bold};
    column->Add(outlook_, 0, wxEXPAND);
    column->Add(new Divider{this}, 0, wxEXPAND | wxTOP | wxBOTTOM, theme::space(this, space::s));
}

void InspectorPanel::build_buttons(wxSizer* column) {
    const auto add = [&](Button*& button, const wxString& words, Button::Kind kind, const char* icon,
                         const wxString& key, std::function<void()> run) {
        button = new Button{this, words, kind, icon, key};
        button->on_click(std::move(run));
        column->Add(button, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
    };
    add(sell_, wxs(tr("Sell electricity")), Button::Kind::primary, "shopping-bag", "F2",
        [this] { presenter_.sell(); });
    add(open_, wxs(tr("Open meter page")), Button::Kind::secondary, "gauge", "Enter",
        [this] { presenter_.open_page(); });
    add(query_, wxs(tr("Query now")), Button::Kind::secondary, "refresh", "F5",
        [this] { presenter_.query(); });
    add(guarantee_, wxs(tr("Guarantee power")), Button::Kind::secondary, "shield-check-filled", "Ctrl+G",
        [this] { presenter_.guarantee(); });
    add(cut_, wxs(tr("Switch off…")), Button::Kind::danger, "power", "Ctrl+D", [this] { presenter_.cut(); });
}

void InspectorPanel::show_action(Button& button, const MeterAction& action) {
    button.set_text(wxs(action.text));
    button.set_icon(action.icon);
    button.Show(action.shown);
    if (action.enabled) {
        button.enable();
    } else {
        button.disable(wxs(action.why_not));
    }
}

void InspectorPanel::show(const InspectorScreen& screen) {
    if (screen.meter_id == 0) {
        return;
    }
    Freeze();
    code_->set_text(wxs(screen.code));
    state_->set(screen.status, wxs(screen.state));
    name_->set_text(wxs(screen.name.empty() ? tr("No tenant") : screen.name));
    name_->set_ink(screen.name.empty() ? Token::ink_3 : Token::ink);
    line_->set_text(wxs(screen.line));
    balance_->set_text(wxs(screen.balance));
    balance_->set_ink(token_of(screen.balance_ink));
    balance_age_->set_text(wxs(screen.balance_age));
    ledger_->set_text(wxs(screen.ledger.ledger));
    parts_ = screen.ledger.parts;
    difference_->set_text(wxs(screen.ledger.difference));
    difference_->Show(!screen.ledger.difference.empty());
    level_->set(screen.level.value_or(0), token_of(screen.level_ink));
    level_->Show(screen.level.has_value());
    outlook_->set_text(wxs(screen.outlook));
    outlook_->Show(!screen.outlook.empty());
    for (std::size_t i = 0; i < facts_.size(); ++i) {
        facts_[i]->Show(i < screen.facts.size());
        if (i < screen.facts.size()) {
            facts_[i]->set_label(wxs(screen.facts[i].label));
            facts_[i]->set_value(wxs(screen.facts[i].value), token_of(screen.facts[i].ink));
        }
    }
    days_title_->set_text(wxs(screen.days_title));
    days_->set(screen.daily_kwh, screen.first_day, screen.last_day);
    days_->Show(!screen.daily_kwh.empty());
    days_title_->Show(!screen.daily_kwh.empty());
    sentence_->set_text(wxs(screen.sentence));
    sentence_->set_ink(screen.sentence_is_fault ? Token::danger : Token::ink_2);
    sentence_->Show(!screen.sentence.empty());
    guard_->set(wxs(screen.actions.guard), wxs(screen.actions.guard_note));
    show_action(*sell_, screen.actions.sell);
    show_action(*query_, screen.actions.query);
    show_action(*guarantee_, screen.actions.guarantee);
    cut_->set_kind(screen.actions.cut_is_danger ? Button::Kind::danger : Button::Kind::secondary);
    show_action(*cut_, screen.actions.cut);
    make_room(screen.facts.size());
    Layout();
    Thaw();
}

void InspectorPanel::make_room(std::size_t facts) {
    const auto give_up = [this](std::initializer_list<wxWindow*> windows) {
        if (GetSizer()->CalcMin().y > GetClientSize().y) {
            for (auto* window : windows) {
                window->Hide();
            }
        }
    };
    give_up({days_title_, days_});
    // The last one is the age of all the others.
    for (auto i = std::min(facts, facts_.size()); i > 2; --i) {
        give_up({facts_[i - 2]});
    }
}

void InspectorPanel::explain_difference() {
    Dialog dialog{this, wxs(tr("Why meter and ledger differ"))};
    for (const auto& part : parts_) {
        auto* row = new FactRow{dialog.area(), wxs(part.label)};
        row->set_value(wxs(part.value), token_of(part.ink));
        dialog.content()->Add(row, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    }
    dialog.add_button(wxID_CANCEL, wxs(tr("Close")), Button::Kind::secondary, {}, "Esc");
    dialog.run();
}

}  // namespace wutong::client
