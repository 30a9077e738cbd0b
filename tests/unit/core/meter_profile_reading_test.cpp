#include <catch2/catch.hpp>
#include <limits>

#include "core/meter_profile.hpp"
#include "unit/core/profile_files.hpp"
#include "unit/core/seeded.hpp"

using namespace wutong::core;
using Words = std::vector<std::uint16_t>;
using Group = Block::Group;

namespace {

Block block_of(std::uint16_t address, std::uint16_t count, Group group = Group::reading, int function = 3) {
    Block block;
    block.name = std::to_string(address);
    block.function = function;
    block.address = address;
    block.count = count;
    block.group = group;
    return block;
}

MeterProfile profile_of(std::vector<Block> blocks, int registers_max, int gap_max) {
    MeterProfile profile;
    profile.blocks = std::move(blocks);
    profile.registers_max = registers_max;
    profile.gap_max = gap_max;
    return profile;
}

std::optional<std::int64_t> decoded(RegisterType type, Words words, std::int64_t num = 1,
                                    std::int64_t den = 1, int bit = 0, bool invert = false) {
    Field field;
    field.quantity = Quantity::voltage_a;
    field.address = 0x10;
    field.type = type;
    field.scale_num = num;
    field.scale_den = den;
    field.bit = bit;
    field.invert = invert;
    Block block = block_of(0x10, static_cast<std::uint16_t>(words.size()));
    block.fields = {field};
    Values values;
    decode(profile_of({block}, 125, 0), {3, 0x10, block.count}, words, values);
    const auto found = values.find(Quantity::voltage_a);
    return found == values.end() ? std::nullopt : std::optional{found->second};
}

constexpr std::optional<std::int64_t> kMissing = std::nullopt;

/// The live block of a single-phase meter as it would come over the wire, from register 0200h.
Words live_words() {
    Words words(48, 0);
    const auto put = [&words](int reg, std::initializer_list<int> values) {
        for (const int value : values) {
            words[static_cast<std::size_t>(reg++ - 0x200)] = static_cast<std::uint16_t>(value);
        }
    };
    put(0x200, {7});
    put(0x201, {2305});    // 230.5 V
    put(0x204, {1234});    // 12.34 A
    put(0x207, {0xFFFE});  // -2 W
    put(0x20A, {2840});    // 2840 W
    put(0x20E, {0xFF9C});  // -100 var
    put(0x212, {987});
    put(0x215, {0x0001, 0xE240});  // 1234.56 kWh
    put(0x21B, {0x0001, 0xE240});
    put(0x21F, {0xFFFF, 0xFFFF});  // -0.01
    put(0x221, {12});
    put(0x224, {0x2009, 0x0008});                  // output and credit relay closed, prepaid on; forced, open
    put(0x228, {0x1A0B, 0x1506, 0x0A1E, 0x3B00});  // 2026-11-21 10:30:59
    return words;
}

}  // namespace

TEST_CASE("reads are as few as the profile allows", "[profile]") {
    using Spans = std::vector<RegisterSpan>;
    const std::vector<Group> readings{Group::reading};
    CHECK(plan_reads(profile_of({block_of(10, 5), block_of(0, 10)}, 125, 0), readings) == Spans{{3, 0, 15}});
    CHECK(plan_reads(profile_of({block_of(0, 10), block_of(11, 5)}, 125, 0), readings) ==
          Spans{{3, 0, 10}, {3, 11, 5}});
    CHECK(plan_reads(profile_of({block_of(0, 10), block_of(11, 5)}, 125, 1), readings) == Spans{{3, 0, 16}});
    CHECK(plan_reads(profile_of({block_of(0, 10), block_of(10, 10)}, 19, 0), readings) ==
          Spans{{3, 0, 10}, {3, 10, 10}});
    CHECK(plan_reads(profile_of({block_of(0, 10), block_of(10, 10, Group::reading, 4)}, 125, 9), readings) ==
          Spans{{3, 0, 10}, {4, 10, 10}});
    CHECK(plan_reads(profile_of({block_of(0, 60), block_of(60, 60), block_of(120, 60)}, 120, 0), readings) ==
          Spans{{3, 0, 120}, {3, 120, 60}});
    CHECK(plan_reads(profile_of({block_of(0xFFF0, 8), block_of(0xFFF8, 8)}, 125, 0), readings) ==
          Spans{{3, 0xFFF0, 16}});
    CHECK(plan_reads(profile_of({}, 125, 0), readings).empty());
}

