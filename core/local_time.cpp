#include "core/local_time.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace wutong::core {

namespace {
constexpr std::chrono::hours kOffsetMax{18};
constexpr std::size_t kRowsMax = 1'000;
}  // namespace

LocalTime::LocalTime(std::vector<UtcOffset> table) : table_{std::move(table)} {
    if (table_.empty() || table_.size() > kRowsMax) {
        throw std::invalid_argument("a table of UTC offsets has 1 to 1000 rows, this one has " +
                                    std::to_string(table_.size()));
    }
    for (std::size_t i = 0; i < table_.size(); ++i) {
        if (table_[i].offset > kOffsetMax || table_[i].offset < -kOffsetMax) {
            throw std::invalid_argument("row " + std::to_string(i + 1) +
                                        " of the UTC offsets: " + std::to_string(table_[i].offset.count()) +
                                        " s is more than 18 hours");
        }
        if (i > 0 && table_[i].from <= table_[i - 1].from) {
            throw std::invalid_argument("row " + std::to_string(i + 1) +
                                        " of the UTC offsets does not begin after the row before it");
        }
    }
}

LocalTime::Look LocalTime::look(Instant at) const {
    const auto after = std::upper_bound(table_.begin(), table_.end(), at,
                                        [](Instant t, const UtcOffset& row) { return t < row.from; });
    if (after == table_.begin()) {
        throw std::out_of_range("the table of UTC offsets begins later than this moment");
    }
    return {std::prev(after)->offset, after == table_.end() ? Instant::max() : after->from};
}

std::chrono::local_seconds LocalTime::wall(Instant at) const {
    return std::chrono::local_seconds{at.time_since_epoch() + look(at).offset};
}

std::chrono::local_days LocalTime::date(Instant at) const {
    return std::chrono::floor<std::chrono::days>(wall(at));
}

Instant LocalTime::start_of(std::chrono::local_days day) const {
    const std::chrono::seconds midnight = day.time_since_epoch();
    Instant first = Instant::max();
    for (std::size_t i = 0; i < table_.size(); ++i) {
        const Instant until = i + 1 < table_.size() ? table_[i + 1].from : Instant::max();
        first = std::max(table_[i].from, Instant{midnight - table_[i].offset});
        if (first < until) {
            break;
        }
    }
    return first;
}

std::chrono::local_days LocalTime::day_from(Instant at) const {
    auto day = date(at);
    // A change across midnight can show yesterday's date again, so that the next day may have begun already.
    while (start_of(day) < at) {
        day += std::chrono::days{1};
    }
    return day;
}

}  // namespace wutong::core
