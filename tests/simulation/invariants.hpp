#pragma once

#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "collector/commands/field_work.hpp"
#include "tests/simulation/meter.hpp"
#include "tests/simulation/money_store.hpp"

namespace wutong::simulation {

class World;

/// Something that must always be true is not.
class Broken : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// What must be true, after every step and at the end. Checked against the meters' own truth and the
/// cashiers' drawers, never against what the ledger believes of itself alone.
class Invariants {
public:
    /// After every step. @throws Broken
    void check(World& world);
    /// After the last one, when nothing is under way any more.
    void check_end(World& world);

    // ---- told by the parts ----
    /// The store has taken a step of this collector.
    void stored(World& world, const storage::Fence& fence, const collector::DeliveryWork& work);
    /// The store has taken the outcome of this collector. @param looked what the meter really showed last
    void finished(World& world, const storage::Fence& fence, const collector::DeliveryWork& work,
                  const std::optional<core::CreditLook>& looked);
    /// An operator has looked at the meter and settled a delivery of it.
    void settled(core::DeliveryId id, core::MeterId meter);

private:
    struct Seen {
        core::DeliveryState state = core::DeliveryState::queued;
    };
    /// What deliveries say that the books should say.
    struct Expected {
        core::Money in_flight, delivered, taken_off, refused;
    };
    void check_books(World& world, const Expected& expected);
    void check_entries(World& world);
    void check_progress(World& world, const storage::StoredDelivery& stored);
    void check_outcome(World& world, const storage::StoredDelivery& stored);
    void check_writes(World& world);
    void check_numbers(World& world);
    void check_meter_against_ledger(World& world, core::MeterId meter);
    [[nodiscard]] bool operator_knows(World& world, core::MeterId meter) const;

    std::vector<Seen> seen_;
    std::vector<std::size_t> writes_seen_;
    core::EntryId entries_seen_;
    std::map<core::MeterId, std::pair<core::AccountId, std::int64_t>> numbers_;
    std::set<core::DeliveryId> settled_;
    std::set<core::MeterId> settled_meters_;
    std::set<core::MeterId> quarantined_meters_;
};

}  // namespace wutong::simulation
