#include <windows.h>
// After windows.h.
#include <process.h>

#include <cerrno>
#include <system_error>

#include "ctl/exit_code.hpp"
#include "ctl/run_program.hpp"

namespace wutong::ctl {

namespace {

/// A file of this name may hold no quotation mark, and our options need none.
std::wstring quoted(const std::string& word) {
    return L"\"" + std::filesystem::path{word}.wstring() + L"\"";
}

}  // namespace

int run_program(const std::string& name, const std::vector<std::string>& arguments) {
    std::wstring own(32'768, L'\0');
    own.resize(GetModuleFileNameW(nullptr, own.data(), static_cast<DWORD>(own.size())));
    const auto beside = std::filesystem::path{own}.parent_path() / (name + ".exe");
    const std::wstring program =
        std::filesystem::exists(beside) ? beside.wstring() : std::filesystem::path{name}.wstring();
    std::vector<std::wstring> words{quoted(name)};
    for (const auto& argument : arguments) {
        if (argument.find('"') != std::string::npos) {
            throw Failure(ExitCode::usage, "a quotation mark can't be part of " + argument);
        }
        words.push_back(quoted(argument));
    }
    std::vector<const wchar_t*> pointers;
    for (const auto& word : words) {
        pointers.push_back(word.c_str());
    }
    pointers.push_back(nullptr);
    const auto code = _wspawnvp(_P_WAIT, program.c_str(), pointers.data());
    if (code == -1) {
        program_missing(name, std::generic_category().message(errno));
    }
    return static_cast<int>(code);
}

}  // namespace wutong::ctl
