#include "client-wx/views/kiosk/kiosk_drawing.hpp"

#include <algorithm>

#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

struct Colours {
    wxColour fill, edge, ink;
};

Colours colours_of(KioskDrawing::Look look) {
    using Look = KioskDrawing::Look;
    const auto c = [](Token token) { return theme::colour(token); };
    switch (look) {
        case Look::primary:
            return {c(Token::accent), c(Token::accent), c(Token::on_accent)};
        case Look::chosen:
            return {c(Token::accent_soft), c(Token::accent), c(Token::ink)};
        case Look::header:
            return {c(Token::rail), theme::mix(c(Token::rail), c(Token::on_rail), 0.4), c(Token::on_rail)};
        case Look::header_chosen:
            return {c(Token::rail_active), c(Token::rail_mark), c(Token::on_rail)};
        case Look::quiet:
            return {c(Token::bg), c(Token::bg), c(Token::ink_2)};
        default:
            return {c(Token::surface), c(Token::line_strong), c(Token::ink)};
    }
}

/// Chinese is broken between any two signs, other scripts at blanks.
bool breaks_anywhere(wxUniChar sign) {
    return sign.GetValue() >= 0x2E80;
}

}  // namespace

std::vector<wxString> wrapped_lines(const wxString& words, Text style, int width) {
    std::vector<wxString> lines;
    wxString rest = words;
    while (!rest.empty()) {
        const auto end_of_line = rest.find('\n');
        const auto limit = end_of_line == wxString::npos ? rest.length() : end_of_line;
        std::size_t fits = 0;
        std::size_t good = 0;
        while (fits < limit && theme::text_width(style, rest.Left(fits + 1)) <= width) {
            ++fits;
            if (fits == limit || rest[fits] == ' ' || breaks_anywhere(rest[fits - 1]) ||
                breaks_anywhere(rest[fits])) {
                good = fits;
            }
        }
        // A word that is too long for a line is broken where it must be.
        const auto cut = fits == limit ? limit : std::max<std::size_t>(1, good > 0 ? good : fits);
        lines.push_back(rest.Left(cut).Trim());
        rest = rest.Mid(cut);
        if (!rest.empty() && (rest[0] == '\n' || rest[0] == ' ')) {
            rest = rest.Mid(1);
        }
    }
    return lines;
}

void KioskDrawing::card(const KioskRect& rect) {
    painter_.box(rect, {.fill = theme::colour(Token::surface),
                        .edge = theme::colour(Token::line),
                        .radius = u(kiosk_layout::radius)});
}

void KioskDrawing::button(const Part& part, const KioskRect& rect, std::function<void()> act) {
    auto colours = colours_of(part.look);
    if (!part.enabled) {
        colours.ink = theme::mix(colours.fill, theme::colour(Token::ink_3), 0.75);
        if (part.look == Look::primary) {
            colours = {theme::colour(Token::line), theme::colour(Token::line), theme::colour(Token::ink_3)};
        }
    } else if (canvas_.is_pressed(part.name)) {
        colours.fill = theme::mix(colours.fill, colours.ink, 0.18);
    }
    const bool chosen = part.look == Look::chosen || part.look == Look::header_chosen;
    painter_.box(rect, {.fill = colours.fill,
                        .edge = colours.edge,
                        .edge_width = chosen ? 3.0 : 2.0,
                        .radius = u(kiosk_layout::button_radius)});
    const auto words = wxs(part.words);
    const double side = part.icon.empty() ? 0 : theme::space(&canvas_, part.icon_size);
    const double between = part.icon.empty() || part.words.empty() ? 0 : u(14);
    const double room = rect.m_width - side - between - u(20);
    const double text = std::min(room, painter_.width(words, part.style));
    double x = rect.m_x + (rect.m_width - side - between - text) / 2;
    if (part.busy) {
        painter_.spinner(rect.m_x + u(28), rect.m_y + (rect.m_height - u(32)) / 2, u(32), 0, colours.ink);
    }
    if (!part.icon.empty()) {
        painter_.icon(part.icon, part.icon_size, colours.ink, x, rect.m_y + (rect.m_height - side) / 2);
        x += side + between;
    }
    painter_.text(words, part.style, colours.ink, {x, rect.m_y, room, rect.m_height});
    if (part.enabled) {
        canvas_.target(part.name, rect, std::move(act));
    }
}

void KioskDrawing::line(const std::string& words, std::initializer_list<Text> styles, Token ink,
                        const KioskRect& rect, Painter::Align align) {
    const auto text = wxs(words);
    for (const auto style : styles) {
        const bool last = style == *(styles.end() - 1);
        if (last || painter_.width(text, style) <= rect.m_width) {
            painter_.text(text, style, ink, rect, align);
            return;
        }
    }
}

