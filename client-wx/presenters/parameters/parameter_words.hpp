#pragma once

#include <string>

namespace wutong::client {

struct ParameterWords {
    std::string label, meaning, unit;
};
/// For people, in their language; what the server says of a key that is not known here.
[[nodiscard]] ParameterWords parameter_words(const std::string& key, const std::string& meaning,
                                             const std::string& unit);

}  // namespace wutong::client
