#pragma once

#include <google/protobuf/message.h>

#include <functional>
#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace wutong::ctl {

/// A message as JSON that scripts like: names as in the .proto, 64-bit integers as numbers, times as RFC
/// 3339, enum values as lower-case words without their prefix. Fields that may be absent are left out when
/// they are.
[[nodiscard]] nlohmann::ordered_json to_json(const google::protobuf::Message& message);

/// Columns of text for people; numbers are right-aligned, wide (Chinese) characters count as two.
class Table {
public:
    enum class Align { left, right };
    void column(std::string title, Align align = Align::left);
    void row(std::vector<std::string> cells);
    void print(std::ostream& out) const;
    [[nodiscard]] bool empty() const { return rows_.empty(); }

private:
    struct Column {
        std::string title;
        Align align;
    };
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

/// "1234.50" from ten-thousandths.
[[nodiscard]] std::string money_text(std::int64_t e4);
/// "12.34 kWh"; of water "12.345 m³", from litres
[[nodiscard]] std::string energy_text(std::int64_t wh, const std::string& commodity = "electricity");
/// "kWh", "m³": what a price is of.
[[nodiscard]] std::string unit_text(const std::string& commodity);

}  // namespace wutong::ctl
