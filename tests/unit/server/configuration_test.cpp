#include "server/configuration/configuration.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

using namespace wutong::server;

namespace {

std::vector<std::string> faults_of(const std::string& toml) {
    try {
        static_cast<void>(parse_configuration(toml, "server.toml"));
    } catch (const ConfigurationError& error) {
        return error.faults();
    }
    return {};
}

bool has(const std::vector<std::string>& faults, const std::string& begin, const std::string& part) {
    return std::any_of(faults.begin(), faults.end(), [&](const auto& fault) {
        return fault.starts_with(begin) && fault.find(part) != std::string::npos;
    });
}

const std::string kLeast = "[database]\nurl = \"postgresql://wutong_server@127.0.0.1/wutong\"\n";

}  // namespace

TEST_CASE("configuration: the least that works has the documented defaults", "[configuration]") {
    const auto config = parse_configuration(kLeast, "server.toml");
    CHECK(config.listen.address == "0.0.0.0:7443");
    CHECK(config.metrics.listen == "127.0.0.1:9465");
    CHECK(config.sessions.lock_out_tries == 5);
    CHECK(config.database.pool_size == 20);
}

TEST_CASE("configuration: the shipped file is good and says the defaults", "[configuration]") {
    const auto shipped = load_configuration(WUTONG_SOURCE_DIR "/deploy/config/server.toml");
    const auto least = parse_configuration(kLeast, "server.toml");
    CHECK(shipped.listen.address == least.listen.address);
    CHECK(shipped.tls.certificate == least.tls.certificate);
    CHECK(shipped.tls.key == least.tls.key);
    CHECK(shipped.sessions.idle == least.sessions.idle);
    CHECK(shipped.sessions.lifetime == least.sessions.lifetime);
    CHECK(shipped.sessions.lock_out == least.sessions.lock_out);
    CHECK(shipped.limits.threads == least.limits.threads);
    CHECK(shipped.limits.message_mb == least.limits.message_mb);
    CHECK(shipped.metrics.listen == least.metrics.listen);
    CHECK(shipped.log.level == least.log.level);
    CHECK(shipped.profiles.directory == least.profiles.directory);
    CHECK(shipped.sms.spool == least.sms.spool);
    CHECK(shipped.sms.per_minute == least.sms.per_minute);
    CHECK(shipped.mail.server == least.mail.server);
    CHECK(shipped.mail.security == least.mail.security);
    CHECK(shipped.mail.timeout == least.mail.timeout);
    CHECK(shipped.mail.per_minute == least.mail.per_minute);
    CHECK(shipped.messages.give_up == least.messages.give_up);
    CHECK(shipped.messages.alarm_after == least.messages.alarm_after);
}

TEST_CASE("configuration: mail goes protected, from a known address, with both halves of a sign-in",
          "[configuration]") {
    const auto faults = faults_of(kLeast +
                                  "[mail]\nserver = \"mail.example.org:25\"\nsecurity = \"none\"\n"
                                  "from = \"nobody\"\nuser = \"wutong\"\n");
    CHECK(has(faults, "server.toml:5:", "on this machine only"));
    CHECK(has(faults, "server.toml:6:", "is no mail address"));
    CHECK(has(faults, "server.toml:7:", "both be named"));
    CHECK(faults_of(kLeast +
                    "[mail]\nserver = \"127.0.0.1:25\"\nsecurity = \"none\"\nfrom = \"w@example.org\"\n")
              .empty());
}

TEST_CASE("configuration: every fault is named with its line, all at once", "[configuration]") {
    const auto faults = faults_of(kLeast +
                                  "pool_size = 1\n"                         // 3
                                  "[listen]\naddress = \"7443\"\n"          // 5
                                  "[limits]\nthread = 8\nthreads = 9999\n"  // 7, 8
                                  "[log]\nlevel = \"loud\"\n"               // 10
                                  "[sessions]\nidle_minutes = \"ten\"\n"    // 12
                                  "[colour]\n");                            // 13
    CHECK(faults.size() == 7);
    CHECK(has(faults, "server.toml:3: database.pool_size", "from 2 to 500"));
    CHECK(has(faults, "server.toml:5: listen.address", "is not an address"));
    CHECK(has(faults, "server.toml:7: limits.thread:", "unknown key"));
    CHECK(has(faults, "server.toml:8: limits.threads", "from 4 to 1000"));
    CHECK(has(faults, "server.toml:10: log.level", "debug, info, warning, error"));
    CHECK(has(faults, "server.toml:12: sessions.idle_minutes", "whole number"));
    CHECK(has(faults, "server.toml:13: colour", "unknown key"));
}

TEST_CASE("configuration: what is no TOML, and what is not there", "[configuration]") {
    CHECK(has(faults_of("[database\n"), "server.toml:1: ", "not TOML"));
    CHECK(has(faults_of(""), "server.toml:1: database", "is missing"));
    CHECK_THROWS_AS(load_configuration("/nowhere/server.toml"), ConfigurationError);
}

TEST_CASE("configuration: a password does not belong into the URL", "[configuration]") {
    const auto faults = faults_of("[database]\nurl = \"postgresql://wutong_server" + std::string{":hush"} +
                                  "@127.0.0.1/wutong\"\n");
    REQUIRE(faults.size() == 1);
    CHECK(has(faults, "server.toml:2: database.url", "password_file"));
    CHECK(faults.front().find("hush") == std::string::npos);
}
