#include "client-wx/controls/wall_canvas.hpp"

#include <wx/dcclient.h>
#include <wx/graphics.h>

#include <algorithm>

#include "client-wx/controls/wall_painter.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

namespace {

constexpr int kBarStepMs = 250;
constexpr int kScrollUnit = 16;
// Rings and round signs reach out of their cell.
constexpr int kOverhang = 12;

}  // namespace

WallCanvas::WallCanvas(wxWindow* parent) : painter_{std::make_unique<WallPainter>(*this)} {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    Create(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxWANTS_CHARS | wxBORDER_NONE);
    // Headers stay at the top, so a scrolled wall is painted whole; moving its pixels would gain nothing.
    EnableScrolling(false, false);
    SetScrollRate(0, theme::space(this, kScrollUnit));
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) { paint(); });
    Bind(wxEVT_SIZE, &WallCanvas::size_changed, this);
    Bind(wxEVT_LEFT_DOWN, &WallCanvas::mouse_down, this);
    Bind(wxEVT_LEFT_DCLICK, &WallCanvas::mouse_double, this);
    Bind(wxEVT_MOTION, &WallCanvas::mouse_moved, this);
    Bind(wxEVT_RIGHT_DOWN, [this](wxMouseEvent& event) {
        if (const auto cell = cell_at(event.GetPosition()); cell && on_menu) {
            on_menu(*cell, ClientToScreen(event.GetPosition()));
        }
    });
    Bind(wxEVT_KEY_DOWN, &WallCanvas::key, this);
    Bind(wxEVT_CHAR, &WallCanvas::character, this);
    const auto focus_changed = [this](wxFocusEvent& event) {
        event.Skip();
        if (current_) {
            refresh_cell(*current_);
        }
    };
    Bind(wxEVT_SET_FOCUS, focus_changed);
    Bind(wxEVT_KILL_FOCUS, focus_changed);
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent& event) {
        event.Skip();
        restyle();
    });
    motion_.Bind(wxEVT_TIMER, [this](wxTimerEvent&) { move_bars(); });
}

WallCanvas::~WallCanvas() = default;

void WallCanvas::restyle() {
    painter_->forget();
    lay_out();
    Refresh();
}

void WallCanvas::set_source(const WallSource* source) {
    source_ = source;
    current_.reset();
    reset();
}

void WallCanvas::set_density(WallDensity density) {
    if (density_ == density) {
        return;
    }
    density_ = density;
    lay_out();
    if (current_) {
        bring_into_view(*current_);
    }
    Refresh();
}

void WallCanvas::reset() {
    if (current_ && source_ != nullptr) {
        std::size_t cells = 0;
        for (std::size_t i = 0; i < source_->section_count(); ++i) {
            cells += source_->section_size(i);
        }
        if (*current_ >= cells) {
            current_.reset();
        }
    }
    hovered_.reset();
    lay_out();
    Refresh();
}

void WallCanvas::lay_out() {
    std::vector<std::size_t> sizes;
    if (source_ != nullptr) {
        sizes.resize(source_->section_count());
        for (std::size_t i = 0; i < sizes.size(); ++i) {
            sizes[i] = source_->section_size(i);
        }
    }
    geometry_ = WallGeometry{painter_->metrics(density_, GetClientSize().x), sizes};
    SetVirtualSize(GetClientSize().x, geometry_.height() + theme::space(this, space::m));
}

void WallCanvas::size_changed(wxSizeEvent& event) {
    event.Skip();
    lay_out();
    Refresh();
}

int WallCanvas::scrolled() const {
    return CalcUnscrolledPosition(wxPoint{0, 0}).y;
}

void WallCanvas::scroll_to(int y) {
    int unit_x = 0, unit_y = 1;
    GetScrollPixelsPerUnit(&unit_x, &unit_y);
    Scroll(-1, y / std::max(1, unit_y));
}

std::pair<std::size_t, std::size_t> WallCanvas::visible() const {
    const int top = scrolled();
    return geometry_.cells_between(top, top + GetClientSize().y);
}

wxRect WallCanvas::cell_rect(std::size_t cell) const {
    const auto box = geometry_.box(cell);
    return {box.x, box.y - scrolled(), box.width, box.height};
}

void WallCanvas::refresh_cell(std::size_t cell) {
    if (cell < geometry_.cells()) {
        auto rect = cell_rect(cell);
        if (rect.GetBottom() >= 0 && rect.y <= GetClientSize().y) {
            RefreshRect(rect.Inflate(theme::space(this, kOverhang)), false);
        }
    }
}

void WallCanvas::cells_changed(const std::vector<std::size_t>& cells) {
    const auto [first, last] = visible();
    for (const auto cell : cells) {
        if (cell >= first && cell < last) {
            refresh_cell(cell);
        }
    }
}

void WallCanvas::headers_changed() {
    const int height = painter_->metrics(density_, GetClientSize().x).header;
    const int top = scrolled(), bottom = top + GetClientSize().y;
    RefreshRect({0, 0, GetClientSize().x, height}, false);
    for (auto s = geometry_.section_at(top).value_or(0);
         s < geometry_.sections() && geometry_.section_top(s) < bottom; ++s) {
        RefreshRect({0, geometry_.section_top(s) - top, GetClientSize().x, height}, false);
    }
}

