#pragma once

#include <utility>
#include <vector>

#include "client-wx/presenters/context.hpp"

class wxWindow;
class wxString;

namespace wutong::client {

using KeyList = std::vector<std::pair<wxString, wxString>>;

/// F1: the keys of this page, then those that work everywhere.
void show_key_help(wxWindow* parent, const wxString& page_title, const KeyList& page_keys);
/// @return true when it was changed
bool change_password(wxWindow* parent, Context& context);

}  // namespace wutong::client
