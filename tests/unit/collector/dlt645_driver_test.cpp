#include "collector/drivers/dlt645_driver.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "collector/commands/command_runner.hpp"
#include "collector/drivers/dlt645_exchange.hpp"
#include "collector/protocols/bcd.hpp"

/// DL/T 645 from quantities to frames and back, against a meter made of the device's side of the codec.
using namespace wutong;
using namespace wutong::collector;
namespace dlt645 = wutong::protocols::dlt645;
using protocols::Bytes;
using protocols::ByteView;
using Group = core::Block::Group;
using Verdict = FrameMatch::Verdict;

namespace {

constexpr const char* kAddress = "201000000012";

std::shared_ptr<const core::MeterProfile> shipped(const std::string& id) {
    std::ifstream file{std::string{WUTONG_SOURCE_DIR} + "/profiles/" + id + ".toml"};
    std::stringstream text;
    text << file.rdbuf();
    return std::make_shared<core::MeterProfile>(core::parse_meter_profile(text.str(), id));
}

struct ItemMeter {
    std::map<std::uint32_t, Bytes> items{
        {0x00010000, {0x59, 0x34, 0x12, 0x00}},  // 1234.59 kWh
        {0x02030000, {0x00, 0x15, 0x80}},        // -0.1500 kW
        {0x02010100, {0x01, 0x22}},              // 220.1 V
        {0x02020100, {0x45, 0x23, 0x01}},        // 12.345 A
        {0x0001FF00, {0x59, 0x34, 0x12, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0}},
        {0x04000101, {0x06, 0x21, 0x11, 0x26}},
        {0x04000102, {0x30, 0x15, 0x12}},
    };
    bool open = false;
    bool guaranteed = false;
    bool stuck = false;  ///< says yes, and its relay stays open
    std::uint32_t password = 123'456;
    std::vector<std::string> log;

    std::optional<dlt645::Frame> take(const dlt645::Frame& frame) {
        const auto me = dlt645::parse_address(kAddress);
        const auto parsed = dlt645::parse_request(frame);
        if (!dlt645::meant_for(frame.address, me) || !std::holds_alternative<dlt645::Request>(parsed)) {
            return std::nullopt;
        }
        const auto& request = std::get<dlt645::Request>(parsed);
        if (const auto* read = std::get_if<dlt645::ReadData>(&request)) {
            log.push_back("read");
            items[0x04000503] = {static_cast<std::uint8_t>(open ? 0x10 : 0), 0};
            const auto found = items.find(read->id);
            return found == items.end() ? dlt645::encode_refusal(me, frame, dlt645::RefusalBit::no_such_data)
                                        : dlt645::encode_reply(me, frame, found->second);
        }
        if (const auto* relay = std::get_if<dlt645::ControlRelay>(&request)) {
            if (relay->authority.password != password) {
                return dlt645::encode_refusal(me, frame, dlt645::RefusalBit::not_authorised);
            }
            switch (relay->command) {
                case dlt645::RelayCommand::trip:
                    if (guaranteed) {
                        return dlt645::encode_refusal(me, frame, dlt645::RefusalBit::other);
                    }
                    open = true;
                    break;
                case dlt645::RelayCommand::close:
                    open = open && stuck;
                    break;
                case dlt645::RelayCommand::guarantee:
                    guaranteed = true;
                    break;
                default:
                    guaranteed = false;
            }
            log.push_back("relay " + std::to_string(relay->valid_until.hour) + ":" +
                          std::to_string(relay->valid_until.minute));
            return dlt645::encode_reply(me, frame, {});
        }
        if (const auto* write = std::get_if<dlt645::WriteData>(&request)) {
            items[write->id] = write->data;
            log.push_back("write");
            return dlt645::encode_reply(me, frame, {});
        }
        if (const auto* time = std::get_if<dlt645::SetTime>(&request)) {
            items[dlt645::kDate] = dlt645::encode_date(time->clock);
            items[dlt645::kTime] = dlt645::encode_time(time->clock);
            log.push_back("time");
        }
        return std::nullopt;
    }
};

/// Hands the answer over byte by byte, as a line would.
class ItemBus final : public MeterBus {
public:
    explicit ItemBus(ItemMeter& meter) : meter_{meter} {}

