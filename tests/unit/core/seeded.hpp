#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace wutong::core::test {

/// The seed of this run: WUTONG_TEST_SEED repeats a failure, otherwise every run looks at other cases.
inline std::uint64_t seed_of_run() {
    static const std::uint64_t seed = [] {
        const char* given = std::getenv("WUTONG_TEST_SEED");
        return given != nullptr ? std::stoull(given) : std::uint64_t{std::random_device{}()};
    }();
    return seed;
}

class Random {
public:
    explicit Random(std::uint64_t seed) : engine_{seed} {}
    [[nodiscard]] std::int64_t between(std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>{least, most}(engine_);
    }
    [[nodiscard]] bool chance(int percent) { return between(1, 100) <= percent; }

private:
    std::mt19937_64 engine_;
};

}  // namespace wutong::core::test

/// Shown by Catch2 with every failure below it.
#define WUTONG_SHOW_SEED() INFO("repeat with WUTONG_TEST_SEED=" << wutong::core::test::seed_of_run())
