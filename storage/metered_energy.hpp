#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/energy_series.hpp"
#include "core/identity.hpp"
#include "storage/database.hpp"

/// The energy register of a meter over time, as tariffs are calculated from it.
namespace wutong::storage {

/// Readings of [from, to] and the ones next to it on both sides, at most one for each `width`.
/// @param width at least a second @throws std::invalid_argument for more than 200 000 of them
[[nodiscard]] std::vector<core::RegisterReading> metered_energy(Transaction& tx, core::PropertyId property,
                                                                core::MeterId meter, core::Instant from,
                                                                core::Instant to, std::chrono::seconds width);

/// The first and last reading of each day, for long times.
[[nodiscard]] std::vector<core::RegisterReading> daily_metered_energy(Transaction& tx,
                                                                      core::PropertyId property,
                                                                      core::MeterId meter, core::Instant from,
                                                                      core::Instant to);

/// What the register showed at a moment, between the readings around it; none when there is not one on each
/// side, or they go backwards.
[[nodiscard]] std::optional<core::Energy> energy_at(Transaction& tx, core::PropertyId property,
                                                    core::MeterId meter, core::Instant at);

}  // namespace wutong::storage
