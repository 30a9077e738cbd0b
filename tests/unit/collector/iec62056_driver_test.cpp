#include "collector/drivers/iec62056_driver.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "collector/drivers/iec62056_values.hpp"
#include "core/station_address.hpp"

/// Read-outs, the line played by hand.
using namespace wutong;
using namespace wutong::collector;
using core::Quantity;
using protocols::Bytes;
namespace iec = wutong::protocols::iec62056;

namespace {

/// Answers in their order, and what was sent with the speeds that were wanted.
class ReadoutBus final : public MeterBus {
public:
    struct Step {
        std::string sent;
        int baud = 0;
        int answer_baud = 0;
        std::chrono::milliseconds pause{0};
    };

    BusReply exchange(const protocols::Request&, Repeat) override { return {}; }
    BusReply transact(const FrameExchange& exchange, Repeat) override {
        BusReply reply;
        std::shared_ptr<const FrameExchange> step;
        const auto* now = &exchange;
        auto next = exchange.next;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            const auto sent = std::get<Bytes>(iec::without_parity(now->request));
            steps.push_back({{sent.begin(), sent.end()}, now->baud, now->answer_baud, now->pause});
            const auto told = now->match(answers[i]);
            if (told.verdict != FrameMatch::Verdict::complete) {
                reply.kind = BusReply::Kind::garbled;
                return reply;
            }
            reply.frame.assign(answers[i].begin(),
                               answers[i].begin() + static_cast<std::ptrdiff_t>(told.length));
            reply.kind = BusReply::Kind::answered;
            step = next ? next(reply.frame, line) : nullptr;
            if (!step) {
                return reply;
            }
            next = step->next;
            now = step.get();
        }
        reply.kind = BusReply::Kind::silent;
        return reply;
    }
    void pause(std::chrono::milliseconds) override {}
    [[nodiscard]] core::Timestamp now() const override { return {}; }
    std::vector<EvidenceFrame> take_frames() override { return {}; }

    LineSpeed line{9'600, true};
    std::vector<Bytes> answers;
    std::vector<Step> steps;
};

FieldMeter readout_meter(const std::string& fields, const std::string& station = "12345678",
                         const std::string& link = {}) {
    FieldMeter meter;
    meter.code = "R1";
    meter.station_address = station;
    meter.profile = std::make_shared<core::MeterProfile>(core::parse_meter_profile(
        "vendor = \"V\"\nmodel = \"M\"\ndescription = \"D\"\nphases = 3\nprotocol = \"iec62056_21\"\nsources "
        "= "
        "[\"test\"]\n[iec62056]\nnumber = \"0.0.0\"\n" +
            link + "\n[[block]]\nname = \"all\"\ngroup = \"state\"\nfields = [\n" + fields + "]\n",
        "readout"));
    return meter;
}

const std::string kEnergy = "{ quantity = \"energy_total\", code = \"1.8.0\" },\n";

Bytes identified(char speed, const std::string& manufacturer = "LGZ") {
    return iec::with_parity(iec::encode_identification({manufacturer, speed, "ZMF100AC.M26"}));
}

Bytes told(const iec::DataSets& data) {
    return iec::with_parity(iec::encode_data(data, iec::DataEnd::readout));
}

MeterReadout look(ReadoutBus& bus, const FieldMeter& meter) {
    return read_groups(bus, meter, {core::Block::Group::state});
}

}  // namespace

