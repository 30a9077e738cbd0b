#pragma once

#include <wx/bmpbndl.h>

#include <string_view>
#include <vector>

#include "client-wx/theme/theme.hpp"

/// The icons of client-wx/icons (Tabler, MIT), embedded at build. A new one: copy its SVG there (the filled
/// variant as NAME-filled.svg) and run cmake again. One icon, one meaning; never without a word, except on
/// the wall.
namespace wutong::client::theme {

/// @param name   file name without .svg, e.g. "alert-triangle-filled"
/// @param size   DIP; up to 16 the strokes are drawn bolder
/// An unknown name gives a hollow square (and fails an assertion in debug builds), so that it is seen.
[[nodiscard]] wxBitmapBundle icon(std::string_view name, int size, Token token);
[[nodiscard]] wxBitmapBundle icon(std::string_view name, int size, const wxColour& colour);
[[nodiscard]] bool has_icon(std::string_view name);
[[nodiscard]] std::vector<std::string_view> icon_names();

}  // namespace wutong::client::theme
