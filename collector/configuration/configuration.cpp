#include "collector/configuration/configuration.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "collector/configuration/toml_reader.hpp"
#include "collector/platform/paths.hpp"
#include "collector/transports/tcp_stream.hpp"
#include "core/link_names.hpp"

namespace wutong::collector {

namespace {

constexpr std::size_t kFileBytesMax = 1'000'000;

bool valid_name(const std::string& name) {
    return !name.empty() && name.size() <= 64 &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) { return c > ' ' && c < 127; });
}

/// "postgresql://name:secret@host" or "…password=secret…": files of configuration are read by more eyes than
/// one's own.
bool carries_password(const std::string& url) {
    if (url.find("password") != std::string::npos) {
        return true;
    }
    const auto begin = url.find("://");
    const auto at = url.find('@');
    if (begin == std::string::npos || at == std::string::npos) {
        return false;
    }
    const auto colon = url.find(':', begin + 3);
    return colon != std::string::npos && colon < at;
}

/// Only loopback: the metrics have neither a password nor encryption.
bool valid_listen(const std::string& listen) {
    const auto colon = listen.rfind(':');
    if (colon == std::string::npos) {
        return false;
    }
    const std::string host = listen.substr(0, colon);
    const std::string port = listen.substr(colon + 1);
    if (host != "127.0.0.1" && host != "localhost" && host != "[::1]") {
        return false;
    }
    return !port.empty() && port.size() <= 5 &&
           std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           std::stoi(port) > 0 && std::stoi(port) <= 65'535;
}

