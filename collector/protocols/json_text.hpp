#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// JSON as meters send it, read so that no number loses a digit and no payload costs more than its limits.
namespace wutong::protocols {

inline constexpr std::size_t kJsonBytesMax = 256 * 1024;
inline constexpr std::size_t kJsonNodesMax = 50'000;
inline constexpr std::size_t kJsonDepthMax = 16;

struct JsonNode {
    enum class Kind { null, truth, number, text, list, object };
    Kind kind = Kind::null;
    std::string text;                                       ///< "true"; a number as it was written
    std::vector<std::pair<std::string, JsonNode>> members;  ///< of a list: without names

    [[nodiscard]] bool is_leaf() const { return kind != Kind::list && kind != Kind::object; }
};

/// Nothing for what is no JSON, or beyond the limits. @param why why not
[[nodiscard]] std::optional<JsonNode> parse_json(std::string_view text, std::string& why);

/// "ENERGY.Total" or the JSON pointer "/params/em:0/a_voltage"; numbers count elements of a list from 0; ""
/// is the node itself. Null when there is nothing.
[[nodiscard]] const JsonNode* find(const JsonNode& node, std::string_view path);

}  // namespace wutong::protocols
