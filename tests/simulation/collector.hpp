#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "collector/commands/delivery_runner.hpp"
#include "collector/commands/field_work.hpp"
#include "tests/simulation/fiber.hpp"
#include "tests/simulation/meter.hpp"
#include "tests/simulation/money_store.hpp"

namespace wutong::simulation {

class World;

/// One collector process: sweeps, claims, runs deliveries with the product's run_delivery, parks what has to
/// wait, polls. It pauses before everything that another process could notice, and may be killed or left
/// standing at any of these points.
class Collector {
public:
    Collector(World& world, Stacks& stacks, std::string name);

    /// Until the next pause.
    void resume() { fiber_->resume(); }
    void start(std::optional<storage::Fence> fence);
    void kill();
    void take(storage::Fence fence) { fence_ = std::move(fence); }

    [[nodiscard]] bool alive() const { return fiber_.has_value(); }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::optional<storage::Fence>& fence() const { return fence_; }
    /// The delivery that is being worked on, if any.
    [[nodiscard]] const collector::DeliveryWork* current() const { return current_; }
    [[nodiscard]] bool idle() const {
        return queue_.empty() && parked_.empty() && postponed_.empty() && current_ == nullptr;
    }
    [[nodiscard]] storage::Fence fence_of(const collector::DeliveryWork& work) const;
    /// All that it believes to have in hand.
    [[nodiscard]] std::vector<const collector::DeliveryWork*> works() const;
    [[nodiscard]] core::Timestamp now() const;
    std::chrono::microseconds clock_off{0};

    // ---- for its line and journal ----
    void pause() { fiber_->pause(); }
    /// Runs `body` as a transaction that may fail in all the ways a database has.
    template <class Body>
    auto ask(core::DeliveryState state, Body body);
    collector::DeliveryJournal::Stored written(const std::function<void()>& body, core::DeliveryState state);
    /// An answer that comes when nobody waits for it any more.
    std::optional<protocols::Bytes> late_answer;
    /// What the meter really showed at the last whole look.
    std::optional<core::CreditLook> true_look;

private:
    struct Parked {
        collector::DeliveryWork work;
        core::Timestamp until;
    };
    void body();
    void sweep();
    void hand_out();
    void run_work(collector::DeliveryWork work);
    void poll();
    void forget();
    bool read_and_report(core::MeterId meter);

    World& world_;
    Stacks& stacks_;
    std::string name_;
    std::optional<Fiber> fiber_;
    std::optional<storage::Fence> fence_;
    std::deque<collector::DeliveryWork> queue_;
    std::deque<Parked> parked_;
    std::deque<collector::DeliveryWork> postponed_;  ///< claimed while an older claim of it is in hand
    const collector::DeliveryWork* current_ = nullptr;
};

/// Something in our own code that can't be: the run is broken.
class Bug : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace wutong::simulation
