#include "client-wx/presenters/lists/list_screen.hpp"

#include <algorithm>

namespace wutong::client {

namespace {

constexpr const char* kUnknown = "—";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_missing(const Cell& cell) {
    return cell.text.empty() || cell.text == kUnknown;
}

int compare_cells(const Cell& a, const Cell& b) {
    if (a.order && b.order) {
        return *a.order < *b.order ? -1 : *a.order > *b.order ? 1 : 0;
    }
    return compare_naturally(a.text, b.text);
}

std::string csv_field(const std::string& text) {
    std::string field = text;
    // "+86…" and "−¥2.10" are data; "=cmd()" would be run. The ASCII minus of a plain number stays.
    const bool number = field.find_first_not_of("0123456789.,-") == std::string::npos;
    if (!field.empty() && std::string{"=+@\t\r"}.find(field.front()) != std::string::npos) {
        field.insert(field.begin(), '\'');
    } else if (!number && field.starts_with('-')) {
        field.insert(field.begin(), '\'');
    }
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
        return field;
    }
    std::string quoted{"\""};
    for (const char c : field) {
        quoted += c;
        if (c == '"') {
            quoted += c;
        }
    }
    return quoted + '"';
}

}  // namespace

int compare_naturally(const std::string& a, const std::string& b) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < a.size() && j < b.size()) {
        if (is_digit(a[i]) && is_digit(b[j])) {
            const auto skip_zeros = [](const std::string& text, std::size_t& at) {
                while (at + 1 < text.size() && text[at] == '0' && is_digit(text[at + 1])) {
                    ++at;
                }
                auto end = at;
                while (end < text.size() && is_digit(text[end])) {
                    ++end;
                }
                return end;
            };
            const auto a_end = skip_zeros(a, i);
            const auto b_end = skip_zeros(b, j);
            if (a_end - i != b_end - j) {
                return a_end - i < b_end - j ? -1 : 1;
            }
            const int digits = a.compare(i, a_end - i, b, j, b_end - j);
            if (digits != 0) {
                return digits;
            }
            i = a_end;
            j = b_end;
            continue;
        }
        if (a[i] != b[j]) {
            return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]) ? -1 : 1;
        }
        ++i;
        ++j;
    }
    return i < a.size() ? 1 : j < b.size() ? -1 : 0;
}

void sort_rows(ListScreen& screen) {
    if (screen.sort_column < 0 || static_cast<std::size_t>(screen.sort_column) >= screen.columns.size()) {
        return;
    }
    const auto column = static_cast<std::size_t>(screen.sort_column);
    std::stable_sort(screen.rows.begin(), screen.rows.end(), [&](const ListRow& a, const ListRow& b) {
        static const Cell kNone;
        const auto& left = column < a.cells.size() ? a.cells[column] : kNone;
        const auto& right = column < b.cells.size() ? b.cells[column] : kNone;
        if (is_missing(left) || is_missing(right)) {
            return !is_missing(left) && is_missing(right);
        }
        const int order = compare_cells(left, right);
        return screen.ascending ? order < 0 : order > 0;
    });
}

std::string to_csv(const ListScreen& screen) {
    std::string text{"\xEF\xBB\xBF"};
    const auto line = [&text](std::size_t count, auto&& field) {
        for (std::size_t i = 0; i < count; ++i) {
            text += (i == 0 ? "" : ",") + csv_field(field(i));
        }
        text += "\r\n";
    };
    line(screen.columns.size(), [&](std::size_t i) { return screen.columns[i].title; });
    for (const auto& row : screen.rows) {
        line(screen.columns.size(),
             [&](std::size_t i) { return i < row.cells.size() ? row.cells[i].text : std::string{}; });
    }
    return text;
}

}  // namespace wutong::client