TEST_CASE("a plan brings the groups that were asked for", "[profile]") {
    using Spans = std::vector<RegisterSpan>;
    const auto profile = profile_of(
        {block_of(0, 4, Group::state), block_of(10, 4, Group::reading), block_of(20, 4, Group::settings)},
        125, 0);
    CHECK(plan_reads(profile, {Group::state}) == Spans{{3, 0, 4}});
    CHECK(plan_reads(profile, {Group::reading, Group::settings}) == Spans{{3, 10, 4}, {3, 20, 4}});
    CHECK(plan_reads(profile, {}).empty());

    const MeterProfile acrel = test::shipped_profile("acrel-ddsy1352");
    const Spans live{{3, 0x0200, 48}};
    CHECK(plan_reads(acrel, {Group::state}) == live);
    CHECK(plan_reads(acrel, {Group::reading}) == live);  // the state block brings the energy too
    CHECK(plan_reads(acrel, {Group::state, Group::reading}) == live);
    CHECK(plan_reads(acrel, {Group::settings}) == Spans{{3, 0x0061, 1}, {3, 0x0400, 25}});

    const MeterProfile feeder = test::shipped_profile("eastron-sdm630");
    CHECK(plan_reads(feeder, {Group::state}) == Spans{{4, 0x0000, 18}, {4, 0x0034, 2}});
    CHECK(plan_reads(feeder, {Group::reading}) == Spans{{4, 0x003C, 4}, {4, 0x0046, 6}});
    CHECK(plan_reads(feeder, {Group::settings}).empty());
    CHECK(plan_reads(profile_of({block_of(10, 4)}, 125, 0), {Group::state}) == Spans{{3, 10, 4}});
}

TEST_CASE("no plan has more reads than trying every way of merging", "[profile][property]") {
    WUTONG_SHOW_SEED();
    test::Random random{test::seed_of_run()};
    for (int run = 0; run < 3'000; ++run) {
        std::vector<Block> blocks;
        int address = 0;
        const auto count = random.between(1, 9);
        for (std::int64_t i = 0; i < count; ++i) {
            address += static_cast<int>(random.between(0, 6));
            const int length = static_cast<int>(random.between(1, 12));
            blocks.push_back(
                block_of(static_cast<std::uint16_t>(address), static_cast<std::uint16_t>(length)));
            address += length;
        }
        const int registers_max = static_cast<int>(random.between(12, 40));
        const int gap_max = static_cast<int>(random.between(0, 4));

        // Each bit of `cuts` says whether a read ends after that block.
        std::size_t fewest = blocks.size();
        for (unsigned cuts = 0; cuts < 1U << (blocks.size() - 1); ++cuts) {
            std::size_t reads = 1;
            int start = blocks[0].address;
            bool possible = true;
            for (std::size_t i = 1; i < blocks.size() && possible; ++i) {
                const int end_before = blocks[i - 1].address + blocks[i - 1].count;
                if ((cuts >> (i - 1) & 1U) != 0) {
                    start = blocks[i].address;
                    ++reads;
                } else {
                    possible = blocks[i].address - end_before <= gap_max &&
                               blocks[i].address + blocks[i].count - start <= registers_max;
                }
            }
            if (possible && reads < fewest) {
                fewest = reads;
            }
        }

        const MeterProfile profile = profile_of(blocks, registers_max, gap_max);
        const auto plan = plan_reads(profile, {Group::reading});
        REQUIRE(plan.size() == fewest);
        for (const RegisterSpan& span : plan) {
            REQUIRE(span.count <= registers_max);
        }
        for (const Block& block : blocks) {
            REQUIRE(std::any_of(plan.begin(), plan.end(), [&block](const RegisterSpan& span) {
                return block.address >= span.address &&
                       block.address + block.count <= span.address + span.count;
            }));
        }
    }
}

