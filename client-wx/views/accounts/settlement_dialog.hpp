#pragma once

#include <wx/window.h>

#include <cstdint>

#include "client-wx/presenters/context.hpp"

namespace wutong::client {

/// Shows what is known of a delivery in question, and takes the word of one or two operators on it.
void ask_settlement(wxWindow* parent, Context& context, std::int64_t delivery_id);

}  // namespace wutong::client
