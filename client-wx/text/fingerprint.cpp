#include "client-wx/text/fingerprint.hpp"

namespace wutong::client {

std::string grouped_fingerprint(const std::string& hex) {
    constexpr std::size_t group = 4, groups_a_line = 8;
    std::string text;
    for (std::size_t i = 0; i < hex.size(); ++i) {
        if (i > 0 && i % (group * groups_a_line) == 0) {
            text += '\n';
        } else if (i > 0 && i % group == 0) {
            text += ' ';
        }
        text += hex[i];
    }
    return text;
}

}  // namespace wutong::client
