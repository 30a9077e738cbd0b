// codec_fuzz: every file of the kept corpus through its codec, then inputs made from them, without clang.
//
//   codec_fuzz CORPUS [MADE [SEED]]    CORPUS/<target>/<file>; MADE inputs a target (20000) from SEED (1)
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "fuzz/targets.hpp"

namespace {

namespace fs = std::filesystem;
using wutong::protocols::Bytes;

constexpr std::size_t kInputMax = 4096;

Bytes read_file(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Turns, cuts, doubles and joins what is there: the nearest thing to a valid frame finds the most.
Bytes made_from(const std::vector<Bytes>& corpus, std::mt19937& dice) {
    const auto below = [&](std::size_t end) {
        return std::uniform_int_distribution<std::size_t>{0, end - 1}(dice);
    };
    auto input = corpus[below(corpus.size())];
    for (auto changes = 1 + below(6); changes > 0; --changes) {
        const auto at = input.empty() ? 0 : below(input.size());
        const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
        switch (below(6)) {
            case 0:
                if (!input.empty()) {
                    input[at] = static_cast<std::uint8_t>(input[at] ^ 1U << below(8));
                }
                break;
            case 1:
                if (!input.empty()) {
                    input[at] = static_cast<std::uint8_t>(below(256));
                }
                break;
            case 2:
                input.insert(place, static_cast<std::uint8_t>(below(256)));
                break;
            case 3:
                input.resize(at);
                break;
            case 4:
                if (!input.empty()) {
                    input.erase(place);
                }
                break;
            default: {
                const auto& other = corpus[below(corpus.size())];
                input.insert(input.end(), other.begin(), other.end());
                break;
            }
        }
    }
    if (input.size() > kInputMax) {
        input.resize(kInputMax);
    }
    return input;
}

const char* current_target = "";
Bytes current_input;

/// Called by abort: without the input nobody could repeat it.
void show_input(int) {
    std::fprintf(stderr, "target %s, input %s\n", current_target,
                 wutong::protocols::to_hex(current_input).c_str());
    std::_Exit(1);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: codec_fuzz CORPUS [MADE [SEED]]\n");
        return 2;
    }
    const auto made = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 20'000UL;
    std::mt19937 dice{argc > 3 ? static_cast<unsigned>(std::strtoul(argv[3], nullptr, 10)) : 1U};
    std::signal(SIGABRT, show_input);
    std::signal(SIGSEGV, show_input);
    for (const auto& target : wutong::fuzz::kTargets) {
        std::vector<Bytes> corpus;
        for (const auto& file : fs::directory_iterator{fs::path{argv[1]} / target.name}) {
            corpus.push_back(read_file(file.path()));
        }
        if (corpus.empty()) {
            std::fprintf(stderr, "%s has no corpus in %s\n", target.name, argv[1]);
            return 1;
        }
        current_target = target.name;
        const auto run = [&](Bytes input) {
            current_input = std::move(input);
            try {
                target.run(current_input);
            } catch (const std::exception& fault) {
                std::fprintf(stderr, "thrown: %s\n", fault.what());
                std::abort();
            }
        };
        for (const auto& input : corpus) {
            run(input);
        }
        for (unsigned long i = 0; i < made; ++i) {
            run(made_from(corpus, dice));
        }
        std::printf("%s: %zu of the corpus, %lu made from them\n", target.name, corpus.size(), made);
    }
    return 0;
}
