#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/api/connection.hpp"

namespace wutong::client {

enum class Language { system, english, chinese };
enum class ThemeChoice { system, light, dark };
enum class Density { dots, compact, detail };

/// What this seat remembers. Values that can't be read count as not set.
class Preferences {
public:
    virtual ~Preferences() = default;

    /// Keys are snake_case words with dots. Values may hold anything but are cut at 4000 bytes.
    [[nodiscard]] virtual std::optional<std::string> get(const std::string& key) const = 0;
    /// Kept at once. A file that can't be written is told by last_error(), and the value holds until the end.
    virtual void set(const std::string& key, const std::string& value) = 0;
    virtual void remove(const std::string& key) = 0;

    [[nodiscard]] Language language() const;
    void set_language(Language language);
    [[nodiscard]] ThemeChoice theme() const;
    void set_theme(ThemeChoice theme);
    /// 1.0 to 2.0
    [[nodiscard]] double text_scale() const;
    void set_text_scale(double scale);
    [[nodiscard]] Density density() const;
    void set_density(Density density);

    /// The server used last; none at first start.
    [[nodiscard]] std::optional<ServerAddress> server() const;
    /// The pinned fingerprint of an address that was used before.
    [[nodiscard]] std::optional<std::string> fingerprint_of(const std::string& address) const;
    /// Makes it the one used last and pins its certificate.
    void set_server(const ServerAddress& server);
    void forget_certificate(const std::string& address);

    [[nodiscard]] std::string operator_name() const;
    void set_operator_name(const std::string& name);
    /// Which property was open last; 0: none.
    [[nodiscard]] std::int64_t property_id() const;
    void set_property_id(std::int64_t property_id);
    /// How a registered kiosk proves what it is; empty at a counter.
    [[nodiscard]] std::string device_key() const;
    void set_device_key(const std::string& key);
    [[nodiscard]] bool rail_folded() const;
    void set_rail_folded(bool folded);
};

/// One `key = value` a line, written to a temporary file which then takes the place of the old one;
/// nobody but its owner may read it, since it may hold a device key.
class FilePreferences final : public Preferences {
public:
    /// Reads the file if it is there; a damaged one counts as what can be read of it.
    explicit FilePreferences(std::filesystem::path file);

    /// $XDG_CONFIG_HOME/wutong/client.conf, ~/.config/wutong/client.conf; on Windows %APPDATA%\wutong.
    [[nodiscard]] static std::filesystem::path default_file();

    [[nodiscard]] std::optional<std::string> get(const std::string& key) const override;
    void set(const std::string& key, const std::string& value) override;
    void remove(const std::string& key) override;
    /// Why the file could not be written; empty when it was.
    [[nodiscard]] const std::string& last_error() const { return last_error_; }

private:
    void save();

    std::filesystem::path file_;
    std::map<std::string, std::string> values_;
    std::string last_error_;
};

}  // namespace wutong::client
