// A tenant's account on one page: balance, how long it lasts, use, recharges, and where to pay.
#include <algorithm>
#include <string>
#include <vector>

#include "client-wx/text/translate.hpp"
#include "client-wx/views/kiosk/kiosk_drawing.hpp"

namespace wutong::client {

namespace {

namespace k = kiosk_layout;
using Align = Painter::Align;

double height_of(Text style) {
    return theme::line_height(style) * 1.15;
}

KioskRect inside_of(KioskDrawing& d, const KioskRect& card) {
    return {card.m_x + d.u(k::padding), card.m_y + d.u(k::padding) * 0.8, card.m_width - 2 * d.u(k::padding),
            card.m_height - 1.6 * d.u(k::padding)};
}

/// The state in its colours, with its sign and words. @return its width
double draw_badge(KioskDrawing& d, const KioskAccount& account, double right, double y) {
    const auto words = wxs(account.status_words);
    const double height = std::max(d.u(60), height_of(Text::kiosk_label));
    const bool plain = !account.status_known || account.status == core::MeterStatus::normal;
    const double side = theme::space(&d.canvas(), measure::icon_kiosk);
    const double width = d.painter().width(words, Text::kiosk_label) + side + d.u(18 * 2 + 12);
    const KioskRect rect{right - width, y, width, height};
    const auto style = theme::state_style(account.status);
    Painter::Box look{
        .fill = style.fill, .edge = style.edge, .edge_width = 2, .radius = d.u(k::button_radius)};
    look.dashed = style.dashed;
    auto ink = style.ink;
    std::string icon = style.icon;
    if (plain) {
        look.fill = theme::colour(Token::surface);
        look.edge = theme::colour(Token::line_strong);
        look.dashed = !account.status_known;
        ink = theme::colour(account.status_known ? Token::ok : Token::ink_2);
        icon = account.status_known ? "circle-check-filled" : "question-mark";
    }
    d.painter().box(rect, look);
    d.painter().icon(icon, measure::icon_kiosk, ink, rect.m_x + d.u(18), y + (height - side) / 2);
    d.painter().text(words, Text::kiosk_label, ink,
                     {rect.m_x + d.u(18 + 12) + side, y, width - side - d.u(18 + 12), height});
    return width;
}

void draw_figures(KioskDrawing& d, const KioskRect& card) {
    const auto& account = *d.screen().account;
    auto& presenter = d.canvas().presenter();
    d.card(card);
    const auto inside = inside_of(d, card);
    const double right = inside.m_x + inside.m_width;
    double used = draw_badge(d, account, right, inside.m_y) + d.u(k::gap);
    if (account.meters.size() > 1) {
        const auto next = (account.meter + 1) % account.meters.size();
        const auto words = wxs(account.meters[next]);
        const double width = d.painter().width(words, Text::kiosk_label) + d.u(110);
        d.button({.name = "next_meter", .words = account.meters[next], .icon = "chevron-right"},
                 {right - used - width, inside.m_y - d.u(8), width, d.u(k::target)},
                 [&presenter, next] { presenter.choose_meter(next); });
        used += width + d.u(k::gap);
    }
    double y = inside.m_y;
    d.line(account.title, {Text::kiosk_label}, Token::ink,
           {inside.m_x, y, inside.m_width - used, height_of(Text::kiosk_label)});
    y += height_of(Text::kiosk_label);
    d.line(account.subtitle, {Text::kiosk_small}, Token::ink_2,
           {inside.m_x, y, inside.m_width - used, height_of(Text::kiosk_small)});
    y += height_of(Text::kiosk_small);

    const double bottom = inside.m_y + inside.m_height;
    const double small = height_of(Text::kiosk_small);
    const double half = inside.m_width / 2;
    const double rule = inside.m_x + half - d.u(6);
    // From the bottom up, so that the figures take what is left.
    const double label_y =
        std::max(y + d.u(6), bottom - small * 2 - theme::line_height(Text::kiosk_balance) * 0.98);
    const auto figure = [&](double x, double width, const std::string& label, const std::string& value,
                            const std::string& unit, const std::string& detail, Token detail_ink) {
        d.line(label, {Text::kiosk_small}, Token::ink_2, {x, label_y, width, small});
        const KioskRect box{x, label_y + small, width, bottom - small - (label_y + small)};
        const auto words = wxs(value);
        const double unit_width =
            unit.empty() ? 0 : d.painter().width(wxs(unit), Text::kiosk_label) + d.u(16);
        const auto style = d.painter().width(words, Text::kiosk_balance) + unit_width <= width
                               ? Text::kiosk_balance
                               : Text::kiosk_amount;
        d.painter().text(words, style, Token::ink, {x, box.m_y, width - unit_width, box.m_height});
        if (!unit.empty()) {
            // On the figure's foot.
            d.painter().text(wxs(unit), Text::kiosk_label, Token::ink_2,
                             {x + d.painter().width(words, style) + d.u(16), box.m_y + box.m_height * 0.3,
                              unit_width, box.m_height * 0.6});
        }
        d.line(detail, {Text::kiosk_small}, detail_ink, {x, bottom - small, width, small});
    };
    figure(inside.m_x, half - d.u(24), tr("Balance on the meter"), account.balance, {}, account.balance_age,
           account.balance_old ? Token::warn : Token::ink_2);
    d.painter().line(rule, label_y, rule, bottom, theme::colour(Token::line), 2);
    figure(inside.m_x + half + d.u(24), half - d.u(24), tr("Lasts about"), account.days, account.days_unit,
           account.days_detail, Token::ink_2);
}

void draw_use(KioskDrawing& d, const KioskAccount& account, const KioskRect& card) {
    d.card(card);
    const auto inside = inside_of(d, card);
    const double title = height_of(Text::kiosk_label);
    d.line(tr("Use in the last 14 days"), {Text::kiosk_label, Text::kiosk_body}, Token::ink,
           {inside.m_x, inside.m_y, inside.m_width - d.u(80), title});
    d.line(account.unit, {Text::kiosk_small}, Token::ink_2, {inside.m_x, inside.m_y, inside.m_width, title},
           Align::right);
    d.canvas().place_chart(
        {inside.m_x, inside.m_y + title + d.u(8), inside.m_width, inside.m_height - title - d.u(8)});
}

/// One alarm in plain words, on the state's ground. @return its height
double draw_notice(KioskDrawing& d, const std::string& words, const KioskRect& room) {
    const auto style = theme::state_style(core::MeterStatus::alarm_1);
    const double height = std::max(d.u(k::notice), height_of(Text::kiosk_body) * 1.3);
    const KioskRect rect{room.m_x, room.m_y, room.m_width, height};
    d.painter().box(
        rect, {.fill = style.fill, .edge = style.edge, .edge_width = 2, .radius = d.u(k::button_radius)});
    const double side = theme::space(&d.canvas(), measure::icon_kiosk);
    d.painter().icon("alert-triangle", measure::icon_kiosk, style.ink, rect.m_x + d.u(18),
                     rect.m_y + (height - side) / 2);
    d.painter().text(wxs(words), Text::kiosk_body, style.ink,
                     {rect.m_x + side + d.u(34), rect.m_y, rect.m_width - side - d.u(46), height});
    return height;
}

/// Where to pay until the kiosk takes money itself. @return its height
double draw_where(KioskDrawing& d, const KioskRect& room, bool with_reason) {
    const double lines = height_of(Text::kiosk_label) + (with_reason ? height_of(Text::kiosk_body) : 0);
    const double panel = std::max(d.u(with_reason ? 118 : 84), lines + d.u(28));
    const KioskRect where{room.m_x, room.m_y, room.m_width, panel};
    d.painter().box(where, {.fill = theme::colour(Token::accent_soft),
                            .edge = theme::colour(Token::accent),
                            .edge_width = 2,
                            .radius = d.u(k::button_radius)});
    const double side = theme::space(&d.canvas(), measure::icon_kiosk_big);
    d.painter().icon("map-pin", measure::icon_kiosk_big, theme::colour(Token::accent), where.m_x + d.u(28),
                     where.m_y + (panel - side) / 2);
    const double x = where.m_x + side + d.u(28 + 24);
    const double width = where.m_x + where.m_width - x - d.u(24);
    const double y = where.m_y + (panel - lines) / 2;
    d.line(d.screen().detail, {Text::kiosk_label, Text::kiosk_body}, Token::ink,
           {x, y, width, height_of(Text::kiosk_label)});
    if (with_reason) {
        d.line(tr("This kiosk can't take money yet. Name your unit or account number there."),
               {Text::kiosk_body, Text::kiosk_small}, Token::ink_2,
               {x, y + height_of(Text::kiosk_label), width, height_of(Text::kiosk_body)});
    }
    return panel;
}

/// Two columns: label left, value right.
void draw_facts(KioskDrawing& d, const KioskRect& room) {
    const auto& facts = d.screen().account->facts;
    const double least = height_of(Text::kiosk_body);
    const double rows = static_cast<double>((facts.size() + 1) / 2);
    const double fact =
        std::clamp(room.m_height / std::max(rows, 1.0), least, std::max(least, d.u(k::fact_row)));
    const double column = (room.m_width - d.u(k::gap * 2)) / 2;
    for (std::size_t i = 0; i < facts.size(); ++i) {
        const double y = room.m_y + static_cast<double>(i / 2) * fact;
        if (y + fact > room.m_y + room.m_height + 1) {
            break;
        }
        const double x = room.m_x + (i % 2 == 0 ? 0 : column + d.u(k::gap * 2));
        const auto value = wxs(facts[i].value);
        const double width = std::min(column * 0.62, d.painter().width(value, Text::kiosk_body) + 2);
        d.painter().line(x, y, x + column, y, theme::colour(Token::line));
        d.line(facts[i].label, {Text::kiosk_body, Text::kiosk_small}, Token::ink_2,
               {x, y, column - width - d.u(10), fact});
        d.painter().text(value, Text::kiosk_body, Token::ink, {x + column - width, y, width, fact},
                         Align::right);
    }
}

void draw_paying(KioskDrawing& d, const KioskRect& card) {
    const auto& screen = d.screen();
    const auto& account = *screen.account;
    d.card(card);
    const auto inside = inside_of(d, card);
    const double bottom = inside.m_y + inside.m_height;
    double y = inside.m_y;
    d.line(screen.title, {Text::kiosk_label}, Token::ink,
           {inside.m_x, y, inside.m_width, height_of(Text::kiosk_label)});
    y += height_of(Text::kiosk_label) + d.u(12);

    std::vector<std::string> notices;
    if (!screen.message.empty()) {
        notices.push_back(screen.message);
    }
    notices.insert(notices.end(), account.alarms.begin(), account.alarms.end());
    // Larger type: the reason goes first, then the second notice, then the last facts.
    const double notice = std::max(d.u(k::notice), height_of(Text::kiosk_body) * 1.3) + d.u(10);
    const double facts_least = 2 * height_of(Text::kiosk_body);
    const double with_reason = height_of(Text::kiosk_label) + height_of(Text::kiosk_body) + d.u(28 + 14);
    const double first_notice = notices.empty() ? 0 : notice;
    y += draw_where(d, {inside.m_x, y, inside.m_width, 0},
                    bottom - y >= with_reason + first_notice + facts_least);
    y += d.u(14);
    for (const auto& words : notices) {
        if (bottom - y < notice + facts_least) {
            break;
        }
        y += draw_notice(d, words, {inside.m_x, y, inside.m_width, 0}) + d.u(10);
    }
    draw_facts(d, {inside.m_x, y + d.u(4), inside.m_width, bottom - y - d.u(4)});
}

void draw_recharges(KioskDrawing& d, const KioskRect& card) {
    using State = KioskRecharge::State;
    const auto& account = *d.screen().account;
    d.card(card);
    const auto inside = inside_of(d, card);
    double y = inside.m_y;
    d.line(tr("Recharges"), {Text::kiosk_label}, Token::ink,
           {inside.m_x, y, inside.m_width, height_of(Text::kiosk_label)});
    y += height_of(Text::kiosk_label) + d.u(12);
    if (account.recharges.empty()) {
        d.paragraph(tr("None yet."), Text::kiosk_body, Token::ink_2,
                    {inside.m_x, y, inside.m_width, height_of(Text::kiosk_body) * 2});
        return;
    }
    const double bottom = inside.m_y + inside.m_height;
    const double body = height_of(Text::kiosk_body);
    const double small = height_of(Text::kiosk_small);
    const double row = std::max(d.u(k::row), body + small + d.u(14));
    for (const auto& one : account.recharges) {
        if (y + row > bottom + d.u(8)) {
            break;
        }
        d.painter().line(inside.m_x, y, inside.m_x + inside.m_width, y, theme::colour(Token::line));
        const double top = y + (row - body - small) / 2;
        const double amount = d.painter().width(wxs(one.amount), Text::kiosk_label) + 2;
        d.line(one.when, {Text::kiosk_body}, Token::ink, {inside.m_x, top, inside.m_width - amount, body});
        const Token ink = one.state == State::arrived      ? Token::ok
                          : one.state == State::on_its_way ? Token::info
                                                           : Token::danger;
        const char* icon = one.state == State::arrived      ? "circle-check-filled"
                           : one.state == State::on_its_way ? "download"
                                                            : "alert-circle-filled";
        const int size = measure::icon_l;
        d.icon(icon, size, ink, {inside.m_x, top + body, d.u(28), small});
        d.line(one.words, {Text::kiosk_small}, Token::ink_2,
               {inside.m_x + d.u(38), top + body, inside.m_width - d.u(38) - amount, small});
        d.painter().text(wxs(one.amount), Text::kiosk_label, Token::ink,
                         {inside.m_x + inside.m_width - amount, y, amount, row}, Align::right);
        y += row;
    }
}

}  // namespace

void draw_account(KioskDrawing& d, const KioskRect& area) {
    if (!d.screen().account) {
        return;
    }
    const double gap = d.u(k::gap);
    const double left = (area.m_width - gap) * k::left_share;
    // Larger type takes what the two figures need from the lower half.
    const double need = 1.6 * d.u(k::padding) + height_of(Text::kiosk_label) +
                        height_of(Text::kiosk_small) * 3 + theme::line_height(Text::kiosk_balance) + d.u(16);
    const double top = std::max((area.m_height - gap) * k::top_share, need);
    const double lower = area.m_height - gap - top;
    const double x = area.m_x + left + gap;
    const double right = area.m_width - left - gap;
    draw_figures(d, {area.m_x, area.m_y, left, top});
    draw_use(d, *d.screen().account, {x, area.m_y, right, top});
    draw_paying(d, {area.m_x, area.m_y + top + gap, left, lower});
    draw_recharges(d, {x, area.m_y + top + gap, right, lower});
}

}  // namespace wutong::client
