#include "client-wx/views/meter/overview_tab.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/theme/inks.hpp"
#include "client-wx/views/meter/meter_tabs.hpp"

namespace wutong::client {

void PhaseTable::set(std::vector<MeterScreen::Phase> phases) {
    const bool other_size = phases.size() != phases_.size();
    phases_ = std::move(phases);
    if (other_size) {
        content_changed();
    }
    Refresh();
}

int PhaseTable::row_height() const {
    return theme::line_height(Text::body) + dip(space::s);
}

wxSize PhaseTable::DoGetBestClientSize() const {
    return {dip(240), phases_.empty() ? 0 : row_height() * static_cast<int>(phases_.size() + 1)};
}

void PhaseTable::draw(Painter& painter) {
    if (phases_.empty()) {
        return;
    }
    using Cells = std::array<wxString, 4>;
    std::vector<Cells> rows{{wxs(tr("Phase")), wxs(tr("Voltage")), wxs(tr("Current")), wxs(tr("Power"))}};
    for (const auto& phase : phases_) {
        rows.push_back({wxs(phase.name), wxs(phase.voltage), wxs(phase.current), wxs(phase.power)});
    }
    const auto style_of = [](std::size_t row, std::size_t column, bool small) {
        const bool bold = column == 0 || column == 3;
        return row == 0 ? Text::caption
               : small  ? (bold ? Text::small_bold : Text::small)
                        : (bold ? Text::body_bold : Text::body);
    };
    const auto widths = [&](bool small) {
        std::array<int, 4> result{};
        for (std::size_t row = 0; row < rows.size(); ++row) {
            for (std::size_t column = 0; column < result.size(); ++column) {
                result.at(column) =
                    std::max(result.at(column),
                             theme::text_width(style_of(row, column, small), rows[row].at(column)) + 1);
            }
        }
        return result;
    };
    const auto gap_of = [&](const std::array<int, 4>& of) {
        return (GetClientSize().x - std::accumulate(of.begin(), of.end(), 0)) / 3.0;
    };
    auto columns = widths(false);
    const bool small = gap_of(columns) < dip(space::s);
    if (small) {
        columns = widths(true);
    }
    const double gap = std::max(0.0, gap_of(columns)), high = row_height();
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const double y = high * static_cast<double>(row);
        double x = 0;
        for (std::size_t column = 0; column < columns.size(); ++column) {
            const double width = columns.at(column);
            const auto ink = row == 0 ? Token::ink_3 : column == 0 ? Token::ink_2 : Token::ink;
            painter.text(rows[row].at(column), style_of(row, column, small), ink, {x, y, width, high},
                         column == 0 ? Painter::Align::left : Painter::Align::right);
            x += width + gap;
        }
        painter.line(0, y + high - 1, GetClientSize().x, y + high - 1, theme::colour(Token::line));
    }
}

OverviewTab::OverviewTab(wxWindow* parent, MeterPresenter& presenter)
    : Panel{parent, Token::bg}, presenter_{presenter} {
    auto* page = new wxBoxSizer{wxVERTICAL};
    auto* figures = new wxBoxSizer{wxHORIZONTAL};
    const auto add = [&](FigureCard*& card, const std::string& label, const char* icon) {
        card = new FigureCard{this, wxs(label), FigureCard::Size::normal, icon};
        figures->Add(card, 1, wxEXPAND | (figures->GetItemCount() > 0 ? wxLEFT : 0),
                     theme::space(this, space::card_gap));
    };
    add(balance_, tr("Balance on meter"), "wallet");
    add(days_, tr("Days of credit left"), "calendar");
    add(today_, tr("Used today"), "bolt");
    add(power_, tr("Power now"), "gauge");
    balance_->on_click([this] { explain_difference(); });
    page->Add(figures, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::card_gap));
    build_middle(page);
    build_credit(page);
    SetSizer(page);
}

void OverviewTab::build_middle(wxSizer* page) {
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    use_ = new Card{this, wxs(tr("Daily use"))};
    span_ = new Segmented{use_, {wxs(tr("Day")), wxs(tr("30 days")), wxs(tr("Year"))}, 1};
    span_->on_change([this](int index) { presenter_.days.choose(static_cast<MeterDays::Span>(index)); });
    use_->set_corner(span_);
    chart_ = new Chart{use_};
    use_->body()->Add(chart_, 1, wxEXPAND | wxTOP, theme::space(this, space::s));
    row->Add(use_, 1, wxEXPAND | wxRIGHT, theme::space(this, space::card_gap));

    at_meter_ = new Card{this, wxs(tr("At the meter"))};
    phases_ = new PhaseTable{at_meter_};
    at_meter_->body()->Add(phases_, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::s));
    for (std::size_t i = 0; i < kFactsMost; ++i) {
        facts_.push_back(new FactRow{at_meter_, {}});
        at_meter_->body()->Add(facts_.back(), 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    }
    // Its own height, not that of all facts: fit_facts() shows what there is room for.
    at_meter_->SetMinSize(
        {theme::space(this, measure::inspector),
         theme::control_height(this, Text::body, measure::table_row) * static_cast<int>(kFactsLeast)});
    at_meter_->Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        CallAfter([this] { fit_facts(); });
    });
    row->Add(at_meter_, 0, wxEXPAND);
    page->Add(row, 3, wxEXPAND | wxBOTTOM, theme::space(this, space::card_gap));
}

