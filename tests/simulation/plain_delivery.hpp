#pragma once

#include "tests/simulation/collector.hpp"

namespace wutong::simulation {

class World;

/// A delivery to a kind of meter that the collector has no dialect for yet (added_counted, uncounted):
/// core::step with the same rule as run_delivery, that what it decides is written down before it is done.
/// There are no frames, only what a frame would have carried.
[[nodiscard]] collector::DeliveryEnd run_plain_delivery(World& world, Collector& collector,
                                                        collector::DeliveryWork& work,
                                                        collector::DeliveryJournal& journal);

}  // namespace wutong::simulation
