#pragma once

#include <string>
#include <utility>
#include <vector>

/// What the server wrote about an operation (JSON, for machines), in words.
namespace wutong::client {

/// The name of one detail; an unknown one as the server calls it.
[[nodiscard]] std::string detail_words(const std::string& key);
/// Name and value of each, in the order of the JSON; empty for what is no object.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> details_of(const std::string& json);
/// All of them in one line of at most 160 letters.
[[nodiscard]] std::string one_line(const std::string& json);

}  // namespace wutong::client
