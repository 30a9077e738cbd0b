#include <algorithm>

#include "client-wx/controls/wall_canvas.hpp"
#include "client-wx/controls/wall_painter.hpp"
#include "client-wx/theme/theme.hpp"

/// What mouse and keys do to the wall.
namespace wutong::client {

namespace {

// What is typed counts as one word until this much time passes between two keys.
constexpr std::chrono::milliseconds kTypingPause{1200};
constexpr std::size_t kTypedMax = 24;

}  // namespace

void WallCanvas::mouse_down(wxMouseEvent& event) {
    SetFocus();
    const auto cell = cell_at(event.GetPosition());
    if (!cell) {
        return;
    }
    go_to(*cell, event.ShiftDown()     ? WallPick::extend
                 : event.ControlDown() ? WallPick::toggle
                                       : WallPick::only);
}

void WallCanvas::mouse_double(wxMouseEvent& event) {
    if (const auto cell = cell_at(event.GetPosition()); cell && on_open) {
        on_open(*cell);
    }
}

void WallCanvas::mouse_moved(wxMouseEvent& event) {
    event.Skip();
    const auto cell = cell_at(event.GetPosition());
    if (cell == hovered_) {
        return;
    }
    hovered_ = cell;
    if (density_ == WallDensity::dots && cell && source_ != nullptr) {
        const auto shown = source_->cell(*cell);
        SetToolTip(wxs(shown.code + (shown.name.empty() ? "" : " · " + shown.name) + "\n" + shown.balance +
                       (shown.note.empty() ? "" : " · " + shown.note)));
    } else {
        UnsetToolTip();
    }
}

void WallCanvas::go_to(std::size_t cell, WallPick pick) {
    set_current(cell);
    if (on_pick) {
        on_pick(cell, pick);
    }
}

void WallCanvas::key(wxKeyEvent& event) {
    const auto cells = geometry_.cells();
    const int code = event.GetKeyCode();
    if (cells == 0 || event.AltDown()) {
        event.Skip();
        return;
    }
    if (event.ControlDown() && code == 'A') {
        if (on_select_all) {
            on_select_all();
        }
        return;
    }
    const auto here = current_.value_or(visible().first);
    const auto pick = event.ShiftDown() ? WallPick::extend : WallPick::move;
    const auto page =
        std::max(1, (GetClientSize().y - painter_->metrics(density_, GetClientSize().x).header) /
                            (geometry_.box(0).height + theme::space(this, space::xs)) -
                        1);
    // Without a current cell the first key only shows where one is.
    const auto go = [&](std::size_t there) { go_to(current_ ? there : here, pick); };
    switch (code) {
        case WXK_LEFT:
            return go(here > 0 ? here - 1 : 0);
        case WXK_RIGHT:
            return go(std::min(cells - 1, here + 1));
        case WXK_UP:
            return go(geometry_.vertical(here, -1));
        case WXK_DOWN:
            return go(geometry_.vertical(here, 1));
        case WXK_PAGEUP:
            return event.ControlDown() ? event.Skip() : go(geometry_.vertical(here, -page));
        case WXK_PAGEDOWN:
            return event.ControlDown() ? event.Skip() : go(geometry_.vertical(here, page));
        case WXK_HOME:
            return go_to(0, pick);
        case WXK_END:
            return go_to(cells - 1, pick);
        case WXK_SPACE:
            return go_to(here, WallPick::toggle);
        case WXK_RETURN:
        case WXK_NUMPAD_ENTER:
            if (current_ && on_open && !event.ControlDown()) {
                return on_open(*current_);
            }
            break;
        case WXK_ESCAPE:
            if (on_clear) {
                return on_clear();
            }
            break;
        case WXK_TAB:
            HandleAsNavigationKey(event);
            return;
        default:
            break;
    }
    event.Skip();
}

void WallCanvas::character(wxKeyEvent& event) {
    const auto letter = static_cast<wxChar>(event.GetUnicodeKey());
    if (event.ControlDown() || event.AltDown() || !on_type || letter <= 32 || letter == 127) {
        event.Skip();
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - typed_at_ > kTypingPause || typed_.size() > kTypedMax) {
        typed_.clear();
    }
    typed_at_ = now;
    typed_ += utf8(wxString{letter});
    if (const auto cell = on_type(typed_)) {
        go_to(*cell, WallPick::move);
    }
}

}  // namespace wutong::client
