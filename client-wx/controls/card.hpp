#pragma once

#include <wx/sizer.h>

#include <functional>
#include <optional>

#include "client-wx/controls/drawn.hpp"
#include "client-wx/controls/label.hpp"

namespace wutong::client {

/// A rounded surface. Put things into body(); the title row is there when a title is given, with room at the
/// right.
///
///     auto* card = new Card{this, wxs(tr("At the meter"))};
///     card->set_note(wxs("1 min 12 s"));
///     card->body()->Add(new Label{card, …}, 0, wxEXPAND);
class Card : public Panel {
public:
    explicit Card(wxWindow* parent, const wxString& title = {}, Token ground = Token::surface);
    [[nodiscard]] wxBoxSizer* body() { return body_; }
    void set_title(const wxString& title);
    /// Small, beside the title: "kWh · 30 days to 26 March".
    void set_subtitle(const wxString& words);
    /// Small, at the right end of the title row.
    void set_note(const wxString& words);
    /// A number in a soft circle before the title: the steps of a sale.
    void set_step(int number);
    /// Something at the right of the title: Segmented, Button.
    void set_corner(wxWindow* window);

private:
    void on_paint(wxPaintEvent&);
    void build_title_row();

    wxBoxSizer* outer_;
    wxBoxSizer* title_row_{nullptr};
    wxBoxSizer* body_;
    Label* title_{nullptr};
    Label* subtitle_{nullptr};
    Label* note_{nullptr};
    wxWindow* step_{nullptr};
};

/// Label, figure, and a line under it: "Balance on meter / ¥204.36 / Ledger ¥204.62". With on_click it opens
/// its rows.
class FigureCard : public DrawnControl {
public:
    /// `small`: figures inside a card (surface-2 ground, smaller type), as the four of the sale.
    enum class Size { normal, small };
    FigureCard(wxWindow* parent, const wxString& label, Size size = Size::normal, std::string_view icon = {});
    void set_figure(const wxString& figure, Token ink = Token::ink);
    void set_detail(const wxString& detail, Token ink = Token::ink_3);
    void set_label(const wxString& label);
    /// Below 860 px height: label and figure in one line, no detail.
    void set_folded(bool folded);
    void on_click(std::function<void()> run);

protected:
    void draw(Painter& painter) override;
    void activate() override;
    wxSize DoGetBestClientSize() const override;

private:
    [[nodiscard]] wxArrayString detail_lines() const;

    wxString label_, figure_, detail_;
    Token figure_ink_{Token::ink}, detail_ink_{Token::ink_3};
    Size size_;
    std::string icon_;
    bool folded_{false};
    std::function<void()> click_;
};

/// The state of a meter in its colours, glyph and word: ▲ Alarm 2.
class StateBadge : public DrawnControl {
public:
    StateBadge(wxWindow* parent, MeterStatus status, const wxString& words);
    void set(MeterStatus status, const wxString& words);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    MeterStatus status_;
    wxString words_;
};

/// Label left, value right in bold: "Relay … On".
class FactRow : public DrawnControl {
public:
    FactRow(wxWindow* parent, const wxString& label, const wxString& value = {});
    void set_value(const wxString& value, Token ink = Token::ink);
    void set_label(const wxString& label);

protected:
    void draw(Painter& painter) override;
    wxSize DoGetBestClientSize() const override;

private:
    wxString label_, value_;
    Token ink_{Token::ink};
};

}  // namespace wutong::client
