#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/refused.hpp"

namespace wutong::server {

/// One parameter of a property. Values are text in the store; numbers are checked here.
struct ParameterRule {
    const char* key;
    const char* otherwise;  ///< what holds while nobody has set it
    std::int64_t least;
    std::int64_t most;  ///< least == most: text, of at most `most` bytes
    const char* unit;
    const char* meaning;
    /// For text: the characters that it may have; null: any that can be shown.
    const char* allowed = "0123456789+- ";
    /// For text: what it may be, with a bar between; null: anything.
    const char* choices = nullptr;
    /// For text that is not empty: whether it may be, and what it should be.
    bool (*may_be)(std::string_view) = nullptr;
    const char* should_be = "";
};

[[nodiscard]] const std::vector<ParameterRule>& parameter_rules();

/// @return nothing when the value may be set
[[nodiscard]] std::vector<FieldViolation> check_parameter(const std::string& key, const std::string& value);

}  // namespace wutong::server
