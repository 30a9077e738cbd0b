#include "collector/service/profile_library.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace wutong::collector {

namespace {
constexpr std::size_t kFilesMax = 10'000;
}

ProfileLibrary load_profiles(const std::filesystem::path& directory) {
    ProfileLibrary library;
    std::error_code error;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator{directory, error}) {
        if (entry.path().extension() == ".toml" && files.size() < kFilesMax) {
            files.push_back(entry.path());
        }
    }
    if (error) {
        library.faults.push_back(
            fmt::format("{}: {}; profiles.directory must name the folder of the meter profiles",
                        directory.string(), error.message()));
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
        std::ifstream in{file, std::ios::binary};
        std::ostringstream text;
        text << in.rdbuf();
        const std::string id = file.stem().string();
        try {
            auto profile =
                std::make_shared<core::MeterProfile>(core::parse_meter_profile(text.view(), file.string()));
            profile->id = id;
            library.profiles.emplace(id, std::move(profile));
        } catch (const core::ProfileError& wrong) {
            library.faults.insert(library.faults.end(), wrong.faults().begin(), wrong.faults().end());
        }
    }
    return library;
}

}  // namespace wutong::collector
