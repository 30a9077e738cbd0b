#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "ctl/exit_code.hpp"
#include "ctl/run_program.hpp"

namespace wutong::ctl {

int run_program(const std::string& name, const std::vector<std::string>& arguments) {
    std::error_code fault;
    const auto beside = std::filesystem::read_symlink("/proc/self/exe", fault).parent_path() / name;
    const std::string program =
        !fault && std::filesystem::exists(beside, fault) ? beside.string() : name;  // with '/': no search
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (auto& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    pid_t child = 0;
    if (const int error = posix_spawnp(&child, program.c_str(), nullptr, nullptr, pointers.data(), environ)) {
        program_missing(name, std::generic_category().message(error));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            program_missing(name, std::generic_category().message(errno));
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace wutong::ctl
