// The readable registers of the Acrel prepaid meters. Layouts: docs/protocols.md, Acrel.
#include <algorithm>
#include <cmath>

#include "simulator/acrel_meter.hpp"
#include "simulator/electrical.hpp"

namespace wutong::simulator {
namespace {

std::uint16_t unsigned_word(double value) {
    return static_cast<std::uint16_t>(std::clamp(std::llround(value), 0LL, 65'535LL));
}

/// A register that is too small for the scaled load stays at its end, as in a meter.
std::uint16_t signed_word(double value) {
    return static_cast<std::uint16_t>(
        static_cast<std::int16_t>(std::clamp(std::llround(value), -32'768LL, 32'767LL)));
}

std::uint32_t energy_register(std::int64_t milliwatt_hours) {
    return static_cast<std::uint32_t>(milliwatt_hours / 10'000);
}

std::uint32_t balance_register(const PrepaidMeter& meter) {
    return static_cast<std::uint32_t>(static_cast<std::int32_t>(meter.balance_cents()));
}

struct WallClock {
    int year, month, day, weekday, hour, minute, second;
};

WallClock wall_clock(core::Timestamp clock, std::chrono::minutes local_offset) {
    const auto local = clock + local_offset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(local - day)};
    return {static_cast<int>(date.year()),
            static_cast<int>(static_cast<unsigned>(date.month())),
            static_cast<int>(static_cast<unsigned>(date.day())),
            static_cast<int>(std::chrono::weekday{day}.c_encoding()),
            static_cast<int>(time.hours().count()),
            static_cast<int>(time.minutes().count()),
            static_cast<int>(time.seconds().count())};
}

std::uint8_t byte(int value) {
    return static_cast<std::uint8_t>(value);
}

RegisterBlock basic_block(int phases, const PrepaidMeter& meter, const Electrical& now) {
    // The sheet knows this block for the single-phase meter; its three-phase relatives have the energies.
    RegisterBlock block{0x0000, phases == 1 ? 18U : 10U};
    const auto energy = energy_register(meter.registers().energy_mwh);
    block.put32(0x00, energy);
    block.put32(0x06, energy);  // the day schedule knows one rate: flat
    if (phases == 1) {
        block.put16(0x0B, unsigned_word(now.phase[0].voltage_v * 10));
        block.put16(0x0C, unsigned_word(now.phase[0].current_a * 100));
        block.put16(0x0D, signed_word(now.active_w));
        block.put16(0x0E, signed_word(now.reactive_var));
        block.put16(0x0F, unsigned_word(now.apparent_va));
        block.put16(0x10, signed_word(now.power_factor * 1000));
        block.put16(0x11, unsigned_word(now.frequency_hz * 100));
    }
    return block;
}

std::uint16_t status_a(int phases, const PrepaidMeter& meter) {
    const unsigned lines = phases == 3 ? 0b111U : 0b001U;
    unsigned word = meter.registers().credit_relay_closed ? lines : 0U;
    word |= meter.registers().prepaid ? 1U << 3 : 0U;
    word |= meter.over_limit() ? 1U << 4 : 0U;
    word |= meter.arrears() ? 1U << 5 : 0U;
    word |= meter.disturbances().fault ? 1U << 8 : 0U;
    word |= meter.alarm_1() ? 1U << 6 : 0U;
    word |= meter.alarm_2() ? 1U << 7 : 0U;
    word |= meter.relay_closed() ? lines << 13 : 0U;
    return static_cast<std::uint16_t>(word);
}

std::uint16_t status_b(int phases, const PrepaidMeter& meter) {
    const unsigned lines = phases == 3 ? 0b111U : 0b001U;
    const auto& registers = meter.registers();
    unsigned word = registers.forced && !registers.forced_open ? lines : 0U;
    word |= registers.forced ? 1U << 3 : 0U;
    word |= lines << 4;  // time control never opens here
    word |= registers.overload_open ? 0U : lines << 8;
    word |= registers.load_control ? 1U << 11 : 0U;
    return static_cast<std::uint16_t>(word);
}

RegisterBlock live_block(const AcrelMeter::Identity& identity, int phases, const PrepaidMeter& meter,
                         const Electrical& now) {
    RegisterBlock block{0x0200, 48};
    const auto& registers = meter.registers();
    block.put16(0x200, identity.model == Model::ddsy1352 ? 7 : identity.model == Model::dtsy1352 ? 5 : 10);
    for (int i = 0; i < phases; ++i) {
        const auto& phase = now.phase[static_cast<std::size_t>(i)];
        block.put16(0x201 + i, unsigned_word(phase.voltage_v * 10));
        block.put16(0x204 + i, unsigned_word(phase.current_a * 100));
        block.put16(0x207 + i, signed_word(phase.active_w));
        block.put16(0x20B + i, signed_word(phase.reactive_var));
        block.put16(0x20F + i, signed_word(phase.power_factor * 1000));
    }
    block.put16(0x20A, signed_word(now.active_w));
    block.put16(0x20E, signed_word(now.reactive_var));
    block.put16(0x212, signed_word(now.power_factor * 1000));
    block.put16(0x213, 1);
    block.put16(0x214, 1);
    block.put32(0x215, energy_register(registers.energy_mwh));
    block.put32(0x21B, energy_register(registers.energy_mwh));
    block.put32(0x21F, balance_register(meter));
    block.put16(0x221, registers.purchase_number);
    block.put16(0x222, registers.overload_trips);
    block.put16(0x223, registers.overload_trips_allowed);
    block.put16(0x224, status_a(phases, meter));
    block.put16(0x225, status_b(phases, meter));
    block.put32(0x226, registers.base_energy);
    const auto clock = wall_clock(meter.clock(), identity.local_offset);
    block.put_bytes(0x228, byte(clock.year % 100), byte(clock.month));
    block.put_bytes(0x229, byte(clock.day), byte(clock.weekday));
    block.put_bytes(0x22A, byte(clock.hour), byte(clock.minute));
    block.put_bytes(0x22B, byte(clock.second), 0);
    const int size = identity.box_circuits == 36 ? 0 : identity.box_circuits == 24 ? 1 : 2;
    block.put_bytes(0x22F, byte(identity.model == Model::adf300 ? size : 0), byte(phases == 3 ? 0 : 1));
    return block;
}

RegisterBlock parameter_block(int phases, const PrepaidMeter& meter) {
    RegisterBlock block{0x0046, 28};
    const auto& registers = meter.registers();
    block.put32(0x46, registers.alarm_1_cents);
    block.put32(0x48, registers.alarm_2_cents);
    block.put32(0x4A, registers.overdraft_cents);
    block.put16(0x4E, registers.purchase_number);
    block.put32(0x4F, balance_register(meter));
    block.put_bytes(0x55, byte(registers.credit_relay_closed ? (phases == 3 ? 0b111 : 0b001) : 0), 0);
    block.put16(0x57, registers.forced ? 1 : 0);
    block.put16(0x58, registers.forced_open ? 1 : 0);
    for (int rate = 0; rate < 4; ++rate) {
        block.put32(0x59 + 2 * rate, registers.price_e4[static_cast<std::size_t>(rate)]);
    }
    block.put16(0x61, registers.overload_w);
    return block;
}

RegisterBlock prepaid_readback(const PrepaidMeter& meter) {
    RegisterBlock block{0x0400, 25};
    const auto& registers = meter.registers();
    block.put16(0x400, registers.prepaid ? 1 : 0);
    block.put16(0x401, registers.purchase_number);
    for (int rate = 0; rate < 4; ++rate) {
        block.put32(0x402 + 2 * rate, registers.price_e4[static_cast<std::size_t>(rate)]);
    }
    block.put32(0x40A, registers.alarm_1_cents);
    block.put32(0x40C, registers.alarm_2_cents);
    block.put32(0x40E, registers.overdraft_cents);
    block.put32(0x412, registers.total_purchased);
    block.put32(0x414, balance_register(meter));
    block.put32(0x416, registers.base_energy);
    block.put16(0x418, registers.extra_byte);
    return block;
}

RegisterBlock circuit_readback(const PrepaidMeter& meter) {
    RegisterBlock block{0x0500, 18};
    const auto& registers = meter.registers();
    block.put16(0x500, registers.prepaid ? 1 : 0);
    for (int rate = 0; rate < 4; ++rate) {
        block.put32(0x501 + 2 * rate, registers.price_e4[static_cast<std::size_t>(rate)]);
    }
    block.put32(0x509, registers.alarm_1_cents);
    block.put32(0x50B, registers.alarm_2_cents);
    block.put16(0x50F, registers.purchase_number);
    return block;
}

/// One group of six: power, step, power factor, recover time, trips allowed, unnamed. The sheet gives only
/// the number of registers; the order is the one in which the command carries the fields.
void put_load_group(RegisterBlock& block, int reg, const PrepaidRegisters& registers) {
    block.put16(reg, registers.overload_w);
    block.put16(reg + 1, registers.power_step_w);
    block.put16(reg + 2, registers.power_factor_limit);
    block.put16(reg + 3, registers.recover_minutes);
    block.put16(reg + 4, registers.overload_trips_allowed);
}

RegisterBlock load_block(Model model, const PrepaidMeter& meter) {
    const auto& registers = meter.registers();
    const int first = model == Model::adf300 ? 0x0700 : 0x0480;
    const int groups = model == Model::dtsy1352 ? 3 : 1;
    const std::size_t count = model == Model::adf300 ? 8 : model == Model::dtsy1352 ? 19 : 7;
    RegisterBlock block{static_cast<std::uint16_t>(first), count};
    block.put16(first, registers.load_control ? 1 : 0);
    for (int group = 0; group < groups; ++group) {
        put_load_group(block, first + 1 + 6 * group, registers);
    }
    return block;
}

/// 0360h main and 0365h second port: address, baud index, parity index, stop index, meter number.
RegisterBlock port_block(const AcrelMeter::Identity& identity, const PrepaidRegisters& registers) {
    constexpr std::uint8_t kIndexOf9600 = 3;  // 1200, 2400, 4800, 9600, ...
    RegisterBlock block{0x0360, 10};
    const auto& number = registers.number_bcd;
    for (const int reg : {0x360, 0x365}) {
        block.put_bytes(reg, identity.address, kIndexOf9600);
        for (int i = 0; i < 3; ++i) {
            const auto at = static_cast<std::size_t>(2 * i);
            block.put_bytes(reg + 2 + i, number[at], number[at + 1]);
        }
    }
    return block;
}

RegisterBlock number_block(const PrepaidRegisters& registers) {
    RegisterBlock block{0x0043, 3};
    for (int i = 0; i < 3; ++i) {
        const auto at = static_cast<std::size_t>(2 * i);
        block.put_bytes(0x43 + i, registers.number_bcd[at], registers.number_bcd[at + 1]);
    }
    return block;
}

RegisterBlock old_clock_block(const AcrelMeter::Identity& identity, const PrepaidMeter& meter) {
    RegisterBlock block{0x003C, 3};
    const auto clock = wall_clock(meter.clock(), identity.local_offset);
    block.put_bytes(0x3C, byte(clock.second), byte(clock.minute));
    block.put_bytes(0x3D, byte(clock.hour), byte(clock.day));
    block.put_bytes(0x3E, byte(clock.month), byte(clock.year % 100));
    return block;
}

}  // namespace

std::vector<RegisterBlock> acrel_blocks(const AcrelMeter::Identity& identity, const PrepaidMeter& meter) {
    const int phases = identity.model == Model::dtsy1352 ? 3 : 1;
    const auto now = electrical_of(meter.load_w(), phases, identity.seed, meter.now(),
                                   meter.disturbances().voltage_unbalanced);
    std::vector<RegisterBlock> blocks;
    blocks.push_back(live_block(identity, phases, meter, now));
    blocks.push_back(parameter_block(phases, meter));
    blocks.push_back(load_block(identity.model, meter));
    if (identity.model == Model::adf300) {
        blocks.push_back(circuit_readback(meter));
        return blocks;
    }
    blocks.push_back(basic_block(phases, meter, now));
    blocks.push_back(prepaid_readback(meter));
    blocks.push_back(port_block(identity, meter.registers()));
    blocks.push_back(number_block(meter.registers()));
    blocks.push_back(old_clock_block(identity, meter));
    RegisterBlock run_word{0x0022, 1};
    run_word.put16(0x22, 1U << 6);  // prepaid model, one rate, cipher off
    blocks.push_back(run_word);
    RegisterBlock transformers{0x0037, 2};
    transformers.put16(0x37, 1);
    transformers.put16(0x38, 1);
    blocks.push_back(transformers);
    return blocks;
}

}  // namespace wutong::simulator
