#include "collector/configuration/meter_secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "collector/configuration/configuration.hpp"
#include "collector/configuration/toml_reader.hpp"

namespace wutong::collector {

namespace {

constexpr std::size_t kFileBytesMax = 4 * 1024 * 1024;

bool is_number(const std::string& text, std::size_t digits) {
    return text.size() == digits &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void read_digits(TomlReader& reader, const char* key, std::size_t digits, bool needed, std::uint32_t& into) {
    std::string text;
    if (reader.has(key)) {
        reader.text(key, text);
    }
    if (text.empty() && !needed) {
        return;
    }
    if (!is_number(text, digits)) {
        reader.fault(key, fmt::format("must be {} digits in quotes", digits));
        return;
    }
    into = static_cast<std::uint32_t>(std::stoul(text));
}

MeterSecret read_secret(TomlReader& reader) {
    MeterSecret secret;
    reader.number("level", secret.level, 0, 99);
    read_digits(reader, "password", 6, true, secret.password);
    read_digits(reader, "operator", 8, false, secret.operator_code);
    return secret;
}

}  // namespace

std::optional<MeterSecret> MeterSecrets::of(const std::string& station_address) const {
    if (station_address.empty()) {
        return std::nullopt;
    }
    const auto found = by_station.find(station_address);
    return found == by_station.end() ? any : std::optional{found->second};
}

MeterSecrets parse_meter_secrets(std::string_view toml, const std::string& file) {
    MeterSecrets secrets;
    std::vector<std::string> faults;
    try {
        const toml::table table = toml::parse(toml, file);
        TomlReader root{table, file, "", faults};
        if (root.has("default")) {
            root.section("default", [&](TomlReader& reader) { secrets.any = read_secret(reader); });
        }
        if (root.has("meter")) {
            root.section("meter", [&](TomlReader& meters) {
                const auto* named = table["meter"].as_table();
                for (const auto& [key, node] : *named) {
                    const std::string station{key.str()};
                    meters.section(station, [&](TomlReader& reader) {
                        secrets.by_station[station] = read_secret(reader);
                    });
                }
            });
        }
        root.refuse_unknown();
    } catch (const toml::parse_error& error) {
        // The parser's words may quote what stands there.
        faults.push_back(fmt::format("{}:{}: not valid TOML", file, error.source().begin.line));
    }
    if (!faults.empty()) {
        throw ConfigurationError{std::move(faults)};
    }
    return secrets;
}

MeterSecrets load_meter_secrets(const std::filesystem::path& file) {
    if (file.empty()) {
        return {};
    }
    using std::filesystem::perms;
    std::error_code problem;
    const auto status = std::filesystem::status(file, problem);
    if (problem || !std::filesystem::is_regular_file(status)) {
        throw ConfigurationError{{fmt::format("{}: meters.secrets names no readable file", file.string())}};
    }
#ifndef _WIN32
    if ((status.permissions() & (perms::group_all | perms::others_all)) != perms::none) {
        throw ConfigurationError{
            {fmt::format("{}: others may read it; the meters' passwords need mode 0600", file.string())}};
    }
#endif
    std::ifstream in{file, std::ios::binary};
    std::ostringstream content;
    if (!in || !(content << in.rdbuf()) || content.view().size() > kFileBytesMax) {
        throw ConfigurationError{{fmt::format("{}: can't be read, is empty or too large", file.string())}};
    }
    return parse_meter_secrets(content.view(), file.string());
}

}  // namespace wutong::collector
