#include "client-wx/views/tariffs/tariff_pane.hpp"

#include <wx/scrolwin.h>
#include <wx/sizer.h>

#include "client-wx/presenters/tariffs/tariff_lists.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/desk_page.hpp"

namespace wutong::client {

namespace {

constexpr int kVersionsWidth = 230;
constexpr int kMeaningWidth = 400;
constexpr int kPriceWidth = 84;
constexpr int kErrorWidth = 400;
constexpr int kPlacementHeight = 96;

}  // namespace

TariffPane::TariffPane(wxWindow* parent, Context& context)
    : Panel{parent, Token::bg}, context_{context}, editor_{context, [this] {
                                                               if (made_) {
                                                                   show();
                                                               }
                                                           }} {
    const int gap = theme::space(this, space::card_gap);
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(make_versions(), 0, wxEXPAND);
    row->Add(make_form(), 1, wxEXPAND | wxLEFT, gap);
    row->Add(make_meaning(), 0, wxEXPAND | wxLEFT, gap);
    SetSizer(row);
    made_ = true;
    show();
}

TariffPane::~TariffPane() {
    made_ = false;
}

wxWindow* TariffPane::make_versions() {
    auto* card = new Card{this, wxs(tr("Versions"))};
    card->SetMinSize({theme::space(this, kVersionsWidth), -1});
    versions_ = new Table{card, {column(tr("From"), 11), column(tr("State"), 8, false, true)}};
    versions_->set_empty_text(tr("None yet."));
    versions_->on_select = [this] {
        if (const auto row = versions_->selected(); row && !showing_) {
            editor_.choose_version(*row);
        }
    };
    new_version_ = new Button{card, wxs(tr("New version")), Button::Kind::secondary, "plus", "F4"};
    new_version_->on_click([this] { editor_.begin_version(); });
    card->body()->Add(versions_, 1, wxEXPAND);
    card->body()->Add(new_version_, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
    return card;
}

TextField* TariffPane::one_line(wxWindow* in, TariffPart part, const std::string& label,
                                const std::string& hint, bool right) {
    TextField::Style style;
    style.right_aligned = right;
    auto* field = new TextField{in, wxs(label), style};
    field->set_hint(wxs(hint));
    field->on_change([this](const std::string&) { changed_by_hand(); });
    parts_.emplace_back(part, field);
    return field;
}

TextField* TariffPane::lines(wxWindow* in, wxSizer& into, TariffPart part, const std::string& label,
                             const std::string& hint, int lines) {
    TextField::Style style;
    style.lines = lines;
    style.length_max = 20'000;
    auto* field = new TextField{in, wxs(label), style};
    field->set_hint(wxs(hint));
    field->on_change([this](const std::string&) { changed_by_hand(); });
    parts_.emplace_back(part, field);
    into.Add(field, 0, wxEXPAND | wxTOP, theme::space(this, space::s));
    return field;
}

void TariffPane::make_steps(wxWindow* in, wxSizer& into) {
    const int gap = theme::space(this, space::xs);
    auto* grid = new wxFlexGridSizer{6, gap, gap};
    for (int i = 1; i < 6; ++i) {
        grid->AddGrowableCol(static_cast<std::size_t>(i), 1);
    }
    const auto title = [&](const std::string& words) {
        auto* label = new Label{in, wxs(words), Text::small, Token::ink_2};
        grid->Add(label, 0, wxALIGN_CENTRE_VERTICAL);
        return label;
    };
    title({});
    up_to_title_ = title({});
    for (int rate = 1; rate <= 4; ++rate) {
        title(rate_name(rate));
    }
    TextField::Style style;
    style.right_aligned = true;
    style.height_dip = measure::control_min;
    style.length_max = 20;
    const auto cell = [&] {
        auto* field = new TextField{in, {}, style};
        field->SetMinSize({theme::space(this, kPriceWidth), -1});
        field->on_change([this](const std::string&) { changed_by_hand(); });
        grid->Add(field, 1, wxEXPAND);
        return field;
    };
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        grid->Add(new Label{in, wxs(std::to_string(i + 1)), Text::small, Token::ink_3}, 0,
                  wxALIGN_CENTRE_VERTICAL);
        steps_.at(i).up_to = cell();
        for (auto*& price : steps_.at(i).price) {
            price = cell();
        }
    }
    into.Add(grid, 0, wxEXPAND | wxTOP, gap);
    steps_error_ = new Label{in, {}, Text::small, Token::danger};
    steps_error_->wrap(kErrorWidth);
    into.Add(steps_error_, 0, wxEXPAND);
}

wxWindow* TariffPane::make_form() {
    const int s = theme::space(this, space::s);
    auto* card = new Card{this};
    title_ = new Label{card, {}, Text::title};
    read_only_ = new Paragraph{card, Text::small, Token::info};
    scroll_ =
        new wxScrolledWindow{card, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxBORDER_NONE};
    scroll_->SetScrollRate(0, theme::space(this, space::l));
    scroll_->SetBackgroundColour(theme::colour(Token::surface));
    scroll_->Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        event.Skip();
        scroll_->SetBackgroundColour(theme::colour(Token::surface));
        scroll_->Refresh();
    });
    auto* in = scroll_;
    auto* all = new wxBoxSizer{wxVERTICAL};
    const auto row = [&](std::initializer_list<wxWindow*> windows) {
        auto* sizer = new wxBoxSizer{wxHORIZONTAL};
        bool first = true;
        for (auto* one : windows) {
            sizer->Add(one, 1, wxEXPAND | (first ? 0 : wxLEFT), theme::space(this, space::m));
            first = false;
        }
        all->Add(sizer, 0, wxEXPAND | wxTOP, s);
    };
    name_ = new TextField{in, wxs(tr("Name of the plan"))};
    name_->on_change([this](const std::string& text) {
        if (!showing_) {
            editor_.type_name(text);
        }
    });
    from_ = one_line(in, TariffPart::effective_from, tr("From"), tr("From the first moment of that day"));
    commodity_ = new ChoiceField{
        in, wxs(tr("For")), {wxs(meters_of(Commodity::electricity)), wxs(meters_of(Commodity::water))}, 0};
    commodity_->on_change([this](int) { changed_by_hand(); });
    row({name_, commodity_});
    row({from_});
    prices_title_ = new Label{in, {}, Text::section};
    all->Add(prices_title_, 0, wxEXPAND | wxTOP, s);
    make_steps(in, *all);
    step_period_ = new ChoiceField{in, wxs(tr("Steps count by")), {wxs(tr("Month")), wxs(tr("Year"))}, 0};
    step_period_->on_change([this](int) { changed_by_hand(); });
    year_begins_ =
        one_line(in, TariffPart::step_rule, tr("Year begins in month"), tr("1 to 12; empty: January"), true);
    row({step_period_, year_begins_});
    restart_version_ = new CheckBox{in, wxs(tr("Count anew with this version"))};
    restart_meter_ = new CheckBox{in, wxs(tr("Count anew with another meter"))};
    row({restart_version_});
    row({restart_meter_});
    all->Add(new Label{in, wxs(tr("Rates by the clock")), Text::section}, 0, wxEXPAND | wxTOP, s);
    day_plans_ =
        lines(in, *all, TariffPart::day_plans, tr("Day plans"),
              tr("workday: 00:00 valley, 08:00 peak, 22:00 valley. Empty: the rate flat at all times."), 3);
    week_ = lines(in, *all, TariffPart::week, tr("Kinds of day, Monday first"),
                  tr("workday workday workday workday workday weekend weekend"), 1);
    seasons_ = lines(in, *all, TariffPart::seasons, tr("Seasons"),
                     tr("summer 06-01 09-30: a day plan for each kind of day, in their order"), 2);
    special_days_ = lines(in, *all, TariffPart::special_days, tr("Special days"),
                          tr("10-01 weekend, or 2026-10-01 weekend"), 2);
    all->Add(new Label{in, wxs(tr("Tax and charges")), Text::section}, 0, wxEXPAND | wxTOP, s);
    tax_ = one_line(in, TariffPart::tax, tr("Tax") + " (%)", {}, true);
    tax_added_ = new CheckBox{in, wxs(tr("Added to the prices"))};
    row({tax_, tax_added_});
    energy_charges_ = lines(in, *all, TariffPart::energy_charges, {}, tr("management 0.0500, untaxed"), 2);
    fixed_charges_ = lines(in, *all, TariffPart::fixed_charges, tr("Fixed charges per month"),
                           tr("lift 12.00, by day"), 2);
    minimum_ = one_line(in, TariffPart::minimum, tr("Minimum per month"), {}, true);
    minimum_by_day_ = new CheckBox{in, wxs(tr("The minimum by day"))};
    row({minimum_, minimum_by_day_});
    deposit_ = one_line(in, TariffPart::deposit, tr("Deposit"), {}, true);
    overdraft_ = one_line(in, TariffPart::overdraft, tr("Overdraft"), {}, true);
    row({deposit_, overdraft_});
    for (auto* box : {restart_version_, restart_meter_, tax_added_, minimum_by_day_}) {
        box->on_change([this](bool) { changed_by_hand(); });
    }
    scroll_->SetSizer(all);
    verdict_ = new Label{card, {}, Text::body_bold};
    notice_ = new Paragraph{card, Text::small, Token::danger};
    commit_ = new Button{card, {}, Button::Kind::primary, "device-floppy", "Ctrl+Enter"};
    commit_->set_height(measure::primary);
    commit_->on_click([this] { publish(); });
    auto& body = *card->body();
    body.Add(title_, 0, wxEXPAND);
    body.Add(read_only_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    body.Add(scroll_, 1, wxEXPAND | wxTOP, s);
    body.Add(notice_, 0, wxEXPAND | wxTOP, s);
    auto* foot = new wxBoxSizer{wxHORIZONTAL};
    foot->Add(verdict_, 1, wxALIGN_CENTRE_VERTICAL);
    foot->Add(commit_, 0, wxLEFT, s);
    body.Add(foot, 0, wxEXPAND | wxTOP, s);
    return card;
}

