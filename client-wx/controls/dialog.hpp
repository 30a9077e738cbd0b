#pragma once

#include <wx/dialog.h>
#include <wx/sizer.h>
#include <wx/weakref.h>

#include <vector>

#include "client-wx/controls/button.hpp"
#include "client-wx/controls/card.hpp"
#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/feedback.hpp"
#include "client-wx/controls/field.hpp"

namespace wutong::client {

/// Base of all dialogs: padding, title, button row; Esc is the first (harmless) button; the focus goes back
/// to where it was. Fill content() and add buttons, then run().
///
///     Dialog dialog{this, wxs(tr("Change password"))};
///     dialog.content()->Add(new PasswordField{dialog.area(), …}, 0, wxEXPAND);
///     dialog.add_button(wxID_CANCEL, wxs(tr("Cancel")));
///     dialog.add_button(wxID_OK, wxs(tr("Change password")), Button::Kind::primary);
///     if (dialog.run() == wxID_OK) …
class Dialog : public wxDialog {
public:
    Dialog(wxWindow* parent, const wxString& title, int width_dip = 460);
    ~Dialog() override;
    Dialog(const Dialog&) = delete;
    Dialog& operator=(const Dialog&) = delete;
    [[nodiscard]] wxBoxSizer* content() { return content_; }
    /// The parent of what goes into content().
    [[nodiscard]] wxWindow* area();
    /// wxID_CANCEL: Esc and closing mean it. Others end the dialog with their id, unless can_end says no.
    Button* add_button(int id, const wxString& words, Button::Kind kind = Button::Kind::secondary,
                       std::string_view icon = {}, const wxString& key_hint = {});
    /// Asked before a button other than Cancel ends the dialog; for a check of what was typed.
    void can_end(std::function<bool(int id)> ask) { can_end_ = std::move(ask); }
    void focus_first(wxWindow* window) { first_ = window; }
    /// Ctrl+Enter, and Enter in a text field, press this button.
    void set_default(Button* button) { default_ = button; }
    int run();
    /// After something in it was shown or hidden.
    void refit();

private:
    class Body;
    void on_key(wxKeyEvent& event);
    void end_with(int id);
    Body* body_;
    Label* title_;
    wxBoxSizer* content_;
    wxBoxSizer* buttons_;
    wxWindow* first_{nullptr};
    Button* default_{nullptr};
    wxWeakRef<wxWindow> opener_;
    std::function<bool(int)> can_end_;
};

/// Before power is cut: what it means, unit by unit; focus on Cancel. From `type_from` units on, their number
/// must be typed before the button works. What stands in it comes ready from the presenter.
struct Consequence {
    wxString title;                                    ///< "Switch off 12 units?"
    wxString sentence;                                 ///< what will happen
    std::vector<std::pair<wxString, wxString>> facts;  ///< "Load now" – "1.42 kW", "Guarantee" – "none"
    std::vector<wxString> units;                       ///< up to 8 are listed, then "and 4 more"
    wxString and_more;                                 ///< "and 4 more"
    wxString warning;                                  ///< "2 of them are guaranteed and are skipped"
    wxString reason_label;                             ///< not empty: a reason must be given
    wxString cancel, commit;                           ///< "Keep power on", "Switch off 12 units"
    std::string commit_icon{"power"};
    unsigned count{1};
    unsigned type_from{10};
    wxString type_label;  ///< "Type 12 to go on"
};
struct ConsequenceAnswer {
    bool go_on{false};
    std::string reason;
};
[[nodiscard]] ConsequenceAnswer ask_consequence(wxWindow* parent, const Consequence& consequence);

/// Of what was typed: digits, full-width ones too, without blanks and thousands marks; other letters stay.
[[nodiscard]] std::string plain_digits(const std::string& typed);

/// Pops a menu up under `anchor`; ids are the indices. @return the chosen one or −1
struct MenuEntry {
    wxString words;
    std::string icon{};
    wxString key{};  ///< shown at the right
    bool separator_before{false};
    bool enabled{true};
    bool ticked{false};
};
[[nodiscard]] int choose_from_menu(wxWindow& anchor, const std::vector<MenuEntry>& entries);
/// @param screen its upper left corner, or with Side::above its lower left one
enum class Side { below, above };
[[nodiscard]] int choose_from_menu(wxWindow& owner, const std::vector<MenuEntry>& entries, wxPoint screen,
                                   Side side = Side::below);

}  // namespace wutong::client
