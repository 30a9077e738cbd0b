#include "collector/drivers/dlms_frames.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "collector/protocols/dlms_wrapper.hpp"
#include "core/station_address.hpp"

namespace wutong::collector {

namespace dlms = protocols::dlms;
using core::DlmsLink;
using protocols::ByteView;
using Verdict = FrameMatch::Verdict;

namespace {

constexpr std::uint8_t kFlag = 0x7E;

/// A frame with both flags where its length says, which is no frame because a check is wrong: its length, or
/// 0.
std::size_t spoiled_length(ByteView bytes) {
    constexpr std::size_t kHead = 3;
    if (bytes.size() < kHead || bytes[0] != kFlag || (bytes[1] & 0xF0U) != 0xA0U) {
        return 0;
    }
    const std::size_t length = (static_cast<std::size_t>(bytes[1] & 0x07U) << 8 | bytes[2]) + 2;
    return bytes.size() >= length && length > kHead && bytes[length - 1] == kFlag ? length : 0;
}

FrameMatch match_hdlc_answer(ByteView received, const dlms::HdlcAddress& client,
                             const dlms::HdlcAddress& meter) {
    const auto match = dlms::match_hdlc(received);
    if (std::holds_alternative<protocols::NeedMore>(match)) {
        return {Verdict::need_more, 0};
    }
    if (const auto* skip = std::get_if<protocols::Skip>(&match)) {
        if (const auto length = spoiled_length(received)) {
            return {Verdict::spoiled, length};
        }
        return {Verdict::not_mine, std::min(skip->bytes, received.size())};
    }
    const auto length = std::get<protocols::FrameComplete>(match).length;
    const auto frame = dlms::decode_hdlc(received.first(length));
    return {frame.destination == client && frame.source == meter ? Verdict::complete : Verdict::not_mine,
            length};
}

FrameMatch match_wrapped_answer(ByteView received, std::uint16_t client, std::uint16_t meter) {
    const auto match = dlms::match_wrapper(received);
    if (std::holds_alternative<protocols::NeedMore>(match)) {
        return {Verdict::need_more, 0};
    }
    if (const auto* skip = std::get_if<protocols::Skip>(&match)) {
        return {Verdict::not_mine, std::min(skip->bytes, received.size())};
    }
    const auto length = std::get<protocols::FrameComplete>(match).length;
    const auto frame = dlms::decode_wrapper(received.first(length));
    return {frame.source == meter && frame.destination == client ? Verdict::complete : Verdict::not_mine,
            length};
}

}  // namespace

int dlms_station(const FieldMeter& meter) {
    const auto wrong = core::station_address_fault(core::MeterProtocol::dlms, meter.station_address);
    if (!wrong.empty()) {
        throw std::invalid_argument("the station address of meter " + meter.code + ' ' + wrong);
    }
    return std::stoi(meter.station_address);
}

dlms::HdlcAddress hdlc_address(const FieldMeter& meter) {
    const auto station = static_cast<std::uint16_t>(dlms_station(meter));
    const auto& link = meter.profile->dlms;
    // One byte has room for the logical device alone.
    if (link.address_bytes == 1) {
        return {station, {}};
    }
    return {static_cast<std::uint16_t>(link.logical_device), station};
}

FrameExchange dlms_exchange(const FieldMeter& meter, int client, protocols::Bytes frame,
                            std::size_t answer_bytes) {
    FrameExchange exchange;
    exchange.request = std::move(frame);
    exchange.answer_bytes = answer_bytes;
    exchange.key = "dlms " + meter.station_address;
    const auto from = static_cast<std::uint16_t>(client);
    if (meter.profile->dlms.envelope == DlmsLink::Envelope::wrapper) {
        exchange.match = [from, to = static_cast<std::uint16_t>(dlms_station(meter))](ByteView received) {
            return match_wrapped_answer(received, from, to);
        };
    } else {
        exchange.match = [from = dlms::HdlcAddress{from, {}}, to = hdlc_address(meter)](ByteView received) {
            return match_hdlc_answer(received, from, to);
        };
    }
    return exchange;
}

}  // namespace wutong::collector
