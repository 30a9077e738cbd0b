#include "collector/protocols/dlt645_records.hpp"

#include "collector/protocols/bcd.hpp"
#include "simulator/dlt645_meter.hpp"
#include "simulator/wall_clock.hpp"

/// What a DL/T 645 meter writes down by itself.
namespace wutong::simulator {

namespace dl = protocols::dlt645;
using protocols::Bytes;

namespace {

constexpr std::int64_t kMilliwattHoursPerHundredth = 10'000;

/// How far an identifier lies behind the first of its kind; nothing outside of it.
std::optional<std::size_t> place_of(std::uint32_t id, std::uint32_t first, int count) {
    return id >= first && id < first + static_cast<std::uint32_t>(count)
               ? std::optional<std::size_t>{id - first}
               : std::nullopt;
}

}  // namespace

void Dlt645Meter::advance(core::Timestamp now) {
    if (now > meter().now() && !frozen_.empty()) {
        // A clock that was moved leaves a gap, or the hour is not kept twice; more than a day is not made up.
        constexpr int kHoursMax = 24;
        for (int i = 0; i < kHoursMax; ++i) {
            const auto next = frozen_.front().at + std::chrono::hours{1};
            const auto shown_then = meter().clock() + (now - meter().now());
            if (next > shown_then) {
                break;
            }
            const auto at = now - (shown_then - next);
            if (at > meter().now()) {
                meter().advance(at);
            }
            frozen_.push_front({next, meter().registers().energy_mwh});
            if (frozen_.size() > static_cast<std::size_t>(dl::kHourlyKept)) {
                frozen_.pop_back();
            }
        }
    }
    FrameDevice::advance(now);
}

Bytes Dlt645Meter::status_word_3() const {
    return dl::encode_status_word_3({!meter().relay_closed(), meter().alarm_2()});
}

Bytes Dlt645Meter::record_of(const EventLog& log, std::size_t place, std::size_t bytes) const {
    if (place >= log.entries().size()) {
        return Bytes(bytes, 0);
    }
    const auto& one = log.entries()[place];
    dl::Opening written{wall_clock(one.began, identity_.local_offset), std::nullopt};
    if (one.ended) {
        written.ended = wall_clock(*one.ended, identity_.local_offset);
    }
    return dl::encode_opening(written, bytes);
}

std::optional<Bytes> Dlt645Meter::record(std::uint32_t id) const {
    const auto& wrong = meter().disturbances();
    if (id == dl::kStatusWords) {
        dl::MeterTroubles troubles{wrong.battery_low, wrong.voltage_lost, wrong.current_lost,
                                   meter().over_limit(), wrong.reversed};
        troubles.voltage_order = meter().swaps().stands();
        troubles.voltage_unbalance = wrong.voltage_unbalanced;
        return dl::encode_status_words(troubles, status_word_3(), identity_.phases);
    }
    if (id == dl::kCoverOpenings) {
        return protocols::encode_bcd(meter().openings().times(), 3);
    }
    if (id == dl::kTerminalOpenings) {
        return protocols::encode_bcd(0, 3);
    }
    if (const auto place = place_of(id, dl::kCoverOpenings + 1, dl::kOpeningsKept)) {
        return record_of(meter().openings(), *place, dl::kOpeningBytes);
    }
    if (identity_.phases == 3 && id == dl::kVoltageOrders) {
        Bytes counted = protocols::encode_bcd(meter().swaps().times(), 3);
        counted.resize(6, 0);
        return counted;
    }
    if (const auto place = place_of(id, dl::kVoltageOrders + 1, dl::kDisturbancesKept);
        place && identity_.phases == 3) {
        return record_of(meter().swaps(), *place, dl::kDisturbanceBytes);
    }
    if (const auto place = place_of(id, dl::kHourlyTime, dl::kHourlyKept)) {
        return *place < frozen_.size()
                   ? dl::encode_freeze_time(wall_clock(frozen_[*place].at, identity_.local_offset))
                   : Bytes(5, 0);
    }
    if (const auto place = place_of(id, dl::kHourlyEnergy, dl::kHourlyKept)) {
        return protocols::encode_bcd(
            *place < frozen_.size() ? frozen_[*place].energy_mwh / kMilliwattHoursPerHundredth : 0, 4);
    }
    return std::nullopt;
}

}  // namespace wutong::simulator
