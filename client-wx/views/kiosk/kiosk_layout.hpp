#pragma once

#include <algorithm>

/// Measures of the kiosk's screens, for 1920 × 1080 at 24″ (0.277 mm a pixel): targets 20 mm, keys 27 mm.
/// Other screens are drawn to scale; see ui guide section 6.
namespace wutong::client::kiosk_layout {

inline constexpr double design_width = 1920, design_height = 1080;
inline constexpr double larger = 1.25;
/// Type is not scaled below what can be read, nor above what the theme knows.
inline constexpr double type_least = 0.8, type_most = 1.6;

[[nodiscard]] inline double scale_of(int width, int height) {
    return std::max(0.3, std::min(width / design_width, height / design_height));
}

inline constexpr double margin = 48, gap = 24, pair_gap = 12, padding = 36;
inline constexpr double header = 112, footer = 72, target = 76;
inline constexpr double logo = 56;
inline constexpr double header_button = 184, header_wide = 224;
inline constexpr double radius = 16, button_radius = 14;

// The account page.
inline constexpr double left_share = 0.622, top_share = 0.41;
inline constexpr double row = 84, fact_row = 58, notice = 64;

// Questions.
inline constexpr double pad_key_width = 156, pad_key = 104, pad_gap = 14;
inline constexpr double letter_key = 112, full_key = 96;
inline constexpr double entry_width = 760, entry_height = 108, place = 92, place_gap = 14;
inline constexpr double answer_width = 720, answer_height = 104;
inline constexpr double go_on_width = 360;
inline constexpr double question_top = 176;

inline constexpr double begin_width = 900, begin_height = 220;
inline constexpr double ask_width = 940, ask_height = 470;
inline constexpr double idle_bar = 300, idle_bar_height = 12;

}  // namespace wutong::client::kiosk_layout
