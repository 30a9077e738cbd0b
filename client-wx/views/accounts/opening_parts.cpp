#include "client-wx/views/accounts/opening_parts.hpp"

#include <wx/sizer.h>

#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int who_width = 200, line_padding = 6;

void put(TextField& field, const FormText& text, bool enabled) {
    if (field.text() != text.text) {
        field.set_text(text.text);
    }
    field.set_error(wxs(text.error));
    field.set_enabled(enabled);
}

}  // namespace

SuggestionList::SuggestionList(wxWindow* parent) : DrawnControl{parent, Focus::none} {}

void SuggestionList::set(std::vector<std::pair<std::string, std::string>> lines) {
    if (lines != lines_) {
        lines_ = std::move(lines);
        hover_ = -1;
        content_changed();
    }
}

int SuggestionList::row_height() const {
    return theme::line_height(Text::body) + 2 * dip(line_padding);
}

void SuggestionList::draw(Painter& painter) {
    const auto size = GetClientSize();
    painter.box({0, 0, size.x * 1.0, size.y * 1.0},
                {.fill = theme::colour(Token::surface_2), .edge = theme::colour(Token::line)});
    const double high = row_height();
    const double pad = dip(space::m);
    for (std::size_t i = 0; i < lines_.size(); ++i) {
        const double top = high * static_cast<double>(i);
        if (static_cast<int>(i) == hover_) {
            painter.box({1, top + 1, size.x - 2.0, high - 2}, {.fill = theme::colour(Token::accent_soft)});
        }
        const auto title = wxs(lines_[i].first);
        const double wide = std::min<double>(theme::text_width(Text::body_bold, title) + 1, size.x * 0.6);
        painter.text(title, Text::body_bold, Token::ink, {pad, top, wide, high});
        painter.text(wxs(lines_[i].second), Text::small, Token::ink_2,
                     {pad + wide + pad, top, size.x - wide - 3 * pad, high});
    }
}

void SuggestionList::pointer_at(const wxPoint& point) {
    const int row = point.y / std::max(row_height(), 1);
    const int now = row < static_cast<int>(lines_.size()) ? row : -1;
    if (now != hover_) {
        hover_ = now;
        SetCursor(now >= 0 ? wxCursor{wxCURSOR_HAND} : wxNullCursor);
        Refresh();
    }
}

void SuggestionList::pointer_left() {
    hover_ = -1;
}

void SuggestionList::clicked_at(const wxPoint& point) {
    const int row = point.y / std::max(row_height(), 1);
    if (choose_ && row >= 0 && row < static_cast<int>(lines_.size())) {
        const auto run = choose_;
        run(static_cast<std::size_t>(row));
    }
}

wxSize SuggestionList::DoGetBestClientSize() const {
    return {dip(who_width), row_height() * static_cast<int>(lines_.size())};
}

OpeningMeterBlock::OpeningMeterBlock(wxWindow* parent, OpeningPresenter& presenter, std::size_t index)
    : Panel{parent, Token::surface}, index_{index} {
    const int gap = theme::space(this, space::m);
    TextField::Style style;
    style.icon = "search";
    style.placeholder = wxs(tr("Unit or meter"));
    style.length_max = 100;
    who_ = new TextField{this, wxs(tr("Meter")), style};
    who_->on_change([&presenter, index](const std::string& text) { presenter.type_meter(index, text); });
    who_->on_enter([&presenter, index] { presenter.meter_entered(index); });
    check_ = new CheckLine{this, CheckLine::State::unknown, {}};
    matches_ = new SuggestionList{this};
    matches_->on_choose([this, &presenter](std::size_t at) {
        if (at < match_ids_.size()) {
            presenter.choose_meter(index_, match_ids_[at]);
        }
    });
    const auto sign = wxs(currency_sign());
    const std::array<std::string, 6> labels{tr("Unit price"), tr("First alarm"),    tr("Second alarm"),
                                            tr("Overdraft"),  tr("Load limit, kW"), tr("First purchase")};
    auto* values = new wxBoxSizer{wxHORIZONTAL};
    for (std::size_t i = 0; i < values_.size(); ++i) {
        TextField::Style figure;
        figure.right_aligned = true;
        figure.length_max = 20;
        values_.at(i) = i == static_cast<std::size_t>(Value::first_purchase)
                            ? static_cast<TextField*>(new MoneyField{this, wxs(labels.at(i)), sign})
                            : new TextField{this, wxs(labels.at(i)), figure};
        values_.at(i)->on_change([&presenter, index, i](const std::string& text) {
            presenter.type_value(index, static_cast<Value>(i), text);
        });
        values->Add(values_.at(i), i == 5 ? 9 : 8, i == 0 ? 0 : wxLEFT, gap);
    }
    values_.back()->on_enter([&presenter] { presenter.commit(); });
    remove_ = new Button{this, wxs(tr("Remove")), Button::Kind::ghost, "trash"};
    remove_->on_click([&presenter, index] { presenter.remove_meter(index); });

    auto* first = new wxBoxSizer{wxHORIZONTAL};
    first->Add(who_, 1, 0);
    first->Add(check_, 1, wxALIGN_BOTTOM | wxLEFT | wxBOTTOM, theme::space(this, space::s));
    first->Add(remove_, 0, wxALIGN_BOTTOM | wxLEFT, gap);
    auto* column = new wxBoxSizer{wxVERTICAL};
    column->Add(first, 0, wxEXPAND);
    column->Add(matches_, 0, wxEXPAND | wxTOP, theme::space(this, space::xs));
    column->Add(values, 0, wxEXPAND | wxTOP, gap);
    SetSizer(column);
}

void OpeningMeterBlock::set(const OpeningScreen::Meter& meter, bool removable, bool enabled) {
    put(*who_, meter.who, enabled);
    const bool chosen = meter.meter_id != 0;
    bool moved = check_->Show(chosen);
    if (chosen) {
        check_->set(
            meter.check.state == SaleCheck::State::good ? CheckLine::State::good : CheckLine::State::warning,
            wxs(meter.check.words));
    }
    match_ids_.clear();
    std::vector<std::pair<std::string, std::string>> lines;
    for (const auto& match : meter.matches) {
        match_ids_.push_back(match.meter_id);
        lines.emplace_back(match.unit, match.detail);
    }
    moved |= matches_->Show(!lines.empty());
    matches_->set(std::move(lines));
    put(field(Value::price), meter.price, enabled);
    put(field(Value::alarm_1), meter.alarm_1, enabled);
    put(field(Value::alarm_2), meter.alarm_2, enabled);
    put(field(Value::overdraft), meter.overdraft, enabled);
    put(field(Value::overload), meter.overload_kw, enabled);
    put(field(Value::first_purchase), meter.first_purchase, enabled);
    moved |= remove_->Show(removable);
    if (moved) {
        InvalidateBestSize();
        Layout();
    }
}

void OpeningMeterBlock::focus(OpeningScreen::Field where) {
    using Where = OpeningScreen::Field;
    switch (where) {
        case Where::price:
            return field(Value::price).SetFocus();
        case Where::alarm_1:
            return field(Value::alarm_1).SetFocus();
        case Where::alarm_2:
            return field(Value::alarm_2).SetFocus();
        case Where::overdraft:
            return field(Value::overdraft).SetFocus();
        case Where::overload:
            return field(Value::overload).SetFocus();
        case Where::first_purchase:
            return field(Value::first_purchase).SetFocus();
        default:
            return who_->SetFocus();
    }
}

}  // namespace wutong::client
