#include "tests/simulation/postgres_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "tests/simulation/memory_store.hpp"
#include "tests/simulation/postgres_store.hpp"
#include "tests/simulation/run.hpp"

namespace wutong::simulation {

namespace {

// A look at the invariants takes several queries.
constexpr int kStepsOnPostgres = 200;
constexpr int kCheckEvery = 8;

struct Told {
    std::uint64_t hash = 0;
    int steps = 0;
    std::string broken;
    Trace trace{true, false, true};
};

void run(Told& told, std::uint64_t seed, MoneyStore& store,
         const std::shared_ptr<const core::MeterProfile>& profile, Coverage& coverage) {
    Stacks stacks{kStackBytes};
    try {
        const auto outcome =
            run_seed({seed, kStepsOnPostgres, kCheckEvery}, store, {}, stacks, told.trace, coverage, profile);
        told.hash = outcome.hash;
        told.steps = outcome.steps;
    } catch (const std::exception& broken) {
        told.broken = broken.what();
    }
}

void show_difference(const Trace& memory, const Trace& postgres) {
    const auto& one = memory.last();
    const auto& other = postgres.last();
    const auto [here, there] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    const auto from = std::max<std::ptrdiff_t>(0, here - one.begin() - 25);
    for (auto line = one.begin() + from; line != here; ++line) {
        fmt::print("{}\n", *line);
    }
    fmt::print("in memory:     {}\non PostgreSQL: {}\n", here == one.end() ? "(end)" : *here,
               there == other.end() ? "(end)" : *there);
}

}  // namespace

int run_on_postgres(std::uint64_t first, std::uint64_t seeds) {
    const auto profile = read_profile();
    tests::TestDatabase database;
    const auto begin = std::chrono::steady_clock::now();
    Coverage coverage, ignored;
    std::uint64_t steps = 0;
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        Told memory, postgres;
        {
            MemoryStore store{kMeters};
            run(memory, seed, store, profile, ignored);
        }
        {
            PostgresStore store{database, fmt::format("S{}", seed), kMeters};
            run(postgres, seed, store, profile, coverage);
        }
        if (memory.hash != postgres.hash || !postgres.broken.empty()) {
            fmt::print("seed {} is broken on PostgreSQL: {}\n", seed,
                       postgres.broken.empty() ? "it does something else than in memory" : postgres.broken);
            if (!memory.broken.empty()) {
                fmt::print("in memory: {}\n", memory.broken);
            }
            show_difference(memory.trace, postgres.trace);
            fmt::print("again with: ./test.sh sim --postgres --seed {}\n", seed);
            return 1;
        }
        steps += static_cast<std::uint64_t>(postgres.steps);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    fmt::print(
        "{} seeds from {} on PostgreSQL: {} steps in {:.1f} s; all invariants hold, and each left the trace "
        "that it leaves in memory\n{}",
        seeds, first, steps, seconds, coverage.table());
    return 0;
}

}  // namespace wutong::simulation
