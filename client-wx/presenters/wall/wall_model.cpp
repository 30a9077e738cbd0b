#include "client-wx/presenters/wall/wall_model.hpp"

#include <algorithm>
#include <numeric>

namespace wutong::client {

std::string folded(std::string_view text) {
    std::string result{text};
    for (auto& letter : result) {
        if (letter >= 'A' && letter <= 'Z') {
            letter = static_cast<char>(letter - 'A' + 'a');
        }
    }
    return result;
}

std::string folded_code(std::string_view text) {
    auto result = folded(text);
    std::erase_if(result, [](char c) { return c == '-' || c == ' ' || c == '.' || c == '/' || c == '_'; });
    return result;
}

void WallModel::set_filter(WallFilter filter) {
    filter_ = std::move(filter);
    folded_search_ = folded(filter_.search);
    folded_code_search_ = folded_code(filter_.search);
    rebuild();
}

bool WallModel::fits_place(const LiveMeter& meter) const {
    if (!filter_.building.empty() && meter.building != filter_.building) {
        return false;
    }
    if (folded_search_.empty()) {
        return true;
    }
    const auto code_has = [&](const std::string& code) {
        return !folded_code_search_.empty() &&
               folded_code(code).find(folded_code_search_) != std::string::npos;
    };
    const auto text_has = [&](const std::string& text) {
        return folded(text).find(folded_search_) != std::string::npos;
    };
    return code_has(meter.code) || code_has(meter.unit_code) || code_has(meter.account_number) ||
           code_has(meter.serial_number) || text_has(meter.customer) || text_has(meter.unit_name);
}

void WallModel::rebuild() {
    const auto& meters = live_.meters();
    shown_.clear();
    floors_.clear();
    buildings_.clear();
    meters_of_unit_.clear();
    counts_.fill(0);
    position_.assign(meters.size(), std::nullopt);
    status_.resize(meters.size());
    for (std::size_t i = 0; i < meters.size(); ++i) {
        const auto& meter = meters[i];
        status_[i] = meter.status;
        ++meters_of_unit_[meter.unit_code];
        if (!meter.building.empty() && (buildings_.empty() || buildings_.back().code != meter.building)) {
            buildings_.push_back({meter.building, meter.building_name});
        }
        if (!fits_place(meter)) {
            continue;
        }
        ++counts_[static_cast<std::size_t>(meter.status)];
        if (!fits(meter)) {
            continue;
        }
        if (floors_.empty() || floors_.back().building != meter.building ||
            floors_.back().floor != meter.floor) {
            floors_.push_back(
                {meter.building, meter.building_name, meter.floor_name, meter.floor, shown_.size(), 0, {}});
        }
        auto& floor = floors_.back();
        ++floor.size;
        ++floor.counts[static_cast<std::size_t>(meter.status)];
        position_[i] = shown_.size();
        shown_.push_back(i);
    }
}

bool WallModel::update(const std::vector<std::size_t>& indices, std::vector<std::size_t>& positions) {
    const auto& meters = live_.meters();
    positions.clear();
    if (meters.size() != position_.size()) {
        rebuild();
        return true;
    }
    for (const auto i : indices) {
        if (i >= meters.size()) {
            continue;
        }
        if (fits(meters[i]) != position_[i].has_value()) {
            rebuild();
            return true;
        }
    }
    for (const auto i : indices) {
        if (i >= meters.size()) {
            continue;
        }
        const auto now = static_cast<std::size_t>(meters[i].status),
                   was = static_cast<std::size_t>(status_[i]);
        if (now != was && fits_place(meters[i])) {
            ++counts_[now];
            --counts_[was];
        }
        if (const auto position = position_[i]) {
            const auto floor = std::upper_bound(floors_.begin(), floors_.end(), *position,
                                                [](std::size_t p, const Floor& f) { return p < f.first; }) -
                               1;
            ++floor->counts[now];
            --floor->counts[was];
            positions.push_back(*position);
        }
        status_[i] = meters[i].status;
    }
    return false;
}

std::optional<std::size_t> WallModel::position_of(std::int64_t meter_id) const {
    const auto index = live_.index_of(meter_id);
    return index && *index < position_.size() ? position_[*index] : std::nullopt;
}

std::size_t WallModel::count_all() const {
    return std::accumulate(counts_.begin(), counts_.end(), std::size_t{0});
}

const std::string& WallModel::name_of(const LiveMeter& meter) const {
    if (meter.unit_code.empty()) {
        return meter.code;
    }
    const auto meters = meters_of_unit_.find(meter.unit_code);
    return meters == meters_of_unit_.end() || meters->second > 1 ? meter.code : meter.unit_code;
}

std::optional<std::size_t> WallModel::find_typed(std::string_view typed, std::size_t from) const {
    const auto wanted = folded_code(typed);
    if (wanted.empty() || shown_.empty()) {
        return std::nullopt;
    }
    for (const bool anywhere : {false, true}) {
        for (std::size_t i = 0; i < shown_.size(); ++i) {
            const auto position = (from + i) % shown_.size();
            const auto found = folded_code(name_of(at(position))).find(wanted);
            if (found == 0 || (anywhere && found != std::string::npos)) {
                return position;
            }
        }
    }
    return std::nullopt;
}

}  // namespace wutong::client
