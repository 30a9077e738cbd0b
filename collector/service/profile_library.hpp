#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/meter_profile.hpp"

namespace wutong::collector {

/// The meter profiles of a directory. A file with faults is left out, so that one bad profile leaves the
/// other meters read.
struct ProfileLibrary {
    std::map<std::string, std::shared_ptr<const core::MeterProfile>> profiles;
    std::vector<std::string> faults;  ///< "file:line: what is wrong"
};

[[nodiscard]] ProfileLibrary load_profiles(const std::filesystem::path& directory);

}  // namespace wutong::collector
