#include "client-wx/views/desk/desk_page.hpp"

#include <algorithm>

namespace wutong::client {

ToolRow::ToolRow(wxWindow* parent) : Panel{parent, Token::bg}, row_{new wxBoxSizer{wxHORIZONTAL}} {
    SetSizer(row_);
}

void ToolRow::left(wxWindow* window) {
    row_->Add(window, 0, wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::s));
}

void ToolRow::right(wxWindow* window) {
    if (!spaced_) {
        row_->AddStretchSpacer();
        spaced_ = true;
    }
    row_->Add(window, 0, wxALIGN_CENTRE_VERTICAL | wxLEFT, theme::space(this, space::s));
}

void ToolRow::grow(wxWindow* window) {
    row_->Add(window, 1, wxALIGN_CENTRE_VERTICAL | wxRIGHT, theme::space(this, space::s));
    spaced_ = true;
}

bool is_ctrl(const wxKeyEvent& event, int key) {
    return event.GetModifiers() == wxMOD_CONTROL && event.GetKeyCode() == key;
}

bool is_plain(const wxKeyEvent& event, int key) {
    return event.GetModifiers() == wxMOD_NONE && event.GetKeyCode() == key;
}

Paragraph::Paragraph(wxWindow* parent, Text style, Token ink) : Label{parent, {}, style, ink} {
    Bind(wxEVT_SIZE, [this, last = 0](wxSizeEvent& event) mutable {
        event.Skip();
        // Wrapping changes the height, which comes back as another size: only the width matters here.
        const int width = event.GetSize().x;
        if (width > theme::space(this, space::huge) && width != last) {
            last = width;
            wrap(ToDIP(width));
        }
    });
}

}  // namespace wutong::client
