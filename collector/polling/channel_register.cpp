// What a meter's register shows is charged by, so it is looked at before it is believed.
#include <spdlog/spdlog.h>

#include "collector/polling/channel.hpp"
#include "collector/polling/meter_facts.hpp"

namespace wutong::collector {

namespace {

using core::Quantity;

std::optional<core::RegisterSample> sample_of(const MeterReadout& readout) {
    const auto energy = readout.register_value();
    if (!readout.answered() || !energy) {
        return std::nullopt;
    }
    core::RegisterSample sample{core::Energy{*energy}, readout.at, readout.value(Quantity::power_total),
                                readout.value(Quantity::clock)};
    if (!sample.power_w) {
        sample.power_w = readout.value(Quantity::power_a);
    }
    return sample;
}

core::PlausibilityRules rules_of(const core::MeterProfile& profile) {
    constexpr std::int64_t kOnePhase = 30'000;
    constexpr std::int64_t kThreePhases = 120'000;
    constexpr std::int64_t kLitresAnHour = 25'000;  // the overload of a DN 40
    const auto usual = profile.commodity() == core::Commodity::water ? kLitresAnHour
                       : profile.phases == 1                         ? kOnePhase
                                                                     : kThreePhases;
    return {profile.energy_quantum, profile.power_max_w > 0 ? profile.power_max_w : usual, std::nullopt,
            profile.commodity()};
}

core::DoubtedRegister doubt_of(const core::Judgement& judged, const core::RegisterSample& sample,
                               const core::RegisterHistory& history) {
    const auto& before = history.good ? *history.good : sample;
    return {judged.verdict, sample.energy, before.energy, before.at, judged.capacity, judged.text};
}

}  // namespace

void Channel::learn_register(MeterEntry& entry, const ChannelMeter& polled) {
    const bool decided = polled.register_decided_at != entry.register_decided_at;
    entry.register_decided_at = polled.register_decided_at;
    if (polled.register_known && (decided || !entry.registers.good)) {
        core::accept(entry.registers, *polled.register_known);
        entry.registers.jumped_to = polled.jumped_to;
    }
}

void Channel::look_twice(const Poll& poll, const FieldMeter& meter, MeterReadout& readout,
                         SteadyTime& not_before, Yield yield) {
    const auto first = sample_of(readout);
    MeterEntry* entry = first ? find(meter.id) : nullptr;
    // While a doubt stands there is no need to ask twice each time.
    if (entry == nullptr || !core::is_usable(entry->verdict)) {
        return;
    }
    const auto rules = rules_of(*meter.profile);
    auto registers = entry->registers;
    const auto judged = core::judge(registers, *first, rules);
    if (core::is_usable(judged.verdict)) {
        return;
    }
    MeterReadout again = read_poll(poll, meter, not_before, yield);
    const auto second = sample_of(again);
    entry = find(meter.id);
    if (entry == nullptr || !second) {
        return;
    }
    registers = entry->registers;
    if (core::is_usable(core::judge(registers, *second, rules).verdict)) {
        spdlog::warn("channel={} meter={} event=register_torn shown_wh={} again_wh={}", settings_.code,
                     meter.code, first->energy.watt_hours(), second->energy.watt_hours());
        readout.register_unusable = true;
        readout.doubt = doubt_of(judged, *first, entry->registers);
        readout.doubt->verdict = core::Plausibility::torn;
        readout.doubt_is_new = true;
        env_.sink.reading(reading_row(meter, readout, "state"));
    }
    readout = std::move(again);
}

void Channel::judge_register(MeterEntry& entry, MeterReadout& readout) {
    const auto sample = sample_of(readout);
    if (!sample) {
        return;
    }
    const auto before = entry.registers;
    const auto judged = core::judge(entry.registers, *sample, rules_of(*entry.meter.profile));
    readout.register_unusable = !core::is_usable(judged.verdict);
    const bool changed = judged.verdict != std::exchange(entry.verdict, judged.verdict);
    if (judged.verdict == core::Plausibility::good) {
        if (changed) {
            spdlog::info("channel={} meter={} event=register_plausible_again wh={}", settings_.code,
                         entry.meter.code, sample->energy.watt_hours());
        }
        return;
    }
    readout.doubt = doubt_of(judged, *sample, before);
    readout.doubt_is_new = changed;
    if (changed) {
        spdlog::warn("channel={} meter={} event=register_{} reason=\"{}\"", settings_.code, entry.meter.code,
                     core::to_string(judged.verdict), judged.text);
    }
}

}  // namespace wutong::collector
