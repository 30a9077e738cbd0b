#pragma once

#include <wx/graphics.h>

#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "client-wx/controls/wall_canvas.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

/// Draws cells and headers. Everything that does not depend on a single meter is kept: fonts with their
/// colours, text widths, and one sprite per state and size (ground, edge, hatching, glyph).
class WallPainter {
public:
    explicit WallPainter(wxWindow& window) : window_{window} {}

    /// Sizes that follow from the fonts. @param width of the window
    [[nodiscard]] WallMetrics metrics(WallDensity density, int width) const;
    /// Theme or text size are others now.
    void forget();

    void begin(wxGraphicsContext& gc, WallDensity density, int cell_width, int cell_height);
    void cell(const WallCell& cell, const WallBox& box);
    /// What lies on top of cells and reaches over their edge: rings, round signs, and the bar of a meter that
    /// is being written, moved on by `phase`.
    void over(const WallCell& cell, const WallBox& box, bool current, int phase);
    void header(const WallSection& section, const WallBox& box);

private:
    [[nodiscard]] int dip(int value) const { return theme::space(&window_, value); }
    void write(Text style, const wxColour& colour, const std::string& words, double x, double y);
    [[nodiscard]] double width_of(Text style, const std::string& words);
    /// Cut with an ellipsis so that it fits.
    [[nodiscard]] const std::string& fitted(Text style, const std::string& words, int room);
    /// Right-aligned, if it fits beside what is `left` wide. @return its left edge
    double write_right(Text style, const wxColour& colour, const std::string& words, double right, double y,
                       double left_edge);
    [[nodiscard]] const wxGraphicsBitmap& ground(MeterStatus status);
    [[nodiscard]] const wxGraphicsBitmap& sign(const std::string& icon, int size, const wxColour& colour);
    void round_sign(const char* icon, Token ground_token, double x, double y);
    void ring(const WallBox& box, int outside, const wxColour& colour);
    [[nodiscard]] wxBitmap canvas_bitmap(int width, int height) const;

    wxWindow& window_;
    wxGraphicsContext* gc_{nullptr};
    WallDensity density_{WallDensity::compact};
    int width_{0}, height_{0};
    std::map<std::pair<Text, wxUint32>, wxGraphicsFont> fonts_;
    std::unordered_map<std::string, double> widths_;
    std::unordered_map<std::string, std::string> fitted_;
    std::map<std::tuple<MeterStatus, int, int>, wxGraphicsBitmap> grounds_;
    std::map<std::tuple<std::string, int, wxUint32>, wxGraphicsBitmap> signs_;
    std::map<std::pair<MeterStatus, int>, wxGraphicsBitmap> marks_;
};

}  // namespace wutong::client
