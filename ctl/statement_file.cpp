#include "ctl/statement_file.hpp"

#include <xlsxwriter.h>

#include <filesystem>
#include <utility>

#include "ctl/exit_code.hpp"
#include "ctl/program.hpp"

namespace wutong::ctl {

namespace {

constexpr double kUnit = 10'000.0;
constexpr double kThousandths = 1'000.0;  // Wh of a kWh, litres of a cubic metre

/// A sheet that is filled row by row. libxlsxwriter copies every text.
class Sheet {
public:
    explicit Sheet(const std::string& path) : book_{workbook_new(path.c_str())} {
        if (book_ == nullptr) {
            throw Failure(ExitCode::refused, "no memory for " + path);
        }
        sheet_ = workbook_add_worksheet(book_, "Statement");
        bold_ = workbook_add_format(book_);
        format_set_bold(bold_);
        money_ = workbook_add_format(book_);
        format_set_num_format(money_, "#,##0.00##");
        energy_ = workbook_add_format(book_);
        format_set_num_format(energy_, "#,##0.00# \"kWh\"");
        water_ = workbook_add_format(book_);
        format_set_num_format(water_, "#,##0.000 \"m³\"");
    }
    Sheet(const Sheet&) = delete;
    Sheet& operator=(const Sheet&) = delete;
    ~Sheet() {
        if (book_ != nullptr) {
            workbook_close(book_);
        }
    }

    void widths(std::initializer_list<double> widths) {
        lxw_col_t column = 0;
        for (const double width : widths) {
            worksheet_set_column(sheet_, column, column, width, nullptr);
            ++column;
        }
    }
    void text(lxw_col_t column, const std::string& text, bool bold = false) {
        check(worksheet_write_string(sheet_, row_, column, text.c_str(), bold ? bold_ : nullptr));
    }
    void number(lxw_col_t column, std::int64_t value) {
        check(worksheet_write_number(sheet_, row_, column, static_cast<double>(value), nullptr));
    }
    void money(lxw_col_t column, std::int64_t e4) {
        check(worksheet_write_number(sheet_, row_, column, static_cast<double>(e4) / kUnit, money_));
    }
    void energy(lxw_col_t column, std::int64_t wh, const std::string& commodity) {
        check(worksheet_write_number(sheet_, row_, column, static_cast<double>(wh) / kThousandths,
                                     commodity == "water" ? water_ : energy_));
    }
    void next() { ++row_; }
    /// The rows above stay in sight.
    void freeze() { worksheet_freeze_panes(sheet_, row_, 0); }
    void close() { check(workbook_close(std::exchange(book_, nullptr))); }

private:
    static void check(lxw_error error) {
        if (error != LXW_NO_ERROR) {
            throw Failure(ExitCode::refused, std::string("the file can't be written: ") + lxw_strerror(error),
                          "file_not_written");
        }
    }

    lxw_workbook* book_;
    lxw_worksheet* sheet_ = nullptr;
    lxw_format* bold_ = nullptr;
    lxw_format* money_ = nullptr;
    lxw_format* energy_ = nullptr;
    lxw_format* water_ = nullptr;
    lxw_row_t row_ = 0;
};

void head(Sheet& sheet, const v1::Statement& statement) {
    sheet.text(0, statement.property_name(), true);
    sheet.next();
    sheet.text(0, "account " + statement.number() + ", " + statement.customer(), true);
    sheet.text(5, statement.currency());
    sheet.next();
    sheet.text(0, time_text(true, statement.from()) + " to " + time_text(true, statement.to()));
    sheet.next();
    lxw_col_t column = 0;
    for (const char* title :
         {"entry", "booked", "kind", "why", "meter", "moved", "change", "balance", "by"}) {
        sheet.text(column++, title, true);
    }
    sheet.next();
    sheet.freeze();
}

void meters(Sheet& sheet, const v1::Statement& statement) {
    for (const auto& meter : statement.meters()) {
        sheet.text(3, meter.commodity() == "water" ? "water" : "energy", true);
        sheet.text(4, meter.meter_code());
        if (meter.has_energy_wh()) {
            sheet.energy(5, meter.first_wh(), meter.commodity());
            sheet.energy(6, meter.last_wh(), meter.commodity());
            sheet.energy(7, meter.energy_wh(), meter.commodity());
            sheet.text(8, time_text(true, meter.first_at()) + " to " + time_text(true, meter.last_at()));
        } else {
            sheet.text(5, "no readings");
        }
        sheet.next();
    }
}

void sums(Sheet& sheet, const v1::Statement& statement) {
    const auto line = [&](const char* title, std::int64_t e4) {
        sheet.text(3, title, true);
        sheet.money(7, e4);
        sheet.next();
    };
    line("closing balance", statement.closing_balance_e4());
    sheet.next();
    line("paid in", statement.paid_in_e4());
    line("used", statement.used_e4());
    line("paid out", statement.paid_out_e4());
    line("other", statement.other_e4());
}

void fill(Sheet& sheet, const v1::Statement& statement) {
    sheet.widths({10, 20, 14, 48, 12, 14, 14, 14, 20});
    head(sheet, statement);
    sheet.text(3, "opening balance", true);
    sheet.money(7, statement.opening_balance_e4());
    sheet.next();
    for (const auto& line : statement.lines()) {
        sheet.number(0, line.entry_id());
        sheet.text(1, time_text(true, line.booked_at()));
        sheet.text(2, line.kind());
        sheet.text(3, line.reason());
        sheet.text(4, line.meter_code());
        sheet.money(5, line.moved_e4());
        sheet.money(6, line.change_e4());
        sheet.money(7, line.balance_e4());
        sheet.text(8, line.operator_());
        sheet.next();
    }
    sums(sheet, statement);
    meters(sheet, statement);
    sheet.next();
    if (statement.sealed_position() > 0) {
        sheet.text(0, "sealed up to entry " + std::to_string(statement.sealed_entry_id()) + ", position " +
                          std::to_string(statement.sealed_position()) + ", hash " + statement.sealed_hash());
    } else {
        sheet.text(0, "none of it is sealed yet");
    }
}

}  // namespace

void write_statement_file(const std::string& path, const v1::Statement& statement) {
    replace_file(path, [&](const std::string& part) {
        Sheet sheet{part};
        fill(sheet, statement);
        sheet.close();
    });
}

void replace_file(const std::string& path, const std::function<void(const std::string& part)>& write) {
    const auto part = path + ".part";
    std::error_code ignored;
    try {
        write(part);
    } catch (const Failure&) {
        std::filesystem::remove(part, ignored);
        throw;
    }
    std::error_code error;
    std::filesystem::rename(part, path, error);
    if (error) {
        std::filesystem::remove(part, ignored);
        throw Failure(ExitCode::refused, path + " can't be written: " + error.message(), "file_not_written");
    }
}

}  // namespace wutong::ctl
