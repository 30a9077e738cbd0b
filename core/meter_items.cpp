#include "core/meter_items.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

#include "core/meter_profile_scale.hpp"

namespace wutong::core {

namespace {

constexpr std::int64_t kFirstMinute = 60;

using Data = std::vector<std::uint8_t>;

/// Two decimal digits, or nothing.
std::optional<std::int64_t> two_digits(std::uint8_t byte) {
    const int high = byte >> 4;
    const int low = byte & 0x0F;
    return high > 9 || low > 9 ? std::nullopt : std::optional{std::int64_t{high} * 10 + low};
}

std::optional<std::int64_t> number(const Data& data, std::size_t at, std::size_t bytes, bool with_sign) {
    std::int64_t value = 0;
    bool negative = false;
    for (std::size_t i = bytes; i-- > 0;) {
        std::uint8_t byte = data[at + i];
        if (with_sign && i + 1 == bytes) {
            // FFh is no sign and seven digits, but "not available".
            if (byte == 0xFF) {
                return std::nullopt;
            }
            negative = (byte & 0x80U) != 0;
            byte = static_cast<std::uint8_t>(byte & 0x7FU);
        }
        const auto pair = two_digits(byte);
        if (!pair) {
            return std::nullopt;
        }
        value = value * 100 + *pair;
    }
    return negative ? -value : value;
}

std::optional<std::int64_t> midnight_of_day(int year, std::int64_t month, std::int64_t day) {
    const std::chrono::year_month_day date{std::chrono::year{year},
                                           std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_seconds{std::chrono::sys_days{date}}.time_since_epoch().count();
}

/// Weekday, day, month, year; the weekday is not looked at.
std::optional<std::int64_t> midnight_of(const Data& data, std::size_t at) {
    const auto day = two_digits(data[at + 1]);
    const auto month = two_digits(data[at + 2]);
    const auto year = two_digits(data[at + 3]);
    if (!day || !month || !year) {
        return std::nullopt;
    }
    return midnight_of_day(static_cast<int>(2000 + *year), *month, *day);
}

/// Second, minute, hour.
std::optional<std::int64_t> seconds_of(const Data& data, std::size_t at) {
    const auto second = two_digits(data[at]);
    const auto minute = two_digits(data[at + 1]);
    const auto hour = two_digits(data[at + 2]);
    if (!second || !minute || !hour || *second > 59 || *minute > 59 || *hour > 23) {
        return std::nullopt;
    }
    return *hour * 3'600 + *minute * 60 + *second;
}

/// Second, minute, hour, day, month, year in two and century.
std::optional<std::int64_t> moment_of(const Data& data, std::size_t at) {
    const auto seconds = seconds_of(data, at);
    const auto day = two_digits(data[at + 3]);
    const auto month = two_digits(data[at + 4]);
    const auto year = two_digits(data[at + 5]);
    const auto century = two_digits(data[at + 6]);
    if (!seconds || !day || !month || !year || !century) {
        return std::nullopt;
    }
    const auto midnight = midnight_of_day(static_cast<int>(*century * 100 + *year), *month, *day);
    return midnight ? std::optional{*midnight + *seconds} : std::nullopt;
}

}  // namespace

int byte_count(const Field& field) {
    switch (field.type) {
        case RegisterType::bcd:
        case RegisterType::bcd_signed:
            return field.digits / 2;
        case RegisterType::bit:
        case RegisterType::valve:
            return 1;
        case RegisterType::date:
            return 4;
        case RegisterType::time:
            return 3;
        case RegisterType::date_time:
            return 7;
        default:
            throw std::logic_error(std::string(to_string(field.quantity)) +
                                   " is of a type that no data item has");
    }
}

std::optional<std::int64_t> raw_of(const Field& field, const Data& data) {
    const std::size_t at = field.address;
    const auto bytes = static_cast<std::size_t>(byte_count(field));
    if (at + bytes > data.size()) {
        return std::nullopt;
    }
    switch (field.type) {
        case RegisterType::bit: {
            const bool set = (data[at] >> field.bit & 1) != 0;
            return set != field.invert ? 1 : 0;
        }
        case RegisterType::valve: {
            const int state = data[at] >> field.bit & 3;
            return state > 1 ? std::nullopt : std::optional{std::int64_t{state == 0 ? 1 : 0}};
        }
        case RegisterType::date:
            return midnight_of(data, at);
        case RegisterType::time:
            return seconds_of(data, at);
        case RegisterType::date_time:
            return moment_of(data, at);
        default:
            return number(data, at, bytes, field.type == RegisterType::bcd_signed);
    }
}

void ItemDecoder::add(const Block& item, const Data& data) {
    for (const Field& field : item.fields) {
        const auto raw = raw_of(field, data);
        if (field.type == RegisterType::date) {
            midnight_ = raw;
        } else if (field.type == RegisterType::time) {
            since_midnight_ = raw;
        } else if (const auto value = raw ? detail::scaled(*raw, field) : std::nullopt) {
            values_.insert_or_assign(field.quantity, *value);
        }
    }
}

Values ItemDecoder::values() const {
    Values values = values_;
    if (midnight_ && since_midnight_ && *since_midnight_ >= kFirstMinute) {
        values.insert_or_assign(Quantity::clock, *midnight_ + *since_midnight_);
    }
    return values;
}

}  // namespace wutong::core
