#include <termios.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "ctl/exit_code.hpp"
#include "ctl/passwords.hpp"

namespace wutong::ctl {

namespace {

class EchoOff {
public:
    EchoOff() {
        if (tcgetattr(STDIN_FILENO, &before_) == 0) {
            termios quiet = before_;
            quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
            active_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
        }
    }
    ~EchoOff() {
        if (active_) {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        }
    }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;

private:
    termios before_{};
    bool active_ = false;
};

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
    if (source.from_stdin) {
        if (!std::getline(std::cin, password)) {
            throw Failure(ExitCode::usage, "no password on standard input");
        }
        return password;
    }
    if (isatty(STDIN_FILENO) == 0) {
        throw Failure(ExitCode::usage,
                      "no terminal to ask for the password: use --password-stdin or --password-file");
    }
    std::cerr << prompt << ": " << std::flush;
    {
        const EchoOff quiet;
        std::getline(std::cin, password);
    }
    std::cerr << '\n';
    return password;
}

bool ask_yes(const std::string& question) {
    if (isatty(STDIN_FILENO) == 0) {
        return false;
    }
    std::cerr << question << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace wutong::ctl
