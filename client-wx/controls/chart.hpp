#pragma once

#include <wx/window.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace wutong::client {

class Painter;

/// One column of a Chart. A bar without a value is a gap: nothing was read, which is not the same as zero.
struct ChartBar {
    std::optional<double> value{};
    std::string label{};  ///< below the axis; "" where none belongs. Neighbours that would touch are left out
    std::string figure{};  ///< the value as text, for the tooltip and for the highest: "14.8 kWh · ¥14.50"
    std::string title{};   ///< of the tooltip: "Saturday 21 March"
    bool so_far = false;   ///< today: dashed
    bool weekend = false;
    std::string marker{};  ///< something happened here, e.g. a recharge: its words for the tooltip
};

struct ChartData {
    std::vector<ChartBar> bars;
    std::optional<double> average;
    // Words of the legend. An empty one is left out, and so is one that has nothing in the chart.
    std::string used, so_far, average_text, marker, gap;
};

struct ChartOptions {
    bool axis = true;            ///< scale with lines at the left
    bool legend = true;          ///< below
    bool ends_only = false;      ///< label the first and the last bar only
    bool figure_on_top = false;  ///< write the highest bar's (or the selected one's) figure above it
    bool large = false;          ///< kiosk type
    bool interactive = true;     ///< tooltip, arrows
};

/// Bars over days, hours or months. Hover or ← → Home End choose a bar and show its tooltip; Esc hides it.
/// Everything it shows must also stand in a table nearby: on GTK a drawn window is mute to screen readers.
class Chart : public wxWindow {
public:
    explicit Chart(wxWindow* parent, ChartOptions options = {});

    void set_data(ChartData data);
    [[nodiscard]] const ChartData& data() const { return data_; }
    void choose(std::optional<std::size_t> bar);
    [[nodiscard]] std::optional<std::size_t> chosen() const { return chosen_; }
    bool AcceptsFocus() const override { return options_.interactive; }

    std::function<void(std::size_t)> on_activate;  ///< Enter, double click

protected:
    [[nodiscard]] wxSize DoGetBestClientSize() const override;

private:
    struct Layout;
    [[nodiscard]] Layout layout() const;
    void paint();
    void draw_ground(Painter& painter, const Layout& at) const;
    void draw_bars(Painter& painter, const Layout& at) const;
    void draw_labels(Painter& painter, const Layout& at) const;
    void draw_legend(Painter& painter, const Layout& at) const;
    void draw_tooltip(Painter& painter, const Layout& at) const;
    void key(wxKeyEvent& event);
    [[nodiscard]] std::optional<std::size_t> bar_at(wxPoint point) const;

    ChartOptions options_;
    ChartData data_;
    std::optional<std::size_t> chosen_;
    bool by_keyboard_{false};
};

}  // namespace wutong::client
