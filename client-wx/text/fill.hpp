#pragma once

#include <fmt/format.h>

#include <string>

namespace wutong::client {

/// Puts values into a translated text: fill(tr("Sell {amount} to {unit}"), fmt::arg("amount", …), …).
/// A translation with a wrong placeholder shows as it is instead of ending the program.
template <class... Values>
[[nodiscard]] std::string fill(const std::string& text, Values&&... values) {
    try {
        return fmt::vformat(text, fmt::make_format_args(values...));
    } catch (const fmt::format_error&) {
        return text;
    }
}

}  // namespace wutong::client
