#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace wutong::gateway {

/// The highest lease epoch that was seen of each channel. It outlives a restart, so that a collector that
/// slept through one can't come back with an old lease.
class Epochs {
public:
    /// @param file  made when it is first needed; its folder must exist
    /// @throws std::runtime_error when the file is there and can't be read: guessing would let old leases in
    explicit Epochs(std::filesystem::path file);

    /// @return false when a higher epoch of this channel has been here; otherwise it is remembered, on disk
    /// too
    /// @throws std::runtime_error when it can't be stored
    bool admit(const std::string& channel, std::int64_t epoch);
    [[nodiscard]] std::int64_t highest(const std::string& channel) const;

private:
    void store() const;

    std::filesystem::path file_;
    std::map<std::string, std::int64_t> highest_;
};

}  // namespace wutong::gateway
