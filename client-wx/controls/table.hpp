#pragma once

#include <wx/panel.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client-wx/text/table_cell.hpp"

class wxDataViewCtrl;
class wxDataViewEvent;

namespace wutong::client {

class Label;

struct TableColumn {
    enum class Align { left, right };
    std::string title;    ///< translated, UTF-8
    int characters = 12;  ///< width, in characters of the body font
    Align align = Align::left;
    bool sortable = false;
    bool grows = false;     ///< takes what the window has left over
    bool badge = false;     ///< draws TableCell::state (or icon) before the text
    bool optional = false;  ///< goes where the window has no room for all, the last one first
};

/// A column in one line: `column(tr("Amount"), 12, true)`.
[[nodiscard]] TableColumn column(std::string title, int characters, bool right = false, bool grows = false,
                                 bool badge = false);

/// Where a table gets its rows. Asked only for what is on the screen, on the UI thread, often: no work here.
class TableRows {
public:
    virtual ~TableRows() = default;
    [[nodiscard]] virtual std::size_t count() const = 0;
    [[nodiscard]] virtual TableCell cell(std::size_t row, std::size_t column) const = 0;
    /// Who the row is: a selection follows it through reset().
    [[nodiscard]] virtual std::int64_t key(std::size_t row) const { return static_cast<std::int64_t>(row); }
    /// The ground of a row that stands out.
    [[nodiscard]] virtual bool marked(std::size_t /*row*/) const { return false; }
};

/// A list of up to 100 000 rows (wxDataViewCtrl, virtual): right-aligned numbers, state badges, a sort
/// callback. It sorts nothing itself: `on_sort` asks its owner, who then calls reset().
class Table : public wxPanel {
public:
    Table(wxWindow* parent, std::vector<TableColumn> columns, bool several = false);
    ~Table() override;

    /// @param rows outlives the table, or is replaced before it goes
    void set_rows(const TableRows* rows);
    /// For pages that hold their rows as text: takes a copy.
    void show(std::vector<std::vector<TableCell>> rows, std::vector<std::int64_t> keys = {});
    /// What was given to show().
    [[nodiscard]] const std::vector<std::vector<TableCell>>& shown_rows() const;
    /// The rows are others now. Selection and place stay with their keys where they still exist.
    void reset();
    /// Rows `first` to `last` say something else now.
    void changed(std::size_t first, std::size_t last);
    /// What stands there when there is no row: a sentence.
    void set_empty_text(const std::string& text);
    void set_titles(const std::vector<std::string>& titles);  ///< after a change of language
    void show_sorted(std::size_t column, bool ascending);

    [[nodiscard]] std::optional<std::size_t> selected() const;
    [[nodiscard]] std::vector<std::size_t> all_selected() const;
    void select(std::size_t row);  ///< and brings it into view; no callback
    void clear_selection();
    void focus();

    std::function<void()> on_select;               ///< the selection is another one
    std::function<void(std::size_t)> on_activate;  ///< Enter or double click
    std::function<void(std::size_t column, bool ascending)> on_sort;
    std::function<void(std::size_t row, wxPoint screen)> on_menu;

private:
    class Model;
    class OwnRows;

    void add_columns();
    void fit_columns();
    void restyle();
    void header_clicked(wxDataViewEvent& event);
    void place_empty();
    void remember_selection();

    std::vector<TableColumn> columns_;
    std::unique_ptr<OwnRows> own_rows_;
    const TableRows* rows_{nullptr};
    wxDataViewCtrl* list_{nullptr};
    Model* model_{nullptr};  // shared with list_, which counts references
    Label* empty_{nullptr};
    std::set<std::int64_t> chosen_keys_;
    std::optional<std::size_t> sorted_column_;
    bool sorted_ascending_{true};
    bool resetting_{false};
};

}  // namespace wutong::client
