#include "collector/service/keeper.hpp"

#include <catch2/catch.hpp>

#include "collector/service/standstill.hpp"
#include "unit/collector/channel_scene.hpp"

/// What the keeper does with leases and work, over a database in memory.
using namespace wutong;
using namespace wutong::collector;
using namespace wutong::tests;
using namespace std::chrono_literals;

namespace {

/// One leased channel with one meter, and commands that are claimed as the real database hands them out: once
/// for an epoch, unless they are put back.
class LeasedStore final : public MemoryStore {
public:
    bool wait_for_work(std::chrono::milliseconds) override {
        std::this_thread::sleep_for(5ms);
        return false;
    }
    std::vector<storage::ChannelLease> keep_leases(bool) override { return {{{1}, {1}, 1}}; }
    storage::PolledSite load_site() override {
        const std::lock_guard lock{mutex};
        return site;
    }
    std::vector<CommandWork> claim_commands() override {
        const std::lock_guard lock{mutex};
        return std::exchange(queued, {});
    }
    std::optional<core::Handover> wanted_handover() override {
        const std::lock_guard lock{mutex};
        ++compared;
        return wanted;
    }
    bool hand_over(const storage::ChannelLease& lease, const std::string& to) override {
        const std::lock_guard lock{mutex};
        handed.emplace_back(lease, to);
        if (std::exchange(answer_lost, false)) {
            throw storage::CommitUnknown{"the connection broke during COMMIT"};
        }
        wanted.reset();
        if (!refuses) {
            site.channels.clear();
        }
        return !refuses;
    }
    int put_back_forgotten(const WorkInHand& in_hand) override {
        const std::lock_guard lock{mutex};
        int rows = 0;
        for (const auto& command : given) {
            const auto is_it = [&](const auto& done) { return done.first.id == command.id; };
            if (std::find(in_hand.commands.begin(), in_hand.commands.end(), command.id) ==
                    in_hand.commands.end() &&
                std::none_of(commands.begin(), commands.end(), is_it) &&
                std::none_of(queued.begin(), queued.end(),
                             [&](const auto& waits) { return waits.id == command.id; })) {
                queued.push_back(command);
                ++rows;
            }
        }
        put_back += rows;
        return rows;
    }

    std::optional<core::Handover> wanted;
    std::vector<std::pair<storage::ChannelLease, std::string>> handed;
    int compared = 0;
    bool refuses = false;
    bool answer_lost = false;
    storage::PolledSite site;
    std::vector<CommandWork> queued;
    std::vector<CommandWork> given;
    int put_back = 0;
};

struct KeeperScene {
    KeeperScene() {
        configuration.name = "collector-1";
        configuration.polling.reload = 0s;
        configuration.work.retry_first = 1s;
        line.meters[1] = {};
        storage::PolledChannel channel;
        channel.property = {1};
        channel.id = {1};
        channel.code = "BUS1";
        channel.transport = "modbus_tcp";
        channel.endpoint = "fake";
        channel.answer_timeout = 60ms;
        channel.epoch = 1;
        storage::PolledMeter meter;
        meter.property = {1};
        meter.channel = {1};
        meter.id = {1};
        meter.code = "1201";
        meter.profile = "acrel-ddsy1352";
        meter.bus_address = 1;
        meter.prepaid = true;
        store.site.channels = {channel};
        store.site.meters = {meter};
        profiles.profiles["acrel-ddsy1352"] = acrel_profile();
    }
    ~KeeperScene() {
        keeper.stop(2s);
        work.reset();
        for (auto& thread : threads) {
            thread.join();
        }
    }
    KeeperScene(const KeeperScene&) = delete;
    KeeperScene& operator=(const KeeperScene&) = delete;

