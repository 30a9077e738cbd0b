#pragma once

#include <string>
#include <vector>

namespace wutong::client {

struct PrivateLines {
    std::vector<std::string> lines;
    std::string error;  ///< English, for the command line; empty: fine
};

/// The lines of a small file that holds a secret. Refused when others may read it.
[[nodiscard]] PrivateLines read_private_lines(const std::string& path);

}  // namespace wutong::client