    BusReply exchange(const protocols::Request&, Repeat) override { return {}; }
    BusReply transact(const FrameExchange& exchange, Repeat repeat) override {
        BusReply reply;
        if (dead) {
            reply.reason = "silence";
            return reply;
        }
        ByteView sent{exchange.request};
        while (sent.front() == 0xFE) {
            sent = sent.subspan(1);
        }
        const auto answer = meter_.take(dlt645::decode_frame(sent));
        repeats.push_back(repeat);
        // Passwords travel in orders and writes, never in readings.
        const auto request = std::get<dlt645::Request>(dlt645::parse_request(dlt645::decode_frame(sent)));
        CHECK(exchange.confidential == (std::holds_alternative<dlt645::ControlRelay>(request) ||
                                        std::holds_alternative<dlt645::WriteData>(request)));
        if (!exchange.match) {
            reply.kind = BusReply::Kind::answered;
            return reply;
        }
        if (!answer) {
            return reply;
        }
        const Bytes whole = dlt645::encode_frame(*answer, 2);
        for (std::size_t length = 1; length < whole.size(); ++length) {
            REQUIRE(exchange.match(ByteView{whole}.first(length)).verdict == Verdict::need_more);
        }
        const auto match = exchange.match(whole);
        REQUIRE(match.verdict == Verdict::complete);
        REQUIRE(match.length == whole.size());
        reply.kind = BusReply::Kind::answered;
        reply.frame = whole;
        return reply;
    }
    void pause(std::chrono::milliseconds duration) override { now_ += duration; }
    [[nodiscard]] core::Timestamp now() const override { return now_; }
    std::vector<EvidenceFrame> take_frames() override { return {}; }

    bool dead = false;
    std::vector<Repeat> repeats;
    core::Timestamp now_ = core::Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}} +
                           std::chrono::hours{4} + std::chrono::minutes{15};

private:
    ItemMeter& meter_;
};

class OpenGate final : public CommandGate {
public:
    Answer ask() override { return Answer::yes; }
};

struct Scene {
    ItemMeter meter;
    ItemBus bus{meter};
    Dlt645Driver driver;
    FieldMeter field;
    Scene() {
        field.code = "M1";
        field.station_address = kAddress;
        field.profile = shipped("dlt645-relay-1ph");
        field.secret = MeterSecret{2, 123'456, 1};
        field.utc_offset = std::chrono::hours{8};
    }
    CommandEnd run(core::CommandKind kind) {
        CommandWork work;
        work.kind = kind;
        OpenGate gate;
        return run_command(work, field, bus, gate);
    }
};

}  // namespace