TEST_CASE("iec62056 driver: the speed is the meter's, what the profile allows, or the line's", "[iec62056]") {
    const auto data = told({{"1.8.0", {{"061561.289", "kWh"}}}});
    SECTION("a port of our own") {
        ReadoutBus bus;
        bus.answers = {identified('4'), data};
        const auto readout = look(bus, readout_meter(kEnergy));
        REQUIRE(readout.answered());
        CHECK(readout.value(Quantity::energy_total) == 61'561'289);
        REQUIRE(bus.steps.size() == 2);
        CHECK(bus.steps[0].sent == "/?12345678!\r\n");
        CHECK(bus.steps[0].baud == 300);
        CHECK(bus.steps[1].sent ==
              "\x06"
              "040\r\n");
        CHECK(bus.steps[1].answer_baud == 4'800);
        CHECK(bus.steps[1].pause == std::chrono::milliseconds{200});
    }
    SECTION("more than the profile allows: it stays as it is") {
        ReadoutBus bus;
        bus.answers = {identified('6', "Els"), data};
        CHECK(look(bus, readout_meter(kEnergy, "*")).answered());
        CHECK(bus.steps[0].sent == "/?!\r\n");
        CHECK(bus.steps[1].sent ==
              "\x06"
              "000\r\n");
        CHECK(bus.steps[1].answer_baud == 300);
        CHECK(bus.steps[1].pause == std::chrono::milliseconds{20});
    }
    SECTION("behind a serial server the line's speed is asked for, whatever the meter offers") {
        ReadoutBus bus;
        bus.line = {2'400, false};
        bus.answers = {identified('5'), data};
        CHECK(look(bus, readout_meter(kEnergy)).answered());
        CHECK(bus.steps[1].sent ==
              "\x06"
              "030\r\n");
    }
    SECTION("mode A goes on by itself, mode B at its own speed") {
        ReadoutBus bus;
        bus.answers = {identified(' '), data};
        CHECK(look(bus, readout_meter(kEnergy)).answered());
        CHECK(bus.steps[1].sent.empty());
        CHECK(bus.steps[1].answer_baud == 0);
        bus.steps.clear();
        bus.answers = {identified('E'), data};
        CHECK(look(bus, readout_meter(kEnergy)).answered());
        CHECK(bus.steps[1].sent.empty());
        CHECK(bus.steps[1].answer_baud == 9'600);
        bus.line = {300, false};
        const auto refused = look(bus, readout_meter(kEnergy));
        CHECK(refused.kind == BusReply::Kind::refused);
        CHECK_THAT(refused.reason, Catch::Matchers::Contains("9600 baud by itself"));
    }
}

TEST_CASE("iec62056 driver: another meter's read-out, a spoiled one, none at all", "[iec62056]") {
    ReadoutBus bus;
    bus.answers = {identified('5'), told({{"0.0.0", {{"  00012345678", ""}}}, {"1.8.0", {{"1.5", "kWh"}}}})};
    CHECK(look(bus, readout_meter(kEnergy)).value(Quantity::energy_total) == 1'500);
    const auto other = look(bus, readout_meter(kEnergy, "12345679"));
    CHECK(other.kind == BusReply::Kind::garbled);
    CHECK(other.values.empty());
    CHECK_THAT(other.reason, Catch::Matchers::Contains("another meter answered"));
    bus.answers[1][8] =
        static_cast<std::uint8_t>(bus.answers[1][8] ^ 3);  // parity stays right, the check doesn't
    CHECK(look(bus, readout_meter(kEnergy)).kind == BusReply::Kind::garbled);
    bus.answers = {identified('5')};
    CHECK(look(bus, readout_meter(kEnergy)).kind == BusReply::Kind::silent);
    bus.answers = {identified('5'), told({{"1.8.1", {{"1.5", "kWh"}}}})};
    CHECK_THAT(look(bus, readout_meter(kEnergy)).reason, Catch::Matchers::Contains("none of the codes"));
}

TEST_CASE("iec62056 driver: units, ratios, clocks and bits", "[iec62056]") {
    ReadoutBus bus;
    const auto values = [&](const std::string& fields, const iec::DataSets& data) {
        bus.answers = {identified('5'), told(data)};
        return look(bus, readout_meter(fields));
    };
    CHECK(values(kEnergy, {{"1-0:1.8.0*255", {{"12.3456", "MWh"}}}}).value(Quantity::energy_total) ==
          12'345'600);
    CHECK(values(kEnergy, {{"1.8.0", {{"0012", "Wh"}}}}).value(Quantity::energy_total) == 12);
    CHECK_THAT(values(kEnergy, {{"1.8.0", {{"12", "kvarh"}}}}).reason,
               Catch::Matchers::Contains("no unit of energy_total"));
    CHECK_THAT(values(kEnergy, {{"1.8.0", {{"12", ""}}}}).reason,
               Catch::Matchers::Contains("without a unit"));
    CHECK(values("{ quantity = \"energy_total\", code = \"1.8.0\", unit = \"kWh\", scale = [200, 3] },\n",
                 {{"1.8.0", {{"0.1", ""}}}})
              .value(Quantity::energy_total) == 6'667);
    const auto all = values(
        "{ quantity = \"voltage_a\", code = \"32.7\" }, { quantity = \"current_a\", code = \"31.7\" },\n"
        "{ quantity = \"power_total\", code = \"1.7.0\", value = 2 }, { quantity = \"reactive_power_total\", "
        "code "
        "= \"3.7.0\" },\n{ quantity = \"fault_flag\", code = \"F.F\", type = \"bit\", bit = 4 },\n"
        "{ quantity = \"clock\", code = \"0.9.2\", type = \"date\" }, { quantity = \"clock\", code = "
        "\"0.9.1\", "
        "type = \"time\" },\n{ quantity = \"power_factor\", code = \"13.7.0\" }",
        {{"32.7", {{"241", "V"}}},
         {"31.7", {{"000.35", "A"}}},
         {"1.7.0", {{"2401010000", ""}, {"-02.778", "kW"}}},
         {"3.7.0", {{"1.5", "kvar"}}},
         {"F.F", {{"0000001A", ""}}},
         {"0.9.2", {{"26-11-22", ""}}},
         {"0.9.1", {{"1:08:30:00", ""}}},
         {"13.7.0", {{"0.98", ""}}}});
    INFO(all.reason);
    CHECK(all.value(Quantity::voltage_a) == 241'000);
    CHECK(all.value(Quantity::current_a) == 350);
    CHECK(all.value(Quantity::power_total) == -2'778);
    CHECK(all.value(Quantity::reactive_power_total) == 1'500);
    CHECK(all.value(Quantity::fault_flag) == 1);
    CHECK(all.value(Quantity::power_factor) == 980);
    CHECK(all.value(Quantity::clock) == 1'795'336'200);  // 2026-11-22 08:30:00
    // What is no number, or not there, is left out.
    CHECK_FALSE(values(kEnergy + "{ quantity = \"voltage_a\", code = \"32.7\" }",
                       {{"1.8.0", {{"1", "kWh"}}}, {"32.7", {{"---", "V"}}}})
                    .value(Quantity::voltage_a));
}

TEST_CASE("iec62056 driver: the version is what the read-out says, else the identification", "[iec62056]") {
    ReadoutBus bus;
    bus.answers = {identified('5'), told({{"1.8.0", {{"1", "kWh"}}}, {"0.2.0", {{"M26 ", ""}}}})};
    const auto named = readout_meter(kEnergy, "1", "firmware = \"0.2.0\"");
    const auto& driver = driver_of(*named.profile);
    CHECK(driver.offers(*named.profile).firmware);
    CHECK(driver.read_firmware(bus, named).version == "M26");
    // The last read-out is asked, not the meter.
    bus.answers.clear();
    CHECK(driver.read_firmware(bus, named).answered());
    CHECK(driver.read_firmware(bus, readout_meter(kEnergy)).version == "ZMF100AC.M26");
    ReadoutBus silent;
    CHECK_FALSE(driver.read_firmware(silent, named).answered());
    const Bytes odd{0x00, ' ', 'V', '1', 0xFF, '.', '2', ' ', ' '};
    CHECK(version_text(odd) == "V1.2");
    CHECK(version_text(Bytes(100, 'x')).size() == 80);
}

TEST_CASE("iec62056 profiles: slips are told with their line", "[iec62056]") {
    const auto faults = [](const std::string& fields, const std::string& link = {}) {
        try {
            static_cast<void>(readout_meter(fields, "1", link));
        } catch (const core::ProfileError& error) {
            return std::string{error.what()};
        }
        return std::string{};
    };
    CHECK(faults(kEnergy).empty());
    CHECK_THAT(faults(kEnergy + "{ quantity = \"energy_peak\", code = \"1.8.0\" }"),
               Catch::Matchers::Contains("read for two quantities"));
    CHECK_THAT(faults("{ quantity = \"energy_total\", code = \"1.8(0)\" }"),
               Catch::Matchers::Contains("no code of a read-out"));
    CHECK_THAT(faults("{ quantity = \"clock\", code = \"0.9.1\", type = \"time\" }"),
               Catch::Matchers::Contains("the date is missing"));
    CHECK_THAT(faults(kEnergy, "start_baud = 1000"), Catch::Matchers::Contains("300, 600"));
    CHECK_THAT(faults(kEnergy, "[commands]\ndialect = \"dlt645_relay\""),
               Catch::Matchers::Contains("has no such command dialect"));
    using core::MeterProtocol;
    CHECK(core::station_address_fault(MeterProtocol::iec62056_21, "*").empty());
    CHECK(core::station_address_fault(MeterProtocol::iec62056_21, "Ab00123").empty());
    CHECK_FALSE(core::station_address_fault(MeterProtocol::iec62056_21, "").empty());
    CHECK_FALSE(core::station_address_fault(MeterProtocol::iec62056_21, "12!").empty());
    CHECK_FALSE(core::station_address_fault(MeterProtocol::iec62056_21, std::string(33, '1')).empty());
}
