#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client-wx/presenters/forms/form.hpp"

namespace wutong::v1 {
class Operator;
}

namespace wutong::client {

/// @param one the operator to change; null: a new one
[[nodiscard]] std::unique_ptr<Form> operator_form(Context& context, const v1::Operator* one);
[[nodiscard]] std::unique_ptr<Form> reset_password_form(Context& context, std::int64_t id,
                                                        const std::string& name);
/// The own one; asks for the old one first.
[[nodiscard]] std::unique_ptr<Form> change_password_form(Context& context);

}  // namespace wutong::client
