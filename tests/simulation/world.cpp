#include "tests/simulation/world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace wutong::simulation {

using core::DeliveryState;

namespace {

constexpr int kDrainStepsMax = 6'000;
constexpr std::chrono::sys_days kBegin{std::chrono::year{2026} / 3 / 1};

std::string serial(std::size_t i) {
    return fmt::format("2026000000{:02}", i + 1);
}

}  // namespace

World::World(std::uint64_t seed, MoneyStore& store_of, const std::vector<core::CreditKind>& kinds,
             const Plants& planted, Stacks& stacks, Trace& trace_to, Coverage& coverage_to,
             std::shared_ptr<const core::MeterProfile> profile_of)
    : random{seed},
      weather{random},
      store{store_of},
      plants{planted},
      trace{trace_to},
      coverage{coverage_to},
      profile{std::move(profile_of)},
      now{kBegin},
      stacks_{stacks} {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        meters.emplace_back(kinds[i], static_cast<std::uint8_t>(i + 1), serial(i),
                            random.between(0, 2'000'000));
    }
    collectors_.push_back(std::make_unique<Collector>(*this, stacks_, "collector-1"));
    collectors_.push_back(std::make_unique<Collector>(*this, stacks_, "collector-2"));
    collectors_[0]->start(store.take_channel("collector-1"));
    collectors_[1]->start(std::nullopt);
}

std::size_t World::index(core::MeterId meter) const {
    const auto& ids = store.meters();
    const auto found = std::find(ids.begin(), ids.end(), meter);
    if (found == ids.end()) {
        throw Bug(fmt::format("there is no meter {}", meter.value));
    }
    return static_cast<std::size_t>(found - ids.begin());
}

DeliveryState World::state_of(core::DeliveryId id) {
    for (const auto& collector : collectors_) {
        for (const auto* work : collector->works()) {
            // Whoever has lost the channel has an old picture in mind.
            if (work->id == id && store.holds(collector->fence_of(*work))) {
                return work->delivery.state;
            }
        }
    }
    for (const auto& stored : store.deliveries()) {
        if (stored.id == id) {
            return stored.delivery.state;
        }
    }
    throw Bug(fmt::format("there is no delivery {}", id.value));
}

const storage::StoredDelivery* World::newest(core::MeterId meter) {
    const auto& all = store.deliveries();
    const auto found =
        std::find_if(all.rbegin(), all.rend(), [&](const auto& stored) { return stored.meter == meter; });
    return found == all.rend() ? nullptr : &*found;
}

Outcome World::run(int steps, int check_every) {
    const auto check = [&](int step_number) {
        if (step_number % check_every == 0) {
            invariants.check(*this);
        }
    };
    Outcome outcome;
    for (; outcome.steps < steps; ++outcome.steps) {
        trace.step(outcome.steps);
        step();
        check(outcome.steps);
    }
    weather.clear_up();
    trace.note("the weather clears up");
    for (int i = 0; !at_rest(); ++i, ++outcome.steps) {
        if (i == kDrainStepsMax) {
            throw Broken("with all faults gone, the work does not come to an end");
        }
        trace.step(outcome.steps);
        drain();
        check(outcome.steps);
    }
    final_readings();
    invariants.check(*this);
    invariants.check_end(*this);
    outcome.deliveries = static_cast<int>(store.deliveries().size());
    outcome.sales = cashiers.sales();
    outcome.hash = trace.hash();
    return outcome;
}

void World::step() {
    const auto what = random.between(0, 999);
    if (what < 640) {
        Collector& collector = somebody();
        if (collector.alive()) {
            collector.resume();
        } else if (random.chance(100)) {
            // A process that was restarted takes its channel anew.
            trace.note("restart", collector.name() == "collector-1" ? 1 : 2);
            collector.start(store.take_channel(collector.name()));
        }
    } else if (what < 790) {
        cashiers.act(*this);
    } else if (what < 880) {
        pass_time();
    } else if (what < 910) {
        trace.note("consumption", store.book_consumption());
    } else if (what < 930) {
        operator_settles(false);
    } else if (what < 955) {
        if (!held.empty()) {
            deliver_held(random.below(held.size()));
        }
    } else if (what < 965) {
        somebody_writes();
    } else {
        change_collectors();
        jump_clock();
    }
}

/// Mostly the one that has something to do.
Collector& World::somebody() {
    Collector& one = *collectors_[random.below(2)];
    Collector& other = &one == collectors_[0].get() ? *collectors_[1] : *collectors_[0];
    const bool has_nothing = !one.alive() || (one.idle() && !one.fence());
    return has_nothing && random.chance(800) ? other : one;
}

