#include "tests/simulation/plain_delivery.hpp"

#include <array>

#include "tests/simulation/world.hpp"

namespace wutong::simulation {

namespace {

using collector::DeliveryEnd;
using Stored = collector::DeliveryJournal::Stored;

std::optional<Fault> strike(World& world, const collector::DeliveryWork& work, bool write) {
    constexpr std::array kOfWrite{Fault::power_cut, Fault::meter_refuses};
    constexpr std::array kAny{Fault::lost_request, Fault::lost_answer, Fault::bad_checksum, Fault::line_away};
    std::optional<Fault> fault;
    for (const Fault one : kOfWrite) {
        if (write && !fault && world.weather.strikes(one)) {
            fault = one;
        }
    }
    for (const Fault one : kAny) {
        if (!fault && world.weather.strikes(one)) {
            fault = one;
        }
    }
    if (fault) {
        world.coverage.met(*fault, work.delivery.state);
        world.trace.say(to_string(*fault));
    }
    return fault;
}

core::DeliveryEvent look(World& world, Collector& collector, collector::DeliveryWork& work) {
    collector.pause();
    world.now += std::chrono::milliseconds{world.random.between(20, 900)};
    SimMeter& meter = world.meter(work.meter);
    if (strike(world, work, false) || world.now < meter.dark_until) {
        ++work.looks_failed;
        world.trace.note("  plain look failed", meter.address());
        return core::LookFailed{};
    }
    work.looks_failed = 0;
    collector.true_look = meter.look(collector.now());
    world.trace.note("  plain look", meter.address(), collector.true_look->balance.ten_thousandths());
    return core::Looked{*collector.true_look};
}

core::DeliveryEvent write(World& world, Collector& collector, const collector::DeliveryWork& work,
                          const core::CreditWrite& write) {
    collector.pause();
    world.now += std::chrono::milliseconds{world.random.between(20, 900)};
    SimMeter& meter = world.meter(work.meter);
    const auto fault = strike(world, work, true);
    if (fault == Fault::lost_request || fault == Fault::line_away || world.now < meter.dark_until) {
        world.trace.note("  plain write lost", meter.address());
        return core::WriteUnanswered{};
    }
    if (fault == Fault::meter_refuses) {
        return core::WriteRefused{"device busy"};
    }
    const bool ours = collector.fence() && world.store.holds(*collector.fence());
    const FrameTag tag{work.id.value, work.delivery.kind, ours ? Arrival::in_time : Arrival::stale};
    bool taken = meter.take(write, tag);
    if (world.plants.resends_blindly && fault == Fault::lost_answer) {
        taken = meter.take(write, tag);
    }
    world.trace.note("  plain write", meter.address(), taken ? 1 : 0, write.amount.ten_thousandths());
    if (fault == Fault::power_cut) {
        meter.dark_until = world.now + std::chrono::seconds{world.random.between(1, 1'200)};
    }
    if (fault) {
        return core::WriteUnanswered{};
    }
    return taken ? core::DeliveryEvent{core::WriteAnswered{}}
                 : core::DeliveryEvent{core::WriteRefused{"number"}};
}

DeliveryEnd ended(Stored stored, DeliveryEnd::Kind when_stored) {
    DeliveryEnd end;
    switch (stored) {
        case Stored::yes:
            end.kind = when_stored;
            break;
        case Stored::fenced:
            end.kind = DeliveryEnd::Kind::fenced;
            break;
        case Stored::rejected:
            end.kind = DeliveryEnd::Kind::rejected;
            break;
        case Stored::away:
            end.kind = DeliveryEnd::Kind::unsaved;
            break;
    }
    return end;
}

}  // namespace

DeliveryEnd run_plain_delivery(World& world, Collector& collector, collector::DeliveryWork& work,
                               collector::DeliveryJournal& journal) {
    if (work.delivery.finished()) {
        return ended(journal.finish(work), DeliveryEnd::Kind::finished);
    }
    core::CreditRules rules;
    rules.kind = world.meter(work.meter).kind();
    rules.price = core::Price{9'500};
    core::DeliveryStep next = core::step(work.delivery, rules, core::Restarted{});
    for (int steps = 0; steps < 64; ++steps) {
        const core::CreditDelivery before = std::exchange(work.delivery, next.delivery);
        if (std::holds_alternative<core::Look>(next.action)) {
            next = core::step(work.delivery, rules, look(world, collector, work));
        } else if (const auto* out = std::get_if<core::Write>(&next.action)) {
            const core::CreditWrite frame = out->write;
            if (const auto stored = journal.store(work); stored != Stored::yes) {
                work.delivery = before;
                return ended(stored, DeliveryEnd::Kind::later);
            }
            next = core::step(work.delivery, rules, write(world, collector, work, frame));
        } else if (std::holds_alternative<core::TryLater>(next.action)) {
            return ended(journal.store(work), DeliveryEnd::Kind::later);
        } else {
            return ended(journal.finish(work), DeliveryEnd::Kind::finished);
        }
    }
    throw Bug("a plain delivery did not come to an end");
}

}  // namespace wutong::simulation
