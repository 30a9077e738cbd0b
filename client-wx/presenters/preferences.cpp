#include "client-wx/presenters/preferences.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

namespace wutong::client {
namespace {

constexpr std::size_t kValueMax = 4000;
constexpr std::size_t kFileMax = 256 * 1024;
constexpr std::size_t kKeysMax = 500;

template <class Value, std::size_t N>
Value value_of(const std::array<std::pair<Value, const char*>, N>& names,
               const std::optional<std::string>& text, Value otherwise) {
    for (const auto& [value, name] : names) {
        if (text == name) {
            return value;
        }
    }
    return otherwise;
}

template <class Value, std::size_t N>
std::string name_of(const std::array<std::pair<Value, const char*>, N>& names, Value wanted) {
    for (const auto& [value, name] : names) {
        if (value == wanted) {
            return name;
        }
    }
    return {};
}

constexpr auto kLanguages = std::to_array<std::pair<Language, const char*>>(
    {{Language::system, "system"}, {Language::english, "en"}, {Language::chinese, "zh"}});
constexpr auto kThemes = std::to_array<std::pair<ThemeChoice, const char*>>(
    {{ThemeChoice::system, "system"}, {ThemeChoice::light, "light"}, {ThemeChoice::dark, "dark"}});
constexpr auto kDensities = std::to_array<std::pair<Density, const char*>>(
    {{Density::dots, "dots"}, {Density::compact, "compact"}, {Density::detail, "detail"}});

std::optional<std::int64_t> number_of(const std::optional<std::string>& text) {
    if (!text || text->empty() || text->size() > 15 ||
        text->find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    return std::atoll(text->c_str());
}

std::string pin_key(const std::string& address) {
    return "pinned." + address;
}

bool is_fingerprint(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// One line each, whatever is in them.
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            ++i;
            out += text[i] == 'n' ? '\n' : text[i] == 'r' ? '\r' : text[i];
        } else {
            out += text[i];
        }
    }
    return out;
}

bool plausible_key(std::string_view key) {
    return !key.empty() && key.size() <= 300 && std::none_of(key.begin(), key.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '=' || c == '#';
    });
}

}  // namespace

Language Preferences::language() const {
    return value_of(kLanguages, get("language"), Language::system);
}
void Preferences::set_language(Language language) {
    set("language", name_of(kLanguages, language));
}
ThemeChoice Preferences::theme() const {
    return value_of(kThemes, get("theme"), ThemeChoice::system);
}
void Preferences::set_theme(ThemeChoice theme) {
    set("theme", name_of(kThemes, theme));
}
double Preferences::text_scale() const {
    const auto percent = number_of(get("text_percent"));
    return static_cast<double>(std::clamp<std::int64_t>(percent.value_or(100), 100, 200)) / 100.0;
}
void Preferences::set_text_scale(double scale) {
    set("text_percent", std::to_string(static_cast<int>(std::clamp(scale, 1.0, 2.0) * 100.0 + 0.5)));
}
Density Preferences::density() const {
    return value_of(kDensities, get("density"), Density::compact);
}
void Preferences::set_density(Density density) {
    set("density", name_of(kDensities, density));
}

std::optional<ServerAddress> Preferences::server() const {
    const auto address = get("server");
    if (!address || address->empty()) {
        return std::nullopt;
    }
    const auto fingerprint = fingerprint_of(*address);
    return fingerprint ? std::optional{ServerAddress{*address, *fingerprint}} : std::nullopt;
}
std::optional<std::string> Preferences::fingerprint_of(const std::string& address) const {
    auto fingerprint = get(pin_key(address));
    return fingerprint && is_fingerprint(*fingerprint) ? fingerprint : std::nullopt;
}
void Preferences::set_server(const ServerAddress& server) {
    set(pin_key(server.address), server.fingerprint);
    set("server", server.address);
}
void Preferences::forget_certificate(const std::string& address) {
    remove(pin_key(address));
}

std::string Preferences::operator_name() const {
    return get("operator").value_or("");
}
void Preferences::set_operator_name(const std::string& name) {
    set("operator", name);
}
std::int64_t Preferences::property_id() const {
    return number_of(get("property_id")).value_or(0);
}
void Preferences::set_property_id(std::int64_t property_id) {
    set("property_id", std::to_string(property_id));
}
std::string Preferences::device_key() const {
    return get("device_key").value_or("");
}
void Preferences::set_device_key(const std::string& key) {
    set("device_key", key);
}
bool Preferences::rail_folded() const {
    return get("rail_folded") == "yes";
}
void Preferences::set_rail_folded(bool folded) {
    set("rail_folded", folded ? "yes" : "no");
}

FilePreferences::FilePreferences(std::filesystem::path file) : file_{std::move(file)} {
    std::ifstream in{file_, std::ios::binary};
    std::string line;
    std::size_t bytes = 0;
    while (values_.size() < kKeysMax && std::getline(in, line) && (bytes += line.size()) < kFileMax) {
        const auto mark = line.find(" = ");
        if (line.starts_with('#') || mark == std::string::npos || !plausible_key(line.substr(0, mark))) {
            continue;
        }
        values_[line.substr(0, mark)] =
            unescaped(std::string_view{line}.substr(mark + 3)).substr(0, kValueMax);
    }
}

std::filesystem::path FilePreferences::default_file() {
    const auto from = [](const char* name) -> std::filesystem::path {
        const char* value = std::getenv(name);
        return value == nullptr ? "" : value;
    };
#ifdef _WIN32
    std::filesystem::path base = from("APPDATA");
#else
    std::filesystem::path base = from("XDG_CONFIG_HOME");
    if (base.empty() && !from("HOME").empty()) {
        base = from("HOME") / ".config";
    }
#endif
    if (base.empty()) {
        base = std::filesystem::current_path();
    }
    return base / "wutong" / "client.conf";
}

std::optional<std::string> FilePreferences::get(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : std::optional{found->second};
}

void FilePreferences::set(const std::string& key, const std::string& value) {
    const auto kept = value.substr(0, kValueMax);
    const auto found = values_.find(key);
    if (!plausible_key(key) || (found == values_.end() && values_.size() >= kKeysMax) ||
        (found != values_.end() && found->second == kept)) {
        return;
    }
    values_[key] = kept;
    save();
}

void FilePreferences::remove(const std::string& key) {
    if (values_.erase(key) > 0) {
        save();
    }
}

void FilePreferences::save() {
    namespace fs = std::filesystem;
    last_error_.clear();
    std::error_code error;
    if (!file_.parent_path().empty()) {
        fs::create_directories(file_.parent_path(), error);
    }
    fs::path draft = file_;
    draft += ".new";
    {
        fs::remove(draft, error);
        std::ofstream out{draft, std::ios::binary | std::ios::trunc};
        // Before there is anything in it to read.
        fs::permissions(draft, fs::perms::owner_read | fs::perms::owner_write, error);
        out << "# Wutong client: what this seat remembers\n";
        for (const auto& [key, value] : values_) {
            out << key << " = " << escaped(value) << '\n';
        }
        out.flush();
        if (!out) {
            last_error_ = draft.string() + " can't be written";
            return;
        }
    }
    fs::rename(draft, file_, error);
    if (error) {
        last_error_ = file_.string() + ": " + error.message();
    }
}

}  // namespace wutong::client
