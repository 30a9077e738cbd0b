#pragma once

#include "client-wx/controls/drawn.hpp"

namespace wutong::client {

/// `words` broken into lines of at most `width`, at blanks and after any Chinese letter.
[[nodiscard]] wxArrayString wrapped(const wxString& words, Text style, int width);

/// A text in the theme's type and ink. One line cut with … (the whole as tip), or wrapped at a width.
class Label : public DrawnControl {
public:
    Label(wxWindow* parent, const wxString& words, Text style = Text::body, Token ink = Token::ink,
          Painter::Align align = Painter::Align::left);
    void set_text(const wxString& words);
    void set_ink(Token ink);
    void set_style(Text style);
    /// Wraps at this many DIP (0: one line). The height follows.
    void wrap(int width_dip);
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
