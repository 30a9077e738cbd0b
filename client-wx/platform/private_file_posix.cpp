#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>

#include "client-wx/platform/private_file.hpp"

namespace wutong::client {
namespace {

constexpr std::size_t bytes_max = 4096;

}  // namespace

PrivateLines read_private_lines(const std::string& path) {
    PrivateLines result;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        result.error = fmt::format("{}: {}", path, std::strerror(errno));
        return result;
    }
    struct stat facts {};
    std::array<char, bytes_max> content{};
    const bool known = ::fstat(file, &facts) == 0;
    // Asked of the open file, so that it can't be another one by now.
    const bool open_to_others = !known || (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0;
    const auto got = open_to_others ? 0 : ::read(file, content.data(), content.size());
    ::close(file);
    if (open_to_others) {
        result.error = fmt::format("{}: others may read it; chmod 600 it first", path);
        return result;
    }
    if (got < 0) {
        result.error = fmt::format("{}: {}", path, std::strerror(errno));
        return result;
    }
    std::istringstream text{std::string{content.data(), static_cast<std::size_t>(got)}};
    for (std::string line; std::getline(text, line);) {
        result.lines.push_back(line);
    }
    return result;
}

}  // namespace wutong::client
