#include "collector/configuration/configuration.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "collector/configuration/meter_secrets.hpp"
#include "collector/service/logging.hpp"

/// Bad configuration gets an answer with file and line.
using namespace wutong::collector;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kLeast = "[database]\nurl = \"postgresql://wutong_collector@127.0.0.1/wutong\"\n";

std::vector<std::string> faults_of(const std::string& toml) {
    try {
        static_cast<void>(parse_configuration(toml, "c.toml"));
        return {};
    } catch (const ConfigurationError& error) {
        return error.faults();
    }
}

}  // namespace

TEST_CASE("configuration: the shipped file is good and says what the defaults are", "[configuration]") {
    const auto shipped = load_configuration(WUTONG_SOURCE_DIR "/deploy/config/collector.toml");
    const auto defaults = parse_configuration(kLeast, "c.toml");
    CHECK(shipped.name == defaults.name);
    CHECK(shipped.database.workers == defaults.database.workers);
    CHECK(shipped.database.statement_timeout == defaults.database.statement_timeout);
    CHECK(shipped.profiles.directory == defaults.profiles.directory);
    CHECK(shipped.polling.state_interval == defaults.polling.state_interval);
    CHECK(shipped.polling.reading_interval == defaults.polling.reading_interval);
    CHECK(shipped.polling.lost_after == defaults.polling.lost_after);
    CHECK(shipped.polling.quarantine_after == defaults.polling.quarantine_after);
    CHECK(shipped.polling.probe_timeout == defaults.polling.probe_timeout);
    CHECK(shipped.polling.reopen_max == defaults.polling.reopen_max);
    CHECK(shipped.lease.duration == defaults.lease.duration);
    CHECK(shipped.work.sweep == defaults.work.sweep);
    CHECK(shipped.spool.size_max_mb == defaults.spool.size_max_mb);
    CHECK(shipped.metrics.listen == defaults.metrics.listen);
    CHECK(shipped.log.level == defaults.log.level);
}

TEST_CASE("configuration: faults name file and line", "[configuration]") {
    struct Case {
        const char* text;
        const char* where;
        const char* what;
    };
    const auto [text, where, what] = GENERATE(values<Case>({
        {"[polling]\nstate_interval_s = 0\n", "c.toml:4", "from 1 to 86400"},
        {"[polling]\nstate_intervall_s = 60\n", "c.toml:4", "unknown key"},
        {"[polling]\nstate_interval_s = \"60\"\n", "c.toml:4", "whole number"},
        {"[poling]\n", "c.toml:3", "unknown key"},
        {"[polling]\nprobe_first_s = 90\n", "c.toml:3", "probe_first_s"},
        {"[metrics]\nlisten = \"0.0.0.0:9464\"\n", "c.toml:4", "loopback"},
        {"[metrics]\nlisten = \"127.0.0.1:99999\"\n", "c.toml:4", "loopback"},
        {"[log]\nlevel = \"loud\"\n", "c.toml:4", "trace, debug"},
        {"[spool]\nsize_max_mb = 1.5\n", "c.toml:4", "whole number"},
        {"log = 3\n", "c.toml:3", "[database.log]"},
        {"[log\n", "c.toml:3", "not valid TOML"},
    }));
    const auto faults = faults_of(std::string{kLeast} + text);
    INFO(text);
    REQUIRE(faults.size() == 1);
    if (std::string{text} == "log = 3\n") {
        // Still in [database]: there it is not known at all.
        CHECK_THAT(faults[0], Contains("database.log") && Contains("unknown key"));
        return;
    }
    CHECK_THAT(faults[0], Contains(where) && Contains(what));
}

TEST_CASE("configuration: all faults at once, and none of them shows a password", "[configuration]") {
    const auto faults = faults_of(
        "name = \"two words\"\n[database]\nurl = \"postgresql://c:x@h/w?pass"
        "word=geheim\"\nworkers = 99\n");
    REQUIRE(faults.size() == 3);
    for (const auto& fault : faults) {
        CHECK(fault.find("geheim") == std::string::npos);
    }
    const auto inside = faults_of(
        "[database]\nurl = \"postgresql://c:"
        "geheim@h:5432/w\"\n");
    REQUIRE(inside.size() == 1);
    CHECK_THAT(inside[0], Contains("c.toml:2") && Contains("password_file") && !Contains("geheim"));
    CHECK_THAT(faults_of("")[0], Contains("url"));
    CHECK_THROWS_AS(load_configuration("/nowhere/collector.toml"), ConfigurationError);
}

