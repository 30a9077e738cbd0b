#pragma once

#include <wx/window.h>

#include <string>

#include "client-wx/text/spreadsheet.hpp"

namespace wutong::client {

/// Asks where to, and writes an Excel file or CSV, by the name's ending.
/// @param name proposed, without an ending
/// @return what to say in a toast; empty when it was given up. A file that can't be written is told in a
/// dialog.
[[nodiscard]] std::string save_table(wxWindow* parent, const Spreadsheet& sheet, const std::string& name);

}  // namespace wutong::client
