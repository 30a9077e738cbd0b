#include <aclapi.h>
#include <windows.h>

#include <array>
#include <fstream>
#include <system_error>

#include "server/platform/files.hpp"

namespace wutong::server::platform {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, DWORD error) {
    throw std::system_error(static_cast<int>(error), std::system_category(), path.string());
}

/// Takes away what the folder would pass on: only the owner and the system are left.
void restrict_to_owner(const std::filesystem::path& path) {
    std::array<EXPLICIT_ACCESSW, 2> access{};
    const std::array<const wchar_t*, 2> names{L"OWNER RIGHTS", L"SYSTEM"};
    for (std::size_t i = 0; i < access.size(); ++i) {
        access[i].grfAccessPermissions = GENERIC_ALL;
        access[i].grfAccessMode = SET_ACCESS;
        access[i].grfInheritance = NO_INHERITANCE;
        access[i].Trustee.TrusteeForm = TRUSTEE_IS_NAME;
        access[i].Trustee.ptstrName = const_cast<wchar_t*>(names[i]);
    }
    PACL list = nullptr;
    if (const auto error = SetEntriesInAclW(static_cast<ULONG>(access.size()), access.data(), nullptr, &list);
        error != ERROR_SUCCESS) {
        fail(path, error);
    }
    auto name = path.wstring();
    const auto error = SetNamedSecurityInfoW(name.data(), SE_FILE_OBJECT,
                                             DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                                             nullptr, nullptr, list, nullptr);
    LocalFree(list);
    if (error != ERROR_SUCCESS) {
        fail(path, error);
    }
}

void write_file(const std::filesystem::path& path, const std::string& content, bool secret) {
    if (path.has_parent_path()) {
        std::filesystem::create_directories(path.parent_path());
    }
    auto part = path;
    part += L".part";
    {
        std::ofstream out{part, std::ios::binary | std::ios::trunc};
        if (!out) {
            fail(path, GetLastError());
        }
        if (secret) {
            restrict_to_owner(part);
        }
        out << content;
        out.flush();
        if (!out) {
            fail(path, GetLastError());
        }
    }
    if (MoveFileExW(part.c_str(), path.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) == 0) {
        fail(path, GetLastError());
    }
}

}  // namespace

std::string host_name() {
    std::array<char, 256> name{};
    auto size = static_cast<DWORD>(name.size());
    return GetComputerNameExA(ComputerNameDnsHostname, name.data(), &size) != 0 ? name.data() : "";
}

void write_private_file(const std::filesystem::path& path, const std::string& content) {
    write_file(path, content, true);
}

void write_public_file(const std::filesystem::path& path, const std::string& content) {
    write_file(path, content, false);
}

}  // namespace wutong::server::platform
