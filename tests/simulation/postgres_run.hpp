#pragma once

#include <cstdint>

namespace wutong::simulation {

/// Seeds with PostgreSQL as the store, each in a property of its own, and each compared with the same seed in
/// memory: the traces have to be the same, step by step, so that what memory shows by the 100 000 holds for
/// the repositories too. @param jobs threads, each with a database of its own @return exit status
int run_on_postgres(std::uint64_t first, std::uint64_t seeds, int jobs);

}  // namespace wutong::simulation
