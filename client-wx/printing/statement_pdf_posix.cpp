#include <cairo-pdf.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "client-wx/printing/statement_pdf.hpp"
#include "client-wx/text/fill.hpp"

namespace wutong::client {

namespace {

// A4 and its type in points: paper, not the screen's tokens.
constexpr double kWidth = 595.0, kHeight = 842.0, kMargin = 42.0;
constexpr double kSize = 8.5, kTitleSize = 15.0, kLine = 14.0;
/// Latin and Chinese in one face.
constexpr const char* kFace = "Noto Sans CJK SC";

struct Column {
    double left, width;
    bool right;
};
constexpr std::array<Column, 5> kColumns{
    {{kMargin, 96, false}, {142, 212, false}, {358, 62, false}, {424, 62, true}, {490, 63, true}}};

cairo_status_t collect(void* into, const unsigned char* data, unsigned length) {
    static_cast<std::string*>(into)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

class Pages {
public:
    Pages(const StatementPaper& paper, std::string& pdf)
        : paper_{paper},
          surface_{cairo_pdf_surface_create_for_stream(collect, &pdf, kWidth, kHeight),
                   cairo_surface_destroy},
          cairo_{cairo_create(surface_.get()), cairo_destroy} {
        begin();
    }
    void draw() {
        text(paper_.title, kMargin, kWidth - 2 * kMargin, true, kTitleSize);
        y_ += kLine * 1.6;
        for (const auto& line : paper_.head) {
            whole(line, false);
        }
        y_ += kLine / 2;
        titles();
        for (std::size_t i = 0; i < paper_.rows.size(); ++i) {
            room(1);
            row(paper_.rows[i], i == 0 || i + 1 == paper_.rows.size());
        }
        y_ += kLine / 2;
        room(paper_.sums.size());
        for (const auto& [name, value] : paper_.sums) {
            text(name, kColumns[1].left, kColumns[1].width, false, kSize);
            text(value, kColumns[4].left - kColumns[3].width, kColumns[3].width + kColumns[4].width, true,
                 kSize, true);
            y_ += kLine;
        }
        y_ += kLine / 2;
        for (const auto* lines : {&paper_.energy, &paper_.proof}) {
            for (const auto& line : *lines) {
                room(1);
                whole(line, false);
            }
        }
        end();
        cairo_surface_finish(surface_.get());
        if (const auto status = cairo_surface_status(surface_.get()); status != CAIRO_STATUS_SUCCESS) {
            throw std::runtime_error{cairo_status_to_string(status)};
        }
    }

private:
    void begin() {
        ++page_;
        y_ = kMargin + kLine;
    }
    void end() {
        const auto number = fill(paper_.page, fmt::arg("n", page_));
        const double keep = y_;
        y_ = kHeight - kMargin / 2;
        text(number, kWidth - kMargin - 80, 80, false, kSize, true);
        y_ = keep;
        cairo_show_page(cairo_.get());
    }
    void room(std::size_t lines) {
        if (y_ + static_cast<double>(lines) * kLine > kHeight - kMargin) {
            end();
            begin();
            titles();
        }
    }
    void titles() {
        row(paper_.columns, true);
        cairo_set_line_width(cairo_.get(), 0.5);
        cairo_move_to(cairo_.get(), kMargin, y_ - kLine + 4);
        cairo_line_to(cairo_.get(), kWidth - kMargin, y_ - kLine + 4);
        cairo_stroke(cairo_.get());
        y_ += 4;
    }
    void row(const std::vector<std::string>& cells, bool bold) {
        for (std::size_t i = 0; i < cells.size() && i < kColumns.size(); ++i) {
            text(cells[i], kColumns[i].left, kColumns[i].width, bold, kSize, kColumns[i].right);
        }
        y_ += kLine;
    }
    void whole(const std::string& words, bool bold) {
        text(words, kMargin, kWidth - 2 * kMargin, bold, kSize);
        y_ += kLine;
    }
    void text(const std::string& words, double left, double width, bool bold, double size,
              bool right = false) {
        cairo_select_font_face(cairo_.get(), kFace, CAIRO_FONT_SLANT_NORMAL,
                               bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(cairo_.get(), size);
        const auto fits = cut(words, width);
        cairo_move_to(cairo_.get(), right ? left + width - width_of(fits) : left, y_);
        cairo_show_text(cairo_.get(), fits.c_str());
    }
    double width_of(const std::string& words) {
        cairo_text_extents_t extents;
        cairo_text_extents(cairo_.get(), words.c_str(), &extents);
        return extents.x_advance;
    }
    std::string cut(const std::string& words, double width) {
        if (width_of(words) <= width) {
            return words;
        }
        auto shorter = words;
        while (!shorter.empty() && width_of(shorter + "…") > width) {
            bool inside = true;  // of a letter of several bytes
            while (inside && !shorter.empty()) {
                inside = (static_cast<unsigned char>(shorter.back()) & 0xC0U) == 0x80U;
                shorter.pop_back();
            }
        }
        return shorter + "…";
    }

    const StatementPaper& paper_;
    std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface_;
    std::unique_ptr<cairo_t, decltype(&cairo_destroy)> cairo_;
    double y_{0};
    int page_{0};
};

}  // namespace

std::string statement_pdf(const StatementPaper& paper) {
    std::string pdf;
    Pages{paper, pdf}.draw();
    return pdf;
}

}  // namespace wutong::client