void World::pass_time() {
    const bool long_time = random.chance(100);
    now += std::chrono::seconds{long_time ? random.between(600, 20'000) : random.between(1, 90)};
    for (auto& meter : meters) {
        meter.use(random.chance(800) ? random.between(0, 15) : random.between(0, long_time ? 20'000 : 400));
    }
    trace.note("time", now.time_since_epoch().count());
}

void World::somebody_writes() {
    if (!weather.strikes(Fault::foreign_write)) {
        return;
    }
    const std::size_t which = random.below(meters.size());
    SimMeter& meter = meters[which];
    if (const auto* delivery = newest(store.meters()[which])) {
        coverage.met(Fault::foreign_write, state_of(delivery->id));
    }
    const auto number =
        static_cast<std::uint32_t>(meter.number() + static_cast<std::uint32_t>(random.between(0, 2)));
    meter.overwrite(random.between(0, 60'000), number);
    trace.note("somebody writes to meter", meter.address(), number, meter.cents());
}

void World::deliver_held(std::size_t which) {
    const HeldFrame frame = held[which];
    held.erase(held.begin() + static_cast<std::ptrdiff_t>(which));
    coverage.met(Fault::late_frame, state_of(core::DeliveryId{frame.tag.delivery}));
    meters[frame.meter].answer(frame.pdu, frame.tag);
    trace.note("a late frame reaches meter", meters[frame.meter].address(), frame.tag.delivery,
               meters[frame.meter].number(), meters[frame.meter].cents());
}

/// A person looks at the meter, and says what became of the delivery.
void World::operator_settles(bool only_in_the_way) {
    for (const auto& stored : store.deliveries()) {
        if (stored.delivery.state != DeliveryState::quarantined) {
            continue;
        }
        const auto* last = newest(stored.meter);
        if (only_in_the_way && last->id == stored.id) {
            continue;
        }
        const SimMeter& truth = meter(stored.meter);
        const bool there = std::any_of(truth.writes().begin(), truth.writes().end(), [&](const auto& write) {
            return write.tag.delivery == stored.id.value;
        });
        const core::DeliveryId id = stored.id;
        const core::MeterId where = stored.meter;
        store.put_reading(where, truth.look(now), truth.counts());
        invariants.settled(id, where);
        store.settle(id, there, "looked at the meter", now);
        trace.note("settled", id.value, there ? 1 : 0);
        return;
    }
}

void World::kill(Collector& collector) {
    for (const auto* work : collector.works()) {
        coverage.met(Fault::collector_killed, work->delivery.state);
    }
    trace.note("kill", collector.name() == "collector-1" ? 1 : 2);
    collector.kill();
}

void World::change_collectors() {
    Collector& collector = *collectors_[random.below(2)];
    if (collector.alive() && weather.strikes(Fault::collector_killed)) {
        kill(collector);
    }
    Collector& other = *collectors_[random.below(2)];
    const bool holds = other.fence() && store.holds(*other.fence());
    if (other.alive() && !holds && weather.strikes(Fault::second_collector)) {
        for (const auto& before : collectors_) {
            for (const auto* work : before->works()) {
                coverage.met(Fault::second_collector, work->delivery.state);
            }
        }
        trace.note("takes the channel", other.name() == "collector-1" ? 1 : 2);
        other.take(store.take_channel(other.name()));
    }
}

void World::jump_clock() {
    if (!weather.strikes(Fault::clock_jump)) {
        return;
    }
    Collector& collector = *collectors_[random.below(2)];
    clocks_jumped = true;
    collector.clock_off = std::chrono::seconds{random.between(-7'200, 7'200)};
    for (const auto id : store.meters()) {
        if (const auto* delivery = newest(id)) {
            coverage.met(Fault::clock_jump, state_of(delivery->id));
        }
    }
    trace.note("clock jumps", std::chrono::duration_cast<std::chrono::seconds>(collector.clock_off).count());
}

bool World::at_rest() {
    if (!held.empty() || cashiers.waiting()) {
        return false;
    }
    for (const auto& stored : store.deliveries()) {
        const bool quarantined = stored.delivery.state == DeliveryState::quarantined;
        if (!stored.delivery.finished() || (quarantined && newest(stored.meter)->id != stored.id)) {
            return false;
        }
    }
    return true;
}

void World::drain() {
    const bool someone = std::any_of(collectors_.begin(), collectors_.end(), [&](const auto& collector) {
        return collector->alive() && collector->fence() && store.holds(*collector->fence());
    });
    Collector& collector = *collectors_[random.below(2)];
    if (!someone && collector.alive()) {
        collector.take(store.take_channel(collector.name()));
    } else if (!collector.alive()) {
        if (!someone) {
            collector.start(store.take_channel(collector.name()));
        }
    } else {
        collector.resume();
    }
    const auto what = random.between(0, 99);
    if (what < 10) {
        pass_time();
    } else if (what < 16 && !held.empty()) {
        deliver_held(0);
    } else if (what < 24) {
        cashiers.ask_again(*this);
    } else if (what < 27) {
        operator_settles(true);
    }
}

void World::final_readings() {
    now += std::chrono::hours{48};
    for (std::size_t i = 0; i < meters.size(); ++i) {
        store.put_reading(store.meters()[i], meters[i].look(now), meters[i].counts());
    }
    store.book_consumption();
}

}  // namespace wutong::simulation
