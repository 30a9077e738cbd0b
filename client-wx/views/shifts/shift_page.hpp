#pragma once

#include "client-wx/views/page.hpp"

namespace wutong::client {

/// The cashier's shift, and for those who may see them all shifts, vending points and limits.
[[nodiscard]] PageView* make_shift_page(wxWindow* parent, Context& context);

}  // namespace wutong::client
