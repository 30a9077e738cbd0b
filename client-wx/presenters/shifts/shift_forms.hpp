#pragma once

#include <memory>
#include <optional>

#include "client-wx/presenters/forms/form.hpp"

namespace wutong::v1 {
class CashierLimit;
class VendingPoint;
}  // namespace wutong::v1

namespace wutong::client {

/// Cash into or out of the drawer of the operator's open shift.
[[nodiscard]] std::unique_ptr<Form> cash_move_form(Context& context, bool out);
/// @param point null: a new one
[[nodiscard]] std::unique_ptr<Form> point_form(Context& context, const v1::VendingPoint* point);
/// @param limit null: of an operator to be named
[[nodiscard]] std::unique_ptr<Form> limit_form(Context& context, const v1::CashierLimit* limit);

}  // namespace wutong::client
