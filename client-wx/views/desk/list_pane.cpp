#include "client-wx/views/desk/list_pane.hpp"

#include <wx/ffile.h>
#include <wx/filedlg.h>
#include <wx/sizer.h>

#include <algorithm>

#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/label.hpp"
#include "client-wx/controls/table.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "client-wx/views/desk/notice.hpp"

namespace wutong::client {

namespace {

const std::string kGap{"\u2003"};

Ink ink_of(Tone tone) {
    switch (tone) {
        case Tone::normal:
        case Tone::strong:
            return Ink::normal;
        case Tone::quiet:
            return Ink::quiet;
        case Tone::ok:
            return Ink::ok;
        case Tone::warn:
            return Ink::warn;
        case Tone::danger:
            return Ink::danger;
        case Tone::info:
            return Ink::info;
        case Tone::accent:
            return Ink::accent;
    }
    return Ink::normal;
}

}  // namespace

/// What the table asks: straight from the presenter's screen, nothing is copied.
class ListPane::Rows final : public TableRows {
public:
    explicit Rows(const ListPane& pane) : pane_{pane} {}
    [[nodiscard]] std::size_t count() const override {
        return pane_.screen_ == nullptr ? 0 : pane_.screen_->rows.size();
    }
    [[nodiscard]] TableCell cell(std::size_t row, std::size_t column) const override {
        const auto& from = pane_.screen_->rows[row];
        if (column >= from.cells.size()) {
            return {};
        }
        const auto& cell = from.cells[column];
        TableCell out;
        // GTK leaves 4 px between columns: too little after right-aligned figures.
        out.text = pane_.follows_figures(column) ? kGap + cell.text : cell.text;
        out.ink = ink_of(cell.tone);
        out.bold = cell.tone == Tone::strong || (from.strong && column == 0);
        out.state = cell.state;
        out.icon = cell.icon;
        return out;
    }
    [[nodiscard]] std::int64_t key(std::size_t row) const override { return pane_.screen_->rows[row].id; }

private:
    const ListPane& pane_;
};

ListPane::ListPane(wxWindow* parent, std::string name, std::string icon, bool several)
    : Panel{parent, Token::surface},
      name_{std::move(name)},
      icon_{std::move(icon)},
      several_{several},
      rows_{std::make_unique<Rows>(*this)},
      instead_{new EmptyState{this, icon_, {}, {}, {}, Token::surface}},
      strip_{new Panel{this, Token::surface_2}},
      strip_words_{new Label{strip_, {}, Text::small, Token::warn}} {
    auto* strip = new wxBoxSizer{wxHORIZONTAL};
    strip->Add(strip_words_, 1, wxALL, theme::space(this, space::s));
    strip_->SetSizer(strip);
    strip_->Hide();
    auto* all = new wxBoxSizer{wxVERTICAL};
    all->Add(strip_, 0, wxEXPAND);
    all->Add(instead_, 1, wxEXPAND);
    SetSizer(all);
    instead_->on_action([this] {
        if (action_) {
            const auto run = action_;
            run();
        }
    });
}

ListPane::~ListPane() = default;

bool ListPane::same_columns() const {
    return columns_.size() == screen_->columns.size() &&
           std::equal(columns_.begin(), columns_.end(), screen_->columns.begin(),
                      [](const ListColumn& a, const ListColumn& b) { return a.title == b.title; });
}

bool ListPane::follows_figures(std::size_t column) const {
    return column > 0 && column < columns_.size() && columns_[column - 1].right && !columns_[column].right &&
           !columns_[column].badge;
}

void ListPane::make_table() {
    if (table_ != nullptr) {
        table_->Destroy();
    }
    columns_ = screen_->columns;
    std::vector<TableColumn> columns;
    for (const auto& column : columns_) {
        TableColumn out;
        out.title = follows_figures(columns.size()) ? kGap + column.title : column.title;
        out.characters = column.width_chars;
        out.align = column.right ? TableColumn::Align::right : TableColumn::Align::left;
        out.sortable = static_cast<bool>(on_sort);
        out.grows = column.stretch;
        // The renderer of badges gives rows their height, so every list has one.
        out.badge = column.badge || columns.empty();
        columns.push_back(std::move(out));
    }
    table_ = new Table{this, std::move(columns), several_};
    table_->set_rows(rows_.get());
    table_->on_select = [this] {
        if (on_select) {
            on_select();
        }
    };
    table_->on_activate = [this](std::size_t row) {
        if (on_activate && row < screen_->rows.size()) {
            on_activate(screen_->rows[row].id);
        }
    };
    table_->on_sort = [this](std::size_t column, bool ascending) {
        if (on_sort) {
            on_sort(static_cast<int>(column), ascending);
        }
    };
    GetSizer()->Add(table_, 1, wxEXPAND);
}

void ListPane::show_instead(const std::string& icon, const std::string& sentence, const std::string& detail,
                            const std::string& action) {
    instead_->set(icon, wxs(sentence), wxs(detail), wxs(action));
    if (table_ != nullptr) {
        table_->Hide();
    }
    instead_->Show();
}

void ListPane::show(const ListScreen& screen) {
    const bool first = screen_ == nullptr;
    screen_ = &screen;
    if (!first && revision_ == screen.revision) {
        return;
    }
    revision_ = screen.revision;
    if (!screen.columns.empty() && (table_ == nullptr || !same_columns())) {
        make_table();
    }
    const auto stale =
        screen.stale + (screen.cut ? (screen.stale.empty() ? "" : " ") +
                                         fill(tr("Only the first {} rows are shown. Narrow the filter."),
                                              count(static_cast<std::int64_t>(screen.rows.size())))
                                   : std::string{});
    strip_words_->set_text(wxs(stale));
    strip_->Show(!stale.empty());
    action_ = nullptr;
    if (!screen.rows.empty() && table_ != nullptr) {
        instead_->Hide();
        table_->Show();
        table_->reset();
        if (screen.sort_column >= 0) {
            table_->show_sorted(static_cast<std::size_t>(screen.sort_column), screen.ascending);
        }
    } else if (screen.phase == ListPhase::loading) {
        show_instead("hourglass", tr("Being fetched"), {}, {});
    } else if (screen.phase == ListPhase::failed) {
        action_ = on_retry;
        show_instead("server-off", screen.failure, screen.failure_code,
                     on_retry ? tr("Try again") : std::string{});
    } else if (screen.filtered && on_clear_filter) {
        action_ = on_clear_filter;
        show_instead("filter-off", screen.empty, {}, tr("Clear filter"));
    } else {
        action_ = run_empty_action_;
        show_instead(icon_, screen.empty, {}, run_empty_action_ ? empty_action_ : std::string{});
    }
    Layout();
    // Nobody has gone elsewhere while the rows were fetched.
    if (waits_for_rows_ && table_ != nullptr && table_->IsShown()) {
        if (wxWindow::FindFocus() == waits_for_rows_) {
            table_->focus();
        }
        waits_for_rows_ = nullptr;
    }
}

void ListPane::set_empty_action(const std::string& words, std::function<void()> run) {
    empty_action_ = words;
    run_empty_action_ = std::move(run);
}

std::optional<std::int64_t> ListPane::selected() const {
    if (table_ == nullptr || !table_->IsShown()) {
        return std::nullopt;
    }
    const auto row = table_->selected();
    return row && *row < screen_->rows.size() ? std::optional{screen_->rows[*row].id} : std::nullopt;
}

std::set<std::int64_t> ListPane::all_selected() const {
    std::set<std::int64_t> ids;
    if (table_ != nullptr && table_->IsShown()) {
        for (const auto row : table_->all_selected()) {
            if (row < screen_->rows.size()) {
                ids.insert(screen_->rows[row].id);
            }
        }
    }
    return ids;
}

void ListPane::select(std::int64_t id) {
    if (table_ == nullptr) {
        return;
    }
    for (std::size_t row = 0; row < screen_->rows.size(); ++row) {
        if (screen_->rows[row].id == id) {
            table_->select(row);
            return;
        }
    }
}

void ListPane::focus(wxWindow* meanwhile) {
    waits_for_rows_ = nullptr;
    if (table_ != nullptr && table_->IsShown()) {
        table_->focus();
    } else if (meanwhile != nullptr) {
        meanwhile->SetFocus();
        waits_for_rows_ = wxWindow::FindFocus();
    }
}

bool ListPane::export_csv() {
    if (screen_ == nullptr || screen_->rows.empty()) {
        return false;
    }
    const auto name = name_ + "-" + table_date(std::chrono::system_clock::now()) + ".csv";
    wxFileDialog dialog{this,
                        wxs(tr("Export the list")),
                        {},
                        wxs(name),
                        wxs(tr("Table for Excel")) + " (*.csv)|*.csv",
                        wxFD_SAVE | wxFD_OVERWRITE_PROMPT};
    if (dialog.ShowModal() != wxID_OK) {
        return false;
    }
    const auto text = to_csv(*screen_);
    wxFFile file{dialog.GetPath(), "wb"};
    if (!file.IsOpened() || file.Write(text.data(), text.size()) != text.size() || !file.Close()) {
        show_notice(this, tr("Not exported"),
                    fill(tr("The file {} could not be written. Choose another folder, or close the program "
                            "that has it "
                            "open."),
                         utf8(dialog.GetPath())));
        return false;
    }
    return true;
}

}  // namespace wutong::client
