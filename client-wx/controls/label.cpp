#include "client-wx/controls/label.hpp"

#include <algorithm>

namespace wutong::client {
namespace {

constexpr int flow_least = 80, flow_first = 480;

bool breaks_anywhere(wxUniChar letter) {
    // Chinese is written without blanks; a line may end after any of its letters.
    return letter.GetValue() >= 0x2E80;
}

}  // namespace

wxArrayString wrapped(const wxString& words, Text style, int width) {
    wxArrayString result;
    for (const auto& paragraph : wxSplit(words, '\n', '\0')) {
        wxString line;
        wxString word;
        const auto take_word = [&] {
            if (!line.empty() && theme::text_width(style, line + word) > width) {
                result.push_back(line.Trim());
                line = word.Trim(false);
            } else {
                line += word;
            }
            word.clear();
        };
        for (const auto letter : paragraph) {
            word += letter;
            if (letter == ' ' || breaks_anywhere(letter)) {
                take_word();
            }
        }
        take_word();
        result.push_back(line);
    }
    return result;
}

wxString whole_parts(const wxString& list, Text style, int width) {
    wxString shown = list;
    while (theme::text_width(style, shown) > width) {
        const auto end = shown.rfind(wxString::FromUTF8("·"));
        if (end == wxString::npos) {
            break;
        }
        shown = shown.Left(end).Trim();
    }
    return shown;
}

Label::Label(wxWindow* parent, const wxString& words, Text style, Token ink, Painter::Align align)
    : DrawnControl{parent, Focus::none}, words_{words}, style_{style}, ink_{ink}, align_{align} {}

void Label::set_text(const wxString& words) {
    if (words != words_) {
        words_ = words;
        content_changed();
    }
}

void Label::set_ink(Token ink) {
    if (ink != ink_) {
        ink_ = ink;
        Refresh();
    }
}

void Label::set_style(Text style) {
    if (style != style_) {
        style_ = style;
        content_changed();
    }
}

void Label::wrap(int width_dip) {
    if (width_dip != wrap_dip_) {
        wrap_dip_ = width_dip;
        content_changed();
    }
}

void Label::flow() {
    if (flows_) {
        return;
    }
    flows_ = true;
    wrap_dip_ = flow_first;
    Bind(wxEVT_SIZE, [this](wxSizeEvent& event) {
        event.Skip();
        const int width = GetClientSize().x;
        if (width > 1 && width != flow_width_) {
            flow_width_ = width;
            content_changed();
        }
    });
    content_changed();
}

void Label::draw(Painter& painter) {
    const auto size = GetClientSize();
    const double line_height = theme::line_height(style_);
    if (wrap_dip_ == 0) {
        auto style = style_;
        for (const auto smaller : {Text::figure, Text::figure_small}) {
            if (shrinks_ && theme::text_width(style, words_) > size.x) {
                style = smaller;
            }
        }
        painter.text(parts_ ? whole_parts(words_, style_, size.x) : words_, style, ink_,
                     {0, 0, size.x * 1.0, size.y * 1.0}, align_);
        const bool cut = theme::text_width(style_, words_) > size.x;
        if (cut && GetToolTipText() != words_) {
            SetToolTip(words_);
        } else if (!cut && GetToolTipText() == words_) {
            UnsetToolTip();
        }
        return;
    }
    double y = 0;
    for (const auto& line : wrapped(words_, style_, std::max(size.x, 1))) {
        painter.text(line, style_, ink_, {0, y, size.x * 1.0, line_height}, align_);
        y += line_height;
    }
}

wxSize Label::DoGetBestClientSize() const {
    const int line_height = theme::line_height(style_);
    if (wrap_dip_ == 0) {
        return {theme::text_width(style_, words_) + 1, line_height};
    }
    const int width = flows_ && flow_width_ > 0 ? flow_width_ : dip(wrap_dip_);
    const auto count = static_cast<int>(wrapped(words_, style_, width).size());
    const int natural = theme::text_width(style_, words_) + 1;
    return {std::min(natural, flows_ ? dip(flow_least) : width), line_height * std::max(count, 1)};
}

void Divider::draw(Painter& painter) {
    const auto size = GetClientSize();
    painter.line(0, size.y / 2, size.x, size.y / 2, theme::colour(Token::line));
}

}  // namespace wutong::client
