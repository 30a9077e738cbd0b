#pragma once

#include <wx/colour.h>
#include <wx/event.h>
#include <wx/font.h>
#include <wx/string.h>
#include <wx/window.h>

#include <string_view>

#include "core/meter_status.hpp"

/// Colours, type and measures: the one place with literal ones. Controls and views ask by meaning.
///
///     dc.SetTextForeground(theme::colour(Token::ink_2));
///     auto gap = theme::space(this, space::card_gap);
///     label->SetFont(theme::font(Text::section));
///
/// On a change of theme or text size every window gets EVT_THEME_CHANGED (parents before children). The
/// controls of controls/ follow by themselves; whoever paints or caches anything binds it and refreshes.
namespace wutong::client {

using core::MeterStatus;

/// UTF-8 to what wx draws; bytes that are not UTF-8 become U+FFFD instead of an empty text.
[[nodiscard]] wxString wxs(std::string_view utf8);
/// What somebody typed, as presenters take it.
[[nodiscard]] std::string utf8(const wxString& text);

enum class Token {
    bg,           ///< the page
    surface,      ///< cards, inputs, header
    surface_2,    ///< figures inside a card, table header
    line,         ///< decoration only
    line_strong,  ///< edge of a control
    ink,
    ink_2,  ///< labels
    ink_3,  ///< hints
    accent,
    on_accent,
    accent_hover,
    accent_soft,  ///< selection
    focus,
    info,
    ok,
    warn,
    danger,
    danger_fill,  ///< ground of a loud count, of the button that cuts power
    on_danger,
    rail,
    rail_ink,
    rail_active,
    rail_mark,
    on_rail,  ///< the current page's name, figures
    rail_line,
    rail_disc,  ///< behind the operator's initials
    chart_bar,
    series_2,
    series_3,
    series_4,
    series_5,
    tip,  ///< ground of a hover tip and a toast: the other theme's, so that it stands off
    on_tip,
    tip_action,  ///< Undo in a toast
    count_       ///< how many there are
};

/// caption .82, small .90, body 1, section 1.05 b, title 1.3 b, figure 1.75 b, hero 2.1 b of the body size.
enum class Text {
    caption,
    caption_bold,
    small,
    small_bold,
    body,
    body_bold,
    section,
    title,
    title_plain,   ///< 1.3: money while it is typed
    figure_small,  ///< 1.3 b: figures inside a card
    figure,
    hero,
    amount_input,  ///< 2.1: the amount of a sale while it is typed
    mono,          ///< registers, fingerprints, receipts
    kiosk_small,
    kiosk_body,
    kiosk_label,
    kiosk_amount,
    kiosk_balance,
    count_
};

/// Distances in DIP; give them to theme::space.
namespace space {
inline constexpr int hair = 2, xs = 4, s = 8, m = 12, l = 16, xl = 20, xxl = 24, xxxl = 32, huge = 48;
inline constexpr int page_margin = 20, card_padding = 18, card_gap = 14;
}  // namespace space

/// Sizes in DIP; those of things that hold text are minima (see theme::control_height).
namespace measure {
inline constexpr int control = 36, control_min = 32, primary = 42, sale_button = 60, table_row = 34;
inline constexpr int header = 60, status_line = 28;
inline constexpr int rail = 196, rail_folded = 64, inspector = 316, batch_panel = 380;
inline constexpr int search_box = 360, window_width_min = 1280, window_height_min = 700;
inline constexpr int radius_chip = 4, radius_control = 6, radius_card = 8, radius_kiosk = 16;
inline constexpr int line = 1, focus_line = 2, chart_line = 2;
inline constexpr int icon_xs = 14, icon_s = 16, icon_m = 20, icon_l = 24, icon_kiosk = 32,
                     icon_kiosk_big = 56;
/// Below these the screens give up decoration, see ui guide section 4.
inline constexpr int fold_tiles_below_height = 860, fold_chips_below_width = 1400;
inline constexpr int kiosk_target = 72, kiosk_key = 96, kiosk_amount_button = 170, kiosk_gap = 24;
}  // namespace measure

/// How a meter state looks. Colour never stands alone: glyph, dashed edge or hatching tell it too.
struct StateStyle {
    wxColour fill, ink, edge;
    bool dashed{false};
    bool hatched{false};
    bool moving_bar{false};
    const char* icon;          ///< name for theme::icon; for normal it is used in legends only
    bool glyph_on_wall{true};  ///< normal has none
};

namespace theme {

enum class Mode { light, dark };

/// Before the first window: base font, colours and the native widgets' looks.
void start(Mode mode, double text_scale);
void set_mode(Mode mode);
[[nodiscard]] Mode mode();
/// 1.0, 1.25 …; limited to 0.8–2.0.
void set_text_scale(double scale);
[[nodiscard]] double text_scale();
/// For the kiosk's "Larger": hints and lines take the strong ink.
void set_high_contrast(bool on);
/// What the desktop asks for; light where it does not say.
[[nodiscard]] Mode system_mode();

[[nodiscard]] wxColour colour(Token token);
[[nodiscard]] wxColour colour(Token token, Mode mode);
[[nodiscard]] const wxFont& font(Text text);
[[nodiscard]] StateStyle state_style(MeterStatus status);
[[nodiscard]] StateStyle state_style(MeterStatus status, Mode mode);

/// DIP to what `window` measures in.
[[nodiscard]] int space(const wxWindow* window, int dip);
/// Height of a line and size of a text, measured once and kept.
[[nodiscard]] int line_height(Text text);
[[nodiscard]] int text_width(Text text, const wxString& words);
/// At least `dip_min`, more if the letters need it: use it for whatever holds text.
[[nodiscard]] int control_height(const wxWindow* window, Text text = Text::body,
                                 int dip_min = measure::control);
/// Halfway (0…1) from one colour to another; for hover and disabled shades.
[[nodiscard]] wxColour mix(const wxColour& from, const wxColour& to, double share);

}  // namespace theme

/// Sent to every window after set_mode, set_text_scale, set_high_contrast.
class ThemeEvent : public wxEvent {
public:
    explicit ThemeEvent(bool text_changed = false);
    [[nodiscard]] wxEvent* Clone() const override { return new ThemeEvent(*this); }
    /// Sizes are no longer right either.
    [[nodiscard]] bool text_changed() const { return text_changed_; }

private:
    bool text_changed_;
};
wxDECLARE_EVENT(EVT_THEME_CHANGED, ThemeEvent);

}  // namespace wutong::client
