#pragma once

#include <wx/window.h>

#include <cstdint>
#include <memory>

#include "client-wx/presenters/accounts/reversal_presenter.hpp"

namespace wutong::client {

/// Says what taking a sale back does, asks for the reason, and follows it to its end.
/// @return the presenter when the dialog was left before the server had answered: keep it until it has
[[nodiscard]] std::unique_ptr<ReversalPresenter> ask_reversal(wxWindow* parent, Context& context,
                                                              std::int64_t sale_id);

}  // namespace wutong::client
