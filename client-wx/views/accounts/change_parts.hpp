#pragma once

#include <wx/scrolwin.h>

#include <string>
#include <vector>

#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/field.hpp"

/// What the pages of an exchange and of a transfer share.
namespace wutong::client {

/// Line by line, for a label that wraps.
[[nodiscard]] inline wxString joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) {
        all += (all.empty() ? "" : "\n") + text;
    }
    return wxs(all);
}

/// Text, error and whether it can be typed in.
inline void put(TextField& field, const std::string& text, const std::string& error, bool enabled) {
    if (field.text() != text) {
        field.set_text(text);
    }
    field.set_error(wxs(error));
    field.set_enabled(enabled);
}

/// The part of a card or page that scrolls where the window is low; its ground follows the theme.
[[nodiscard]] inline wxScrolledWindow* scrolled_part(wxWindow* card, Token ground = Token::surface) {
    auto* made =
        new wxScrolledWindow{card, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxBORDER_NONE};
    made->SetBackgroundColour(theme::colour(ground));
    made->Bind(EVT_THEME_CHANGED, [made, ground](ThemeEvent& event) {
        made->SetBackgroundColour(theme::colour(ground));
        event.Skip();
    });
    made->SetScrollRate(0, theme::space(card, space::l));
    made->SetSizer(new wxBoxSizer{wxVERTICAL});
    return made;
}

}  // namespace wutong::client
