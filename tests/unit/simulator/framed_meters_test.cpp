#include <boost/asio/io_context.hpp>

#include "collector/protocols/bcd.hpp"
#include "collector/protocols/dlms_apdu.hpp"
#include "collector/protocols/dlms_link.hpp"
#include "framed_rig.hpp"
#include "simulator/cjt188_meter.hpp"
#include "simulator/import_files.hpp"
#include "simulator/paced_line.hpp"
#include "simulator/plan_file.hpp"
#include "simulator/wall_clock.hpp"

namespace wutong::simulator::test {
namespace {

dl::Purchase bought(bool opens, std::uint32_t cents, std::uint32_t count) {
    dl::Purchase purchase;
    purchase.opens_account = opens;
    purchase.amount = cents;
    purchase.count = count;
    purchase.customer = dl::parse_address("8800123");
    return purchase;
}

dl::ControlRelay relay(dl::RelayCommand command) {
    return {command, {2, 0, 0}, {2026, 3, 4, 23, 59, 59}};
}

}  // namespace

TEST_CASE("framed: a DL/T 645 meter shows what it counts", "[framed]") {
    Rig rig;
    rig.building.set_load(rig.meter(kThree), 3600);
    rig.now += 10h;
    CHECK(protocols::decode_bcd(rig.read645(kThree, dl::kEnergyForwardTotal)) == 3600);
    const auto block = rig.read645(kThree, 0x0001FF00);
    REQUIRE(block.size() == 20);
    CHECK(protocols::decode_bcd(ByteView{block}.subspan(12, 4)) == 3600);  // rate 3, flat
    const auto voltages = rig.read645(kSingle, 0x0201FF00);
    CHECK(protocols::decode_bcd(ByteView{voltages}.first(2)).value() > 2200);
    CHECK(protocols::to_hex(ByteView{voltages}.subspan(2)) == "FF FF FF FF");
    const auto power = rig.read645(kThree, 0x0203FF00);
    REQUIRE(power.size() == 12);
    CHECK(protocols::decode_bcd(ByteView{power}.first(3)) == 36'000);
    const auto old = rig.ask645(kThree, dl::ReadData{dl::Edition::of_1997, 0x9010, {}});
    CHECK(protocols::decode_bcd(std::get<dl::Reply>(old).data) == 3600);
    CHECK(rig.refused645(kThree, dl::ReadData{dl::Edition::of_2007, 0x03010000, {}}) ==
          dl::RefusalBit::no_such_data);

    const auto clock = dl::decode_clock(rig.read645(kThree, dl::kDate), rig.read645(kThree, dl::kTime));
    CHECK(std::get<protocols::MeterClock>(clock).hour == 22);
}

TEST_CASE("framed: a DL/T 645 purse takes each purchase once and opens when it is empty", "[framed]") {
    Rig rig;
    rig.building.set_load(rig.meter(kSingle), 1000);
    CHECK(rig.refused645(kSingle, bought(false, 100, 1)) == dl::SecurityRefusalBit::other);  // no account
    CHECK(rig.refused645(kSingle, bought(true, 60, 1)) == 0);
    CHECK(rig.refused645(kSingle, bought(true, 60, 2)) == dl::SecurityRefusalBit::other);
    CHECK(rig.refused645(kSingle, bought(false, 120, 1)) == dl::SecurityRefusalBit::repeated_purchase);
    CHECK(rig.refused645(kSingle, bought(false, 120, 3)) == dl::SecurityRefusalBit::purchase_count);
    auto stranger = bought(false, 120, 2);
    stranger.customer = dl::parse_address("1");
    CHECK(rig.refused645(kSingle, stranger) == dl::SecurityRefusalBit::customer_number);
    CHECK(rig.refused645(kSingle, bought(false, 99'999'990, 2)) == dl::SecurityRefusalBit::too_much);
    CHECK(rig.refused645(kSingle, bought(false, 120, 2)) == 0);
    CHECK(protocols::decode_bcd(rig.read645(kSingle, dl::kRemainingAmount)) == 180);
    CHECK(protocols::decode_bcd(rig.read645(kSingle, dl::kPurchaseCount)) == 2);
    CHECK(protocols::decode_bcd(rig.read645(kSingle, dl::kTotalPurchased)) == 180);

    rig.now += 4h;  // 1 kW at 0.60: 1.80 last three hours
    CHECK(protocols::decode_bcd(rig.read645(kSingle, dl::kRemainingAmount)) == 0);
    CHECK(protocols::decode_bcd(rig.read645(kSingle, dl::kEnergyForwardTotal)) == 300);
    const auto status = dl::decode_status_word_3(rig.read645(kSingle, dl::kStatusWord3));
    CHECK(std::get<dl::RunStatus>(status).relay_open);
}

TEST_CASE("framed: a DL/T 645 relay obeys, guarantees, and refuses", "[framed]") {
    using enum dl::RelayCommand;
    Rig rig;
    const auto open = [&] { return !rig.meter(kSingle).prepaid()->relay_closed(); };
    CHECK(rig.refused645(kSingle, relay(trip)) == 0);
    CHECK(open());
    CHECK(rig.refused645(kSingle, relay(close)) == 0);
    CHECK_FALSE(open());
    CHECK(rig.refused645(kSingle, relay(guarantee)) == 0);
    CHECK(rig.refused645(kSingle, relay(trip)) == dl::RefusalBit::other);
    CHECK(rig.refused645(kSingle, relay(guarantee_off)) == 0);
    auto late = relay(trip);
    late.valid_until = {2026, 3, 4, 12, 29, 0};  // it is 12:30
    CHECK(rig.refused645(kSingle, late) == dl::RefusalBit::other);
    auto wrong = relay(trip);
    wrong.authority.password = 111111;
    CHECK(rig.refused645(kSingle, wrong) == dl::RefusalBit::not_authorised);
    CHECK_FALSE(open());
    CHECK(rig.refused645(kSingle,
                         dl::WriteData{dl::kTime, {2, 0, 0}, dl::encode_time({2026, 1, 1, 20, 10, 0})}) == 0);
    CHECK(protocols::to_hex(rig.read645(kSingle, dl::kTime)) == "00 10 20");
}

TEST_CASE("framed: addresses for all, for any and for nobody", "[framed]") {
    Rig rig;
    const auto frame = [](const dl::Address& to, const dl::Request& request) {
        return dl::encode_frame(dl::encode_request(to, request));
    };
    rig.meter(kSingle).prepaid()->set_clock(noon() + 2min);
    const auto before = rig.meter(kThree).prepaid()->clock();
    CHECK_FALSE(
        rig.ask("dl", frame(dl::kBroadcast, dl::SetTime{wall_clock(noon() + 1min, 480min)})).answered);
    CHECK(rig.meter(kSingle).prepaid()->clock() == noon() + 1min);
    CHECK(rig.meter(kThree).prepaid()->clock() == noon() + 1min);
    CHECK(before != noon() + 1min);
    // An hour off: not followed.
    CHECK_FALSE(rig.ask("dl", frame(dl::kBroadcast, dl::SetTime{wall_clock(noon() + 1h, 480min)})).answered);
    CHECK(rig.meter(kSingle).prepaid()->clock() == noon() + 1min);
    // Two meters answer "any" at once: nobody can read it.
    CHECK(rig.ask("dl", frame(dl::kAnyMeter, dl::ReadAddress{})).fault == FaultKind::garbled_answer);
    rig.meter(kThree).dead = true;
    const auto one = rig.ask("dl", frame(dl::kAnyMeter, dl::ReadAddress{}));
    REQUIRE(one.answered);
    CHECK(dl::to_string(dl::decode_frame(one.frame).address) == kSingle);
    CHECK_FALSE(rig.ask("dl", frame(dl::parse_address("5"), dl::ReadAddress{})).answered);
}

TEST_CASE("framed: faults act on frames of every protocol", "[framed]") {
    Rig rig;
    const auto question = dl::encode_request(dl::parse_address(kSingle),
                                             dl::ReadData{dl::Edition::of_2007, dl::kEnergyForwardTotal, {}});
    const auto add = [&](FaultKind kind, const char* target) {
        Fault fault;
        fault.target = target;
        fault.kind = kind;
        fault.delay_ms = 700;
        rig.building.faults().add(fault);
    };
    const auto ask = [&] { return rig.ask("dl", dl::encode_frame(question)); };
    for (const auto kind : {FaultKind::lost_request, FaultKind::lost_answer}) {
        add(kind, "bus:dl");
        CHECK_FALSE(ask().answered);
    }
    add(FaultKind::late_answer, "meter:202600000001");
    CHECK(ask().delay_ms == 700);
    add(FaultKind::torn_answer, "bus:dl");
    CHECK(ask().fault == FaultKind::torn_answer);
    add(FaultKind::foreign_answer, "bus:dl");
    const auto foreign = dl::parse_reply(dl::decode_frame(ask().frame), question);
    CHECK(std::get<dl::ReplyFault>(foreign).kind == dl::ReplyFault::Kind::not_mine);
    // Only a write cuts the power; it is carried out.
    add(FaultKind::power_cut_after_write, "bus:dl");
    CHECK(ask().answered);
    CHECK_FALSE(rig.ask("dl", dl::encode_frame(dl::encode_request(dl::parse_address(kSingle),
                                                                  relay(dl::RelayCommand::trip))))
                    .answered);
    CHECK_FALSE(ask().answered);
    CHECK_FALSE(rig.meter(kSingle).prepaid()->relay_closed());
    rig.now += 1s;
    CHECK(ask().answered);
}

TEST_CASE("framed: a water meter counts litres; its valve takes its time", "[framed]") {
    Rig rig;
    const char* serial = "202600000003";
    rig.building.set_load(rig.meter(serial), 10'000);
    rig.now += 10h;  // 100 kWh: a cubic metre
    const auto address = cj::parse_address("78332600000003");
    std::uint8_t sequence = 0;
    const auto ask = [&](const cj::Request& request) {
        const auto question = cj::encode_request(cj::MeterKind::cold_water, address, ++sequence, request);
        const auto answer = rig.ask("cj", cj::encode_frame(question));
        REQUIRE(answer.answered);
        return cj::parse_reply(cj::decode_frame(answer.frame), question);
    };
    const auto reading = [&] {
        return std::get<cj::WaterReading>(
            cj::decode_water_reading(std::get<cj::Reply>(ask(cj::ReadData{})).data));
    };
    CHECK(cj::litres(reading().total, reading().unit) == 1000);
    CHECK(reading().clock.hour == 22);
    CHECK(std::get<cj::Reply>(ask(cj::MoveValve{false})).data.size() == 2);
    CHECK(cj::decode_status(reading().status).valve == cj::ValveState::open);
    rig.now += Cjt188Meter::kMotor;
    CHECK(cj::decode_status(reading().status).valve == cj::ValveState::closed);
    rig.now += 10h;
    CHECK(cj::litres(reading().total, reading().unit) == 1000);
    static_cast<void>(ask(cj::MoveValve{true}));
    rig.now += 10h;
    CHECK(cj::decode_status(reading().status).valve == cj::ValveState::open);
    // It flowed for three seconds after the first command and not for the first three after the second.
    const auto total = cj::litres(reading().total, reading().unit).value();
    CHECK(total >= 1990);
    CHECK(total <= 2000);
    CHECK(std::get<cj::ReplyFault>(ask(cj::ReadData{0xD120})).kind == cj::ReplyFault::Kind::refused);
}

TEST_CASE("framed: every framing goes over a paced line, noise and wake-up bytes in front", "[framed]") {
    Rig rig;
    boost::asio::io_context context;
    const SimClock clock;
    rig.building.advance(clock.now());
    co::HdlcLink link{co::HdlcLink::Role::client, {1, std::nullopt}, {1, 17}, {}};
    const auto request645 = dl::encode_request(dl::parse_address(kSingle), dl::ReadAddress{});
    struct Row {
        const char* line;
        Bytes question;
        std::size_t answer;
    };
    const auto water = cj::encode_request(0x10, cj::parse_address("78332600000003"), 1, cj::ReadData{});
    for (const auto& row :
         {Row{"dl", dl::encode_frame(request645, 4), dl::kEnvelope + 6},
          Row{"cj", cj::encode_frame(water, 2), 35}, Row{"hdlc", link.connect(), 33},
          Row{"tcp", co::encode_wrapper({1, 1, co::encode_request(co::GetNextRequest{1})}), 11}}) {
        CAPTURE(row.line);
        Bytes heard;
        PacedLine line{
            context.get_executor(), rig.line(row.line), rig.building, clock, 1, [&](ByteView bytes) {
                heard.insert(heard.end(), bytes.begin(), bytes.end());
            }};
        line.receive(Bytes{0x68, 0x00, 0x7E, 0x55});
        // The false start ends with a silence; then the question, in two pieces.
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (std::chrono::steady_clock::now() < deadline && line.stats().bad_frames == 0 &&
               std::string_view{row.line} != "tcp") {
            context.run_one_for(50ms);
        }
        const auto half = row.question.size() / 2;
        line.receive(ByteView{row.question}.first(half));
        line.receive(ByteView{row.question}.subspan(half));
        while (std::chrono::steady_clock::now() < deadline && heard.size() < row.answer) {
            context.run_one_for(50ms);
            if (context.stopped()) {
                context.restart();
            }
        }
        CHECK(heard.size() == row.answer);
        CHECK(line.stats().answers == 1);
        line.stop();
        context.restart();
        context.run_for(10ms);
        context.restart();
    }
}

TEST_CASE("framed: a plan says which meter can't be on which line", "[framed]") {
    auto plan = framed_plan();
    plan.lines[0].framing = LineFraming::cjt188;
    plan.lines[3].kind = LineKind::modbus_tcp;
    plan.meters[4].serial = plan.meters[3].serial;
    try {
        check_plan(plan, curves());
        FAIL("accepted");
    } catch (const std::runtime_error& fault) {
        const std::string text = fault.what();
        CHECK(
            text.find("meter 202600000001: dlt645-relay-1ph doesn't speak cjt188, the framing of line dl") !=
            std::string::npos);
        CHECK(text.find("line tcp: a Modbus TCP gateway carries modbus, not dlms_wrapper") !=
              std::string::npos);
        CHECK(text.find("serial number used twice") != std::string::npos);
    }
    CHECK(line_address(framed_plan().meters[2]) == "78332600000003");
    CHECK(line_address(framed_plan().meters[3]) == "17");
}

TEST_CASE("framed: import files have station addresses and the profile of the line", "[framed]") {
    const auto csv = meters_csv(framed_plan());
    CHECK_THAT(csv, Catch::Contains(",DL-1,,202600000001,dlt645-relay-1ph,202600000001,") &&
                        Catch::Contains(
                            ",CJ-1,,78332600000003,cjt188-valve-water,202600000003,202600000003,prepaid,") &&
                        Catch::Contains(",HDLC-1,,17,dlms-1ph,202600000004,202600000004,prepaid,") &&
                        Catch::Contains(",TCP-1,,1,dlms-3ph-tcp,202600000005,"));
}

TEST_CASE("framed: a plan file names framing and model", "[framed]") {
    const std::string text = R"(
[[line]]
name = "room"
kind = "serial"
framing = "dlt645"
link = "/tmp/room"
baud = 2400
[[meter]]
serial = "202600000001"
profile = "dlt645-relay-3ph"
line = "room"
premises = "R002"
)";
    const auto config = parse_config(text, "plan.toml");
    REQUIRE(config.lines.size() == 1);
    CHECK(config.lines[0].framing == LineFraming::dlt645);
    CHECK(byte_time(config.lines[0]) == std::chrono::nanoseconds{11'000'000'000 / 2400});
    REQUIRE(config.meters.size() == 1);
    CHECK(config.meters[0].model == Model::dlt645_three_phase);
    const auto refused = [&](const char* from, const char* to, const char* said) {
        auto other = text;
        other.replace(other.find(from), std::string{from}.size(), to);
        CHECK_THROWS_WITH(parse_config(other, "plan.toml"), Catch::Contains(said));
    };
    refused("\"dlt645\"", "\"mbus\"", "plan.toml:5: line.framing is \"mbus\", expected modbus, dlt645");
    refused("dlt645-relay-3ph", "m3", "expected one of acrel-ddsy1352, acrel-dtsy1352");
}

}  // namespace wutong::simulator::test
