#include "simulator/load_curves.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <charconv>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace wutong::simulator {
namespace {

constexpr std::int32_t kNoReading = -1;
constexpr std::int32_t kWattsMax = 10'000'000;
constexpr std::size_t kHoursOfWeek = 7 * 24;

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    for (;;) {
        const auto comma = line.find(',');
        fields.push_back(line.substr(0, comma));
        if (comma == std::string_view::npos) {
            return fields;
        }
        line.remove_prefix(comma + 1);
    }
}

int parse_int(std::string_view text, int low, int high, const std::string& where, const char* what) {
    int value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
        throw std::runtime_error(fmt::format("{}: {} is '{}', expected a whole number from {} to {}", where,
                                             what, text, low, high));
    }
    return value;
}

Use parse_use(std::string_view text, const std::string& where) {
    for (const auto use : {Use::apartment, Use::shop, Use::office}) {
        if (text == to_string(use)) {
            return use;
        }
    }
    throw std::runtime_error(fmt::format("{}: use is '{}', expected apartment, shop or office", where, text));
}

/// Calls `row(fields, where)` for every line after the header of a gzip or plain file.
template <class Row>
void for_each_row(const std::filesystem::path& path, std::size_t columns, Row row) {
    const std::unique_ptr<gzFile_s, int (*)(gzFile)> file{gzopen(path.string().c_str(), "rb"), gzclose};
    if (!file) {
        throw std::runtime_error(fmt::format("{}: can't be opened", path.string()));
    }
    std::array<char, 1024> buffer{};
    for (int number = 1; gzgets(file.get(), buffer.data(), static_cast<int>(buffer.size())) != nullptr;
         ++number) {
        std::string_view line{buffer.data()};
        const auto where = fmt::format("{}:{}", path.string(), number);
        if (line.empty() || line.back() != '\n') {
            throw std::runtime_error(where + ": line too long or file cut off");
        }
        line.remove_suffix(1);
        if (number == 1) {
            continue;
        }
        const auto fields = split(line);
        if (fields.size() != columns) {
            throw std::runtime_error(
                fmt::format("{}: {} fields, expected {}", where, fields.size(), columns));
        }
        row(fields, where);
    }
    int fault = Z_OK;
    const char* message = gzerror(file.get(), &fault);
    if (fault != Z_OK && fault != Z_STREAM_END) {
        throw std::runtime_error(fmt::format("{}: {}", path.string(), message));
    }
}

/// Gaps take the same hour of the nearest week with a reading; the curve is a ring of whole weeks.
int fill_gaps(std::vector<std::int32_t>& watts, const std::string& premises_id) {
    const auto measured = watts;
    const auto hours = measured.size();
    const auto weeks = hours / kHoursOfWeek;
    int filled = 0;
    for (std::size_t hour = 0; hour < hours; ++hour) {
        if (measured[hour] != kNoReading) {
            continue;
        }
        for (std::size_t week = 1; week < weeks && watts[hour] == kNoReading; ++week) {
            const auto earlier = measured[(hour + hours - week * kHoursOfWeek) % hours];
            const auto later = measured[(hour + week * kHoursOfWeek) % hours];
            watts[hour] = earlier != kNoReading ? earlier : later;
        }
        if (watts[hour] == kNoReading) {
            throw std::runtime_error(
                fmt::format("load curve of {}: no reading at all for hour {} of the week", premises_id,
                            hour % kHoursOfWeek));
        }
        ++filled;
    }
    return filled;
}

}  // namespace

const char* to_string(Use use) {
    switch (use) {
        case Use::apartment:
            return "apartment";
        case Use::shop:
            return "shop";
        case Use::office:
            return "office";
    }
    return "?";
}

std::int64_t LoadCurve::watts_at(core::Timestamp at, std::chrono::minutes local_offset,
                                 int shift_weeks) const {
    // Counted from a Tuesday, 2013-01-01, in whole weeks: a weekday is replayed by the same weekday.
    constexpr std::chrono::sys_days kFirstDay{std::chrono::year{2013} / 1 / 1};
    const auto hour = std::chrono::floor<std::chrono::hours>(at + local_offset - kFirstDay).count() +
                      static_cast<std::int64_t>(shift_weeks) * static_cast<std::int64_t>(kHoursOfWeek);
    const auto ring = static_cast<std::int64_t>(kHours);
    const auto index = static_cast<std::size_t>(((hour % ring) + ring) % ring);
    return static_cast<std::int64_t>(watts[index]) * share_permille / 1000;
}

LoadCurves::LoadCurves(const std::filesystem::path& folder) {
    std::map<std::string, std::size_t, std::less<>> index;
    for_each_row(folder / "premises.csv", 4, [&](const auto& fields, const std::string& where) {
        LoadCurve curve;
        curve.premises_id = std::string{fields[0]};
        curve.use = parse_use(fields[1], where);
        curve.share_permille = parse_int(fields[2], 1, 1000, where, "share_permille");
        curve.watts.assign(LoadCurve::kHours, kNoReading);
        if (!index.emplace(curve.premises_id, curves_.size()).second) {
            throw std::runtime_error(fmt::format("{}: premises {} twice", where, curve.premises_id));
        }
        curves_.push_back(std::move(curve));
    });
    for_each_row(folder / "load-curves.csv.gz", 26, [&](const auto& fields, const std::string& where) {
        const auto found = index.find(fields[0]);
        if (found == index.end()) {
            throw std::runtime_error(fmt::format("{}: premises {} is not in premises.csv", where, fields[0]));
        }
        const auto day = static_cast<std::size_t>(parse_int(fields[1], 0, 363, where, "day"));
        for (std::size_t hour = 0; hour < 24; ++hour) {
            if (const auto text = fields[hour + 2]; !text.empty()) {
                curves_[found->second].watts[day * 24 + hour] =
                    parse_int(text, 0, kWattsMax, where, "watt-hours");
            }
        }
    });
    for (auto& curve : curves_) {
        curve.gap_hours = fill_gaps(curve.watts, curve.premises_id);
    }
}

std::vector<const LoadCurve*> LoadCurves::of_use(Use use) const {
    std::vector<const LoadCurve*> found;
    for (const auto& curve : curves_) {
        if (curve.use == use) {
            found.push_back(&curve);
        }
    }
    return found;
}

const LoadCurve* LoadCurves::find(const std::string& premises_id) const {
    for (const auto& curve : curves_) {
        if (curve.premises_id == premises_id) {
            return &curve;
        }
    }
    return nullptr;
}

std::filesystem::path find_data_folder(const std::filesystem::path& given,
                                       const std::filesystem::path& executable) {
    std::vector<std::filesystem::path> places;
    if (!given.empty()) {
        places.push_back(given);
    } else {
        places.push_back(executable.parent_path() / ".." / "share" / "wutong" / "sim-data");
        // build/PRESET/bin/wutong-sim
        places.push_back(executable.parent_path() / ".." / ".." / ".." / "simulator" / "data");
    }
    std::string tried;
    for (const auto& place : places) {
        if (std::filesystem::exists(place / "load-curves.csv.gz")) {
            return std::filesystem::weakly_canonical(place);
        }
        tried += (tried.empty() ? "" : ", ") + place.lexically_normal().string();
    }
    throw std::runtime_error("no load curves (load-curves.csv.gz) in " + tried +
                             "; say where with --data DIR");
}

}  // namespace wutong::simulator
