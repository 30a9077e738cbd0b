#include "client-wx/text/server_text.hpp"

#include <fmt/args.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

/// A text of the server, {} where it puts something in. xgettext finds them by the name of the macro.
#define WUTONG_SERVER_TEXT(text) text
constexpr std::array kKnown{
    // Fields and lines of files.
    WUTONG_SERVER_TEXT("is empty"),
    WUTONG_SERVER_TEXT("must not be empty"),
    WUTONG_SERVER_TEXT("must have 1 to {} bytes"),
    WUTONG_SERVER_TEXT("must be from {} to {}"),
    WUTONG_SERVER_TEXT("has more than {} bytes"),
    WUTONG_SERVER_TEXT("is {} bytes long; at most {} are allowed"),
    WUTONG_SERVER_TEXT("has a line break or a tab in it"),
    WUTONG_SERVER_TEXT("is there twice"),
};
#undef WUTONG_SERVER_TEXT

/// The parts of `text` at the {} of `pattern`, each as short as it can be; nothing when they do not fit.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view text) {
    std::vector<std::string> parts;
    while (true) {
        const auto hole = pattern.find("{}");
        const auto fixed = pattern.substr(0, hole);
        if (!text.starts_with(fixed)) {
            return std::nullopt;
        }
        text.remove_prefix(fixed.size());
        if (hole == std::string_view::npos) {
            return text.empty() ? std::optional{parts} : std::nullopt;
        }
        pattern.remove_prefix(hole + 2);
        const auto next = pattern.substr(0, pattern.find("{}"));
        const auto end = next.empty() ? text.size()
                         : pattern.size() == next.size() && text.ends_with(next)
                             ? text.size() - next.size()  // the last fixed part ends the text
                             : text.find(next);
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

}  // namespace

std::string describe_server_text(const std::string& english) {
    for (const auto* known : kKnown) {
        if (const auto parts = match(known, english)) {
            fmt::dynamic_format_arg_store<fmt::format_context> arguments;
            for (const auto& part : *parts) {
                arguments.push_back(part);
            }
            return fmt::vformat(tr(known), arguments);
        }
    }
    return english;
}

}  // namespace wutong::client
