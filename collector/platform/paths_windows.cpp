#include <windows.h>

#include <array>
#include <cstdlib>

#include "collector/platform/paths.hpp"

namespace wutong::collector {

std::string host_name() {
    std::array<char, MAX_COMPUTERNAME_LENGTH + 1> name{};
    DWORD size = static_cast<DWORD>(name.size());
    return ::GetComputerNameA(name.data(), &size) != 0 ? std::string{name.data(), size}
                                                       : std::string{"collector"};
}

std::string default_configuration_file() {
    const char* program_data = std::getenv("ProgramData");
    return std::string{program_data != nullptr ? program_data : "C:\\ProgramData"} +
           "\\wutong\\collector.toml";
}

}  // namespace wutong::collector