void read_polling(TomlReader& reader, Configuration::Polling& into) {
    reader.number("threads", into.threads, 1, 64);
    reader.duration("state_interval_s", into.state_interval, 1, 86'400);
    reader.duration("state_target_s", into.state_target, 1, 86'400);
    reader.duration("reading_interval_s", into.reading_interval, 1, 86'400);
    reader.duration("lost_after_s", into.lost_after, 1, 86'400);
    reader.number("quarantine_after", into.quarantine_after, 1, 1'000);
    reader.duration("probe_first_s", into.probe_first, 1, 3'600);
    reader.duration("probe_max_s", into.probe_max, 1, 86'400);
    reader.duration("probe_timeout_ms", into.probe_timeout, 20, 60'000);
    reader.duration("reopen_first_ms", into.reopen_first, 50, 600'000);
    reader.duration("reopen_max_ms", into.reopen_max, 50, 3'600'000);
    reader.duration("reload_s", into.reload, 1, 3'600);
    std::string driver = "own";
    reader.choice("plain_meters_driver", {"own", "libmodbus"}, driver);
    into.libmodbus_for_plain_meters = driver == "libmodbus";
    if (into.probe_first > into.probe_max) {
        reader.fault("probe_max_s", "must not be less than probe_first_s");
    }
    if (into.reopen_first > into.reopen_max) {
        reader.fault("reopen_max_ms", "must not be less than reopen_first_ms");
    }
}

void read_upkeep(TomlReader& reader, Configuration::Upkeep& into) {
    reader.duration("events_s", into.events, 0, 604'800);
    reader.duration("clock_s", into.clock, 0, 604'800);
    reader.duration("history_s", into.history, 0, 604'800);
    reader.duration("firmware_s", into.firmware, 0, 604'800);
    reader.duration("first_within_s", into.first_within, 0, 86'400);
    reader.duration("history_of_h", into.history_of, 1, 744);
    std::string calibrate = into.calibrate ? "yes" : "no";
    reader.choice("calibrate", {"yes", "no"}, calibrate);
    into.calibrate = calibrate == "yes";
    reader.duration("step_max_s", into.step_max, 1, 60);
    reader.duration("day_max_s", into.day_max, 1, 600);
    reader.duration("drift_max_s", into.drift_max, 5, 3'600);
    if (into.step_max > into.day_max) {
        reader.fault("day_max_s", "must not be less than step_max_s");
    }
}

void read_dial_in(TomlReader& reader, Configuration::DialIn& into) {
    std::string listen;
    reader.text("listen", listen);
    if (!listen.empty()) {
        const auto endpoint = parse_tcp_endpoint(listen);
        if (endpoint) {
            into.address = endpoint->host;
            into.port = endpoint->port;
        } else {
            reader.fault("listen", "must be an address with a port, for example \"0.0.0.0:7600\"");
        }
    }
    reader.number("links_max", into.links_max, 1, 50'000);
    reader.number("links_per_address_max", into.links_per_address_max, 1, 50'000);
    reader.duration("register_within_s", into.register_within, 1, 600);
    reader.duration("idle_max_s", into.idle_max, 10, 86'400);
    reader.duration("unclaimed_max_s", into.unclaimed_max, 1, 86'400);
    std::string secrets = into.secrets.string();
    reader.text("secrets", secrets);
    into.secrets = secrets;
}

void read_recording(TomlReader& reader, RecordingRules& into) {
    std::string directory, channels;
    reader.text("directory", directory);
    reader.text("channels", channels, 10'000);
    reader.number("files_max", into.files_max, 2, 1'000);
    std::int64_t megabytes = into.file_bytes_max / 1'000'000;
    reader.number("file_max_mb", megabytes, 1, 10'000);
    into.file_bytes_max = megabytes * 1'000'000;
    into.directory = directory;
    std::istringstream codes{channels};
    for (std::string code; codes >> code;) {
        into.channels.insert(code);
    }
    if (!into.channels.empty() && directory.empty()) {
        reader.fault("channels",
                     "there is no directory to record into; write directory = \"/var/…\" beside it");
    }
}

void read_all(TomlReader& root, Configuration& into) {
    root.text("name", into.name);
    if (!valid_name(into.name)) {
        root.fault("name", "must be 1 to 64 printable ASCII characters without spaces");
    }
    root.section("database", [&](TomlReader& reader) {
        reader.text("url", into.database.url);
        std::string file;
        reader.text("password_file", file);
        into.database.password_file = file;
        reader.number("workers", into.database.workers, 1, 32);
        reader.number("queue_max", into.database.queue_max, 10, 1'000'000);
        reader.duration("statement_timeout_ms", into.database.statement_timeout, 100, 600'000);
        reader.duration("connect_timeout_s", into.database.connect_timeout, 1, 120);
        if (carries_password(into.database.url)) {
            reader.fault(
                "url",
                "must not carry a password; write it into a file of mode 0600 and name it in password_file");
        }
    });
    if (into.database.url.empty()) {
        root.fault("database",
                   "url is missing; write url = \"postgresql://wutong_collector@HOST:5432/wutong\" under "
                   "[database]");
    }
    root.section("profiles", [&](TomlReader& reader) {
        std::string directory = into.profiles.directory.string();
        reader.text("directory", directory);
        into.profiles.directory = directory;
    });
    root.section("meters", [&](TomlReader& reader) {
        std::string file;
        reader.text("secrets", file);
        into.meters.secrets = file;
    });
    root.section("polling", [&](TomlReader& reader) { read_polling(reader, into.polling); });
    root.section("upkeep", [&](TomlReader& reader) { read_upkeep(reader, into.upkeep); });
    root.section("lease", [&](TomlReader& reader) {
        reader.duration("duration_s", into.lease.duration, 3, 600);
        reader.number("channels_max", into.lease.channels_max, 1, 100'000);
        reader.duration("spread_after_s", into.lease.spread_after, 0, 3'600);
        reader.number("spread_at_once", into.lease.spread_at_once, 0, 1'000);
    });
    root.section("work", [&](TomlReader& reader) {
        reader.duration("sweep_ms", into.work.sweep, 20, 60'000);
        reader.number("claim_max", into.work.claim_max, 1, 10'000);
        reader.duration("retry_first_s", into.work.retry_first, 1, 3'600);
        reader.duration("retry_max_s", into.work.retry_max, 1, 86'400);
        reader.number("evidence_frames_max", into.work.evidence_frames_max, 4, 1'000);
        if (into.work.retry_first > into.work.retry_max) {
            reader.fault("retry_max_s", "must not be less than retry_first_s");
        }
    });
    root.section("spool", [&](TomlReader& reader) {
        std::string directory = into.spool.directory.string();
        reader.text("directory", directory);
        into.spool.directory = directory;
        reader.number("size_max_mb", into.spool.size_max_mb, 1, 1'000'000);
    });
    root.section("line_recording", [&](TomlReader& reader) { read_recording(reader, into.line_recording); });
    root.section("dial_in", [&](TomlReader& reader) { read_dial_in(reader, into.dial_in); });
    root.section("gateway_link", [&](TomlReader& reader) {
        const auto path = [&reader](const char* key, std::filesystem::path& file) {
            std::string text = file.string();
            reader.text(key, text);
            file = text;
        };
        path("authority", into.gateway_link.authority);
        path("certificate", into.gateway_link.certificate);
        path("key", into.gateway_link.key);
        path("secrets", into.gateway_link.secrets);
        reader.text("key_name", into.gateway_link.key_name, 32);
        if (!core::is_serial_port_name(into.gateway_link.key_name)) {
            reader.fault("key_name", "must be 1 to 32 letters, digits, - and _");
        }
    });
    root.section("mqtt", [&](TomlReader& reader) {
        for (const auto& [key, file] :
             {std::pair{"authority", &into.mqtt.authority}, std::pair{"certificate", &into.mqtt.certificate},
              std::pair{"key", &into.mqtt.key}, std::pair{"users", &into.mqtt.users}}) {
            std::string text = file->string();
            reader.text(key, text);
            *file = text;
        }
        if (into.mqtt.certificate.empty() != into.mqtt.key.empty()) {
            reader.fault("certificate", "and key belong together: give both or none");
        }
    });
    root.section("metrics", [&](TomlReader& reader) {
        reader.text("listen", into.metrics.listen);
        if (!valid_listen(into.metrics.listen)) {
            reader.fault("listen", "must be a loopback address with a port, for example \"127.0.0.1:9464\"");
        }
    });
    root.section("log", [&](TomlReader& reader) {
        reader.choice("level", {"trace", "debug", "info", "warn", "error"}, into.log.level);
        std::string format = "text";
        reader.choice("format", {"text", "json"}, format);
        into.log.format = format == "json" ? Configuration::LogFormat::json : Configuration::LogFormat::text;
    });
    root.refuse_unknown();
}

}  // namespace

ConfigurationError::ConfigurationError(std::vector<std::string> faults)
    : std::runtime_error{fmt::format("{}", fmt::join(faults, "\n"))}, faults_{std::move(faults)} {}

Configuration parse_configuration(std::string_view toml, const std::string& file) {
    Configuration configuration;
    configuration.name = host_name();
    std::vector<std::string> faults;
    try {
        const toml::table table = toml::parse(toml, file);
        TomlReader root{table, file, "", faults};
        read_all(root, configuration);
    } catch (const toml::parse_error& error) {
        faults.push_back(
            fmt::format("{}:{}: not valid TOML: {}", file, error.source().begin.line, error.description()));
    }
    if (!faults.empty()) {
        throw ConfigurationError{std::move(faults)};
    }
    return configuration;
}

Configuration load_configuration(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::ostringstream content;
    if (!in || !(content << in.rdbuf())) {
        throw ConfigurationError{{fmt::format(
            "{}: can't be read; name an existing, non-empty file with --config", file.string())}};
    }
    if (content.view().size() > kFileBytesMax) {
        throw ConfigurationError{{fmt::format("{}: larger than {} bytes; this is not a configuration",
                                              file.string(), kFileBytesMax)}};
    }
    return parse_configuration(content.view(), file.string());
}

}  // namespace wutong::collector
