#pragma once

#include <wx/event.h>
#include <wx/sizer.h>

#include <string>
#include <string_view>
#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/label.hpp"
#include "client-wx/controls/segmented.hpp"
#include "client-wx/views/page.hpp"

/// What the pages with lists share: the margins, the bar above the list, the keys.
namespace wutong::client {

/// A row above a list: filters at the left, buttons at the right. When the window is too narrow for all, what
/// may shrink shrinks, then the buttons go to a line of their own.
class ToolRow : public Panel {
public:
    explicit ToolRow(wxWindow* parent);
    /// @param window made with this row as its parent
    void left(wxWindow* window) { left_.push_back({window}); }
    /// As left(), at most `widest` DIP wide, and narrower when there is little room.
    void shrinking(wxWindow* window, int widest) { left_.push_back({window, widest}); }
    /// Takes the room that is left over: a sentence.
    void grow(wxWindow* window) { left_.push_back({window, 0, true}); }
    void right(wxWindow* window) { right_.push_back({window}); }
    bool Layout() override;

protected:
    wxSize DoGetBestClientSize() const override;

private:
    struct Item {
        wxWindow* window;
        int widest{0};  ///< DIP; 0: as wide as it wants to be
        bool grows{false};
    };
    [[nodiscard]] int width_of(const Item& item) const;
    [[nodiscard]] int width_of(const std::vector<Item>& items) const;
    [[nodiscard]] int line_height() const;

    std::vector<Item> left_, right_;
    int lines_{1};
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
