#include "client-wx/controls/drawn.hpp"

#include <wx/dcbuffer.h>
#include <wx/eventfilter.h>
#include <wx/scrolwin.h>

namespace wutong::client {
/// Every window above gets its children placed anew: a label that has grown may move what is far away from
/// it.
namespace {

/// Counts the keys pressed in the program, in whatever window.
class KeyCount final : public wxEventFilter {
public:
    KeyCount() { wxEvtHandler::AddFilter(this); }
    KeyCount(const KeyCount&) = delete;
    KeyCount& operator=(const KeyCount&) = delete;
    int FilterEvent(wxEvent& event) override {
        if (event.GetEventType() == wxEVT_KEY_DOWN) {
            ++pressed;
        }
        return Event_Skip;
    }
    unsigned long pressed{0};
};

unsigned long keys_pressed() {
    static auto* const count = new KeyCount;  // wx may ask it until the very end
    return count->pressed;
}

unsigned long keys_at_last_click = 0;

}  // namespace

void lay_out_above(wxWindow& window) {
    for (auto* above = window.GetParent(); above != nullptr; above = above->GetParent()) {
        if (above->GetSizer() != nullptr) {
            above->Layout();
        }
        if (above->IsTopLevel()) {
            break;
        }
    }
}

Panel::Panel(wxWindow* parent, Token ground) : wxPanel{parent}, ground_{ground} {
    SetBackgroundColour(theme::colour(ground_));
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        SetBackgroundColour(theme::colour(ground_));
        Refresh();
        event.Skip();
    });
}

void Panel::set_ground(Token ground) {
    ground_ = ground;
    SetBackgroundColour(theme::colour(ground_));
    Refresh();
}

wxColour ground_under(const wxWindow& window) {
    for (const auto* above = window.GetParent(); above != nullptr; above = above->GetParent()) {
        if (const auto* panel = dynamic_cast<const Panel*>(above)) {
            return panel->ground_colour();
        }
        if (above->IsTopLevel()) {
            return above->GetBackgroundColour();
        }
    }
    return theme::colour(Token::bg);
}

DrawnControl::DrawnControl(wxWindow* parent, Focus focus) : focusable_{focus == Focus::by_tab} {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    Create(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxBORDER_NONE | wxFULL_REPAINT_ON_RESIZE);
    Bind(wxEVT_PAINT, &DrawnControl::on_paint, this);
    for (const auto& type : {wxEVT_ENTER_WINDOW, wxEVT_LEAVE_WINDOW, wxEVT_MOTION, wxEVT_LEFT_DOWN,
                             wxEVT_LEFT_DCLICK, wxEVT_LEFT_UP}) {
        Bind(type, &DrawnControl::on_mouse, this);
    }
    Bind(wxEVT_MOUSE_CAPTURE_LOST, [this](wxMouseCaptureLostEvent&) {
        pressed_ = false;
        Refresh();
    });
    Bind(wxEVT_KEY_DOWN, &DrawnControl::on_key, this);
    for (const auto& type : {wxEVT_SET_FOCUS, wxEVT_KILL_FOCUS}) {
        Bind(type, [this](wxFocusEvent& event) {
            Refresh();
            event.Skip();
        });
    }
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        InvalidateBestSize();
        Refresh();
        event.Skip();
    });
}

bool DrawnControl::Enable(bool enable) {
    const bool changed = wxWindow::Enable(enable);
    if (changed) {
        hovered_ = pressed_ = false;
        Refresh();
    }
    return changed;
}

void DrawnControl::content_changed() {
    const auto before = GetBestSize();
    InvalidateBestSize();
    if (GetBestSize() != before) {
        lay_out_above(*this);
    }
    Refresh();
}

bool DrawnControl::shows_focus() const {
    // After a click the ring comes with the next key, also when a menu had the focus meanwhile.
    return HasFocus() && !(focus_by_pointer_ && keys_pressed() == keys_at_last_click);
}

wxRect2DDouble DrawnControl::inner() const {
    const auto size = GetClientSize();
    const int room = shows_focus() ? ring_room : 0;
    return {static_cast<double>(room), static_cast<double>(room), static_cast<double>(size.x - 2 * room),
            static_cast<double>(size.y - 2 * room)};
}

void DrawnControl::draw_ring(Painter& painter, double radius) const {
    if (shows_focus()) {
        painter.focus_ring(inner(), radius);
    }
}

void DrawnControl::on_paint(wxPaintEvent&) {
    wxAutoBufferedPaintDC dc{this};
    Painter painter{dc, *this};
    painter.clear(ground_under(*this));
    draw(painter);
}

void DrawnControl::on_mouse(wxMouseEvent& event) {
    const auto type = event.GetEventType();
    if (type == wxEVT_ENTER_WINDOW || type == wxEVT_MOTION) {
        if (!hovered_) {
            hovered_ = true;
            Refresh();
        }
        pointer_at(event.GetPosition());
    } else if (type == wxEVT_LEAVE_WINDOW) {
        hovered_ = false;
        pointer_left();
        Refresh();
    } else if (type == wxEVT_LEFT_DOWN || type == wxEVT_LEFT_DCLICK) {
        if (focusable_) {
            focus_by_pointer_ = true;
            keys_at_last_click = keys_pressed();
            SetFocus();
        }
        pressed_ = true;
        if (!HasCapture()) {
            CaptureMouse();
        }
        Refresh();
    } else if (type == wxEVT_LEFT_UP && pressed_) {
        pressed_ = false;
        if (HasCapture()) {
            ReleaseMouse();
        }
        Refresh();
        // Acts on release, and only above the control: a slip of the hand can be taken back.
        if (GetClientRect().Contains(event.GetPosition())) {
            clicked_at(event.GetPosition());
            return;  // it may be gone by now
        }
    }
    event.Skip(type == wxEVT_ENTER_WINDOW || type == wxEVT_LEAVE_WINDOW || type == wxEVT_MOTION);
}

void DrawnControl::on_key(wxKeyEvent& event) {
    if (focus_by_pointer_) {
        focus_by_pointer_ = false;
        Refresh();
    }
    if (key_pressed(event)) {
        return;
    }
    const auto key = event.GetKeyCode();
    const bool plain = !event.HasAnyModifiers();
    if (focusable_ && plain && (key == WXK_RETURN || key == WXK_NUMPAD_ENTER || key == WXK_SPACE)) {
        activate();
        return;
    }
    event.Skip();
}

}  // namespace wutong::client
