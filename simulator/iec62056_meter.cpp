#include "simulator/iec62056_meter.hpp"

#include <fmt/format.h>

#include "simulator/electrical.hpp"
#include "simulator/wall_clock.hpp"

namespace wutong::simulator {
namespace {

namespace iec = protocols::iec62056;
using protocols::Bytes;

/// Nobody acknowledged: it is back where it was.
constexpr std::chrono::seconds kSignedOnFor{5};
constexpr std::int64_t kEnergyEnd = 1'000'000;  // kWh, six digits
constexpr const char* kAddressCode = "0.0.0";

iec::DataSet single(const std::string& code, const std::string& value, const std::string& unit = {}) {
    return {code, {{value, unit}}};
}

std::string kilowatt_hours(std::int64_t energy_wh) {
    return fmt::format("{:06}.{:03}", energy_wh / 1'000 % kEnergyEnd, energy_wh % 1'000);
}

}  // namespace

bool Iec62056Meter::hears(protocols::ByteView frame) const {
    const auto request = iec::decode_request(frame);
    const auto* known = std::get_if<iec::Request>(&request);
    if (known == nullptr) {
        return false;
    }
    if (const auto* sign_on = std::get_if<iec::SignOn>(known)) {
        return iec::same_address(sign_on->address, identity_.serial);
    }
    return signed_on_ && std::holds_alternative<iec::Acknowledgement>(*known);
}

FrameKind Iec62056Meter::kind_of(protocols::ByteView frame) const {
    return {frame[0] & 0x7F, false};
}

iec::DataSets Iec62056Meter::told() const {
    const auto now = electrical_of(meter().load_w(), identity_.phases, identity_.seed, meter().now(),
                                   meter().disturbances().voltage_unbalanced);
    const auto clock = wall_clock(meter().clock(), identity_.local_offset);
    const auto energy = kilowatt_hours(meter().registers().energy_mwh / 1'000);
    iec::DataSets data{
        single("F.F", "00000000"),
        single(kAddressCode, identity_.serial),
        single("0.9.1", fmt::format("{:02}{:02}{:02}", clock.hour, clock.minute, clock.second)),
        single("0.9.2", fmt::format("{:02}{:02}{:02}", clock.year % 100, clock.month, clock.day)),
        single("0.2.0", kVersion),
        single("1.8.0", energy, "kWh"),
        // All of it is counted in the first rate; nothing flows back.
        single("1.8.1", energy, "kWh"),
        single("1.8.2", kilowatt_hours(0), "kWh"),
        single("2.8.0", kilowatt_hours(0), "kWh"),
        single("1.8.0*01", kilowatt_hours(0), "kWh"),
        single("1.7.0", fmt::format("{:07.3f}", now.active_w / 1'000), "kW"),
        single("14.7.0", fmt::format("{:05.2f}", now.frequency_hz), "Hz"),
    };
    for (int i = 0; i < identity_.phases; ++i) {
        const auto& phase = now.phase[static_cast<std::size_t>(i)];
        const int group = 20 * (i + 1);
        data.push_back(
            single(fmt::format("{}.7.0", group + 1), fmt::format("{:07.3f}", phase.active_w / 1'000), "kW"));
        data.push_back(
            single(fmt::format("{}.7.0", group + 11), fmt::format("{:07.3f}", phase.current_a), "A"));
        data.push_back(
            single(fmt::format("{}.7.0", group + 12), fmt::format("{:05.1f}", phase.voltage_v), "V"));
    }
    return data;
}

Bytes Iec62056Meter::answer(protocols::ByteView frame, core::Timestamp now) {
    advance(now);
    answer_baud_ = 0;
    const auto decoded = iec::decode_request(frame);
    const auto* request = std::get_if<iec::Request>(&decoded);
    if (request == nullptr) {
        return {};
    }
    if (std::holds_alternative<iec::SignOn>(*request)) {
        signed_on_ = true;
        signed_on_at_ = now;
        return iec::with_parity(iec::encode_identification({"WUT", kOffered, "SIM62056 V1.4"}));
    }
    const bool in_time = signed_on_ && now - signed_on_at_ <= kSignedOnFor;
    signed_on_ = false;
    const auto* acknowledged = std::get_if<iec::Acknowledgement>(request);
    if (acknowledged == nullptr || !in_time || acknowledged->option != iec::Option::readout) {
        return {};
    }
    // Only the speed that was offered is changed to; with any other it goes on as before.
    if (acknowledged->speed == kOffered) {
        answer_baud_ = 9'600;
    }
    return iec::with_parity(iec::encode_data(told(), iec::DataEnd::readout));
}

Bytes Iec62056Meter::as_foreign(const Bytes& answer) const {
    auto data = iec::decode_data(answer);
    auto* sets = std::get_if<iec::DataSets>(&data);
    if (sets == nullptr) {
        return answer;  // an identification does not say whose it is
    }
    for (auto& set : *sets) {
        if (set.code == kAddressCode) {
            set.values.front().text = "999999999999";
        }
    }
    return iec::with_parity(iec::encode_data(*sets, iec::DataEnd::readout));
}

}  // namespace wutong::simulator
