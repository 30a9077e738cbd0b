#pragma once

#include <wx/window.h>

#include "client-wx/presenters/control/bulk_command.hpp"

namespace wutong::client {

/// The dialog before power is cut. @return whether to go on
[[nodiscard]] bool ask_cut(wxWindow* parent, const CutQuestion& question);

}  // namespace wutong::client
