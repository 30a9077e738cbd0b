#pragma once

#include <wx/panel.h>
#include <wx/window.h>

#include <functional>

#include "client-wx/theme/paint.hpp"

namespace wutong::client {

/// A panel in one of the theme's grounds; follows changes of theme. Pages and everything that holds controls.
class Panel : public wxPanel {
public:
    explicit Panel(wxWindow* parent, Token ground = Token::bg);
    void set_ground(Token ground);
    [[nodiscard]] Token ground() const { return ground_; }
    /// What stands on it draws its corners on this.
    [[nodiscard]] virtual wxColour ground_colour() const { return theme::colour(ground_); }

private:
    Token ground_;
};

/// The ground that `window` stands on: that of the nearest Panel above it.
[[nodiscard]] wxColour ground_under(const wxWindow& window);

/// Every window above gets its children placed anew, up to the frame.
void lay_out_above(wxWindow& window);

/// Base of the drawn controls: double-buffered, hover and press, focus by Tab, Enter and Space, disabled
/// shade, theme changes. A subclass says how it looks (draw), how large it is (DoGetBestClientSize) and what
/// happens.
class DrawnControl : public wxWindow {
public:
    /// A focused control draws itself smaller by this, with the ring around, so that edges stay aligned.
    static constexpr int ring_room = 3;

    bool AcceptsFocus() const override { return focusable_ && IsEnabled(); }
    bool AcceptsFocusFromKeyboard() const override { return AcceptsFocus(); }
    bool Enable(bool enable = true) override;
    bool SetFont(const wxFont&) override { return false; }  // fonts come from the theme

protected:
    enum class Focus { none, by_tab };
    DrawnControl(wxWindow* parent, Focus focus);

    virtual void draw(Painter& painter) = 0;
    /// A left click on it, Enter or Space.
    virtual void activate() {}
    /// The pointer is at `point`; for controls of several parts.
    virtual void pointer_at(const wxPoint&) {}
    virtual void pointer_left() {}
    virtual void clicked_at(const wxPoint&) { activate(); }
    /// @return whether the key was used
    virtual bool key_pressed(wxKeyEvent&) { return false; }
    void set_focusable(bool focusable) { focusable_ = focusable; }
    /// Text or sizes changed: the parent lays out again.
    void content_changed();

    [[nodiscard]] bool hovered() const { return hovered_; }
    [[nodiscard]] bool pressed() const { return pressed_; }
    /// Shown as focused: only when the keyboard brought the focus or moved it.
    [[nodiscard]] bool shows_focus() const;
    [[nodiscard]] int dip(int value) const { return theme::space(this, value); }
    /// What to draw on: all of it, or what the focus ring leaves (see draw_ring).
    [[nodiscard]] wxRect2DDouble inner() const;
    void draw_ring(Painter& painter, double radius) const;

private:
    void on_paint(wxPaintEvent&);
    void on_mouse(wxMouseEvent&);
    void on_key(wxKeyEvent&);

    bool focusable_;
    bool hovered_{false};
    bool pressed_{false};
    bool focus_by_pointer_{false};
};

}  // namespace wutong::client
