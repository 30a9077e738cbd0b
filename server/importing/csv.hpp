#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wutong::server {

/// A fault in a file that is to be imported.
struct ImportFault {
    std::string file;
    int line = 1;
    std::string column;  ///< column or key; "" when the whole line is meant
    std::string text;
};

struct CsvRow {
    int line = 1;  ///< where the row begins; a quoted field may hold line breaks
    std::vector<std::string> fields;
};

/// Comma separated values as RFC 4180 has them: CRLF or LF, fields in quotation marks may hold commas, line
/// breaks and doubled quotation marks. A byte order mark is skipped; empty lines are left out.
/// @return the rows that could be read; what could not is a fault
[[nodiscard]] std::vector<CsvRow> parse_csv(std::string_view text, const std::string& file,
                                            std::vector<ImportFault>& faults);

/// @return the byte where the text stops being UTF-8, or npos
[[nodiscard]] std::size_t find_not_utf8(std::string_view text);

}  // namespace wutong::server