void OverviewTab::build_credit(wxSizer* page) {
    credit_ = new Card{this, wxs(tr("Credit deliveries"))};
    auto* all = new Button{credit_, wxs(tr("All in Credit")), Button::Kind::ghost};
    all->on_click([this] {
        if (on_all_credit) {
            on_all_credit();
        }
    });
    credit_->set_corner(all);
    deliveries_ = new Table{credit_, credit_columns()};
    deliveries_->set_empty_text(tr("No credit was sent to this meter yet."));
    deliveries_->SetMinSize({-1, theme::control_height(this, Text::body, measure::table_row) *
                                     (static_cast<int>(kDeliveriesLeast) + 1)});
    credit_->body()->Add(deliveries_, 1, wxEXPAND | wxTOP, theme::space(this, space::xs));
    deliveries_->on_activate = [this](std::size_t row) {
        show_evidence(this, presenter_.credit.evidence(row));
    };
    page->Add(credit_, 1, wxEXPAND);
}

void OverviewTab::show() {
    const auto& s = presenter_.screen();
    const auto figure = [](FigureCard& card, const MeterScreen::Figure& words) {
        card.set_label(wxs(words.label));
        card.set_figure(wxs(words.figure), token_of(words.ink));
        card.set_detail(wxs(words.detail), token_of(words.detail_ink));
    };
    figure(*balance_, s.balance);
    figure(*days_, s.days);
    figure(*today_, s.today);
    figure(*power_, s.power);
    // Large letters in a small window: the figures in one line, so that the deliveries keep theirs.
    const bool low = GetClientSize().y < kLowLines * theme::line_height(Text::body);
    for (auto* card : {balance_, days_, today_, power_}) {
        card->set_folded(low);
    }
    at_meter_->set_note(wxs(s.at_meter_note));
    phases_->set(s.phases);
    phases_->Show(!s.phases.empty());
    for (std::size_t i = 0; i < facts_.size(); ++i) {
        if (i < s.at_meter.size()) {
            facts_[i]->set_label(wxs(s.at_meter[i].label));
            facts_[i]->set_value(wxs(s.at_meter[i].value), token_of(s.at_meter[i].ink));
        }
    }
    show_chart();
    auto rows = presenter_.credit.screen().rows;
    auto keys = presenter_.credit.screen().keys;
    rows.resize(std::min(rows.size(), kDeliveriesShown));
    keys.resize(rows.size());
    show_if_other(*deliveries_, std::move(rows), std::move(keys));
    Layout();
    fit_facts();
}

void OverviewTab::fit_facts() {
    const auto count = std::min(facts_.size(), presenter_.screen().at_meter.size());
    const int end = at_meter_->GetClientSize().y - theme::space(this, space::card_padding);
    int y = phases_->IsShown()
                ? phases_->GetPosition().y + phases_->GetBestSize().y + theme::space(this, space::s)
                : at_meter_->body()->GetPosition().y;
    bool changed = false;
    for (std::size_t i = 0; i < facts_.size(); ++i) {
        y += facts_[i]->GetBestSize().y;
        changed = facts_[i]->Show(i < count && y <= end) || changed;
        y += theme::space(this, space::xs);
    }
    if (changed) {
        at_meter_->Layout();
    }
}

void OverviewTab::show_chart() {
    const auto& use = presenter_.days.screen();
    span_->choose(static_cast<int>(presenter_.days.span()));
    use_->set_title(wxs(use.title.empty() ? tr("Daily use") : use.title));
    use_->set_subtitle(wxs(use.failure.empty() ? use.subtitle : use.failure));
    ChartData data;
    for (const auto& bar : use.bars) {
        data.bars.push_back({bar.kwh, bar.label, bar.figure, bar.title, bar.so_far, bar.weekend, bar.marker});
    }
    data.average = use.average;
    data.average_text = use.average_text;
    data.used = tr("Used");
    data.so_far = tr("Today so far");
    data.marker = tr("Recharge");
    data.gap = tr("No reading");
    chart_->set_data(std::move(data));
}

void OverviewTab::explain_difference() {
    const auto& parts = presenter_.screen().difference;
    if (parts.empty()) {
        return;
    }
    Dialog dialog{this, wxs(tr("Why meter and ledger differ"))};
    for (const auto& part : parts) {
        auto* row = new FactRow{dialog.area(), wxs(part.label)};
        row->set_value(wxs(part.value), token_of(part.ink));
        dialog.content()->Add(row, 0, wxEXPAND | wxBOTTOM, theme::space(this, space::xs));
    }
    dialog.add_button(wxID_CANCEL, wxs(tr("Close")), Button::Kind::secondary, {}, "Esc");
    dialog.run();
}

}  // namespace wutong::client
