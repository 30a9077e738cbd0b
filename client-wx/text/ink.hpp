#pragma once

namespace wutong::client {

/// What a text in a list or chart means; theme/ knows the colour.
enum class Ink { normal, quiet, faint, accent, ok, warn, danger, info };

}  // namespace wutong::client
