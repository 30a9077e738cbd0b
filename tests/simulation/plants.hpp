#pragma once

#include <string>
#include <vector>

#include "tests/simulation/memory_store.hpp"

namespace wutong::simulation {

/// Mistakes that can be planted to show that the simulation finds them. They sit in the simulation's own
/// parts: the store, the line, and what stands between them and the code under test. Production code knows
/// none of them.
struct Plants {
    StorePlants store;
    bool number_alone = false;  ///< a look that shows our number is taken for a proof, whatever the balance
    bool resends_blindly = false;       ///< a money frame without an answer goes out again without a look
    bool late_answer_taken = false;     ///< the answer to an earlier question is taken for the next one
    bool sends_before_storing = false;  ///< the write goes out although storing it has failed
    bool claim_forgets_epoch = false;   ///< what was claimed earlier is written under the newest lease
    bool sells_again = false;           ///< a sale whose answer was lost is made again under a new request id
};

struct Plant {
    const char* name;
    const char* what;
};
[[nodiscard]] const std::vector<Plant>& all_plants();
/// @throws std::invalid_argument naming the known ones
[[nodiscard]] Plants plant(const std::string& name);

}  // namespace wutong::simulation
