#include "client-wx/controls/wall_painter.hpp"

#include <wx/dcmemory.h>

#include <algorithm>

#include "client-wx/theme/icons.hpp"
#include "client-wx/theme/paint.hpp"

namespace wutong::client {

namespace {

// Widths of texts are kept between paints; a wall of 10 000 meters has about as many different balances.
constexpr std::size_t kWidthsKept = 20'000;
// Longer names are cut before they are measured.
constexpr std::size_t kWordsMax = 160;

constexpr int kDotSize = 20, kDotGap = 4;
constexpr int kCompactWidth = 98, kCompactHeight = 50;
constexpr int kDetailWidth = 164, kDetailHeight = 78;
constexpr int kGap = 6;
constexpr int kPadding = 10;
constexpr int kGlyph = 16, kSmallGlyph = 12, kMark = 20, kRoundSign = 18;

std::string measured_as(Text style, const std::string& words) {
    return static_cast<char>('A' + static_cast<int>(style)) + words;
}

}  // namespace

WallMetrics WallPainter::metrics(WallDensity density, int width) const {
    WallMetrics m;
    m.width = width;
    m.margin = dip(space::page_margin);
    m.header = std::max(dip(kMark + 2 * space::s), theme::line_height(Text::section) + dip(space::m));
    m.after = dip(space::l);
    const int line = theme::line_height(Text::body);
    const int figures = theme::text_width(Text::body, "¥1,888.88") + theme::text_width(Text::caption, "88d") +
                        dip(2 * kPadding);
    switch (density) {
        case WallDensity::dots:
            m.gap = dip(kDotGap);
            m.cell_min = m.cell_height = dip(kDotSize);
            m.stretch = false;
            break;
        case WallDensity::compact:
            m.gap = dip(kGap);
            m.cell_min = std::max(dip(kCompactWidth), figures);
            m.cell_height = std::max(dip(kCompactHeight), 2 * line + dip(space::s));
            break;
        case WallDensity::detail:
            m.gap = dip(kGap);
            m.cell_min = std::max(dip(kDetailWidth), figures + dip(space::huge));
            m.cell_height =
                std::max(dip(kDetailHeight), 2 * line + theme::line_height(Text::small) + dip(space::m));
            break;
    }
    return m;
}

void WallPainter::forget() {
    fonts_.clear();
    widths_.clear();
    fitted_.clear();
    grounds_.clear();
    signs_.clear();
    marks_.clear();
}

void WallPainter::begin(wxGraphicsContext& gc, WallDensity density, int cell_width, int cell_height) {
    gc_ = &gc;
    if (cell_width != width_ || cell_height != height_ || density != density_) {
        grounds_.clear();
        fitted_.clear();
    }
    density_ = density;
    width_ = cell_width;
    height_ = cell_height;
}

void WallPainter::write(Text style, const wxColour& colour, const std::string& words, double x, double y) {
    auto& font = fonts_[{style, colour.GetRGBA()}];
    if (font.IsNull()) {
        font = gc_->CreateFont(theme::font(style), colour);
    }
    gc_->SetFont(font);
    gc_->DrawText(wxs(words), x, y);
}

double WallPainter::width_of(Text style, const std::string& words) {
    const auto key = measured_as(style, words);
    const auto found = widths_.find(key);
    if (found != widths_.end()) {
        return found->second;
    }
    if (widths_.size() > kWidthsKept) {
        widths_.clear();
    }
    auto& font = fonts_[{style, wxColour{0, 0, 0}.GetRGBA()}];  // looks: measures only
    if (font.IsNull()) {
        font = gc_->CreateFont(theme::font(style), wxColour{0, 0, 0});  // looks: measures only
    }
    gc_->SetFont(font);
    double width = 0, height = 0;
    gc_->GetTextExtent(wxs(words), &width, &height);
    widths_.emplace(key, width);
    return width;
}

const std::string& WallPainter::fitted(Text style, const std::string& words, int room) {
    auto& cut = fitted_[measured_as(style, words) + '\n' + std::to_string(room)];
    if (cut.empty() && !words.empty()) {
        if (fitted_.size() > kWidthsKept) {
            fitted_.clear();
            return fitted(style, words, room);
        }
        cut = utf8(ellipsize(wxs(std::string_view{words}.substr(0, kWordsMax)), style, room));
    }
    return cut;
}

double WallPainter::write_right(Text style, const wxColour& colour, const std::string& words, double right,
                                double y, double left_edge) {
    if (words.empty()) {
        return right;
    }
    const double width = width_of(style, words);
    if (right - width < left_edge) {
        return right;
    }
    write(style, colour, words, right - width, y);
    return right - width;
}

wxBitmap WallPainter::canvas_bitmap(int width, int height) const {
    wxBitmap bitmap;
    bitmap.CreateScaled(width, height, 24, window_.GetContentScaleFactor());
    return bitmap;
}

const wxGraphicsBitmap& WallPainter::ground(MeterStatus status) {
    auto& kept = grounds_[{status, width_, height_}];
    if (kept.IsNull()) {
        const auto style = theme::state_style(status);
        auto bitmap = canvas_bitmap(width_, height_);
        {
            wxMemoryDC dc{bitmap};
            Painter painter{dc, window_};
            painter.clear(Token::bg);
            const bool dot = density_ == WallDensity::dots;
            Painter::Box box;
            box.fill = style.fill;
            box.edge = style.edge;
            box.radius = dip(dot ? measure::radius_chip : measure::radius_control);
            box.dashed = style.dashed;
            box.hatched = style.hatched;
            painter.box({0, 0, static_cast<double>(width_), static_cast<double>(height_)}, box);
            if (style.glyph_on_wall && dot) {
                painter.icon_centred(style.icon, measure::icon_xs, style.ink,
                                     {0, 0, static_cast<double>(width_), static_cast<double>(height_)});
            } else if (style.glyph_on_wall) {
                painter.icon(style.icon, kGlyph, style.ink, width_ - dip(kGlyph + space::s), dip(space::s));
            }
        }
        kept = gc_->CreateBitmap(bitmap);
    }
    return kept;
}

const wxGraphicsBitmap& WallPainter::sign(const std::string& icon, int size, const wxColour& colour) {
    auto& kept = signs_[{icon, size, colour.GetRGBA()}];
    if (kept.IsNull()) {
        kept = gc_->CreateBitmap(theme::icon(icon, size, colour).GetBitmapFor(&window_));
    }
    return kept;
}

void WallPainter::cell(const WallCell& cell, const WallBox& box) {
    gc_->DrawBitmap(ground(cell.status), box.x, box.y, box.width, box.height);
    if (density_ == WallDensity::dots) {
        return;
    }
    const auto style = theme::state_style(cell.status);
    const bool normal = cell.status == MeterStatus::normal;
    const auto quiet = normal ? theme::colour(Token::ink_2) : style.ink;
    const int left = box.x + dip(kPadding), right = box.x + box.width - dip(kPadding);
    const int line = theme::line_height(Text::body), small = theme::line_height(Text::small);
    const bool detail = density_ == WallDensity::detail;
    const int used = 2 * line + (detail ? small : 0);
    double y = box.y + (box.height - used) / 2.0;

    const int code_room = right - left - (style.glyph_on_wall ? dip(kGlyph + space::xs) : 0);
    write(Text::body_bold, style.ink, fitted(Text::body_bold, cell.code, code_room), left, y);
    y += line;
    if (detail) {
        const double power_at = write_right(Text::small, quiet, cell.power, right, y, left);
        const int room = static_cast<int>(power_at) - left - (cell.power.empty() ? 0 : dip(space::s));
        if (!cell.name.empty()) {
            write(Text::small, quiet, fitted(Text::small, cell.name, room), left, y);
        }
        y += small;
    }
    write(Text::body, style.ink, cell.balance, left, y);
    const double after_balance = left + width_of(Text::body, cell.balance) + dip(space::xs);
    // The small letters stand on the same line as the figure.
    const double note_y = y + 0.8 * (line - theme::line_height(Text::caption));
    double end = write_right(Text::caption, quiet, cell.note, right, note_y, after_balance);
    if (cell.second && *cell.second != MeterStatus::normal) {
        const double x = end - dip(kSmallGlyph) - (end < right ? dip(space::hair) : 0);
        if (x >= after_balance) {
            gc_->DrawBitmap(sign(theme::state_style(*cell.second).icon, kSmallGlyph, style.ink), x,
                            y + (line - dip(kSmallGlyph)) / 2.0, dip(kSmallGlyph), dip(kSmallGlyph));
        }
    }
}

void WallPainter::ring(const WallBox& box, int outside, const wxColour& colour) {
    const double width = dip(measure::focus_line);
    const double grow = outside + width / 2;
    gc_->SetBrush(*wxTRANSPARENT_BRUSH);
    gc_->SetPen(gc_->CreatePen(wxGraphicsPenInfo{colour, width}));
    gc_->DrawRoundedRectangle(box.x - grow, box.y - grow, box.width + 2 * grow, box.height + 2 * grow,
                              dip(measure::radius_control) + grow);
}

void WallPainter::round_sign(const char* icon, Token ground_token, double x, double y) {
    const double size = dip(kRoundSign), inside = dip(kSmallGlyph);
    gc_->SetPen(gc_->CreatePen(wxGraphicsPenInfo{theme::colour(Token::bg), 1.0}));
    gc_->SetBrush(wxBrush{theme::colour(ground_token)});
    gc_->DrawEllipse(x - size / 2, y - size / 2, size, size);
    gc_->DrawBitmap(sign(icon, kSmallGlyph, theme::colour(Token::surface)), x - inside / 2, y - inside / 2,
                    inside, inside);
}

void WallPainter::over(const WallCell& cell, const WallBox& box, bool current, int phase) {
    if (cell.status == MeterStatus::delivering) {
        const auto style = theme::state_style(cell.status);
        const double room = box.width - 2.0 * dip(space::xs), part = room / 3;
        const double at = (room - part) * std::abs((phase % 16) - 8) / 8.0;
        gc_->SetPen(*wxTRANSPARENT_PEN);
        gc_->SetBrush(wxBrush{style.edge});
        gc_->DrawRectangle(box.x + dip(space::xs) + at, box.y + box.height - dip(space::xs), part,
                           dip(space::hair));
    }
    const double right = box.x + box.width, bottom = box.y + box.height, in = dip(space::hair);
    switch (cell.badge) {
        case WallBadge::none:
            break;
        case WallBadge::waiting:
            round_sign("clock", Token::info, right - in, bottom - in);
            break;
        case WallBadge::under_way:
            ring(box, -dip(measure::line), theme::colour(Token::info));
            round_sign("loader-2", Token::info, right - in, bottom - in);
            break;
        case WallBadge::done:
            round_sign("check", Token::ok, right - in, bottom - in);
            break;
        case WallBadge::skipped:
            round_sign("player-skip-forward", Token::ink_2, right - in, bottom - in);
            break;
        case WallBadge::failed:
            ring(box, -dip(measure::line), theme::colour(Token::danger));
            round_sign("x", Token::danger, right - in, bottom - in);
            break;
    }
    if (current) {
        ring(box, dip(measure::line), theme::colour(Token::focus));
    } else if (cell.selected) {
        ring(box, 0, theme::colour(Token::accent));
    }
    if (cell.selected && cell.badge == WallBadge::none && density_ != WallDensity::dots) {
        round_sign("check", Token::accent, right, box.y + in);
    }
}

void WallPainter::header(const WallSection& section, const WallBox& box) {
    gc_->SetPen(*wxTRANSPARENT_PEN);
    gc_->SetBrush(wxBrush{theme::colour(Token::bg)});
    gc_->DrawRectangle(0, box.y, box.x + box.width + box.x, box.height);

    const double middle = box.y + box.height / 2.0;
    double x = box.x;
    const auto at_middle = [&](Text style) { return middle - theme::line_height(style) / 2.0; };
    const auto& title = fitted(Text::section, section.title, box.width / 2);
    write(Text::section, theme::colour(Token::ink), title, x, at_middle(Text::section));
    x += width_of(Text::section, title) + dip(space::m);
    write(Text::small, theme::colour(Token::ink_3), section.amount, x, at_middle(Text::small));
    x += width_of(Text::small, section.amount) + dip(space::l);
    const int size = dip(kMark);
    for (const auto& [status, count] : section.exceptions) {
        auto& kept = marks_[{status, size}];
        if (kept.IsNull()) {
            auto bitmap = canvas_bitmap(size, size);
            {
                wxMemoryDC dc{bitmap};
                Painter painter{dc, window_};
                painter.clear(Token::bg);
                painter.state_mark(status, 0, 0, size);
            }
            kept = gc_->CreateBitmap(bitmap);
        }
        gc_->DrawBitmap(kept, x, middle - size / 2.0, size, size);
        x += size + dip(space::xs);
        write(Text::small, theme::colour(Token::ink_2), count, x, at_middle(Text::small));
        x += width_of(Text::small, count) + dip(space::m);
    }
    gc_->SetPen(gc_->CreatePen(wxGraphicsPenInfo{theme::colour(Token::line), 1.0}));
    if (x < box.x + box.width) {
        gc_->StrokeLine(x, middle, box.x + box.width, middle);
    }
}

}  // namespace wutong::client
