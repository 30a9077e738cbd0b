#include "client-wx/controls/table.hpp"

#include <wx/dataview.h>
#include <wx/sizer.h>

#include <algorithm>

#include "client-wx/controls/label.hpp"
#include "client-wx/controls/table_badge.hpp"
#include "client-wx/theme/inks.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

namespace {

// Beyond this many rows a selection is not looked up again after a reset: nobody selects by hand in such a
// list.
constexpr std::size_t kRowsSearched = 20'000;

}  // namespace

TableColumn column(std::string title, int characters, bool right, bool grows, bool badge) {
    TableColumn made;
    made.title = std::move(title);
    made.characters = characters;
    made.align = right ? TableColumn::Align::right : TableColumn::Align::left;
    made.grows = grows;
    made.badge = badge;
    return made;
}

class Table::OwnRows final : public TableRows {
public:
    std::vector<std::vector<TableCell>> rows;
    std::vector<std::int64_t> keys;

    [[nodiscard]] std::size_t count() const override { return rows.size(); }
    [[nodiscard]] TableCell cell(std::size_t row, std::size_t column) const override {
        return column < rows[row].size() ? rows[row][column] : TableCell{};
    }
    [[nodiscard]] std::int64_t key(std::size_t row) const override {
        return row < keys.size() ? keys[row] : static_cast<std::int64_t>(row);
    }
};

class Table::Model final : public wxDataViewVirtualListModel {
public:
    explicit Model(const Table& table) : table_{table} {}

    [[nodiscard]] unsigned int GetColumnCount() const override {
        return static_cast<unsigned>(table_.columns_.size());
    }
    [[nodiscard]] wxString GetColumnType(unsigned int column) const override {
        return table_.columns_[column].badge ? wxString{TableBadgeRenderer::kType} : wxString{"string"};
    }
    void GetValueByRow(wxVariant& value, unsigned row, unsigned column) const override {
        const auto cell = look(row, column);
        if (table_.columns_[column].badge) {
            TableBadge badge;
            badge.words = wxs(cell.text);
            badge.state = cell.state;
            badge.icon = cell.icon;
            badge.ink = theme::colour(token_of(cell.ink));
            badge.bold = cell.bold;
            value = wxVariant{new TableBadgeData{std::move(badge)}};
        } else {
            value = wxs(cell.text);
        }
    }
    [[nodiscard]] bool GetAttrByRow(unsigned row, unsigned column, wxDataViewItemAttr& attr) const override {
        const auto cell = look(row, column);
        attr.SetColour(theme::colour(token_of(cell.ink)));
        attr.SetBold(cell.bold);
        if (table_.rows_ != nullptr && row < table_.rows_->count() && table_.rows_->marked(row)) {
            attr.SetBackgroundColour(theme::colour(Token::accent_soft));
        }
        return true;
    }
    bool SetValueByRow(const wxVariant&, unsigned, unsigned) override { return false; }

private:
    // GTK may ask for a row of the list as it was a moment ago.
    [[nodiscard]] TableCell look(unsigned row, unsigned column) const {
        return table_.rows_ != nullptr && row < table_.rows_->count() ? table_.rows_->cell(row, column)
                                                                      : TableCell{};
    }

    const Table& table_;
};

