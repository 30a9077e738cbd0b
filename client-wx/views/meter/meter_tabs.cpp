#include "client-wx/views/meter/meter_tabs.hpp"

#include "client-wx/controls/dialog.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr std::int64_t kDayS = 86'400;

TimePoint at(std::int64_t seconds) {
    return TimePoint{std::chrono::seconds{seconds}};
}

}  // namespace

std::vector<TableColumn> credit_columns() {
    using Align = TableColumn::Align;
    const auto titles = MeterCredit::columns();
    return {{titles[0], 14, Align::left},
            {titles[1], 10, Align::left},
            {titles[2], 16, Align::left},
            {titles[3], 6, Align::right},
            {titles[4], 12, Align::right},
            {titles[5], 24, Align::right},
            {titles[6], 24, Align::left, false, true, true},
            {titles[7], 12, Align::right}};
}

void show_if_other(Table& table, std::vector<std::vector<TableCell>> rows, std::vector<std::int64_t> keys) {
    const auto same = [](const TableCell& a, const TableCell& b) {
        return a.text == b.text && a.ink == b.ink && a.bold == b.bold && a.state == b.state &&
               a.icon == b.icon;
    };
    const auto& shown = table.shown_rows();
    const bool equal =
        shown.size() == rows.size() &&
        std::equal(shown.begin(), shown.end(), rows.begin(), [&](const auto& a, const auto& b) {
            return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same);
        });
    if (!equal) {
        table.show(std::move(rows), std::move(keys));
    }
}

void show_evidence(wxWindow* parent, const DeliveryEvidence& evidence) {
    if (evidence.facts.empty()) {
        return;
    }
    Dialog dialog{parent, wxs(evidence.title), 620};
    for (const auto& [label, value] : evidence.facts) {
        auto* row = new FactRow{dialog.area(), wxs(label)};
        row->set_value(wxs(value));
        dialog.content()->Add(row, 0, wxEXPAND | wxBOTTOM, theme::space(parent, space::hair));
    }
    if (!evidence.raw.empty() && evidence.raw != "null") {
        TextField::Style style;
        style.text = Text::mono;
        style.lines = 8;
        style.length_max = 30'000;
        auto* raw = new TextField{dialog.area(), wxs(tr("Recorded")), style};
        raw->set_text(evidence.raw);
        raw->input()->SetEditable(false);
        dialog.content()->Add(raw, 0, wxEXPAND | wxTOP, theme::space(parent, space::s));
    }
    dialog.add_button(wxID_CANCEL, wxs(tr("Close")), Button::Kind::secondary, {}, "Esc");
    dialog.run();
}

ReadingsTab::ReadingsTab(wxWindow* parent, MeterReadings& presenter)
    : Panel{parent, Token::bg}, presenter_{presenter} {
    auto* page = new wxBoxSizer{wxVERTICAL};
    auto* bar = new wxBoxSizer{wxHORIZONTAL};
    const int gap = theme::space(this, space::m);
    span_ = new Segmented{this, {wxs(tr("Day")), wxs(tr("7 days")), wxs(tr("30 days")), wxs(tr("Year"))}, -1};
    span_->on_change([this](int index) {
        constexpr int kSpans[] = {1, 7, 30, 365};
        presenter_.choose_days(kSpans[index]);
    });
    from_ = new TextField{this, wxs(tr("From"))};
    to_ = new TextField{this, wxs(tr("To"))};
    for (auto* field : {from_, to_}) {
        field->SetMinSize(
            {theme::text_width(Text::body, "2026-88-88") + theme::space(this, space::huge), -1});
        field->on_enter([this] { choose_typed(); });
    }
    auto* show_button = new Button{this, wxs(tr("Show")), Button::Kind::secondary, "search"};
    show_button->on_click([this] { choose_typed(); });
    auto* save =
        new Button{this, wxs(tr("Export as Excel")), Button::Kind::secondary, "file-spreadsheet", "Ctrl+E"};
    save->on_click([this] {
        if (on_export) {
            on_export();
        }
    });
    bar->Add(from_, 0, wxRIGHT, gap);
    bar->Add(to_, 0, wxRIGHT, gap);
    bar->Add(show_button, 0, wxALIGN_BOTTOM | wxRIGHT, gap);
    bar->Add(span_, 0, wxALIGN_BOTTOM);
    bar->AddStretchSpacer();
    bar->Add(save, 0, wxALIGN_BOTTOM);
    page->Add(bar, 0, wxEXPAND | wxBOTTOM, gap);
    chart_card_ = new Card{this, wxs(tr("Power (kW)"))};
    chart_ = new LineChart{chart_card_};
    chart_card_->body()->Add(chart_, 1, wxEXPAND);
    page->Add(chart_card_, 1, wxEXPAND | wxBOTTOM, theme::space(this, space::card_gap));
    table_card_ = new Card{this, wxs(tr("Readings"))};
    using Align = TableColumn::Align;
    const auto titles = MeterReadings::columns();
    table_ = new Table{table_card_,
                       {{titles[0], 20, Align::left},
                        {titles[1], 16, Align::right},
                        {titles[2], 12, Align::right},
                        {titles[3], 10, Align::right},
                        {titles[4], 22, Align::right, false, true},
                        {titles[5], 20, Align::right},
                        {titles[6], 10, Align::right},
                        {titles[7], 8, Align::left}}};
    table_->set_empty_text(tr("No readings in this period."));
    more_ = new Button{table_card_, wxs(tr("Show more")), Button::Kind::secondary, "chevron-down"};
    more_->on_click([this] { presenter_.more(); });
    table_card_->body()->Add(table_, 1, wxEXPAND);
    table_card_->body()->Add(more_, 0, wxALIGN_LEFT | wxTOP, theme::space(this, space::s));
    page->Add(table_card_, 1, wxEXPAND);
    SetSizer(page);
}

