#pragma once

#include <string>

namespace wutong::client {

/// How a kind of alarm looks and is called. One table for lists, filters and meter pages.
struct AlarmWords {
    std::string words{};  ///< "Alarm 2"
    std::string icon{};   ///< name of an icon
    bool serious{false};  ///< danger ink; otherwise a warning
};

/// @param kind as the server writes it; one that is not known keeps its own name
[[nodiscard]] AlarmWords alarm_words(const std::string& kind);

}  // namespace wutong::client