TEST_CASE("logging: pairs become fields", "[logging]") {
    CHECK(
        json_line("T", "info", "channel=BUS1 event=silent reason=\"no answer, \"quoted\" too\" n=3") ==
        R"({"time":"T","level":"info","channel":"BUS1","event":"silent","reason":"no answer, \"quoted\" too","n":"3"})");
    CHECK(json_line("T", "warn", "plain words and a=b") ==
          R"({"time":"T","level":"warn","a":"b","message":"plain words and"})");
    CHECK(json_line("T", "warn", "reason=\"open") == R"({"time":"T","level":"warn","reason":"open"})");
    CHECK(json_line("T", "warn", "x=\"\xff\"").find("x") != std::string::npos);
}

TEST_CASE("meter secrets: by station address, else the default; faults never repeat a value",
          "[configuration]") {
    const auto secrets = parse_meter_secrets(
        "[default]\npassword = \"111111\"\n[meter.201000000012]\nlevel = 4\npassword = \"222222\"\n"
        "operator = \"00000007\"\n",
        "s.toml");
    CHECK(secrets.of("201000000099")->password == 111'111);
    CHECK(secrets.of("201000000099")->level == 2);
    CHECK(secrets.of("201000000012")->password == 222'222);
    CHECK(secrets.of("201000000012")->level == 4);
    CHECK(secrets.of("201000000012")->operator_code == 7);
    CHECK_FALSE(secrets.of(""));  // Modbus has none
    CHECK_FALSE(load_meter_secrets("").of("201000000012"));
    for (const std::string bad :
         {"[default]\npassword = \"98765\"\n", "[default]\npassword = 987650\n", "[default]\n",
          "[default]\npassword = \"987650\"\nlevle = 2\n", "[meter.1]\npassword = \"98765x\"\n",
          "[default]\npassword = \"987650\n", "[dfault]\npassword = \"987650\"\n"}) {
        CAPTURE(bad);
        try {
            static_cast<void>(parse_meter_secrets(bad, "s.toml"));
            FAIL("accepted");
        } catch (const ConfigurationError& error) {
            CHECK_THAT(error.what(), Contains("s.toml:"));
            CHECK_THAT(error.what(), !Contains("9876"));
        }
    }
}

TEST_CASE("meter secrets: of DLMS by serial number; keys come in pairs", "[configuration]") {
    const auto secrets = parse_meter_secrets(
        "[dlms.default]\npassword = \"12345678\"\n[dlms.202600000004]\n"
        "encryption_key = \"000102030405060708090A0B0C0D0E0F\"\n"
        "authentication_key = \"D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF\"\ntitle = \"5755540000000007\"\n",
        "s.toml");
    CHECK(secrets.of_dlms("1")->password.size() == 8);
    CHECK_FALSE(secrets.of_dlms("1")->keys);
    CHECK(secrets.of_dlms("202600000004")->keys->authentication[1] == 0xD1);
    CHECK(secrets.of_dlms("202600000004")->title[7] == 7);
    CHECK_FALSE(secrets.of("202600000004"));
    CHECK_FALSE(MeterSecrets{}.of_dlms("1"));
    for (const std::string bad :
         {"[dlms.1]\nencryption_key = \"000102030405060708090A0B0C0D0E0F\"\n",
          "[dlms.1]\nencryption_key = \"00010203\"\n", "[dlms.1]\ntitle = \"575554000000000G\"\n",
          "[dlms.1]\npasword = \"00010203\"\n", "[dlms]\npassword = \"00010203\"\n"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parse_meter_secrets(bad, "s.toml"), ConfigurationError);
        try {
            static_cast<void>(parse_meter_secrets(bad, "s.toml"));
        } catch (const ConfigurationError& error) {
            CHECK_THAT(error.what(), Contains("s.toml:") && !Contains("0001"));
        }
    }
}

TEST_CASE("meter secrets: a file that others may read is refused", "[configuration]") {
    const auto file =
        std::filesystem::temp_directory_path() / ("wutong-secrets-" + std::to_string(::getpid()));
    std::ofstream{file} << "[default]\npassword = \"123456\"\n";
    std::filesystem::permissions(file, std::filesystem::perms{0644});
    CHECK_THROWS_WITH(load_meter_secrets(file), Contains("mode 0600"));
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    CHECK(load_meter_secrets(file).of("1")->password == 123'456);
    std::filesystem::remove(file);
    CHECK_THROWS_AS(load_meter_secrets(file), ConfigurationError);
}
