#include "client-wx/views/desk/desk_page.hpp"

#include <algorithm>

namespace wutong::client {

namespace {

// DIP: what a row never gets narrower than, and what a shrinking field shrinks to.
constexpr int kNarrowest = 320;
constexpr int kShrunk = 150;

}  // namespace

ToolRow::ToolRow(wxWindow* parent) : Panel{parent, Token::bg} {
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        Layout();
    });
}

int ToolRow::width_of(const Item& item) const {
    return item.grows ? 0 : item.widest > 0 ? theme::space(this, item.widest) : item.window->GetBestSize().x;
}

int ToolRow::width_of(const std::vector<Item>& items) const {
    int width = 0;
    for (const auto& item : items) {
        if (item.window->IsShown()) {
            width += width_of(item) + (width > 0 ? theme::space(this, space::s) : 0);
        }
    }
    return width;
}

int ToolRow::line_height() const {
    int height = 0;
    for (const auto* items : {&left_, &right_}) {
        for (const auto& item : *items) {
            height = item.window->IsShown() ? std::max(height, item.window->GetBestSize().y) : height;
        }
    }
    return height;
}

wxSize ToolRow::DoGetBestClientSize() const {
    return {theme::space(this, kNarrowest),
            lines_ * line_height() + (lines_ - 1) * theme::space(this, space::s)};
}

bool ToolRow::Layout() {
    const int width = GetClientSize().x;
    const int gap = theme::space(this, space::s);
    if (width <= gap) {
        return false;
    }
    int shrink_by = 0;
    for (const auto& item : left_) {
        shrink_by +=
            item.widest > 0 && item.window->IsShown() ? theme::space(this, item.widest - kShrunk) : 0;
    }
    const int left = width_of(left_);
    const int right = width_of(right_);
    const int apart = right > 0 && left > 0 ? gap : 0;
    const bool one_line = left - shrink_by + apart + right <= width;
    const int too_much = std::max(0, left + (one_line ? apart + right : 0) - width);
    const int height = line_height();
    const auto put = [height](wxWindow& window, int x, int y, int w) {
        const int own = std::min(window.GetBestSize().y, height);
        window.SetSize(x, y + (height - own) / 2, w, own);
    };
    int x = 0;
    for (const auto& item : left_) {
        if (!item.window->IsShown()) {
            continue;
        }
        int wide = width_of(item);
        if (item.widest > 0) {
            wide = std::max(theme::space(this, kShrunk), wide - too_much);
        } else if (item.grows) {
            wide = std::max(0, width - (one_line ? right + gap : 0) - x);
        }
        put(*item.window, x, 0, wide);
        x += wide + gap;
    }
    const int lines = one_line || left == 0 ? 1 : 2;
    x = width - right;
    for (const auto& item : right_) {
        if (item.window->IsShown()) {
            put(*item.window, x, (lines - 1) * (height + gap), width_of(item));
            x += width_of(item) + gap;
        }
    }
    if (lines != lines_) {
        lines_ = lines;
        InvalidateBestSize();
        CallAfter([this] { GetParent()->Layout(); });
    }
    return true;
}

bool is_ctrl(const wxKeyEvent& event, int key) {
    return event.GetModifiers() == wxMOD_CONTROL && event.GetKeyCode() == key;
}

bool is_plain(const wxKeyEvent& event, int key) {
    return event.GetModifiers() == wxMOD_NONE && event.GetKeyCode() == key;
}

Paragraph::Paragraph(wxWindow* parent, Text style, Token ink) : Label{parent, {}, style, ink} {
    flow();
}

}  // namespace wutong::client
