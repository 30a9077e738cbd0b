#pragma once

#include <string>

/// What people type into a search box, as a pattern for ILIKE.
namespace wutong::storage {

/// % and _ stand for others in a pattern; here they are what was typed.
[[nodiscard]] std::string literal_pattern(const std::string& text);
/// In UTF-8: every byte that doesn't continue a sequence begins a character.
[[nodiscard]] int characters_of(const std::string& text);
/// Text to be found anywhere; with fewer than three characters at the beginning, because the trigram indexes
/// know nothing shorter.
[[nodiscard]] std::string search_pattern(const std::string& text);

}  // namespace wutong::storage
