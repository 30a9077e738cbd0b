#include "client-wx/presenters/wall/wall_selection.hpp"

#include <algorithm>

namespace wutong::client {

void WallSelection::pick(const Order& order, std::size_t position, WallPick pick) {
    if (position >= order.count) {
        return;
    }
    const auto id = order.id_at(position);
    if (pick == WallPick::extend) {
        if (anchor_ == 0 || !order.position_of(anchor_)) {
            anchor_ = current_ != 0 && order.position_of(current_) ? current_ : id;
        }
        extend_to(order, position);
        current_ = id;
        return;
    }
    extending_ = false;
    switch (pick) {
        case WallPick::only:
            ids_ = {id};
            gathering_ = false;
            break;
        case WallPick::move:
            if (!gathering_) {
                ids_ = {id};
            }
            break;
        case WallPick::toggle:
            // The one that was merely walked to becomes the first of several.
            if (!gathering_ && ids_.contains(id) && current_ == id) {
                gathering_ = true;
                break;
            }
            gathering_ = true;
            if (!ids_.insert(id).second) {
                ids_.erase(id);
            }
            break;
        case WallPick::extend:
            break;
    }
    current_ = id;
    anchor_ = id;
}

void WallSelection::extend_to(const Order& order, std::size_t position) {
    if (!extending_) {
        before_extending_ = gathering_ ? ids_ : std::unordered_set<std::int64_t>{};
        extending_ = true;
    }
    const auto from = order.position_of(anchor_).value_or(position);
    ids_ = before_extending_;
    for (auto i = std::min(from, position); i <= std::max(from, position); ++i) {
        ids_.insert(order.id_at(i));
    }
    gathering_ = true;
}

void WallSelection::select_all(const Order& order) {
    ids_.clear();
    for (std::size_t i = 0; i < order.count; ++i) {
        ids_.insert(order.id_at(i));
    }
    gathering_ = true;
    extending_ = false;
}

void WallSelection::select_only(std::int64_t meter_id) {
    ids_.clear();
    if (meter_id != 0) {
        ids_.insert(meter_id);
    }
    current_ = anchor_ = meter_id;
    gathering_ = extending_ = false;
}

void WallSelection::select(const std::vector<std::int64_t>& meter_ids) {
    ids_ = {meter_ids.begin(), meter_ids.end()};
    gathering_ = ids_.size() > 1;
    extending_ = false;
    if (!meter_ids.empty()) {
        current_ = anchor_ = meter_ids.front();
    }
}

bool WallSelection::clear() {
    if (ids_.empty() && current_ == 0) {
        return false;
    }
    select_only(several() || gathering_ ? current_ : 0);
    return true;
}

void WallSelection::keep_only(const std::function<bool(std::int64_t)>& exists) {
    std::erase_if(ids_, [&](std::int64_t id) { return !exists(id); });
    std::erase_if(before_extending_, [&](std::int64_t id) { return !exists(id); });
    if (current_ != 0 && !exists(current_)) {
        current_ = ids_.empty() ? 0 : *ids_.begin();
    }
    if (anchor_ != 0 && !exists(anchor_)) {
        anchor_ = current_;
    }
    gathering_ = gathering_ && !ids_.empty();
}

}  // namespace wutong::client
