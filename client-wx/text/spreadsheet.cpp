#include "client-wx/text/spreadsheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wutong::client {

namespace {

// Places in cellXfs of kStyles.
constexpr int kBold = 1, kTwoDecimals = 2, kThreeDecimals = 3;

std::string number(double value) {
    return fmt::format("{}", value);
}

std::optional<double> figure_of(const Spreadsheet::Value& value) {
    if (const auto* figure = std::get_if<Spreadsheet::Figure>(&value)) {
        return figure->value;
    }
    const auto* plain = std::get_if<double>(&value);
    return plain == nullptr ? std::nullopt : std::optional{*plain};
}

std::string csv_field(const Spreadsheet::Value& value) {
    if (const auto figure = figure_of(value)) {
        return number(*figure);
    }
    auto text = std::get<std::string>(value);
    if (!text.empty() && std::string_view{"=+-@\t\r"}.find(text.front()) != std::string_view::npos) {
        text.insert(0, "'");
    }
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + '"';
}

std::string xml(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                // XML 1.0 has no control characters but these three.
                if (static_cast<unsigned char>(c) >= 32 || c == '\t' || c == '\n' || c == '\r') {
                    out += c;
                }
        }
    }
    return out;
}

/// 0 → A, 26 → AA
std::string column_name(std::size_t index) {
    std::string name;
    for (auto n = index + 1; n > 0; n = (n - 1) / 26) {
        name.insert(name.begin(), static_cast<char>('A' + (n - 1) % 26));
    }
    return name;
}

std::string xlsx_cell(const std::string& place, const Spreadsheet::Value& value, int style) {
    if (const auto* shown = std::get_if<Spreadsheet::Figure>(&value)) {
        style = shown->decimals == 3 ? kThreeDecimals : kTwoDecimals;
    }
    if (const auto figure = figure_of(value)) {
        return fmt::format("<c r=\"{}\" s=\"{}\"><v>{}</v></c>", place, style, number(*figure));
    }
    return fmt::format("<c r=\"{}\" s=\"{}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                       place, style, xml(std::get<std::string>(value)));
}

/// Letters of a font of one width: those of Chinese take two.
std::size_t width_of(const Spreadsheet::Value& value) {
    constexpr std::size_t kFigure = 14;
    if (!std::holds_alternative<std::string>(value)) {
        return kFigure;
    }
    std::size_t width = 0;
    for (const char c : std::get<std::string>(value)) {
        const auto byte = static_cast<unsigned char>(c);
        width += byte < 0x80U || (byte >= 0xC0U && byte < 0xE0U) ? 1 : byte >= 0xE0U ? 2 : 0;
    }
    return width;
}

/// As wide as what stands in them, sentences left alone.
std::string columns_xml(const Spreadsheet& sheet) {
    constexpr std::size_t kNarrowest = 8, kWidest = 48;
    std::string xml;
    for (std::size_t i = 0; i < sheet.columns.size(); ++i) {
        auto width = std::max(kNarrowest, width_of(sheet.columns[i]));
        for (const auto& row : sheet.rows) {
            const auto own = i < row.size() ? width_of(row[i]) : 0;
            width = own <= kWidest ? std::max(width, own) : width;
        }
        xml += fmt::format(R"(<col min="{0}" max="{0}" width="{1}" customWidth="1"/>)", i + 1, width + 2);
    }
    return xml.empty() ? xml : "<cols>" + xml + "</cols>";
}

std::uint32_t crc32(std::string_view data) {
    static const auto table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            auto c = i;
            for (int bit = 0; bit < 8; ++bit) {
                c = (c & 1U) != 0 ? 0xEDB88320U ^ (c >> 1U) : c >> 1U;
            }
            made[i] = c;
        }
        return made;
    }();
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char byte : data) {
        crc = table[(crc ^ static_cast<unsigned char>(byte)) & 0xFFU] ^ (crc >> 8U);
    }
    return crc ^ 0xFFFFFFFFU;
}