TEST_CASE("dlt645: a reading, with what the meter does not have left out", "[dlt645]") {
    Scene scene;
    const auto readout = scene.driver.read_groups(scene.bus, scene.field, {Group::state, Group::reading});
    INFO(readout.reason);
    REQUIRE(readout.answered());
    CHECK(readout.value(core::Quantity::energy_total) == 1'234'590);
    CHECK(readout.value(core::Quantity::energy_valley) == 40);
    CHECK(readout.value(core::Quantity::power_total) == -150);
    CHECK(readout.value(core::Quantity::voltage_a) == 220'100);
    CHECK(readout.value(core::Quantity::current_a) == 12'345);
    CHECK(readout.value(core::Quantity::relay_closed) == 1);
    CHECK_FALSE(readout.value(core::Quantity::frequency));
    CHECK(readout.value(core::Quantity::clock) == 1'795'263'330);  // date -u -d '2026-11-21 12:15:30' +%s
    // What the meter has not is not asked for again, until the session ends.
    const auto asked = scene.meter.log.size();
    scene.meter.log.clear();
    CHECK(scene.driver.read_groups(scene.bus, scene.field, {Group::state, Group::reading}).answered());
    CHECK(scene.meter.log.size() == asked - 3);
    scene.bus.session().reset();
    scene.meter.log.clear();
    CHECK(scene.driver.read_groups(scene.bus, scene.field, {Group::state, Group::reading}).answered());
    CHECK(scene.meter.log.size() == asked);
}

TEST_CASE("dlt645: a whole look or none, and a probe that is answered by a refusal", "[dlt645]") {
    Scene scene;
    CHECK(scene.driver.probe(scene.bus, scene.field).answered());
    scene.meter.items.erase(0x00010000);
    CHECK(scene.driver.probe(scene.bus, scene.field).kind == BusReply::Kind::refused);
    scene.bus.dead = true;
    const auto readout = scene.driver.read_groups(scene.bus, scene.field, {Group::state});
    CHECK(readout.kind == BusReply::Kind::silent);
    CHECK(readout.values.empty());
    scene.field.station_address = "12AB";
    CHECK_THAT(scene.driver.read_groups(scene.bus, scene.field, {Group::state}).reason,
               Catch::Contains("station address"));
}

TEST_CASE("dlt645: the relay, proven by status word 3", "[dlt645]") {
    Scene scene;
    scene.meter.guaranteed = true;
    auto end = scene.run(core::CommandKind::switch_off);
    INFO(end.outcome.reason);
    CHECK(end.outcome.state == core::CommandState::done);
    CHECK(scene.meter.open);
    CHECK(scene.meter.log[0] == "relay 12:25");  // ten minutes from now on the meter's wall
    CHECK(scene.bus.repeats[0] == Repeat::never);

    CHECK(scene.run(core::CommandKind::guarantee_power).outcome.state == core::CommandState::done);
    CHECK_FALSE(scene.meter.open);
    CHECK(scene.meter.guaranteed);
    CHECK(scene.run(core::CommandKind::restore_prepaid).outcome.state == core::CommandState::done);
    CHECK_FALSE(scene.meter.guaranteed);

    // There is no credit on it that could hold the relay open: then open is not restored.
    scene.meter.open = scene.meter.stuck = true;
    end = scene.run(core::CommandKind::restore_prepaid);
    CHECK(end.outcome.state == core::CommandState::failed);
    CHECK_THAT(end.outcome.reason, Catch::Contains("still open"));
}

TEST_CASE("dlt645: no password, or a wrong one, is said without telling it", "[dlt645]") {
    Scene scene;
    scene.field.secret->password = 654'321;
    auto end = scene.run(core::CommandKind::switch_off);
    CHECK(end.outcome.state == core::CommandState::failed);
    CHECK_THAT(end.outcome.reason, Catch::Contains("refused") && Catch::Contains("password"));
    CHECK_THAT(end.outcome.reason, !Catch::Contains("654321"));
    scene.field.secret.reset();
    end = scene.run(core::CommandKind::switch_off);
    CHECK_THAT(end.outcome.reason, Catch::Contains("there is no password for meter M1"));
    CHECK_FALSE(scene.meter.open);
    // Prices and alarm amounts are not for this meter, in words.
    end = scene.run(core::CommandKind::set_price);
    CHECK(end.outcome.state == core::CommandState::failed);
}

TEST_CASE("dlt645: the clock is written with a password and told without", "[dlt645]") {
    Scene scene;
    const bool with_password = GENERATE(true, false);
    if (!with_password) {
        scene.field.secret.reset();
    }
    scene.meter.items[dlt645::kTime] = {0x00, 0x00, 0x03};
    const auto end = scene.run(core::CommandKind::set_clock);
    INFO(end.outcome.reason);
    CHECK(end.outcome.state == core::CommandState::done);
    CHECK(scene.meter.log[0] == (with_password ? "write" : "time"));
    CHECK(scene.meter.items[dlt645::kTime] == Bytes{0x00, 0x15, 0x12});
}

TEST_CASE("dlt645: whose answer it is", "[dlt645]") {
    const auto me = dlt645::parse_address(kAddress);
    const auto request =
        dlt645::encode_request(me, dlt645::ReadData{dlt645::Edition::of_2007, 0x00010000, {}});
    const auto exchange = dlt645_exchange(request, 4);
    CHECK(exchange.key == "dlt645 201000000012 11 00 00 01 00");
    const auto answer = [&](const dlt645::Frame& to, const char* from) {
        return dlt645::encode_frame(dlt645::encode_reply(dlt645::parse_address(from), to, Bytes{1, 2, 3, 4}),
                                    4);
    };
    const auto good = answer(request, kAddress);
    CHECK(exchange.match(good).verdict == Verdict::complete);

    const auto strange =
        answer(dlt645::encode_request(dlt645::parse_address("17"),
                                      dlt645::ReadData{dlt645::Edition::of_2007, 0x00010000, {}}),
               "17");
    CHECK(exchange.match(strange).verdict == Verdict::not_mine);
    CHECK(exchange.match(strange).length == strange.size());
    const auto late = answer(
        dlt645::encode_request(me, dlt645::ReadData{dlt645::Edition::of_2007, 0x00020000, {}}), kAddress);
    CHECK(exchange.match(late).verdict == Verdict::not_mine);

    auto garbled = good;
    garbled[garbled.size() - 4] ^= 0x10;
    CHECK(exchange.match(garbled).verdict == Verdict::spoiled);
    CHECK(exchange.match(garbled).length == good.size());
    auto modbus = protocols::from_hex("01 03 02 68 10 11 22");
    CHECK(exchange.match(modbus).verdict == Verdict::not_mine);
    CHECK(exchange.match(modbus).length == 3);
}
