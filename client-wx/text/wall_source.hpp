#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/meter_status.hpp"

/// The wall of meters ready to be drawn; no wx here, so that presenters can say it.
namespace wutong::client {

enum class WallDensity { dots, compact, detail };

/// How a cell takes part in a batch: a small round sign on its lower right corner.
enum class WallBadge { none, waiting, under_way, done, skipped, failed };

struct WallCell {
    core::MeterStatus status = core::MeterStatus::normal;
    std::optional<core::MeterStatus> second{};  ///< the next state that holds as well: a small glyph
    bool selected = false;
    WallBadge badge = WallBadge::none;
    std::string code{};     ///< "A-101"
    std::string balance{};  ///< "¥350.37", "—"
    std::string note{};     ///< "49d"; of a lost meter its age
    std::string name{};     ///< who uses it: detail only
    std::string power{};    ///< detail only
};

struct WallSection {
    std::string title;                                                  ///< "Building A · Floor 1"
    std::string amount;                                                 ///< "42 meters"
    std::vector<std::pair<core::MeterStatus, std::string>> exceptions;  ///< worst first
    std::size_t cells = 0;
};

/// What the wall shows. Sections follow one another, their cells are numbered through. `cell` is asked for
/// visible cells only.
class WallSource {
public:
    virtual ~WallSource() = default;
    [[nodiscard]] virtual std::size_t section_count() const = 0;
    [[nodiscard]] virtual WallSection section(std::size_t section) const = 0;
    [[nodiscard]] virtual std::size_t section_size(std::size_t section) const = 0;
    [[nodiscard]] virtual WallCell cell(std::size_t index) const = 0;
};

/// What a gesture asks for; the owner decides what becomes of the selection.
enum class WallPick {
    only,    ///< click
    move,    ///< arrow keys: the current cell is another one
    toggle,  ///< Ctrl+click, Space
    extend   ///< Shift+click, Shift+arrow
};

}  // namespace wutong::client
