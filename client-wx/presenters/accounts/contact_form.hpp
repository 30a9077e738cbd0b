#pragma once

#include <cstdint>
#include <memory>

#include "client-wx/presenters/forms/form.hpp"

namespace wutong::v1 {
class MessageContact;
}

namespace wutong::client {

/// Where the tenant of an account is told, and what.
[[nodiscard]] std::unique_ptr<Form> contact_form(Context& context, const v1::MessageContact& now);

}  // namespace wutong::client
