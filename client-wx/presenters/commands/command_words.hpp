#pragma once

#include <string>

#include "client-wx/presenters/lists/list_screen.hpp"

/// How commands and their states are called, in one place.
namespace wutong::client {

/// "Switch off", "Set price ¥1.0500", "Set alarm 1 ¥20.00, overload 6.00 kW".
/// @param arguments_json as the server gives it; may be empty or broken
[[nodiscard]] std::string command_words(const std::string& kind, const std::string& arguments_json);
[[nodiscard]] std::string command_icon(const std::string& kind);

/// State of one command as a cell: words, icon, ink.
/// @param held its batch is paused
[[nodiscard]] Cell command_state_cell(const std::string& state, bool held);

/// Why a meter was left out, by the server's reason; `text` when the reason is not known here.
[[nodiscard]] std::string skip_words(const std::string& reason, const std::string& text);

}  // namespace wutong::client
