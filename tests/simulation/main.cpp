#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <thread>

#include "tests/simulation/postgres_run.hpp"
#include "tests/simulation/run.hpp"

namespace wutong::simulation {
namespace {

struct Options {
    std::uint64_t first = 1;
    std::uint64_t seeds = 1'000;
    int jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    std::optional<std::uint64_t> one;
    std::string plant;
    bool expect_failure = false;
};

struct Failure {
    std::uint64_t seed = 0;
    std::string what;
};

Outcome run_in_memory(std::uint64_t seed, const Plants& plants, Stacks& stacks, Trace& trace,
                      Coverage& coverage, const std::shared_ptr<const core::MeterProfile>& profile) {
    MemoryStore store{kMeters, plants.store};
    return run_seed({seed, kSteps, 1}, store, plants, stacks, trace, coverage, profile);
}

std::string command(const Options& options, std::uint64_t seed) {
    return fmt::format("./test.sh sim --seed {}{}{}", seed, options.plant.empty() ? "" : " --plant ",
                       options.plant);
}

/// The same seed has to leave the same trace, or no failure could be replayed.
int check_replay(const Options& options) {
    const auto profile = read_profile();
    for (std::uint64_t seed = options.first; seed < options.first + options.seeds; ++seed) {
        std::array<std::uint64_t, 2> hashes{};
        for (auto& hash : hashes) {
            Stacks stacks{kStackBytes};
            Trace trace{&hash == &hashes.back()};  // readable or not must make no difference
            Coverage coverage;
            hash = run_in_memory(seed, {}, stacks, trace, coverage, profile).hash;
        }
        if (hashes[0] != hashes[1]) {
            fmt::print("seed {}: the trace is {:016x} and then {:016x}\n", seed, hashes[0], hashes[1]);
            return 1;
        }
    }
    fmt::print("{} seeds from {} leave the same trace twice\n", options.seeds, options.first);
    return 0;
}

int replay(const Options& options, std::uint64_t seed, bool print) {
    Stacks stacks{kStackBytes};
    Trace trace{true, print};
    Coverage coverage;
    try {
        const auto outcome = run_in_memory(seed, options.plant.empty() ? Plants{} : plant(options.plant),
                                           stacks, trace, coverage, read_profile());
        fmt::print("seed {}: {} steps, {} sales, {} deliveries, trace {:016x}: all invariants hold\n", seed,
                   outcome.steps, outcome.sales, outcome.deliveries, outcome.hash);
        return 0;
    } catch (const std::exception& broken) {
        if (!print) {
            for (const auto& line : trace.last()) {
                fmt::print("{}\n", line);
            }
        }
        fmt::print("seed {} is broken: {}\nagain with: {}\n", seed, broken.what(), command(options, seed));
        return 1;
    }
}

int run_many(const Options& options) {
    const Plants plants = options.plant.empty() ? Plants{} : plant(options.plant);
    const auto profile = read_profile();
    const auto begin = std::chrono::steady_clock::now();
    std::atomic<std::uint64_t> next{options.first};
    std::mutex mutex;
    Coverage coverage;
    std::optional<Failure> failure;
    std::uint64_t steps = 0, sales = 0, deliveries = 0, hash = 0;
    const auto work = [&] {
        Stacks stacks{kStackBytes};
        Coverage mine;
        std::uint64_t my_steps = 0, my_sales = 0, my_deliveries = 0, my_hash = 0;
        for (;;) {
            const std::uint64_t seed = next.fetch_add(1);
            if (seed >= options.first + options.seeds) {
                break;
            }
            Trace trace;
            try {
                const auto outcome = run_in_memory(seed, plants, stacks, trace, mine, profile);
                my_steps += static_cast<std::uint64_t>(outcome.steps);
                my_sales += static_cast<std::uint64_t>(outcome.sales);
                my_deliveries += static_cast<std::uint64_t>(outcome.deliveries);
                my_hash ^= outcome.hash;
            } catch (const std::exception& broken) {
                const std::lock_guard lock{mutex};
                next = options.first + options.seeds;
                if (!failure || seed < failure->seed) {
                    failure = Failure{seed, broken.what()};
                }
            }
        }
        const std::lock_guard lock{mutex};
        coverage.add(mine);
        steps += my_steps;
        sales += my_sales;
        deliveries += my_deliveries;
        hash ^= my_hash;
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < options.jobs; ++i) {
        threads.emplace_back(work);
    }
    for (auto& thread : threads) {
        thread.join();
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (failure && options.expect_failure) {
        fmt::print("the plant {} is found by seed {}: {}\n", options.plant, failure->seed, failure->what);
        return 0;
    }
    if (failure) {
        fmt::print("seed {} is broken: {}\nits last steps:\n", failure->seed, failure->what);
        replay(options, failure->seed, false);
        return 1;
    }
    fmt::print(
        "{} seeds from {}: {} steps, {} sales, {} deliveries in {:.1f} s; all invariants hold; traces "
        "{:016x}\n",
        options.seeds, options.first, steps, sales, deliveries, seconds, hash);
    if (options.expect_failure) {
        fmt::print("the plant {} was not found: the simulation can't see it\n", options.plant);
        return 1;
    }
    fmt::print("{}", coverage.table());
    // Few seeds can't meet everything.
    if (const auto wrong = coverage.wrong(); options.seeds >= 5'000 && !wrong.empty()) {
        fmt::print("cells of the table that should not be empty, or should be: {}\n", wrong);
        return 1;
    }
    return 0;
}

}  // namespace
}  // namespace wutong::simulation

int main(int argc, char** argv) {
    using namespace wutong::simulation;
    Options options;
    bool list = false, twice = false, postgres = false;
    CLI::App app{"Runs the way of the money, with everything that can go wrong, under seeds."};
    app.add_option("--seeds", options.seeds, "how many")->check(CLI::Range(1UL, 1'000'000'000UL));
    app.add_option("--first", options.first, "the first of them");
    app.add_option("--jobs", options.jobs, "threads")->check(CLI::Range(1, 256));
    app.add_option("--seed", options.one, "this one alone, step by step");
    app.add_option("--plant", options.plant, "with a planted bug");
    app.add_flag("--list-plants", list, "which there are");
    app.add_flag("--expect-failure", options.expect_failure, "succeed when a seed breaks: for planted bugs");
    app.add_flag("--check-replay", twice, "run each seed twice and compare the traces");
    app.add_flag("--postgres", postgres,
                 "the store is PostgreSQL (WUTONG_TEST_PG), compared with the one in memory");
    CLI11_PARSE(app, argc, argv);
    try {
        if (list) {
            for (const auto& plant : all_plants()) {
                fmt::print("{:22} {}\n", plant.name, plant.what);
            }
            return 0;
        }
        if (postgres) {
            return run_on_postgres(options.one.value_or(options.first), options.one ? 1 : options.seeds,
                                   options.jobs);
        }
        if (twice) {
            return check_replay(options);
        }
        return options.one ? replay(options, *options.one, true) : run_many(options);
    } catch (const std::exception& error) {
        fmt::print(stderr, "money_sim: {}\n", error.what());
        return 2;
    }
}
