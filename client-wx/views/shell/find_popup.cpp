#include "client-wx/views/shell/find_popup.hpp"

#include <wx/dcbuffer.h>
#include <wx/sizer.h>

#include "client-wx/text/translate.hpp"

namespace wutong::client {
namespace {

constexpr int width_min = 560, padding = 8, mark_side = 22;

}  // namespace

/// The hits, two lines each.
class FindPopup::List : public DrawnControl {
public:
    explicit List(wxWindow* parent, FindPresenter& presenter, std::function<void(std::size_t)> open)
        : DrawnControl{parent, Focus::none}, presenter_{presenter}, open_{std::move(open)} {}
    void hits_changed() {
        InvalidateBestSize();
        Refresh();
    }

protected:
    void draw(Painter& painter) override {
        const auto& screen = presenter_.screen();
        const double height = row_height();
        const auto size = GetClientSize();
        for (std::size_t i = 0; i < screen.hits.size(); ++i) {
            const auto& hit = screen.hits[i];
            const wxRect2DDouble row{0, height * static_cast<double>(i), size.x * 1.0, height};
            const bool on = static_cast<int>(i) == screen.chosen;
            if (on) {
                painter.box(row, {.fill = theme::colour(Token::accent_soft)});
            } else if (hovered() && static_cast<int>(i) == hover_) {
                painter.box(row, {.fill = theme::colour(Token::surface_2)});
            }
            const double pad = dip(space::m);
            const double side = dip(mark_side);
            if (hit.has_status) {
                painter.state_mark(hit.status, pad, std::round(row.m_y + (height - side) / 2), side);
            } else {
                painter.icon_centred(hit.icon.empty() ? "gauge" : hit.icon, measure::icon_m,
                                     theme::colour(Token::ink_2), {pad, row.m_y, side, height});
            }
            const double x = pad + side + dip(space::m);
            const double note = theme::text_width(Text::body_bold, wxs(hit.note));
            const double width = size.x - x - pad;
            const double title = theme::line_height(Text::body_bold);
            const double detail = theme::line_height(Text::small);
            const double top = row.m_y + (height - title - detail) / 2;
            painter.text(wxs(hit.title), Text::body_bold, Token::ink, {x, top, width - note - pad, title});
            painter.text(wxs(hit.detail), Text::small, Token::ink_2,
                         {x, top + title, width - note - pad, detail});
            painter.text(wxs(hit.note), Text::body_bold, Token::ink, {x, row.m_y, width, height},
                         Painter::Align::right);
        }
    }
    void pointer_at(const wxPoint& point) override {
        const int now = static_cast<int>(point.y / row_height());
        if (now != hover_) {
            hover_ = now;
            Refresh();
        }
    }
    void clicked_at(const wxPoint& point) override {
        open_(static_cast<std::size_t>(point.y / row_height()));
    }
    wxSize DoGetBestClientSize() const override {
        return {dip(200),
                static_cast<int>(row_height() * static_cast<double>(presenter_.screen().hits.size()))};
    }

private:
    [[nodiscard]] double row_height() const {
        return theme::line_height(Text::body_bold) + theme::line_height(Text::small) + dip(space::m);
    }
    FindPresenter& presenter_;
    std::function<void(std::size_t)> open_;
    int hover_{-1};
};

FindPopup::FindPopup(wxWindow* parent, Context& context, std::vector<FindPresenter::NamedPage> pages,
                     std::function<void()> closed)
    : Panel{parent, Token::surface},
      presenter_{context, std::move(pages), [this] { show_hits(); }},
      closed_{std::move(closed)} {
    SetBackgroundStyle(wxBG_STYLE_PAINT);
    Bind(wxEVT_PAINT, [this](wxPaintEvent&) {
        wxAutoBufferedPaintDC dc{this};
        Painter painter{dc, *this};
        const auto size = GetClientSize();
        painter.clear(Token::surface);
        painter.box({0, 0, size.x * 1.0, size.y * 1.0},
                    {.edge = theme::colour(Token::line_strong), .radius = 0});
    });
    TextField::Style style;
    style.icon = "search";
    style.length_max = 100;
    style.placeholder = wxs(tr("Find unit, shop, meter, account"));
    text_ = new TextField{this, {}, style};
    text_->on_change([this](const std::string& typed) { presenter_.type(typed); });
    list_ = new List{this, presenter_, [this](std::size_t index) {
                         close();
                         presenter_.open_at(index);
                     }};
    footer_ = new Label{this, {}, Text::small, Token::ink_3};
    const int pad = theme::space(this, padding);
    auto* column = new wxBoxSizer{wxVERTICAL};
    column->Add(text_, 0, wxEXPAND | wxALL, pad);
    column->Add(list_, 0, wxEXPAND | wxLEFT | wxRIGHT, pad);
    column->Add(footer_, 0, wxEXPAND | wxALL, pad + theme::space(this, space::xs));
    SetSizer(column);
    // A click elsewhere is the end of the search.
    text_->input()->Bind(wxEVT_KILL_FOCUS, [this](wxFocusEvent& event) {
        event.Skip();
        CallAfter([this] {
            const auto* focus = wxWindow::FindFocus();
            if (IsShown() && focus != nullptr && !IsDescendant(const_cast<wxWindow*>(focus))) {
                Hide();
            }
        });
    });
    Hide();
}

void FindPopup::open(const wxRect& anchor) {
    anchor_ = anchor;
    text_->set_text({});
    presenter_.type({});
    Show();
    Raise();
    text_->SetFocus();
}

void FindPopup::close() {
    if (IsShown()) {
        Hide();
        closed_();
    }
}

void FindPopup::show_hits() {
    footer_->set_text(wxs(presenter_.screen().footer));
    list_->hits_changed();
    const auto at = GetParent()->ScreenToClient(anchor_.GetPosition());
    const int width = std::max(anchor_.width, theme::space(this, width_min));
    const int left = std::max(0, at.x + anchor_.width - width);
    SetSize(left, at.y, width, GetSizer()->CalcMin().y);
    Layout();
    Refresh();
}

bool FindPopup::key(wxKeyEvent& event) {
    if (!IsShown() || event.HasAnyModifiers()) {
        return false;
    }
    switch (event.GetKeyCode()) {
        case WXK_ESCAPE:
            close();
            return true;
        case WXK_UP:
            presenter_.move(-1);
            return true;
        case WXK_DOWN:
            presenter_.move(1);
            return true;
        case WXK_RETURN:
        case WXK_NUMPAD_ENTER:
            if (presenter_.screen().chosen >= 0) {
                close();
                presenter_.open_chosen();
            }
            return true;
        case WXK_F2:
            if (presenter_.sell_to_chosen()) {
                Hide();
            }
            return true;
        default:
            return false;
    }
}

}  // namespace wutong::client
