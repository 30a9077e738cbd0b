#include "simulator/building.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "simulator/history.hpp"

namespace wutong::simulator {
namespace {

/// The clocks of a building don't agree: each runs up to 20 s in 10^6 s fast or slow.
constexpr std::int64_t kDriftPpmMax = 20;

/// A number that belongs to this meter and this seed.
std::uint64_t seed_of(std::uint64_t seed, const std::string& serial) {
    std::uint64_t hash = 1469598103934665603U ^ (seed * 0x9E3779B97F4A7C15U);
    for (const char c : serial) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    return hash ^ (hash >> 29);
}

}  // namespace

Building::Building(BuildingPlan plan, const LoadCurves& curves, core::Timestamp now)
    : plan_{std::move(plan)}, faults_{plan_.seed} {
    for (const auto& meter : plan_.meters) {
        install(meter, curves, now);
    }
    connect_boxes();
    connect_feeders();
}

void Building::install(const MeterPlan& plan, const LoadCurves& curves, core::Timestamp now) {
    meters_.push_back(std::make_unique<InstalledMeter>());
    auto* installed = meters_.back().get();
    installed->plan = plan;
    by_serial_[plan.serial] = installed;
    const bool modbus = speaks(plan.model, LineFraming::modbus);
    if (modbus && plan.twin) {
        twins_.emplace(std::pair{plan.line, plan.address}, installed);
    } else if (modbus) {
        by_address_[{plan.line, plan.address}] = installed;
    } else {
        framed_by_line_[plan.line].push_back(installed);
    }
    if (!is_prepaid(plan.model)) {
        return;
    }
    const auto* curve = curves.find(plan.premises_id);
    const auto seed = seed_of(plan_.seed, plan.serial);
    const auto drift = static_cast<std::int64_t>(seed % (2 * kDriftPpmMax + 1)) - kDriftPpmMax;
    PrepaidMeter meter{
        [this, installed, curve](core::Timestamp at) { return demand(*installed, *curve, at); },
        plan_.price_scale, drift, now};
    if (modbus) {
        AcrelMeter::Identity identity;
        identity.model = plan.model;
        identity.address = static_cast<std::uint8_t>(plan.address);
        identity.serial = plan.serial;
        identity.seed = seed;
        identity.box_circuits = plan.box_circuits;
        identity.local_offset = plan_.local_offset;
        installed->acrel = std::make_unique<AcrelMeter>(identity, std::move(meter));
    } else {
        installed->framed = make_framed(plan, seed, std::move(meter));
    }
    if (plan_.history_days > 0) {
        installed->prepaid()->edit().energy_mwh = past_days(plan_, plan, *curve, now).back().last_mwh;
    }
}

void Building::connect_boxes() {
    std::map<std::pair<std::string, int>, std::vector<AcrelMeter*>> boxes;
    for (const auto& meter : meters_) {
        if (meter->plan.model == Model::adf300) {
            boxes[{meter->plan.line, meter->plan.box}].push_back(meter->acrel.get());
        }
    }
    for (const auto& [key, circuits] : boxes) {
        for (auto* circuit : circuits) {
            circuit->set_box(circuits);
        }
    }
}

void Building::connect_feeders() {
    std::map<std::string, PrepaidMeter*> by_code;
    for (const auto& meter : meters_) {
        if (auto* prepaid = meter->prepaid()) {
            by_code[meter->plan.code] = prepaid;
        }
    }
    for (auto& meter : meters_) {
        if (is_prepaid(meter->plan.model)) {
            continue;
        }
        std::vector<PrepaidMeter*> below;
        for (const auto& code : meter->plan.feeds) {
            if (const auto found = by_code.find(code); found != by_code.end()) {
                below.push_back(found->second);
            }
        }
        meter->feeder = std::make_unique<FeederMeter>(std::move(below), plan_.loss_permille,
                                                      seed_of(plan_.seed, meter->plan.serial));
    }
}

PrepaidMeter::Demand Building::demand(const InstalledMeter& meter, const LoadCurve& curve,
                                      core::Timestamp at) const {
    const auto hour_end = std::chrono::floor<std::chrono::hours>(at + plan_.local_offset) +
                          std::chrono::hours{1} - plan_.local_offset;
    if (meter.load_w) {
        return {*meter.load_w, hour_end};
    }
    const auto watts = curve.watts_at(at, plan_.local_offset, meter.plan.shift_weeks);
    return {watts * plan_.load_scale.thousandths / 1000, hour_end};
}

Exchange Building::exchange(const std::string& line, std::uint8_t unit, protocols::ByteView pdu,
                            core::Timestamp now) {
    if (unit == 0) {  // broadcast: all act, nobody answers
        for (auto& meter : meters_) {
            if (meter->plan.line == line && !meter->dead && meter->silent_until <= now && meter->acrel) {
                static_cast<void>(meter->acrel->answer(pdu, now));
            }
        }
        return {};
    }
    if (pdu.empty()) {
        return {};
    }
    const std::pair<std::string, int> place{line, unit};
    const auto found = by_address_.find(place);
    Exchange exchange = found == by_address_.end() ? Exchange{} : ask(*found->second, pdu, now);
    const auto [begin, end] = twins_.equal_range(place);
    for (auto twin = begin; twin != end; ++twin) {
        auto other = ask(*twin->second, pdu, now);
        if (!other.answered) {
            continue;
        }
        if (exchange.answered) {
            exchange.fault = FaultKind::garbled_answer;  // two talk at once: nobody can read it
        } else {
            exchange = std::move(other);
        }
    }
    return exchange;
}

Exchange Building::ask(InstalledMeter& meter, protocols::ByteView pdu, core::Timestamp now) {
    const auto& line = meter.plan.line;
    const auto unit = static_cast<std::uint8_t>(meter.plan.address);
    auto* prepaid = meter.prepaid();
    if (prepaid != nullptr) {
        prepaid->advance(now);
    }
    if (meter.dead || meter.silent_until > now || (prepaid != nullptr && !prepaid->powered())) {
        return {};
    }
    const auto fault = faults_.strike(meter.plan.serial, line, pdu[0]);
    if (fault && fault->kind == FaultKind::lost_request) {
        return {};
    }
    Exchange exchange;
    exchange.pdu = meter.acrel ? meter.acrel->answer(pdu, now) : meter.feeder->answer(pdu, now);
    exchange.unit = unit;
    exchange.answered = true;
    if (!fault) {
        return exchange;
    }
    const auto met = meet(meter, *fault, now);
    exchange.answered = met.answered;
    exchange.fault = met.fault;
    exchange.delay_ms = met.delay_ms;
    if (met.foreign) {
        exchange.unit = static_cast<std::uint8_t>(unit % protocols::kUnitMax + 1);
    }
    return exchange;
}

void Building::advance(core::Timestamp now) {
    for (auto& meter : meters_) {
        meter->advance(now);
    }
}

Sums Building::sums() const {
    Sums sums;
    for (const auto& meter : meters_) {
        if (const auto* prepaid = meter->prepaid()) {
            sums.balance_e10 += prepaid->registers().balance_e10;
            sums.cost_e10 += prepaid->registers().cost_e10;
            sums.energy_mwh += prepaid->registers().energy_mwh;
        }
    }
    return sums;
}

InstalledMeter* Building::find(const std::string& serial) {
    const auto found = by_serial_.find(serial);
    return found == by_serial_.end() ? nullptr : found->second;
}

void Building::set_load(InstalledMeter& meter, std::optional<std::int64_t> watts) {
    meter.load_w = watts;
    if (auto* prepaid = meter.prepaid()) {
        prepaid->settle();
    }
}

std::uint64_t Building::revision() const {
    std::uint64_t sum = 0;
    for (const auto& meter : meters_) {
        if (const auto* prepaid = meter->prepaid()) {
            sum += prepaid->revision();
        }
    }
    return sum;
}

}  // namespace wutong::simulator
