#pragma once

#include "client-wx/controls/drawn.hpp"

namespace wutong::client {

/// `words` broken into lines of at most `width`, at blanks and after any Chinese letter.
[[nodiscard]] wxArrayString wrapped(const wxString& words, Text style, int width);

/// Of a list such as "F2 sells · F4 refunds · Esc clears", as many from its beginning as fit whole; the first
/// one always.
[[nodiscard]] wxString whole_parts(const wxString& list, Text style, int width);

/// A text in the theme's type and ink. One line cut with … (the whole as tip), or wrapped.
class Label : public DrawnControl {
public:
    Label(wxWindow* parent, const wxString& words, Text style = Text::body, Token ink = Token::ink,
          Painter::Align align = Painter::Align::left);
    void set_text(const wxString& words);
    void set_ink(Token ink);
    void set_style(Text style);
    /// Wraps at this many DIP (0: one line). The height follows.
    void wrap(int width_dip);
    /// Wraps at whatever width the sizer gives it. The height follows.
    void flow();
    /// One line of which only whole parts are shown (see whole_parts); all of it as tip.
    void give_up_parts() { parts_ = true; }
    /// One line in the largest of figure_small, figure and its own type that has room: a figure is never cut.
    void may_shrink() { shrinks_ = true; }
    [[nodiscard]] const wxString& text() const { return words_; }

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    wxString words_;
    Text style_;
    Token ink_;
    Painter::Align align_;
    int wrap_dip_{0};
    bool flows_{false};
    bool parts_{false};
    bool shrinks_{false};
    int flow_width_{0};
};

/// A line across: decoration between parts of a card.
class Divider : public DrawnControl {
public:
    explicit Divider(wxWindow* parent) : DrawnControl{parent, Focus::none} {}

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override { return {dip(measure::line), dip(measure::line)}; }
};

}  // namespace wutong::client
