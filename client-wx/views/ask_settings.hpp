#pragma once

#include <wx/window.h>

#include <optional>
#include <string>

#include "client-wx/presenters/control/settings_form.hpp"

namespace wutong::client {

/// Dialogs that ask for a price or for limits; nothing when they were given up.
/// @param target "42 meters", "A-118"
[[nodiscard]] std::optional<CommandWish> ask_price(wxWindow* parent, const std::string& target,
                                                   const SettingsForm& start = {});
[[nodiscard]] std::optional<CommandWish> ask_limits(wxWindow* parent, const std::string& target,
                                                    const SettingsForm& start = {});

}  // namespace wutong::client
