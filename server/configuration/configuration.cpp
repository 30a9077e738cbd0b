#include "server/configuration/configuration.hpp"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <numeric>
#include <system_error>

#include "core/message.hpp"
#include "server/configuration/toml_reader.hpp"

namespace wutong::server {

namespace {

constexpr std::uintmax_t kBytesMax = 1'000'000;

void path(TomlReader& reader, const std::string& key, std::filesystem::path& into) {
    std::string text = into.string();
    reader.text(key, text, 4'000);
    into = text;
}

/// "host:port", "[::1]:port".
void address(TomlReader& reader, const std::string& key, std::string& into, bool may_be_empty) {
    std::string text = into;
    reader.text(key, text, 300);
    if (text.empty() && may_be_empty) {
        into = text;
        return;
    }
    const auto colon = text.rfind(':');
    int port = 0;
    const auto read = colon == std::string::npos
                          ? std::from_chars_result{nullptr, std::errc::invalid_argument}
                          : std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || colon == 0 || port < 1 ||
        port > 65'535) {
        reader.fault(key, fmt::format("\"{}\" is not an address; write it as \"0.0.0.0:7443\"", text));
    } else {
        into = text;
    }
}

bool is_loopback(const std::string& server) {
    return server.rfind("127.", 0) == 0 || server.rfind("localhost:", 0) == 0 ||
           server.rfind("[::1]:", 0) == 0;
}

void read_messages(TomlReader& root, Configuration& config) {
    root.section("sms", [&](TomlReader& reader) {
        path(reader, "spool", config.sms.spool);
        reader.number("per_minute", config.sms.per_minute, 1, 1'000);
    });
    root.section("mail", [&](TomlReader& reader) {
        auto& mail = config.mail;
        address(reader, "server", mail.server, true);
        reader.choice("security", {"starttls", "tls", "none"}, mail.security);
        reader.text("from", mail.from, 254);
        reader.text("user", mail.user, 254);
        path(reader, "password_file", mail.password_file);
        path(reader, "ca_file", mail.ca_file);
        reader.duration("timeout_s", mail.timeout, 2, 300);
        reader.number("per_minute", mail.per_minute, 1, 1'000);
        if (mail.server.empty()) {
            return;
        }
        if (!core::is_mail_address(mail.from)) {
            reader.fault("from", fmt::format("\"{}\" is no mail address; write it as \"wutong@example.org\"",
                                             mail.from));
        }
        if (mail.security == "none" && !is_loopback(mail.server)) {
            reader.fault("security", "\"none\" is for a mail server on this machine only");
        }
        if (mail.user.empty() != mail.password_file.empty()) {
            reader.fault("user", "user and password_file must both be named, or neither");
        }
    });
    root.section("messages", [&](TomlReader& reader) {
        reader.duration("give_up_minutes", config.messages.give_up, 1, 43'200);
        reader.duration("alarm_after_s", config.messages.alarm_after, 1, 86'400);
    });
}

void read_all(TomlReader& root, Configuration& config) {
    root.section("database", [&](TomlReader& reader) {
        reader.require("url");
        reader.text("url", config.database.url, 2'000, 1);
        if (const auto at = config.database.url.find('@');
            config.database.url.find("://") != std::string::npos && at != std::string::npos &&
            config.database.url.find(':', config.database.url.find("://") + 3) < at) {
            reader.fault("url",
                         "has a password in it; put the password into a file and name it in password_file");
        }
        path(reader, "password_file", config.database.password_file);
        reader.number("pool_size", config.database.pool_size, 2, 500);
    });
    if (!root.has("database")) {
        root.fault("database", "is missing: write [database] and below it url = \"postgresql://…\"");
    }
    root.section("listen",
                 [&](TomlReader& reader) { address(reader, "address", config.listen.address, false); });
    root.section("tls", [&](TomlReader& reader) {
        path(reader, "certificate", config.tls.certificate);
        path(reader, "key", config.tls.key);
        if (config.tls.certificate.empty() || config.tls.key.empty()) {
            reader.fault("certificate", "certificate and key must both be named");
        }
    });
    root.section("sessions", [&](TomlReader& reader) {
        reader.duration("idle_minutes", config.sessions.idle, 1, 43'200);
        reader.duration("lifetime_hours", config.sessions.lifetime, 1, 8'760);
        reader.number("lock_out_tries", config.sessions.lock_out_tries, 1, 100);
        reader.duration("lock_out_minutes", config.sessions.lock_out, 1, 1'440);
    });
    root.section("limits", [&](TomlReader& reader) {
        reader.number("threads", config.limits.threads, 4, 1'000);
        reader.number("message_mb", config.limits.message_mb, 5, 64);
    });
    root.section("metrics",
                 [&](TomlReader& reader) { address(reader, "listen", config.metrics.listen, true); });
    root.section("log", [&](TomlReader& reader) {
        reader.choice("level", {"debug", "info", "warning", "error"}, config.log.level);
        reader.choice("format", {"text", "json"}, config.log.format);
    });
    root.section("profiles",
                 [&](TomlReader& reader) { path(reader, "directory", config.profiles.directory); });
    read_messages(root, config);
    root.refuse_unknown();
}

}  // namespace

ConfigurationError::ConfigurationError(std::vector<std::string> faults)
    : std::runtime_error{std::accumulate(
          faults.begin(), faults.end(), std::string{},
          [](std::string text, const auto& fault) { return text + (text.empty() ? "" : "\n") + fault; })},
      faults_{std::move(faults)} {}

Configuration parse_configuration(std::string_view toml, const std::string& file) {
    std::vector<TomlFault> faults;
    Configuration config;
    if (const auto table = parse_toml(toml, faults)) {
        TomlReader root{*table, "", faults};
        read_all(root, config);
    }
    if (!faults.empty()) {
        std::vector<std::string> lines;
        for (const auto& fault : faults) {
            lines.push_back(fmt::format("{}:{}: {}{}{}", file, fault.line, fault.key,
                                        fault.key.empty() ? "" : ": ", fault.text));
        }
        throw ConfigurationError(std::move(lines));
    }
    return config;
}

Configuration load_configuration(const std::filesystem::path& file) {
    std::error_code error;
    const auto size = std::filesystem::file_size(file, error);
    std::ifstream in{file, std::ios::binary};
    if (error || !in) {
        throw ConfigurationError({fmt::format("{}: can't be read: {}", file.string(),
                                              error ? error.message() : "permission denied")});
    }
    if (size > kBytesMax) {
        throw ConfigurationError(
            {fmt::format("{}: is {} bytes long, that is no configuration", file.string(), size)});
    }
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    return parse_configuration(text, file.string());
}

std::string read_secret(const std::filesystem::path& file) {
    std::ifstream in{file};
    std::string line;
    if (!in || !std::getline(in, line)) {
        throw ConfigurationError(
            {fmt::format("{}: can't be read, or is empty; it must hold a password in its first line and be "
                         "readable for this "
                         "user",
                         file.string())});
    }
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) {
        line.pop_back();
    }
    if (line.empty()) {
        throw ConfigurationError({fmt::format("{}: its first line is empty", file.string())});
    }
    return line;
}

}  // namespace wutong::server
