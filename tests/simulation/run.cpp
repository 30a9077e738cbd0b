#include "tests/simulation/run.hpp"

#include <fstream>
#include <sstream>

namespace wutong::simulation {

std::shared_ptr<const core::MeterProfile> read_profile() {
    const std::string path = WUTONG_SOURCE_DIR "/profiles/acrel-ddsy1352.toml";
    std::ifstream in{path};
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) {
        throw std::runtime_error(path + ": can't be read");
    }
    return std::make_shared<const core::MeterProfile>(
        core::parse_meter_profile(text.str(), "acrel-ddsy1352"));
}

Outcome run_seed(const SeedRun& run, MoneyStore& store, const Plants& plants, Stacks& stacks, Trace& trace,
                 Coverage& coverage, const std::shared_ptr<const core::MeterProfile>& profile) {
    using core::CreditKind;
    static const std::vector kinds{CreditKind::absolute_counted, CreditKind::absolute_counted,
                                   CreditKind::absolute_counted, CreditKind::added_counted,
                                   CreditKind::uncounted};
    static_assert(kMeters == 5);
    World world{run.seed, store, kinds, plants, stacks, trace, coverage, profile};
    return world.run(run.steps, run.check_every);
}

}  // namespace wutong::simulation
