#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <unordered_set>
#include <vector>

#include "client-wx/text/wall_source.hpp"

namespace wutong::client {

/// Which meters are selected, by their ids, so that filters and changes do not disturb it.
///
/// A click selects one. With Ctrl, Shift or Space several are gathered; from then on arrow keys move the
/// current cell over the wall without letting go of them, until Escape or a plain click.
class WallSelection {
public:
    /// The order of the wall as it is shown now.
    struct Order {
        std::size_t count{0};
        std::function<std::int64_t(std::size_t)> id_at;
        std::function<std::optional<std::size_t>(std::int64_t)> position_of;
    };

    void pick(const Order& order, std::size_t position, WallPick pick);
    void select_all(const Order& order);
    /// Only this one; 0: none.
    void select_only(std::int64_t meter_id);
    void select(const std::vector<std::int64_t>& meter_ids);
    /// Several → the current one alone → none. @return false when there was nothing to clear
    bool clear();
    /// Takes out what is no longer there.
    void keep_only(const std::function<bool(std::int64_t)>& exists);

    [[nodiscard]] bool contains(std::int64_t meter_id) const { return ids_.contains(meter_id); }
    [[nodiscard]] std::size_t size() const { return ids_.size(); }
    [[nodiscard]] bool several() const { return ids_.size() > 1; }
    [[nodiscard]] const std::unordered_set<std::int64_t>& ids() const { return ids_; }
    /// Where the keyboard is; 0: nowhere.
    [[nodiscard]] std::int64_t current() const { return current_; }
    /// Selected by hand, one by one, rather than by walking over it.
    [[nodiscard]] bool gathering() const { return gathering_; }

private:
    void extend_to(const Order& order, std::size_t position);

    std::unordered_set<std::int64_t> ids_;
    std::unordered_set<std::int64_t> before_extending_;
    std::int64_t current_{0};
    std::int64_t anchor_{0};
    bool gathering_{false};
    bool extending_{false};
};

}  // namespace wutong::client
