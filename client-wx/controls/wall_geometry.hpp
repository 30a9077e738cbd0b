#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

/// Where the cells of a wall are. Numbers only, so that it can be tested without a display.
namespace wutong::client {

struct WallMetrics {
    int width = 0;  ///< of the window
    int margin = 0;
    int gap = 0;       ///< between cells
    int header = 0;    ///< height of a floor's header
    int after = 0;     ///< space below a floor
    int cell_min = 1;  ///< cells are stretched from this width to fill the line
    int cell_height = 1;
    bool stretch = true;
};

struct WallBox {
    int x = 0, y = 0, width = 0, height = 0;
    [[nodiscard]] bool holds(int px, int py) const {
        return px >= x && px < x + width && py >= y && py < y + height;
    }
};

class WallGeometry {
public:
    WallGeometry() = default;
    /// @param sizes number of cells of each section; 0 is allowed
    WallGeometry(const WallMetrics& metrics, const std::vector<std::size_t>& sizes) : metrics_{metrics} {
        const int room = std::max(metrics.cell_min, metrics.width - 2 * metrics.margin);
        columns_ = std::max(1, (room + metrics.gap) / (metrics.cell_min + metrics.gap));
        cell_width_ = metrics.stretch ? (room + metrics.gap) / columns_ - metrics.gap : metrics.cell_min;
        int top = 0;
        std::size_t cell = 0;
        for (const auto size : sizes) {
            sections_.push_back({top, cell, size});
            top += metrics.header + rows(size) * pitch() + (metrics.after - metrics.gap);
            cell += size;
        }
        height_ = top;
        cells_ = cell;
    }

    [[nodiscard]] int columns() const { return columns_; }
    [[nodiscard]] int cell_width() const { return cell_width_; }
    [[nodiscard]] int height() const { return height_; }
    [[nodiscard]] std::size_t cells() const { return cells_; }
    [[nodiscard]] std::size_t sections() const { return sections_.size(); }
    [[nodiscard]] int section_top(std::size_t section) const { return sections_.at(section).top; }
    [[nodiscard]] std::size_t first_cell(std::size_t section) const { return sections_.at(section).first; }
    [[nodiscard]] std::size_t size(std::size_t section) const { return sections_.at(section).size; }

    /// @pre cell < cells()
    [[nodiscard]] std::size_t section_of(std::size_t cell) const {
        const auto after =
            std::upper_bound(sections_.begin(), sections_.end(), cell,
                             [](std::size_t wanted, const Section& s) { return wanted < s.first; });
        auto section = static_cast<std::size_t>(after - sections_.begin()) - 1;
        while (sections_[section].size == 0 && section > 0) {  // empty floors share their first cell's number
            --section;
        }
        return section;
    }

    /// In the coordinates of the whole wall. @pre cell < cells()
    [[nodiscard]] WallBox box(std::size_t cell) const {
        const auto& section = sections_.at(section_of(cell));
        const auto within = static_cast<int>(cell - section.first);
        return {x_of(within % columns_), section.top + metrics_.header + within / columns_ * pitch(),
                cell_width_, metrics_.cell_height};
    }

    /// The section whose header or cells are at this height; the last one below the end.
    [[nodiscard]] std::optional<std::size_t> section_at(int y) const {
        if (sections_.empty()) {
            return std::nullopt;
        }
        const auto after = std::upper_bound(sections_.begin(), sections_.end(), y,
                                            [](int wanted, const Section& s) { return wanted < s.top; });
        return after == sections_.begin() ? 0 : static_cast<std::size_t>(after - sections_.begin()) - 1;
    }

    [[nodiscard]] std::optional<std::size_t> cell_at(int x, int y) const {
        const auto section = section_at(y);
        if (!section) {
            return std::nullopt;
        }
        const auto& s = sections_[*section];
        const int below = y - s.top - metrics_.header;
        if (below < 0 || x < metrics_.margin) {
            return std::nullopt;
        }
        const int column = (x - metrics_.margin) / (cell_width_ + metrics_.gap);
        const auto within = below / pitch() * columns_ + column;
        if (column >= columns_ || static_cast<std::size_t>(within) >= s.size) {
            return std::nullopt;
        }
        const auto cell = s.first + static_cast<std::size_t>(within);
        return box(cell).holds(x, y) ? std::optional{cell} : std::nullopt;
    }

    /// Cells with a part between `top` and `bottom`: [first, last).
    [[nodiscard]] std::pair<std::size_t, std::size_t> cells_between(int top, int bottom) const {
        std::size_t first = cells_, last = 0;
        for (auto section = section_at(top).value_or(0);
             section < sections_.size() && sections_[section].top < bottom; ++section) {
            const auto& s = sections_[section];
            const int origin = s.top + metrics_.header;
            const auto row_of = [&](int y) { return std::clamp(y / pitch(), 0, rows(s.size)); };
            const auto from = static_cast<std::size_t>(row_of(std::max(0, top - origin)) * columns_);
            const auto to = bottom <= origin
                                ? std::size_t{0}
                                : static_cast<std::size_t>((row_of(bottom - origin - 1) + 1) * columns_);
            const auto a = s.first + std::min(from, s.size), b = s.first + std::min(to, s.size);
            if (a < b) {
                first = std::min(first, a);
                last = std::max(last, b);
            }
        }
        return first < last ? std::pair{first, last} : std::pair{std::size_t{0}, std::size_t{0}};
    }

    /// The cell `rows` lines lower (or higher), keeping its column across floors; the nearest there is.
    [[nodiscard]] std::size_t vertical(std::size_t cell, int lines) const {
        const int column = static_cast<int>(cell - sections_[section_of(cell)].first) % columns_;
        auto at = cell;
        for (int moved = 0; moved < std::abs(lines); ++moved) {
            const auto next = lines > 0 ? line_below(at, column) : line_above(at, column);
            if (!next) {
                break;
            }
            at = *next;
        }
        return at;
    }

private:
    struct Section {
        int top;
        std::size_t first, size;
    };
    [[nodiscard]] int pitch() const { return metrics_.cell_height + metrics_.gap; }
    [[nodiscard]] int rows(std::size_t size) const {
        return (static_cast<int>(size) + columns_ - 1) / columns_;
    }
    [[nodiscard]] int x_of(int column) const {
        return metrics_.margin + column * (cell_width_ + metrics_.gap);
    }
    [[nodiscard]] std::size_t in_line(const Section& s, int line, int column) const {
        return s.first + std::min(static_cast<std::size_t>(line * columns_ + column), s.size - 1);
    }
    [[nodiscard]] std::optional<std::size_t> line_below(std::size_t cell, int column) const {
        auto section = section_of(cell);
        const int line = static_cast<int>(cell - sections_[section].first) / columns_;
        if (line + 1 < rows(sections_[section].size)) {
            return in_line(sections_[section], line + 1, column);
        }
        for (++section; section < sections_.size(); ++section) {
            if (sections_[section].size > 0) {
                return in_line(sections_[section], 0, column);
            }
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<std::size_t> line_above(std::size_t cell, int column) const {
        auto section = section_of(cell);
        const int line = static_cast<int>(cell - sections_[section].first) / columns_;
        if (line > 0) {
            return in_line(sections_[section], line - 1, column);
        }
        while (section > 0) {
            --section;
            if (sections_[section].size > 0) {
                return in_line(sections_[section], rows(sections_[section].size) - 1, column);
            }
        }
        return std::nullopt;
    }

    WallMetrics metrics_;
    int columns_{1};
    int cell_width_{1};
    int height_{0};
    std::size_t cells_{0};
    std::vector<Section> sections_;
};

}  // namespace wutong::client
