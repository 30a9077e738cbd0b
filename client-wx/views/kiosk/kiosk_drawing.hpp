#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "client-wx/presenters/kiosk/kiosk_screen.hpp"
#include "client-wx/theme/paint.hpp"
#include "client-wx/views/kiosk/kiosk_canvas.hpp"
#include "client-wx/views/kiosk/kiosk_layout.hpp"

namespace wutong::client {

using KioskRect = wxRect2DDouble;

/// One painting of the kiosk's screen: the painter, the scale, and the parts that pages are made of.
class KioskDrawing {
public:
    enum class Look { primary, secondary, chosen, header, header_chosen, quiet };
    struct Part {
        std::string name;  ///< of the target
        std::string words;
        std::string icon{};
        Look look = Look::secondary;
        Text style = Text::kiosk_label;
        bool enabled = true;
        bool busy = false;
        int icon_size = measure::icon_kiosk;
    };

    KioskDrawing(Painter& painter, KioskCanvas& canvas, const KioskScreen& screen, double scale)
        : painter_{painter}, canvas_{canvas}, screen_{screen}, scale_{scale} {}

    [[nodiscard]] Painter& painter() { return painter_; }
    [[nodiscard]] KioskCanvas& canvas() { return canvas_; }
    [[nodiscard]] const KioskScreen& screen() const { return screen_; }
    /// Design pixels to this screen's.
    [[nodiscard]] double u(double design) const { return design * scale_; }

    void card(const KioskRect& rect);
    void button(const Part& part, const KioskRect& rect, std::function<void()> act);
    /// One line, in the largest of the styles in which it fits; cut when it fits in none.
    void line(const std::string& words, std::initializer_list<Text> styles, Token ink, const KioskRect& rect,
              Painter::Align align = Painter::Align::left);
    /// Broken at words (Chinese: anywhere), at most as many lines as fit into the rect. @return the height
    /// used
    double paragraph(const std::string& words, Text style, Token ink, const KioskRect& rect,
                     Painter::Align align = Painter::Align::left);
    void icon(std::string_view name, int size, Token ink, const KioskRect& rect);

private:
    Painter& painter_;
    KioskCanvas& canvas_;
    const KioskScreen& screen_;
    double scale_;
};

[[nodiscard]] std::vector<wxString> wrapped_lines(const wxString& words, Text style, int width);

// The parts of the screen; `area` is what header and footer leave.
void draw_header(KioskDrawing& d, const KioskRect& area);
void draw_footer(KioskDrawing& d, const KioskRect& area);
void draw_start(KioskDrawing& d, const KioskRect& area);
void draw_away(KioskDrawing& d, const KioskRect& area);
void draw_question(KioskDrawing& d, const KioskRect& area);
void draw_choices(KioskDrawing& d, const KioskRect& area);
void draw_account(KioskDrawing& d, const KioskRect& area);
void draw_still_there(KioskDrawing& d, const KioskRect& whole);
/// Keys for what is asked, at the bottom of `area`; also the keys Back and OK. @return where they begin
double draw_keys(KioskDrawing& d, const KioskRect& area);

}  // namespace wutong::client
