#pragma once

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

/// One table per enumeration, read in both directions, so that a name can't differ between writing and
/// reading.
namespace wutong::core::detail {

template <class E>
struct Name {
    E value;
    const char* text;
};

/// @throws std::logic_error for a value outside its enumeration: a cast went wrong somewhere in our code.
template <class E, std::size_t N>
[[nodiscard]] const char* name_of(const std::array<Name<E>, N>& names, E value, const char* what) {
    for (const auto& name : names) {
        if (name.value == value) {
            return name.text;
        }
    }
    throw std::logic_error(std::string(what) + " has no name for " + std::to_string(static_cast<int>(value)));
}

/// @throws std::invalid_argument that lists the names which would have been right.
template <class E, std::size_t N>
[[nodiscard]] E value_of(const std::array<Name<E>, N>& names, std::string_view text, const char* what) {
    std::string known;
    for (const auto& name : names) {
        if (text == name.text) {
            return name.value;
        }
        known += known.empty() ? "" : ", ";
        known += name.text;
    }
    throw std::invalid_argument("unknown " + std::string(what) + " \"" + std::string(text.substr(0, 40)) +
                                "\"; known are: " + known);
}

}  // namespace wutong::core::detail
