#include <algorithm>
#include <cmath>

#include "simulator/dlms_meter.hpp"
#include "simulator/electrical.hpp"
#include "simulator/wall_clock.hpp"

/// The objects of a DLMS meter.
namespace wutong::simulator {
namespace {

namespace co = protocols::dlms;
using co::AccessResult;
using co::Data;
using co::Obis;
using co::Type;

constexpr std::uint16_t kClassData = 1;
constexpr std::uint16_t kClassRegister = 3;
constexpr std::uint8_t kControlMode = 4;  // remote disconnect, remote reconnect at once
constexpr Obis kDeviceName{{0, 0, 42, 0, 0, 255}};
constexpr Obis kSerial{{0, 0, 96, 1, 0, 255}};
constexpr Obis kFirmware{{1, 0, 0, 2, 0, 255}};
constexpr Obis kInvocationCounter{{0, 0, 43, 1, 0, 255}};
constexpr Obis kLoadProfile{{1, 0, 99, 1, 0, 255}};
constexpr Obis kEnergyIn{{1, 0, 1, 8, 0, 255}};

// Units of the standard's list.
constexpr int kWattHours = 30;
constexpr int kWatts = 27;
constexpr int kVolts = 35;
constexpr int kAmperes = 33;
constexpr int kHertz = 44;
constexpr int kNoUnit = 255;

struct Register {
    Type type;
    std::int64_t value;
    co::ScalerUnit shown_in;
};

Register scaled(Type type, double value, int scaler, int unit) {
    return {type, std::llround(value * std::pow(10, -scaler)), {scaler, unit}};
}

/// x.0.C.7.0: the present moment. C counts 20 more for each phase.
std::optional<Register> momentary(std::uint8_t code, const Electrical& now, int phases) {
    if (code == 1) {
        return scaled(Type::uint32, now.active_w, 0, kWatts);
    }
    if (code == 14) {
        return scaled(Type::uint16, now.frequency_hz, -2, kHertz);
    }
    if (code == 13) {
        return scaled(Type::uint16, now.power_factor, -3, kNoUnit);
    }
    const int phase = code / 20 - 1;
    if (phase < 0 || phase >= phases) {
        return std::nullopt;
    }
    const auto& one = now.phase[static_cast<std::size_t>(phase)];
    switch (code % 20) {
        case 1:
            return scaled(Type::uint32, one.active_w, 0, kWatts);
        case 11:
            return scaled(Type::uint32, one.current_a, -3, kAmperes);
        case 12:
            return scaled(Type::uint16, one.voltage_v, -1, kVolts);
        default:
            return std::nullopt;
    }
}

std::vector<co::CaptureObject> columns() {
    return {{}, {kClassRegister, kEnergyIn, 2, 0}};
}

Data octets_of(const std::string& text) {
    return co::octets(protocols::Bytes{text.begin(), text.end()});
}

}  // namespace

protocols::Bytes DlmsMeter::shown_time(core::Timestamp at) const {
    co::DateTime moment;
    moment.clock = wall_clock(at, identity_.local_offset);
    const auto sunday_first = protocols::weekday(moment.clock);
    moment.weekday = sunday_first == 0 ? 7 : sunday_first;
    moment.hundredths = 0;
    moment.deviation_minutes = -static_cast<int>(identity_.local_offset.count());
    return co::encode_date_time(moment);
}

std::optional<Data> DlmsMeter::read_register(const co::AttributeRef& what) const {
    const auto& code = what.object.code;
    std::optional<Register> found;
    if (code[0] == 1 && code[1] == 0 && code[3] == 8 && code[4] <= 4 && (code[2] == 1 || code[2] == 2)) {
        // All of it is counted in rate 3; nothing flows back.
        const bool counts = code[2] == 1 && (code[4] == 0 || code[4] == 3);
        const auto energy = counts ? meter().registers().energy_mwh / 1000 : 0;
        found = Register{Type::uint32, energy & 0xFFFFFFFF, {0, kWattHours}};
    } else if (code[0] == 1 && code[1] == 0 && code[3] == 7 && code[4] == 0) {
        const auto now = electrical_of(meter().load_w(), identity_.phases, identity_.seed, meter().now(),
                                       meter().disturbances().voltage_unbalanced);
        found = momentary(code[2], now, identity_.phases);
    }
    if (!found) {
        return std::nullopt;
    }
    return what.attribute == 2   ? co::number(found->type, found->value)
           : what.attribute == 3 ? co::encode_scaler_unit(found->shown_in)
                                 : co::octets(code);
}

co::ReadResult DlmsMeter::read_profile(const co::AttributeRead& request) const {
    switch (request.what.attribute) {
        case 3:
            return co::encode_capture_objects(columns());
        case 4:
            return co::number(Type::uint32, std::chrono::seconds{kCapturePeriod}.count());
        case 7:
            return co::number(Type::uint32, static_cast<std::int64_t>(rows_.size()));
        case 8:
            return co::number(Type::uint32, kRowsMax);
        case 2:
            break;
        default:
            return AccessResult::object_undefined;
    }
    std::size_t first = 0;
    std::size_t last = rows_.size();
    if (request.part) {
        const auto selection = co::decode_selection(*request.part);
        if (std::holds_alternative<protocols::DecodeFault>(selection)) {
            return AccessResult::type_unmatched;
        }
        if (const auto* range = std::get_if<co::RangeSelection>(&selection)) {
            const auto from = moment_of(range->from.clock, identity_.local_offset);
            const auto to = moment_of(range->to.clock, identity_.local_offset);
            const auto before = [](const Row& row, core::Timestamp at) { return row.at < at; };
            const auto after = [](core::Timestamp at, const Row& row) { return at < row.at; };
            first = static_cast<std::size_t>(std::lower_bound(rows_.begin(), rows_.end(), from, before) -
                                             rows_.begin());
            last = static_cast<std::size_t>(std::upper_bound(rows_.begin(), rows_.end(), to, after) -
                                            rows_.begin());
        } else {
            const auto& entries = std::get<co::EntrySelection>(selection);
            first = entries.first == 0 ? 0 : entries.first - 1;
            last = entries.last == 0 ? rows_.size() : std::min<std::size_t>(entries.last, rows_.size());
        }
    }
    std::vector<Data> buffer;
    for (auto at = first; at < last; ++at) {
        // As meters do it: only the first row says its time.
        auto time = at == first ? co::octets(shown_time(rows_[at].at)) : co::null_data();
        buffer.push_back(
            co::structure({std::move(time), co::number(Type::uint32, rows_[at].energy_wh & 0xFFFFFFFF)}));
    }
    return co::array(std::move(buffer));
}

co::ReadResult DlmsMeter::read(const co::AttributeRead& request) const {
    const auto& what = request.what;
    if (what.class_id == kClassData && what.attribute == 2) {
        if (what.object == kDeviceName) {
            return octets_of("SIM" + identity_.serial);
        }
        if (what.object == kSerial) {
            return octets_of(identity_.serial);
        }
        if (what.object == kFirmware && access_ == Access::full) {
            return octets_of("SIM-DLMS 2.1");
        }
        if (what.object == kInvocationCounter) {
            return co::number(Type::uint32, last_heard_counter_);
        }
        return AccessResult::object_undefined;
    }
    if (what.class_id == co::kClassClock && what.object == co::kClockObject && what.attribute == 2) {
        return co::octets(shown_time(meter().clock()));
    }
    if (access_ != Access::full) {
        return AccessResult::read_write_denied;
    }
    if (what.class_id == kClassRegister) {
        if (auto value = read_register(what); value && what.attribute >= 1 && what.attribute <= 3) {
            return std::move(*value);
        }
        return AccessResult::object_undefined;
    }
    if (what.class_id == co::kClassProfile && what.object == kLoadProfile) {
        return read_profile(request);
    }
    if (what.class_id == co::kClassDisconnect && what.object == co::kDisconnectObject) {
        switch (what.attribute) {
            case 2:
                return co::number(Type::boolean, meter().relay_closed() ? 1 : 0);
            case 3:
                return co::number(Type::enumeration, meter().relay_closed() ? 1 : 0);
            case 4:
                return co::number(Type::enumeration, kControlMode);
            default:
                break;
        }
    }
    return AccessResult::object_undefined;
}

AccessResult DlmsMeter::set(const co::SetRequest& request) {
    if (access_ != Access::full) {
        return AccessResult::read_write_denied;
    }
    const auto& what = request.what;
    if (what.class_id != co::kClassClock || what.object != co::kClockObject || what.attribute != 2) {
        return AccessResult::read_write_denied;
    }
    const auto moment = co::decode_date_time(request.value.bytes);
    const auto* told = std::get_if<co::DateTime>(&moment);
    if (told == nullptr) {
        return AccessResult::type_unmatched;
    }
    const auto offset =
        told->deviation_minutes ? std::chrono::minutes{-*told->deviation_minutes} : identity_.local_offset;
    meter().set_clock(moment_of(told->clock, offset));
    meter().note_write("clock");
    return AccessResult::success;
}

}  // namespace wutong::simulator
