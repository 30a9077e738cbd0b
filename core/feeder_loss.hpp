#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/quantities.hpp"
#include "core/time.hpp"

/// What is lost between a feeder or transformer meter and the meters behind it: energy in less energy out.
/// What flows back (somebody feeds in) counts against it on both sides. A loss is worth as much as its
/// readings: a meter that is not read over the whole period makes it too large or too small, and is named.
namespace wutong::core {

/// A meter's register over a period, from its first to its last reading.
struct UseSpan {
    std::optional<Timestamp> known_from;  ///< the last reading before the period, else the first in it
    std::optional<Timestamp> known_to;    ///< the last reading in the period
    Energy used;                          ///< between the two
    Energy reverse;                       ///< that flowed back
};

enum class Coverage {
    whole,
    nothing,          ///< no reading
    begins_late,      ///< what was used at the beginning is not known, or too much: the reading before is old
    ends_early,       ///< what was used at the end is not known
    begins_and_ends,  ///< both
};
[[nodiscard]] const char* to_string(Coverage coverage);

/// Readings come every half hour or so; what is read so much beside an end of the period is near enough.
inline constexpr std::chrono::hours kSpanTolerance{2};

/// @param to the end of the period, or now if that is earlier
[[nodiscard]] Coverage coverage_of(const UseSpan& span, Timestamp from, Timestamp to);

struct FeederLoss {
    Energy in;    ///< through the feeder
    Energy out;   ///< to its meters
    Energy lost;  ///< may be negative: a meter is wrong, not read over the whole period, or not behind this
                  ///< feeder
    std::optional<std::int64_t> share_e4;  ///< lost / in in 1/10000; nothing when nothing came in
};
/// @throws QuantityOverflow
[[nodiscard]] FeederLoss feeder_loss(const UseSpan& feeder, const std::vector<UseSpan>& fed);

}  // namespace wutong::core
