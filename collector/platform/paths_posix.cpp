#include <unistd.h>

#include <array>

#include "collector/platform/paths.hpp"

namespace wutong::collector {

std::string host_name() {
    std::array<char, 65> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
        return "collector";
    }
    return name.data();
}

std::string default_configuration_file() {
    return "/etc/wutong/collector.toml";
}

}  // namespace wutong::collector