void WallCanvas::paint() {
    wxPaintDC dc{this};
    const std::unique_ptr<wxGraphicsContext> gc{wxGraphicsContext::Create(dc)};
    if (!gc) {
        return;
    }
    const auto region = GetUpdateRegion();
    const auto dirty = region.GetBox();
    gc->SetPen(*wxTRANSPARENT_PEN);
    gc->SetBrush(wxBrush{theme::colour(Token::bg)});
    gc->DrawRectangle(dirty.x, dirty.y, dirty.width, dirty.height);
    if (source_ == nullptr || geometry_.cells() == 0) {
        return;
    }
    const auto one = geometry_.box(0);
    painter_->begin(*gc, density_, one.width, one.height);
    paint_headers(*gc, false);
    paint_cells(*gc, region);
    paint_headers(*gc, true);
}

void WallCanvas::paint_cells(wxGraphicsContext& gc, const wxRegion& region) {
    const int top = scrolled();
    const auto dirty = region.GetBox();
    const int room = theme::space(this, kOverhang);
    const auto [first, last] =
        geometry_.cells_between(top + dirty.y - room, top + dirty.y + dirty.height + room);
    struct Above {
        WallCell cell;
        WallBox box;
        bool current;
    };
    std::vector<Above> above;
    bool bars = false;
    for (auto i = first; i < last; ++i) {
        auto box = geometry_.box(i);
        box.y -= top;
        const wxRect reach = wxRect{box.x, box.y, box.width, box.height}.Inflate(room);
        if (region.Contains(reach) == wxOutRegion) {
            continue;
        }
        auto cell = source_->cell(i);
        painter_->cell(cell, box);
        const bool current = HasFocus() && current_ == i;
        bars = bars || cell.status == core::MeterStatus::delivering;
        if (current || cell.selected || cell.badge != WallBadge::none ||
            cell.status == core::MeterStatus::delivering) {
            above.push_back({std::move(cell), box, current});
        }
    }
    for (const auto& item : above) {
        painter_->over(item.cell, item.box, item.current, phase_);
    }
    if (bars && !motion_.IsRunning()) {
        motion_.Start(kBarStepMs);
    }
    (void)gc;
}

void WallCanvas::paint_headers(wxGraphicsContext& gc, bool pinned) {
    (void)gc;
    const int top = scrolled(), bottom = top + GetClientSize().y;
    const auto m = painter_->metrics(density_, GetClientSize().x);
    for (auto s = geometry_.section_at(top).value_or(0);
         s < geometry_.sections() && geometry_.section_top(s) < bottom; ++s) {
        // Signs of a floor's first line reach into its header; the one that is held at the top covers them.
        if ((geometry_.section_top(s) < top) != pinned) {
            continue;
        }
        int y = std::max(geometry_.section_top(s) - top, 0);
        if (s + 1 < geometry_.sections()) {
            // The next floor's header pushes this one out.
            y = std::min(y, geometry_.section_top(s + 1) - top - m.header);
        }
        painter_->header(source_->section(s), {m.margin, y, m.width - 2 * m.margin, m.header});
    }
}

void WallCanvas::move_bars() {
    ++phase_;
    bool any = false;
    const auto [first, last] = visible();
    if (source_ != nullptr && IsShownOnScreen()) {
        for (auto i = first; i < last; ++i) {
            if (source_->cell(i).status == core::MeterStatus::delivering) {
                any = true;
                refresh_cell(i);
            }
        }
    }
    if (!any) {
        motion_.Stop();  // the next paint with such a cell starts it again
    }
}

std::optional<std::size_t> WallCanvas::cell_at(wxPoint point) const {
    // Below the header that stays at the top there may be cells; they are not to be hit through it.
    if (point.y < painter_->metrics(density_, GetClientSize().x).header) {
        const int top = scrolled();
        const auto section = geometry_.section_at(top);
        if (section && geometry_.section_top(*section) <= top) {
            return std::nullopt;
        }
    }
    return geometry_.cell_at(point.x, point.y + scrolled());
}

void WallCanvas::set_current(std::optional<std::size_t> cell, bool into_view) {
    if (cell && *cell >= geometry_.cells()) {
        cell.reset();
    }
    if (current_ == cell) {
        return;
    }
    if (current_) {
        refresh_cell(*current_);
    }
    current_ = cell;
    if (current_) {
        if (into_view) {
            bring_into_view(*current_);
        }
        refresh_cell(*current_);
    }
}

void WallCanvas::bring_into_view(std::size_t cell) {
    if (cell >= geometry_.cells()) {
        return;
    }
    const auto m = painter_->metrics(density_, GetClientSize().x);
    const auto box = geometry_.box(cell);
    const int top = scrolled(), height = GetClientSize().y;
    int unit_x = 0, unit_y = 1;
    GetScrollPixelsPerUnit(&unit_x, &unit_y);
    if (box.y - m.header < top) {
        scroll_to(std::max(0, box.y - m.header));
    } else if (box.y + box.height + m.after > top + height) {
        scroll_to(box.y + box.height + m.after - height + unit_y - 1);
    }
}

}  // namespace wutong::client
