#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "collector/transports/channel_link.hpp"
#include "simulator/simulator.hpp"
#include "unit/simulator/sim_fixture.hpp"

/// Simulated boxes and 4G meters that dial into the collector's own listener.
namespace {

using namespace wutong;
using namespace std::chrono_literals;
using collector::Yield;

constexpr const char* kSecret = "0123456789abcdef";

struct SecretFolder {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("wutong-dial-in-" + std::to_string(::getpid()));
    SecretFolder() { std::filesystem::create_directories(path); }
    ~SecretFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    SecretFolder(const SecretFolder&) = delete;
    SecretFolder& operator=(const SecretFolder&) = delete;
};

class Side {
public:
    Side() {
        collector::DialInOptions options;
        options.address = "127.0.0.1";
        options.secrets = folder.path;
        for (const auto* gateway : {"GW001", "GW002"}) {
            std::ofstream{options.secrets / gateway} << kSecret << '\n';
        }
        hub = std::make_shared<collector::DialInHub>(context, options);
        hub->listen();
        thread = std::thread{[this] { context.run(); }};
    }
    ~Side() {
        clients.clear();
        hub->stop();
        work.reset();
        context.stop();
        thread.join();
        hub->forget();
    }

    /// Reads one register of the meter until it answers, or the patience is over.
    bool reads(const std::string& endpoint, std::uint8_t unit) {
        collector::LinkSettings settings;
        settings.transport = collector::Transport::dial_in;
        settings.endpoint = endpoint;
        settings.owner = endpoint;
        settings.dial_in = hub;
        settings.serial.baud = 115'200;
        settings.late_answer_window = 100ms;
        auto& client = clients[endpoint];
        if (!client) {
            client = collector::make_modbus_client(strand, workers, settings);
        }
        for (int attempt = 0; attempt < 30; ++attempt) {
            auto done = std::make_shared<std::promise<bool>>();
            auto result = done->get_future();
            boost::asio::spawn(strand, [=, &client](Yield yield) {
                const auto outcome = client->read_registers(unit, 3, 0x0200, 48, 1'000ms, yield);
                const auto* words = std::get_if<protocols::Words>(&outcome);
                done->set_value(words != nullptr && words->size() == 48);
            });
            if (result.get()) {
                return true;
            }
        }
        return false;
    }

    SecretFolder folder;
    boost::asio::io_context context;
    boost::asio::thread_pool workers{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work =
        boost::asio::make_work_guard(context);
    boost::asio::strand<boost::asio::io_context::executor_type> strand = boost::asio::make_strand(context);
    std::shared_ptr<collector::DialInHub> hub;
    std::map<std::string, std::unique_ptr<collector::ModbusClient>> clients;
    std::thread thread;
};

}  // namespace

TEST_CASE("field: simulated gateways dial in, are read, go away and come back", "[dial_in]") {
    Side side;
    const char* box = "plain:DTU-0042,heartbeat=0xFE";
    const char* meter_4g = "acrel-4g:12307210720085";
    simulator::SimulatorOptions options;
    options.control_port = 0;
    options.plan = simulator::test::small_plan();
    options.plan.lines[0].kind = simulator::LineKind::dial_in;
    options.plan.lines[0].port = side.hub->port();
    options.plan.lines[0].baud = 115'200;
    options.plan.lines[0].heartbeat_ms = 100;
    options.plan.lines[0].redial_ms = 100;
    options.plan.lines.push_back(options.plan.lines[0]);
    options.plan.lines[0].registration = box;
    options.plan.lines[1].name = "radio";
    options.plan.lines[1].registration = meter_4g;
    auto meter = options.plan.meters[0];
    meter.line = "radio";
    meter.code = "on-radio";
    meter.serial = "202600000901";
    options.plan.meters.push_back(meter);

    {
        simulator::Simulator simulator{options, simulator::test::curves()};
        std::thread running{[&] { simulator.run(); }};
        for (const int unit : {1, 2, 13, 14}) {
            CHECK(side.reads(box, static_cast<std::uint8_t>(unit)));
        }
        CHECK(side.reads(meter_4g, 1));
        CHECK(side.hub->counts().registered == 2);
        for (int wait = 0; wait < 2'000 && side.hub->counts().heartbeats <= 5; ++wait) {
            std::this_thread::sleep_for(10ms);
        }
        CHECK(side.hub->counts().heartbeats > 5);
        simulator.stop();
        running.join();
    }
    // The power in the electrical room comes back: the same boxes dial again.
    simulator::Simulator again{options, simulator::test::curves()};
    std::thread running{[&] { again.run(); }};
    CHECK(side.reads(box, 2));
    CHECK(side.reads(meter_4g, 1));
    again.stop();
    running.join();
}

TEST_CASE("field: a simulated Acrel gateway logs in with its secret, is read, and without it is not let in",
          "[dial_in]") {
    Side side;
    const char* good = "acrel-gateway:GW001/2";
    simulator::SimulatorOptions options;
    options.control_port = 0;
    options.plan = simulator::test::small_plan();
    auto& line = options.plan.lines[0];
    line.kind = simulator::LineKind::dial_in;
    line.port = side.hub->port();
    line.baud = 115'200;
    line.heartbeat_ms = 50;
    line.redial_ms = 50;
    line.registration = good;
    line.secret = kSecret;
    auto stranger = line;
    stranger.name = "stranger";
    stranger.registration = "acrel-gateway:GW002/1";
    stranger.secret = "fedcba9876543210";
    options.plan.lines.push_back(stranger);
    simulator::Simulator simulator{options, simulator::test::curves()};
    std::thread running{[&] { simulator.run(); }};
    for (const int unit : {1, 2, 13, 14}) {
        CHECK(side.reads(good, static_cast<std::uint8_t>(unit)));
    }
    const auto until = std::chrono::steady_clock::now() + 40s;
    while (std::chrono::steady_clock::now() < until &&
           (side.hub->counts().heartbeats <= 3 || side.hub->counts().closed_rude == 0)) {
        std::this_thread::sleep_for(10ms);
    }
    CHECK(side.hub->counts().heartbeats > 3);
    CHECK(side.hub->counts().registered == 1);
    CHECK(side.hub->counts().closed_rude > 0);
    simulator.stop();
    running.join();
    // A plan without a secret, or with a short one, is refused before anything runs.
    options.plan.lines[0].secret = "short";
    CHECK_THROWS_WITH((simulator::Simulator{options, simulator::test::curves()}),
                      Catch::Contains("16 characters"));
}
