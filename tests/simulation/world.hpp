#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "collector/commands/field_work.hpp"
#include "tests/simulation/cashiers.hpp"
#include "tests/simulation/collector.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/fiber.hpp"
#include "tests/simulation/invariants.hpp"
#include "tests/simulation/meter.hpp"
#include "tests/simulation/money_store.hpp"
#include "tests/simulation/plants.hpp"
#include "tests/simulation/trace.hpp"

namespace wutong::simulation {

/// A money frame that hangs in a serial server.
struct HeldFrame {
    std::size_t meter = 0;
    protocols::Bytes pdu;
    FrameTag tag;
};

struct Outcome {
    int steps = 0;
    int deliveries = 0;
    int sales = 0;
    std::uint64_t hash = 0;
};

/// Everything under one seed: meters, a store, cashiers, collectors, and what goes wrong between them. One
/// step is one thing that happens; after each the invariants are checked. No thread, no sleep, no real clock.
class World {
public:
    World(std::uint64_t seed, MoneyStore& store, const std::vector<core::CreditKind>& kinds,
          const Plants& plants, Stacks& stacks, Trace& trace, Coverage& coverage,
          std::shared_ptr<const core::MeterProfile> profile);

    /// @param check_every the invariants are checked after each so many steps
    /// @throws Broken
    Outcome run(int steps, int check_every);

    // ---- for the parts ----
    /// Index of the store's meter.
    [[nodiscard]] std::size_t index(core::MeterId meter) const;
    [[nodiscard]] SimMeter& meter(core::MeterId id) { return meters[index(id)]; }
    [[nodiscard]] core::DeliveryState state_of(core::DeliveryId id);
    /// The newest delivery of the meter, if any.
    [[nodiscard]] const storage::StoredDelivery* newest(core::MeterId meter);

    Random random;
    Weather weather;
    MoneyStore& store;
    Plants plants;
    Trace& trace;
    Coverage& coverage;
    std::shared_ptr<const core::MeterProfile> profile;
    core::Timestamp now{};
    bool clocks_jumped = false;
    std::vector<SimMeter> meters;
    std::vector<HeldFrame> held;
    Cashiers cashiers;
    Invariants invariants;

private:
    void step();
    void drain();
    [[nodiscard]] Collector& somebody();
    void pass_time();
    void somebody_writes();
    void deliver_held(std::size_t which);
    void operator_settles(bool only_in_the_way);
    void change_collectors();
    void kill(Collector& collector);
    void jump_clock();
    [[nodiscard]] bool at_rest();
    void final_readings();

    Stacks& stacks_;
    std::vector<std::unique_ptr<Collector>> collectors_;
};

}  // namespace wutong::simulation
