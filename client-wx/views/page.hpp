#pragma once

#include <utility>
#include <vector>

#include "client-wx/controls/drawn.hpp"

namespace wutong::client {

struct Context;
struct Place;

/// One page of the frame: made when it is first opened, kept until the language changes or somebody else
/// signs in, so that what was typed is still there when the operator comes back.
class PageView : public Panel {
public:
    explicit PageView(wxWindow* parent) : Panel{parent, Token::bg} { Hide(); }

    /// Comes to the front to show `place`; also when it is there already. The focus goes to its first field.
    virtual void open(const Place& place) = 0;
    /// Another page comes to the front.
    virtual void leave() {}

    [[nodiscard]] virtual wxString title() const = 0;
    [[nodiscard]] virtual wxString subtitle() const { return {}; }
    /// The status line: what goes on, and the keys that matter here.
    [[nodiscard]] virtual wxString status_left() const { return {}; }
    [[nodiscard]] virtual wxString status_right() const { return {}; }

    /// A key, before the focused control sees it (the frame has taken its own: F1, F9, F11, Ctrl+K, Ctrl+1…9,
    /// Alt+←). Escape, Enter and letters come here too: take them only when they are meant for the page.
    /// @return whether it was used
    virtual bool key(wxKeyEvent&) { return false; }
    /// What F1 lists for this page: key and what it does.
    [[nodiscard]] virtual std::vector<std::pair<wxString, wxString>> keys() const { return {}; }
    /// Parts that F6 goes through, in order.
    [[nodiscard]] virtual std::vector<wxWindow*> panes() { return {}; }
    /// Where the focus goes when what had it is closed.
    [[nodiscard]] virtual wxWindow* home() {
        const auto own = panes();
        return own.empty() ? this : own.front();
    }

    /// Of the page, when title, subtitle or status have changed: the frame reads them again.
    void changed();
};

/// From changed(); the frame listens.
wxDECLARE_EVENT(EVT_PAGE_CHANGED, wxCommandEvent);

}  // namespace wutong::client
