#pragma once

#include <wx/window.h>

#include "client-wx/presenters/preferences.hpp"

namespace wutong::client {

/// Where receipts of this seat go: none, a queue of the print system, a roll printer on the net or at a port.
/// @return whether something was changed
bool choose_printer(wxWindow* parent, Preferences& preferences);

}  // namespace wutong::client
