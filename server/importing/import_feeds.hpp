#pragma once

#include <vector>

#include "server/importing/existing.hpp"
#include "server/importing/import.hpp"
#include "server/importing/import_plan.hpp"
#include "storage/energy_reports.hpp"

namespace wutong::server {

/// Which feeders of the files feed which meters, by codes. A feeder of which nothing is known yet may be told
/// so now, also when it is there already; what is known is not changed.
[[nodiscard]] std::vector<storage::FeedByCode> take_feeds(const std::vector<PlannedMeter>& meters,
                                                          const Existing& existing,
                                                          std::vector<ImportFault>& faults);

}  // namespace wutong::server
