#include "client-wx/controls/table_badge.hpp"

#include <wx/dc.h>
#include <wx/dcmemory.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "client-wx/theme/icons.hpp"
#include "client-wx/theme/paint.hpp"
#include "client-wx/theme/theme.hpp"

namespace wutong::client {

namespace {

constexpr int kMark = 18;
constexpr int kWidthMin = 40;

/// The mark of a state as a bitmap; nine of them per theme.
const wxBitmap& mark_of(core::MeterStatus status, wxWindow& window) {
    static std::map<std::tuple<core::MeterStatus, theme::Mode, int>, wxBitmap> kept;
    const int size = theme::space(&window, kMark);
    auto& bitmap = kept[{status, theme::mode(), size}];
    if (!bitmap.IsOk()) {
        bitmap.CreateScaled(size, size, 24, window.GetContentScaleFactor());
        wxMemoryDC dc{bitmap};
        Painter painter{dc, window};
        painter.clear(Token::surface);
        painter.state_mark(status, 0, 0, size);
    }
    return bitmap;
}

}  // namespace

bool TableBadgeData::Eq(wxVariantData& other) const {
    const auto* same = dynamic_cast<TableBadgeData*>(&other);
    return same != nullptr && same->badge_ == badge_;
}

wxString TableBadgeData::GetType() const {
    return TableBadgeRenderer::kType;
}

TableBadgeRenderer::TableBadgeRenderer(wxWindow& window)
    : wxDataViewCustomRenderer{kType, wxDATAVIEW_CELL_INERT, wxALIGN_LEFT | wxALIGN_CENTRE_VERTICAL},
      window_{window} {}

bool TableBadgeRenderer::SetValue(const wxVariant& value) {
    const auto* data = dynamic_cast<const TableBadgeData*>(value.GetData());
    badge_ = data != nullptr ? data->badge() : TableBadge{};
    return data != nullptr;
}

bool TableBadgeRenderer::GetValue(wxVariant& value) const {
    value = wxVariant{new TableBadgeData{badge_}};
    return true;
}

bool TableBadgeRenderer::Render(wxRect cell, wxDC* dc, int /*state*/) {
    int x = cell.x;
    const int size = theme::space(&window_, kMark), middle = cell.y + cell.height / 2;
    if (badge_.state) {
        dc->DrawBitmap(mark_of(*badge_.state, window_), x, middle - size / 2, true);
        x += size + theme::space(&window_, space::s);
    } else if (!badge_.icon.empty()) {
        dc->DrawBitmap(theme::icon(badge_.icon, measure::icon_s, badge_.ink).GetBitmapFor(&window_), x,
                       middle - theme::space(&window_, measure::icon_s) / 2, true);
        x += theme::space(&window_, measure::icon_s) + theme::space(&window_, space::s);
    }
    const auto style = badge_.bold ? Text::body_bold : Text::body;
    dc->SetFont(theme::font(style));
    dc->SetTextForeground(badge_.ink);
    dc->DrawText(ellipsize(badge_.words, style, std::max(0, cell.GetRight() - x)), x,
                 middle - theme::line_height(style) / 2);
    return true;
}

wxSize TableBadgeRenderer::GetSize() const {
    // GTK gives what is asked for here and no more, however wide the column is.
    const auto* column = GetOwner();
    const int width = (column != nullptr ? column->GetWidth() : 0) - theme::space(&window_, space::xl);
    return {std::max(width, theme::space(&window_, kWidthMin)),
            std::max(theme::line_height(Text::body), theme::space(&window_, kMark) + 2)};
}

}  // namespace wutong::client
