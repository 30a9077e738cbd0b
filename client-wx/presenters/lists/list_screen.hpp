#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/meter_status.hpp"

/// What a page with a list shows, ready to draw: presenters fill it, views copy it to the screen.
namespace wutong::client {

enum class Tone { normal, quiet, strong, ok, warn, danger, info, accent };

struct Cell {
    std::string text{};
    Tone tone{Tone::normal};
    std::string icon{};                        ///< name of an icon; it never stands without the text
    std::optional<std::int64_t> order{};       ///< sorts by this; absent: by the text
    std::optional<core::MeterStatus> state{};  ///< drawn as its badge before the text
};

struct ListColumn {
    std::string title{};
    int width_chars{12};  ///< of the body font
    bool right{false};    ///< numbers
    bool stretch{false};  ///< takes what is left; one column of a list
    bool badge{false};    ///< its cells have an icon or a meter state
};

struct ListRow {
    std::int64_t id{0};
    std::vector<Cell> cells{};
    bool strong{false};  ///< a heading among the rows, or something that nobody has seen yet
};

enum class ListPhase {
    loading,  ///< nothing yet
    ready,
    failed  ///< nothing could be had; `failure` says why
};

struct ListScreen {
    std::vector<ListColumn> columns{};
    std::vector<ListRow> rows{};
    ListPhase phase{ListPhase::loading};
    std::string failure{}, failure_code{};
    std::string stale{};   ///< "Values are from 10:41.": the rows are older than they should be
    std::string empty{};   ///< why there are no rows, and the one next step
    bool filtered{false};  ///< a filter hides rows: offer to clear it
    std::size_t total{0};  ///< rows before the filter
    bool cut{false};       ///< the server has more than is shown
    int sort_column{-1};   ///< -1: as the server gave them
    bool ascending{true};
    unsigned revision{0};  ///< another number after each change of rows or columns
};

/// Sorts by `sort_column`; what has no value comes last, in both directions. Digits count as numbers, so that
/// A-9 comes before A-10.
void sort_rows(ListScreen& screen);

/// The list as it stands, for a spreadsheet: RFC 4180 with a byte order mark, so that Excel reads the
/// Chinese. A text that a spreadsheet would take for a formula gets an apostrophe in front.
[[nodiscard]] std::string to_csv(const ListScreen& screen);

/// < 0, 0, > 0; digits as numbers.
[[nodiscard]] int compare_naturally(const std::string& a, const std::string& b);

}  // namespace wutong::client
