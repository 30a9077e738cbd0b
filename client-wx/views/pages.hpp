#pragma once

#include "client-wx/presenters/navigator.hpp"
#include "client-wx/views/page.hpp"

namespace wutong::client {

/// @return null when this page is not there (yet)
[[nodiscard]] PageView* make_page(Page page, wxWindow* parent, Context& context);
/// The page can be made; the rail shows no others.
[[nodiscard]] bool has_page(Page page);
/// Without this permission the rail does not show it; empty: everybody may.
[[nodiscard]] const char* permission_for(Page page);

}  // namespace wutong::client
