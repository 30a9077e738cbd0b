#pragma once

#include <wx/dcbuffer.h>
#include <wx/graphics.h>

#include <memory>
#include <string_view>

#include "client-wx/theme/theme.hpp"

namespace wutong::client {

/// What the drawn controls paint with: a wxGraphicsContext that speaks in tokens. For one paint event.
///
///     void X::on_paint(wxPaintEvent&) {
///         wxAutoBufferedPaintDC dc(this);
///         Painter painter{dc, *this};
///         painter.clear(Token::surface);
class Painter {
public:
    enum class Align { left, centre, right };

    Painter(const wxWindowDC& dc, wxWindow& window);
    Painter(const wxMemoryDC& dc, wxWindow& window);

    [[nodiscard]] wxGraphicsContext& context() { return *context_; }
    [[nodiscard]] wxWindow& window() { return window_; }

    void clear(const wxColour& colour);
    void clear(Token token) { clear(theme::colour(token)); }

    struct Box {
        wxColour fill{};  ///< not set: none
        wxColour edge{};
        double edge_width{1};
        double radius{measure::radius_control};
        bool dashed{false};
        bool hatched{false};  ///< thin slanting lines in the edge's colour
    };
    /// The edge lies inside of `rect`, on whole pixels.
    void box(const wxRect2DDouble& rect, const Box& look);
    /// 2 px ring, 1 px away from `rect` (the control leaves 3 px around itself).
    void focus_ring(const wxRect2DDouble& rect, double radius);
    void line(double x1, double y1, double x2, double y2, const wxColour& colour, double width = 1);
    void circle(double x, double y, double radius, const wxColour& fill);

    /// One line, cut with … when it is longer than `rect` is wide; centred on the rect's height.
    void text(const wxString& words, Text style, const wxColour& colour, const wxRect2DDouble& rect,
              Align align = Align::left);
    void text(const wxString& words, Text style, Token token, const wxRect2DDouble& rect,
              Align align = Align::left) {
        text(words, style, theme::colour(token), rect, align);
    }
    /// From the upper left corner, uncut. @return its width
    double text_at(const wxString& words, Text style, const wxColour& colour, double x, double y);
    [[nodiscard]] double width(const wxString& words, Text style);

    /// @param size DIP
    void icon(std::string_view name, int size, const wxColour& colour, double x, double y);
    void icon_centred(std::string_view name, int size, const wxColour& colour, const wxRect2DDouble& rect);
    /// The small square with a state's fill, edge and glyph, as on chips and in floor headers.
    void state_mark(MeterStatus status, double x, double y, double size);
    /// A key's name in its small frame, centred on `middle`. @return its width
    double key_hint(const wxString& key, const wxColour& ink, const wxColour& edge, double x, double middle);
    [[nodiscard]] double key_hint_width(const wxString& key) const;
    /// Three quarters of a ring. @param turn 0…11, twelfths of a round
    void spinner(double x, double y, double size, int turn, const wxColour& ink);

private:
    void use_font(Text style, const wxColour& colour);

    std::unique_ptr<wxGraphicsContext> context_;
    wxWindow& window_;
};

/// `words` cut in the end with … so that it is at most `width` wide.
[[nodiscard]] wxString ellipsize(const wxString& words, Text style, int width);

}  // namespace wutong::client
