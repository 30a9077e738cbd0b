#include "server/profiles.hpp"

#include <fstream>
#include <iterator>
#include <set>
#include <system_error>
#include <vector>

namespace wutong::server {

Profiles::Profiles(const std::filesystem::path& directory) {
    std::error_code error;
    std::set<std::filesystem::path> files;
    for (std::filesystem::directory_iterator one{directory, error}, end; !error && one != end;
         one.increment(error)) {
        if (one->path().extension() == ".toml" && files.size() < kFilesMax) {
            files.insert(one->path());
        }
    }
    std::vector<std::string> faults;
    if (error) {
        faults.push_back(directory.string() + ": the folder of meter profiles can't be read: " +
                         error.message() + "; see [profiles] directory");
    }
    for (const auto& file : files) {
        std::ifstream in{file, std::ios::binary};
        if (!in || std::filesystem::file_size(file, error) > kBytesMax || error) {
            faults.push_back(file.string() + ": can't be read, or is larger than 1 MB");
            continue;
        }
        const std::string text{std::istreambuf_iterator<char>{in}, {}};
        try {
            auto profile = core::parse_meter_profile(text, file.stem().string());
            profiles_.emplace(profile.id, std::move(profile));
        } catch (const core::ProfileError& bad) {
            faults.insert(faults.end(), bad.faults().begin(), bad.faults().end());
        }
    }
    if (!faults.empty()) {
        throw core::ProfileError(std::move(faults));
    }
}

const core::MeterProfile* Profiles::find(const std::string& id) const {
    const auto found = profiles_.find(id);
    return found == profiles_.end() ? nullptr : &found->second;
}

core::Commodity Profiles::commodity_of(const std::string& id) const {
    const auto* profile = find(id);
    return profile == nullptr ? core::Commodity::electricity : profile->commodity();
}

std::string Profiles::names() const {
    std::string text;
    for (const auto& [id, profile] : profiles_) {
        text += (text.empty() ? "" : ", ") + id;
    }
    return text;
}

}  // namespace wutong::server
