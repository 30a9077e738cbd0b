#pragma once

#include <chrono>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wutong::client {

/// A year's rule for summer time, as the last line of a zone file has it: "CET-1CEST,M3.5.0,M10.5.0/3".
struct DaylightRule {
    struct Turn {
        enum class Kind { month_week_day, day_of_365, day_of_366 } kind{Kind::month_week_day};
        int month{0};       ///< 1 to 12
        int week{0};        ///< 1 to 5, 5 is the last
        int weekday{0};     ///< 0 is Sunday
        int day{0};         ///< 1 to 365 without 29 February, or 0 to 365 with it
        int seconds{7200};  ///< after local midnight; may be negative
    };
    int standard_offset_s{0};
    int summer_offset_s{0};
    std::optional<Turn> begin;  ///< none: no summer time
    std::optional<Turn> end;
};

/// One time zone out of the system's tz database, read by us because the C library knows only one zone for
/// the whole process, and Windows none of these.
class TimeZone {
public:
    /// UTC
    TimeZone() = default;
    /// @param name IANA: "Asia/Shanghai"
    [[nodiscard]] static std::optional<TimeZone> load(std::string_view name);
    /// The format of RFC 8536. @return nothing when it is damaged
    [[nodiscard]] static std::optional<TimeZone> parse(std::string_view file);

    /// Seconds east of UTC.
    [[nodiscard]] int offset_at(std::int64_t utc_s) const;
    /// The moment when the clocks there show this; in the hour that happens twice the first one, in the hour
    /// that is left out the same distance after the change.
    [[nodiscard]] std::int64_t utc_of(std::int64_t local_s) const;

private:
    struct Change {
        std::int64_t at;
        int offset_s;
    };
    int before_s_{0};
    std::vector<Change> changes_;
    std::optional<DaylightRule> rule_;  // after the last change
};

/// @return nothing unless all of it is understood
[[nodiscard]] std::optional<DaylightRule> parse_daylight_rule(std::string_view text);

}  // namespace wutong::client
