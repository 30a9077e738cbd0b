#pragma once

#include <string>
#include <variant>
#include <vector>

namespace wutong::client {

/// A table that leaves the program.
struct Spreadsheet {
    /// Shown with so many decimals, 2 or 3, and thousands apart, in XLSX.
    struct Figure {
        double value{0};
        int decimals{2};
    };
    using Value = std::variant<std::string, double, Figure>;
    std::string title;  ///< name of the sheet
    std::vector<std::string> columns;
    std::vector<std::vector<Value>> rows;
};

/// RFC 4180 with a byte order mark, so that Excel takes it for UTF-8. A text that would be read as a formula
/// (=, +, -, @ in front) gets an apostrophe.
[[nodiscard]] std::string to_csv(const Spreadsheet& sheet);

/// Office Open XML, one sheet with a bold first line: opened by Excel, LibreOffice and WPS.
[[nodiscard]] std::string to_xlsx(const Spreadsheet& sheet);

}  // namespace wutong::client
