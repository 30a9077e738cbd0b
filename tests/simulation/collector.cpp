#include "tests/simulation/collector.hpp"

#include <algorithm>

#include "collector/database/failures.hpp"
#include "collector/drivers/modbus_driver.hpp"
#include "tests/simulation/line.hpp"
#include "tests/simulation/plain_delivery.hpp"
#include "tests/simulation/world.hpp"

namespace wutong::simulation {

using collector::DeliveryEnd;
using collector::DeliveryJournal;
using collector::DeliveryWork;

namespace {

constexpr int kClaimMax = 4;

/// What the product's channel keeps between a delivery and the database.
class Journal final : public DeliveryJournal {
public:
    Journal(World& world, Collector& collector) : world_{world}, collector_{collector} {}

    Stored store(const DeliveryWork& work) override {
        const auto stored = collector_.written(
            [&] {
                const auto fence = collector_.fence_of(work);
                world_.store.store_step(fence, work.id, work.delivery, collector_.now());
                world_.invariants.stored(world_, fence, work);
            },
            work.delivery.state);
        world_.trace.note("  store", work.id.value, static_cast<int>(work.delivery.state),
                          static_cast<int>(stored));
        return world_.plants.sends_before_storing && stored == Stored::away ? Stored::yes : stored;
    }
    Stored finish(const DeliveryWork& work) override {
        const auto stored = collector_.written(
            [&] {
                const auto fence = collector_.fence_of(work);
                const auto finished = world_.store.finish(fence, work.id, work.delivery, collector_.now());
                if (!finished.already) {
                    world_.invariants.finished(world_, fence, work, collector_.true_look);
                }
            },
            work.delivery.state);
        world_.trace.note("  finish", work.id.value, static_cast<int>(work.delivery.state),
                          static_cast<int>(stored));
        world_.trace.say(work.delivery.reason);
        return stored;
    }

private:
    World& world_;
    Collector& collector_;
};

}  // namespace

template <class Body>
auto Collector::ask(core::DeliveryState state, Body body) {
    const auto strike = [&](Fault fault) {
        if (world_.weather.strikes(fault)) {
            if (current_ != nullptr) {
                world_.coverage.met(fault, state);
            }
            world_.trace.say(to_string(fault));
            return true;
        }
        return false;
    };
    pause();
    if (strike(Fault::database_away)) {
        throw storage::DatabaseUnavailable("the database is away");
    }
    if (strike(Fault::commit_lost)) {
        throw storage::CommitUnknown("the connection broke while COMMIT was under way");
    }
    if constexpr (std::is_void_v<decltype(body())>) {
        body();
        if (strike(Fault::commit_happened)) {
            throw storage::CommitUnknown("the connection broke while COMMIT was under way");
        }
    } else {
        auto result = body();
        if (strike(Fault::commit_happened)) {
            throw storage::CommitUnknown("the connection broke while COMMIT was under way");
        }
        return result;
    }
}

DeliveryJournal::Stored Collector::written(const std::function<void()>& body, core::DeliveryState state) {
    try {
        ask(state, body);
        return DeliveryJournal::Stored::yes;
    } catch (const storage::LeaseLost&) {
        return DeliveryJournal::Stored::fenced;
    } catch (const Broken&) {
        throw;
    } catch (const std::exception& error) {
        if (!collector::passes_by_itself(error)) {
            throw Bug(std::string("the store rejects a step: ") + error.what());
        }
        return DeliveryJournal::Stored::away;
    }
}

Collector::Collector(World& world, Stacks& stacks, std::string name)
    : world_{world}, stacks_{stacks}, name_{std::move(name)} {}

/// As the product does: under the epoch of the claim, not the one that is held by now.
storage::Fence Collector::fence_of(const DeliveryWork& work) const {
    return {work.property, work.channel, name_,
            world_.plants.claim_forgets_epoch && fence_ ? fence_->epoch : work.epoch};
}

core::Timestamp Collector::now() const {
    return world_.now + clock_off;
}

void Collector::start(std::optional<storage::Fence> fence) {
    fence_ = std::move(fence);
    fiber_.emplace(stacks_, [this] { body(); });
}

void Collector::kill() {
    fiber_.reset();
    forget();
    current_ = nullptr;
    fence_.reset();
    late_answer.reset();
}

void Collector::forget() {
    queue_.clear();
    parked_.clear();
    postponed_.clear();
}

std::vector<const DeliveryWork*> Collector::works() const {
    std::vector<const DeliveryWork*> all;
    if (current_ != nullptr) {
        all.push_back(current_);
    }
    for (const auto& work : queue_) {
        all.push_back(&work);
    }
    for (const auto& parked : parked_) {
        all.push_back(&parked.work);
    }
    for (const auto& work : postponed_) {
        all.push_back(&work);
    }
    return all;
}

void Collector::body() {
    for (;;) {
        pause();
        if (!fence_) {
            continue;
        }
        sweep();
        hand_out();
        for (auto it = parked_.begin(); it != parked_.end();) {
            if (it->until <= now()) {
                queue_.push_back(std::move(it->work));
                it = parked_.erase(it);
            } else {
                ++it;
            }
        }
        if (!queue_.empty()) {
            DeliveryWork work = std::move(queue_.front());
            queue_.pop_front();
            run_work(std::move(work));
        } else if (world_.random.chance(400)) {
            poll();
        }
    }
}

/// The keeper's round: is the channel still ours, what was claimed and never heard of, what is new.
void Collector::sweep() {
    try {
        if (world_.random.chance(300) &&
            !ask(core::DeliveryState::queued, [&] { return world_.store.holds(*fence_); })) {
            world_.trace.say(name_ + " learns that it has lost the channel");
            fence_.reset();
            forget();
            return;
        }
        std::vector<core::DeliveryId> in_hand;
        for (const auto* work : works()) {
            in_hand.push_back(work->id);
        }
        const auto claimed = ask(core::DeliveryState::queued, [&] {
            world_.store.put_back_forgotten(*fence_, in_hand);
            return world_.store.claim(*fence_, now(), kClaimMax);
        });
        for (const auto& stored : claimed) {
            DeliveryWork work;
            work.property = stored.property;
            work.id = stored.id;
            work.meter = stored.meter;
            work.channel = stored.channel;
            work.delivery = stored.delivery;
            work.settings = stored.settings;
            work.epoch = fence_->epoch;
            world_.trace.note(" claim", work.id.value, static_cast<int>(work.delivery.state));
            postponed_.push_back(std::move(work));
        }
    } catch (const storage::DatabaseError&) {
        // The next sweep comes soon.
    }
}

/// A row can come back under a newer epoch while the older claim is still in hand, about to be fenced.
void Collector::hand_out() {
    for (auto it = postponed_.begin(); it != postponed_.end();) {
        const bool in_hand =
            std::any_of(queue_.begin(), queue_.end(), [&](const auto& work) { return work.id == it->id; }) ||
            std::any_of(parked_.begin(), parked_.end(),
                        [&](const auto& one) { return one.work.id == it->id; });
        if (in_hand) {
            ++it;
        } else {
            queue_.push_back(std::move(*it));
            it = postponed_.erase(it);
        }
    }
}

void Collector::run_work(DeliveryWork work) {
    current_ = &work;
    true_look.reset();
    SimMeter& meter = world_.meter(work.meter);
    Journal journal{world_, *this};
    DeliveryEnd end;
    try {
        if (meter.kind() == core::CreditKind::absolute_counted) {
            collector::FieldMeter field;
            field.property = work.property;
            field.channel = work.channel;
            field.id = work.meter;
            field.code = "M";
            field.serial_number = meter.serial();
            field.bus_address = meter.address();
            field.profile = world_.profile;
            field.price = core::Price{9'500};
            Line line{world_, *this, work.meter, &work};
            end = collector::run_delivery(work, field, line, journal);
        } else {
            end = run_plain_delivery(world_, *this, work, journal);
        }
    } catch (const std::logic_error& bug) {
        throw Bug(std::string("delivery ") + std::to_string(work.id.value) + ": " + bug.what());
    }
    world_.trace.note(" end", work.id.value, static_cast<int>(end.kind),
                      static_cast<int>(work.delivery.state));
    const core::MeterId id = work.meter;
    const bool looked = end.look.has_value();
    current_ = nullptr;
    switch (end.kind) {
        case DeliveryEnd::Kind::later:
        case DeliveryEnd::Kind::unsaved:
        case DeliveryEnd::Kind::rejected: {
            const int doublings = std::clamp(work.looks_failed - 1, 0, 5);
            const auto until = now() + std::chrono::seconds{5 * (1 << doublings)};
            parked_.push_back({std::move(work), until});
            break;
        }
        case DeliveryEnd::Kind::finished:
        case DeliveryEnd::Kind::fenced:
            break;
    }
    if (looked && world_.random.chance(700)) {
        read_and_report(id);
    }
}

/// A reading, as the poll or a finished delivery brings it. @return it was brought
bool Collector::read_and_report(core::MeterId id) {
    SimMeter& meter = world_.meter(id);
    core::CreditLook look;
    if (meter.kind() == core::CreditKind::absolute_counted) {
        Line line{world_, *this, id, nullptr};
        const auto readout =
            collector::read_register_groups(line, *world_.profile, {core::Block::Group::state});
        if (!readout.answered()) {
            return false;
        }
        look.purchase_number =
            static_cast<std::uint32_t>(readout.value(core::Quantity::purchase_number).value_or(0));
        look.balance = core::Money{readout.value(core::Quantity::balance).value_or(0)};
        look.energy = core::Energy{readout.value(core::Quantity::energy_total).value_or(0)};
        look.prepaid_enabled = readout.value(core::Quantity::prepaid_enabled).value_or(1) != 0;
        look.at = readout.at;
    } else {
        pause();
        look = meter.look(now());
    }
    try {
        ask(core::DeliveryState::queued, [&] { world_.store.put_reading(id, look, meter.counts()); });
    } catch (const storage::DatabaseError&) {
        return false;
    }
    world_.trace.note(" reading", meter.address(), look.purchase_number, look.balance.ten_thousandths());
    return true;
}

void Collector::poll() {
    const auto& meters = world_.store.meters();
    read_and_report(meters[world_.random.below(meters.size())]);
}

}  // namespace wutong::simulation
