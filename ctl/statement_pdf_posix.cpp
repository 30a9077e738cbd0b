#include <cairo-pdf.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ctl/exit_code.hpp"
#include "ctl/program.hpp"
#include "ctl/statement_file.hpp"

namespace wutong::ctl {

namespace {

// A4 in points.
constexpr double kWidth = 595.0;
constexpr double kHeight = 842.0;
constexpr double kMargin = 40.0;
constexpr double kLine = 13.0;
constexpr double kSize = 8.5;
/// Latin and Chinese in one face; where it is not installed, what fontconfig has instead of it.
constexpr const char* kFont = "Noto Sans CJK SC";

struct Column {
    const char* title;
    double left, width;
    bool right;
};
constexpr Column kColumns[]{
    {"booked", kMargin, 92, false}, {"why", 136, 224, false},   {"meter", 364, 45, false},
    {"change", 412, 68, true},      {"balance", 484, 71, true},
};

class Paper {
public:
    Paper(const std::string& path, const v1::Statement& statement)
        : statement_{statement},
          surface_{cairo_pdf_surface_create(path.c_str(), kWidth, kHeight), cairo_surface_destroy},
          cairo_{cairo_create(surface_.get()), cairo_destroy} {
        begin_page();
    }

    void row(const std::vector<std::string>& cells, bool bold = false) {
        room();
        face(bold, kSize);
        for (std::size_t i = 0; i < cells.size(); ++i) {
            const auto& column = kColumns[i];
            const auto text = cut(cells[i], column.width);
            cairo_move_to(cairo_.get(),
                          column.right ? column.left + column.width - width_of(text) : column.left, y_);
            cairo_show_text(cairo_.get(), text.c_str());
        }
        y_ += kLine;
    }
    void line(const std::string& text, bool bold = false, double size = kSize) {
        room();
        face(bold, size);
        cairo_move_to(cairo_.get(), kMargin, y_);
        cairo_show_text(cairo_.get(), cut(text, kWidth - 2 * kMargin).c_str());
        y_ += kLine * size / kSize;
    }
    void gap() { y_ += kLine / 2; }
    /// @throws Failure when the file could not be written
    void finish() {
        end_page();
        cairo_surface_finish(surface_.get());
        if (const auto status = cairo_surface_status(surface_.get()); status != CAIRO_STATUS_SUCCESS) {
            throw Failure(ExitCode::refused,
                          std::string("the file can't be written: ") + cairo_status_to_string(status),
                          "file_not_written");
        }
    }

private:
    void face(bool bold, double size) {
        cairo_select_font_face(cairo_.get(), kFont, CAIRO_FONT_SLANT_NORMAL,
                               bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(cairo_.get(), size);
    }
    double width_of(const std::string& text) {
        cairo_text_extents_t extents;
        cairo_text_extents(cairo_.get(), text.c_str(), &extents);
        return extents.x_advance;
    }
    /// What fits, whole characters, with dots where something is missing.
    std::string cut(const std::string& text, double width) {
        if (width_of(text) <= width) {
            return text;
        }
        auto shorter = text;
        while (!shorter.empty() && width_of(shorter + "…") > width) {
            bool inside = true;  // of a character of several bytes
            while (inside && !shorter.empty()) {
                inside = (static_cast<unsigned char>(shorter.back()) & 0xC0U) == 0x80U;
                shorter.pop_back();
            }
        }
        return shorter + "…";
    }
    /// For one more line: on the next page, when this one is full.
    void room() {
        if (y_ + kLine > kHeight - kMargin - kLine) {
            end_page();
            begin_page();
        }
    }
    void begin_page() {
        y_ = kMargin + kLine;
        ++page_;
        line(statement_.property_name() + ", account " + statement_.number(), true,
             page_ == 1 ? 13.0 : kSize);
        gap();
        std::vector<std::string> titles;
        for (const auto& column : kColumns) {
            titles.emplace_back(column.title);
        }
        if (page_ > 1) {
            row(titles, true);
        }
    }
    void end_page() {
        face(false, kSize);
        cairo_move_to(cairo_.get(), kWidth - kMargin - 40, kHeight - kMargin);
        cairo_show_text(cairo_.get(), ("page " + std::to_string(page_)).c_str());
        cairo_show_page(cairo_.get());
    }

    const v1::Statement& statement_;
    std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface_;
    std::unique_ptr<cairo_t, decltype(&cairo_destroy)> cairo_;
    double y_ = 0;
    int page_ = 0;
};

void draw(Paper& paper, const v1::Statement& statement) {
    paper.line(statement.customer());
    paper.line(time_text(true, statement.from()) + " to " + time_text(true, statement.to()) + ", " +
               statement.currency());
    paper.gap();
    paper.row({"booked", "why", "meter", "change", "balance"}, true);
    paper.row({"", "opening balance", "", "", money_text(statement.opening_balance_e4())}, true);
    for (const auto& one : statement.lines()) {
        paper.row(
            {time_text(true, one.booked_at()), one.reason(), one.meter_code(),
             one.change_e4() == 0 ? "(" + money_text(one.moved_e4()) + ")" : money_text(one.change_e4()),
             money_text(one.balance_e4())});
    }
    paper.row({"", "closing balance", "", "", money_text(statement.closing_balance_e4())}, true);
    paper.gap();
    paper.line("paid in " + money_text(statement.paid_in_e4()) + ", used " + money_text(statement.used_e4()) +
               ", paid out " + money_text(statement.paid_out_e4()) +
               (statement.other_e4() == 0 ? "" : ", other " + money_text(statement.other_e4())));
    for (const auto& meter : statement.meters()) {
        paper.line("meter " + meter.meter_code() + ": " +
                   (meter.has_energy_wh() ? energy_text(meter.energy_wh(), meter.commodity()) + ", from " +
                                                energy_text(meter.first_wh(), meter.commodity()) + " at " +
                                                time_text(true, meter.first_at()) + " to " +
                                                energy_text(meter.last_wh(), meter.commodity()) + " at " +
                                                time_text(true, meter.last_at())
                                          : "no readings in this time"));
    }
    paper.gap();
    paper.line(statement.sealed_position() > 0
                   ? "sealed up to entry " + std::to_string(statement.sealed_entry_id()) + ", position " +
                         std::to_string(statement.sealed_position()) + ":"
                   : "none of it is sealed yet");
    paper.line(statement.sealed_hash());
}

}  // namespace

void write_statement_pdf(const std::string& path, const v1::Statement& statement) {
    replace_file(path, [&](const std::string& part) {
        Paper paper{part, statement};
        draw(paper, statement);
        paper.finish();
    });
}

}  // namespace wutong::ctl
