#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "core/meter_profile.hpp"

namespace wutong::server {

/// The meter profiles of one folder, by id. Read once at the start: a new profile needs a restart, and a bad
/// one is seen there and not when somebody imports meters.
class Profiles {
public:
    static constexpr std::size_t kFilesMax = 1'000;
    static constexpr std::uintmax_t kBytesMax = 1'000'000;

    /// @throws core::ProfileError with the faults of all files, also when the folder can't be read
    explicit Profiles(const std::filesystem::path& directory);

    [[nodiscard]] const core::MeterProfile* find(const std::string& id) const;
    /// Electricity for a profile that is not there.
    [[nodiscard]] core::Commodity commodity_of(const std::string& id) const;
    [[nodiscard]] const std::map<std::string, core::MeterProfile>& all() const { return profiles_; }
    /// "acrel-adf300, acrel-ddsy1352, …", for messages
    [[nodiscard]] std::string names() const;

private:
    std::map<std::string, core::MeterProfile> profiles_;
};

}  // namespace wutong::server
