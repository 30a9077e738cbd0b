#include "server/services/operator_checks.hpp"

#include <algorithm>
#include <cctype>

#include "server/refused.hpp"

namespace wutong::server {

void check_operator_name(const std::string& name, const std::string& field) {
    const bool good = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return c >= 0x80 || std::isalnum(c) != 0 || c == '.' || c == '_' || c == '@' || c == '-';
    });
    if (name.empty() || name.size() > 64 || !good) {
        throw invalid(field, "must have 1 to 64 bytes: letters, digits and . _ @ -");
    }
}

}  // namespace wutong::server
