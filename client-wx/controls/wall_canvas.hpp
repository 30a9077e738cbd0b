#pragma once

#include <wx/scrolwin.h>
#include <wx/timer.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/controls/wall_geometry.hpp"
#include "client-wx/text/wall_source.hpp"

class wxGraphicsContext;

namespace wutong::client {

class WallPainter;

/// The wall of meters: draws only what is visible, however many cells there are, under floor headers that
/// stay at the top. Keyboard: arrows, Home, End, PgUp, PgDn, Space, Enter, Ctrl+A, Esc; typing "a229" jumps.
class WallCanvas : public wxScrolledCanvas {
public:
    explicit WallCanvas(wxWindow* parent);
    ~WallCanvas() override;

    /// @param source outlives the canvas, or is replaced before it goes
    void set_source(const WallSource* source);
    void set_density(WallDensity density);
    [[nodiscard]] WallDensity density() const { return density_; }

    /// Sections or the order of cells are others now.
    void reset();
    /// These cells say something else now; what is not visible costs nothing.
    void cells_changed(const std::vector<std::size_t>& cells);
    void headers_changed();

    void set_current(std::optional<std::size_t> cell, bool bring_into_view = true);
    [[nodiscard]] std::optional<std::size_t> current() const { return current_; }
    void bring_into_view(std::size_t cell);
    void scroll_to(int y);
    [[nodiscard]] int scrolled() const;
    /// The cells that are at least partly visible: [first, last).
    [[nodiscard]] std::pair<std::size_t, std::size_t> visible() const;
    [[nodiscard]] wxRect cell_rect(std::size_t cell) const;  ///< in window coordinates

    std::function<void(std::size_t cell, WallPick)> on_pick;
    std::function<void(std::size_t cell)> on_open;  ///< Enter, double click
    std::function<void(std::size_t cell, wxPoint screen)> on_menu;
    std::function<void()> on_select_all;
    std::function<void()> on_clear;  ///< Esc
    /// Typed so far ("a229"); answers with the cell to go to.
    std::function<std::optional<std::size_t>(const std::string& typed)> on_type;

private:
    void lay_out();
    void paint();
    void size_changed(wxSizeEvent& event);
    void mouse_down(wxMouseEvent& event);
    void mouse_double(wxMouseEvent& event);
    void mouse_moved(wxMouseEvent& event);
    void key(wxKeyEvent& event);
    void character(wxKeyEvent& event);
    void go_to(std::size_t cell, WallPick pick);
    void paint_cells(wxGraphicsContext& gc, const wxRegion& region);
    void paint_headers(wxGraphicsContext& gc, bool pinned);
    void move_bars();
    void refresh_cell(std::size_t cell);
    void restyle();
    [[nodiscard]] std::optional<std::size_t> cell_at(wxPoint window_point) const;

    const WallSource* source_{nullptr};
    WallDensity density_{WallDensity::compact};
    WallGeometry geometry_;
    std::unique_ptr<WallPainter> painter_;
    std::optional<std::size_t> current_;
    std::string typed_;
    std::chrono::steady_clock::time_point typed_at_;
    wxTimer motion_;
    int phase_{0};
    std::optional<std::size_t> hovered_;
    bool bars_visible_{false};
};

}  // namespace wutong::client
