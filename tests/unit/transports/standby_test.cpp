#include "unit/transports/links.hpp"

/// Two paths to one bus: what is cut, what is silent, and the way back.
using namespace wutong::tests;
namespace collector = wutong::collector;

namespace {

struct Scene {
    ScriptedPeer main{Wire::rtu_over_tcp};
    ScriptedPeer standby{Wire::rtu_over_tcp};
    std::vector<bool> told;

    collector::LinkSettings settings() {
        collector::LinkSettings made;
        made.transport = collector::Transport::rtu_over_tcp;
        made.endpoint = main.endpoint();
        made.standby_endpoint = standby.endpoint();
        made.serial.baud = 115'200;
        made.late_answer_window = 100ms;
        made.standby_rules.return_first = 300ms;
        made.path_told = [this](bool on_standby) { told.push_back(on_standby); };
        return made;
    }
};

/// Asks the next meter until one answers. @return how long that took
std::chrono::milliseconds until_answered(ModbusClient& client, Yield yield, std::uint16_t& first) {
    const Stopwatch watch;
    for (std::uint8_t unit = 1; unit < 200; ++unit) {
        const auto outcome = client.read_registers(unit, 3, 0, 2, kTimeout, yield);
        if (const auto* words = std::get_if<wutong::protocols::Words>(&outcome)) {
            first = words->at(0);
            return watch.elapsed();
        }
    }
    FAIL("nobody answers");
    return {};
}

}  // namespace

TEST_CASE("standby: a cut main path is replaced in time, and taken again by itself", "[standby]") {
    Scene scene;
    with_client(scene.settings(), [&](ModbusClient& client, Yield yield) {
        std::uint16_t first = 0;
        scene.main.script({actions::good(100)});
        (void)until_answered(client, yield, first);
        CHECK(first == 100);
        CHECK(scene.told.empty());

        scene.main.hang_up();
        scene.standby.script({actions::good(200)});
        CHECK(until_answered(client, yield, first) <= 5s);
        CHECK(first == 200);
        CHECK(scene.told == std::vector<bool>{true});

        scene.main.come_back();
        const auto give_up = collector::Monotonic::now() + 20s;
        while (scene.told.size() < 2 && collector::Monotonic::now() < give_up) {
            (void)until_answered(client, yield, first);  // traffic goes on meanwhile
            collector::sleep_until(boost::asio::system_executor{}, collector::Monotonic::now() + 20ms, yield);
        }
        CHECK(scene.told == std::vector<bool>{true, false});
        scene.main.script({actions::good(300)});
        (void)until_answered(client, yield, first);
        CHECK(first == 300);
    });
}

TEST_CASE("standby: however long the time-outs are, a silent path is not waited for", "[standby]") {
    Scene scene;
    auto settings = scene.settings();
    settings.standby_rules.waiting_max = 400ms;
    with_client(settings, [&](ModbusClient& client, Yield yield) {
        scene.main.script(std::vector<ScriptedPeer::Action>(10, actions::silence()));
        scene.standby.script({actions::good(200)});
        const Stopwatch watch;
        CHECK(fault_of(client.read_registers(1, 3, 0, 2, 60s, yield)).kind == Kind::timeout);
        const auto outcome = client.read_registers(2, 3, 0, 2, 60s, yield);
        const auto* words = std::get_if<wutong::protocols::Words>(&outcome);
        REQUIRE(words != nullptr);
        CHECK(words->at(0) == 200);
        CHECK(watch.elapsed() < 20s);
        CHECK(scene.told == std::vector<bool>{true});
    });
}

TEST_CASE("standby: a path that is open but silent is replaced too; two dead ones do not swing",
          "[standby]") {
    Scene scene;
    with_client(scene.settings(), [&](ModbusClient& client, Yield yield) {
        std::vector<ScriptedPeer::Action> nothing(100, actions::silence());
        scene.main.script(nothing);
        scene.standby.script({actions::good(200)});
        std::uint16_t first = 0;
        CHECK(until_answered(client, yield, first) <= 5s);
        CHECK(first == 200);
        CHECK(scene.told == std::vector<bool>{true});
    });
    Scene dead;
    dead.main.hang_up();
    dead.standby.hang_up();
    with_client(dead.settings(), [&](ModbusClient& client, Yield yield) {
        const auto fault = fault_of(client.read_registers(1, 3, 0, 1, kTimeout, yield));
        CHECK(fault.kind == Kind::closed);
        CHECK_FALSE(fault.request_sent);
        CHECK_THAT(fault.detail,
                   Catch::Contains(dead.main.endpoint()) && Catch::Contains(dead.standby.endpoint()));
        CHECK(dead.told.empty());
        dead.main.come_back();
        std::uint16_t first = 0;
        (void)until_answered(client, yield, first);
        CHECK(dead.told.empty());
    });
}