void ReadingsTab::choose_typed() {
    presenter_.choose_period(from_->text(), to_->text());
    if (from_->has_error()) {
        from_->SetFocus();
    } else if (to_->has_error()) {
        to_->SetFocus();
    }
}

void ReadingsTab::show(const ReadingsScreen& screen) {
    // What somebody is typing is left alone until the presenter has another period.
    if (screen.from != shown_from_ || screen.to != shown_to_) {
        shown_from_ = screen.from;
        shown_to_ = screen.to;
        from_->set_text(screen.from);
        to_->set_text(screen.to);
    }
    from_->set_error(wxs(screen.from_error));
    to_->set_error(wxs(screen.to_error));
    chart_card_->Show(screen.has_power);
    LineChartData data;
    LineSeries series;
    series.name = tr("Power");
    for (const auto& point : screen.power) {
        series.points.push_back({point.at_s, point.kilowatts});
    }
    data.series.push_back(std::move(series));
    data.gap_s = screen.gap_s;
    data.label = [](std::int64_t at_s, std::int64_t span_s) {
        return span_s > 2 * kDayS ? day(at(at_s)) : clock_time(at(at_s));
    };
    data.offset = [](std::int64_t at_s) { return utc_offset_s(at(at_s)); };
    data.moment = [](std::int64_t at_s) { return moment(at(at_s)); };
    data.figure = [](double kilowatts) { return power(static_cast<std::int64_t>(kilowatts * 1000)); };
    chart_->set_data(std::move(data));
    table_card_->set_subtitle(wxs(screen.failure.empty() ? screen.subtitle : screen.failure));
    show_if_other(*table_, screen.rows, {});
    more_->Show(screen.more);
    more_->set_busy(screen.loading);
    Layout();
}

CreditTab::CreditTab(wxWindow* parent, MeterCredit& presenter)
    : Panel{parent, Token::bg}, presenter_{presenter} {
    auto* page = new wxBoxSizer{wxVERTICAL};
    card_ = new Card{this, wxs(tr("Credit deliveries"))};
    table_ = new Table{card_, credit_columns()};
    table_->set_empty_text(tr("No credit was sent to this meter yet."));
    table_->on_activate = [this](std::size_t row) { show_evidence(this, presenter_.evidence(row)); };
    auto* bar = new wxBoxSizer{wxHORIZONTAL};
    auto* evidence = new Button{card_, wxs(tr("Evidence")), Button::Kind::secondary, "file-text", "Enter"};
    evidence->on_click([this] {
        if (const auto row = table_->selected()) {
            show_evidence(this, presenter_.evidence(*row));
        }
    });
    more_ = new Button{card_, wxs(tr("Show more")), Button::Kind::secondary, "chevron-down"};
    more_->on_click([this] { presenter_.more(); });
    auto* settle = new Button{card_, wxs(tr("Settle…")), Button::Kind::secondary, "scale"};
    settle->on_click([this] {
        const auto row = table_->selected();
        const auto& keys = presenter_.screen().keys;
        if (row && *row < keys.size() && on_settle) {
            on_settle(keys[*row]);
        }
    });
    bar->Add(evidence, 0, wxRIGHT, theme::space(this, space::m));
    bar->Add(settle, 0, wxRIGHT, theme::space(this, space::m));
    bar->Add(more_, 0);
    card_->body()->Add(table_, 1, wxEXPAND);
    card_->body()->Add(bar, 0, wxTOP, theme::space(this, space::s));
    page->Add(card_, 1, wxEXPAND);
    SetSizer(page);
}

void CreditTab::show(const CreditScreen& screen) {
    card_->set_subtitle(wxs(screen.failure));
    show_if_other(*table_, screen.rows, screen.keys);
    more_->Show(screen.more);
    more_->set_busy(screen.loading);
    Layout();
}

EventsTab::EventsTab(wxWindow* parent, MeterEvents& presenter)
    : Panel{parent, Token::bg}, presenter_{presenter} {
    auto* page = new wxBoxSizer{wxVERTICAL};
    card_ = new Card{this, wxs(tr("Events"))};
    using Align = TableColumn::Align;
    const auto titles = MeterEvents::columns();
    table_ = new Table{card_,
                       {{titles[0], 20, Align::left},
                        {titles[1], 34, Align::left, false, false, true},
                        {titles[2], 30, Align::left, false, true},
                        {titles[3], 16, Align::left}}};
    table_->set_empty_text(tr("Nothing happened in the last 31 days."));
    more_ = new Button{card_, wxs(tr("Show more")), Button::Kind::secondary, "chevron-down"};
    more_->on_click([this] { presenter_.more(); });
    card_->body()->Add(table_, 1, wxEXPAND);
    card_->body()->Add(more_, 0, wxALIGN_LEFT | wxTOP, theme::space(this, space::s));
    page->Add(card_, 1, wxEXPAND);
    SetSizer(page);
}

void EventsTab::show(const EventsScreen& screen) {
    card_->set_subtitle(wxs(screen.failure));
    show_if_other(*table_, screen.rows, {});
    more_->Show(screen.more);
    more_->set_busy(screen.loading);
    Layout();
}

}  // namespace wutong::client