TEST_CASE("register types", "[profile]") {
    using T = RegisterType;
    CHECK(decoded(T::u16, {0x1234}) == 0x1234);
    CHECK(decoded(T::u16, {0xFFFF}) == kMissing);
    CHECK(decoded(T::u16, {0xFFFE}) == 65'534);
    CHECK(decoded(T::s16, {0xFFFF}) == -1);
    CHECK(decoded(T::s16, {0x8000}) == -32'768);
    CHECK(decoded(T::s16, {0x7FFF}) == kMissing);
    CHECK(decoded(T::u32, {0x0001, 0x0002}) == 65'538);
    CHECK(decoded(T::u32, {0xFFFF, 0xFFFF}) == kMissing);
    CHECK(decoded(T::u32, {0xFFFF, 0xFFFE}) == 4'294'967'294);
    CHECK(decoded(T::s32, {0xFFFF, 0xFFFE}) == -2);
    CHECK(decoded(T::s32, {0x7FFF, 0xFFFF}) == kMissing);
    CHECK(decoded(T::s32_low_word_first, {0x0002, 0x0001}) == 65'538);
    CHECK(decoded(T::s32_low_word_first, {0xFFFE, 0xFFFF}) == -2);
    CHECK(decoded(T::s32_low_word_first, {0xFFFF, 0x7FFF}) == kMissing);
    CHECK(decoded(T::u64, {0, 0, 1, 0}) == 65'536);
    CHECK(decoded(T::u64, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}) == kMissing);
    CHECK(decoded(T::u64, {0x8000, 0, 0, 0}) == kMissing);  // does not fit
    CHECK(decoded(T::s64, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}) == -1);
    CHECK(decoded(T::s64, {0x8000, 0, 0, 0}) == std::numeric_limits<std::int64_t>::min());
    CHECK(decoded(T::s64, {0x7FFF, 0xFFFF, 0xFFFF, 0xFFFF}) == kMissing);
    CHECK(decoded(T::bit, {0x0008}, 1, 1, 3) == 1);
    CHECK(decoded(T::bit, {0x0008}, 1, 1, 4) == 0);
    CHECK(decoded(T::bit, {0x0008}, 1, 1, 3, true) == 0);
    CHECK(decoded(T::bit, {0x8000}, 1, 1, 15) == 1);
    CHECK(decoded(T::bit, {0xFFFF}, 1, 1, 3) == kMissing);
}

TEST_CASE("scales are exact in integers and rounded to the nearest", "[profile]") {
    using T = RegisterType;
    CHECK(decoded(T::u32, {0xFFFF, 0xFFFE}, 10) == 42'949'672'940);
    CHECK(decoded(T::u16, {14}, 1, 10) == 1);
    CHECK(decoded(T::u16, {15}, 1, 10) == 2);
    CHECK(decoded(T::s16, {0xFFF1}, 1, 10) == -2);  // -1.5
    CHECK(decoded(T::s16, {5}, -1) == -5);
    CHECK(decoded(T::u64, {0x7000, 0, 0, 0}, 1000) == kMissing);
}

TEST_CASE("floating-point registers", "[profile]") {
    using T = RegisterType;
    CHECK(decoded(T::f32, {0x4366, 0x8000}, 1000) == 230'500);  // 230.5
    CHECK(decoded(T::f32, {0xC120, 0x0000}) == -10);
    CHECK(decoded(T::f32, {0x3FC0, 0x0000}) == 2);  // 1.5
    CHECK(decoded(T::f32, {0x0000, 0x0000}, 1000) == 0);
    CHECK(decoded(T::f32, {0x7FC0, 0x0000}) == kMissing);  // NaN
    CHECK(decoded(T::f32, {0xFFFF, 0xFFFF}) == kMissing);  // all FFh is a NaN as well
    CHECK(decoded(T::f32, {0x7F80, 0x0000}) == kMissing);  // infinite
    CHECK(decoded(T::f32, {0x7F7F, 0xFFFF}) == kMissing);  // 3.4e38
    CHECK(decoded(T::f32, {0x4120, 0x0000}, 1, 10) == 1);
}

TEST_CASE("clock bytes", "[profile]") {
    using T = RegisterType;
    // date -u -d '2026-11-21 10:30:59' +%s
    CHECK(decoded(T::clock_bytes, {0x1A0B, 0x1506, 0x0A1E, 0x3BFF}) == 1'795'257'059);
    CHECK(decoded(T::clock_bytes, {0x1802, 0x1D04, 0x0000, 0x0000}) == 1'709'164'800);  // 2024-02-29
    CHECK(decoded(T::clock_bytes, {0x1902, 0x1D04, 0x0000, 0x0000}) == kMissing);  // no 29 February in 2025
    CHECK(decoded(T::clock_bytes, {0x1A00, 0x0106, 0x0000, 0x0000}) == kMissing);
    CHECK(decoded(T::clock_bytes, {0x1A01, 0x0106, 0x1800, 0x0000}) == kMissing);  // 24 o'clock
    CHECK(decoded(T::clock_bytes, {0x1A01, 0x0106, 0x173B, 0x3C00}) == kMissing);
    CHECK(decoded(T::clock_bytes, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}) == kMissing);
}

TEST_CASE("the live block of a DDSY1352", "[profile]") {
    Values values;
    decode(test::shipped_profile("acrel-ddsy1352"), {3, 0x0200, 48}, live_words(), values);
    const Values expected{
        {Quantity::voltage_a, 230'500},
        {Quantity::current_a, 12'340},
        {Quantity::power_a, -2},
        {Quantity::power_total, 2'840},
        {Quantity::reactive_power_total, -100},
        {Quantity::power_factor, 987},
        {Quantity::energy_total, 1'234'560},
        {Quantity::energy_sharp, 0},
        {Quantity::energy_peak, 0},
        {Quantity::energy_flat, 1'234'560},
        {Quantity::energy_valley, 0},
        {Quantity::balance, -100},
        {Quantity::purchase_number, 12},
        {Quantity::prepaid_enabled, 1},
        {Quantity::overload_flag, 0},
        {Quantity::arrears_flag, 0},
        {Quantity::alarm_1_flag, 0},
        {Quantity::alarm_2_flag, 0},
        {Quantity::fault_flag, 0},
        {Quantity::relay_closed, 1},
        {Quantity::forced_enabled, 1},
        {Quantity::forced_open, 1},
        {Quantity::clock, 1'795'257'059},
    };
    CHECK(values == expected);
}

TEST_CASE("the status words seen in the field", "[profile]") {
    // E0EFh with the circuit on, 01E8h with it off: what other software has recorded of such meters.
    Words words = live_words();
    words[0x24] = 0xE0EF;
    Values on;
    decode(test::shipped_profile("acrel-adf300"), {3, 0x0200, 48}, words, on);
    CHECK(on.at(Quantity::relay_closed) == 1);
    CHECK(on.at(Quantity::prepaid_enabled) == 1);
    CHECK(on.at(Quantity::fault_flag) == 0);
    words[0x24] = 0x01E8;
    Values off;
    decode(test::shipped_profile("acrel-adf300"), {3, 0x0200, 48}, words, off);
    CHECK(off.at(Quantity::relay_closed) == 0);
    CHECK(off.at(Quantity::arrears_flag) == 1);
    CHECK(off.at(Quantity::fault_flag) == 1);
}

TEST_CASE("a three-phase meter has three of what a single-phase one has once", "[profile]") {
    Words words = live_words();
    words[0x02] = 2310;
    words[0x09] = 0xFFFF;  // -1 W on phase C
    words[0x03] = 0xFFFF;  // not available
    Values values;
    decode(test::shipped_profile("acrel-dtsy1352"), {3, 0x0200, 48}, words, values);
    CHECK(values.at(Quantity::voltage_b) == 231'000);
    CHECK(values.at(Quantity::power_c) == -1);
    CHECK(values.count(Quantity::voltage_c) == 0);
}

TEST_CASE("the settings read back", "[profile]") {
    Words words(25, 0);
    words[0x01] = 12;
    words[0x03] = 9'500;
    words[0x05] = 9'600;
    words[0x07] = 9'700;
    words[0x09] = 9'800;
    words[0x0B] = 2'000;  // 20.00
    words[0x0D] = 500;    // 5.00
    words[0x0F] = 1'000;  // 10.00
    Values values;
    decode(test::shipped_profile("acrel-dtsy1352"), {3, 0x0400, 25}, words, values);
    decode(test::shipped_profile("acrel-dtsy1352"), {3, 0x0061, 1}, {6'600}, values);
    CHECK(values == Values{{Quantity::price, 9'500},
                           {Quantity::price_peak, 9'600},
                           {Quantity::price_flat, 9'700},
                           {Quantity::price_valley, 9'800},
                           {Quantity::alarm_1, 200'000},
                           {Quantity::alarm_2, 50'000},
                           {Quantity::overdraft, 100'000},
                           {Quantity::overload_power, 6'600}});

    Words circuit(18, 0);
    circuit[2] = 9'500;
    circuit[10] = 2'000;
    circuit[12] = 500;
    Values box;
    decode(test::shipped_profile("acrel-adf300"), {3, 0x0500, 18}, circuit, box);
    CHECK(box.at(Quantity::price) == 9'500);
    CHECK(box.at(Quantity::alarm_1) == 200'000);
    CHECK(box.at(Quantity::alarm_2) == 50'000);
}

TEST_CASE("the registers of an SDM630", "[profile]") {
    const MeterProfile profile = test::shipped_profile("eastron-sdm630");
    Words phases(18, 0);
    phases[0] = 0x4366;  // 230.5 V
    phases[1] = 0x8000;
    phases[2] = 0x7FC0;   // phase B not connected: NaN
    phases[12] = 0xC2C8;  // -100 W
    Values values;
    decode(profile, {4, 0x0000, 18}, phases, values);
    CHECK(values.at(Quantity::voltage_a) == 230'500);
    CHECK(values.count(Quantity::voltage_b) == 0);
    CHECK(values.at(Quantity::power_a) == -100);
    // 49.98 Hz, 12345.678 kWh, 0.5 kWh
    decode(profile, {4, 0x0046, 6}, {0x4247, 0xEB85, 0x4640, 0xE6B6, 0x3F00, 0x0000}, values);
    CHECK(values.at(Quantity::frequency) == 49'980);
    CHECK(values.at(Quantity::energy_total) == 12'345'678);
    CHECK(values.at(Quantity::energy_reverse) == 500);
}

TEST_CASE("decoding takes what lies in the span and nothing else", "[profile]") {
    const MeterProfile profile = test::shipped_profile("acrel-ddsy1352");
    Values values{{Quantity::balance, 777}, {Quantity::clock, 1}};
    // 021Fh alone is half a balance
    decode(profile, {3, 0x0215, 11}, {0, 100, 0, 0, 0, 0, 0, 0, 0, 0, 0xFFFF}, values);
    CHECK(values.at(Quantity::energy_total) == 1'000);
    CHECK(values.at(Quantity::balance) == 777);
    CHECK(values.at(Quantity::clock) == 1);
    Values other_function;
    decode(profile, {4, 0x0200, 48}, live_words(), other_function);
    CHECK(other_function.empty());
    CHECK_THROWS_AS(decode(profile, {3, 0x0200, 48}, Words(47, 0), values), std::invalid_argument);
    CHECK_THROWS_AS(decode(profile, {3, 0x0200, 48}, Words(49, 0), values), std::invalid_argument);
}
