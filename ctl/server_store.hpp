#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace wutong::ctl {

/// What is remembered of one server between two calls.
struct ServerEntry {
    std::string fingerprint;
    std::string token;
    std::string operator_name;
};

/// `servers.json` in $WUTONG_CTL_HOME, else $XDG_CONFIG_HOME/wutong/ctl, else ~/.config/wutong/ctl.
/// The file holds session tokens: it is written atomically with mode 0600.
class ServerStore {
public:
    explicit ServerStore(std::filesystem::path directory);
    [[nodiscard]] static std::filesystem::path default_directory();

    [[nodiscard]] ServerEntry find(const std::string& address) const;
    void save(const std::string& address, const ServerEntry& entry);
    /// The server used last, or empty.
    [[nodiscard]] const std::string& last_address() const { return last_; }

private:
    std::filesystem::path file_;
    std::map<std::string, ServerEntry> entries_;
    std::string last_;
};

}  // namespace wutong::ctl
