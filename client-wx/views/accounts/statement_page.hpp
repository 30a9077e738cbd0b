#pragma once

#include "client-wx/views/page.hpp"

namespace wutong::client {

/// The statement of one account, on the screen, as Excel, PDF and on paper. Place::id is the account.
[[nodiscard]] PageView* make_statement_page(wxWindow* parent, Context& context);

}  // namespace wutong::client
