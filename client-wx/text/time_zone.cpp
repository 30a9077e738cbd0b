#include "client-wx/text/time_zone.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

namespace wutong::client {
namespace {

constexpr std::size_t kFileMax = 64 * 1024;
constexpr int kDay = 86'400;

// Where there is no tz database (Windows): the zones that need none, because their clocks never turn.
constexpr auto kFixedZones = std::to_array<std::pair<std::string_view, int>>({
    {"UTC", 0},
    {"Etc/UTC", 0},
    {"Asia/Shanghai", 8 * 3600},
    {"Asia/Chongqing", 8 * 3600},
    {"Asia/Urumqi", 6 * 3600},
    {"Asia/Hong_Kong", 8 * 3600},
    {"Asia/Macau", 8 * 3600},
    {"Asia/Taipei", 8 * 3600},
    {"Asia/Singapore", 8 * 3600},
    {"Asia/Kuala_Lumpur", 8 * 3600},
    {"Asia/Tokyo", 9 * 3600},
    {"Asia/Seoul", 9 * 3600},
    {"Asia/Bangkok", 7 * 3600},
    {"Asia/Ho_Chi_Minh", 7 * 3600},
    {"Asia/Jakarta", 7 * 3600},
    {"Asia/Kolkata", 19'800},
    {"Asia/Dubai", 4 * 3600},
});

bool plausible_name(std::string_view name) {
    constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return !name.empty() && name.size() <= 64 && name.front() != '/' &&
           name.find_first_not_of(allowed) == std::string_view::npos;
}

/// Big-endian numbers from a file that may end anywhere.
class Bytes {
public:
    explicit Bytes(std::string_view data) : data_{data} {}
    [[nodiscard]] bool has(std::size_t count) const { return data_.size() - at_ >= count; }
    bool skip(std::size_t count) {
        if (!has(count)) {
            return false;
        }
        at_ += count;
        return true;
    }
    /// @pre has(size)
    std::int64_t number(std::size_t size) {
        std::uint64_t value = static_cast<unsigned char>(data_[at_]) >= 0x80 ? ~std::uint64_t{0} : 0;
        for (std::size_t i = 0; i < size; ++i) {
            value = value << 8 | static_cast<unsigned char>(data_[at_ + i]);
        }
        at_ += size;
        return static_cast<std::int64_t>(value);
    }
    /// @pre has(1)
    std::size_t small() { return static_cast<unsigned char>(data_[at_++]); }
    [[nodiscard]] std::string_view rest() const { return data_.substr(at_); }

private:
    std::string_view data_;
    std::size_t at_{0};
};

struct Counts {
    std::size_t utc, std, leap, change, type, letter;
};

std::optional<Counts> read_header(Bytes& bytes) {
    if (!bytes.has(44) || bytes.rest().substr(0, 4) != "TZif" || bytes.rest()[4] < '2') {
        return std::nullopt;
    }
    bytes.skip(20);
    std::array<std::size_t, 6> n{};
    for (auto& one : n) {
        const auto value = bytes.number(4);
        if (value < 0 || value > static_cast<std::int64_t>(kFileMax)) {
            return std::nullopt;
        }
        one = static_cast<std::size_t>(value);
    }
    return Counts{n[0], n[1], n[2], n[3], n[4], n[5]};
}

std::int64_t days_from_civil(int year, int month, int day) {
    using namespace std::chrono;
    return sys_days{std::chrono::year{year} / month / day}.time_since_epoch().count();
}

/// Local seconds since 1970 at which the clocks turn in that year.
std::int64_t turn_in(int year, const DaylightRule::Turn& turn) {
    using Kind = DaylightRule::Turn::Kind;
    const std::int64_t january = days_from_civil(year, 1, 1);
    std::int64_t days = 0;
    if (turn.kind == Kind::day_of_365) {
        const bool after_february = turn.day >= 60 && std::chrono::year{year}.is_leap();
        days = january + turn.day - 1 + (after_february ? 1 : 0);
    } else if (turn.kind == Kind::day_of_366) {
        days = january + turn.day;
    } else {
        const std::int64_t first = days_from_civil(year, turn.month, 1);
        const std::int64_t next =
            turn.month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, turn.month + 1, 1);
        const int weekday = static_cast<int>(((first + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
        days = first + (turn.weekday - weekday + 7) % 7 + (turn.week - 1) * 7;
        if (days >= next) {
            days -= 7;
        }
    }
    return days * kDay + turn.seconds;
}

int offset_by_rule(const DaylightRule& rule, std::int64_t utc_s) {
    if (!rule.begin || !rule.end) {
        return rule.standard_offset_s;
    }
    const auto day = std::chrono::floor<std::chrono::days>(
        std::chrono::sys_seconds{std::chrono::seconds{utc_s + rule.standard_offset_s}});
    const int year = static_cast<int>(std::chrono::year_month_day{day}.year());
    const std::int64_t begin = turn_in(year, *rule.begin) - rule.standard_offset_s;
    const std::int64_t end = turn_in(year, *rule.end) - rule.summer_offset_s;
    const bool summer = begin < end ? utc_s >= begin && utc_s < end : utc_s >= begin || utc_s < end;
    return summer ? rule.summer_offset_s : rule.standard_offset_s;
}

/// "CET-1CEST,M3.5.0,M10.5.0/3" piece by piece.
class RuleReader {
public:
    explicit RuleReader(std::string_view text) : text_{text} {}

    [[nodiscard]] bool done() const { return text_.empty(); }

    bool take(char wanted) {
        if (text_.empty() || text_.front() != wanted) {
            return false;
        }
        text_.remove_prefix(1);
        return true;
    }

    bool name() {
        if (take('<')) {
            const auto end = text_.find('>');
            if (end == std::string_view::npos) {
                return false;
            }
            text_.remove_prefix(end + 1);
            return true;
        }
        std::size_t length = 0;
        while (length < text_.size() && ((text_[length] | 0x20) >= 'a' && (text_[length] | 0x20) <= 'z')) {
            ++length;
        }
        text_.remove_prefix(length);
        return length >= 3;
    }

    bool number(int& into, int most) {
        std::size_t length = 0;
        int value = 0;
        while (length < text_.size() && length < 4 && text_[length] >= '0' && text_[length] <= '9') {
            value = value * 10 + (text_[length] - '0');
            ++length;
        }
        text_.remove_prefix(length);
        into = value;
        return length > 0 && value <= most;
    }

    /// [+-]h[:m[:s]]
    bool seconds(int& into) {
        const bool negative = take('-');
        if (!negative) {
            take('+');
        }
        int hours = 0;
        int minutes = 0;
        int rest = 0;
        if (!number(hours, 167) || (take(':') && !number(minutes, 59)) || (take(':') && !number(rest, 59))) {
            return false;
        }
        into = (hours * 3600 + minutes * 60 + rest) * (negative ? -1 : 1);
        return true;
    }

    bool turn(DaylightRule::Turn& into) {
        using Kind = DaylightRule::Turn::Kind;
        if (take('M')) {
            into.kind = Kind::month_week_day;
            if (!number(into.month, 12) || !take('.') || !number(into.week, 5) || !take('.') ||
                !number(into.weekday, 6) || into.month < 1 || into.week < 1) {
                return false;
            }
        } else {
            into.kind = take('J') ? Kind::day_of_365 : Kind::day_of_366;
            if (!number(into.day, 365) || (into.kind == Kind::day_of_365 && into.day < 1)) {
                return false;
            }
        }
        return !take('/') || seconds(into.seconds);
    }

private:
    std::string_view text_;
};

}  // namespace

std::optional<DaylightRule> parse_daylight_rule(std::string_view text) {
    RuleReader reader{text};
    DaylightRule rule;
    // POSIX counts hours west of Greenwich.
    if (!reader.name() || !reader.seconds(rule.standard_offset_s)) {
        return std::nullopt;
    }
    rule.standard_offset_s = -rule.standard_offset_s;
    rule.summer_offset_s = rule.standard_offset_s + 3600;
    if (reader.done()) {
        return rule;
    }
    if (!reader.name()) {
        return std::nullopt;
    }
    if (!reader.take(',')) {
        if (!reader.seconds(rule.summer_offset_s) || !reader.take(',')) {
            return std::nullopt;
        }
        rule.summer_offset_s = -rule.summer_offset_s;
    }
    DaylightRule::Turn begin;
    DaylightRule::Turn end;
    if (!reader.turn(begin) || !reader.take(',') || !reader.turn(end) || !reader.done()) {
        return std::nullopt;
    }
    rule.begin = begin;
    rule.end = end;
    return rule;
}

std::optional<TimeZone> TimeZone::parse(std::string_view file) {
    Bytes bytes{file};
    const auto old = read_header(bytes);
    if (!old ||
        !bytes.skip(old->change * 5 + old->type * 6 + old->letter + old->leap * 8 + old->std + old->utc)) {
        return std::nullopt;
    }
    const auto counts = read_header(bytes);
    if (!counts || counts->type == 0 || !bytes.has(counts->change * 9 + counts->type * 6)) {
        return std::nullopt;
    }
    TimeZone zone;
    std::vector<std::int64_t> moments(counts->change);
    std::generate(moments.begin(), moments.end(), [&] { return bytes.number(8); });
    std::vector<std::size_t> types(counts->change);
    std::generate(types.begin(), types.end(), [&] { return bytes.small(); });
    std::vector<int> offsets(counts->type);
    for (auto& offset : offsets) {
        const auto seconds = bytes.number(4);
        if (seconds < -2 * kDay || seconds > 2 * kDay) {
            return std::nullopt;
        }
        offset = static_cast<int>(seconds);
        bytes.skip(2);
    }
    zone.before_s_ = offsets.front();
    for (std::size_t i = 0; i < moments.size(); ++i) {
        if (types[i] >= offsets.size() || (i > 0 && moments[i] <= moments[i - 1])) {
            return std::nullopt;
        }
        zone.changes_.push_back({moments[i], offsets[types[i]]});
    }
    if (!bytes.skip(counts->letter + counts->leap * 12 + counts->std + counts->utc)) {
        return std::nullopt;
    }
    std::string_view footer = bytes.rest();
    if (footer.size() >= 2 && footer.front() == '\n') {
        footer = footer.substr(1, footer.find('\n', 1) - 1);
        zone.rule_ = parse_daylight_rule(footer);
    }
    return zone;
}

std::optional<TimeZone> TimeZone::load(std::string_view name) {
    if (!plausible_name(name)) {
        return std::nullopt;
    }
    std::vector<std::filesystem::path> places{"/usr/share/zoneinfo"};
    if (const char* own = std::getenv("TZDIR")) {
        places.insert(places.begin(), own);
    }
    for (const auto& place : places) {
        std::ifstream file{place / std::filesystem::path{std::string{name}}, std::ios::binary};
        std::string content(kFileMax, '\0');
        file.read(content.data(), static_cast<std::streamsize>(content.size()));
        content.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
        if (auto zone = parse(content)) {
            return zone;
        }
    }
    for (const auto& [known, offset] : kFixedZones) {
        if (known == name) {
            TimeZone zone;
            zone.before_s_ = offset;
            return zone;
        }
    }
    return std::nullopt;
}

int TimeZone::offset_at(std::int64_t utc_s) const {
    const auto next = std::upper_bound(changes_.begin(), changes_.end(), utc_s,
                                       [](std::int64_t at, const Change& change) { return at < change.at; });
    if (next == changes_.end() && rule_) {
        return offset_by_rule(*rule_, utc_s);
    }
    return next == changes_.begin() ? before_s_ : std::prev(next)->offset_s;
}

std::int64_t TimeZone::utc_of(std::int64_t local_s) const {
    // Offsets a day around bracket every change of the clocks.
    const int early = offset_at(local_s - kDay);
    const int late = offset_at(local_s + kDay);
    const std::int64_t with_early = local_s - early;
    if (offset_at(with_early) == early) {
        return with_early;
    }
    const std::int64_t with_late = local_s - late;
    return offset_at(with_late) == late ? with_late : with_early;
}

}  // namespace wutong::client
