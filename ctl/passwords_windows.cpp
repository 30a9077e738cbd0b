#include <windows.h>

#include <fstream>
#include <iostream>

#include "ctl/exit_code.hpp"
#include "ctl/passwords.hpp"

namespace wutong::ctl {

namespace {

bool console(DWORD& mode) {
    return GetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), &mode) != 0;
}

}  // namespace

std::string read_password(const PasswordSource& source, const std::string& prompt) {
    std::string password;
    if (!source.file.empty()) {
        std::ifstream in{source.file};
        if (!in || !std::getline(in, password)) {
            throw Failure(ExitCode::usage, "can't read a password from " + source.file);
        }
        return password;
    }
    DWORD mode = 0;
    const bool interactive = console(mode);
    if (!source.from_stdin && !interactive) {
        throw Failure(ExitCode::usage,
                      "no console to ask for the password: use --password-stdin or --password-file");
    }
    if (interactive) {
        std::cerr << prompt << ": " << std::flush;
        SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), mode & ~ENABLE_ECHO_INPUT);
    }
    const bool read = static_cast<bool>(std::getline(std::cin, password));
    if (interactive) {
        SetConsoleMode(GetStdHandle(STD_INPUT_HANDLE), mode);
        std::cerr << '\n';
    }
    if (!read) {
        throw Failure(ExitCode::usage, "no password on standard input");
    }
    return password;
}

bool ask_yes(const std::string& question) {
    DWORD mode = 0;
    if (!console(mode)) {
        return false;
    }
    std::cerr << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace wutong::ctl
