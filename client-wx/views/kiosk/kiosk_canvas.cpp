#include "client-wx/views/kiosk/kiosk_canvas.hpp"

#include <wx/dcbuffer.h>

#include <utility>

#include "client-wx/controls/chart.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/views/kiosk/kiosk_drawing.hpp"
#include "client-wx/views/kiosk/kiosk_layout.hpp"

namespace wutong::client {

KioskCanvas::KioskCanvas(wxWindow* parent, KioskPresenter& presenter)
    : wxWindow{parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxWANTS_CHARS | wxFULL_REPAINT_ON_RESIZE},
      presenter_{presenter},
      chart_ground_{new Panel{this, Token::surface}},
      chart_{new Chart{chart_ground_,
                       {.axis = false,
                        .legend = false,
                        .ends_only = true,
                        .figure_on_top = true,
                        .large = true,
                        .interactive = false}}} {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    chart_ground_->Hide();
    // The chart shows and does nothing; who touches it is there all the same.
    chart_->Bind(wxEVT_LEFT_DOWN, [this](wxMouseEvent&) { presenter_.touched(); });
    Bind(wxEVT_PAINT, &KioskCanvas::on_paint, this);
    Bind(wxEVT_LEFT_DOWN, [this](wxMouseEvent& event) { press(event.GetPosition()); });
    // The second press of a double click is a press like any other.
    Bind(wxEVT_LEFT_DCLICK, [this](wxMouseEvent& event) { press(event.GetPosition()); });
    Bind(wxEVT_LEFT_UP, [this](wxMouseEvent& event) { release(event.GetPosition()); });
    Bind(wxEVT_MOUSE_CAPTURE_LOST, [this](wxMouseCaptureLostEvent&) {
        pressed_.clear();
        Refresh();
    });
    Bind(EVT_THEME_CHANGED, [this](ThemeEvent&) { Refresh(); });
}

void KioskCanvas::show(const KioskScreen& screen) {
    const bool other = screen.stage != screen_.stage;
    screen_ = screen;
    if (other) {
        capitals_ = signs_ = false;
    }
    if (screen_.account) {
        set_chart(*screen_.account);
    } else {
        // What is gone from the screen is gone from memory.
        chart_->set_data({});
    }
    if (!screen_.account || screen_.still_there) {
        chart_ground_->Hide();
    }
    Refresh();
}

void KioskCanvas::set_chart(const KioskAccount& account) {
    ChartData data;
    for (const auto& bar : account.bars) {
        ChartBar one;
        one.value = bar.kwh;
        one.label = bar.label;
        one.figure = bar.figure;
        one.so_far = bar.so_far;
        data.bars.push_back(std::move(one));
    }
    chart_->set_data(std::move(data));
}

void KioskCanvas::place_chart(const wxRect2DDouble& rect) {
    chart_place_ = wxRect{static_cast<int>(rect.m_x), static_cast<int>(rect.m_y),
                          static_cast<int>(rect.m_width), static_cast<int>(rect.m_height)};
}

void KioskCanvas::switch_capitals() {
    capitals_ = !capitals_;
    Refresh();
}

void KioskCanvas::switch_signs() {
    signs_ = !signs_;
    Refresh();
}

void KioskCanvas::target(std::string name, const wxRect2DDouble& rect, std::function<void()> act) {
    targets_.push_back({std::move(name), rect, std::move(act)});
}

const KioskCanvas::Target* KioskCanvas::target_at(const wxPoint& at) const {
    // What was drawn last lies on top.
    for (auto one = targets_.rbegin(); one != targets_.rend(); ++one) {
        if (one->rect.Contains(wxPoint2DDouble(at.x, at.y))) {
            return &*one;
        }
    }
    return nullptr;
}

void KioskCanvas::press(const wxPoint& at) {
    const auto* found = target_at(at);
    pressed_ = found != nullptr ? found->name : std::string{};
    if (found != nullptr && !HasCapture()) {
        CaptureMouse();
    }
    presenter_.touched();
    Refresh();
}

void KioskCanvas::release(const wxPoint& at) {
    if (HasCapture()) {
        ReleaseMouse();
    }
    const auto name = std::exchange(pressed_, {});
    Refresh();
    const auto* found = target_at(at);
    if (found != nullptr && found->name == name && found->act) {
        // The action changes the screen, and with it the targets.
        const auto act = found->act;
        act();
    }
}

void KioskCanvas::on_paint(wxPaintEvent&) {
    wxAutoBufferedPaintDC dc{this};
    Painter painter{dc, *this};
    const auto size = GetClientSize();
    const double scale = kiosk_layout::scale_of(size.x, size.y);
    KioskDrawing d{painter, *this, screen_, scale};
    targets_.clear();
    chart_place_ = {};
    painter.clear(Token::bg);

    const double width = size.x;
    const double height = size.y;
    const KioskRect header{0, 0, width, d.u(kiosk_layout::header)};
    const KioskRect footer{0, height - d.u(kiosk_layout::footer), width, d.u(kiosk_layout::footer)};
    const double top = header.m_height + d.u(kiosk_layout::gap);
    const KioskRect area{d.u(kiosk_layout::margin), top, width - 2 * d.u(kiosk_layout::margin),
                         footer.m_y - d.u(kiosk_layout::gap) - top};
    draw_header(d, header);
    draw_footer(d, footer);
    switch (screen_.stage) {
        case KioskStage::start:
            draw_start(d, area);
            break;
        case KioskStage::account:
            draw_account(d, area);
            break;
        case KioskStage::away:
            draw_away(d, area);
            break;
        case KioskStage::certificate:
        case KioskStage::operator_menu:
            draw_choices(d, area);
            break;
        default:
            draw_question(d, area);
            break;
    }
    if (screen_.still_there) {
        draw_still_there(d, {0, 0, width, height});
    }
    const bool with_chart = chart_place_.width > 0 && screen_.account && !screen_.still_there;
    if (with_chart && chart_ground_->GetRect() != chart_place_) {
        chart_ground_->SetSize(chart_place_);
        chart_->SetSize(chart_ground_->GetClientSize());
    }
    if (chart_ground_->IsShown() != with_chart) {
        // Not while painting.
        CallAfter([this, with_chart] {
            chart_ground_->Show(with_chart && screen_.account && !screen_.still_there);
        });
    }
}

}  // namespace wutong::client
