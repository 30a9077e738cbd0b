#include "client-wx/text/translate.hpp"
#include "client-wx/views/wall/batch_panel.hpp"
#include "client-wx/views/wall/inspector_panel.hpp"
#include "client-wx/views/wall/several_panel.hpp"
#include "client-wx/views/wall/wall_page.hpp"

/// Where the parts of the wall page stand.
namespace wutong::client {

namespace {

std::vector<TableColumn> list_columns() {
    using Align = TableColumn::Align;
    return {{tr("Unit"), 9, Align::left, true, false, false},
            {tr("State"), 14, Align::left, true, false, true},
            {tr("Tenant"), 16, Align::left, true, true, false},
            {tr("Account"), 9, Align::left, true, false, false},
            {tr("Balance"), 11, Align::right, true, false, false},
            {tr("Days"), 6, Align::right, true, false, false},
            {tr("Use a day"), 11, Align::right, true, false, false},
            {tr("Power"), 10, Align::right, true, false, false},
            {tr("Relay or valve"), 12, Align::left, true, false, false, true},
            {tr("Last reading"), 14, Align::right, true, false, false}};
}

}  // namespace

void WallPage::build_chips(wxSizer* column) {
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    for (const auto& chip : presenter_->screen().chips) {
        auto* made =
            chip.status ? new Chip{this, wxs(chip.name), chip.status} : new Chip{this, wxs(chip.name)};
        made->on_choose([this, status = chip.status](bool add) { presenter_->choose_chip(status, add); });
        row->Add(made, 0, wxRIGHT, theme::space(this, space::s));
        chips_.push_back(made);
    }
    column->AddSpacer(theme::space(this, space::m));
    column->Add(row, 0, wxEXPAND | wxLEFT | wxRIGHT, theme::space(this, space::page_margin));
    column->AddSpacer(theme::space(this, space::m));
}

void WallPage::show_chips(const WallScreen& screen) {
    std::size_t letters = 0;
    for (std::size_t i = 0; i < chips_.size() && i < screen.chips.size(); ++i) {
        chips_[i]->set_count(wxs(screen.chips[i].count));
        chips_[i]->set_chosen(screen.chips[i].chosen);
        letters += screen.chips[i].count.size();
    }
    if (letters != chip_letters_) {
        chip_letters_ = letters;
        fit_to_size();
    }
}

void WallPage::build_toolbar(wxSizer* column) {
    auto* row = new wxBoxSizer{wxHORIZONTAL};
    const int gap = theme::space(this, space::s);
    property_ = new Button{this, {}, Button::Kind::picker, "building"};
    property_->on_click([this] { choose_property(); });
    buildings_ = new Segmented{this, {wxs(tr("All"))}};
    buildings_->on_change([this](int index) { presenter_->choose_building(index); });
    search_ = new Button{this, {}, Button::Kind::secondary, "x"};
    search_->on_click([this] { presenter_->search({}); });
    density_ = new Segmented{this,
                             {wxs(tr("Dots")), wxs(tr("Compact")), wxs(tr("Detail"))},
                             static_cast<int>(context_.preferences.density())};
    density_->on_change([this](int index) {
        context_.preferences.set_density(static_cast<Density>(index));
        canvas_->set_density(static_cast<WallDensity>(index));
    });
    mode_ = new Segmented{this, {wxs(tr("Wall")), wxs(tr("List"))}};
    mode_->on_change([this](int index) { presenter_->show_list(index == 1); });
    row->Add(property_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, gap);
    row->Add(buildings_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, gap);
    row->Add(search_, 0, wxALIGN_CENTRE_VERTICAL);
    row->AddStretchSpacer();
    row->Add(density_, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, gap);
    row->Add(mode_, 0, wxALIGN_CENTRE_VERTICAL);
    column->Add(row, 0, wxEXPAND | wxLEFT | wxRIGHT, theme::space(this, space::page_margin));
    column->AddSpacer(theme::space(this, space::s));
}

void WallPage::build_content(wxSizer* column) {
    canvas_ = new WallCanvas{this};
    canvas_->set_density(static_cast<WallDensity>(context_.preferences.density()));
    canvas_->set_source(presenter_.get());
    canvas_->on_pick = [this](std::size_t cell, WallPick pick) { presenter_->pick(cell, pick); };
    canvas_->on_open = [this](std::size_t cell) { presenter_->open(cell); };
    canvas_->on_select_all = [this] { presenter_->select_all(); };
    canvas_->on_clear = [this] { presenter_->leave_one(); };
    canvas_->on_type = [this](const std::string& typed) { return presenter_->typed(typed); };

    table_ = new Table{this, list_columns(), true};
    table_->set_rows(rows_.get());
    table_->show_sorted(0, true);
    table_->on_sort = [this](std::size_t sorted, bool ascending) {
        presenter_->sort_list(static_cast<WallPresenter::Column>(sorted), ascending);
        table_->reset();
    };
    table_->on_activate = [this](std::size_t row) { presenter_->open(presenter_->list_position(row)); };
    table_->on_select = [this] {
        std::vector<std::size_t> positions;
        for (const auto row : table_->all_selected()) {
            positions.push_back(presenter_->list_position(row));
        }
        in_table_selection_ = true;
        presenter_->select_positions(positions);
        in_table_selection_ = false;
    };

    empty_ = new EmptyState{this, "layout-grid", {}};
    empty_->on_action([this] {
        if (presenter_->screen().empty == WallScreen::Empty::nothing_fits) {
            presenter_->clear_filter();
        } else {
            context_.navigator.open({Page::devices, 0, "import"});
        }
    });
    column->Add(canvas_, 1, wxEXPAND);
    column->Add(table_, 1, wxEXPAND | wxLEFT | wxRIGHT | wxBOTTOM, theme::space(this, space::page_margin));
    column->Add(empty_, 1, wxEXPAND);
}

void WallPage::build_panels(wxSizer* row) {
    auto* edge = new Panel{this, Token::line};
    edge->SetMinSize({theme::space(this, measure::line), -1});
    row->Add(edge, 0, wxEXPAND);
    side_ = new Panel{this, Token::surface};
    inspector_ = new InspectorPanel{side_, presenter_->inspector()};
    several_ = new SeveralPanel{side_, *presenter_};
    batch_ = new BatchPanel{side_, presenter_->batch()};
    batch_->on_export = [this] { export_table(); };
    batch_->on_line = [this](std::int64_t meter_id) {
        presenter_->on_goto(presenter_->position_of(meter_id));
    };
    nothing_ = new EmptyState{
        side_, "hand-click",  wxs(tr("Choose a meter")), wxs(tr("Click one, or type its number.")),
        {},    Token::surface};
    auto* column = new wxBoxSizer{wxVERTICAL};
    for (wxWindow* panel : std::initializer_list<wxWindow*>{inspector_, several_, batch_, nothing_}) {
        column->Add(panel, 1, wxEXPAND);
    }
    side_->SetSizer(column);
    row->Add(side_, 0, wxEXPAND);
}

}  // namespace wutong::client
