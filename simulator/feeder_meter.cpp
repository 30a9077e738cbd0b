#include "simulator/feeder_meter.hpp"

#include <bit>
#include <cmath>
#include <utility>

#include "simulator/electrical.hpp"

namespace wutong::simulator {
namespace {

using protocols::ExceptionCode;

/// Eastron's floats: IEEE 754 single, high word first.
void put_float(RegisterBlock& block, int reg, double value) {
    block.put32(reg, std::bit_cast<std::uint32_t>(static_cast<float>(value)));
}

}  // namespace

FeederMeter::FeederMeter(std::vector<PrepaidMeter*> below, int loss_permille, std::uint64_t seed)
    : below_{std::move(below)}, loss_permille_{loss_permille}, seed_{seed} {}

void FeederMeter::advance(core::Timestamp now) {
    for (auto* meter : below_) {
        meter->advance(now);
    }
}

std::int64_t FeederMeter::energy_mwh() const {
    std::int64_t sum = 0;
    for (const auto* meter : below_) {
        sum += meter->registers().energy_mwh;
    }
    return sum + sum / 1000 * loss_permille_ + sum % 1000 * loss_permille_ / 1000;
}

std::int64_t FeederMeter::load_w() const {
    std::int64_t sum = 0;
    for (const auto* meter : below_) {
        sum += meter->load_w();
    }
    return sum + sum * loss_permille_ / 1000;
}

protocols::Bytes FeederMeter::answer(protocols::ByteView pdu, core::Timestamp now) {
    advance(now);
    const auto parsed = protocols::parse_request(pdu);
    const auto function = pdu.empty() ? std::uint8_t{0} : pdu[0];
    if (const auto* code = std::get_if<ExceptionCode>(&parsed)) {
        return protocols::encode_exception(function, *code);
    }
    const auto* reading = std::get_if<protocols::ReadRequest>(&std::get<protocols::Request>(parsed));
    if (reading == nullptr || reading->function != protocols::kReadInput) {
        return protocols::encode_exception(function, ExceptionCode::illegal_function);
    }
    for (const auto& block : blocks(now)) {
        if (block.covers(*reading)) {
            return protocols::encode_read_reply(reading->function, block.part(*reading));
        }
    }
    return protocols::encode_exception(function, ExceptionCode::illegal_address);
}

/// The input registers of docs/protocols.md, Eastron SDM630. Between the blocks nothing is mapped.
std::vector<RegisterBlock> FeederMeter::blocks(core::Timestamp now) const {
    const auto shown = electrical_of(load_w(), 3, seed_, now);
    const double import_kwh = static_cast<double>(energy_mwh()) / 1e6;
    std::vector<RegisterBlock> all;

    RegisterBlock phases{0x0000, 0x24};
    for (int i = 0; i < 3; ++i) {
        const auto& phase = shown.phase[static_cast<std::size_t>(i)];
        put_float(phases, 0x00 + 2 * i, phase.voltage_v);
        put_float(phases, 0x06 + 2 * i, phase.current_a);
        put_float(phases, 0x0C + 2 * i, phase.active_w);
        put_float(phases, 0x12 + 2 * i, phase.apparent_va);
        put_float(phases, 0x18 + 2 * i, phase.reactive_var);
        put_float(phases, 0x1E + 2 * i, phase.power_factor);
    }
    all.push_back(std::move(phases));

    const auto one = [&all](int reg, double value) {
        RegisterBlock block{static_cast<std::uint16_t>(reg), 2};
        put_float(block, reg, value);
        all.push_back(std::move(block));
    };
    one(0x34, shown.active_w);
    one(0x38, shown.apparent_va);
    RegisterBlock reactive{0x003C, 4};
    put_float(reactive, 0x3C, shown.reactive_var);
    put_float(reactive, 0x3E, shown.power_factor);
    all.push_back(std::move(reactive));
    one(0x42, std::acos(shown.power_factor) * 57.29577951308232);

    RegisterBlock totals{0x0046, 10};
    put_float(totals, 0x46, shown.frequency_hz);
    put_float(totals, 0x48, import_kwh);
    all.push_back(std::move(totals));

    RegisterBlock sums{0x0156, 4};
    put_float(sums, 0x156, import_kwh);
    all.push_back(std::move(sums));
    return all;
}

}  // namespace wutong::simulator