wxWindow* TariffPane::make_meaning() {
    const int s = theme::space(this, space::s);
    auto* side = new Panel{this, Token::bg};
    side->SetMinSize({theme::space(this, kMeaningWidth), -1});
    auto* card = new Card{side, wxs(tr("Who charges by it"))};
    placement_ = new Table{card,
                           {column(tr("Kind of meter"), 14, false, true), column(tr("Meters"), 7, true),
                            column(tr("Charged by"), 14)}};
    placement_->SetMinSize({-1, theme::space(this, kPlacementHeight)});
    placement_note_ = new Paragraph{card, Text::small, Token::ink_2};
    card->body()->Add(placement_, 1, wxEXPAND);
    card->body()->Add(placement_note_, 0, wxEXPAND | wxTOP, s);

    preview_card_ = new Card{side, wxs(tr("A month of a meter"))};
    auto* in = preview_card_;
    unit_ = new TextField{in, wxs(tr("Unit"))};
    month_ = new TextField{in, wxs(tr("Month"))};
    const auto follow = [this](const std::string&) {
        if (!showing_) {
            editor_.type_preview(unit_->text(), month_->text());
        }
    };
    for (auto* field : {unit_, month_}) {
        field->on_change(follow);
        field->on_enter([this] { editor_.preview(); });
    }
    calculate_ = new Button{in, wxs(tr("Calculate")), Button::Kind::secondary, "calculator", "F8"};
    calculate_->on_click([this] { editor_.preview(); });
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    row->Add(unit_, 1, wxEXPAND);
    row->Add(month_, 1, wxEXPAND | wxLEFT, s);
    bill_ = new Table{in,
                      {column(tr("Line"), 6, false, true), column(tr("Quantity"), 9, true),
                       column(tr("Price"), 7, true), column(tr("Amount"), 8, true)}};
    bill_->set_empty_text(tr("Nothing calculated yet."));
    sums_sizer_ = new wxBoxSizer{wxVERTICAL};
    preview_note_ = new Paragraph{in, Text::small, Token::ink_2};
    auto& body = *in->body();
    body.Add(row, 0, wxEXPAND);
    body.Add(calculate_, 0, wxEXPAND | wxTOP, s);
    body.Add(bill_, 1, wxEXPAND | wxTOP, s);
    body.Add(sums_sizer_, 0, wxEXPAND | wxTOP, s);
    body.Add(preview_note_, 0, wxEXPAND | wxTOP, s);
    auto* both = new wxBoxSizer{wxVERTICAL};
    both->Add(card, 2, wxEXPAND);
    both->Add(preview_card_, 3, wxEXPAND | wxTOP, theme::space(this, space::card_gap));
    side->SetSizer(both);
    return side;
}

}  // namespace wutong::client
