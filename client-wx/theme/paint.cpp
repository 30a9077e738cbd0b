#include "client-wx/theme/paint.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>

#include "client-wx/theme/drawn_texts.hpp"
#include "client-wx/theme/icons.hpp"

namespace wutong::client {
namespace {

constexpr double hatch_step = 6;
constexpr std::size_t fonts_kept_max = 400;

std::unique_ptr<wxGraphicsContext> prepared(wxGraphicsContext* context) {
    context->SetAntialiasMode(wxANTIALIAS_DEFAULT);
    context->EnableOffset(false);  // lines are placed on pixels here, not by half a pen
    context->SetInterpolationQuality(wxINTERPOLATION_BEST);
    return std::unique_ptr<wxGraphicsContext>{context};
}

// Making one costs as much as drawing a word; they fit every context of the same renderer.
const wxGraphicsFont& graphics_font(wxGraphicsContext& context, Text style, const wxColour& colour) {
    static std::map<std::tuple<int, wxUint32, int>, wxGraphicsFont> kept;
    const std::tuple key{static_cast<int>(style), colour.GetRGBA(),
                         static_cast<int>(std::lround(theme::text_scale() * 1000))};
    if (const auto found = kept.find(key); found != kept.end()) {
        return found->second;
    }
    if (kept.size() >= fonts_kept_max) {
        kept.clear();
    }
    return kept.emplace(key, context.CreateFont(theme::font(style), colour)).first->second;
}

wxRect whole(const wxRect2DDouble& rect) {
    return {static_cast<int>(rect.m_x), static_cast<int>(rect.m_y), static_cast<int>(std::ceil(rect.m_width)),
            static_cast<int>(std::ceil(rect.m_height))};
}

}  // namespace

Painter::Painter(const wxWindowDC& dc, wxWindow& window)
    : context_{prepared(wxGraphicsContext::Create(dc))}, window_{window} {
    forget_drawn_texts(window);
}
Painter::Painter(const wxMemoryDC& dc, wxWindow& window)
    : context_{prepared(wxGraphicsContext::Create(dc))}, window_{window} {}

void Painter::clear(const wxColour& colour) {
    context_->SetPen(wxNullPen);
    context_->SetBrush(wxBrush{colour});
    const auto size = window_.GetClientSize();
    context_->DrawRectangle(0, 0, size.x, size.y);
}

void Painter::box(const wxRect2DDouble& rect, const Box& look) {
    const bool edged = look.edge.IsOk() && look.edge_width > 0;
    const double inset = edged ? look.edge_width / 2 : 0;
    auto path = context_->CreatePath();
    path.AddRoundedRectangle(rect.m_x + inset, rect.m_y + inset, rect.m_width - 2 * inset,
                             rect.m_height - 2 * inset, std::max(0.0, look.radius - inset));
    if (look.fill.IsOk()) {
        context_->SetBrush(wxBrush{look.fill});
        context_->FillPath(path);
    }
    if (look.hatched) {
        context_->PushState();
        context_->Clip(rect.m_x + 1, rect.m_y + 1, rect.m_width - 2, rect.m_height - 2);
        const auto faint = theme::mix(look.fill.IsOk() ? look.fill : look.edge, look.edge, 0.35);
        context_->SetPen(context_->CreatePen(wxGraphicsPenInfo{faint, 1}));
        for (double x = rect.m_x - rect.m_height; x < rect.m_x + rect.m_width; x += hatch_step) {
            context_->StrokeLine(x, rect.m_y + rect.m_height, x + rect.m_height, rect.m_y);
        }
        context_->PopState();
    }
    if (edged) {
        wxGraphicsPenInfo pen{look.edge, look.edge_width};
        static wxDash dashes[] = {3, 2};
        if (look.dashed) {
            pen.Style(wxPENSTYLE_USER_DASH).Dashes(2, dashes).Cap(wxCAP_BUTT);
        }
        context_->SetPen(context_->CreatePen(pen));
        context_->StrokePath(path);
    }
}

void Painter::focus_ring(const wxRect2DDouble& rect, double radius) {
    constexpr double away = measure::focus_line + 1;
    box({rect.m_x - away, rect.m_y - away, rect.m_width + 2 * away, rect.m_height + 2 * away},
        {.edge = theme::colour(Token::focus), .edge_width = measure::focus_line, .radius = radius + away});
}

void Painter::line(double x1, double y1, double x2, double y2, const wxColour& colour, double width) {
    // Odd widths lie in the middle of a pixel, or they are drawn as two grey ones.
    const double half = std::fmod(width, 2) > 0.5 ? 0.5 : 0;
    context_->SetPen(context_->CreatePen(wxGraphicsPenInfo{colour, width}.Cap(wxCAP_BUTT)));
    const bool level = std::abs(y1 - y2) < 0.01;
    const bool upright = std::abs(x1 - x2) < 0.01;
    context_->StrokeLine(x1 + (upright ? half : 0), y1 + (level ? half : 0), x2 + (upright ? half : 0),
                         y2 + (level ? half : 0));
}

void Painter::circle(double x, double y, double radius, const wxColour& fill) {
    context_->SetPen(wxNullPen);
    context_->SetBrush(wxBrush{fill});
    context_->DrawEllipse(x - radius, y - radius, 2 * radius, 2 * radius);
}

void Painter::use_font(Text style, const wxColour& colour) {
    context_->SetFont(graphics_font(*context_, style, colour));
}

void Painter::text(const wxString& words, Text style, const wxColour& colour, const wxRect2DDouble& rect,
                   Align align) {
    if (words.empty() || rect.m_width <= 0) {
        return;
    }
    const auto shown = ellipsize(words, style, static_cast<int>(std::ceil(rect.m_width)));
    double x = rect.m_x;
    if (align != Align::left) {
        const double rest = rect.m_width - theme::text_width(style, shown);
        x += align == Align::right ? rest : std::floor(rest / 2);
    }
    const double y = rect.m_y + std::floor((rect.m_height - theme::line_height(style)) / 2);
    use_font(style, colour);
    context_->DrawText(shown, x, y);
    if (recording_drawn_texts()) {
        const bool cut = shown != words || theme::line_height(style) > rect.m_height + 4;
        note_drawn_text(window_, {words, whole(rect), cut});
    }
}

double Painter::text_at(const wxString& words, Text style, const wxColour& colour, double x, double y) {
    use_font(style, colour);
    context_->DrawText(words, x, y);
    const double drawn = theme::text_width(style, words);
    if (recording_drawn_texts()) {
        const wxRect2DDouble place{x, y, drawn, static_cast<double>(theme::line_height(style))};
        const bool cut = x < -1 || x + drawn > window_.GetClientSize().x + 1;
        note_drawn_text(window_, {words, whole(place), cut});
    }
    return drawn;
}

double Painter::width(const wxString& words, Text style) {
    return theme::text_width(style, words);
}

void Painter::icon(std::string_view name, int size, const wxColour& colour, double x, double y) {
    const auto bitmap = theme::icon(name, size, colour).GetBitmapFor(&window_);
    if (bitmap.IsOk()) {
        const int side = theme::space(&window_, size);
        context_->DrawBitmap(bitmap, std::round(x), std::round(y), side, side);
    }
}

void Painter::icon_centred(std::string_view name, int size, const wxColour& colour,
                           const wxRect2DDouble& rect) {
    const int side = theme::space(&window_, size);
    icon(name, size, colour, rect.m_x + (rect.m_width - side) / 2, rect.m_y + (rect.m_height - side) / 2);
}

void Painter::state_mark(MeterStatus status, double x, double y, double size) {
    const auto style = theme::state_style(status);
    box({x, y, size, size},
        {.fill = style.fill, .edge = style.edge, .radius = measure::radius_chip, .dashed = style.dashed});
    const int glyph = size >= 22 ? measure::icon_s : measure::icon_xs;
    icon_centred(style.icon, glyph, style.ink, {x, y, size, size});
}

double Painter::key_hint(const wxString& key, const wxColour& ink, const wxColour& edge, double x,
                         double middle) {
    const double width = key_hint_width(key);
    const double height = theme::line_height(Text::caption) + theme::space(&window_, space::hair);
    const wxRect2DDouble rect{x, std::round(middle - height / 2), width, height};
    box(rect, {.edge = edge, .radius = measure::radius_chip});
    text(key, Text::caption, ink, rect, Align::centre);
    return width;
}

double Painter::key_hint_width(const wxString& key) const {
    const double height = theme::line_height(Text::caption) + theme::space(&window_, space::hair);
    return std::max(height, theme::text_width(Text::caption, key) + 2.0 * theme::space(&window_, 6));
}

void Painter::spinner(double x, double y, double size, int turn, const wxColour& ink) {
    const double begin = turn * std::numbers::pi / 6;
    auto path = context_->CreatePath();
    path.AddArc(x + size / 2, y + size / 2, size / 2 - 2, begin, begin + std::numbers::pi * 1.5, true);
    context_->SetPen(context_->CreatePen(wxGraphicsPenInfo{ink, 2}.Cap(wxCAP_ROUND)));
    context_->StrokePath(path);
}

wxString ellipsize(const wxString& words, Text style, int width) {
    if (theme::text_width(style, words) <= width) {
        return words;
    }
    const auto dots = wxString::FromUTF8("…");
    std::size_t fits = 0;
    std::size_t over = words.length();
    while (fits + 1 < over) {
        const auto middle = (fits + over) / 2;
        const bool ok = theme::text_width(style, words.Left(middle) + dots) <= width;
        (ok ? fits : over) = middle;
    }
    return words.Left(fits).Trim() + dots;
}

}  // namespace wutong::client
