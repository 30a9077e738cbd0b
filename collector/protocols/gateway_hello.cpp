#include "collector/protocols/gateway_hello.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "core/link_names.hpp"

namespace wutong::protocols {

namespace {

constexpr std::string_view kMagic = "WGL1";

template <class Number>
bool read(const std::map<std::string_view, std::string_view>& fields, std::string_view key, Number least,
          Number most, Number& into) {
    const auto found = fields.find(key);
    if (found == fields.end()) {
        return false;
    }
    const auto text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc{} && end == text.data() + text.size() && into >= least && into <= most;
}

bool is_channel(std::string_view text) {
    return !text.empty() && text.size() <= 48 &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '/'; });
}

}  // namespace

std::string encode_hello(const GatewayHello& hello) {
    return fmt::format("{} port={} channel={} epoch={} baud={} parity={} stop={}\n", kMagic, hello.port,
                       hello.channel, hello.epoch, hello.baud, hello.parity, hello.stop_bits);
}

std::variant<GatewayHello, std::string> parse_hello(std::string_view line) {
    if (line.size() > kHelloMax || !line.starts_with(kMagic)) {
        return std::string{"the first line does not begin with WGL1"};
    }
    line.remove_prefix(kMagic.size());
    std::map<std::string_view, std::string_view> fields;
    while (!line.empty()) {
        if (line.front() != ' ') {
            return std::string{"words are separated by one blank"};
        }
        line.remove_prefix(1);
        const auto word = line.substr(0, line.find(' '));
        const auto equals = word.find('=');
        if (equals == std::string_view::npos ||
            !fields.emplace(word.substr(0, equals), word.substr(equals + 1)).second) {
            return std::string{"each word is key=value, each key once"};
        }
        line.remove_prefix(word.size());
    }
    GatewayHello hello;
    hello.port = fields.contains("port") ? fields["port"] : std::string_view{};
    hello.channel = fields.contains("channel") ? fields["channel"] : std::string_view{};
    if (!core::is_serial_port_name(hello.port) || !is_channel(hello.channel)) {
        return std::string{"port or channel is missing or not a name"};
    }
    if (!read<std::int64_t>(fields, "epoch", 1, INT64_MAX, hello.epoch)) {
        return std::string{"epoch is missing or no number from 1"};
    }
    if (!read(fields, "baud", 300, 115'200, hello.baud) || !read(fields, "stop", 1, 2, hello.stop_bits)) {
        return std::string{"baud or stop is missing or out of range"};
    }
    const auto parity = fields["parity"];
    if (parity != "N" && parity != "E" && parity != "O") {
        return std::string{"parity is N, E or O"};
    }
    hello.parity = parity.front();
    return hello;
}

std::string encode_refusal(const char* code, const std::string& sentence) {
    auto line = fmt::format("NO {} {}", code, sentence).substr(0, kHelloMax - 1);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c >= 0 && c < ' '; }, ' ');
    return line + "\n";
}

std::string refusal_of(std::string_view line) {
    if (line == kHelloAccepted) {
        return {};
    }
    if (line.starts_with("NO ")) {
        return "the gateway refuses: " + std::string{line.substr(3)};
    }
    return "the gateway does not answer as a wutong-gateway";
}

}  // namespace wutong::protocols
