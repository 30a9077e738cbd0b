#pragma once

#include <string>

namespace wutong::client {

/// Sentences that the server and the collector write themselves: what is wrong with a field or a line of a
/// file, why a command failed, what an alarm says. Known ones come back in the language of the screen with
/// their numbers and names in place; what is not known comes back as it is.
[[nodiscard]] std::string describe_server_text(const std::string& english);

}  // namespace wutong::client
