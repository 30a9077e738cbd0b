#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "client-wx/controls/field.hpp"
#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/list_presenter.hpp"
#include "client-wx/views/desk/desk_page.hpp"
#include "client-wx/views/desk/list_pane.hpp"

namespace wutong::client {

/// A tab with a list: filters and buttons above, the list below, and the forms that the buttons open.
class ListTab : public Panel {
public:
    /// @param presenter outlives the tab
    ListTab(wxWindow* parent, ListPresenter& presenter, Navigator& navigator, const char* name,
            const char* icon);

    [[nodiscard]] ListPresenter& presenter() { return presenter_; }
    [[nodiscard]] const ListPresenter& presenter() const { return presenter_; }
    [[nodiscard]] ToolRow* bar() { return bar_; }
    [[nodiscard]] ListPane* list() { return list_; }

    TextField* add_search(const std::string& placeholder, std::function<void(const std::string&)> run);
    /// A button that works on what is chosen. @param hint the key that does the same; may be empty
    Button* add_for_chosen(const std::string& words, const char* icon, const char* hint,
                           std::function<void(std::int64_t)> run);
    /// Export, and the one that adds (F3).
    void add_export();
    void add_new(const std::string& words, std::function<std::unique_ptr<Form>()> form);
    /// Opens a form and, when something was saved, fetches the list again.
    void run(std::unique_ptr<Form> form);
    void press_new();
    /// Ctrl+E exports, F3 adds, F5 fetches again. @return whether the key was used
    bool list_key(const wxKeyEvent& event);

    /// Copies the presenter's screen; `may_change` and why not, for the buttons.
    void update(bool may_change, const std::string& why_not);

private:
    ListPresenter& presenter_;
    Navigator& navigator_;
    ToolRow* bar_;
    ListPane* list_;
    Button* new_{nullptr};
    std::vector<Button*> for_chosen_;
};

}  // namespace wutong::client
