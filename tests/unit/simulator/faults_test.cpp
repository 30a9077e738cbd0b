#include <algorithm>
#include <catch2/catch.hpp>

#include "sim_fixture.hpp"

namespace wutong::simulator::test {
namespace {

using namespace std::chrono_literals;

const protocols::Bytes kLook{0x03, 0x02, 0x1F, 0x00, 0x03};
const protocols::Bytes kForceOpen{0x10, 0x00, 0x57, 0x00, 0x02, 0x04, 0x00, 0x01, 0x00, 0x01};

Fault fault(const std::string& target, FaultKind kind) {
    Fault wish;
    wish.target = target;
    wish.kind = kind;
    return wish;
}

}  // namespace

TEST_CASE("faults: what each of them does to a write") {
    struct Row {
        FaultKind kind;
        bool applied, answered, left_to_the_line;
        int unit;
    };
    const Row rows[] = {
        {FaultKind::lost_request, false, false, false, 1},
        {FaultKind::lost_answer, true, false, false, 1},
        {FaultKind::late_answer, true, true, true, 1},
        {FaultKind::torn_answer, true, true, true, 1},
        {FaultKind::garbled_answer, true, true, true, 1},
        {FaultKind::repeated_answer, true, true, true, 1},
        {FaultKind::foreign_answer, true, true, false, 2},
        {FaultKind::power_cut_after_write, true, false, false, 1},
    };
    for (const auto& row : rows) {
        INFO(to_string(row.kind));
        Building building{small_plan(), curves(), noon()};
        const auto id = building.faults().add(fault("meter:202600000001", row.kind));
        const auto exchange = building.exchange("bus1", 1, kForceOpen, noon());
        CHECK(building.find("202600000001")->prepaid()->registers().forced_open == row.applied);
        CHECK(exchange.answered == row.answered);
        CHECK(exchange.fault.has_value() == row.left_to_the_line);
        if (exchange.answered) {
            CHECK(exchange.unit == row.unit);
        }
        CHECK(building.faults().all().at(id).hits == 1);
        // Spent: the next one is answered, unless the power is out.
        const bool dark = row.kind == FaultKind::power_cut_after_write;
        CHECK(building.exchange("bus1", 1, kLook, noon() + 1ms).answered == !dark);
        CHECK(building.exchange("bus1", 1, kLook, noon() + 1501ms).answered);
        CHECK(parse_fault_kind(to_string(row.kind)) == row.kind);
    }
}

TEST_CASE("faults: function, target and count are kept to") {
    Building building{small_plan(), curves(), noon()};
    auto wish = fault("bus:bus1", FaultKind::lost_answer);
    wish.function = 0x10;
    wish.count = 2;
    const auto id = building.faults().add(wish);
    CHECK(building.exchange("bus1", 1, kLook, noon()).answered);
    CHECK_FALSE(building.exchange("bus1", 1, kForceOpen, noon()).answered);
    CHECK_FALSE(building.exchange("bus1", 2, kForceOpen, noon()).answered);
    CHECK(building.exchange("bus1", 1, kForceOpen, noon()).answered);
    CHECK(building.faults().all().at(id).hits == 2);
}

TEST_CASE("faults: a power cut after a write waits for a write") {
    Building building{small_plan(), curves(), noon()};
    building.faults().add(fault("meter:202600000001", FaultKind::power_cut_after_write));
    CHECK(building.exchange("bus1", 1, kLook, noon()).answered);
    CHECK_FALSE(building.exchange("bus1", 1, kForceOpen, noon()).answered);
}

TEST_CASE("faults: the same seed strikes the same requests") {
    const auto strikes = [](std::uint64_t seed) {
        FaultBook book{seed};
        auto wish = fault("bus:b", FaultKind::lost_answer);
        wish.count = 1000;
        wish.probability = 0.3;
        book.add(wish);
        std::string pattern;
        for (int i = 0; i < 200; ++i) {
            pattern += book.strike("s", "b", 3) ? 'x' : '.';
        }
        return pattern;
    };
    CHECK(strikes(7) == strikes(7));
    CHECK(strikes(7) != strikes(8));
    const auto pattern = strikes(7);
    const auto hits = std::count(pattern.begin(), pattern.end(), 'x');
    CHECK(hits > 30);
    CHECK(hits < 90);
}

TEST_CASE("faults: a dead meter is silent, goes on measuring, and comes back") {
    Building building{small_plan(), curves(), noon()};
    auto& meter = *building.find("202600000001");
    building.set_load(meter, 3'600);
    meter.dead = true;
    CHECK_FALSE(building.exchange("bus1", 1, kLook, noon() + 10s).answered);
    CHECK(building.exchange("bus1", 2, kLook, noon() + 10s).answered);
    meter.dead = false;
    CHECK(building.exchange("bus1", 1, kLook, noon() + 20s).answered);
    CHECK(meter.prepaid()->registers().energy_mwh == 20'000);
}

TEST_CASE("faults: a broadcast is done by all and answered by none") {
    Building building{small_plan(), curves(), noon()};
    CHECK_FALSE(building.exchange("bus1", 0, kForceOpen, noon()).answered);
    CHECK(building.find("202600000001")->prepaid()->registers().forced_open);
    CHECK(building.find("202600000014")->prepaid()->registers().forced_open);
}

TEST_CASE("faults: there is an end to how many are kept") {
    FaultBook book{1};
    for (std::size_t i = 0; i < FaultBook::kFaultsMax; ++i) {
        book.add(fault("bus:b", FaultKind::lost_answer));
    }
    CHECK_THROWS_WITH(book.add(fault("bus:b", FaultKind::lost_answer)), Catch::Contains("1000"));
}

}  // namespace wutong::simulator::test
