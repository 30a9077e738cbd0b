#include <iostream>

#include "ctl/program.hpp"

namespace wutong::ctl {

namespace {

// Both shells ask the program itself, so that completion can't get out of step with the commands.
constexpr const char* kBash = R"shell(# wutongctl completion for bash: source <(wutongctl completion bash)
_wutongctl() {
    local words
    words=$("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null)
    COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _wutongctl wutongctl
)shell";

constexpr const char* kZsh = R"shell(#compdef wutongctl
# wutongctl completion for zsh: source <(wutongctl completion zsh)
_wutongctl() {
    local -a candidates
    candidates=(${(f)"$(${words[1]} complete ${words[2,CURRENT-1]} 2>/dev/null)"})
    compadd -a candidates || _files
}
compdef _wutongctl wutongctl
)shell";

}  // namespace

void print_candidates(const CLI::App& app, const std::vector<std::string>& words) {
    const CLI::App* at = &app;
    for (const auto& word : words) {
        if (!word.empty() && word[0] != '-') {
            for (const auto* child : at->get_subcommands([](const CLI::App*) { return true; })) {
                if (child->get_name() == word) {
                    at = child;
                    break;
                }
            }
        }
    }
    for (const auto* child : at->get_subcommands([](const CLI::App*) { return true; })) {
        if (!child->get_group().empty()) {
            std::cout << child->get_name() << '\n';
        }
    }
    for (const CLI::App* level : {at, &app}) {
        for (const auto* option :
             level->get_options([](const CLI::Option* one) { return one->nonpositional(); })) {
            for (const auto& name : option->get_lnames()) {
                std::cout << "--" << name << '\n';
            }
        }
        if (at == &app) {
            break;
        }
    }
}

void add_completion_commands(CLI::App& app) {
    auto* completion =
        app.add_subcommand("completion", "Shell completion: source <(wutongctl completion bash)");
    auto shell = std::make_shared<std::string>();
    completion->add_option("shell", *shell)->required()->check(CLI::IsMember({"bash", "zsh"}));
    completion->callback([shell] { std::cout << (*shell == "bash" ? kBash : kZsh); });
}

}  // namespace wutong::ctl
