#include "ctl/server_store.hpp"

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "ctl/exit_code.hpp"

namespace wutong::ctl {

namespace fs = std::filesystem;

fs::path ServerStore::default_directory() {
    if (const char* home = std::getenv("WUTONG_CTL_HOME"); home != nullptr && *home != '\0') {
        return home;
    }
    if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config != '\0') {
        return fs::path{config} / "wutong" / "ctl";
    }
#ifdef _WIN32
    const char* home = std::getenv("APPDATA");
#else
    const char* home = std::getenv("HOME");
#endif
    return fs::path{home != nullptr ? home : "."} / ".config" / "wutong" / "ctl";
}

ServerStore::ServerStore(fs::path directory) : file_{std::move(directory) / "servers.json"} {
    std::ifstream in{file_};
    if (!in) {
        return;
    }
    try {
        const auto json = nlohmann::json::parse(in);
        last_ = json.value("last", "");
        for (const auto& [address, entry] : json.at("servers").items()) {
            entries_[address] = {.fingerprint = entry.value("fingerprint", ""),
                                 .token = entry.value("token", ""),
                                 .operator_name = entry.value("operator", "")};
        }
    } catch (const nlohmann::json::exception& error) {
        throw Failure(ExitCode::usage,
                      file_.string() + " is damaged (" + error.what() +
                          "); remove it and sign in again, after checking the server's fingerprint");
    }
}

ServerEntry ServerStore::find(const std::string& address) const {
    const auto found = entries_.find(address);
    return found == entries_.end() ? ServerEntry{} : found->second;
}

void ServerStore::save(const std::string& address, const ServerEntry& entry) {
    entries_[address] = entry;
    last_ = address;
    nlohmann::json json{{"last", last_}, {"servers", nlohmann::json::object()}};
    for (const auto& [name, kept] : entries_) {
        json["servers"][name] = {
            {"fingerprint", kept.fingerprint}, {"token", kept.token}, {"operator", kept.operator_name}};
    }
    fs::create_directories(file_.parent_path());
    const fs::path fresh = file_.string() + ".new";
    {
        // Narrow the rights before the secret is in the file.
        std::ofstream{fresh, std::ios::trunc};
        fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write);
        std::ofstream out{fresh, std::ios::trunc};
        out << json.dump(2) << '\n';
        if (!out.flush()) {
            throw Failure(ExitCode::refused, "can't write " + fresh.string());
        }
    }
    fs::rename(fresh, file_);
}

}  // namespace wutong::ctl
