#include "collector/drivers/dlms_values.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <limits>

namespace wutong::collector {

namespace dlms = protocols::dlms;
using core::Quantity;

namespace {

constexpr int kScalerMax = 9;

struct UnitRule {
    int unit;  ///< of the standard's list
    const char* name;
    std::int64_t factor;  ///< to the quantity's own unit
};

/// In what a meter may tell a quantity.
std::optional<UnitRule> unit_of(Quantity quantity) {
    switch (quantity) {
        case Quantity::energy_total:
        case Quantity::energy_sharp:
        case Quantity::energy_peak:
        case Quantity::energy_flat:
        case Quantity::energy_valley:
        case Quantity::energy_reverse:
            return UnitRule{30, "Wh", 1};
        case Quantity::volume_total:
            return UnitRule{13, "m3", 1'000};
        case Quantity::voltage_a:
        case Quantity::voltage_b:
        case Quantity::voltage_c:
            return UnitRule{35, "V", 1'000};
        case Quantity::current_a:
        case Quantity::current_b:
        case Quantity::current_c:
            return UnitRule{33, "A", 1'000};
        case Quantity::power_a:
        case Quantity::power_b:
        case Quantity::power_c:
        case Quantity::power_total:
        case Quantity::overload_power:
            return UnitRule{27, "W", 1};
        case Quantity::reactive_power_total:
            return UnitRule{29, "var", 1};
        case Quantity::power_factor:
            return UnitRule{255, "no unit", 1'000};
        case Quantity::frequency:
            return UnitRule{44, "Hz", 1'000};
        default:
            return std::nullopt;
    }
}

struct Ratio {
    std::int64_t num = 1;
    std::int64_t den = 1;
};

Ratio with_scaler(int scaler, std::int64_t factor) {
    Ratio ratio{factor, 1};
    for (int i = 0; i < std::abs(scaler); ++i) {
        (scaler > 0 ? ratio.num : ratio.den) *= 10;
    }
    return ratio;
}

DlmsValue times(const dlms::Data& data, const Ratio& ratio) {
    if (data.type == dlms::Type::float32 || data.type == dlms::Type::float64) {
        const double value = data.real * static_cast<double>(ratio.num) / static_cast<double>(ratio.den);
        constexpr double kExact = 9e15;
        return std::isfinite(value) && std::abs(value) < kExact ? DlmsValue{std::int64_t{std::llround(value)}}
                                                                : DlmsValue{};
    }
    const auto raw = dlms::as_integer(data);
    const auto most = std::numeric_limits<std::int64_t>::max() / 2 / std::abs(ratio.num);
    if (!raw || *raw > most || *raw < -most) {
        return std::monostate{};
    }
    const std::int64_t product = *raw * ratio.num;
    const std::int64_t half = ratio.den / 2;
    return (product + (product < 0 ? -half : half)) / ratio.den;
}

DlmsValue bit_of(const core::Field& field, const dlms::Data& data) {
    constexpr int kByte = 8;
    bool set = false;
    if (data.type == dlms::Type::bit_string) {
        const auto at = static_cast<std::size_t>(field.bit / kByte);
        if (at >= data.bytes.size() || static_cast<std::uint64_t>(field.bit) >= data.bits) {
            return std::monostate{};
        }
        set = (data.bytes[at] >> (kByte - 1 - field.bit % kByte) & 1) != 0;  // the first bit is the highest
    } else if (const auto word = dlms::as_integer(data)) {
        set = (static_cast<std::uint64_t>(*word) >> field.bit & 1U) != 0;
    } else {
        return std::monostate{};
    }
    return std::int64_t{set != field.invert ? 1 : 0};
}

/// The wall clock read as if it were UTC.
DlmsValue moment_of(const dlms::Data& data) {
    const auto moment = dlms::decode_date_time(data.bytes);
    const auto* told = std::get_if<dlms::DateTime>(&moment);
    if (told == nullptr) {
        return std::monostate{};
    }
    const auto& clock = told->clock;
    const std::chrono::sys_days day{std::chrono::year{clock.year} / clock.month / clock.day};
    return std::int64_t{(day + std::chrono::hours{clock.hour} + std::chrono::minutes{clock.minute} +
                         std::chrono::seconds{clock.second})
                            .time_since_epoch()
                            .count()};
}

}  // namespace

DlmsValue dlms_value(const core::Field& field, const dlms::Data& data,
                     const std::optional<dlms::ScalerUnit>& told) {
    if (data.type == dlms::Type::null) {
        return std::monostate{};
    }
    if (field.type == core::RegisterType::bit) {
        return bit_of(field, data);
    }
    if (field.type == core::RegisterType::object_time) {
        return moment_of(data);
    }
    if (!field.own_scaler) {
        auto value = times(data, {field.scale_num, field.scale_den});
        if (auto* number = std::get_if<std::int64_t>(&value); number != nullptr && field.invert) {
            *number = *number == 0 ? 1 : 0;
        }
        return value;
    }
    const auto rule = unit_of(field.quantity);
    const auto name = core::obis_text(field.object.obis);
    if (!rule || !told) {
        return fmt::format("{} has no unit of DLMS: give {} a scale in the profile",
                           core::to_string(field.quantity), name);
    }
    if (told->unit != rule->unit) {
        return fmt::format("the meter tells {} in unit {}, and {} is told in unit {} ({})", name, told->unit,
                           core::to_string(field.quantity), rule->unit, rule->name);
    }
    if (std::abs(told->scaler) > kScalerMax) {
        return fmt::format("the meter tells {} with scaler {}", name, told->scaler);
    }
    return times(data, with_scaler(told->scaler, rule->factor));
}

}  // namespace wutong::collector
