#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "core/meter_profile.hpp"

namespace wutong::core {

namespace {

std::string without_leading_zeros(const std::string& digits) {
    const auto first = digits.find_first_not_of('0');
    return first == std::string::npos ? std::string{} : digits.substr(first);
}

bool all_digits(const std::string& text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The largest raw value that does not read as "not available"; 0 for what is no whole number.
std::int64_t raw_most(RegisterType type) {
    switch (type) {
        case RegisterType::u16:
            return std::numeric_limits<std::uint16_t>::max() - 1;
        case RegisterType::s16:
            return std::numeric_limits<std::int16_t>::max() - 1;
        case RegisterType::u32:
            return std::int64_t{std::numeric_limits<std::uint32_t>::max()} - 1;
        case RegisterType::s32:
        case RegisterType::s32_low_word_first:
            return std::numeric_limits<std::int32_t>::max() - 1;
        case RegisterType::u64:
        case RegisterType::s64:
            return std::numeric_limits<std::int64_t>::max() - 1;
        case RegisterType::f32:
        case RegisterType::bit:
        case RegisterType::clock_bytes:
        case RegisterType::bcd:
        case RegisterType::bcd_signed:
        case RegisterType::date:
        case RegisterType::time:
        case RegisterType::date_time:
        case RegisterType::valve:
        case RegisterType::number:
        case RegisterType::object_time:
            break;
    }
    return 0;
}

}  // namespace

std::string serial_number_text(const std::vector<std::uint16_t>& words) {
    std::string text;
    for (const std::uint16_t word : words) {
        std::array<char, 8> digits{};
        std::snprintf(digits.data(), digits.size(), "%04X", static_cast<unsigned>(word));
        text += digits.data();
    }
    return text;
}

SerialNumberSays compare_serial_number(const SerialNumberRegister& where,
                                       const std::vector<std::uint16_t>& words, const std::string& expected) {
    if (words.size() != where.count()) {
        throw std::invalid_argument("a serial number of " + std::to_string(where.count()) +
                                    " registers, not of " + std::to_string(words.size()));
    }
    const std::string found = serial_number_text(words);
    const std::string wanted = without_leading_zeros(expected);
    const bool set = all_digits(found) && !without_leading_zeros(found).empty();
    if (!set || !all_digits(expected) || wanted.size() > static_cast<std::size_t>(where.digits)) {
        return SerialNumberSays::nothing;
    }
    return without_leading_zeros(found) == wanted ? SerialNumberSays::this_meter
                                                  : SerialNumberSays::another_meter;
}

std::optional<SettableRange> settable(const MeterProfile& profile, Quantity quantity) {
    for (const Block& block : profile.blocks) {
        for (const Field& field : block.fields) {
            const std::int64_t most = raw_most(field.type);
            if (field.quantity != quantity || most == 0 || field.scale_num <= 0) {
                continue;
            }
            // value = raw * num / den, and only values that are exactly one raw step fit.
            const std::int64_t common = std::gcd(field.scale_num, field.scale_den);
            const std::int64_t num = field.scale_num / common;
            const std::int64_t den = field.scale_den / common;
            const std::int64_t steps = most / den;
            constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
            return SettableRange{num, steps > kMost / num ? kMost / num * num : steps * num};
        }
    }
    return std::nullopt;
}

}  // namespace wutong::core
