#pragma once

#include <string>

#include "core/commodity.hpp"

namespace wutong::server {

/// "": electricity. @throws Refused INVALID_ARGUMENT naming `field`
[[nodiscard]] core::Commodity commodity_named(const std::string& text, const std::string& field);

}  // namespace wutong::server
