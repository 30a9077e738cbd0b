#include <boost/asio/thread_pool.hpp>

#include "collector/transports/mqtt_line.hpp"
#include "support/mosquitto_broker.hpp"
#include "unit/collector/channel_scene.hpp"
#include "unit/core/profile_files.hpp"

/// A whole channel with a real broker: mosquitto, mosquitto_pub and mosquitto_sub are programs of others.
using namespace wutong;
using namespace wutong::collector;
using namespace wutong::tests;
using namespace std::chrono_literals;

namespace {

constexpr auto kPatience = 30s;

/// Meters on a channel of transport mqtt, alive until the end of the test.
class MqttScene {
public:
    explicit MqttScene(std::vector<const MosquittoBroker*> brokers, BrokerAccess access = {},
                       bool tls = false) {
        settings_.property = {1};
        settings_.id = {7};
        settings_.code = "MQTT";
        settings_.transport = "mqtt";
        settings_.endpoint = "by the factory below";
        environment_.make_messages = [=, this](const boost::asio::any_io_executor& executor,
                                               const storage::PolledChannel&, std::function<void()> changed) {
            MqttOptions options;
            for (const auto* broker : brokers) {
                options.brokers.push_back({tls, tls ? "localhost" : "127.0.0.1", broker->port()});
            }
            options.session = "wutong-1-7";
            options.access = access;
            options.retry_first = 50ms;
            options.retry_max = 200ms;
            options.return_first = 100ms;
            options.path_told = [this](bool on_standby) { standby = on_standby; };
            return make_mqtt_line(executor, workers_, std::move(options), std::move(changed));
        };
    }
    ~MqttScene() {
        stop();
        work_.reset();
        for (auto& thread : threads_) {
            thread.join();
        }
        workers_.join();
    }
    MqttScene(const MqttScene&) = delete;
    MqttScene& operator=(const MqttScene&) = delete;

    void add(std::int64_t id, const std::string& profile, const std::string& address,
             MeterSchedule::Intervals intervals = {60s, 1800s}) {
        ChannelMeter meter;
        meter.meter.property = {1};
        meter.meter.id = {id};
        meter.meter.code = std::to_string(id);
        meter.meter.station_address = address;
        auto parsed = core::test::shipped_profile(profile);
        parsed.read_timeout_ms = 500;
        meter.meter.profile = std::make_shared<core::MeterProfile>(std::move(parsed));
        meter.intervals = intervals;
        meter.lost_after = 2s;
        meters_.push_back(std::move(meter));
    }
    void start() {
        channel_ = std::make_shared<Channel>(context_, environment_, settings_);
        channel_->configure(settings_, meters_);
        channel_->start();
        if (threads_.empty()) {
            threads_.emplace_back([this] { context_.run(); });
        }
    }
    void stop() {
        if (channel_) {
            channel_->stop();
            channel_->done().wait_for(5s);
            channel_.reset();
        }
    }
    void give(std::int64_t id, int meter, core::CommandKind kind) {
        CommandWork command;
        command.property = {1};
        command.id = {id};
        command.meter = {meter};
        command.kind = kind;
        command.expires_at = wall() + 60s;
        REQUIRE(book_.begin(command));
        channel_->submit({command});
    }
    std::optional<CommandOutcome> outcome(std::int64_t id) {
        return store_.look([&](MemoryStore& s) -> std::optional<CommandOutcome> {
            for (const auto& [command, result] : s.commands) {
                if (command.id.value == id) {
                    return result;
                }
            }
            return std::nullopt;
        });
    }
    std::vector<storage::ReadingRow> readings() {
        const std::lock_guard lock{sink_.mutex};
        return sink_.readings;
    }
    /// Of what the meter's newest state says.
    template <class Look>
    bool state(std::int64_t meter, Look look) {
        const std::lock_guard lock{sink_.mutex};
        for (auto row = sink_.states.rbegin(); row != sink_.states.rend(); ++row) {
            if (row->meter.value == meter) {
                return look(*row);
            }
        }
        return false;
    }
    bool listens() {
        return metrics_.text().find("channel_open{channel=\"MQTT\",property=\"1\"} 1") != std::string::npos;
    }

    std::atomic<bool> standby{false};

private:
    MemoryStore store_;
    DatabaseWorker database_{store_, 1, 100};
    Sink sink_;
    WorkBook book_;
    Metrics metrics_;
    boost::asio::io_context context_;
    boost::asio::thread_pool workers_{2};
    ChannelEnvironment environment_{quick_rules(), database_, sink_, book_, metrics_, {}, wall};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
    storage::PolledChannel settings_;
    std::vector<ChannelMeter> meters_;
    std::shared_ptr<Channel> channel_;
    std::vector<std::thread> threads_;
};

std::string batch(const std::string& meter, core::Timestamp at, int wh) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{seconds - day};
    return fmt::format(
        R"({{"batch":[{{"id":"{}","status":"ok","timestamp":"{:04}{:02}{:02}{:02}{:02}{:02}","wh":{},"wh_export":7,"w":100}}]}})",
        meter, static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
        time.seconds().count(), wh);
}

}  // namespace

