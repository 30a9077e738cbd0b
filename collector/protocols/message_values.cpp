#include "collector/protocols/message_values.hpp"

#include <charconv>

#include "collector/protocols/decimal_text.hpp"

namespace wutong::protocols {

namespace {

/// Years that a meter's clock may show.
constexpr int kYearMin = 2000;
constexpr int kYearMax = 2199;

int number(std::string_view digits) {
    int value = -1;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return read.ec == std::errc{} && read.ptr == digits.data() + digits.size() && digits[0] != '-' ? value
                                                                                                   : -1;
}

struct WallTime {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    std::chrono::milliseconds rest{0};
};

std::optional<core::Timestamp> moment_of(const WallTime& wall, std::chrono::seconds utc_offset) {
    using namespace std::chrono;
    const year_month_day date{year{wall.year}, month{static_cast<unsigned>(wall.month)},
                              day{static_cast<unsigned>(wall.day)}};
    const bool good = wall.year >= kYearMin && wall.year <= kYearMax && date.ok() && wall.hour >= 0 &&
                      wall.hour <= 23 && wall.minute >= 0 && wall.minute <= 59 && wall.second >= 0 &&
                      wall.second <= 60;
    if (!good) {
        return std::nullopt;
    }
    return core::Timestamp{sys_days{date} + hours{wall.hour} + minutes{wall.minute} + seconds{wall.second} +
                           wall.rest - utc_offset};
}

/// Milliseconds of ".25", and where they end.
std::chrono::milliseconds fraction(std::string_view& rest) {
    int value = 0;
    int digits = 0;
    if (rest.empty() || rest.front() != '.') {
        return {};
    }
    rest.remove_prefix(1);
    for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1)) {
        if (digits < 3) {
            value = value * 10 + (rest.front() - '0');
            ++digits;
        }
    }
    for (; digits < 3; ++digits) {
        value *= 10;
    }
    return std::chrono::milliseconds{value};
}

/// "Z", "+08:00", "+0800", or nothing.
std::optional<std::chrono::seconds> zone(std::string_view text, std::chrono::seconds otherwise) {
    if (text.empty()) {
        return otherwise;
    }
    if (text == "Z" || text == "z") {
        return std::chrono::seconds{0};
    }
    std::string digits{text.substr(1)};
    std::erase(digits, ':');
    if ((text[0] != '+' && text[0] != '-') || digits.size() != 4 || number(digits) < 0) {
        return std::nullopt;
    }
    const std::chrono::minutes away{number(digits) / 100 * 60 + number(digits) % 100};
    return text[0] == '-' ? -away : away;
}

/// 2026-01-01T00:00:00, with a blank instead of the T, a fraction, a zone.
std::optional<core::Timestamp> iso_time(std::string_view text, std::chrono::seconds utc_offset) {
    constexpr std::size_t kSeconds = 19;
    if (text.size() < kSeconds || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
        text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    WallTime wall{number(text.substr(0, 4)),
                  number(text.substr(5, 2)),
                  number(text.substr(8, 2)),
                  number(text.substr(11, 2)),
                  number(text.substr(14, 2)),
                  number(text.substr(17, 2)),
                  {}};
    auto rest = text.substr(kSeconds);
    wall.rest = fraction(rest);
    const auto offset = zone(rest, utc_offset);
    return offset ? moment_of(wall, *offset) : std::nullopt;
}

/// yyyyMMddHHmmss, and milliseconds if there are three digits more.
std::optional<core::Timestamp> digit_time(std::string_view text, std::chrono::seconds utc_offset) {
    if (text.size() != 14 && text.size() != 17) {
        return std::nullopt;
    }
    WallTime wall{number(text.substr(0, 4)),   number(text.substr(4, 2)),  number(text.substr(6, 2)),
                  number(text.substr(8, 2)),   number(text.substr(10, 2)), number(text.substr(12, 2)),
                  std::chrono::milliseconds{0}};
    if (text.size() == 17) {
        wall.rest = std::chrono::milliseconds{std::max(0, number(text.substr(14, 3)))};
    }
    return moment_of(wall, utc_offset);
}

std::optional<core::Timestamp> epoch_time(std::string_view text, std::int64_t microseconds_per_unit) {
    constexpr std::int64_t kEarliest = 946'684'800;  // 2000
    constexpr std::int64_t kLatest = 7'258'118'400;  // 2200
    const auto value = scaled_decimal(text, microseconds_per_unit, 1);
    if (!value || *value < kEarliest * 1'000'000 || *value > kLatest * 1'000'000) {
        return std::nullopt;
    }
    return core::Timestamp{std::chrono::microseconds{*value}};
}

}  // namespace

std::optional<std::int64_t> message_value(const core::Field& field, const JsonNode& leaf) {
    if (!leaf.is_leaf() || leaf.kind == JsonNode::Kind::null) {
        return std::nullopt;
    }
    if (!field.on.empty()) {
        if (leaf.text == field.on) {
            return 1;
        }
        return leaf.text == field.off ? std::optional<std::int64_t>{0} : std::nullopt;
    }
    if (leaf.text == "true" || leaf.text == "false") {
        return leaf.text == "true" ? 1 : 0;
    }
    return scaled_decimal(leaf.text, field.scale_num, field.scale_den);
}

void read_values(const core::Block& block, const JsonNode& node, core::Values& into) {
    for (const auto& field : block.fields) {
        const JsonNode* leaf = find(node, field.path);
        if (const auto value = leaf == nullptr ? std::nullopt : message_value(field, *leaf)) {
            into[field.quantity] = *value;
        }
    }
}

std::optional<core::Timestamp> message_time(core::TimeFormat format, std::string_view text,
                                            std::chrono::seconds utc_offset) {
    switch (format) {
        case core::TimeFormat::epoch_s:
            return epoch_time(text, 1'000'000);
        case core::TimeFormat::epoch_ms:
            return epoch_time(text, 1'000);
        case core::TimeFormat::iso8601:
            return iso_time(text, utc_offset);
        case core::TimeFormat::digits:
            return digit_time(text, utc_offset);
    }
    return std::nullopt;
}

bool counts(const core::MessagePlace& place, const JsonNode& node) {
    if (place.when.empty()) {
        return true;
    }
    const JsonNode* leaf = find(node, place.when);
    return leaf != nullptr && leaf->is_leaf() && leaf->text == place.equals;
}

std::string filled_in(std::string_view text, const std::string& address, const std::string& code) {
    std::string filled;
    for (std::size_t at = 0; at < text.size();) {
        const auto rest = text.substr(at);
        if (rest.starts_with("{address}")) {
            filled += address;
            at += 9;
        } else if (rest.starts_with("{code}")) {
            filled += code;
            at += 6;
        } else if (rest.size() >= 3 && rest[0] == '{' && rest[1] >= '1' && rest[1] <= '9' && rest[2] == '}') {
            std::size_t from = 0;
            for (char part = '1'; part < rest[1] && from != std::string::npos; ++part) {
                const auto slash = address.find('/', from);
                from = slash == std::string::npos ? slash : slash + 1;
            }
            if (from != std::string::npos) {
                filled += address.substr(from, address.find('/', from) - from);
            }
            at += 3;
        } else {
            filled += text[at++];
        }
    }
    return filled;
}

JsonNode plain_text(std::string_view payload) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto from = payload.find_first_not_of(kBlanks);
    const auto to = payload.find_last_not_of(kBlanks);
    JsonNode node;
    node.kind = JsonNode::Kind::text;
    node.text = from == std::string_view::npos ? "" : std::string{payload.substr(from, to - from + 1)};
    return node;
}

}  // namespace wutong::protocols
