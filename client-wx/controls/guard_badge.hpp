#pragma once

#include "client-wx/controls/drawn.hpp"

namespace wutong::client {

/// "Guarded: medical" beside what would switch the unit off; the note as tip. Hidden while it says nothing.
class GuardBadge : public DrawnControl {
public:
    explicit GuardBadge(wxWindow* parent);
    /// @return whether it came or went: the parent lays out again
    bool set(const wxString& words, const wxString& note);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    wxString words_;
};

}  // namespace wutong::client
