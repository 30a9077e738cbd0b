#pragma once

#include <wx/sizer.h>

#include "client-wx/controls/dialog.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/frame_parts.hpp"

namespace wutong::client::gallery {

[[nodiscard]] Rail* rail(wxWindow* parent);
[[nodiscard]] HeaderBar* header(wxWindow* parent);
[[nodiscard]] Banner* banner(wxWindow* parent);
[[nodiscard]] StatusLine* status_line(wxWindow* parent);
/// One card for each kind of control.
[[nodiscard]] wxSizer* samples(wxWindow* parent);
void ask(wxWindow* parent);

}  // namespace wutong::client::gallery