/// A ZIP archive whose files are stored as they are (APPNOTE.TXT 4.3): our tables are small.
class Archive {
public:
    void add(const std::string& name, const std::string& content) {
        const auto offset = static_cast<std::uint32_t>(bytes_.size());
        std::string common;
        put16(common, 20);      // version needed
        put16(common, 0x0800);  // names are UTF-8
        put16(common, 0);       // stored
        put16(common, 0);       // time
        put16(common, 0x21);    // date: 1 January 1980
        put32(common, crc32(content));
        put32(common, static_cast<std::uint32_t>(content.size()));
        put32(common, static_cast<std::uint32_t>(content.size()));
        put16(common, static_cast<std::uint16_t>(name.size()));
        put16(common, 0);
        put32(bytes_, 0x04034B50);
        bytes_ += common + name + content;
        put32(directory_, 0x02014B50);
        put16(directory_, 20);
        directory_ += common;
        put16(directory_, 0);
        put16(directory_, 0);
        put16(directory_, 0);
        put32(directory_, 0);
        put32(directory_, offset);
        directory_ += name;
        ++files_;
    }
    [[nodiscard]] std::string finish() && {
        const auto start = static_cast<std::uint32_t>(bytes_.size());
        bytes_ += directory_;
        put32(bytes_, 0x06054B50);
        put16(bytes_, 0);
        put16(bytes_, 0);
        put16(bytes_, files_);
        put16(bytes_, files_);
        put32(bytes_, static_cast<std::uint32_t>(directory_.size()));
        put32(bytes_, start);
        put16(bytes_, 0);
        return std::move(bytes_);
    }

private:
    static void put16(std::string& to, std::uint16_t value) {
        to += static_cast<char>(value & 0xFFU);
        to += static_cast<char>(value >> 8U);
    }
    static void put32(std::string& to, std::uint32_t value) {
        put16(to, static_cast<std::uint16_t>(value & 0xFFFFU));
        put16(to, static_cast<std::uint16_t>(value >> 16U));
    }

    std::string bytes_, directory_;
    std::uint16_t files_{0};
};

/// At most 31 characters, none of []:*?/\ (ECMA-376 leaves that to the programs; Excel refuses others).
std::string sheet_name(const std::string& title) {
    std::string name;
    int letters = 0;
    for (const char c : title) {
        const bool starts = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        letters += starts ? 1 : 0;
        if (letters > 31) {
            break;
        }
        name += std::string_view{"[]:*?/\\"}.find(c) == std::string_view::npos ? c : ' ';
    }
    return name.empty() ? "Sheet1" : name;
}

constexpr const char* kTypes =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>)";
constexpr const char* kRelations =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>)";
constexpr const char* kBookRelations =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>)";
constexpr const char* kStyles =
    R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf/><xf fontId="1" applyFont="1"/><xf numFmtId="4" applyNumberFormat="1"/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>)";

}  // namespace

std::string to_csv(const Spreadsheet& sheet) {
    std::string out = "\xEF\xBB\xBF";
    const auto line = [&](const auto& values) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            out += (i == 0 ? "" : ",") + csv_field(values[i]);
        }
        out += "\r\n";
    };
    line(std::vector<Spreadsheet::Value>{sheet.columns.begin(), sheet.columns.end()});
    for (const auto& row : sheet.rows) {
        line(row);
    }
    return out;
}

std::string to_xlsx(const Spreadsheet& sheet) {
    std::string rows;
    const auto line = [&](std::size_t number_of_row, const std::vector<Spreadsheet::Value>& values,
                          int style) {
        rows += fmt::format("<row r=\"{}\">", number_of_row);
        for (std::size_t i = 0; i < values.size(); ++i) {
            rows += xlsx_cell(column_name(i) + std::to_string(number_of_row), values[i], style);
        }
        rows += "</row>";
    };
    line(1, {sheet.columns.begin(), sheet.columns.end()}, kBold);
    for (std::size_t i = 0; i < sheet.rows.size(); ++i) {
        line(i + 2, sheet.rows[i], 0);
    }
    const std::string head = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)"
                             "\n";
    const std::string space = R"(xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main")";
    Archive archive;
    archive.add("[Content_Types].xml", kTypes);
    archive.add("_rels/.rels", kRelations);
    archive.add(
        "xl/workbook.xml",
        head + "<workbook " + space +
            R"( xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name=")" +
            xml(sheet_name(sheet.title)) + R"(" sheetId="1" r:id="rId1"/></sheets></workbook>)");
    archive.add("xl/_rels/workbook.xml.rels", kBookRelations);
    archive.add("xl/styles.xml", kStyles);
    archive.add("xl/worksheets/sheet1.xml", head + "<worksheet " + space + ">" + columns_xml(sheet) +
                                                "<sheetData>" + rows + "</sheetData></worksheet>");
    return std::move(archive).finish();
}

}  // namespace wutong::client
