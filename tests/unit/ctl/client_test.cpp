#include "ctl/client.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>

#include "ctl/program.hpp"
#include "ctl/server_store.hpp"
#include "proto/client/pinned_channel.hpp"

using namespace wutong;
namespace fs = std::filesystem;

namespace {

struct TemporaryDirectory {
    fs::path path = fs::temp_directory_path() / ("wutong-ctl-test-" + std::to_string(::getpid()));
    TemporaryDirectory() { fs::create_directories(path); }
    ~TemporaryDirectory() { fs::remove_all(path); }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
};

// Output of a run of the program, with its exit code.
struct Ran {
    int code;
    std::string out;
};

Ran run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "wutongctl");
    std::ostringstream out;
    auto* before = std::cout.rdbuf(out.rdbuf());
    std::ostringstream err;
    auto* before_err = std::cerr.rdbuf(err.rdbuf());
    const int code = ctl::run(static_cast<int>(arguments.size()), arguments.data());
    std::cout.rdbuf(before);
    std::cerr.rdbuf(before_err);
    return {code, out.str()};
}

}  // namespace

TEST_CASE("store: sessions survive and only their owner may read them", "[ctl]") {
    const TemporaryDirectory directory;
    ctl::ServerStore first{directory.path};
    CHECK(first.last_address().empty());
    first.save("a:1", {.fingerprint = "f1", .token = "t1", .operator_name = "admin"});
    first.save("b:2", {.fingerprint = "f2", .token = "", .operator_name = ""});
    const ctl::ServerStore second{directory.path};
    CHECK(second.last_address() == "b:2");
    CHECK(second.find("a:1").token == "t1");
    CHECK(second.find("c:3").fingerprint.empty());
    CHECK(fs::status(directory.path / "servers.json").permissions() ==
          (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("store: a damaged file is named, not overwritten", "[ctl]") {
    const TemporaryDirectory directory;
    std::ofstream{directory.path / "servers.json"} << "{\"servers\":";
    CHECK_THROWS_WITH(ctl::ServerStore{directory.path}, Catch::Contains("servers.json is damaged"));
}

TEST_CASE("request ids are version 4 UUIDs and differ", "[ctl]") {
    const std::regex shape{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto id = ctl::new_request_id();
        REQUIRE(std::regex_match(id, shape));
        REQUIRE(seen.insert(id).second);
    }
}

TEST_CASE("failures: a reason in front of the sentence is told apart", "[ctl]") {
    const auto gate =
        ctl::failure_of({grpc::StatusCode::PERMISSION_DENIED, "permission_denied: you need sale.write"}, "");
    CHECK(gate.reason() == "permission_denied");
    CHECK(std::string{gate.what()} == "you need sale.write");
    CHECK(gate.code() == ctl::ExitCode::not_allowed);
    const auto plain =
        ctl::failure_of({grpc::StatusCode::UNAVAILABLE, "failed to connect to all addresses"}, "");
    CHECK(plain.reason().empty());
    CHECK(std::string{plain.what()} == "failed to connect to all addresses");
    const auto change = ctl::failure_of({grpc::StatusCode::DEADLINE_EXCEEDED, "Deadline Exceeded"}, "id-1");
    CHECK(std::string{change.what()}.find("--request-id id-1") != std::string::npos);
}

TEST_CASE("fingerprints are compared in one form", "[ctl]") {
    const std::string plain(64, 'a');
    std::string colons;
    for (int i = 0; i < 32; ++i) {
        colons += i == 0 ? "AA" : ":AA";
    }
    CHECK(api::normalize_fingerprint(colons) == plain);
    CHECK_THROWS_WITH(api::normalize_fingerprint("aa:bb"), Catch::Contains("64 hex digits"));
    CHECK_THROWS_WITH(api::normalize_fingerprint("zz"), Catch::Contains("only hex digits"));
}

TEST_CASE("exit codes: usage and no server", "[ctl]") {
    const TemporaryDirectory directory;
    const std::string home = "--home=" + directory.path.string();
    CHECK(run({"frobnicate"}).code == static_cast<int>(ctl::ExitCode::usage));
    CHECK(run({home.c_str(), "--server=127.0.0.1:1", "whoami"}).code ==
          static_cast<int>(ctl::ExitCode::unreachable));
    const auto json = run({home.c_str(), "--json", "--server=127.0.0.1:1", "whoami"});
    CHECK(json.out.find("\"exit_code\":4") != std::string::npos);
    CHECK(run({home.c_str(), "--server=127.0.0.1:1", "--fingerprint=12", "whoami"}).code ==
          static_cast<int>(ctl::ExitCode::usage));
}

TEST_CASE("completion offers nouns, verbs and options", "[ctl]") {
    CHECK(run({"complete"}).out.find("meter\n") != std::string::npos);
    const auto verbs = run({"complete", "meter"}).out;
    CHECK(verbs.find("search\n") != std::string::npos);
    CHECK(run({"complete", "command", "send"}).out.find("--expires-after\n") != std::string::npos);
    CHECK(run({"completion", "bash"}).out.find("complete -o default -F _wutongctl wutongctl") !=
          std::string::npos);
}
