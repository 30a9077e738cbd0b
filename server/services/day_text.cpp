#include "server/services/day_text.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "server/refused.hpp"
#include "storage/tariff_json.hpp"

namespace wutong::server {

std::chrono::local_days parse_day(const std::string& text, const std::string& field) {
    try {
        return storage::parse_local_day(text);
    } catch (const std::invalid_argument& wrong) {
        throw invalid(field, wrong.what());
    }
}

DaySpan check_days(const std::string& from_day, const std::string& to_day, std::chrono::days most) {
    const DaySpan days{parse_day(from_day, "from_day"), parse_day(to_day, "to_day")};
    if (days.to < days.from) {
        throw invalid("to_day", "must not be before from_day");
    }
    if (days.to - days.from >= most) {
        throw invalid("to_day", fmt::format("at most {} days can be asked for at once", most.count()));
    }
    return days;
}

}  // namespace wutong::server
