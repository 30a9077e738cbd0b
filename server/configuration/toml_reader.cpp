#include "server/configuration/toml_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace wutong::server {

std::optional<toml::table> parse_toml(std::string_view text, std::vector<TomlFault>& faults) {
    try {
        return toml::parse(text);
    } catch (const toml::parse_error& error) {
        faults.push_back({static_cast<int>(error.source().begin.line), "",
                          "not TOML: " + std::string{error.description()}});
        return std::nullopt;
    }
}

TomlReader::TomlReader(const toml::table& table, std::string path, std::vector<TomlFault>& faults)
    : table_{table}, path_{std::move(path)}, faults_{faults} {}

int TomlReader::line() const {
    return std::max(1, static_cast<int>(table_.source().begin.line));
}

int TomlReader::line_of(const std::string& key) const {
    const auto* node = table_.get(key);
    return node != nullptr ? static_cast<int>(node->source().begin.line) : line();
}

const toml::node* TomlReader::find(const std::string& key) {
    known_.insert(key);
    return table_.get(key);
}

void TomlReader::fault(const std::string& key, const std::string& text) const {
    faults_.push_back({line_of(key), path_ + key, text});
}

void TomlReader::require(const std::string& key) const {
    if (!has(key)) {
        fault(key, "is missing");
    }
}

void TomlReader::text(const std::string& key, std::string& into, std::size_t bytes_max,
                      std::size_t bytes_min) {
    const auto* node = find(key);
    if (node == nullptr) {
        return;
    }
    const auto value = node->value_exact<std::string>();
    if (!value) {
        fault(key, "must be text in quotes");
    } else if (value->size() > bytes_max) {
        fault(key, fmt::format("is {} bytes long; at most {} are allowed", value->size(), bytes_max));
    } else if (value->size() < bytes_min) {
        fault(key, "must not be empty");
    } else if (value->find('\0') != std::string::npos) {
        fault(key, "has a zero byte in it");
    } else {
        into = *value;
    }
}

void TomlReader::choice(const std::string& key, const std::vector<std::string>& allowed, std::string& into) {
    std::string value = into;
    text(key, value, 100);
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        fault(key, fmt::format("\"{}\" is not known; use one of: {}", value, fmt::join(allowed, ", ")));
    } else {
        into = value;
    }
}

std::optional<std::int64_t> TomlReader::integer(const std::string& key, std::int64_t least,
                                                std::int64_t most) {
    const auto* node = find(key);
    if (node == nullptr) {
        return std::nullopt;
    }
    const auto value = node->value_exact<std::int64_t>();
    if (!value) {
        fault(key, "must be a whole number without quotes");
        return std::nullopt;
    }
    if (*value < least || *value > most) {
        fault(key, fmt::format("is {}; it must be from {} to {}", *value, least, most));
        return std::nullopt;
    }
    return *value;
}

void TomlReader::section(const std::string& key, const std::function<void(TomlReader&)>& read) {
    const auto* node = find(key);
    if (node == nullptr) {
        return;
    }
    const auto* inner = node->as_table();
    if (inner == nullptr) {
        fault(key, fmt::format("must be a section: write [{}{}] on a line of its own", path_, key));
        return;
    }
    TomlReader reader{*inner, path_ + key + ".", faults_};
    read(reader);
    reader.refuse_unknown();
}

void TomlReader::sections(const std::string& key, std::size_t most,
                          const std::function<void(TomlReader&)>& read) {
    const auto* node = find(key);
    if (node == nullptr) {
        return;
    }
    const auto* list = node->as_array();
    if (list == nullptr || !list->is_homogeneous<toml::table>()) {
        fault(key, fmt::format("must be a list of sections: write [[{}{}]] before each", path_, key));
        return;
    }
    if (list->size() > most) {
        fault(key, fmt::format("is there {} times; at most {} are taken", list->size(), most));
        return;
    }
    for (const auto& element : *list) {
        TomlReader reader{*element.as_table(), path_ + key + ".", faults_};
        read(reader);
        reader.refuse_unknown();
    }
}

void TomlReader::refuse_unknown() const {
    for (const auto& [key, node] : table_) {
        const std::string name{key.str()};
        if (!known_.contains(name)) {
            fault(name, fmt::format("unknown key; known here: {}", fmt::join(known_, ", ")));
        }
    }
}

}  // namespace wutong::server
