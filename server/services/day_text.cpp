#include "server/services/day_text.hpp"

#include <fmt/format.h>

#include <charconv>

#include "server/refused.hpp"
#include "server/services/convert.hpp"

namespace wutong::server {

std::chrono::sys_days parse_day(const std::string& text, const char* field) {
    int year = 0;
    unsigned month = 0;
    unsigned day = 0;
    const auto number = [&text](std::size_t at, std::size_t length, auto& out) {
        const auto* begin = text.data() + at;
        const auto parsed = std::from_chars(begin, begin + length, out);
        return parsed.ec == std::errc{} && parsed.ptr == begin + length;
    };
    const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' && number(0, 4, year) &&
                        number(5, 2, month) && number(8, 2, day);
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                           std::chrono::day{day}};
    if (!shaped || year < 1 || !date.ok()) {
        throw invalid(field, fmt::format("\"{}\" is not a day; write it as 2026-01-31", text));
    }
    return date;
}

void check_days(const std::string& from_day, const std::string& to_day, std::chrono::days most) {
    const auto from = parse_day(from_day, "from_day");
    const auto to = parse_day(to_day, "to_day");
    if (to < from) {
        throw invalid("to_day", "must not be before from_day");
    }
    if (to - from >= most) {
        throw invalid("to_day", fmt::format("at most {} days can be asked for at once", most.count()));
    }
}

}  // namespace wutong::server
