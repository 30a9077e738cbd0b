#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

// Only the profile parser sees the TOML library: include this from nowhere else.
#include <toml++/toml.h>

#include "core/meter_profile_faults.hpp"

namespace wutong::core::detail {

inline constexpr std::size_t kProfileTextMax = 1'000;

inline std::size_t line_of(const toml::node& node) {
    return node.source().begin.line;
}

/// One table, read key by key. What is wrong is noted with its line and reading goes on.
class ProfileTable {
public:
    ProfileTable(const toml::table& table, std::string path, ProfileFaults& faults)
        : table_{table}, path_{std::move(path)}, faults_{faults} {}

    [[nodiscard]] std::size_t line() const { return std::max<std::size_t>(line_of(table_), 1); }

    void refuse_unknown(std::initializer_list<std::string_view> known) const {
        for (const auto& [key, node] : table_) {
            if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
                std::string names;
                for (const std::string_view name : known) {
                    names += names.empty() ? "" : ", ";
                    names += name;
                }
                faults_.add(key.source().begin.line, "unknown key \"" + std::string(key.str().substr(0, 40)) +
                                                         "\"" + (path_.empty() ? "" : " in " + path_) +
                                                         "; known are: " + names);
            }
        }
    }

    [[nodiscard]] const toml::node* find(std::string_view key, bool required) const {
        const toml::node* node = table_.get(key);
        if (node == nullptr && required) {
            faults_.add(line(), named(key) + " is missing");
        }
        return node;
    }

    void text(std::string_view key, bool required, std::string& into) const {
        const toml::node* node = find(key, required);
        if (node == nullptr) {
            return;
        }
        const auto value = node->value_exact<std::string>();
        if (!value || value->empty() || value->size() > kProfileTextMax) {
            faults_.add(line_of(*node), named(key) + " must be a text of 1 to " +
                                            std::to_string(kProfileTextMax) + " characters");
            return;
        }
        into = *value;
    }

    template <class Integer>
    bool integer(std::string_view key, bool required, std::int64_t least, std::int64_t most,
                 Integer& into) const {
        const toml::node* node = find(key, required);
        if (node == nullptr) {
            return false;
        }
        const auto value = node->value_exact<std::int64_t>();
        if (!value || *value < least || *value > most) {
            faults_.add(line_of(*node), named(key) + " must be a whole number from " + std::to_string(least) +
                                            " to " + std::to_string(most));
            return false;
        }
        into = static_cast<Integer>(*value);
        return true;
    }

    void boolean(std::string_view key, bool& into) const {
        if (const toml::node* node = find(key, false)) {
            if (const auto value = node->value_exact<bool>()) {
                into = *value;
            } else {
                faults_.add(line_of(*node), named(key) + " must be true or false");
            }
        }
    }

    /// A word out of a list; `read` throws std::invalid_argument naming the known ones.
    template <class Read>
    bool word(std::string_view key, bool required, const Read& read) const {
        const toml::node* node = find(key, required);
        if (node == nullptr) {
            return false;
        }
        const auto value = node->value_exact<std::string>();
        if (!value) {
            faults_.add(line_of(*node), named(key) + " must be a text in quotes");
            return false;
        }
        try {
            read(*value);
            return true;
        } catch (const std::invalid_argument& fault) {
            faults_.add(line_of(*node), fault.what());
            return false;
        }
    }

    /// The nodes of an array. @param most how many there may be
    [[nodiscard]] const toml::array* array(std::string_view key, bool required, std::size_t most) const {
        const toml::node* node = find(key, required);
        if (node == nullptr) {
            return nullptr;
        }
        const toml::array* array = node->as_array();
        if (array == nullptr || array->empty() || array->size() > most) {
            faults_.add(line_of(*node),
                        named(key) + " must be a list of 1 to " + std::to_string(most) + " entries");
            return nullptr;
        }
        return array;
    }

    [[nodiscard]] std::optional<ProfileTable> table(std::string_view key) const {
        const toml::node* node = find(key, false);
        if (node == nullptr) {
            return std::nullopt;
        }
        if (node->as_table() == nullptr) {
            faults_.add(line_of(*node), named(key) + " must be a table: write [" + std::string(key) + "]");
            return std::nullopt;
        }
        return ProfileTable{*node->as_table(), std::string(key), faults_};
    }

private:
    [[nodiscard]] std::string named(std::string_view key) const {
        return (path_.empty() ? "" : path_ + ".") + std::string(key);
    }

    const toml::table& table_;
    std::string path_;
    ProfileFaults& faults_;
};

}  // namespace wutong::core::detail
