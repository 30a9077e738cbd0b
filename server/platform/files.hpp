#pragma once

#include <filesystem>
#include <string>

/// What differs between operating systems about files and names.
namespace wutong::server::platform {

/// The machine's name, "" when it has none.
[[nodiscard]] std::string host_name();

/// Writes a file that only this user can read, in one step: another process sees all of it or none. Makes its
/// folder. @throws std::system_error naming the file
void write_private_file(const std::filesystem::path& path, const std::string& content);
/// The same, readable for everybody.
void write_public_file(const std::filesystem::path& path, const std::string& content);

}  // namespace wutong::server::platform
