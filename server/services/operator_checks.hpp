#pragma once

#include <string>

namespace wutong::server {

/// 1 to 64 letters, digits and ._@- of any script. @throws Refused INVALID_ARGUMENT naming `field`
void check_operator_name(const std::string& name, const std::string& field);

}  // namespace wutong::server
