// A meter's clock: measured, written down, moved in small steps. What is decided is core/clock_keeping.
#include <spdlog/spdlog.h>

#include "collector/drivers/meter_driver.hpp"
#include "collector/drivers/wall_clock.hpp"
#include "collector/polling/channel_bus.hpp"

namespace wutong::collector {

namespace {

using Outcome = UpkeepSchedule::Outcome;
using core::ClockVerdict;
using std::chrono::seconds;

/// Between what was aimed at and what is read back.
constexpr seconds kStepErrorMax{3};

core::ClockLook look_of(const ClockReadout& readout, const FieldMeter& meter) {
    return {readout.asked_at, readout.answered_at, *readout.shown_s, meter.utc_offset};
}

std::optional<bool> alarm_of(ClockVerdict verdict) {
    if (verdict == ClockVerdict::unclear) {
        return std::nullopt;
    }
    return verdict == ClockVerdict::too_far;
}

}  // namespace

Channel::UpkeepEnd Channel::keep_clock(const FieldMeter& meter, MeterBus& bus, Yield yield) {
    const auto& driver = driver_of(*meter.profile);
    // First what the database knows, so that little time passes between the look and the step.
    const auto day = env_.database.run(
        [&](FieldStore& store) { return store.clock_day(meter.property, meter.id, env_.clock()); }, yield);
    const auto readout = driver.read_clock(bus, meter);
    if (!readout.answered()) {
        return {readout.kind == BusReply::Kind::silent ? Outcome::no_answer : Outcome::done, {}};
    }
    auto rules = env_.rules.clock;
    rules.calibrate = rules.calibrate && meter.profile->switchable();
    const auto look = look_of(readout, meter);
    const auto decision = core::decide_clock(look, day, rules);
    storage::ClockNote note{meter.property, meter.id,    look.answered_at,          decision.drift,
                            decision.text,  decision.by, alarm_of(decision.verdict)};
    const bool noted =
        env_.database.run([&](FieldStore& store) { return store.note_clock(note, rules); }, yield);
    switch (decision.verdict) {
        case ClockVerdict::step:
            return noted ? step_clock(meter, bus, look, decision, yield) : UpkeepEnd{Outcome::done, {}};
        case ClockVerdict::wait:
            return {Outcome::done, decision.again_in};
        case ClockVerdict::unclear:
            return {Outcome::no_answer, {}};
        case ClockVerdict::too_far:
            spdlog::warn("channel={} meter={} event=clock_too_far drift_s={}", settings_.code, meter.code,
                         decision.drift.count());
            break;
        case ClockVerdict::good:
        case ClockVerdict::used_up:
        case ClockVerdict::measured:
            break;
    }
    return {Outcome::done, {}};
}

Channel::UpkeepEnd Channel::step_clock(const FieldMeter& meter, MeterBus& bus, const core::ClockLook& look,
                                       const core::ClockDecision& decision, Yield yield) {
    const auto& driver = driver_of(*meter.profile);
    const auto middle = look.asked_at + (look.answered_at - look.asked_at) / 2;
    const auto passed = bus.now() - middle;
    if (passed > env_.rules.clock.margin / 2) {
        // The database took so long that the step could cross what it was kept from. It counts as made.
        return {Outcome::done, {}};
    }
    const core::Timestamp shown{seconds{look.shown_s}};
    const auto reply = driver.set_clock(bus, meter, wall_clock(shown + decision.by + passed, seconds{0}));
    spdlog::info("channel={} meter={} event=clock_step drift_s={} by_s={} answer=\"{}\"", settings_.code,
                 meter.code, decision.drift.count(), decision.by.count(), reply.reason);
    // Whatever the answer was: the clock says what became of it.
    const auto again = driver.read_clock(bus, meter);
    if (!again.answered()) {
        return {Outcome::done, {}};
    }
    auto measure_only = env_.rules.clock;
    measure_only.calibrate = false;
    const auto after = core::decide_clock(look_of(again, meter), {}, measure_only);
    const bool taken = std::chrono::abs(after.drift - (decision.drift + decision.by)) <= kStepErrorMax;
    storage::ClockNote note{meter.property, meter.id,   again.answered_at,      after.drift,
                            decision.text,  seconds{0}, alarm_of(after.verdict)};
    if (!taken) {
        note.text += "; the meter did not take it" + (reply.reason.empty() ? "" : ": " + reply.reason);
        spdlog::warn("channel={} meter={} event=clock_step_not_taken drift_s={}", settings_.code, meter.code,
                     after.drift.count());
    }
    env_.database.run([&](FieldStore& store) { return store.note_clock(note, env_.rules.clock); }, yield);
    return {Outcome::done, {}};
}

}  // namespace wutong::collector
