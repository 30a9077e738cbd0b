#pragma once

#include <memory>

#include "client-wx/controls/field.hpp"
#include "client-wx/presenters/shell/find_presenter.hpp"

namespace wutong::client {

/// The list under the header's search box. A child of the frame's ground, above all else while it is shown.
class FindPopup final : public Panel {
public:
    /// @param closed the focus goes back to the page
    FindPopup(wxWindow* parent, Context& context, std::vector<FindPresenter::NamedPage> pages,
              std::function<void()> closed);
    /// @param anchor the search box, in screen coordinates
    void open(const wxRect& anchor);
    void close();
    /// Escape, arrows, Enter and F2 while it is open. @return whether the key was used
    bool key(wxKeyEvent& event);

private:
    class List;
    void show_hits();

    FindPresenter presenter_;
    std::function<void()> closed_;
    TextField* text_;
    List* list_;
    Label* footer_;
    wxRect anchor_;
};

}  // namespace wutong::client
