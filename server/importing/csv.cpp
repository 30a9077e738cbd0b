#include "server/importing/csv.hpp"

#include <algorithm>

namespace wutong::server {

namespace {

constexpr std::size_t kFieldBytesMax = 1'000;
constexpr std::size_t kFieldsMax = 100;

int line_at(std::string_view text, std::size_t position) {
    return 1 + static_cast<int>(
                   std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n'));
}

class CsvParser {
public:
    CsvParser(std::string_view text, const std::string& file, std::vector<ImportFault>& faults)
        : text_{text}, file_{file}, faults_{faults} {}

    std::vector<CsvRow> parse() {
        std::vector<CsvRow> rows;
        while (at_ < text_.size()) {
            CsvRow row{line_, {}};
            bad_ = false;
            do {
                row.fields.push_back(field());
            } while (!bad_ && take(','));
            end_of_line();
            const bool empty = row.fields.size() == 1 && row.fields.front().empty();
            if (!empty && !bad_) {
                rows.push_back(std::move(row));
            }
        }
        return rows;
    }

private:
    [[nodiscard]] bool at_end_of_field() const {
        return at_ >= text_.size() || text_[at_] == ',' || text_[at_] == '\n' || text_[at_] == '\r';
    }
    bool take(char c) {
        if (at_ < text_.size() && text_[at_] == c) {
            ++at_;
            return true;
        }
        return false;
    }
    void fault(int line, const std::string& what) {
        if (!bad_) {
            faults_.push_back({file_, line, "", what});
        }
        bad_ = true;
    }
    std::string field() {
        std::string value;
        if (take('"')) {
            const int begun = line_;
            for (;;) {
                if (at_ >= text_.size()) {
                    fault(begun, "a quotation mark is opened here and never closed");
                    return value;
                }
                const char c = text_[at_++];
                if (c == '"' && !take('"')) {
                    break;
                }
                line_ += c == '\n' ? 1 : 0;
                value += c;
            }
            if (!at_end_of_field()) {
                fault(line_, "after a closing quotation mark only a comma or the line's end may follow");
            }
        } else {
            while (!at_end_of_field()) {
                if (text_[at_] == '"') {
                    fault(line_,
                          "a quotation mark inside a field: put the field in quotation marks and double it");
                    break;
                }
                value += text_[at_++];
            }
        }
        if (value.size() > kFieldBytesMax) {
            fault(line_, "a field is longer than 1000 bytes");
        }
        if (++fields_ > kFieldsMax) {
            fault(line_, "more than 100 fields");
        }
        return value;
    }
    void end_of_line() {
        while (at_ < text_.size() && text_[at_] != '\n') {
            ++at_;
        }
        take('\n');
        ++line_;
        fields_ = 0;
    }

    std::string_view text_;
    const std::string& file_;
    std::vector<ImportFault>& faults_;
    std::size_t at_ = 0;
    int line_ = 1;
    std::size_t fields_ = 0;
    bool bad_ = false;
};

}  // namespace

std::size_t find_not_utf8(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const auto lead = static_cast<unsigned char>(text[i]);
        // Length, and the range of the second byte that keeps out overlong forms and surrogates.
        std::size_t length = 0;
        unsigned char least = 0x80;
        unsigned char most = 0xBF;
        if (lead < 0x80) {
            length = 1;
        } else if (lead >= 0xC2 && lead <= 0xDF) {
            length = 2;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            length = 3;
            least = lead == 0xE0 ? 0xA0 : 0x80;
            most = lead == 0xED ? 0x9F : 0xBF;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            length = 4;
            least = lead == 0xF0 ? 0x90 : 0x80;
            most = lead == 0xF4 ? 0x8F : 0xBF;
        }
        if (length == 0 || i + length > text.size() || lead == 0) {
            return i;
        }
        for (std::size_t k = 1; k < length; ++k) {
            const auto byte = static_cast<unsigned char>(text[i + k]);
            if (byte < (k == 1 ? least : 0x80) || byte > (k == 1 ? most : 0xBF)) {
                return i;
            }
        }
        i += length;
    }
    return std::string_view::npos;
}

std::vector<CsvRow> parse_csv(std::string_view text, const std::string& file,
                              std::vector<ImportFault>& faults) {
    if (text.starts_with("\xEF\xBB\xBF")) {
        text.remove_prefix(3);
    }
    if (const auto bad = find_not_utf8(text); bad != std::string_view::npos) {
        faults.push_back(
            {file, line_at(text, bad), "", "not UTF-8 text; save the file as \"CSV UTF-8\" and try again"});
        return {};
    }
    return CsvParser{text, file, faults}.parse();
}

}  // namespace wutong::server
