#pragma once

#include <chrono>
#include <vector>

/// The property's wall clock, from a table that is handed in: core has no time zone database.
namespace wutong::core {

/// UTC in whole seconds, which is as fine as a meter's clock is worth.
using Instant = std::chrono::sys_seconds;

/// From `from` on the wall shows UTC + `offset`.
struct UtcOffset {
    Instant from;
    std::chrono::seconds offset{0};
    friend bool operator==(const UtcOffset&, const UtcOffset&) = default;
};

class LocalTime {
public:
    /// @param table ordered by time, at most 1000 rows, offsets of at most 18 hours. What lies before the
    /// first row is unknown.
    /// @throws std::invalid_argument that names the row and what is wrong with it
    explicit LocalTime(std::vector<UtcOffset> table);

    struct Look {
        std::chrono::seconds offset;
        Instant until;  ///< the next change; Instant::max() when none is known
    };
    [[nodiscard]] bool knows(Instant at) const { return at >= table_.front().from; }
    /// @throws std::out_of_range unless knows(at)
    [[nodiscard]] Look look(Instant at) const;
    [[nodiscard]] std::chrono::local_seconds wall(Instant at) const;
    [[nodiscard]] std::chrono::local_days date(Instant at) const;
    /// The first moment at which the wall shows this date or a later one.
    [[nodiscard]] Instant start_of(std::chrono::local_days day) const;
    /// The first day that begins at `at` or later.
    [[nodiscard]] std::chrono::local_days day_from(Instant at) const;

private:
    std::vector<UtcOffset> table_;
};

}  // namespace wutong::core
