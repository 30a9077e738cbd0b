#include "client-wx/printing/receipt_drawing.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "client-wx/theme/theme.hpp"

namespace wutong::client {

namespace {

constexpr double kLineHeight = 1.45;  // of the letters' height
constexpr double kHeadingScale = 1.5;
constexpr double kTotalScale = 1.3;
constexpr double kRuleThickness = 2;

/// Paper is white in both themes.
wxColour paper_ink() {
    return theme::colour(Token::ink, theme::Mode::light);
}

/// One receipt on its way down the paper.
class Pen {
public:
    Pen(wxGraphicsContext& gc, const ReceiptPaper& paper, bool measure_only)
        : gc_{gc}, paper_{paper}, measure_only_{measure_only}, y_{paper.margin} {}

    void use(double scale, bool bold) {
        letters_ = paper_.letters * scale;
        gc_.SetFont(gc_.CreateFont(letters_, theme::font(Text::body).GetFaceName(),
                                   bold ? wxFONTFLAG_BOLD : wxFONTFLAG_DEFAULT, paper_ink()));
    }
    [[nodiscard]] double inside() const { return paper_.width - 2 * paper_.margin; }
    [[nodiscard]] double width(const wxString& words) const {
        double wide = 0;
        double high = 0;
        gc_.GetTextExtent(words, &wide, &high);
        return wide;
    }
    /// Parts of `words` that fit a width, broken at blanks, or between letters where there are none.
    [[nodiscard]] std::vector<wxString> broken(const wxString& words, double most) const {
        std::vector<wxString> lines;
        wxString line;
        std::size_t blank = wxString::npos;
        for (const auto letter : words) {
            if (letter == ' ') {
                blank = line.length();
            }
            line += letter;
            if (width(line) > most && line.length() > 1) {
                const bool at_blank = blank != wxString::npos && blank > 0;
                const auto cut = at_blank ? blank : line.length() - 1;
                lines.push_back(line.Left(cut));
                line = line.Mid(cut).Trim(false);
                blank = wxString::npos;
            }
        }
        if (!line.empty() || lines.empty()) {
            lines.push_back(line);
        }
        return lines;
    }
    void centred(const wxString& words) {
        for (const auto& line : broken(words, inside())) {
            put(line, paper_.margin + (inside() - width(line)) / 2);
            next();
        }
    }
    void pair(const wxString& left, const wxString& right) {
        const double gap = letters_;
        const double label = std::min(width(left), inside() * 0.6);
        const auto values = broken(right, inside() - label - gap);
        const auto labels = broken(left, label + 1);
        for (std::size_t i = 0; i < std::max(values.size(), labels.size()); ++i) {
            if (i < labels.size()) {
                put(labels[i], paper_.margin);
            }
            if (i < values.size()) {
                put(values[i], paper_.width - paper_.margin - width(values[i]));
            }
            next();
        }
    }
    void rule() {
        const double y = y_ + letters_ * 0.4;
        if (!measure_only_) {
            gc_.SetPen(gc_.CreatePen(
                wxGraphicsPenInfo{paper_ink()}.Width(kRuleThickness).Style(wxPENSTYLE_SHORT_DASH)));
            gc_.StrokeLine(paper_.margin, y, paper_.width - paper_.margin, y);
        }
        y_ += letters_ * 0.8;
    }
    void framed(const wxString& words) {
        const auto lines = broken(words, inside() - 2 * letters_);
        const double high = letters_ * kLineHeight * static_cast<double>(lines.size()) + letters_ * 0.4;
        if (!measure_only_) {
            gc_.SetPen(gc_.CreatePen(wxGraphicsPenInfo{paper_ink()}.Width(2 * kRuleThickness)));
            gc_.SetBrush(wxNullBrush);
            gc_.DrawRectangle(paper_.margin, y_ + letters_ * 0.2, inside(), high);
        }
        y_ += letters_ * 0.4;
        for (const auto& line : lines) {
            put(line, paper_.margin + (inside() - width(line)) / 2);
            next();
        }
        y_ += letters_ * 0.6;
    }
    [[nodiscard]] double end() const { return y_ + paper_.margin; }

private:
    void put(const wxString& words, double x) {
        if (!measure_only_) {
            double wide = 0;
            double high = 0;
            gc_.GetTextExtent(words, &wide, &high);
            gc_.DrawText(words, x, y_ + (letters_ * kLineHeight - high) / 2);
        }
    }
    void next() { y_ += letters_ * kLineHeight; }

    wxGraphicsContext& gc_;
    const ReceiptPaper& paper_;
    bool measure_only_;
    double y_;
    double letters_{0};
};

}  // namespace

double draw_receipt(wxGraphicsContext& gc, const ReceiptContent& content, const ReceiptPaper& paper,
                    bool measure_only) {
    using Kind = ReceiptLine::Kind;
    Pen pen{gc, paper, measure_only};
    for (const auto& line : content.lines) {
        const auto left = wxs(line.left);
        switch (line.kind) {
            case Kind::heading:
                pen.use(kHeadingScale, true);
                pen.centred(left);
                break;
            case Kind::centred:
                pen.use(1, false);
                pen.centred(left);
                break;
            case Kind::banner:
                pen.use(1, true);
                pen.framed(left);
                break;
            case Kind::rule:
                pen.use(1, false);
                pen.rule();
                break;
            case Kind::pair:
                pen.use(1, false);
                pen.pair(left, wxs(line.right));
                break;
            case Kind::total:
                pen.use(kTotalScale, true);
                pen.pair(left, wxs(line.right));
                break;
        }
    }
    return pen.end();
}

double receipt_length(const ReceiptContent& content, const ReceiptPaper& paper) {
    const std::unique_ptr<wxGraphicsContext> gc{wxGraphicsContext::Create()};
    return draw_receipt(*gc, content, paper, true);
}

}  // namespace wutong::client
