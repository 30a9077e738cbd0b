#include "collector/drivers/dlms_values.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "collector/drivers/dlms_client.hpp"
#include "collector/drivers/dlms_frames.hpp"
#include "collector/protocols/dlms_wrapper.hpp"

/// Scaler and unit, bits and clocks; and which bytes on a line are the answer.
using namespace wutong;
using namespace wutong::collector;
namespace dlms = wutong::protocols::dlms;
using core::Quantity;
using dlms::Type;
using protocols::Bytes;
using protocols::ByteView;
using Verdict = FrameMatch::Verdict;

namespace {

core::Field field(Quantity quantity) {
    core::Field one;
    one.quantity = quantity;
    one.type = core::RegisterType::number;
    one.object = {3, {1, 0, 1, 8, 0, 255}, 2};
    one.own_scaler = true;
    return one;
}

std::int64_t number(const DlmsValue& value) {
    REQUIRE(std::holds_alternative<std::int64_t>(value));
    return std::get<std::int64_t>(value);
}

bool nothing(const DlmsValue& value) {
    return std::holds_alternative<std::monostate>(value);
}

FieldMeter meter_at(const char* station, core::DlmsLink::Envelope envelope) {
    FieldMeter meter;
    auto profile = std::make_shared<core::MeterProfile>();
    profile->dlms.envelope = envelope;
    meter.profile = profile;
    meter.station_address = station;
    return meter;
}

}  // namespace

TEST_CASE("dlms values: scaler and unit of the meter", "[dlms]") {
    const auto energy = field(Quantity::energy_total);
    CHECK(number(dlms_value(energy, dlms::number(Type::uint32, 1'234), dlms::ScalerUnit{1, 30})) == 12'340);
    CHECK(number(dlms_value(energy, dlms::number(Type::uint32, 1'236), dlms::ScalerUnit{-1, 30})) == 124);
    CHECK(number(dlms_value(field(Quantity::voltage_a), dlms::number(Type::uint16, 2'301),
                            dlms::ScalerUnit{-1, 35})) == 230'100);
    CHECK(number(dlms_value(field(Quantity::power_total), dlms::number(Type::int32, -15),
                            dlms::ScalerUnit{-1, 27})) == -2);
    CHECK(number(dlms_value(field(Quantity::volume_total), dlms::number(Type::uint32, 1'234),
                            dlms::ScalerUnit{-2, 13})) == 12'340);
    dlms::Data real;
    real.type = Type::float32;
    real.real = 1.5;
    CHECK(number(dlms_value(field(Quantity::frequency), real, dlms::ScalerUnit{0, 44})) == 1'500);
    real.real = std::numeric_limits<double>::quiet_NaN();
    CHECK(nothing(dlms_value(field(Quantity::frequency), real, dlms::ScalerUnit{0, 44})));

    // Another unit is not guessed at.
    const auto wrong = dlms_value(energy, dlms::number(Type::uint32, 1), dlms::ScalerUnit{0, 32});
    CHECK_THAT(std::get<std::string>(wrong), Catch::Contains("1.0.1.8.0.255 in unit 32"));
    CHECK(std::holds_alternative<std::string>(
        dlms_value(energy, dlms::number(Type::uint32, 1), dlms::ScalerUnit{12, 30})));
    CHECK(nothing(dlms_value(energy, dlms::null_data(), dlms::ScalerUnit{0, 30})));
    CHECK(nothing(dlms_value(energy, dlms::number(Type::int64, std::numeric_limits<std::int64_t>::max() - 1),
                             dlms::ScalerUnit{3, 30})));
}

TEST_CASE("dlms values: bits, truths and clocks", "[dlms]") {
    auto bit = field(Quantity::fault_flag);
    bit.type = core::RegisterType::bit;
    bit.own_scaler = false;
    bit.bit = 3;
    CHECK(number(dlms_value(bit, dlms::number(Type::uint16, 0x0008), {})) == 1);
    bit.invert = true;
    CHECK(number(dlms_value(bit, dlms::number(Type::uint16, 0x0008), {})) == 0);
    bit.invert = false;
    dlms::Data string;
    string.type = Type::bit_string;
    string.bits = 8;
    string.bytes = {0x10};
    CHECK(number(dlms_value(bit, string, {})) == 1);
    bit.bit = 8;
    CHECK(nothing(dlms_value(bit, string, {})));

    auto relay = field(Quantity::relay_closed);
    relay.own_scaler = false;
    CHECK(number(dlms_value(relay, dlms::number(Type::boolean, 1), {})) == 1);
    relay.invert = true;
    CHECK(number(dlms_value(relay, dlms::number(Type::boolean, 1), {})) == 0);

    auto clock = field(Quantity::clock);
    clock.own_scaler = false;
    clock.type = core::RegisterType::object_time;
    dlms::DateTime moment;
    moment.clock = {2030, 1, 2, 3, 4, 5};
    moment.deviation_minutes = -480;
    CHECK(number(dlms_value(clock, dlms::octets(dlms::encode_date_time(moment)), {})) == 1'893'553'445);
    CHECK(nothing(dlms_value(clock, dlms::octets(Bytes{1, 2}), {})));
}

TEST_CASE("dlms frames: the answer is known by both addresses, in pieces and behind noise", "[dlms]") {
    const auto meter = meter_at("17", core::DlmsLink::Envelope::hdlc);
    const auto exchange = dlms_exchange(meter, 16, Bytes{0x7E}, 10);
    // The published UA of meter 1/17 to client 16.
    const auto ua = protocols::from_hex("7EA01F21022373E6C781801205019A06019A070400000001080400000001CCA27E");
    for (std::size_t length = 1; length < ua.size(); ++length) {
        REQUIRE(exchange.match(ByteView{ua}.first(length)).verdict == Verdict::need_more);
    }
    CHECK(exchange.match(ua).verdict == Verdict::complete);
    CHECK(exchange.match(ua).length == ua.size());
    const auto other = dlms_exchange(meter_at("18", core::DlmsLink::Envelope::hdlc), 16, Bytes{0x7E}, 10);
    CHECK(other.match(ua).verdict == Verdict::not_mine);
    CHECK(other.match(ua).length == ua.size());
    auto garbled = ua;
    garbled[12] ^= 0x40;
    CHECK(exchange.match(garbled).verdict == Verdict::spoiled);
    CHECK(exchange.match(Bytes{0x00, 0x11, 0x7E}).verdict == Verdict::not_mine);

    const auto wrapped = dlms_exchange(meter_at("1", core::DlmsLink::Envelope::wrapper), 16, Bytes{0}, 10);
    CHECK(wrapped.match(dlms::encode_wrapper({1, 16, Bytes{0x61}})).verdict == Verdict::complete);
    CHECK(wrapped.match(dlms::encode_wrapper({2, 16, Bytes{0x61}})).verdict == Verdict::not_mine);
    CHECK(wrapped.match(dlms::encode_wrapper({1, 1, Bytes{0x61}})).verdict == Verdict::not_mine);
}

TEST_CASE("dlms: the least counter grows by four a second and never shrinks below nothing", "[dlms]") {
    const core::Timestamp before{std::chrono::sys_days{std::chrono::year{2020} / 1 / 1}};
    const core::Timestamp first{std::chrono::sys_days{std::chrono::year{2025} / 1 / 1}};
    CHECK(counter_floor(before) == 0);
    CHECK(counter_floor(first + std::chrono::seconds{10}) == 40);
    CHECK(counter_floor(first + std::chrono::hours{24 * 365 * 20}) >
          counter_floor(first + std::chrono::hours{1}));
}
