#include "collector/protocols/dlt645_records.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "collector/drivers/dlt645_driver.hpp"
#include "collector/drivers/wall_clock.hpp"
#include "collector/protocols/bcd.hpp"
#include "collector/protocols/dlt645_replies.hpp"

/// Status words, openings, the clock and the hourly registers of a DL/T 645 meter.
using namespace wutong;
using namespace wutong::collector;
using namespace std::chrono_literals;
namespace dlt645 = wutong::protocols::dlt645;
using Kind = core::MeterEventKind;
using protocols::Bytes;
using protocols::ByteView;

namespace {

constexpr const char* kMeterAddress = "201000000012";

std::shared_ptr<const core::MeterProfile> relay_profile() {
    std::ifstream file{std::string{WUTONG_SOURCE_DIR} + "/profiles/dlt645-relay-3ph.toml"};
    std::stringstream text;
    text << file.rdbuf();
    return std::make_shared<core::MeterProfile>(core::parse_meter_profile(text.str(), "dlt645-relay-3ph"));
}

/// Answers reads from a table of items; the rest it does not have.
class RecordBus final : public MeterBus {
public:
    std::map<std::uint32_t, Bytes> items;
    std::vector<std::uint32_t> asked;
    std::vector<Bytes> written;
    int silent_from = 1'000;  ///< exchanges, then it is dead
    core::Timestamp time =
        core::Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}} + 4h + 15min;

    BusReply exchange(const protocols::Request&, Repeat) override { return {}; }
    BusReply transact(const FrameExchange& exchange, Repeat) override {
        time += 100ms;
        BusReply reply;
        if (silent_from-- <= 0) {
            reply.reason = "no answer";
            return reply;
        }
        ByteView sent{exchange.request};
        while (sent.front() == 0xFE) {
            sent = sent.subspan(1);
        }
        const auto frame = dlt645::decode_frame(sent);
        const auto me = dlt645::parse_address(kMeterAddress);
        const auto request = std::get<dlt645::Request>(dlt645::parse_request(frame));
        dlt645::Frame answer;
        if (const auto* write = std::get_if<dlt645::WriteData>(&request)) {
            written.push_back(write->data);
            answer = dlt645::encode_reply(me, frame, {});
        } else {
            const auto id = std::get<dlt645::ReadData>(request).id;
            asked.push_back(id);
            const auto found = items.find(id);
            answer = found == items.end()
                         ? dlt645::encode_refusal(me, frame, dlt645::RefusalBit::no_such_data)
                         : dlt645::encode_reply(me, frame, found->second);
        }
        reply.kind = BusReply::Kind::answered;
        reply.frame = dlt645::encode_frame(answer);
        return reply;
    }
    void pause(std::chrono::milliseconds) override {}
    [[nodiscard]] core::Timestamp now() const override { return time; }
    std::vector<EvidenceFrame> take_frames() override { return {}; }
};

struct Records {
    RecordBus bus;
    Dlt645Driver driver;
    FieldMeter meter;
    Records() {
        meter.code = "M1";
        meter.station_address = kMeterAddress;
        meter.profile = relay_profile();
        meter.utc_offset = 8h;
    }
    void opened(int which, const dlt645::Opening& opening) {
        bus.items[dlt645::kCoverOpenings + static_cast<std::uint32_t>(which)] =
            dlt645::encode_opening(opening);
    }
    void openings(int count) { bus.items[dlt645::kCoverOpenings] = protocols::encode_bcd(count, 3); }
    /// Hourly registers that end at `newest`, `hours` of them, one kWh each.
    void frozen(core::Timestamp newest, int hours, int missing_from = 1'000, int missing = 0) {
        auto at = newest;
        for (int i = 0; i < hours; ++i, at -= 1h) {
            if (i == missing_from) {
                at -= std::chrono::hours{missing};
            }
            const auto place = static_cast<std::uint32_t>(i);
            bus.items[dlt645::kHourlyTime + place] = dlt645::encode_freeze_time(wall_clock(at, 8h));
            bus.items[dlt645::kHourlyEnergy + place] =
                protocols::encode_bcd((at.time_since_epoch() / 1h) % 100'000 * 100, 4);
        }
    }
};

core::Timestamp morning(int hour) {
    return core::Timestamp{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}} +
           std::chrono::hours{hour};
}

}  // namespace

