#include "gateway/gateway.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "unit/transports/links.hpp"

/// wutong-gateway with a real pseudo-terminal behind it, and the collector's streams in front.
namespace {

using namespace wutong::tests;
using namespace wutong;

std::filesystem::path fresh_folder() {
    static std::atomic<int> count{0};
    auto folder = std::filesystem::temp_directory_path() /
                  ("wutong-gateway-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
    std::filesystem::create_directories(folder);
    return folder;
}

/// An authority and a certificate for each side, made as docs/protocols/gateway-link.md says.
const std::filesystem::path& certificates() {
    static const std::filesystem::path folder = [] {
        auto made = fresh_folder();
        const auto run = [&](const std::string& command) {
            const auto whole = "cd " + made.string() + " && " + command + " >>log 2>&1";
            if (std::system(whole.c_str()) != 0) {
                throw std::runtime_error("failed: " + whole);
            }
        };
        const std::string key =
            "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 ";
        const auto signed_by = [&](const std::string& authority, const std::string& name,
                                   const std::string& extensions) {
            std::ofstream{made / "ext"} << extensions;
            run(key + "-keyout " + name + ".key -subj /CN=" + name + " -out " + name + ".csr");
            run("openssl x509 -req -in " + name + ".csr -CA " + authority + ".crt -CAkey " + authority +
                ".key -CAcreateserial -days 30 -extfile ext -out " + name + ".crt");
        };
        for (const auto* authority : {"authority", "stranger"}) {
            run(key + "-x509 -keyout " + authority + ".key -subj /CN=" + authority + " -out " + authority +
                ".crt");
        }
        signed_by("authority", "gateway", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth");
        signed_by("authority", "elsewhere", "subjectAltName=IP:127.0.0.2\nextendedKeyUsage=serverAuth");
        signed_by("authority", "collector", "extendedKeyUsage=clientAuth");
        signed_by("stranger", "intruder", "extendedKeyUsage=clientAuth");
        return made;
    }();
    return folder;
}

collector::TlsFiles files(const std::string& name) {
    return {certificates() / "authority.crt", certificates() / (name + ".crt"),
            certificates() / (name + ".key")};
}

class Running {
public:
    Running(const ScriptedPeer& bus, collector::LinkSuite suite, std::filesystem::path state,
            const char* who = "gateway") {
        gateway::Configuration configuration;
        configuration.address = "127.0.0.1";
        configuration.port = 0;
        configuration.suite = suite;
        configuration.tls = files(who);
        configuration.secrets = state;
        configuration.state = std::move(state);
        configuration.ports = {{"bus1", bus.endpoint()}};
        gateway_ =
            std::make_unique<gateway::Gateway>(context_, configuration, [this](const std::string& line) {
                const std::lock_guard lock{mutex_};
                log_ += line + "\n";
            });
        thread_ = std::thread{[this] { context_.run(); }};
    }
    ~Running() {
        boost::asio::post(context_, [this] {
            gateway_->stop();
            context_.stop();
        });
        thread_.join();
        gateway_.reset();
    }
    [[nodiscard]] std::uint16_t port() const { return gateway_->port(); }
    [[nodiscard]] std::string log() const {
        const std::lock_guard lock{mutex_};
        return log_;
    }

private:
    boost::asio::io_context context_;
    std::unique_ptr<gateway::Gateway> gateway_;
    mutable std::mutex mutex_;
    std::string log_;
    std::thread thread_;
};

collector::LinkSettings through(const Running& gateway, collector::Transport transport,
                                const std::filesystem::path& secrets, std::int64_t epoch = 1,
                                const std::string& certificate = "collector") {
    auto links = std::make_shared<collector::GatewayLinks>();
    links->tls = files(certificate);
    links->secrets = secrets;
    collector::LinkSettings settings;
    settings.transport = transport;
    settings.endpoint = "127.0.0.1:" + std::to_string(gateway.port()) + "/bus1";
    settings.serial.baud = 115'200;
    settings.owner = "1/1";
    settings.epoch = epoch;
    settings.gateways = std::move(links);
    settings.open_timeout = 10s;
    settings.late_answer_window = 300ms;
    return settings;
}

void write_secret(const std::filesystem::path& file, const std::string& hex) {
    std::ofstream{file} << hex << '\n';
}

const std::string kSecret = "00112233445566778899AABBCCDDEEFF0011223344556677";

}  // namespace

TEST_CASE("gateway: meters behind it are read over each kind of link", "[gateway]") {
    const auto [suite, transport] =
        GENERATE(std::pair{collector::LinkSuite::tls, collector::Transport::gateway_tls},
                 std::pair{collector::LinkSuite::triple_des, collector::Transport::gateway_3des},
                 std::pair{collector::LinkSuite::plain, collector::Transport::gateway_plain});
    CAPTURE(collector::to_string(transport));
    ScriptedPeer bus{Wire::pty};
    const auto state = fresh_folder();
    write_secret(state / "collector", kSecret);
    write_secret(state / "127.0.0.1", kSecret);
    const Running gateway{bus, suite, state};
    with_client(through(gateway, transport, state), [&](ModbusClient& client, Yield yield) {
        bus.script({actions::good(100), actions::single_bytes(7), actions::silence(), actions::good(1)});
        CHECK(words_of(client.read_registers(1, 3, 0x0200, 48, 5'000ms, yield)) == counting(100, 48));
        CHECK(words_of(client.read_registers(247, 4, 0, 125, 5'000ms, yield)) == counting(7, 125));
        CHECK(fault_of(client.read_registers(3, 3, 0, 1, kTimeout, yield)).kind == Kind::timeout);
        CHECK(words_of(client.read_registers(4, 3, 0, 2, 5'000ms, yield)) == counting(1, 2));
    });
    CHECK((gateway.log().find("event=not_encrypted") != std::string::npos) ==
          (suite == collector::LinkSuite::plain));
}

TEST_CASE("gateway: who comes with an older epoch is refused, after a restart too", "[gateway]") {
    ScriptedPeer bus{Wire::pty};
    const auto state = fresh_folder();
    const auto plain = collector::Transport::gateway_plain;
    auto running = std::make_unique<Running>(bus, collector::LinkSuite::plain, state);
    boost::asio::io_context context;
    boost::asio::thread_pool workers{1};
    bool done = false;
    boost::asio::spawn(context, [&](Yield yield) {
        const auto executor = context.get_executor();
        const auto old = make_modbus_client(executor, workers, through(*running, plain, state, 5));
        CHECK(words_of(old->read_registers(1, 3, 0, 1, 5'000ms, yield)).size() == 1);
        const auto fresh = make_modbus_client(executor, workers, through(*running, plain, state, 6));
        CHECK(words_of(fresh->read_registers(1, 3, 0, 1, 5'000ms, yield)).size() == 1);
        // The one that slept wakes up: what it writes reaches no meter.
        const auto before = bus.asked().size();
        auto fault = fault_of(old->write_registers(1, 0x57, {1, 1}, 500ms, yield));
        CHECK(fault.kind == Kind::closed);
        fault = fault_of(old->write_registers(1, 0x57, {1, 1}, 500ms, yield));
        CHECK(fault.kind == Kind::closed);
        CHECK_FALSE(fault.request_sent);
        CHECK_THAT(fault.detail, Catch::Contains("stale_epoch"));
        CHECK(bus.asked().size() == before);
        CHECK(words_of(fresh->read_registers(1, 3, 0, 1, 5'000ms, yield)).size() == 1);

        running.reset();
        running = std::make_unique<Running>(bus, collector::LinkSuite::plain, state);
        const auto after = make_modbus_client(executor, workers, through(*running, plain, state, 5));
        CHECK_THAT(fault_of(after->read_registers(1, 3, 0, 1, 500ms, yield)).detail,
                   Catch::Contains("stale_epoch"));
        const auto same = make_modbus_client(executor, workers, through(*running, plain, state, 6));
        CHECK(words_of(same->read_registers(1, 3, 0, 1, 5'000ms, yield)).size() == 1);
        done = true;
    });
    context.run();
    CHECK(done);
}

TEST_CASE("gateway: certificates and secrets that are not right let nobody through", "[gateway]") {
    ScriptedPeer bus{Wire::pty};
    const auto state = fresh_folder();
    write_secret(state / "collector", kSecret);
    write_secret(state / "127.0.0.1", kSecret.substr(2) + "FF");
    const auto refused = [&](const collector::LinkSettings& settings) {
        std::string why;
        with_client(settings, [&](ModbusClient& client, Yield yield) {
            const auto fault = fault_of(client.read_registers(1, 3, 0, 1, 500ms, yield));
            CHECK(fault.kind == Kind::closed);
            why = fault.detail;
        });
        CHECK(bus.asked().empty());
        return why;
    };
    {
        const Running gateway{bus, collector::LinkSuite::tls, state};
        INFO(refused(through(gateway, collector::Transport::gateway_tls, state, 1, "intruder")));
        INFO(refused(
            through(gateway, collector::Transport::gateway_tls, state, 1, "gateway")));  // not for clients
        INFO(refused(through(gateway, collector::Transport::gateway_plain, state)));
        // The other implementation agrees: TLS 1.3 with both certificates, and nothing older.
        const auto s_client = [&](const std::string& version) {
            const auto command =
                "cd " + certificates().string() +
                " && printf 'WGL1 nonsense\\n' | timeout 20 openssl s_client " + version +
                " -ign_eof -CAfile authority.crt -verify_ip 127.0.0.1 -cert collector.crt -key " +
                "collector.key -connect 127.0.0.1:" + std::to_string(gateway.port()) + " 2>&1";
            std::string output;
            if (auto* pipe = ::popen(command.c_str(), "r")) {
                std::array<char, 512> chunk{};
                while (std::fgets(chunk.data(), chunk.size(), pipe) != nullptr) {
                    output += chunk.data();
                }
                ::pclose(pipe);
            }
            return output;
        };
        const auto new_tls = s_client("-tls1_3");
        CHECK_THAT(new_tls, Catch::Contains("TLSv1.3") && Catch::Contains("Verification: OK") &&
                                Catch::Contains("NO bad_hello"));
        CHECK_THAT(s_client("-tls1_2"), !Catch::Contains("NO bad_hello"));
    }
    {
        const Running other{bus, collector::LinkSuite::tls, state, "elsewhere"};
        INFO(
            refused(through(other, collector::Transport::gateway_tls, state)));  // another host's certificate
    }
    {
        const Running gateway{bus, collector::LinkSuite::triple_des, state};
        INFO(refused(through(gateway, collector::Transport::gateway_3des, state)));  // another secret
        INFO(refused(through(gateway, collector::Transport::gateway_tls, state)));
    }
}

TEST_CASE("gateway: configuration says what is wrong and where", "[gateway]") {
    const auto good = gateway::load_configuration(WUTONG_SOURCE_DIR "/deploy/config/gateway.toml");
    CHECK(good.suite == collector::LinkSuite::tls);
    CHECK(good.ports.at(0).name == "bus1");
    for (const auto& [text, why] :
         {std::pair{"suite = \"rot13\"", "x.toml:1"},
          {"listen = \"everywhere\"", "address with a port"},
          {"[[port]]\nname = \"a b\"\ndevice = \"/dev/x\"", "needs name"},
          {"[[port]]\nname = \"a\"\ndevice = \"/x\"\n[[port]]\nname = \"a\"\ndevice = \"/y\"", "twice"},
          {"colour = \"red\"", "unknown key"},
          {"suite = ", "not valid TOML"},
          {"", "no [[port]]"}}) {
        CAPTURE(text);
        CHECK_THROWS_WITH(gateway::parse_configuration(text, "x.toml"), Catch::Contains(why));
    }
}