    void start() {
        for (int i = 0; i < 2; ++i) {
            threads.emplace_back([this] { context.run(); });
        }
        keeper.start([](const std::string&) {});
    }
    void give(std::int64_t id, core::CommandKind kind) {
        CommandWork command;
        command.property = {1};
        command.id = {id};
        command.meter = {1};
        command.channel = {1};
        command.kind = kind;
        command.expires_at = wall() + 60s;
        command.epoch = 1;
        const std::lock_guard lock{store.mutex};
        store.queued.push_back(command);
        store.given.push_back(command);
    }
    std::optional<CommandOutcome> outcome(std::int64_t id) {
        const std::lock_guard lock{store.mutex};
        for (const auto& [command, result] : store.commands) {
            if (command.id.value == id) {
                return result;
            }
        }
        return std::nullopt;
    }

    Line line;
    LeasedStore store;
    Configuration configuration;
    ProfileLibrary profiles;
    DatabaseWorker database{store, 2, 100};
    Sink sink;
    WorkBook book;
    Metrics metrics;
    ChannelEnvironment environment{
        quick_rules(),
        database,
        sink,
        book,
        metrics,
        [this](const boost::asio::any_io_executor& executor, const storage::PolledChannel&, bool, Tap) {
            return std::make_unique<FakeClient>(executor, line);
        },
        wall};
    boost::asio::io_context context;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
    Keeper keeper{configuration, store, profiles, context, environment};
    std::vector<std::thread> threads;
};

}  // namespace

TEST_CASE("keeper: a channel disabled and enabled again goes on with what it had claimed", "[keeper]") {
    KeeperScene scene;
    scene.line.unplugged = true;
    scene.start();
    scene.give(1, core::CommandKind::switch_off);
    REQUIRE(eventually([&] {
        const auto in_hand = scene.book.in_hand();
        return in_hand.commands == std::vector{core::CommandId{1}};
    }));
    // Disabled: the channel ends, and what waited on its line is nobody's. The lease stays, so that the rows
    // stay claimed under an epoch that does not change.
    const auto channels = scene.store.look(
        [](MemoryStore& s) { return std::exchange(static_cast<LeasedStore&>(s).site.channels, {}); });
    REQUIRE(eventually([&] { return scene.book.in_hand().commands.empty(); }));
    scene.line.with([](Line& l) { return l.unplugged = false; });
    scene.store.look([&](MemoryStore& s) {
        static_cast<LeasedStore&>(s).site.channels = channels;
        return 0;
    });
    REQUIRE(eventually([&] { return scene.outcome(1).has_value(); }));
    CHECK(scene.outcome(1)->state == core::CommandState::done);
    CHECK(scene.line.meters[1].forced_open);
    CHECK(scene.store.look([](MemoryStore& s) { return static_cast<LeasedStore&>(s).put_back; }) == 1);
}

TEST_CASE("keeper: a command for a meter without a profile ends with the reason", "[keeper]") {
    KeeperScene scene;
    scene.store.site.meters[0].profile = "acrel-dtsy9999";
    scene.start();
    scene.give(1, core::CommandKind::read_now);
    REQUIRE(eventually([&] { return scene.outcome(1).has_value(); }));
    CHECK(scene.outcome(1)->state == core::CommandState::failed);
    CHECK(scene.outcome(1)->reason.find("acrel-dtsy9999") != std::string::npos);
    CHECK(scene.outcome(1)->reason.find("collector-1") != std::string::npos);
}

TEST_CASE("keeper: one result that the database will not have does not hold up the others", "[keeper]") {
    KeeperScene scene;
    scene.store.rejects(true);
    scene.start();
    scene.give(1, core::CommandKind::switch_off);
    REQUIRE(eventually([&] { return scene.store.look([](MemoryStore& s) { return s.rejected; }) >= 2; }));
    REQUIRE(
        eventually([&] { return scene.store.look([](MemoryStore& s) { return s.alarms.size(); }) >= 1; }));
    CHECK(scene.store.look([](MemoryStore& s) { return s.alarms[0].kind; }) == kNotStored);
    // The keeper still claims and hands out.
    scene.give(2, core::CommandKind::restore_prepaid);
    REQUIRE(eventually([&] { return scene.line.with([](Line& l) { return !l.meters[1].forced; }); }));
    scene.store.rejects(false);
    REQUIRE(eventually([&] { return scene.outcome(1).has_value() && scene.outcome(2).has_value(); }));
    CHECK(scene.outcome(1)->state == core::CommandState::done);
    REQUIRE(
        eventually([&] { return scene.store.look([](MemoryStore& s) { return !s.alarms.back().live; }); }));
}

