// The kiosk's own keys: no system keyboard, no scrolling.
#include <algorithm>
#include <array>
#include <cmath>

#include "client-wx/text/translate.hpp"
#include "client-wx/views/kiosk/kiosk_drawing.hpp"

namespace wutong::client {

namespace {

namespace k = kiosk_layout;
using Look = KioskDrawing::Look;

void draw_key(KioskDrawing& d, const std::string& sign, const KioskRect& rect) {
    auto& presenter = d.canvas().presenter();
    d.button({.name = "key " + sign, .words = sign, .style = Text::kiosk_amount, .enabled = !d.screen().busy},
             rect, [&presenter, sign] { presenter.type(sign); });
}

void draw_word_key(KioskDrawing& d, const KioskDrawing::Part& part, const KioskRect& rect,
                   std::function<void()> act) {
    auto with_state = part;
    with_state.enabled = part.enabled && !d.screen().busy;
    d.button(with_state, rect, std::move(act));
}

void draw_back(KioskDrawing& d, const KioskRect& rect) {
    auto& presenter = d.canvas().presenter();
    if (d.screen().can_go_back) {
        d.button({.name = "back", .words = tr("Back"), .icon = "arrow-left"}, rect,
                 [&presenter] { presenter.go_back(); });
    }
}

void draw_go_on(KioskDrawing& d, const KioskRect& rect) {
    auto& presenter = d.canvas().presenter();
    d.button({.name = "go_on",
              .words = d.screen().busy ? tr("One moment…") : d.screen().go_on,
              .look = Look::primary,
              .enabled = d.screen().can_go_on},
             rect, [&presenter] { presenter.go_on(); });
}

/// 1–9, erase, 0, clear. @return its width
void draw_digits(KioskDrawing& d, double x, double y) {
    auto& presenter = d.canvas().presenter();
    const double step_x = d.u(k::pad_key_width + k::pad_gap);
    const double step_y = d.u(k::pad_key + k::pad_gap);
    const auto cell = [&](int column, int row) {
        return KioskRect{x + step_x * column, y + step_y * row, d.u(k::pad_key_width), d.u(k::pad_key)};
    };
    for (int i = 0; i < 9; ++i) {
        draw_key(d, std::to_string(i + 1), cell(i % 3, i / 3));
    }
    draw_word_key(d, {.name = "clear", .words = tr("Clear"), .style = Text::kiosk_body}, cell(0, 3),
                  [&presenter] { presenter.clear(); });
    draw_key(d, "0", cell(1, 3));
    draw_word_key(d,
                  {.name = "erase", .words = "", .icon = "backspace", .icon_size = measure::icon_kiosk_big},
                  cell(2, 3), [&presenter] { presenter.erase(); });
}

double digits_width(const KioskDrawing& d) {
    return d.u(3 * k::pad_key_width + 2 * k::pad_gap);
}

/// Digits, and right of them the letters of this property's units. Back left, OK right.
double draw_pad(KioskDrawing& d, const KioskRect& area, const std::string& letters) {
    constexpr int kRows = 4;
    const double height = d.u(kRows * k::pad_key + (kRows - 1) * k::pad_gap);
    const double top = area.m_y + area.m_height - height;
    const int columns = static_cast<int>((letters.size() + kRows - 1) / kRows);
    const double letters_width =
        columns == 0 ? 0 : d.u(k::gap * 2 + columns * k::letter_key + (columns - 1) * k::pad_gap);
    const double side = d.u(k::go_on_width);
    double x = area.m_x + (area.m_width - digits_width(d) - letters_width) / 2;
    // With many letters the pad moves left, so that OK keeps its place.
    x = std::min(x, area.m_x + area.m_width - side - d.u(k::gap) - letters_width - digits_width(d));
    const double back_width = std::min(side, x - area.m_x - d.u(k::gap));
    draw_digits(d, x, top);
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const int column = static_cast<int>(i) % columns;
        const int row = static_cast<int>(i) / columns;
        draw_key(d, letters.substr(i, 1),
                 {x + digits_width(d) + d.u(k::gap * 2) + column * d.u(k::letter_key + k::pad_gap),
                  top + row * d.u(k::pad_key + k::pad_gap), d.u(k::letter_key), d.u(k::pad_key)});
    }
    const double bottom = top + height;
    if (back_width >= d.u(k::pad_key_width)) {
        draw_back(d, {area.m_x, bottom - d.u(k::pad_key), std::min(back_width, d.u(260)), d.u(k::pad_key)});
    } else {
        draw_back(d, {x, top - d.u(k::pad_key + k::gap), d.u(260), d.u(k::pad_key)});
    }
    const double tall = d.u(2 * k::pad_key + k::pad_gap);
    draw_go_on(d, {area.m_x + area.m_width - side, bottom - tall, side, tall});
    return top;
}

/// Letters, digits and signs, for operators: ten keys a row.
double draw_full(KioskDrawing& d, const KioskRect& area) {
    static const std::array<std::string, 4> kSmall{"1234567890", "qwertyuiop", "asdfghjkl-", "zxcvbnm.:@"};
    static const std::array<std::string, 4> kCapitals{"1234567890", "QWERTYUIOP", "ASDFGHJKL_", "ZXCVBNM.:@"};
    static const std::array<std::string, 4> kSigns{"!\"#$%&'()*", "+,-./:;<=>", "?@[\\]^_`{|", "}~€£¥§°µ|/"};
    auto& canvas = d.canvas();
    auto& presenter = canvas.presenter();
    const auto& rows = canvas.signs() ? kSigns : canvas.capitals() ? kCapitals : kSmall;
    constexpr int kRows = 5;
    const double gap = d.u(k::pad_gap);
    const double height = d.u(k::full_key);
    const double whole = kRows * height + (kRows - 1) * gap;
    const double top = area.m_y + area.m_height - whole;
    const double width = (area.m_width - 9 * gap) / 10;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const auto signs = wxs(rows[row]);
        for (std::size_t i = 0; i < signs.length(); ++i) {
            draw_key(d, utf8(signs.Mid(i, 1)),
                     {area.m_x + static_cast<double>(i) * (width + gap),
                      top + static_cast<double>(row) * (height + gap), width, height});
        }
    }
    const double y = top + 4 * (height + gap);
    double x = area.m_x;
    const auto put = [&](double keys) {
        const KioskRect rect{x, y, keys * width + (keys - 1) * gap, height};
        x += rect.m_width + gap;
        return rect;
    };
    draw_word_key(
        d, {.name = "capitals", .words = "ABC", .look = canvas.capitals() ? Look::chosen : Look::secondary},
        put(1), [&canvas] { canvas.switch_capitals(); });
    draw_word_key(d,
                  {.name = "signs", .words = "#+=", .look = canvas.signs() ? Look::chosen : Look::secondary},
                  put(1), [&canvas] { canvas.switch_signs(); });
    draw_word_key(d, {.name = "space", .words = tr("Space"), .style = Text::kiosk_body}, put(2),
                  [&presenter] { presenter.type(" "); });
    draw_word_key(d,
                  {.name = "erase", .words = "", .icon = "backspace", .icon_size = measure::icon_kiosk_big},
                  put(1), [&presenter] { presenter.erase(); });
    const auto back = put(2);
    draw_back(d, back);
    draw_go_on(d, put(3));
    return top;
}

}  // namespace

double draw_keys(KioskDrawing& d, const KioskRect& area) {
    switch (d.screen().keys) {
        case KioskKeys::digits:
            return draw_pad(d, area, {});
        case KioskKeys::unit:
            return draw_pad(d, area, d.screen().letters.substr(0, 40));
        case KioskKeys::full:
            return draw_full(d, area);
        default:
            return area.m_y + area.m_height;
    }
}

}  // namespace wutong::client
