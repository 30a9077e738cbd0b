#pragma once

#include <string>

namespace wutong::client {

/// A UUID, version 4. Make it once per change and keep it until there is an answer: asked again with the same
/// id, the server does nothing twice.
[[nodiscard]] std::string new_request_id();

}  // namespace wutong::client
