// codec_libfuzzer: clang's fuzzer over one target, named by WUTONG_FUZZ.
#include <cstdio>
#include <cstdlib>

#include "fuzz/targets.hpp"

namespace {
const wutong::fuzz::Target* target = nullptr;
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* name = std::getenv("WUTONG_FUZZ");
    target = wutong::fuzz::find_target(name == nullptr ? "" : name);
    if (target == nullptr) {
        std::fprintf(stderr, "set WUTONG_FUZZ to one of:");
        for (const auto& one : wutong::fuzz::kTargets) {
            std::fprintf(stderr, " %s", one.name);
        }
        std::fprintf(stderr, "\n");
        std::exit(2);
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    target->run({data, size});
    return 0;
}
