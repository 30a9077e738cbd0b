#pragma once

#include <wx/choice.h>
#include <wx/textctrl.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/label.hpp"

namespace wutong::client {

/// Label above, input, and under it a hint or, with icon and danger ink, an error. Base of the input fields.
/// The presenter checks; the view shows its sentence with set_error and focuses the first faulty field.
class Field : public wxPanel {
public:
    void set_error(const wxString& sentence);  ///< empty: no error
    [[nodiscard]] bool has_error() const { return !error_.empty(); }
    void set_hint(const wxString& hint);
    void set_label(const wxString& label);
    /// Small, right of the label: "Alt+1…6 amount".
    void set_label_note(const wxString& note);
    /// Off, and why (shown as tip).
    void set_enabled(bool enabled, const wxString& why = {});
    void SetFocus() override;
    bool AcceptsFocus() const override { return false; }  // the input inside does
    bool AcceptsFocusRecursively() const override;
    bool AcceptsFocusFromKeyboard() const override { return AcceptsFocusRecursively(); }

protected:
    Field(wxWindow* parent, const wxString& label);
    /// An input made with make_frame's window as parent stands in it, others stand alone.
    void hold(wxWindow* input, Text style, int height_dip, const wxString& prefix = {});
    [[nodiscard]] wxWindow* make_frame(Text style, int height_dip, int lines, const std::string& icon);
    void frame_input(wxWindow* frame, wxWindow* input);
    void set_frame_corner(wxWindow* corner);
    [[nodiscard]] wxWindow* frame();

private:
    class Frame;
    class Note;
    void restyle();
    void leave_by_tab(wxKeyEvent& event);
    static void add_tab_stops(wxWindow& from, std::vector<wxWindow*>& stops);

    wxString error_, hint_;
    Label* label_;
    Label* label_note_;
    Note* note_;
    Frame* frame_{nullptr};
    wxWindow* input_{nullptr};
    Text style_{Text::body};
};

/// One line of text (or several). Text goes in and out as UTF-8.
class TextField : public Field {
public:
    struct Style {
        Text text{Text::body};
        int height_dip{measure::control};
        bool right_aligned{false};
        bool password{false};
        int lines{1};
        int length_max{200};  ///< characters; more are not taken
        wxString prefix{};    ///< "¥", drawn before the input, outside of its frame
        wxString placeholder{};
        std::string icon{};  ///< inside the frame at the left: "search"
    };
    explicit TextField(wxWindow* parent, const wxString& label = {});
    TextField(wxWindow* parent, const wxString& label, const Style& style);

    [[nodiscard]] std::string text() const;
    void set_text(std::string_view utf8);  ///< without on_change
    void select_all();
    void clear() { set_text({}); }
    void on_change(std::function<void(const std::string&)> run) { change_ = std::move(run); }
    void on_enter(std::function<void()> run) { enter_ = std::move(run); }
    /// Up, Down, PgUp, PgDn while typing, for a list under the field; @return whether it was used
    void on_list_key(std::function<bool(int wx_key)> run) { list_key_ = std::move(run); }
    void on_focus(std::function<void()> run) { focus_ = std::move(run); }
    [[nodiscard]] wxTextCtrl* input() { return input_; }

private:
    wxTextCtrl* input_;
    std::function<void(const std::string&)> change_;
    std::function<void()> enter_;
    std::function<bool(int)> list_key_;
    std::function<void()> focus_;
};

/// Right-aligned with the currency sign before it; selects all when focus comes. Takes digits (full-width
/// too), `.`,
/// `,`, a minus only if allowed. text() is what was typed: the presenter reads it with parse_money.
class MoneyField : public TextField {
public:
    /// @param big the amount of a sale: 64 DIP high, large figures
    MoneyField(wxWindow* parent, const wxString& label, const wxString& currency_sign, bool big = false);

private:
    bool untouched_{false};  ///< has the focus, and no key was pressed since
};

/// Hidden letters; pasting is allowed; an eye shows and hides what was typed.
class PasswordField : public TextField {
public:
    PasswordField(wxWindow* parent, const wxString& label);

private:
    bool shown_{false};
};

/// One of a list, native drop-down.
class ChoiceField : public Field {
public:
    ChoiceField(wxWindow* parent, const wxString& label, const std::vector<wxString>& choices = {},
                int chosen = 0);
    void set_choices(const std::vector<wxString>& choices, int chosen);
    [[nodiscard]] int chosen() const;  ///< −1: none
    void choose(int index);
    void on_change(std::function<void(int)> run) { change_ = std::move(run); }
    [[nodiscard]] wxChoice* input() { return input_; }

private:
    wxChoice* input_;
    std::function<void(int)> change_;
};

/// A box to tick, drawn, with its words.
class CheckBox : public DrawnControl {
public:
    CheckBox(wxWindow* parent, const wxString& words, bool ticked = false);
    [[nodiscard]] bool ticked() const { return ticked_; }
    void tick(bool on);  ///< without on_change
    void set_words(const wxString& words);
    /// The words wrap at whatever width the sizer gives it. The height follows.
    void flow();
    void on_change(std::function<void(bool)> run) { change_ = std::move(run); }

protected:
    void draw(Painter& painter) override;
    void activate() override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] int words_left() const;
    [[nodiscard]] wxArrayString lines() const;

    wxString words_;
    bool ticked_;
    bool flows_{false};
    int flow_width_{0};
    std::function<void(bool)> change_;
};

}  // namespace wutong::client
