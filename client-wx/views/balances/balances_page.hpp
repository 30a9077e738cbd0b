#pragma once

#include "client-wx/views/page.hpp"

namespace wutong::client {

/// Ledger against meter, the proofs of them, and the credit that waits for operators.
[[nodiscard]] PageView* make_balances_page(wxWindow* parent, Context& context);

}  // namespace wutong::client
