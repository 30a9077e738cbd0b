#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "core/quantities.hpp"
#include "core/time.hpp"

/// Which readings there should be, which are missing, and what of a meter's own history fits into the gaps.
namespace wutong::core {

/// One that is there.
struct KnownReading {
    Timestamp at;
    bool fetched = false;  ///< afterwards, from the meter's own history
    std::optional<Energy> energy;
    friend bool operator==(const KnownReading&, const KnownReading&) = default;
};

/// One interval in which a reading was due.
struct ReadingInterval {
    Timestamp begin;
    Timestamp end;
    friend bool operator==(const ReadingInterval&, const ReadingInterval&) = default;
};

/// The whole intervals of a time, counted from `from`.
struct ExpectedReadings {
    Timestamp from;
    Timestamp to;
    std::chrono::seconds interval{1'800};
    /// What is not over yet, with half an interval more for a bus that is late, is not expected.
    Timestamp now;
};

struct CollectionCount {
    int expected = 0;
    int on_time = 0;  ///< with a reading of their own
    int fetched = 0;  ///< with one that was fetched afterwards
    [[nodiscard]] int missing() const { return expected - on_time - fetched; }
    friend bool operator==(const CollectionCount&, const CollectionCount&) = default;
};
inline constexpr int kIntervalsMax = 100'000;

/// An interval has its reading when one was made in it, or half an interval after its end at the latest: a
/// meter whose turn lies near the boundary comes now before and now behind it. Each reading counts once.
/// @param readings in order of time; those outside are left out
/// @throws std::invalid_argument for an interval under a second, or for more than kIntervalsMax
[[nodiscard]] CollectionCount count_collection(const std::vector<KnownReading>& readings,
                                               const ExpectedReadings& expected);

/// The newest `most` of the intervals that have no reading at all, oldest first.
[[nodiscard]] std::vector<ReadingInterval> missing_intervals(const std::vector<KnownReading>& readings,
                                                             const ExpectedReadings& expected,
                                                             std::size_t most);

/// The first and last moment of as many missing intervals as lie one behind the other, the newest run.
[[nodiscard]] std::optional<ReadingInterval> newest_gap(const std::vector<ReadingInterval>& missing);

struct HistoricReading {
    Timestamp at;
    Energy energy;
    friend bool operator==(const HistoricReading&, const HistoricReading&) = default;
};
/// What may be stored: at most one for each missing interval (at its end or in it, the latest), and only what
/// lies between the registers that are known before and after it. What does not is left out, with all else
/// that came with it: then meter and time don't belong together.
/// @param known in order of time
[[nodiscard]] std::vector<HistoricReading> fitting(const std::vector<HistoricReading>& history,
                                                   const std::vector<ReadingInterval>& missing,
                                                   const std::vector<KnownReading>& known);

}  // namespace wutong::core