TEST_CASE("DL/T 645 records: status words both ways", "[dlt645]") {
    for (unsigned bits = 0; bits < 512; ++bits) {
        const dlt645::MeterTroubles troubles{(bits & 1U) != 0,  (bits & 2U) != 0,   (bits & 4U) != 0,
                                             (bits & 8U) != 0,  (bits & 16U) != 0,  (bits & 32U) != 0,
                                             (bits & 64U) != 0, (bits & 128U) != 0, (bits & 256U) != 0};
        const auto words = dlt645::encode_status_words(troubles, Bytes{0x10, 0}, 3);
        REQUIRE(words.size() == 14);
        CHECK(words[4] == 0x10);
        CHECK(dlt645::decode_status_words(words) == troubles);
    }
    CHECK_FALSE(dlt645::decode_status_words(Bytes(13, 0)));
    // A broken phase is a lost voltage; FFh is no phase at all.
    Bytes words(14, 0);
    words[8] = 0x80;
    CHECK(dlt645::decode_status_words(words)->voltage_lost);
    words[8] = 0xFF;
    words[12] = 0xFF;
    CHECK(dlt645::decode_status_words(words) == dlt645::MeterTroubles{});
    words[12] = 0;
    words[13] = 1;  // severe
    CHECK(dlt645::decode_status_words(words)->current_unbalance);
}

TEST_CASE("DL/T 645 records: openings and times both ways, and what is none", "[dlt645]") {
    const dlt645::Opening over{{2026, 11, 20, 9, 30, 5}, protocols::MeterClock{2026, 11, 20, 9, 45, 0}};
    CHECK(dlt645::decode_opening(dlt645::encode_opening(over)) == over);
    const dlt645::Opening open{{2026, 2, 28, 23, 59, 59}, std::nullopt};
    CHECK(dlt645::decode_opening(dlt645::encode_opening(open)) == open);
    CHECK_FALSE(dlt645::decode_opening(Bytes(60, 0)));
    CHECK_FALSE(dlt645::decode_opening(Bytes(60, 0xFF)));
    CHECK_FALSE(dlt645::decode_opening(Bytes(11, 0x11)));
    // Only the first twelve bytes are needed: meters differ in what follows.
    auto record = dlt645::encode_opening(over);
    record.resize(12);
    CHECK(dlt645::decode_opening(record) == over);
    const protocols::MeterClock hour{2026, 11, 21, 7, 0, 0};
    CHECK(dlt645::decode_freeze_time(dlt645::encode_freeze_time(hour)) == hour);
    CHECK_FALSE(dlt645::decode_freeze_time(Bytes(5, 0)));
    CHECK_FALSE(dlt645::decode_freeze_time(Bytes(4, 1)));
    // Published: a daily freeze of 2015-10-09 00:00.
    CHECK(dlt645::decode_freeze_time(Bytes{0x00, 0x00, 0x09, 0x10, 0x15}) ==
          protocols::MeterClock{2015, 10, 9, 0, 0, 0});
}

TEST_CASE("DL/T 645 driver: troubles and openings become events, and are not read twice", "[dlt645]") {
    Records records;
    dlt645::MeterTroubles troubles;
    troubles.voltage_lost = true;
    records.bus.items[dlt645::kStatusWords] = dlt645::encode_status_words(troubles, {}, 3);
    records.openings(5);
    for (int i = 1; i <= 5; ++i) {
        records.opened(i, {{2026, 11, 20 - i, 9, 0, 0}, protocols::MeterClock{2026, 11, 20 - i, 10, 0, 0}});
    }
    CHECK(records.driver.offers(*records.meter.profile).events);
    auto readout = records.driver.read_events(records.bus, records.meter);
    REQUIRE(readout.answered());
    CHECK(readout.shown.at(Kind::voltage_loss));
    CHECK_FALSE(readout.shown.at(Kind::current_loss));
    CHECK_FALSE(readout.shown.at(Kind::battery_low));
    // The newest three: what was before anybody asked is history.
    REQUIRE(readout.records.size() == 3);
    CHECK(readout.records[0] ==
          core::EventRecord{Kind::cover_open, morning(1) - 48h, morning(2) - 48h});  // 09:00 of the 19th, +8

    records.bus.asked.clear();
    readout = records.driver.read_events(records.bus, records.meter);
    CHECK(readout.answered());
    CHECK(readout.records.empty());
    // The terminal's cover has no counter here: it was refused once, and not asked for again.
    CHECK(records.bus.asked == std::vector<std::uint32_t>{dlt645::kStatusWords, dlt645::kCoverOpenings});
    CHECK(readout.recorded == std::set<Kind>{Kind::cover_open});

    // Opened again, and open still: looked at until its end is written down.
    records.openings(6);
    records.opened(1, {{2026, 11, 21, 12, 0, 0}, std::nullopt});
    readout = records.driver.read_events(records.bus, records.meter);
    REQUIRE(readout.records.size() == 1);
    CHECK_FALSE(readout.records[0].ended_at);
    records.opened(1, {{2026, 11, 21, 12, 0, 0}, protocols::MeterClock{2026, 11, 21, 12, 5, 0}});
    readout = records.driver.read_events(records.bus, records.meter);
    REQUIRE_FALSE(readout.records.empty());
    CHECK(readout.records[0].ended_at == morning(4) + 5min);
}

