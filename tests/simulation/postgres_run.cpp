#include "tests/simulation/postgres_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "tests/simulation/memory_store.hpp"
#include "tests/simulation/postgres_store.hpp"
#include "tests/simulation/run.hpp"

namespace wutong::simulation {

namespace {

// A look at the invariants takes several queries.
constexpr int kStepsOnPostgres = 200;
constexpr int kCheckEvery = 8;
// What looks at all properties takes longer with each of them.
constexpr std::uint64_t kSeedsPerDatabase = 25;

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

std::string difference(const Trace& memory, const Trace& postgres) {
    const auto& one = memory.last();
    const auto& other = postgres.last();
    const auto [here, there] = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    const auto from = std::max<std::ptrdiff_t>(0, here - one.begin() - 25);
    std::string text;
    for (auto line = one.begin() + from; line != here; ++line) {
        text += *line + "\n";
    }
    return text + fmt::format("in memory:     {}\non PostgreSQL: {}\n", here == one.end() ? "(end)" : *here,
                              there == other.end() ? "(end)" : *there);
}

struct Compared {
    int steps = 0;
    std::string broken;  ///< for people; empty: both did the same, and all invariants hold
};

Compared compare(std::uint64_t seed, tests::TestDatabase& database,
                 const std::shared_ptr<const core::MeterProfile>& profile, Coverage& coverage,
                 Coverage& ignored) {
    Told memory, postgres;
    {
        MemoryStore store{kMeters};
        run(memory, seed, store, profile, ignored);
    }
    {
        PostgresStore store{database, fmt::format("S{}", seed), kMeters};
        run(postgres, seed, store, profile, coverage);
    }
    if (memory.hash == postgres.hash && postgres.broken.empty()) {
        return {postgres.steps, ""};
    }
    auto text =
        fmt::format("seed {} is broken on PostgreSQL: {}\n", seed,
                    postgres.broken.empty() ? "it does something else than in memory" : postgres.broken);
    if (!memory.broken.empty()) {
        text += fmt::format("in memory: {}\n", memory.broken);
    }
    return {postgres.steps, text + difference(memory.trace, postgres.trace) +
                                fmt::format("again with: ./test.sh sim --postgres --seed {}\n", seed)};
}

}  // namespace

int run_on_postgres(std::uint64_t first, std::uint64_t seeds, int jobs) {
    const auto profile = read_profile();
    const auto begin = std::chrono::steady_clock::now();
    const std::uint64_t end = first + seeds;
    std::atomic<std::uint64_t> next{first};
    std::mutex mutex;  // of all below, and of the making of databases
    Coverage coverage;
    std::uint64_t steps = 0, done = 0;
    std::string failed;
    const auto work = [&] {
        Coverage mine, ignored;
        std::uint64_t my_steps = 0;
        for (;;) {
            const std::uint64_t from = next.fetch_add(kSeedsPerDatabase);
            if (from >= end) {
                break;
            }
            std::optional<tests::TestDatabase> database;
            {
                const std::lock_guard lock{mutex};
                database.emplace();
            }
            for (std::uint64_t seed = from; seed < std::min(from + kSeedsPerDatabase, end); ++seed) {
                const auto outcome = compare(seed, *database, profile, mine, ignored);
                my_steps += static_cast<std::uint64_t>(outcome.steps);
                const std::lock_guard lock{mutex};
                ++done;
                if (!outcome.broken.empty()) {
                    failed += outcome.broken;
                    next = end;
                }
                if (!failed.empty()) {
                    break;
                }
                if (seeds >= 100 && done % 100 == 0) {
                    fmt::print("{} of {} seeds\n", done, seeds);
                    std::fflush(stdout);
                }
            }
        }
        const std::lock_guard lock{mutex};
        coverage.add(mine);
        steps += my_steps;
    };
    std::vector<std::exception_ptr> errors(static_cast<std::size_t>(jobs));
    std::vector<std::thread> threads;
    for (auto& error : errors) {
        threads.emplace_back([&] {
            try {
                work();
            } catch (...) {
                error = std::current_exception();
                next = end;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    for (const auto& error : errors) {
        if (error) {
            std::rethrow_exception(error);
        }
    }
    if (!failed.empty()) {
        fmt::print("{}", failed);
        return 1;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    fmt::print(
        "{} seeds from {} on PostgreSQL: {} steps in {:.1f} s; all invariants hold, and each left the trace "
        "that it leaves in memory\n{}",
        seeds, first, steps, seconds, coverage.table());
    return 0;
}

}  // namespace wutong::simulation