Table::Table(wxWindow* parent, std::vector<TableColumn> columns, bool several)
    : wxPanel{parent}, columns_{std::move(columns)}, own_rows_{std::make_unique<OwnRows>()} {
    list_ = new wxDataViewCtrl{this, wxID_ANY, wxDefaultPosition, wxDefaultSize,
                               (several ? wxDV_MULTIPLE : wxDV_SINGLE) | wxBORDER_NONE};
    model_ = new Model{*this};
    list_->AssociateModel(model_);
    model_->DecRef();  // the list holds it now
    empty_ = new Label{this, {}, Text::body, Token::ink_2, Painter::Align::centre};
    empty_->Hide();
    rows_ = own_rows_.get();
    add_columns();
    restyle();
    list_->Bind(wxEVT_DATAVIEW_SELECTION_CHANGED, [this](wxDataViewEvent&) {
        if (resetting_) {
            return;
        }
        remember_selection();
        if (on_select) {
            on_select();
        }
    });
    list_->Bind(wxEVT_DATAVIEW_ITEM_ACTIVATED, [this](wxDataViewEvent& event) {
        const auto row = model_->GetRow(event.GetItem());
        if (on_activate && row < rows_->count()) {
            on_activate(row);
        }
    });
    list_->Bind(wxEVT_DATAVIEW_ITEM_CONTEXT_MENU, [this](wxDataViewEvent& event) {
        if (on_menu && event.GetItem().IsOk()) {
            on_menu(model_->GetRow(event.GetItem()), wxGetMousePosition());
        }
    });
    list_->Bind(wxEVT_DATAVIEW_COLUMN_HEADER_CLICK, &Table::header_clicked, this);
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        event.Skip();
        restyle();
        fit_columns();
    });
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        list_->SetSize(GetClientSize());
        fit_columns();
        place_empty();
    });
}

Table::~Table() {
    // The list may still ask its model while it is being destroyed.
    own_rows_->rows.clear();
    rows_ = own_rows_.get();
    model_->Reset(0);
}

void Table::add_columns() {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const auto& column = columns_[i];
        const auto align = column.align == TableColumn::Align::right ? wxALIGN_RIGHT : wxALIGN_LEFT;
        wxDataViewRenderer* renderer = nullptr;
        if (column.badge) {
            renderer = new TableBadgeRenderer{*this};
        } else {
            auto* text =
                new wxDataViewTextRenderer{"string", wxDATAVIEW_CELL_INERT, align | wxALIGN_CENTRE_VERTICAL};
            text->EnableEllipsize(wxELLIPSIZE_END);
            renderer = text;
        }
        int flags = wxDATAVIEW_COL_RESIZABLE;
        if (column.sortable) {
            flags |= wxDATAVIEW_COL_SORTABLE;
        }
        list_->AppendColumn(new wxDataViewColumn{wxs(column.title), renderer, static_cast<unsigned>(i),
                                                 wxCOL_WIDTH_DEFAULT, align, flags});
    }
}

void Table::fit_columns() {
    const int letter = theme::text_width(Text::body, "0");
    const int padding = theme::space(this, space::xl);
    int used = 0, growing = 0;
    std::vector<int> widths;
    for (const auto& column : columns_) {
        const int words = theme::text_width(Text::body_bold, wxs(column.title)) +
                          (column.sortable ? theme::space(this, measure::icon_s) : 0);
        widths.push_back(std::max(words, column.characters * letter) + padding);
        used += widths.back();
        growing += column.grows ? 1 : 0;
    }
    const int room = GetClientSize().x - theme::space(this, space::s);
    for (std::size_t i = columns_.size(); i > 0; --i) {
        const bool hidden = columns_[i - 1].optional && used > room;
        used -= hidden ? widths[i - 1] : 0;
        list_->GetColumn(static_cast<unsigned>(i - 1))->SetHidden(hidden);
    }
    const int left = room - used;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const int more = columns_[i].grows && left > 0 ? left / growing : 0;
        list_->GetColumn(static_cast<unsigned>(i))->SetWidth(widths[i] + more);
    }
}

void Table::restyle() {
    SetBackgroundColour(theme::colour(Token::surface));
    // No colours for list_ itself on GTK: the style sheet of theme/ has them, and wx would add the desktop's
    // selection to those it sets, on which inks can't be read.
#ifndef __WXGTK__
    list_->SetBackgroundColour(theme::colour(Token::surface));
    list_->SetForegroundColour(theme::colour(Token::ink));
#endif
    list_->SetFont(theme::font(Text::body));
    list_->SetRowHeight(theme::control_height(this, Text::body, measure::table_row));
    list_->Refresh();
}

void Table::set_rows(const TableRows* rows) {
    rows_ = rows != nullptr ? rows : own_rows_.get();
    reset();
}