TEST_CASE("DL/T 645 driver: unbalance and order of phases, by records where there are any, else by words",
          "[dlt645]") {
    Records records;
    dlt645::MeterTroubles troubles;
    troubles.voltage_order = true;
    troubles.voltage_unbalance = true;
    records.bus.items[dlt645::kStatusWords] = dlt645::encode_status_words(troubles, {}, 3);
    auto readout = records.driver.read_events(records.bus, records.meter);
    REQUIRE(readout.answered());
    CHECK(readout.shown.at(Kind::phase_order));
    CHECK(readout.shown.at(Kind::voltage_unbalance));
    CHECK_FALSE(readout.shown.at(Kind::current_unbalance));
    CHECK(readout.recorded.empty());

    // Another meter writes down with times: the word says nothing then, of this kind.
    Records writes;
    writes.bus.items[dlt645::kStatusWords] = dlt645::encode_status_words(troubles, {}, 3);
    auto counted = protocols::encode_bcd(1, 3);
    counted.resize(6, 0);
    writes.bus.items[dlt645::kVoltageOrders] = counted;
    writes.bus.items[dlt645::kVoltageOrders + 1] =
        dlt645::encode_opening({{2026, 11, 21, 9, 0, 0}, std::nullopt}, dlt645::kDisturbanceBytes);
    readout = writes.driver.read_events(writes.bus, writes.meter);
    REQUIRE(readout.answered());
    REQUIRE(readout.records.size() == 1);
    CHECK(readout.records[0] == core::EventRecord{Kind::phase_order, morning(1), std::nullopt});
    CHECK(readout.recorded == std::set<Kind>{Kind::phase_order});
    CHECK_FALSE(readout.shown.contains(Kind::phase_order));
    CHECK(readout.shown.at(Kind::voltage_unbalance));
    writes.bus.items[dlt645::kVoltageOrders + 1] = dlt645::encode_opening(
        {{2026, 11, 21, 9, 0, 0}, protocols::MeterClock{2026, 11, 21, 10, 0, 0}}, dlt645::kDisturbanceBytes);
    readout = writes.driver.read_events(writes.bus, writes.meter);
    REQUIRE(readout.records.size() == 1);
    CHECK(readout.records[0].ended_at == morning(2));
}

TEST_CASE("DL/T 645 driver: a meter that has nothing of the kind, and one that falls silent", "[dlt645]") {
    Records none;
    const auto readout = none.driver.read_events(none.bus, none.meter);
    CHECK(readout.kind == BusReply::Kind::refused);
    CHECK_FALSE(readout.reason.empty());
    Records silent;
    silent.bus.items[dlt645::kStatusWords] = dlt645::encode_status_words({}, {}, 3);
    silent.bus.silent_from = 1;
    const auto half = silent.driver.read_events(silent.bus, silent.meter);
    CHECK(half.kind == BusReply::Kind::silent);
    CHECK(half.shown.size() == 8);  // what it said before is true
    Records nameless;
    nameless.meter.station_address = "";
    CHECK(nameless.driver.read_events(nameless.bus, nameless.meter).reason.find("station address") !=
          std::string::npos);
}