TEST_CASE("mqtt: what a plug sends becomes a state and one reading of the interval", "[mqtt][broker]") {
    MosquittoBroker broker;
    MqttScene scene{{&broker}};
    scene.add(1, "tasmota-energy", "plug1", {60s, 86'400s});
    broker.publish("stat/plug1/POWER", "ON", {"-r"});  // kept by the broker, told when we come
    scene.start();
    REQUIRE(eventually([&] { return scene.listens(); }, kPatience));
    for (const char* total : {"12.345", "12.346", "12.346"}) {
        broker.publish(
            "tele/plug1/SENSOR",
            fmt::format(R"({{"ENERGY":{{"Total":{},"Power":150,"Voltage":230.4,"Current":0.65}}}})", total));
    }
    REQUIRE(eventually(
        [&] { return scene.state(1, [](const auto& row) { return row.energy_wh == 12'346; }); }, kPatience));
    CHECK(scene.state(1, [](const auto& row) {
        return row.relay_closed == true && row.power_w == 150 && row.voltage_mv == 230'400 &&
               row.current_ma == 650 && row.failures == 0 && !row.lost;
    }));
    REQUIRE(scene.readings().size() == 1);
    CHECK(scene.readings()[0].energy_wh == 12'345);
    CHECK(scene.readings()[0].source == "scheduled");
    // A will is news at once, whatever the time-outs; so is that it is back.
    broker.publish("tele/plug1/LWT", "Offline");
    REQUIRE(eventually([&] { return scene.state(1, [](const auto& row) { return row.lost; }); }, kPatience));
    broker.publish("tele/plug1/SENSOR", R"({"ENERGY":{"Total":12.347}})");
    REQUIRE(eventually([&] { return scene.state(1, [](const auto& row) { return !row.lost; }); }, kPatience));
}

TEST_CASE("mqtt: a relay has moved when the device says so, and not before", "[mqtt][broker]") {
    MosquittoBroker broker;
    MqttScene scene{{&broker}};
    scene.add(1, "tasmota-energy", "plug1");
    scene.add(2, "tasmota-energy", "mute");
    broker.add_relay("cmnd/plug1/POWER", "stat/plug1/POWER");
    scene.start();
    REQUIRE(eventually([&] { return scene.listens(); }, kPatience));
    // The pipe is there when it answers.
    REQUIRE(eventually(
        [&] {
            broker.publish("cmnd/plug1/POWER", "ON");
            return scene.state(1, [](const auto& row) { return row.relay_closed == true; });
        },
        kPatience));
    scene.give(1, 1, core::CommandKind::switch_off);
    scene.give(2, 2, core::CommandKind::switch_off);
    REQUIRE(eventually([&] { return scene.outcome(1).has_value(); }, kPatience));
    CHECK(scene.outcome(1)->state == core::CommandState::done);
    CHECK(scene.state(1, [](const auto& row) { return row.relay_closed == false; }));
    REQUIRE(eventually([&] { return scene.outcome(2).has_value(); }, kPatience));
    CHECK(scene.outcome(2)->state == core::CommandState::failed);
    CHECK(scene.outcome(2)->reason.find("has not told its relay's state after the order") !=
          std::string::npos);
}

TEST_CASE("mqtt: the broker dies and comes back; each reading is stored once", "[mqtt][broker]") {
    MosquittoBroker broker;
    MqttScene scene{{&broker}};
    scene.add(1, "mqtt-json-gateway", "GW1/M7", {60s, 1s});
    scene.start();
    REQUIRE(eventually([&] { return scene.listens(); }, kPatience));
    const auto begin = std::chrono::floor<std::chrono::seconds>(wall()) - 100s;
    broker.publish("site/GW1/up", batch("M7", begin, 1'000));
    broker.publish("site/GW1/up", batch("M7", begin, 1'000));  // delivered twice
    REQUIRE(eventually([&] { return scene.readings().size() == 1; }, kPatience));
    broker.end(SIGKILL);
    REQUIRE(eventually([&] { return !scene.listens(); }, kPatience));
    broker.start();
    REQUIRE(eventually([&] { return scene.listens(); }, kPatience));
    broker.publish("site/GW1/up",
                   batch("M7", begin, 1'000));  // a gateway that sends again after its reconnect
    broker.publish("site/GW1/up", batch("M7", begin + 10s, 1'001));
    REQUIRE(eventually([&] { return scene.readings().size() == 2; }, kPatience));

    // While we are away the broker keeps what has quality 1, over its own restart too.
    scene.stop();
    broker.publish("site/GW1/up", batch("M7", begin + 20s, 1'002));
    broker.end(SIGTERM);
    broker.start();
    broker.publish("site/GW1/up", batch("M7", begin + 30s, 1'003));
    scene.start();
    REQUIRE(eventually([&] { return scene.readings().size() == 4; }, kPatience));
    // An older one that comes late is a reading too; one that can't have been is none.
    broker.publish("site/GW1/up", batch("M7", begin + 5s, 1'000));
    broker.publish("site/GW1/up", batch("M7", begin + 6s, 9'999));
    broker.publish("site/GW1/up", batch("M7", begin + 40s, 1'004));
    REQUIRE(eventually([&] { return scene.readings().size() == 6; }, kPatience));
    const auto readings = scene.readings();
    std::vector<std::int64_t> registers;
    for (const auto& row : readings) {
        registers.push_back(row.energy_wh.value_or(-1));
        CHECK(row.reverse_wh == 7);
    }
    CHECK(registers == std::vector<std::int64_t>{1'000, 1'001, 1'002, 1'003, 1'000, 1'004});
    CHECK(readings[4].source == "catch_up");
    CHECK(readings[0].read_at == begin);
}

TEST_CASE("mqtt: with TLS, a user and a second broker; a stranger is refused", "[mqtt][broker]") {
    const MosquittoBroker scratch;  // its folder holds the certificates
    const auto path = [&](const std::string& name) { return (scratch.folder() / name).string(); };
    int status = -1;
    ::waitpid(start_program({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                             path("key"), "-out", path("crt")}),
              &status, 0);
    REQUIRE(status == 0);
    ::waitpid(start_program({"mosquitto_passwd", "-b", "-c", path("passwords"), "collector", "a secret"}),
              &status, 0);
    REQUIRE(status == 0);
    const auto secured = fmt::format("certfile {}\nkeyfile {}\npassword_file {}\nallow_anonymous false\n",
                                     path("crt"), path("key"), path("passwords"));
    MosquittoBroker main{secured};
    MosquittoBroker other{secured};
    std::filesystem::create_directories(path("users"));
    std::ofstream{path("users/localhost")} << "collector\na secret\n";
    std::filesystem::permissions(path("users/localhost"), std::filesystem::perms::owner_read);

    MqttScene stranger{{&main}, {path("crt"), {}, {}, {}}, true};
    stranger.add(1, "tasmota-energy", "plug1");
    stranger.start();
    REQUIRE(eventually([&] { return main.log().find("not authorised") != std::string::npos; }, kPatience));
    CHECK_FALSE(stranger.listens());
    stranger.stop();

    MqttScene scene{{&main, &other}, {path("crt"), {}, {}, path("users")}, true};
    scene.add(1, "tasmota-energy", "plug1");
    scene.start();
    const std::vector<std::string> by_tls{"--cafile", path("crt"), "-u", "collector", "-P", "a secret"};
    const auto sends = [&](const MosquittoBroker& broker, int wh) {
        auto words = by_tls;
        words.insert(words.end(), {"-h", "localhost"});
        broker.publish("tele/plug1/SENSOR", fmt::format(R"({{"ENERGY":{{"Total":{}e-3}}}})", wh), words);
        return eventually(
            [&] { return scene.state(1, [&](const auto& row) { return row.energy_wh == wh; }); }, kPatience);
    };
    REQUIRE(eventually([&] { return scene.listens(); }, kPatience));
    CHECK(sends(main, 100));
    main.end(SIGKILL);
    REQUIRE(eventually([&] { return scene.standby.load() && scene.listens(); }, kPatience));
    CHECK(sends(other, 101));
    main.start();
    REQUIRE(eventually([&] { return !scene.standby.load() && scene.listens(); }, kPatience));
    CHECK(sends(main, 102));
}

TEST_CASE("mqtt: a meter that falls silent is lost, and found by its next message", "[mqtt][broker]") {
    MosquittoBroker broker;
    MqttScene scene{{&broker}};
    scene.add(1, "tasmota-energy", "plug1", {1s, 1800s});
    scene.start();
    REQUIRE(eventually([&] { return scene.listens(); }, kPatience));
    broker.publish("tele/plug1/SENSOR", R"({"ENERGY":{"Total":1.0}})");
    REQUIRE(eventually(
        [&] { return scene.state(1, [](const auto& row) { return row.answered_at.has_value(); }); },
        kPatience));
    REQUIRE(eventually(
        [&] { return scene.state(1, [](const auto& row) { return row.lost && row.failures > 0; }); },
        kPatience));
    broker.publish("tele/plug1/SENSOR", R"({"ENERGY":{"Total":1.1}})");
    REQUIRE(eventually(
        [&] { return scene.state(1, [](const auto& row) { return !row.lost && row.energy_wh == 1'100; }); },
        kPatience));
}
