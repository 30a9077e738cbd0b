#pragma once

#include <wx/event.h>
#include <wx/sizer.h>

#include <string>
#include <string_view>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/label.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/views/page.hpp"

/// What the pages with lists share: the margins, the bar above the list, the keys.
namespace wutong::client {

/// A row above a list: filters at the left, buttons at the right, wrapping to a second line when the window
/// is narrow.
class ToolRow : public Panel {
public:
    explicit ToolRow(wxWindow* parent);
    /// @param window made with this row as its parent
    void left(wxWindow* window);
    void right(wxWindow* window);
    void grow(wxWindow* window);  ///< takes the room between left and right

private:
    wxBoxSizer* row_;
    bool spaced_{false};
};

/// Ctrl+E and the like, whatever is focused.
[[nodiscard]] bool is_ctrl(const wxKeyEvent& event, int key);
[[nodiscard]] bool is_plain(const wxKeyEvent& event, int key);

/// A label that wraps in the width that it gets.
class Paragraph : public Label {
public:
    Paragraph(wxWindow* parent, Text style, Token ink);
};

}  // namespace wutong::client
