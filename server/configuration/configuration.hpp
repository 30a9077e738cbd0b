#pragma once

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wutong::server {

/// Everything that server.toml can say; deploy/config/server.toml explains each key and carries the same
/// defaults. Every number is limited on both sides.
struct Configuration {
    struct Database {
        std::string url;                      ///< libpq URI or keyword string, without a password
        std::filesystem::path password_file;  ///< empty: none
        int pool_size = 20;
    } database;

    struct Listen {
        std::string address = "0.0.0.0:7443";
    } listen;

    /// Made at the first start when neither file is there.
    struct Tls {
        std::filesystem::path certificate = "/var/lib/wutong-server/tls/server.crt";
        std::filesystem::path key = "/var/lib/wutong-server/tls/server.key";
    } tls;

    struct Sessions {
        std::chrono::minutes idle{480};   ///< without a call for so long: signed out
        std::chrono::hours lifetime{24};  ///< signed out at the latest
        int lock_out_tries = 5;           ///< wrong passwords in a row
        std::chrono::minutes lock_out{15};
    } sessions;

    struct Limits {
        int threads = 32;    ///< calls that are worked on at the same time
        int message_mb = 8;  ///< largest request
    } limits;

    struct Metrics {
        std::string listen = "127.0.0.1:9465";  ///< empty: none
    } metrics;

    struct Log {
        std::string level = "info";
        std::string format = "text";
    } log;

    /// SMS to tenants, through gammu-smsd.
    struct Sms {
        std::filesystem::path spool;  ///< with outbox, sent and error in it; empty: no SMS from here
        int per_minute = 20;
    } sms;

    /// Mail to tenants and operators.
    struct Mail {
        std::string server;                 ///< "mail.example.org:587"; empty: no mail from here
        std::string security = "starttls";  ///< starttls | tls | none (loopback only)
        std::string from;
        std::string user;
        std::filesystem::path password_file;
        std::filesystem::path ca_file;  ///< empty: what the system trusts
        std::chrono::seconds timeout{30};
        int per_minute = 60;
    } mail;

    struct Messages {
        std::chrono::minutes give_up{1'440};    ///< what could not be sent by then is no news
        std::chrono::seconds alarm_after{900};  ///< a message that is overdue for so long is an alarm
    } messages;

    struct Profiles {
        std::filesystem::path directory = "/usr/share/wutong/profiles";
    } profiles;
};

/// Every fault of a configuration file, each "file:line: key: what is wrong and what to do".
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

/// The first line of a file, for passwords. @throws ConfigurationError when it can't be read or is empty
[[nodiscard]] std::string read_secret(const std::filesystem::path& file);

}  // namespace wutong::server
