#pragma once

#include <wx/string.h>

#include <utility>
#include <vector>

class wxWindow;

namespace wutong::client {

using KeyList = std::vector<std::pair<wxString, wxString>>;

/// F1: the keys of this page, then those that work everywhere.
void show_key_help(wxWindow* parent, const wxString& page_title, const KeyList& page_keys);

}  // namespace wutong::client