double KioskDrawing::paragraph(const std::string& words, Text style, Token ink, const KioskRect& rect,
                               Painter::Align align) {
    const double height = theme::line_height(style) * 1.2;
    const auto lines = wrapped_lines(wxs(words), style, static_cast<int>(rect.m_width));
    const auto room = std::max<std::size_t>(1, static_cast<std::size_t>(rect.m_height / height));
    double y = rect.m_y;
    for (std::size_t i = 0; i < std::min(room, lines.size()); ++i, y += height) {
        auto text = lines[i];
        if (i + 1 == room && lines.size() > room) {
            text += wxs(" ") + lines[i + 1];  // cut with an ellipsis
        }
        painter_.text(text, style, ink, {rect.m_x, y, rect.m_width, height}, align);
    }
    return y - rect.m_y;
}

void KioskDrawing::icon(std::string_view name, int size, Token ink, const KioskRect& rect) {
    painter_.icon_centred(name, size, theme::colour(ink), rect);
}

void draw_header(KioskDrawing& d, const KioskRect& area) {
    using Look = KioskDrawing::Look;
    namespace k = kiosk_layout;
    auto& painter = d.painter();
    const auto& screen = d.screen();
    auto& presenter = d.canvas().presenter();
    painter.box(area, {.fill = theme::colour(Token::rail), .radius = 0});
    const double middle = area.m_y + area.m_height / 2;
    const KioskRect logo{d.u(k::margin), middle - d.u(k::logo) / 2, d.u(k::logo), d.u(k::logo)};
    painter.box(logo, {.fill = theme::colour(Token::rail_mark), .radius = d.u(k::button_radius)});
    painter.icon_centred("leaf", measure::icon_kiosk, theme::colour(Token::rail), logo);
    // Staff's door: the logo with some room around it.
    d.canvas().target("logo", {0, area.m_y, d.u(k::margin + k::logo + k::gap), area.m_height},
                      [&presenter] { presenter.touch_logo(); });

    const double height = d.u(k::target);
    double right = area.m_x + area.m_width - d.u(k::margin);
    const auto put = [&](double width, double gap, const KioskDrawing::Part& part,
                         std::function<void()> act) {
        right -= d.u(width);
        d.button(part, {right, middle - height / 2, d.u(width), height}, std::move(act));
        right -= d.u(gap);
    };
    put(k::header_wide, k::gap,
        {.name = "finish",
         .words = tr("Finish"),
         .icon = "logout",
         .look = Look::header,
         .enabled = screen.can_finish},
        [&presenter] { presenter.finish(); });
    put(k::header_button, k::pair_gap,
        {.name = "english", .words = "English", .look = screen.chinese ? Look::header : Look::header_chosen},
        [&presenter] { presenter.choose_language(false); });
    put(k::header_button, k::gap,
        {.name = "chinese", .words = "中文", .look = screen.chinese ? Look::header_chosen : Look::header},
        [&presenter] { presenter.choose_language(true); });
    put(k::header_wide, k::gap,
        {.name = "larger",
         .words = tr("Larger"),
         .icon = "text-size",
         .look = screen.larger ? Look::header_chosen : Look::header},
        [&presenter] { presenter.toggle_larger(); });

    const double x = logo.m_x + logo.m_width + d.u(k::gap);
    const double text_height = theme::line_height(Text::kiosk_label) + theme::line_height(Text::kiosk_small);
    const double y = middle - text_height / 2;
    d.line(screen.property, {Text::kiosk_label}, Token::on_rail,
           {x, y, right - x, static_cast<double>(theme::line_height(Text::kiosk_label))});
    d.line(screen.caption, {Text::kiosk_small}, Token::rail_ink,
           {x, y + theme::line_height(Text::kiosk_label), right - x,
            static_cast<double>(theme::line_height(Text::kiosk_small))});
}

void draw_footer(KioskDrawing& d, const KioskRect& area) {
    namespace k = kiosk_layout;
    auto& painter = d.painter();
    const auto& screen = d.screen();
    painter.box(area, {.fill = theme::colour(Token::surface), .radius = 0});
    painter.line(area.m_x, area.m_y, area.m_x + area.m_width, area.m_y, theme::colour(Token::line));
    double right = area.m_x + area.m_width - d.u(k::margin);
    if (screen.idle_share) {
        const double width = d.u(k::idle_bar);
        const double height = d.u(k::idle_bar_height);
        const double y = area.m_y + (area.m_height - height) / 2;
        painter.box({right - width, y, width, height},
                    {.fill = theme::colour(Token::line), .radius = height / 2});
        if (const double left = width * *screen.idle_share; left >= height) {
            painter.box({right - width, y, left, height},
                        {.fill = theme::colour(Token::accent), .radius = height / 2});
        }
        right -= width + d.u(k::gap);
    }
    double x = area.m_x + d.u(k::margin);
    if (!screen.idle_words.empty()) {
        d.icon("clock", measure::icon_kiosk, Token::ink_2, {x, area.m_y, d.u(32), area.m_height});
        x += d.u(32 + 14);
        const double words = painter.width(wxs(screen.idle_words), Text::kiosk_small);
        d.line(screen.idle_words, {Text::kiosk_small}, Token::ink_2,
               {x, area.m_y, std::min(words + 4, right - x), area.m_height});
        x += words + d.u(k::gap);
    }
    d.line(screen.help, {Text::kiosk_small}, Token::ink_2, {x, area.m_y, right - x, area.m_height},
           Painter::Align::right);
}

}  // namespace wutong::client
