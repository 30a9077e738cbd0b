#pragma once

#include <span>
#include <string_view>

namespace wutong::client::theme {

struct EmbeddedIcon {
    std::string_view name, svg;
};
/// client-wx/icons/*.svg; the definition is written by cmake/embed_icons.cmake.
[[nodiscard]] std::span<const EmbeddedIcon> embedded_icons();

}  // namespace wutong::client::theme
