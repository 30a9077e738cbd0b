#include "core/reading_gaps.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace wutong::core {

namespace {

std::size_t intervals_of(const ExpectedReadings& expected) {
    if (expected.interval < std::chrono::seconds{1}) {
        throw std::invalid_argument("readings are at least a second apart");
    }
    const auto half = std::chrono::microseconds{expected.interval} / 2;
    const auto to = std::min(expected.to, expected.now - half);
    const auto whole = to > expected.from ? (to - expected.from) / expected.interval : 0;
    if (whole > kIntervalsMax) {
        throw std::invalid_argument("more than " + std::to_string(kIntervalsMax) + " intervals at once");
    }
    return static_cast<std::size_t>(whole);
}

/// Which intervals have a reading. @param fetched_too those that came afterwards count as well
std::vector<bool> served(const std::vector<KnownReading>& readings, const ExpectedReadings& expected,
                         bool fetched_too) {
    const auto whole = intervals_of(expected);
    const auto half = std::chrono::microseconds{expected.interval} / 2;
    struct Place {
        int readings = 0;
        bool early = false;  ///< one of them may belong to the interval before
    };
    // One more: what comes just behind the last interval may be its own.
    std::vector<Place> places(whole + 1);
    for (const auto& reading : readings) {
        if ((reading.fetched && !fetched_too) || reading.at < expected.from) {
            continue;
        }
        const auto place = static_cast<std::size_t>((reading.at - expected.from) / expected.interval);
        if (place < places.size()) {
            ++places[place].readings;
            places[place].early =
                places[place].early || (reading.at - expected.from) % expected.interval <= half;
        }
    }
    // Backwards, so that what is too many in one interval goes on through those that were late as well.
    for (std::size_t i = whole; i > 0; --i) {
        const bool spare = i == whole ? places[i].readings > 0 : places[i].readings > 1;
        if (spare && places[i].early) {
            --places[i].readings;
            ++places[i - 1].readings;
        }
    }
    std::vector<bool> has(whole);
    for (std::size_t i = 0; i < whole; ++i) {
        has[i] = places[i].readings > 0;
    }
    return has;
}

ReadingInterval interval_of(const ExpectedReadings& expected, std::size_t place) {
    const auto begin = expected.from + static_cast<std::int64_t>(place) * expected.interval;
    return {begin, begin + expected.interval};
}

}  // namespace

CollectionCount count_collection(const std::vector<KnownReading>& readings,
                                 const ExpectedReadings& expected) {
    const auto own = served(readings, expected, false);
    const auto all = served(readings, expected, true);
    CollectionCount count;
    count.expected = static_cast<int>(own.size());
    count.on_time = static_cast<int>(std::count(own.begin(), own.end(), true));
    count.fetched = static_cast<int>(std::count(all.begin(), all.end(), true)) - count.on_time;
    return count;
}

std::vector<ReadingInterval> missing_intervals(const std::vector<KnownReading>& readings,
                                               const ExpectedReadings& expected, std::size_t most) {
    const auto has = served(readings, expected, true);
    std::vector<ReadingInterval> missing;
    for (std::size_t i = has.size(); i > 0 && missing.size() < most; --i) {
        if (!has[i - 1]) {
            missing.push_back(interval_of(expected, i - 1));
        }
    }
    std::reverse(missing.begin(), missing.end());
    return missing;
}

std::optional<ReadingInterval> newest_gap(const std::vector<ReadingInterval>& missing) {
    if (missing.empty()) {
        return std::nullopt;
    }
    ReadingInterval gap = missing.back();
    for (auto it = missing.rbegin() + 1; it != missing.rend() && it->end == gap.begin; ++it) {
        gap.begin = it->begin;
    }
    return gap;
}

std::vector<HistoricReading> fitting(const std::vector<HistoricReading>& history,
                                     const std::vector<ReadingInterval>& missing,
                                     const std::vector<KnownReading>& known) {
    std::vector<HistoricReading> chosen;
    for (const auto& interval : missing) {
        const HistoricReading* best = nullptr;
        for (const auto& row : history) {
            if (row.at > interval.begin && row.at <= interval.end && (best == nullptr || row.at > best->at)) {
                best = &row;
            }
        }
        if (best != nullptr) {
            chosen.push_back(*best);
        }
    }
    // One line of registers, known and new, that never falls.
    std::vector<std::pair<Timestamp, Energy>> line;
    for (const auto& reading : known) {
        if (reading.energy) {
            line.emplace_back(reading.at, *reading.energy);
        }
    }
    for (const auto& row : chosen) {
        line.emplace_back(row.at, row.energy);
    }
    std::stable_sort(line.begin(), line.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto falls = [&line](const HistoricReading& row) {
        const auto here = std::find(line.begin(), line.end(), std::pair{row.at, row.energy});
        const bool below = here != line.begin() && (here - 1)->second > here->second;
        const bool above = here + 1 != line.end() && (here + 1)->second < here->second;
        return below || above;
    };
    if (std::any_of(chosen.begin(), chosen.end(), falls)) {
        return {};
    }
    return chosen;
}

}  // namespace wutong::core
