#include "client-wx/theme/theme.hpp"

#include <wx/app.h>
#include <wx/dcmemory.h>
#include <wx/settings.h>
#include <wx/toplevel.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <unordered_map>

#include "client-wx/theme/native_looks.hpp"
#include "client-wx/theme/palette.hpp"

namespace wutong::client {

wxDEFINE_EVENT(EVT_THEME_CHANGED, ThemeEvent);

ThemeEvent::ThemeEvent(bool text_changed) : wxEvent{0, EVT_THEME_CHANGED}, text_changed_{text_changed} {}

wxString wxs(std::string_view utf8) {
    auto words = wxString::FromUTF8(utf8.data(), utf8.size());
    if (!words.empty() || utf8.empty()) {
        return words;
    }
    // Not UTF-8: what can be read of it stays readable.
    std::string mended;
    for (const char letter : utf8) {
        if (static_cast<unsigned char>(letter) < 0x80) {
            mended += letter;
        } else {
            mended += "\xEF\xBF\xBD";
        }
    }
    return wxString::FromUTF8(mended.data(), mended.size());
}

std::string utf8(const wxString& text) {
    return text.utf8_string();
}

namespace theme {
namespace {

constexpr double body_points = 10;
constexpr double scale_min = 0.8, scale_max = 2.0;
constexpr std::size_t widths_kept_max = 8192;
#ifdef __WXMSW__
constexpr const char* face = "Microsoft YaHei UI";
constexpr const char* mono_face = "Consolas";
#else
// Outside a Chinese locale fontconfig takes Japanese forms of the letters unless the face says which.
constexpr const char* face = "Noto Sans CJK SC";
constexpr const char* mono_face = "Noto Sans Mono CJK SC";
#endif

constexpr auto text_count = static_cast<std::size_t>(Text::count_);

struct Type {
    double factor;
    bool bold{false};
    bool mono{false};
};

Type type_of(Text text) {
    switch (text) {
        case Text::caption:
            return {.82};
        case Text::caption_bold:
            return {.82, true};
        case Text::small:
            return {.90};
        case Text::small_bold:
            return {.90, true};
        case Text::body:
            return {1};
        case Text::body_bold:
            return {1, true};
        case Text::section:
            return {1.05, true};
        case Text::title:
        case Text::figure_small:
            return {1.3, true};
        case Text::title_plain:
            return {1.3};
        case Text::figure:
            return {1.75, true};
        case Text::hero:
            return {2.1, true};
        case Text::amount_input:
            return {2.1};
        case Text::mono:
            return {.95, false, true};
        case Text::kiosk_small:
            return {1.35};
        case Text::kiosk_body:
            return {1.5};
        case Text::kiosk_label:
            return {1.8, true};
        case Text::kiosk_amount:
            return {3.9, true};
        case Text::kiosk_balance:
            return {6.4, true};
        case Text::count_:
            break;
    }
    return {1};
}

struct State {
    Mode mode{Mode::light};
    double scale{1};
    bool high_contrast{false};
    std::array<std::optional<wxFont>, text_count> fonts;
    std::array<int, text_count> heights{};
    std::array<std::unordered_map<std::string, int>, text_count> widths;
};

State& state() {
    static State kept;
    return kept;
}

wxColour from_hex(std::uint32_t rgb) {
    return {static_cast<unsigned char>(rgb >> 16U), static_cast<unsigned char>((rgb >> 8U) & 0xFFU),
            static_cast<unsigned char>(rgb & 0xFFU)};
}

wxColour pick(Pair pair, Mode mode) {
    return from_hex(mode == Mode::light ? pair.light : pair.dark);
}

Token strong(Token token) {
    switch (token) {
        case Token::ink_2:
        case Token::ink_3:
        case Token::line_strong:
            return Token::ink;
        case Token::line:
            return Token::line_strong;
        default:
            return token;
    }
}

void tell(wxWindow& window, bool text_changed) {
    ThemeEvent event{text_changed};
    event.SetEventObject(&window);
    window.ProcessWindowEvent(event);
    for (auto* child : window.GetChildren()) {
        tell(*child, text_changed);
    }
}

void tell_all(bool text_changed) {
    native_looks();
    for (auto* window : wxTopLevelWindows) {
        tell(*window, text_changed);
        if (text_changed) {
            window->Layout();
        }
        window->Refresh();
    }
}

void forget_measures() {
    auto& kept = state();
    kept.fonts.fill(std::nullopt);
    kept.heights.fill(0);
    for (auto& widths : kept.widths) {
        widths.clear();
    }
}

wxMemoryDC& measuring() {
    // Never freed: freeing a device context after the display is closed crashes in GTK.
    static auto* bitmap = new wxBitmap{8, 8};
    static auto* dc = new wxMemoryDC{*bitmap};
    return *dc;
}

}  // namespace

void start(Mode mode, double text_scale) {
    [[maybe_unused]] const auto of_the_desktop = system_mode();
    state().mode = mode;
    state().scale = std::clamp(text_scale, scale_min, scale_max);
    forget_measures();
    native_looks();
}

void set_mode(Mode mode) {
    if (mode != state().mode) {
        state().mode = mode;
        tell_all(false);
    }
}

Mode mode() {
    return state().mode;
}

void set_text_scale(double scale) {
    scale = std::isfinite(scale) ? std::clamp(scale, scale_min, scale_max) : 1.0;
    if (std::abs(scale - state().scale) > 0.001) {
        state().scale = scale;
        forget_measures();
        tell_all(true);
    }
}

double text_scale() {
    return state().scale;
}

void set_high_contrast(bool on) {
    if (on != state().high_contrast) {
        state().high_contrast = on;
        tell_all(false);
    }
}

wxColour colour(Token token) {
    return colour(token, state().mode);
}

wxColour colour(Token token, Mode mode) {
    return pick(palette(state().high_contrast ? strong(token) : token), mode);
}

const wxFont& font(Text text) {
    auto& slot = state().fonts[static_cast<std::size_t>(text)];
    if (!slot) {
        const auto type = type_of(text);
        wxFontInfo info{body_points * type.factor * state().scale};
        info.FaceName(type.mono ? mono_face : face);
        info.Weight(type.bold ? wxFONTWEIGHT_BOLD : wxFONTWEIGHT_NORMAL);
        slot = wxFont{info};
    }
    return *slot;
}

StateStyle state_style(MeterStatus status) {
    return state_style(status, state().mode);
}

StateStyle state_style(MeterStatus status, Mode mode) {
    const auto colours = state_colours(status);
    StateStyle style{pick(colours.fill, mode),
                     pick(colours.ink, mode),
                     pick(colours.edge, mode),
                     false,
                     false,
                     false,
                     "circle-check",
                     true};
    switch (status) {
        case MeterStatus::normal:
            style.glyph_on_wall = false;
            break;
        case MeterStatus::alarm_1:
            style.icon = "alert-triangle";
            break;
        case MeterStatus::alarm_2:
            style.icon = "alert-triangle-filled";
            break;
        case MeterStatus::arrears:
            style.icon = "power";
            break;
        case MeterStatus::no_account:
            style.icon = "user-off";
            style.dashed = true;
            break;
        case MeterStatus::lost:
            style.icon = "question-mark";
            style.hatched = true;
            break;
        case MeterStatus::guaranteed:
            style.icon = "shield-check-filled";
            break;
        case MeterStatus::forced_off:
            style.icon = "lock-filled";
            break;
        case MeterStatus::delivering:
            style.icon = "download";
            style.moving_bar = true;
            break;
    }
    return style;
}

int space(const wxWindow* window, int dip) {
    return window->FromDIP(dip);
}

int line_height(Text text) {
    auto& height = state().heights[static_cast<std::size_t>(text)];
    if (height == 0) {
        measuring().SetFont(font(text));
        height = measuring().GetFontMetrics().height;
    }
    return height;
}

int text_width(Text text, const wxString& words) {
    auto& widths = state().widths[static_cast<std::size_t>(text)];
    const auto key = words.utf8_string();
    if (const auto found = widths.find(key); found != widths.end()) {
        return found->second;
    }
    if (widths.size() >= widths_kept_max) {
        widths.clear();
    }
    measuring().SetFont(font(text));
    const auto width = measuring().GetTextExtent(words).x;
    widths.emplace(key, width);
    return width;
}

int control_height(const wxWindow* window, Text text, int dip_min) {
    return std::max(space(window, dip_min), line_height(text) + space(window, space::s));
}

wxColour mix(const wxColour& from, const wxColour& to, double share) {
    const auto blend = [share](unsigned char a, unsigned char b) {
        return static_cast<unsigned char>(std::lround(a + (b - a) * std::clamp(share, 0.0, 1.0)));
    };
    return {blend(from.Red(), to.Red()), blend(from.Green(), to.Green()), blend(from.Blue(), to.Blue())};
}

Mode system_mode() {
    // Asked once, before our own looks are put over the desktop's: afterwards it would be our own that
    // answers.
    static const bool dark = wxSystemSettings::GetAppearance().IsDark();
    return dark ? Mode::dark : Mode::light;
}

}  // namespace theme
}  // namespace wutong::client
