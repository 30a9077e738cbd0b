#pragma once

#include <wx/timer.h>

#include <functional>

#include "client-wx/controls/drawn.hpp"

namespace wutong::client {

/// A verb, with an icon and the key that does the same. Acts on release; Enter and Space work on the focused
/// one.
///
///     auto* sell = new Button{this, wxs(tr("Sell")), Button::Kind::primary, "bolt", "Enter"};
///     sell->on_click([this] { presenter_.sell(); });
///     sell->disable(wxs(tr("No connection")));   // why, as tip
class Button : public DrawnControl {
public:
    enum class Kind {
        primary,        ///< one per page: filled accent
        secondary,      ///< strong edge
        danger,         ///< red edge and ink: cuts power, deletes
        danger_filled,  ///< in the dialog that asks about it
        ghost,          ///< no edge: a link ("All in Credit")
        quiet,          ///< as ghost, in the ink of labels: the way back
        picker          ///< thin edge, small chevron: opens a menu
    };

    Button(wxWindow* parent, const wxString& words, Kind kind = Kind::secondary, std::string_view icon = {},
           const wxString& key_hint = {});
    /// `key_hint` also for presses with the mouse; the key itself is bound by the page.
    void on_click(std::function<void()> run) { click_ = std::move(run); }
    void set_text(const wxString& words);
    [[nodiscard]] const wxString& text() const { return words_; }
    void set_icon(std::string_view name);
    void set_kind(Kind kind);
    void set_key_hint(const wxString& hint);
    /// A spinner in place of the icon; not clickable meanwhile.
    void set_busy(bool busy);
    [[nodiscard]] bool busy() const { return busy_; }
    /// Off, and why (shown as tip). An empty reason is allowed only when the reason stands on the page.
    void disable(const wxString& reason);
    void enable();
    /// 42 instead of 36 DIP high, or 60 for the sale.
    void set_height(int dip);
    /// Chosen of a group, e.g. the way of payment: accent edge on soft ground.
    void set_chosen(bool chosen);
    /// Runs the click, as the page's key does; nothing when disabled or busy.
    void press();

protected:
    void draw(Painter& painter) override;
    void activate() override { press(); }
    wxSize DoGetBestClientSize() const override;

private:
    struct Look {
        wxColour fill, edge, ink, hint_edge;
    };
    [[nodiscard]] Look look() const;
    [[nodiscard]] Text text_style() const;

    wxString words_;
    Kind kind_;
    std::string icon_;
    wxString key_hint_;
    std::function<void()> click_;
    wxTimer spin_;
    int turn_{0};
    int height_dip_{measure::control};
    bool busy_{false};
    bool chosen_{false};
};

/// A square ghost button with an icon and a word only as tip: header, close of a panel.
class IconButton : public DrawnControl {
public:
    IconButton(wxWindow* parent, std::string_view icon, const wxString& words);
    void on_click(std::function<void()> run) { click_ = std::move(run); }
    void set_icon(std::string_view icon, const wxString& words);
    /// Tab goes past it: a help inside of a field.
    void without_tab() { set_focusable(false); }

protected:
    void draw(Painter& painter) override;
    void activate() override;
    wxSize DoGetBestClientSize() const override;

private:
    std::string icon_;
    std::function<void()> click_;
};

}  // namespace wutong::client
