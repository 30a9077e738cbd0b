#pragma once

#include "client-wx/views/page.hpp"

namespace wutong::client {

/// Energy of each meter over a period, per rate, what is lost behind feeders, and the archive of readings.
[[nodiscard]] PageView* make_energy_page(wxWindow* parent, Context& context);

}  // namespace wutong::client
