#include "core/bus_model.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/meter_items.hpp"

namespace wutong::core {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Modbus RTU: unit, function, address, count, CRC; unit, function, length, words, CRC.
constexpr int kReadQuestion = 8;
constexpr int kReadAnswer = 5;
// DL/T 645: four bytes to wake up, the envelope of 12, an identifier of 4 (1997: 2).
constexpr int kFrame = 4 + 12;
constexpr std::int64_t kSecondUs = 1'000'000;
constexpr std::int64_t kPauseMinUs = 1'750;

microseconds characters(const BusLine& line, int count) {
    return microseconds{static_cast<std::int64_t>(count) * line.bits_per_character * kSecondUs / line.baud};
}

microseconds pause_of(const BusLine& line) {
    const auto pause = microseconds{35LL * line.bits_per_character * kSecondUs / line.baud / 10};
    return std::max(pause, microseconds{kPauseMinUs});
}

void check(const BusLine& line, const BusRules& rules) {
    if (line.baud < 1 || line.bits_per_character < 1 || rules.freshness.count() < 1 ||
        rules.reading_every.count() < 1 || rules.probe_every.count() < 1 || rules.reserve_percent < 0 ||
        rules.reserve_percent > 99 || rules.dead < 0) {
        throw std::invalid_argument("a bus has a speed, and its rules are positive");
    }
}

/// Of the bus's time in one second, in microseconds: what does not depend on how often states are read.
std::int64_t other_work(const BusLine& line, const std::vector<BusMeters>& meters, const BusRules& rules) {
    std::int64_t busy = 0;
    for (const auto& kind : meters) {
        // A reading stands for a state poll; only what it takes more is extra.
        const auto more = std::max(time_of(line, kind.reading) - time_of(line, kind.state), microseconds{0});
        busy += kind.count * more.count() / rules.reading_every.count();
    }
    const auto probe = microseconds{rules.probe_timeout} + characters(line, kReadQuestion) + pause_of(line);
    return busy + rules.dead * probe.count() / rules.probe_every.count();
}

microseconds round_of(const BusLine& line, const std::vector<BusMeters>& meters) {
    microseconds round{0};
    for (const auto& kind : meters) {
        round += kind.count * time_of(line, kind.state);
    }
    return round;
}

}  // namespace

std::vector<BusExchange> exchanges_of(const MeterProfile& profile, const std::vector<Block::Group>& groups) {
    std::vector<BusExchange> exchanges;
    if (profile.protocol == MeterProtocol::modbus) {
        for (const auto& span : plan_reads(profile, groups)) {
            exchanges.push_back({kReadQuestion, kReadAnswer + 2 * span.count});
        }
        return exchanges;
    }
    if (profile.protocol != MeterProtocol::dlt645_2007 && profile.protocol != MeterProtocol::dlt645_1997) {
        return exchanges;
    }
    const int id = profile.protocol == MeterProtocol::dlt645_1997 ? 2 : 4;
    for (const Block* item : plan_items(profile, groups)) {
        int bytes = 0;
        for (const auto& field : item->fields) {
            bytes = std::max(bytes, field.address + byte_count(field));
        }
        exchanges.push_back({kFrame + id, kFrame + id + bytes});
    }
    return exchanges;
}

microseconds time_of(const BusLine& line, const BusExchange& exchange) {
    return characters(line, exchange.question + exchange.answer) + pause_of(line) + line.turnaround +
           line.latency;
}

microseconds time_of(const BusLine& line, const std::vector<BusExchange>& poll) {
    microseconds time{0};
    for (const auto& exchange : poll) {
        time += time_of(line, exchange);
    }
    return time;
}

BusTimes bus_times(const BusLine& line, const std::vector<BusMeters>& meters, const BusRules& rules) {
    check(line, rules);
    BusTimes times;
    const auto round = round_of(line, meters);
    const auto other = other_work(line, meters, rules);
    times.round = std::chrono::ceil<milliseconds>(round);
    times.busy =
        std::chrono::ceil<milliseconds>(microseconds{round.count() + other * rules.freshness.count()});
    // What is left of each second for states, when the reserve and the rest have had their part.
    const auto left = kSecondUs * (100 - rules.reserve_percent) / 100 - other;
    if (left > 0) {
        times.freshness = std::chrono::seconds{(round.count() + left - 1) / left};
        times.fits = times.freshness <= rules.freshness;
    }
    return times;
}

int meters_per_bus(const BusLine& line, const BusMeters& kind, const BusRules& rules) {
    check(line, rules);
    int least = 0;
    int most = kMetersPerBusMax;
    while (least < most) {
        const int middle = (least + most + 1) / 2;
        BusMeters meters = kind;
        meters.count = middle;
        if (bus_times(line, {meters}, rules).fits) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    return least;
}

}  // namespace wutong::core
