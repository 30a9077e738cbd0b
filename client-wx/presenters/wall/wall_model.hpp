#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client-wx/presenters/live_meters.hpp"

namespace wutong::client {

struct WallFilter {
    std::set<MeterStatus> states;  ///< empty: all
    std::string building;          ///< code; empty: all
    std::string search;            ///< part of code, unit, name, account or serial number
    [[nodiscard]] bool none() const { return states.empty() && building.empty() && search.empty(); }
    friend bool operator==(const WallFilter&, const WallFilter&) = default;
};

/// Which meters the wall shows, floor by floor, and how many there are of each state.
class WallModel {
public:
    struct Floor {
        std::string building, building_name, floor_name;
        int floor{0};
        std::size_t first{0}, size{0};
        std::array<std::size_t, kMeterStatusCount> counts{};
    };
    struct Building {
        std::string code, name;
    };

    explicit WallModel(const LiveMeters& live) : live_{live} {}

    void set_filter(WallFilter filter);
    [[nodiscard]] const WallFilter& filter() const { return filter_; }
    /// After meters came, went or moved.
    void rebuild();
    /// After these meters changed. @return true when the wall has other cells now (it was rebuilt); else
    /// `positions` are the cells to draw again
    bool update(const std::vector<std::size_t>& indices, std::vector<std::size_t>& positions);

    /// Positions on the wall → indices of LiveMeters::meters().
    [[nodiscard]] const std::vector<std::size_t>& shown() const { return shown_; }
    [[nodiscard]] const std::vector<Floor>& floors() const { return floors_; }
    [[nodiscard]] const std::vector<Building>& buildings() const { return buildings_; }
    [[nodiscard]] const LiveMeter& at(std::size_t position) const {
        return live_.meters()[shown_.at(position)];
    }
    [[nodiscard]] std::optional<std::size_t> position_of(std::int64_t meter_id) const;
    /// Of all states, within building and search: what the chips say.
    [[nodiscard]] std::size_t count(MeterStatus status) const {
        return counts_[static_cast<std::size_t>(status)];
    }
    [[nodiscard]] std::size_t count_all() const;
    /// How the meter is called on the wall: its unit where that has one meter only, else its own code.
    [[nodiscard]] const std::string& name_of(const LiveMeter& meter) const;
    /// The first cell whose name begins like `typed` ("a229" finds A-229), searched from `from` on.
    [[nodiscard]] std::optional<std::size_t> find_typed(std::string_view typed, std::size_t from = 0) const;

private:
    [[nodiscard]] bool fits_place(const LiveMeter& meter) const;
    [[nodiscard]] bool fits(const LiveMeter& meter) const {
        return (filter_.states.empty() || filter_.states.contains(meter.status)) && fits_place(meter);
    }

    const LiveMeters& live_;
    WallFilter filter_;
    std::string folded_search_;
    std::string folded_code_search_;
    std::vector<std::size_t> shown_;
    std::vector<std::optional<std::size_t>> position_;  // beside LiveMeters::meters()
    std::vector<MeterStatus> status_;                   // as counted, likewise
    std::vector<Floor> floors_;
    std::vector<Building> buildings_;
    std::unordered_map<std::string, int> meters_of_unit_;
    std::array<std::size_t, kMeterStatusCount> counts_{};
};

/// Lower case where that is plain ASCII; the rest as it is.
[[nodiscard]] std::string folded(std::string_view text);
/// Like folded(), without hyphens, blanks, dots and slashes: "A-229" and "a 229" are the same code.
[[nodiscard]] std::string folded_code(std::string_view text);

}  // namespace wutong::client
