#pragma once

#include <string>

namespace wutong::client {

/// "administrator" → "Administrator"; one that is not known keeps its own name.
[[nodiscard]] std::string role_words(const std::string& code);
/// "sale.write" → "Sell electricity"
[[nodiscard]] std::string permission_words(const std::string& permission);
/// "sale.sell" → "Sold electricity": what stands in the operation log.
[[nodiscard]] std::string action_words(const std::string& action);

}  // namespace wutong::client
