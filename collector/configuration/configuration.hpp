#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "collector/recording/recording_rules.hpp"

namespace wutong::collector {

/// Everything that collector.toml can say; deploy/config/collector.toml explains each key and carries the
/// same defaults. Durations are limited on both sides, so that no value can stop the daemon from working or
/// keep it spinning.
struct Configuration {
    std::string name;  ///< unique among the collectors of one database; default: the host's name

    struct Database {
        std::string url;                      ///< libpq URI or key=value string, without a password
        std::filesystem::path password_file;  ///< its first line is the password; empty: none
        int workers = 2;                ///< threads (and connections) that serve commands and deliveries
        std::size_t queue_max = 1'000;  ///< requests that may wait for these threads
        std::chrono::milliseconds statement_timeout{10'000};
        std::chrono::seconds connect_timeout{5};
    } database;

    struct Profiles {
        std::filesystem::path directory = "/usr/share/wutong/profiles";
    } profiles;

    struct Meters {
        std::filesystem::path secrets;  ///< see meter_secrets.hpp; empty: none
    } meters;

    struct Polling {
        int threads = 2;
        std::chrono::seconds state_interval{60};
        std::chrono::seconds state_target{180};  ///< older than this is said in log and metric
        std::chrono::seconds reading_interval{1'800};
        std::chrono::seconds lost_after{120};  ///< no answer for this long: lost, with an alarm
        int quarantine_after = 3;              ///< failed polls in a row
        std::chrono::seconds probe_first{5};   ///< first wait of a quarantined meter, doubled each time
        std::chrono::seconds probe_max{60};
        std::chrono::milliseconds probe_timeout{200};
        std::chrono::milliseconds reopen_first{
            1'000};  ///< wait before a channel that can't be opened is tried again
        std::chrono::milliseconds reopen_max{5'000};
        std::chrono::seconds reload{5};           ///< how often changed channels and meters are looked for
        bool libmodbus_for_plain_meters = false;  ///< channels whose meters take no commands
    } polling;

    /// What is done for meters when nobody else wants the bus.
    struct Upkeep {
        std::chrono::seconds events{3'600};  ///< how often; 0: never
        std::chrono::seconds clock{21'600};
        std::chrono::seconds history{3'600};
        std::chrono::seconds firmware{86'400};
        std::chrono::seconds first_within{300};  ///< after a start
        std::chrono::hours history_of{168};      ///< older gaps stay
        bool calibrate = true;                   ///< false: clocks are measured only
        std::chrono::seconds step_max{30};
        std::chrono::seconds day_max{60};
        std::chrono::seconds drift_max{300};  ///< more is an alarm instead of steps
    } upkeep;

    struct Lease {
        std::chrono::seconds duration{15};
        int channels_max = 1'000;  ///< more than these are left to other collectors
        /// Others get their share when they have been there for so long.
        std::chrono::seconds spread_after{10};
        int spread_at_once = 4;  ///< channels handed over in one step; 0: channels stay where they are
    } lease;

    struct Work {
        std::chrono::milliseconds sweep{1'000};
        int claim_max = 200;                  ///< commands, and deliveries, claimed in one sweep
        std::chrono::seconds retry_first{2};  ///< wait before a delivery to a silent meter is tried again
        std::chrono::seconds retry_max{60};
        std::size_t evidence_frames_max = 40;
    } work;

    struct Spool {
        std::filesystem::path directory = "/var/lib/wutong-collector";
        std::int64_t size_max_mb = 256;
    } spool;

    /// Gateways that dial in.
    struct DialIn {
        std::string address;  ///< empty: nobody can
        std::uint16_t port = 0;
        int links_max = 6'000;
        int links_per_address_max = 64;
        std::chrono::seconds register_within{15};
        std::chrono::seconds idle_max{600};
        std::chrono::seconds unclaimed_max{60};
        std::filesystem::path secrets = "/etc/wutong/gateway-secrets";
    } dial_in;

    /// Links to wutong-gateways.
    struct GatewayLink {
        std::filesystem::path authority = "/etc/wutong/gateway-link/authority.crt";
        std::filesystem::path certificate = "/etc/wutong/gateway-link/collector.crt";
        std::filesystem::path key = "/etc/wutong/gateway-link/collector.key";
        std::string key_name = "collector";  ///< triple DES: under which gateways know our secret
        std::filesystem::path secrets = "/etc/wutong/gateway-link/secrets";  ///< a file for each host
    } gateway_link;

    RecordingRules line_recording;

    /// What MQTT brokers want to see.
    struct Mqtt {
        std::filesystem::path authority = "/etc/wutong/mqtt/authority.crt";
        std::filesystem::path certificate, key;                  ///< empty: none is shown
        std::filesystem::path users = "/etc/wutong/mqtt/users";  ///< a file for each broker's host
    } mqtt;

    struct Metrics {
        std::string listen = "127.0.0.1:9464";
    } metrics;

    enum class LogFormat { text, json };
    struct Log {
        std::string level = "info";
        LogFormat format = LogFormat::text;
    } log;
};

/// Every fault of a configuration file, each "file:line: what is wrong and what to do".
class ConfigurationError : public std::runtime_error {
public:
    explicit ConfigurationError(std::vector<std::string> faults);
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

private:
    std::vector<std::string> faults_;
};

/// @param file only for messages
/// @throws ConfigurationError
[[nodiscard]] Configuration parse_configuration(std::string_view toml, const std::string& file);
/// @throws ConfigurationError, also when the file can't be read
[[nodiscard]] Configuration load_configuration(const std::filesystem::path& file);

}  // namespace wutong::collector
