#pragma once

#include <memory>
#include <vector>

#include "tests/simulation/world.hpp"

namespace wutong::simulation {

inline constexpr int kMeters = 5;
inline constexpr int kSteps = 400;

struct SeedRun {
    std::uint64_t seed = 1;
    int steps = kSteps;
    int check_every = 1;  ///< steps between two looks at the invariants
};

/// @pre the store has kMeters meters @throws Broken, Bug
Outcome run_seed(const SeedRun& run, MoneyStore& store, const Plants& plants, Stacks& stacks, Trace& trace,
                 Coverage& coverage, const std::shared_ptr<const core::MeterProfile>& profile);

/// The Acrel meter's, from profiles/.
[[nodiscard]] std::shared_ptr<const core::MeterProfile> read_profile();

}  // namespace wutong::simulation
