#pragma once

#include <sstream>
#include <string>
#include <vector>

namespace wutong::core::test {

/// The rows of a scenario table: words split by blanks, lines that are empty or start with # left out.
inline std::vector<std::vector<std::string>> rows_of(const std::string& table) {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines{table};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words{line};
        std::vector<std::string> row;
        for (std::string word; words >> word;) {
            row.push_back(word);
        }
        if (!row.empty() && row.front().front() != '#') {
            rows.push_back(std::move(row));
        }
    }
    return rows;
}

/// A row as it stands in the table, for messages.
inline std::string joined(const std::vector<std::string>& row) {
    std::string text;
    for (const std::string& word : row) {
        text += (text.empty() ? "" : " ") + word;
    }
    return text;
}

}  // namespace wutong::core::test
