#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client-wx/presenters/forms/form.hpp"

namespace wutong::client {

/// Which meters are behind a feeder: their codes, or those of their units, with blanks between. What is there
/// already is fetched first.
[[nodiscard]] std::unique_ptr<Form> feeds_form(Context& context, std::int64_t feeder,
                                               const std::string& feeder_code);

}  // namespace wutong::client