TEST_CASE("DL/T 645 driver: the clock alone", "[dlt645]") {
    Records records;
    records.bus.items[dlt645::kDate] = {0x06, 0x21, 0x11, 0x26};
    records.bus.items[dlt645::kTime] = {0x30, 0x15, 0x12};
    auto readout = records.driver.read_clock(records.bus, records.meter);
    REQUIRE(readout.answered());
    CHECK(readout.shown_s == (morning(12) + 15min + 30s).time_since_epoch() / 1s);
    CHECK(readout.asked_at < readout.answered_at);
    CHECK(records.bus.asked.size() == 2);
    // In the first minute of a day the date may be yesterday's.
    records.bus.items[dlt645::kTime] = {0x30, 0x00, 0x00};
    readout = records.driver.read_clock(records.bus, records.meter);
    CHECK_FALSE(readout.answered());
    records.bus.items[dlt645::kTime] = {0xFF, 0xFF, 0xFF};
    CHECK_FALSE(records.driver.read_clock(records.bus, records.meter).answered());
}

TEST_CASE("DL/T 645 driver: a step of the clock is not the whole way to the right time", "[dlt645]") {
    Records records;
    records.meter.secret = MeterSecret{2, 0, 0};
    // Ours is 12:15:00; the clock is 100 s behind and moves by 20 s.
    REQUIRE(records.driver.set_clock(records.bus, records.meter, {2026, 11, 21, 12, 13, 40}).answered());
    REQUIRE(records.bus.written.size() == 2);
    CHECK(records.bus.written[1] == dlt645::encode_time({2026, 11, 21, 12, 13, 40}));
}

TEST_CASE("DL/T 645 driver: what it kept of a time, from the hourly registers", "[dlt645]") {
    Records records;
    records.frozen(morning(4), 100);
    CHECK(records.driver.offers(*records.meter.profile).history);
    const auto hours = [](const HistoryReadout& readout) {
        std::vector<std::int64_t> at;
        for (const auto& row : readout.rows) {
            at.push_back((row.at - morning(0)) / 1h);
            CHECK(row.values.at(core::Quantity::energy_total) ==
                  (row.at.time_since_epoch() / 1h) % 100'000 * 1'000);
        }
        return at;
    };
    auto readout = records.driver.read_history(records.bus, records.meter, morning(0), morning(3));
    REQUIRE(readout.answered());
    CHECK(hours(readout) == std::vector<std::int64_t>{0, 1, 2, 3});
    readout = records.driver.read_history(records.bus, records.meter, morning(-40), morning(-37));
    CHECK(hours(readout) == std::vector<std::int64_t>{-40, -39, -38, -37});
    // Both ends count, between two hours there is nothing.
    CHECK(hours(records.driver.read_history(records.bus, records.meter, morning(-5), morning(-5))) ==
          std::vector<std::int64_t>{-5});
    readout = records.driver.read_history(records.bus, records.meter, morning(-5) + 1min, morning(-4) - 1min);
    CHECK(readout.answered());
    CHECK(readout.rows.empty());
    // Of more than may be asked for at once: the newest.
    readout = records.driver.read_history(records.bus, records.meter, morning(-60), morning(0));
    CHECK(hours(readout) == std::vector<std::int64_t>{-9, -8, -7, -6, -5, -4, -3, -2, -1, 0});
    // Before it began to keep them, and after.
    CHECK(records.driver.read_history(records.bus, records.meter, morning(-300), morning(-200)).rows.empty());
    CHECK(records.driver.read_history(records.bus, records.meter, morning(10), morning(12)).rows.empty());
}

TEST_CASE("DL/T 645 driver: hours without power are not among the registers", "[dlt645]") {
    Records records;
    records.frozen(morning(4), 100, 10, 12);  // -6 … -17 are missing
    const auto readout = records.driver.read_history(records.bus, records.meter, morning(-20), morning(-18));
    REQUIRE(readout.answered());
    REQUIRE(readout.rows.size() == 3);
    CHECK(readout.rows.front().at == morning(-20));
    CHECK(readout.rows.back().at == morning(-18));
    CHECK(records.driver.read_history(records.bus, records.meter, morning(-16), morning(-8)).rows.empty());
}

TEST_CASE("DL/T 645 driver: a meter that keeps none, and one that falls silent in between", "[dlt645]") {
    Records none;
    CHECK(none.driver.read_history(none.bus, none.meter, morning(0), morning(3)).kind ==
          BusReply::Kind::refused);
    Records silent;
    silent.frozen(morning(4), 100);
    silent.bus.silent_from = 5;
    const auto readout = silent.driver.read_history(silent.bus, silent.meter, morning(-3), morning(2));
    CHECK(readout.answered());
    CHECK(readout.rows.size() == 2);
    silent.bus.silent_from = 0;
    CHECK(silent.driver.read_history(silent.bus, silent.meter, morning(-3), morning(2)).kind ==
          BusReply::Kind::silent);
}
