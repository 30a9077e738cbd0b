#include "collector/protocols/json_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

namespace wutong::protocols {

namespace {

using Json = nlohmann::json;

/// Builds the tree as the parser goes along, and stops it at the limits.
class Builder {
public:
    using number_integer_t = Json::number_integer_t;
    using number_unsigned_t = Json::number_unsigned_t;
    using number_float_t = Json::number_float_t;
    using string_t = Json::string_t;
    using binary_t = Json::binary_t;

    bool null() { return leaf(JsonNode::Kind::null, {}); }
    bool boolean(bool value) { return leaf(JsonNode::Kind::truth, value ? "true" : "false"); }
    bool number_integer(number_integer_t value) {
        return leaf(JsonNode::Kind::number, std::to_string(value));
    }
    bool number_unsigned(number_unsigned_t value) {
        return leaf(JsonNode::Kind::number, std::to_string(value));
    }
    bool number_float(number_float_t /*rounded*/, const string_t& as_written) {
        return leaf(JsonNode::Kind::number, as_written);
    }
    bool string(string_t& value) { return leaf(JsonNode::Kind::text, std::move(value)); }
    bool binary(binary_t& /*value*/) { return false; }
    bool start_object(std::size_t /*size*/) { return open(JsonNode::Kind::object); }
    bool start_array(std::size_t /*size*/) { return open(JsonNode::Kind::list); }
    bool key(string_t& name) {
        names_.back() = std::move(name);
        return true;
    }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool parse_error(std::size_t position, const std::string& /*token*/, const Json::exception& /*error*/) {
        why_ = fmt::format("no JSON from byte {} on", position);
        return false;
    }

    [[nodiscard]] const std::string& why() const { return why_; }
    [[nodiscard]] JsonNode take() { return std::move(root_); }

private:
    bool leaf(JsonNode::Kind kind, std::string text) {
        JsonNode* node = add();
        if (node == nullptr) {
            return false;
        }
        node->kind = kind;
        node->text = std::move(text);
        return true;
    }
    bool open(JsonNode::Kind kind) {
        JsonNode* node = open_.size() < kJsonDepthMax ? add() : nullptr;
        if (node == nullptr) {
            why_ = why_.empty() ? fmt::format("nested more than {} deep", kJsonDepthMax) : why_;
            return false;
        }
        node->kind = kind;
        // Members are only ever added to the innermost, so nothing moves under these pointers.
        open_.push_back(node);
        names_.emplace_back();
        return true;
    }
    bool close() {
        open_.pop_back();
        names_.pop_back();
        return true;
    }
    JsonNode* add() {
        if (++nodes_ > kJsonNodesMax) {
            why_ = fmt::format("has more than {} values", kJsonNodesMax);
            return nullptr;
        }
        if (open_.empty()) {
            return &root_;
        }
        return &open_.back()->members.emplace_back(std::move(names_.back()), JsonNode{}).second;
    }

    JsonNode root_;
    std::vector<JsonNode*> open_;
    std::vector<std::string> names_;
    std::size_t nodes_ = 0;
    std::string why_;
};

const JsonNode* member(const JsonNode& node, std::string_view name) {
    if (node.kind == JsonNode::Kind::object) {
        for (const auto& [key, value] : node.members) {
            if (key == name) {
                return &value;
            }
        }
    }
    if (node.kind == JsonNode::Kind::list) {
        std::size_t index = 0;
        const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
        if (read.ec == std::errc{} && read.ptr == name.data() + name.size() && index < node.members.size()) {
            return &node.members[index].second;
        }
    }
    return nullptr;
}

/// ~1 is a slash and ~0 a tilde (RFC 6901).
std::string unescaped(std::string_view part) {
    std::string plain;
    for (std::size_t i = 0; i < part.size(); ++i) {
        const bool escape =
            part[i] == '~' && i + 1 < part.size() && (part[i + 1] == '0' || part[i + 1] == '1');
        plain += escape ? (part[++i] == '0' ? '~' : '/') : part[i];
    }
    return plain;
}

}  // namespace

std::optional<JsonNode> parse_json(std::string_view text, std::string& why) {
    if (text.size() > kJsonBytesMax) {
        why = fmt::format("has {} bytes; at most {} are read", text.size(), kJsonBytesMax);
        return std::nullopt;
    }
    Builder builder;
    if (!Json::sax_parse(text.begin(), text.end(), &builder)) {
        why = builder.why();
        return std::nullopt;
    }
    return builder.take();
}

const JsonNode* find(const JsonNode& node, std::string_view path) {
    const JsonNode* at = &node;
    if (path.empty()) {
        return at;
    }
    const bool pointer = path.front() == '/';
    const char separator = pointer ? '/' : '.';
    if (pointer) {
        path.remove_prefix(1);
    }
    for (;;) {
        const auto end = path.find(separator);
        const auto part = path.substr(0, end);
        at = pointer ? member(*at, unescaped(part)) : member(*at, part);
        if (at == nullptr || end == std::string_view::npos) {
            return at;
        }
        path.remove_prefix(end + 1);
    }
}

}  // namespace wutong::protocols
