#include "simulator/cjt188_meter.hpp"

#include <utility>

#include "simulator/wall_clock.hpp"

namespace wutong::simulator {
namespace {

namespace cj = protocols::cjt188;
using protocols::Bytes;

constexpr std::uint8_t kFromMeter = 0x80;
constexpr std::uint8_t kWrite = 0x04;
/// Eight digits of 0.01 cubic metres.
constexpr std::int64_t kTotalEnd = 100'000'000;
constexpr std::int64_t kLitresPerHundredth = 10;

}  // namespace

Cjt188Meter::Cjt188Meter(const std::string& address, std::chrono::minutes local_offset, PrepaidMeter meter)
    : FrameDevice{std::move(meter)}, address_{cj::parse_address(address)}, local_offset_{local_offset} {}

bool Cjt188Meter::hears(protocols::ByteView frame) const {
    const auto heard = cj::decode_frame(frame);
    if ((heard.control & kFromMeter) != 0) {
        return false;
    }
    for (std::size_t i = 0; i < address_.low_first.size(); ++i) {
        if (heard.address.low_first[i] != 0xAA && heard.address.low_first[i] != address_.low_first[i]) {
            return false;
        }
    }
    return true;
}

FrameKind Cjt188Meter::kind_of(protocols::ByteView frame) const {
    const auto heard = cj::decode_frame(frame);
    return {heard.control, heard.control == kWrite};
}

void Cjt188Meter::advance(core::Timestamp now) {
    if (moving_to_ && moved_at_ <= now) {
        meter().advance(moved_at_);
        meter().set_forced(!*moving_to_, !*moving_to_);
        meter().note_write("valve");
        moving_to_.reset();
    }
    meter().advance(now);
}

Bytes Cjt188Meter::status() const {
    const bool open = meter().relay_closed();  // water flows where current would
    return cj::encode_status({open ? cj::ValveState::open : cj::ValveState::closed, false});
}

Bytes Cjt188Meter::answer(protocols::ByteView frame, core::Timestamp now) {
    advance(now);
    const auto heard = cj::decode_frame(frame);
    const auto parsed = cj::parse_request(heard);
    const auto refuse = [&] { return cj::encode_frame(cj::encode_refusal(address_, heard, status())); };
    const auto* request = std::get_if<cj::Request>(&parsed);
    if (request == nullptr) {
        return refuse();
    }
    if (const auto* move = std::get_if<cj::MoveValve>(request)) {
        moving_to_ = move->open;
        moved_at_ = now + kMotor;
        return cj::encode_frame(cj::encode_reply(address_, heard, status()));
    }
    if (std::holds_alternative<cj::ReadAddress>(*request)) {
        return cj::encode_frame(cj::encode_reply(address_, heard, {}));
    }
    const auto* read = std::get_if<cj::ReadData>(request);
    if (read == nullptr || read->id != cj::kCurrentReading) {
        return refuse();
    }
    cj::WaterReading reading;
    reading.total = litres() / kLitresPerHundredth % kTotalEnd;
    reading.clock = wall_clock(meter().clock(), local_offset_);
    reading.status = status();
    return cj::encode_frame(cj::encode_reply(address_, heard, cj::encode_water_reading(reading)));
}

Bytes Cjt188Meter::as_foreign(const Bytes& answer) const {
    auto frame = cj::decode_frame(answer);
    frame.address.low_first[0] = static_cast<std::uint8_t>(frame.address.low_first[0] == 0x99 ? 0x98 : 0x99);
    return cj::encode_frame(frame);
}

}  // namespace wutong::simulator
