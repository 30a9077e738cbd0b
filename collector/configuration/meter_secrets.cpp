#include "collector/configuration/meter_secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
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

/// @return false when the key is not there, or is none; that has been noted
template <std::size_t N>
bool read_hex(TomlReader& reader, const char* key, std::array<std::uint8_t, N>& into) {
    std::string text;
    if (!reader.has(key)) {
        return false;
    }
    reader.text(key, text);
    const bool hex = std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isxdigit(c); });
    if (text.size() != 2 * N || !hex) {
        reader.fault(key, fmt::format("must be {} hexadecimal digits in quotes", 2 * N));
        return false;
    }
    const auto bytes = protocols::from_hex(text);
    std::copy(bytes.begin(), bytes.end(), into.begin());
    return true;
}

DlmsSecret read_dlms_secret(TomlReader& reader) {
    constexpr std::size_t kPasswordMax = 64;
    DlmsSecret secret;
    std::string password;
    if (reader.has("password")) {
        reader.text("password", password, kPasswordMax);
        secret.password.assign(password.begin(), password.end());
    }
    protocols::dlms::SecurityKeys keys;
    const bool encryption = read_hex(reader, "encryption_key", keys.encryption);
    const bool authentication = read_hex(reader, "authentication_key", keys.authentication);
    if (encryption && authentication) {
        secret.keys = keys;
    } else if (encryption != authentication) {
        reader.fault(encryption ? "authentication_key" : "encryption_key",
                     "is missing: the two keys belong together");
    }
    read_hex(reader, "title", secret.title);
    return secret;
}

void read_dlms(TomlReader& meters, const toml::table& named, MeterSecrets& secrets) {
    for (const auto& [key, node] : named) {
        const std::string serial{key.str()};
        meters.section(serial, [&](TomlReader& reader) {
            const auto secret = read_dlms_secret(reader);
            if (serial == "default") {
                secrets.any_dlms = secret;
            } else {
                secrets.dlms_by_serial[serial] = secret;
            }
        });
    }
}

}  // namespace

void MeterSecrets::give_to(FieldMeter& meter) const {
    if (meter.profile->protocol == core::MeterProtocol::dlms) {
        meter.dlms = of_dlms(meter.serial_number);
    } else {
        meter.secret = of(meter.station_address);
    }
}

std::optional<DlmsSecret> MeterSecrets::of_dlms(const std::string& serial_number) const {
    const auto found = dlms_by_serial.find(serial_number);
    return found == dlms_by_serial.end() ? any_dlms : std::optional{found->second};
}

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
        if (root.has("dlms")) {
            root.section("dlms",
                         [&](TomlReader& meters) { read_dlms(meters, *table["dlms"].as_table(), secrets); });
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
