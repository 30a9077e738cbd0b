#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/meter_profile.hpp"
#include "core/meter_profile_scale.hpp"

namespace wutong::core {

namespace {

/// The words of one field, in the order of the wire.
class Words {
public:
    Words(const std::vector<std::uint16_t>& words, std::size_t at, int count)
        : words_{words}, at_{at}, count_{count} {}

    /// All words as one unsigned number, the first word highest.
    [[nodiscard]] std::uint64_t high_word_first() const {
        std::uint64_t value = 0;
        for (int i = 0; i < count_; ++i) {
            value = value << 16 | word(i);
        }
        return value;
    }

    [[nodiscard]] std::uint64_t low_word_first() const {
        std::uint64_t value = 0;
        for (int i = count_ - 1; i >= 0; --i) {
            value = value << 16 | word(i);
        }
        return value;
    }

    [[nodiscard]] int byte(int i) const { return i % 2 == 0 ? word(i / 2) >> 8 : word(i / 2) & 0xff; }

private:
    [[nodiscard]] std::uint16_t word(int i) const { return words_[at_ + static_cast<std::size_t>(i)]; }

    const std::vector<std::uint16_t>& words_;
    std::size_t at_;
    int count_;
};

/// "Not available" is all ones for unsigned numbers. @param bits 16, 32 or 64
std::optional<std::int64_t> unsigned_value(std::uint64_t raw, int bits) {
    const std::uint64_t all_ones = std::numeric_limits<std::uint64_t>::max() >> (64 - bits);
    if (raw == all_ones || raw > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(raw);
}

/// For signed numbers all ones is -1, a value like any other; what says "not available" is the largest
/// positive one.
std::optional<std::int64_t> signed_value(std::uint64_t raw, int bits) {
    const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max() >> (65 - bits);
    if (raw == largest) {
        return std::nullopt;
    }
    const std::uint64_t sign_extension =
        bits < 64 && raw > largest ? std::numeric_limits<std::uint64_t>::max() << bits : 0;
    return static_cast<std::int64_t>(raw | sign_extension);
}

}  // namespace

std::optional<std::int64_t> detail::scaled(std::int64_t raw, const Field& field) {
    try {
        const std::int64_t product = detail::checked_mul(raw, field.scale_num, "register value");
        const std::int64_t half = field.scale_den / 2;
        const std::int64_t rounded = product < 0 ? detail::checked_sub(product, half, "register value")
                                                 : detail::checked_add(product, half, "register value");
        return rounded / field.scale_den;
    } catch (const QuantityOverflow&) {
        return std::nullopt;
    }
}

namespace {

/// The only place where a floating-point number is met: it is what these meters send.
std::optional<std::int64_t> scaled_float(std::uint32_t raw, const Field& field) {
    static_assert(sizeof(float) == sizeof(std::uint32_t) && std::numeric_limits<float>::is_iec559);
    float value = 0;
    std::memcpy(&value, &raw, sizeof value);
    const double product = static_cast<double>(value) * static_cast<double>(field.scale_num) /
                           static_cast<double>(field.scale_den);
    if (!std::isfinite(product) || std::fabs(product) >= 9.2e18) {
        return std::nullopt;
    }
    return std::llround(product);
}

/// Year of the century, month, day, weekday, hour, minute, second, one byte each. The weekday is not looked
/// at: models disagree about which day is 0.
std::optional<std::int64_t> clock_value(const Words& words) {
    using namespace std::chrono;
    const year_month_day date{year{2000 + words.byte(0)}, month{static_cast<unsigned>(words.byte(1))},
                              day{static_cast<unsigned>(words.byte(2))}};
    const int hour = words.byte(4);
    const int minute = words.byte(5);
    const int second = words.byte(6);
    if (words.byte(0) > 99 || !date.ok() || hour > 23 || minute > 59 || second > 59) {
        return std::nullopt;
    }
    const sys_seconds at = sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
    return at.time_since_epoch().count();
}

std::optional<std::int64_t> value_of_field(const Field& field, const Words& words) {
    std::optional<std::int64_t> raw;
    switch (field.type) {
        case RegisterType::u16:
            raw = unsigned_value(words.high_word_first(), 16);
            break;
        case RegisterType::s16:
            raw = signed_value(words.high_word_first(), 16);
            break;
        case RegisterType::u32:
            raw = unsigned_value(words.high_word_first(), 32);
            break;
        case RegisterType::s32:
            raw = signed_value(words.high_word_first(), 32);
            break;
        case RegisterType::s32_low_word_first:
            raw = signed_value(words.low_word_first(), 32);
            break;
        case RegisterType::u64:
            raw = unsigned_value(words.high_word_first(), 64);
            break;
        case RegisterType::s64:
            raw = signed_value(words.high_word_first(), 64);
            break;
        case RegisterType::f32:
            return scaled_float(static_cast<std::uint32_t>(words.high_word_first()), field);
        case RegisterType::clock_bytes:
            return clock_value(words);
        case RegisterType::bit: {
            const std::uint64_t word = words.high_word_first();
            if (word == 0xffff) {
                return std::nullopt;
            }
            const bool set = (word >> field.bit & 1U) != 0;
            return set != field.invert ? 1 : 0;
        }
        case RegisterType::bcd:
        case RegisterType::bcd_signed:
        case RegisterType::date:
        case RegisterType::time:
        case RegisterType::date_time:
        case RegisterType::valve:
        case RegisterType::number:
        case RegisterType::object_time:
            throw std::logic_error(std::string(to_string(field.quantity)) +
                                   " is of a type that no register has");
    }
    return raw ? detail::scaled(*raw, field) : std::nullopt;
}

}  // namespace

int register_count(RegisterType type) {
    switch (type) {
        case RegisterType::u16:
        case RegisterType::s16:
        case RegisterType::bit:
            return 1;
        case RegisterType::u32:
        case RegisterType::s32:
        case RegisterType::s32_low_word_first:
        case RegisterType::f32:
            return 2;
        case RegisterType::u64:
        case RegisterType::s64:
        case RegisterType::clock_bytes:
            return 4;
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
    throw std::logic_error("register type " + std::to_string(static_cast<int>(type)) + " has no length");
}

void decode(const MeterProfile& profile, const RegisterSpan& span, const std::vector<std::uint16_t>& words,
            Values& into) {
    if (words.size() != span.count) {
        throw std::invalid_argument("decode got " + std::to_string(words.size()) +
                                    " registers for a span of " + std::to_string(span.count));
    }
    for (const Block& block : profile.blocks) {
        if (block.function != span.function) {
            continue;
        }
        for (const Field& field : block.fields) {
            const int count = register_count(field.type);
            if (field.address < span.address || field.address + count > span.address + span.count) {
                continue;
            }
            const auto at = static_cast<std::size_t>(field.address - span.address);
            if (const auto value = value_of_field(field, Words{words, at, count})) {
                into.insert_or_assign(field.quantity, *value);
            }
        }
    }
}

}  // namespace wutong::core
