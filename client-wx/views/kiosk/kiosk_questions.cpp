// What stands on the kiosk's screen beside the account: start, out of service, questions, "Still there?".
#include <algorithm>

#include "client-wx/text/translate.hpp"
#include "client-wx/views/kiosk/kiosk_drawing.hpp"

namespace wutong::client {

namespace {

namespace k = kiosk_layout;

double height_of(Text style, double lines = 1) {
    return theme::line_height(style) * 1.2 * lines;
}

/// Boxes for the signs of a PIN or a code; a code is grouped by four.
void draw_places(KioskDrawing& d, const KioskRect& rect) {
    const auto& screen = d.screen();
    const auto signs = wxs(screen.entry);
    const std::size_t groups = screen.places > 6 ? screen.places / 4 : 1;
    const std::size_t per_group = screen.places / groups;
    const double count = static_cast<double>(screen.places);
    const double group_gap = d.u(k::gap);
    const double gap = d.u(k::place_gap);
    const double width =
        std::min(d.u(k::place),
                 (rect.m_width - gap * (count - 1) - group_gap * static_cast<double>(groups - 1)) / count);
    double x =
        rect.m_x +
        (rect.m_width - width * count - gap * (count - 1) - group_gap * static_cast<double>(groups - 1)) / 2;
    for (std::size_t i = 0; i < screen.places; ++i) {
        if (i > 0) {
            x += gap + (i % per_group == 0 ? group_gap : 0);
        }
        const bool next = i == signs.length();
        const KioskRect box{x, rect.m_y, width, rect.m_height};
        d.painter().box(box, {.fill = theme::colour(Token::surface),
                              .edge = theme::colour(next ? Token::accent : Token::line_strong),
                              .edge_width = next ? 4.0 : 2.0,
                              .radius = d.u(k::button_radius)});
        if (i < signs.length()) {
            if (signs[i] == wxUniChar(0x2022)) {
                d.painter().circle(x + width / 2, rect.m_y + rect.m_height / 2, d.u(13),
                                   theme::colour(Token::ink));
            } else {
                d.painter().text(signs.Mid(i, 1), Text::kiosk_amount, Token::ink, box,
                                 Painter::Align::centre);
            }
        }
        x += width;
    }
}

void draw_entry(KioskDrawing& d, const KioskRect& rect) {
    if (d.screen().places > 0) {
        draw_places(d, rect);
        return;
    }
    d.painter().box(rect, {.fill = theme::colour(Token::surface),
                           .edge = theme::colour(Token::accent),
                           .edge_width = 4,
                           .radius = d.u(k::button_radius)});
    const KioskRect inside{rect.m_x + d.u(28), rect.m_y, rect.m_width - d.u(56), rect.m_height};
    // What is longer than the box shows its end: that is where one types.
    auto shown = wxs(d.screen().entry);
    const auto style = d.painter().width(shown, Text::kiosk_amount) <= inside.m_width ? Text::kiosk_amount
                                                                                      : Text::kiosk_label;
    while (shown.length() > 1 && d.painter().width(shown, style) > inside.m_width) {
        shown = shown.Mid(1);
    }
    d.painter().text(shown, style, Token::ink, inside, Painter::Align::centre);
}

void draw_message(KioskDrawing& d, const KioskRect& rect) {
    const auto& screen = d.screen();
    if (screen.message.empty()) {
        return;
    }
    const auto words = wxs(screen.message);
    const auto style = d.painter().width(words, Text::kiosk_label) <= rect.m_width - d.u(60)
                           ? Text::kiosk_label
                           : Text::kiosk_body;
    const double width = std::min(rect.m_width - d.u(60), d.painter().width(words, style));
    const double x = rect.m_x + (rect.m_width - width - d.u(44)) / 2;
    const double line = height_of(style);
    d.icon("alert-circle", measure::icon_kiosk, Token::danger, {x, rect.m_y, d.u(32), line});
    d.paragraph(screen.message, style, Token::danger,
                {x + d.u(44), rect.m_y, rect.m_width - d.u(60), rect.m_height});
}

}  // namespace

void draw_start(KioskDrawing& d, const KioskRect& area) {
    const auto& screen = d.screen();
    auto& presenter = d.canvas().presenter();
    d.card(area);
    const double middle = area.m_y + area.m_height / 2;
    const KioskRect words{area.m_x + d.u(k::padding), area.m_y + d.u(90), area.m_width - 2 * d.u(k::padding),
                          middle - area.m_y - d.u(90)};
    d.line(screen.property, {Text::kiosk_amount, Text::kiosk_label}, Token::ink,
           {words.m_x, words.m_y, words.m_width, height_of(Text::kiosk_amount)}, Painter::Align::centre);
    d.paragraph(screen.detail, Text::kiosk_label, Token::ink_2,
                {words.m_x, words.m_y + height_of(Text::kiosk_amount) + d.u(24), words.m_width,
                 height_of(Text::kiosk_label, 2)},
                Painter::Align::centre);
    const double width = std::min(d.u(k::begin_width), area.m_width - 2 * d.u(k::padding));
    const KioskRect button{area.m_x + (area.m_width - width) / 2, middle + d.u(10), width,
                           d.u(k::begin_height)};
    // Wherever one touches: the button shows what it is about.
    const bool pressed = d.canvas().is_pressed("begin");
    const auto fill = theme::colour(Token::accent);
    const auto ink = theme::colour(Token::on_accent);
    d.painter().box(button, {.fill = pressed ? theme::mix(fill, ink, 0.18) : fill, .radius = d.u(k::radius)});
    const double side = theme::space(&d.canvas(), measure::icon_kiosk_big);
    const double text = d.painter().width(wxs(screen.title), Text::kiosk_amount);
    const double x = button.m_x + (button.m_width - side - d.u(24) - text) / 2;
    d.painter().icon("hand-click", measure::icon_kiosk_big, ink, x,
                     button.m_y + (button.m_height - side) / 2);
    d.painter().text(wxs(screen.title), Text::kiosk_amount, ink,
                     {x + side + d.u(24), button.m_y, button.m_width - side, button.m_height});
    d.canvas().target("begin", area, [&presenter] { presenter.touch_to_begin(); });
}

void draw_away(KioskDrawing& d, const KioskRect& area) {
    const auto& screen = d.screen();
    d.card(area);
    const double middle = area.m_y + area.m_height / 2;
    const KioskRect inside{area.m_x + d.u(k::padding), middle - d.u(200), area.m_width - 2 * d.u(k::padding),
                           d.u(400)};
    d.icon("cloud-off", measure::icon_kiosk_big, Token::ink_2,
           {inside.m_x, inside.m_y, inside.m_width, d.u(80)});
    double y = inside.m_y + d.u(112);
    d.line(screen.title, {Text::kiosk_amount, Text::kiosk_label}, Token::ink,
           {inside.m_x, y, inside.m_width, height_of(Text::kiosk_amount)}, Painter::Align::centre);
    y += height_of(Text::kiosk_amount) + d.u(24);
    y +=
        d.paragraph(screen.detail, Text::kiosk_label, Token::ink,
                    {inside.m_x, y, inside.m_width, height_of(Text::kiosk_label, 2)}, Painter::Align::centre);
    d.paragraph(screen.message, Text::kiosk_small, Token::ink_2,
                {inside.m_x, y + d.u(32), inside.m_width, height_of(Text::kiosk_small, 2)},
                Painter::Align::centre);
}

void draw_question(KioskDrawing& d, const KioskRect& area) {
    const auto& screen = d.screen();
    const double keys = draw_keys(d, area);
    const double title = height_of(Text::kiosk_amount);
    const double detail = height_of(Text::kiosk_body);
    const double width =
        std::min(area.m_width, d.u(screen.places > 6 ? k::entry_width * 1.9 : k::entry_width));
    const double height = std::max(d.u(k::entry_height), title);
    const double message = height_of(Text::kiosk_label) + d.u(k::pad_gap);
    // What is left between the parts, a bit less above the title.
    const double spare = std::max(0.0, keys - area.m_y - title - detail - height - message);
    double y = area.m_y + spare * 0.15;
    d.line(screen.title, {Text::kiosk_amount, Text::kiosk_label}, Token::ink,
           {area.m_x, y, area.m_width, title}, Painter::Align::centre);
    y += title + spare * 0.05;
    d.paragraph(screen.detail, Text::kiosk_body, Token::ink_2, {area.m_x, y, area.m_width, detail},
                Painter::Align::centre);
    y += detail + spare * 0.4;
    draw_entry(d, {area.m_x + (area.m_width - width) / 2, y, width, height});
    y += height + spare * 0.2;
    draw_message(d, {area.m_x, y, area.m_width, keys - y});
}

void draw_choices(KioskDrawing& d, const KioskRect& area) {
    const auto& screen = d.screen();
    auto& presenter = d.canvas().presenter();
    d.card(area);
    double y = area.m_y + d.u(k::padding);
    const KioskRect inside{area.m_x + d.u(k::padding), y, area.m_width - 2 * d.u(k::padding), area.m_height};
    d.line(screen.title, {Text::kiosk_amount, Text::kiosk_label}, Token::ink,
           {inside.m_x, y, inside.m_width, height_of(Text::kiosk_amount)}, Painter::Align::centre);
    y += height_of(Text::kiosk_amount) + d.u(24);
    d.paragraph(screen.detail, Text::kiosk_label, Token::ink_2,
                {inside.m_x, y, inside.m_width, height_of(Text::kiosk_label, 4)}, Painter::Align::centre);
    // In the lower half, from the bottom up.
    const double count = static_cast<double>(screen.choices.size());
    const double step = d.u(k::answer_height + k::gap);
    double top = area.m_y + area.m_height - d.u(k::padding) - step * count + d.u(k::gap);
    const double width = std::min(inside.m_width, d.u(k::answer_width));
    for (std::size_t i = 0; i < screen.choices.size(); ++i, top += step) {
        d.button({.name = "choice " + std::to_string(i),
                  .words = screen.choices[i],
                  .look = i == 0 ? KioskDrawing::Look::primary : KioskDrawing::Look::secondary,
                  .enabled = !screen.busy},
                 {area.m_x + (area.m_width - width) / 2, top, width, d.u(k::answer_height)},
                 [&presenter, i] { presenter.choose(i); });
    }
}

void draw_still_there(KioskDrawing& d, const KioskRect& whole) {
    const auto& screen = d.screen();
    auto& presenter = d.canvas().presenter();
    const auto ink = theme::colour(Token::ink);
    d.painter().box(whole, {.fill = wxColour(ink.Red(), ink.Green(), ink.Blue(), 170), .radius = 0});
    // Nothing below can be touched: any touch says that somebody is there, which press() tells already.
    d.canvas().target("still_there", whole, [] {});
    const double width = d.u(k::ask_width);
    const double height = d.u(k::ask_height);
    const KioskRect card{whole.m_x + (whole.m_width - width) / 2,
                         whole.m_y + whole.m_height * 0.54 - height / 2, width, height};
    d.card(card);
    const KioskRect inside{card.m_x + d.u(k::padding), card.m_y + d.u(k::padding),
                           card.m_width - 2 * d.u(k::padding), card.m_height - 2 * d.u(k::padding)};
    d.line(screen.still_there_title, {Text::kiosk_amount, Text::kiosk_label}, Token::ink,
           {inside.m_x, inside.m_y, inside.m_width, height_of(Text::kiosk_amount)}, Painter::Align::centre);
    d.paragraph(screen.still_there_detail, Text::kiosk_label, Token::ink_2,
                {inside.m_x, inside.m_y + height_of(Text::kiosk_amount) + d.u(18), inside.m_width,
                 height_of(Text::kiosk_label, 2)},
                Painter::Align::centre);
    const double key = d.u(k::answer_height + 30);
    d.button({.name = "still_there", .words = screen.still_there_yes, .look = KioskDrawing::Look::primary},
             {inside.m_x + d.u(100), inside.m_y + inside.m_height - key, inside.m_width - d.u(200), key},
             [&presenter] { presenter.touched(); });
}

}  // namespace wutong::client
