#pragma once

#include "client-wx/views/page.hpp"

namespace wutong::client {

/// Energy of each meter over a period, per rate, and what is lost behind feeders.
[[nodiscard]] PageView* make_energy_page(wxWindow* parent, Context& context);

}  // namespace wutong::client
