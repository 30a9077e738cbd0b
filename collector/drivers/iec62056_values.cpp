#include "collector/drivers/iec62056_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>

#include "collector/protocols/decimal_text.hpp"

namespace wutong::collector {

namespace iec = protocols::iec62056;
using core::Quantity;
using core::RegisterType;

namespace {

struct ReadoutUnit {
    std::string_view name;
    std::int64_t factor;  ///< to the quantity's own unit
};

/// Units in which a meter may tell a quantity; empty for what has none, like flags.
std::vector<ReadoutUnit> readout_units(Quantity quantity) {
    switch (quantity) {
        case Quantity::energy_total:
        case Quantity::energy_sharp:
        case Quantity::energy_peak:
        case Quantity::energy_flat:
        case Quantity::energy_valley:
        case Quantity::energy_reverse:
            return {{"Wh", 1}, {"kWh", 1'000}, {"MWh", 1'000'000}};
        case Quantity::volume_total:
            return {{"l", 1}, {"m3", 1'000}};
        case Quantity::voltage_a:
        case Quantity::voltage_b:
        case Quantity::voltage_c:
            return {{"V", 1'000}, {"kV", 1'000'000}};
        case Quantity::current_a:
        case Quantity::current_b:
        case Quantity::current_c:
            return {{"A", 1'000}, {"mA", 1}};
        case Quantity::power_a:
        case Quantity::power_b:
        case Quantity::power_c:
        case Quantity::power_total:
        case Quantity::overload_power:
            return {{"W", 1}, {"kW", 1'000}, {"MW", 1'000'000}};
        case Quantity::reactive_power_total:
            return {{"var", 1}, {"kvar", 1'000}};
        case Quantity::frequency:
            return {{"Hz", 1'000}};
        default:
            return {};
    }
}

bool same_unit(std::string_view one, std::string_view other) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    return first == std::string_view::npos ? std::string_view{}
                                           : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

const iec::Value* value_of_field(const core::Field& field, const iec::DataSets& data) {
    const auto* set = iec::find_data(data, field.code);
    const auto at = static_cast<std::size_t>(field.value_at);
    return set == nullptr || at >= set->values.size() ? nullptr : &set->values[at];
}

/// What the number has to be multiplied with, or a sentence.
std::variant<std::int64_t, std::string> factor_of(const core::Field& field, const iec::Value& value) {
    const auto units = readout_units(field.quantity);
    if (units.empty()) {
        return field.quantity == Quantity::power_factor ? 1'000 : 1;
    }
    const auto unit = value.unit.empty() ? std::string_view{field.unit} : std::string_view{value.unit};
    if (unit.empty()) {
        return fmt::format("code {} comes without a unit: write what it is into the profile, unit = \"{}\"",
                           field.code, units.back().name);
    }
    const auto known = std::find_if(units.begin(), units.end(),
                                    [unit](const auto& one) { return same_unit(one.name, unit); });
    if (known == units.end()) {
        return fmt::format("code {} is in {}, which is no unit of {}", field.code, unit,
                           core::to_string(field.quantity));
    }
    return known->factor;
}

/// Six digits, whatever stands between them; a seventh in front tells summer or winter.
std::optional<std::array<int, 3>> pairs_of(std::string_view text) {
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits),
                 [](char c) { return c >= '0' && c <= '9'; });
    constexpr std::size_t kDigits = 6;
    if (digits.size() != kDigits && digits.size() != kDigits + 1) {
        return std::nullopt;
    }
    const auto at = digits.size() - kDigits;
    const auto two = [&](std::size_t i) { return (digits[i] - '0') * 10 + digits[i + 1] - '0'; };
    return std::array{two(at), two(at + 2), two(at + 4)};
}

std::optional<std::int64_t> midnight_told(std::string_view text) {
    const auto pairs = pairs_of(text);
    if (!pairs) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year{2000 + (*pairs)[0]},
                                           std::chrono::month{static_cast<unsigned>((*pairs)[1])},
                                           std::chrono::day{static_cast<unsigned>((*pairs)[2])}};
    return date.ok() ? std::optional<std::int64_t>{std::chrono::sys_seconds{std::chrono::sys_days{date}}
                                                       .time_since_epoch()
                                                       .count()}
                     : std::nullopt;
}

std::optional<std::int64_t> seconds_told(std::string_view text) {
    const auto pairs = pairs_of(text);
    if (!pairs || (*pairs)[0] > 23 || (*pairs)[1] > 59 || (*pairs)[2] > 59) {
        return std::nullopt;
    }
    return (*pairs)[0] * 3'600 + (*pairs)[1] * 60 + (*pairs)[2];
}

}  // namespace

ReadoutValue readout_value(const core::Field& field, const iec::DataSets& data) {
    const auto* value = value_of_field(field, data);
    const auto text = value == nullptr ? std::string_view{} : trimmed(value->text);
    if (text.empty()) {
        return {};
    }
    if (field.type == RegisterType::bit) {
        std::uint64_t word = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), word, 16);
        if (error != std::errc{} || end != text.data() + text.size()) {
            return {};
        }
        return std::int64_t{((word >> field.bit & 1U) != 0) != field.invert ? 1 : 0};
    }
    auto factor = factor_of(field, *value);
    if (auto* wrong = std::get_if<std::string>(&factor)) {
        return std::move(*wrong);
    }
    const auto number = protocols::scaled_decimal(text, std::get<std::int64_t>(factor), 1);
    if (!number || (field.scale_num == 1 && field.scale_den == 1)) {
        return number ? ReadoutValue{*number} : ReadoutValue{};
    }
    // A transformer's ratio: in one step, so that nothing is rounded twice.
    const auto wide = std::get<std::int64_t>(factor) * field.scale_num;
    const auto scaled = protocols::scaled_decimal(text, wide, field.scale_den);
    return scaled ? ReadoutValue{*scaled} : ReadoutValue{};
}

std::string take_readout(const std::vector<const core::Field*>& fields, const iec::DataSets& data,
                         core::Values& into) {
    std::optional<std::int64_t> midnight;
    std::optional<std::int64_t> seconds;
    for (const auto* field : fields) {
        if (field->type == RegisterType::date || field->type == RegisterType::time) {
            if (const auto* value = value_of_field(*field, data)) {
                (field->type == RegisterType::date ? midnight : seconds) = field->type == RegisterType::date
                                                                               ? midnight_told(value->text)
                                                                               : seconds_told(value->text);
            }
            continue;
        }
        auto value = readout_value(*field, data);
        if (auto* wrong = std::get_if<std::string>(&value)) {
            return std::move(*wrong);
        }
        if (const auto* number = std::get_if<std::int64_t>(&value)) {
            into.insert_or_assign(field->quantity, *number);
        }
    }
    // In the first minute of a day the date may still be that of the day before.
    constexpr std::int64_t kFirstMinute = 60;
    if (midnight && seconds && *seconds >= kFirstMinute) {
        into.insert_or_assign(Quantity::clock, *midnight + *seconds);
    }
    return {};
}

std::string readout_text(const core::Field& field, const iec::DataSets& data) {
    const auto* value = value_of_field(field, data);
    return value == nullptr ? std::string{} : value->text + (value->unit.empty() ? "" : "*" + value->unit);
}

}  // namespace wutong::collector
