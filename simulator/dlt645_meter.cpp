#include "simulator/dlt645_meter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "collector/protocols/bcd.hpp"
#include "simulator/wall_clock.hpp"

namespace wutong::simulator {
namespace {

namespace dl = protocols::dlt645;
using protocols::BcdSign;
using protocols::Bytes;

/// What the factory sets: money runs down at 0.60 a kWh. No source has the layout of the price tables, so the
/// bus can't change it.
constexpr std::uint32_t kFactoryPriceE4 = 6000;
/// Flat; the other three rates count nothing.
constexpr std::uint32_t kCountingRate = 3;
constexpr std::uint32_t kRates = 4;
constexpr std::uint32_t kMeterNumber = 0x04000402;
constexpr std::uint32_t kCommunicationAddress = 0x04000401;
constexpr std::uint32_t kCurrentPrice = 0x02800020;
constexpr std::uint32_t kSoftwareVersion = 0x04800001;
constexpr std::size_t kVersionBytes = 32;
constexpr std::int64_t kMilliwattHoursPerHundredth = 10'000;

/// A number of a register; what is too big stays at its end.
Bytes shown(std::int64_t value, std::size_t bytes, BcdSign sign = BcdSign::none) {
    std::int64_t end = 1;
    for (std::size_t i = 0; i < bytes; ++i) {
        end *= 100;
    }
    end = (sign == BcdSign::top_bit ? end / 100 * 80 : end) - 1;
    return protocols::encode_bcd(std::clamp(value, sign == BcdSign::top_bit ? -end : 0, end), bytes, sign);
}

/// The quantities of 02 xx: bytes, decimals, and where they come from.
struct Quantity {
    std::uint8_t code;
    std::size_t bytes;
    double scale;
    BcdSign sign;
    double Electrical::Phase::*of_phase;
    double Electrical::*of_all;  ///< DI1 = 00; none for voltage and current
};
const Quantity kQuantities[] = {
    {0x01, 2, 10, BcdSign::none, &Electrical::Phase::voltage_v, nullptr},
    {0x02, 3, 1000, BcdSign::top_bit, &Electrical::Phase::current_a, nullptr},
    {0x03, 3, 10, BcdSign::top_bit, &Electrical::Phase::active_w, &Electrical::active_w},
    {0x04, 3, 10, BcdSign::top_bit, &Electrical::Phase::reactive_var, &Electrical::reactive_var},
    {0x05, 3, 10, BcdSign::top_bit, &Electrical::Phase::apparent_va, &Electrical::apparent_va},
    {0x06, 2, 1000, BcdSign::top_bit, &Electrical::Phase::power_factor, &Electrical::power_factor},
};

void append(Bytes& to, const Bytes& bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

}  // namespace

Dlt645Meter::Dlt645Meter(Identity identity, PrepaidMeter meter)
    : FrameDevice{std::move(meter)},
      identity_{std::move(identity)},
      address_{dl::parse_address(identity_.serial)} {
    this->meter().edit().price_e4.fill(kFactoryPriceE4);
    // It was under power before, and used nothing.
    constexpr int kHoursBefore = 72;
    const auto hour = std::chrono::floor<std::chrono::hours>(this->meter().clock());
    for (int i = 0; i < kHoursBefore; ++i) {
        frozen_.push_back({hour - std::chrono::hours{i}, this->meter().registers().energy_mwh});
    }
}

bool Dlt645Meter::hears(protocols::ByteView frame) const {
    const auto heard = dl::decode_frame(frame);
    return (heard.control & dl::kFromMeter) == 0 &&
           (heard.address == dl::kBroadcast || dl::meant_for(heard.address, address_));
}

FrameKind Dlt645Meter::kind_of(protocols::ByteView frame) const {
    const auto heard = dl::decode_frame(frame);
    const auto request = dl::parse_request(heard);
    const auto* known = std::get_if<dl::Request>(&request);
    return {heard.control, known != nullptr && (std::holds_alternative<dl::WriteData>(*known) ||
                                                std::holds_alternative<dl::ControlRelay>(*known) ||
                                                std::holds_alternative<dl::Purchase>(*known))};
}

Bytes Dlt645Meter::answer(protocols::ByteView frame, core::Timestamp now) {
    advance(now);
    const auto heard = dl::decode_frame(frame);
    const auto parsed = dl::parse_request(heard);
    Outcome outcome = std::uint16_t{dl::RefusalBit::other};
    if (const auto* request = std::get_if<dl::Request>(&parsed)) {
        outcome = serve(*request);
    }
    if (!dl::wants_reply(heard)) {
        return {};
    }
    if (const auto* bits = std::get_if<std::uint16_t>(&outcome)) {
        return dl::encode_frame(dl::encode_refusal(address_, heard, *bits));
    }
    return dl::encode_frame(dl::encode_reply(address_, heard, std::get<Bytes>(outcome)));
}

Bytes Dlt645Meter::as_foreign(const Bytes& answer) const {
    auto frame = dl::decode_frame(answer);
    frame.address.low_first[0] = static_cast<std::uint8_t>(frame.address.low_first[0] == 0x99 ? 0x98 : 0x99);
    return dl::encode_frame(frame);
}

Dlt645Meter::Outcome Dlt645Meter::serve(const dl::Request& request) {
    if (const auto* reading = std::get_if<dl::ReadData>(&request)) {
        return read(*reading);
    }
    if (std::holds_alternative<dl::ReadAddress>(request)) {
        return Bytes{address_.low_first.begin(), address_.low_first.end()};
    }
    if (const auto* writing = std::get_if<dl::WriteData>(&request)) {
        return write(*writing);
    }
    if (const auto* controlling = std::get_if<dl::ControlRelay>(&request)) {
        return control(*controlling);
    }
    if (const auto* bought = std::get_if<dl::Purchase>(&request)) {
        return purchase(*bought);
    }
    if (const auto* time = std::get_if<dl::SetTime>(&request)) {
        // A meter follows a broadcast only when its clock is about right: nobody moves a tariff by hours.
        constexpr std::chrono::minutes kStepMax{5};
        const auto wanted = moment_of(time->clock, identity_.local_offset);
        if (std::chrono::abs(wanted - meter().clock()) <= kStepMax) {
            meter().set_clock(wanted);
            meter().note_write("clock");
        }
        return Bytes{};
    }
    if (std::holds_alternative<dl::Freeze>(request)) {
        return Bytes{};
    }
    return std::uint16_t{dl::RefusalBit::no_such_data};
}

std::optional<Bytes> Dlt645Meter::energy(std::uint32_t id) const {
    // 00 QQ RR 00: QQ 00 combined, 01 forward, 02 reverse; RR rate, FF total and rates.
    const auto quantity = id >> 16 & 0xFFU;
    const auto rate = id >> 8 & 0xFFU;
    if (id >> 24 != 0 || (id & 0xFFU) != 0 || quantity > 2 || (rate > kRates && rate != 0xFF)) {
        return std::nullopt;
    }
    const auto counted = quantity == 2 ? 0 : meter().registers().energy_mwh / kMilliwattHoursPerHundredth;
    const auto of_rate = [&](std::uint32_t one) {
        return shown(one == 0 || one == kCountingRate ? counted : 0, 4);
    };
    if (rate != 0xFF) {
        return of_rate(rate);
    }
    Bytes block;
    for (std::uint32_t one = 0; one <= kRates; ++one) {
        append(block, of_rate(one));
    }
    return block;
}

std::optional<Bytes> Dlt645Meter::electrical(std::uint32_t id) const {
    const auto now = electrical_of(meter().load_w(), identity_.phases, identity_.seed, meter().now(),
                                   meter().disturbances().voltage_unbalanced);
    if (id == 0x02800002) {
        return shown(std::llround(now.frequency_hz * 100), 2);
    }
    const auto code = id >> 16 & 0xFFU;
    const auto which = id >> 8 & 0xFFU;
    const auto* quantity = std::find_if(std::begin(kQuantities), std::end(kQuantities),
                                        [&](const Quantity& one) { return one.code == code; });
    if (id >> 24 != 2 || (id & 0xFFU) != 0 || quantity == std::end(kQuantities) ||
        (which > 3 && which != 0xFF)) {
        return std::nullopt;
    }
    const auto total = [&] {
        return shown(std::llround(now.*quantity->of_all * quantity->scale), quantity->bytes, quantity->sign);
    };
    const auto phase = [&](std::uint32_t number) {
        if (static_cast<int>(number) > identity_.phases) {
            return Bytes(quantity->bytes, 0xFF);  // no such phase
        }
        return shown(std::llround(now.phase[number - 1].*quantity->of_phase * quantity->scale),
                     quantity->bytes, quantity->sign);
    };
    if (which == 0) {
        return quantity->of_all == nullptr ? std::nullopt : std::optional{total()};
    }
    if (which != 0xFF) {
        return phase(which);
    }
    Bytes block = quantity->of_all == nullptr ? Bytes{} : total();
    for (std::uint32_t number = 1; number <= 3; ++number) {
        append(block, phase(number));
    }
    return block;
}

Dlt645Meter::Outcome Dlt645Meter::read(const dl::ReadData& request) const {
    const auto& registers = meter().registers();
    const auto clock = wall_clock(meter().clock(), identity_.local_offset);
    auto id = request.id;
    if (request.edition == dl::Edition::of_1997) {
        // What 1997 calls these; the formats of all but voltage and current are the same.
        switch (id) {
            case 0x9010:
                id = 0x00010000;
                break;
            case 0x901F:
                id = 0x0001FF00;
                break;
            case 0x9020:
                id = 0x00020000;
                break;
            case 0xB611: {
                const auto now = electrical_of(meter().load_w(), identity_.phases, identity_.seed,
                                               meter().now(), meter().disturbances().voltage_unbalanced);
                return shown(std::llround(now.phase[0].voltage_v), 2);
            }
            case 0xB621: {
                const auto now = electrical_of(meter().load_w(), identity_.phases, identity_.seed,
                                               meter().now(), meter().disturbances().voltage_unbalanced);
                return shown(std::llround(now.phase[0].current_a * 100), 2);
            }
            case 0xB630:
                id = 0x02030000;
                break;
            case 0xC010:
                id = dl::kDate;
                break;
            case 0xC011:
                id = dl::kTime;
                break;
            case 0xC032:
                id = kMeterNumber;
                break;
            default:
                return std::uint16_t{dl::RefusalBit::no_such_data};
        }
    }
    switch (id) {
        case dl::kDate:
            return dl::encode_date(clock);
        case dl::kTime:
            return dl::encode_time(clock);
        case kMeterNumber:
        case kCommunicationAddress:
            return Bytes{address_.low_first.begin(), address_.low_first.end()};
        case dl::kStatusWord3:
            return status_word_3();
        case dl::kRemainingAmount:
            return shown(std::max<std::int64_t>(meter().balance_cents(), 0), 4);
        case dl::kOverdraftAmount:
            return shown(std::max<std::int64_t>(-meter().balance_cents(), 0), 4);
        case dl::kPurchaseCount:
            return shown(registers.purchase_number, 2);
        case dl::kTotalPurchased:
            return shown(registers.total_purchased, 4);
        case dl::kAmountAlarm1:
            return shown(registers.alarm_1_cents, 4);
        case dl::kAmountAlarm2:
            return shown(registers.alarm_2_cents, 4);
        case kCurrentPrice:
            return shown(meter().price_e4(), 4);
        case kSoftwareVersion: {
            std::string text{"SIM645 3.2"};
            text.resize(kVersionBytes, ' ');
            return Bytes{text.rbegin(), text.rend()};
        }
        default:
            break;
    }
    if (auto bytes = energy(id)) {
        return std::move(*bytes);
    }
    if (auto bytes = record(id)) {
        return std::move(*bytes);
    }
    if (auto bytes = electrical(id)) {
        return std::move(*bytes);
    }
    return std::uint16_t{dl::RefusalBit::no_such_data};
}

}  // namespace wutong::simulator
