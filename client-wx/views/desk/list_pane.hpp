#pragma once

#include <wx/panel.h>
#include <wx/weakref.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client-wx/controls/drawn.hpp"
#include "client-wx/presenters/lists/list_screen.hpp"

namespace wutong::client {

class EmptyState;
class Label;
class Table;

/// A list with everything that can be said instead of it: being fetched, nothing there, nothing fits the
/// filter, refused; and above it, when the rows are older than they should be.
class ListPane : public Panel {
public:
    /// @param name for the file of an export, and to tell lists apart: "alarms"
    ListPane(wxWindow* parent, std::string name, std::string icon, bool several = false);
    ~ListPane() override;

    /// Copies to the screen what the presenter has. Keeps a reference to it: it outlives the pane.
    void show(const ListScreen& screen);
    [[nodiscard]] std::optional<std::int64_t> selected() const;
    [[nodiscard]] std::set<std::int64_t> all_selected() const;
    void select(std::int64_t id);
    /// The table gets the focus, now or when its rows are there. @param meanwhile has it until then, so that
    /// keys are heard
    void focus(wxWindow* meanwhile);
    /// Asks where to, and writes what is shown. @return whether it was written
    bool export_csv();

    std::function<void()> on_select;
    std::function<void(std::int64_t)> on_activate;
    std::function<void(int column, bool ascending)> on_sort;
    std::function<void()> on_retry;
    std::function<void()> on_clear_filter;
    /// The one next step when there is nothing: its words and what it does.
    void set_empty_action(const std::string& words, std::function<void()> run);

private:
    class Rows;
    void make_table();
    [[nodiscard]] bool same_columns() const;
    [[nodiscard]] bool follows_figures(std::size_t column) const;
    void show_instead(const std::string& icon, const std::string& sentence, const std::string& detail,
                      const std::string& action);

    std::string name_, icon_;
    bool several_;
    const ListScreen* screen_{nullptr};
    unsigned revision_{0};
    std::vector<ListColumn> columns_;
    std::unique_ptr<Rows> rows_;
    Table* table_{nullptr};
    EmptyState* instead_;
    Panel* strip_;
    Label* strip_words_;
    std::string empty_action_;
    std::function<void()> run_empty_action_;
    std::function<void()> action_;
    wxWeakRef<wxWindow> waits_for_rows_;
};

}  // namespace wutong::client
