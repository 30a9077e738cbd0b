#pragma once

#include <wx/gdicmn.h>
#include <wx/string.h>

#include <vector>

class wxWindow;

/// What the drawn controls have written on themselves: for tests, which cannot read pixels. Off unless asked
/// for, and then only a list; nothing is drawn otherwise because of it.
namespace wutong::client {

struct DrawnText {
    wxString words;   ///< in full
    wxRect place;     ///< in the window
    bool cut{false};  ///< there was no room for all of it
};

void record_drawn_texts(bool record);
[[nodiscard]] bool recording_drawn_texts();

/// Of the window's last painting.
[[nodiscard]] const std::vector<DrawnText>& drawn_texts(const wxWindow& window);
/// A painting begins.
void forget_drawn_texts(const wxWindow& window);
void note_drawn_text(const wxWindow& window, DrawnText text);

}  // namespace wutong::client
