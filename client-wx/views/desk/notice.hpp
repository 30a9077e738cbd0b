#pragma once

#include <string>

class wxWindow;

namespace wutong::client {

/// Something went wrong at this seat (a file, a printer): one sentence and a way on. What the server refuses
/// stands on the page instead.
void show_notice(wxWindow* parent, const std::string& title, const std::string& sentence);

}  // namespace wutong::client
