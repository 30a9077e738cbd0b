#include <catch2/catch.hpp>
#include <cstring>

#include "unit/core/profile_files.hpp"

/// Monitoring meters: each trap of its model in one answer. The words are worked out by hand from the lists
/// that the profiles name; floats by IEEE 754.
using namespace wutong::core;

namespace {

struct Row {
    const char* profile;
    RegisterSpan span;
    std::vector<std::uint16_t> words;
    Quantity quantity;
    std::int64_t value;
};

}  // namespace

TEST_CASE("shipped profiles: word order, divisors and lengths of each model", "[profile]") {
    const std::vector<Row> rows{
        // 1234.5 kWh as a float
        {"eastron-sdm120", {4, 0x48, 2}, {0x449A, 0x5000}, Quantity::energy_total, 1'234'500},
        // kW as a float: 1.5
        {"schneider-iem3155", {3, 0x0BF3, 2}, {0x3FC0, 0x0000}, Quantity::power_total, 1'500},
        {"schneider-iem3155", {3, 0x0C83, 4}, {0, 0, 0x0001, 0x0000}, Quantity::energy_total, 65'536},
        {"schneider-pm5110", {3, 2999, 2}, {0x4120, 0x0000}, Quantity::current_a, 10'000},
        // hundredths of a kWh in four registers
        {"abb-b23", {3, 0x5000, 4}, {0, 0, 0, 12'345}, Quantity::energy_total, 123'450},
        {"abb-b23", {3, 0x5B14, 2}, {0xFFFF, 0xD8F0}, Quantity::power_total, -100},
        {"abb-b23", {3, 0x5B00, 2}, {0, 2'301}, Quantity::voltage_a, 230'100},
        // the low word comes first
        {"carlo-gavazzi-em340", {4, 0x34, 2}, {0x0001, 0x0001}, Quantity::energy_total, 6'553'700},
        {"carlo-gavazzi-em340", {4, 0x28, 2}, {0xFFF6, 0xFFFF}, Quantity::power_total, -1},
        // floats that have to be divided: 2301.0 is 230.1 V, 5000.0 is 5 A
        {"chint-dtsu666", {3, 0x2006, 2}, {0x450F, 0xD000}, Quantity::voltage_a, 230'100},
        {"chint-dtsu666", {3, 0x200C, 2}, {0x459C, 0x4000}, Quantity::current_a, 5'000},
        {"chint-dtsu666", {3, 0x101E, 2}, {0x4120, 0x0000}, Quantity::energy_total, 10'000},
    };
    for (const auto& row : rows) {
        CAPTURE(row.profile, row.span.address);
        Values values;
        decode(test::shipped_profile(row.profile), row.span, row.words, values);
        REQUIRE(values.contains(row.quantity));
        CHECK(values.at(row.quantity) == row.value);
    }
}