TEST_CASE("keeper: a channel is handed over when nothing is under way on it", "[keeper]") {
    KeeperScene scene;
    scene.line.unplugged = true;
    scene.give(1, core::CommandKind::switch_off);
    scene.start();
    REQUIRE(eventually([&] { return !scene.book.in_hand().commands.empty(); }));
    scene.store.look([](MemoryStore& s) {
        auto& store = static_cast<LeasedStore&>(s);
        store.wanted = core::Handover{"collector-2", 1};
        return store.compared = 0;
    });
    // It was compared twice and nothing was given: the command waits for the line.
    REQUIRE(eventually([&] {
        return scene.store.look([](MemoryStore& s) { return static_cast<LeasedStore&>(s).compared; }) >= 2;
    }));
    CHECK(scene.store.look([](MemoryStore& s) { return static_cast<LeasedStore&>(s).handed.size(); }) == 0);
    CHECK(scene.keeper.channels().size() == 1);
    scene.line.with([](Line& l) { return l.unplugged = false; });
    REQUIRE(eventually([&] {
        return scene.store.look([](MemoryStore& s) { return static_cast<LeasedStore&>(s).handed.size(); }) ==
               1;
    }));
    CHECK(scene.store.handed[0] == std::pair{storage::ChannelLease{{1}, {1}, 1}, std::string{"collector-2"}});
    CHECK(scene.outcome(1)->state == core::CommandState::done);
    CHECK(eventually([&] { return scene.keeper.channels().empty(); }));
    CHECK(scene.metrics.text().find("wutong_collector_channels_handed_over_total 1") != std::string::npos);
}

TEST_CASE("keeper: a channel on a port of this machine stays here", "[keeper]") {
    KeeperScene scene;
    scene.store.site.channels[0].transport = "serial";
    scene.store.wanted = core::Handover{"collector-2", 1};
    scene.start();
    const auto compared = [](MemoryStore& s) { return static_cast<LeasedStore&>(s).compared; };
    REQUIRE(eventually([&] { return scene.store.look(compared) >= 2; }));
    CHECK(scene.keeper.channels().size() == 1);
    CHECK(scene.store.look([](MemoryStore& s) { return static_cast<LeasedStore&>(s).handed.empty(); }));
}

TEST_CASE("keeper: a channel that could not be handed over goes on here", "[keeper]") {
    KeeperScene scene;
    scene.store.wanted = core::Handover{"collector-2", 1};
    SECTION("refused") {
        scene.store.refuses = true;
    }
    SECTION("nobody knows") {
        scene.store.refuses = true;
        scene.store.answer_lost = true;
    }
    scene.start();
    REQUIRE(eventually([&] {
        return scene.store.look([](MemoryStore& s) { return !static_cast<LeasedStore&>(s).handed.empty(); });
    }));
    scene.give(1, core::CommandKind::switch_off);
    REQUIRE(eventually([&] { return scene.outcome(1).has_value(); }));
    CHECK(scene.outcome(1)->state == core::CommandState::done);
}

TEST_CASE("standstill: who has not moved for too long is named, and moving again clears it", "[keeper]") {
    Standstill watch{10s};
    const Standstill::Time start{};
    CHECK(watch.moves("keeper", 1, start));
    CHECK(watch.moves("keeper", 1, start + 9s));
    CHECK_FALSE(watch.moves("keeper", 1, start + 10s));
    CHECK(watch.moves("channel 1", 0, start + 10s));
    CHECK(watch.moves("keeper", 2, start + 11s));
}