void Table::show(std::vector<std::vector<TableCell>> rows, std::vector<std::int64_t> keys) {
    own_rows_->rows = std::move(rows);
    own_rows_->keys = std::move(keys);
    rows_ = own_rows_.get();
    reset();
}

const std::vector<std::vector<TableCell>>& Table::shown_rows() const {
    return own_rows_->rows;
}

void Table::reset() {
    resetting_ = true;
    const auto count = rows_->count();
    model_->Reset(static_cast<unsigned>(count));
    if (!chosen_keys_.empty() && count <= kRowsSearched) {
        wxDataViewItemArray items;
        for (std::size_t row = 0; row < count; ++row) {
            if (chosen_keys_.contains(rows_->key(row))) {
                items.Add(model_->GetItem(static_cast<unsigned>(row)));
            }
        }
        if (!items.empty()) {
            list_->SetSelections(items);
        }
    }
    resetting_ = false;
    place_empty();
}

void Table::changed(std::size_t first, std::size_t last) {
    for (auto row = first; row <= last && row < rows_->count(); ++row) {
        model_->RowChanged(static_cast<unsigned>(row));
    }
}

void Table::remember_selection() {
    chosen_keys_.clear();
    for (const auto row : all_selected()) {
        chosen_keys_.insert(rows_->key(row));
    }
}

std::optional<std::size_t> Table::selected() const {
    const auto rows = all_selected();
    return rows.empty() ? std::nullopt : std::optional{rows.front()};
}

std::vector<std::size_t> Table::all_selected() const {
    wxDataViewItemArray items;
    list_->GetSelections(items);
    std::vector<std::size_t> rows;
    for (const auto& item : items) {
        const std::size_t row = model_->GetRow(item);
        if (row < rows_->count()) {
            rows.push_back(row);
        }
    }
    std::sort(rows.begin(), rows.end());
    return rows;
}

void Table::select(std::size_t row) {
    if (row >= rows_->count()) {
        return;
    }
    resetting_ = true;
    const auto item = model_->GetItem(static_cast<unsigned>(row));
    list_->UnselectAll();
    list_->Select(item);
    list_->SetCurrentItem(item);
    list_->EnsureVisible(item);
    chosen_keys_ = {rows_->key(row)};
    resetting_ = false;
}

void Table::clear_selection() {
    resetting_ = true;
    list_->UnselectAll();
    chosen_keys_.clear();
    resetting_ = false;
}

void Table::focus() {
    list_->SetFocus();
    if (!selected() && rows_->count() > 0) {
        list_->SetCurrentItem(model_->GetItem(0));
    }
}

void Table::set_empty_text(const std::string& text) {
    empty_->set_text(wxs(text));
    place_empty();
}

void Table::place_empty() {
    const bool shown = rows_->count() == 0 && !empty_->text().empty();
    if (shown) {
        const auto size = GetClientSize();
        const int height = theme::line_height(Text::body) + theme::space(this, space::m);
        const int top =
            theme::control_height(this, Text::body, measure::table_row) + theme::space(this, space::xxxl);
        empty_->SetSize(0, top, size.x, height);
        empty_->Raise();
    }
    empty_->Show(shown);
}

void Table::set_titles(const std::vector<std::string>& titles) {
    for (std::size_t i = 0; i < titles.size() && i < columns_.size(); ++i) {
        columns_[i].title = titles[i];
        list_->GetColumn(static_cast<unsigned>(i))->SetTitle(wxs(titles[i]));
    }
    fit_columns();
}

void Table::show_sorted(std::size_t column, bool ascending) {
    if (column < columns_.size()) {
        sorted_column_ = column;
        sorted_ascending_ = ascending;
        list_->GetColumn(static_cast<unsigned>(column))->SetSortOrder(ascending);
    }
}

void Table::header_clicked(wxDataViewEvent& event) {
    const auto column = static_cast<std::size_t>(std::max(0, event.GetColumn()));
    if (column >= columns_.size() || !columns_[column].sortable || !on_sort) {
        return;
    }
    show_sorted(column, sorted_column_ == column ? !sorted_ascending_ : true);
    on_sort(column, sorted_ascending_);
}

}  // namespace wutong::client
