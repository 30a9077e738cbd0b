#pragma once

#include <cstdint>

#include "client-wx/theme/theme.hpp"

namespace wutong::client::theme {

/// 0xRRGGBB
struct Pair {
    std::uint32_t light, dark;
};
[[nodiscard]] Pair palette(Token token);

struct StateColours {
    Pair fill, ink, edge;
};
[[nodiscard]] StateColours state_colours(MeterStatus status);

}  // namespace wutong::client::theme
