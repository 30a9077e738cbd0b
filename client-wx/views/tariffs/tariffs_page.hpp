#pragma once

#include "client-wx/views/page.hpp"

namespace wutong::client {

/// Plans and their editor, who is charged by them, and prices on their way to meters.
[[nodiscard]] PageView* make_tariffs_page(wxWindow* parent, Context& context);

}  // namespace wutong::client
