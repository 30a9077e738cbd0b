#include "collector/configuration/toml_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

namespace wutong::collector {

TomlReader::TomlReader(const toml::table& table, std::string file, std::string path,
                       std::vector<std::string>& faults)
    : table_{table}, file_{std::move(file)}, path_{std::move(path)}, faults_{faults} {}

const toml::node* TomlReader::find(const std::string& key) {
    known_.insert(key);
    return table_.get(key);
}

void TomlReader::fault(const std::string& key, const std::string& what) const {
    const toml::node* node = table_.get(key);
    const auto line = node != nullptr ? node->source().begin.line : table_.source().begin.line;
    faults_.push_back(fmt::format("{}:{}: {}{}: {}", file_, line, path_, key, what));
}

void TomlReader::text(const std::string& key, std::string& into, std::size_t length_max) {
    const toml::node* node = find(key);
    if (node == nullptr) {
        return;
    }
    const auto value = node->value_exact<std::string>();
    if (!value) {
        fault(key, "must be text in quotes");
    } else if (value->size() > length_max) {
        fault(key, fmt::format("is {} bytes long; at most {} are allowed", value->size(), length_max));
    } else {
        into = *value;
    }
}

void TomlReader::choice(const std::string& key, const std::vector<std::string>& allowed, std::string& into) {
    std::string value = into;
    text(key, value);
    if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        fault(key, fmt::format("\"{}\" is not known; use one of: {}", value, fmt::join(allowed, ", ")));
    } else {
        into = value;
    }
}

std::optional<std::int64_t> TomlReader::integer(const std::string& key, std::int64_t least,
                                                std::int64_t most) {
    const toml::node* node = find(key);
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
    const toml::node* node = find(key);
    if (node == nullptr) {
        return;
    }
    const toml::table* inner = node->as_table();
    if (inner == nullptr) {
        fault(key, fmt::format("must be a section: write [{}{}] on a line of its own", path_, key));
        return;
    }
    TomlReader reader{*inner, file_, path_ + key + ".", faults_};
    read(reader);
    reader.refuse_unknown();
}

void TomlReader::refuse_unknown() const {
    for (const auto& [key, node] : table_) {
        const std::string name{key.str()};
        if (!known_.contains(name)) {
            fault(name, fmt::format("unknown key; known here: {}", fmt::join(known_, ", ")));
        }
    }
}

}  // namespace wutong::collector
