#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

namespace wutong::collector {

/// What is recorded, and how much of it.
struct RecordingRules {
    std::filesystem::path directory;  ///< empty: nothing is recorded
    std::set<std::string> channels;   ///< their codes; "*" means all
    std::int64_t file_bytes_max = 10'000'000;
    int files_max = 5;  ///< of each channel; the oldest goes
};

}  // namespace wutong::collector
