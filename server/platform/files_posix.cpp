#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "server/platform/files.hpp"

namespace wutong::server::platform {

namespace {

void write_file(const std::filesystem::path& path, const std::string& content, mode_t mode) {
    if (path.has_parent_path()) {
        std::filesystem::create_directories(path.parent_path());
    }
    auto part = path;
    part += ".part";
    const auto fail = [&path] { throw std::system_error(errno, std::generic_category(), path.string()); };
    ::unlink(part.c_str());
    const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) {
        fail();
    }
    std::size_t written = 0;
    // The mode again, because the umask took bits off.
    bool good = ::fchmod(file, mode) == 0;
    while (good && written < content.size()) {
        const auto count = ::write(file, content.data() + written, content.size() - written);
        good = count > 0 || errno == EINTR;
        written += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    good = good && ::fsync(file) == 0;
    const int error = errno;
    ::close(file);
    if (!good || ::rename(part.c_str(), path.c_str()) != 0) {
        errno = good ? errno : error;
        const int kept = errno;
        ::unlink(part.c_str());
        errno = kept;
        fail();
    }
}

}  // namespace

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void write_private_file(const std::filesystem::path& path, const std::string& content) {
    write_file(path, content, 0600);
}

void write_public_file(const std::filesystem::path& path, const std::string& content) {
    write_file(path, content, 0644);
}

}  // namespace wutong::server::platform
