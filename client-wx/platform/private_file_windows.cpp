#include <fstream>

#include "client-wx/platform/private_file.hpp"

namespace wutong::client {

PrivateLines read_private_lines(const std::string& path) {
    // Who may read it is not looked at here: access lists don't tell it simply, so nothing is read at all.
    return {{}, path + ": signing in from a file is not offered on Windows"};
}

}  // namespace wutong::client
