#pragma once

#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace wutong::storage {

/// An array of text or numbers that a statement returned; NULL is empty, NULL elements are left out.
[[nodiscard]] inline std::vector<std::string> text_array(const pqxx::field& field) {
    std::vector<std::string> values;
    if (field.is_null()) {
        return values;
    }
    auto parser = field.as_array();
    for (auto [juncture, value] = parser.get_next(); juncture != pqxx::array_parser::done;
         std::tie(juncture, value) = parser.get_next()) {
        if (juncture == pqxx::array_parser::string_value) {
            values.push_back(value);
        }
    }
    return values;
}

}  // namespace wutong::storage
