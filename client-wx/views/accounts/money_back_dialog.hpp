#pragma once

#include <wx/window.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client-wx/presenters/accounts/money_back_presenter.hpp"

namespace wutong::client {

/// Takes money off a meter, and follows it until the meter has confirmed.
/// @return the presenter when the dialog was left before the server had answered: keep it until it has
[[nodiscard]] std::unique_ptr<RefundPresenter> ask_refund(wxWindow* parent, Context& context,
                                                          std::int64_t account_id,
                                                          std::vector<RefundPresenter::Meter> meters);
/// Hands over what is payable. @return as above
[[nodiscard]] std::unique_ptr<PayOutPresenter> ask_pay_out(wxWindow* parent, Context& context,
                                                           std::int64_t account_id,
                                                           const std::string& account,
                                                           std::int64_t payable_e4);

}  // namespace wutong::client
