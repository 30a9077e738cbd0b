#include "collector/drivers/iec62056_driver.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "collector/drivers/iec62056_values.hpp"
#include "core/meter_items.hpp"

namespace wutong::collector {

namespace iec = protocols::iec62056;
using protocols::Bytes;
using protocols::ByteView;
using Verdict = FrameMatch::Verdict;

namespace {

/// A meter begins to answer within 1.5 s, and rests as long between two characters at most.
constexpr std::chrono::milliseconds kReaction{1'500};
/// Nobody else has the line meanwhile: 3 000 characters at 300 baud.
constexpr std::chrono::milliseconds kReadoutAtMost{100'000};
/// Before an acknowledgement; a meter whose third letter is small is as quick itself.
constexpr std::chrono::milliseconds kPause{200};
constexpr std::chrono::milliseconds kQuickPause{20};
constexpr std::size_t kUsualIdentification = 20;
/// An identification does not say whose it is, so the answers of all meters of a line are alike.
constexpr const char* kKey = "iec62056";

/// A conversation under way, told by the line's own coroutine.
struct Talk {
    Iec62056Readout readout;
    core::ReadoutLink link;
    bool only_identification = false;
};

template <class Match, class Decode>
FrameMatch match_whole(ByteView received, const Match& match, const Decode& decode) {
    const auto told = match(received);
    if (const auto* skip = std::get_if<protocols::Skip>(&told)) {
        return {Verdict::not_mine, skip->bytes};
    }
    if (std::holds_alternative<protocols::NeedMore>(told)) {
        return {Verdict::need_more, 0};
    }
    const auto length = std::get<protocols::FrameComplete>(told).length;
    const auto decoded = decode(received.first(length));
    return {std::holds_alternative<protocols::DecodeFault>(decoded) ? Verdict::spoiled : Verdict::complete,
            length};
}

FrameMatch match_identified(ByteView received) {
    return match_whole(received, iec::match_identification, iec::decode_identification);
}

FrameMatch match_data(ByteView received) {
    return match_whole(received, iec::match_message, iec::decode_data);
}

/// The speed for the read-out: the meter's own when the line can take it.
char speed_for(const Talk& talk, const LineSpeed& line) {
    const auto& told = talk.readout.identification;
    if (!line.can_change) {
        return iec::speed_character(line.baud).value_or('0');
    }
    const auto offered = told.baud();
    return offered && *offered <= talk.link.baud_max
               ? told.speed
               : iec::speed_character(talk.link.start_baud).value_or('0');
}

/// After the identification: what is sent, if anything, and how the data come.
std::shared_ptr<const FrameExchange> ask_for_data(Talk& talk, ByteView answer, const LineSpeed& line) {
    auto& told = talk.readout.identification;
    told = std::get<iec::Identification>(iec::decode_identification(answer));
    if (talk.only_identification) {
        return nullptr;
    }
    const auto data = std::make_shared<FrameExchange>();
    data->match = match_data;
    data->key = kKey;
    data->answer_after = kReaction;
    data->silence_max = kReaction;
    data->lasts_at_most = kReadoutAtMost;
    if (told.mode() == iec::Mode::acknowledged) {
        const char speed = speed_for(talk, line);
        data->request = iec::with_parity(iec::encode_acknowledgement({speed, iec::Option::readout}));
        data->pause = told.manufacturer.back() >= 'a' ? kQuickPause : kPause;
        data->answer_baud = iec::Identification{"", speed, ""}.baud().value_or(talk.link.start_baud);
    } else if (told.mode() == iec::Mode::announced) {
        data->answer_baud = told.baud().value_or(talk.link.start_baud);
        if (!line.can_change && line.baud != data->answer_baud) {
            talk.readout.kind = BusReply::Kind::refused;
            talk.readout.reason =
                fmt::format("the meter goes on at {} baud by itself (mode B), and the line stays at {}",
                            data->answer_baud, line.baud);
            return nullptr;
        }
    }
    return data;
}

BusReply refused_address(const FieldMeter& meter) {
    BusReply reply;
    reply.kind = BusReply::Kind::refused;
    reply.reason =
        fmt::format("meter {} needs a station address of at most 32 letters and digits, or *, and has \"{}\"",
                    meter.code, meter.station_address);
    return reply;
}

/// Sign-on, and what follows of it. The answer is the read-out's message, or the identification alone.
BusReply talk_to(MeterBus& bus, const FieldMeter& meter, const std::shared_ptr<Talk>& talk, Repeat repeat) {
    const std::string address = meter.station_address == "*" ? "" : meter.station_address;
    if (meter.station_address.empty() || !iec::good_address(address)) {
        return refused_address(meter);
    }
    talk->link = meter.profile->readout;
    FrameExchange exchange;
    exchange.request = iec::with_parity(iec::encode_sign_on(address));
    exchange.match = match_identified;
    exchange.answer_bytes = kUsualIdentification;
    exchange.answer_after = kReaction;
    exchange.key = kKey;
    exchange.baud = talk->link.start_baud;
    exchange.next = [talk](ByteView answer, const LineSpeed& line) {
        return ask_for_data(*talk, answer, line);
    };
    return bus.transact(exchange, repeat);
}

/// Is it the meter that was asked for? Empty when it is, or doesn't tell.
std::string another_meter(const FieldMeter& meter, const iec::DataSets& data) {
    const auto& code = meter.profile->readout.number;
    if (code.empty() || meter.station_address == "*") {
        return {};
    }
    core::Field field;
    field.code = code;
    auto told = readout_text(field, data);
    told.erase(std::remove(told.begin(), told.end(), ' '), told.end());
    return told.empty() || iec::same_address(told, meter.station_address)
               ? std::string{}
               : fmt::format("another meter answered: it tells its number as {}, and {} was asked for", told,
                             meter.station_address);
}

Iec62056Readout read_out(MeterBus& bus, const FieldMeter& meter) {
    const auto talk = std::make_shared<Talk>();
    auto reply = talk_to(bus, meter, talk, Repeat::allowed);
    auto& readout = talk->readout;
    if (!readout.reason.empty()) {
        return readout;  // it answered, and can't be read on this line
    }
    readout.kind = reply.kind;
    readout.reason = std::move(reply.reason);
    if (!readout.answered()) {
        return readout;
    }
    auto data = iec::decode_data(reply.frame);
    if (auto* fault = std::get_if<protocols::DecodeFault>(&data)) {
        readout.kind = BusReply::Kind::garbled;
        readout.reason = std::move(fault->reason);
        return readout;
    }
    readout.data = std::get<iec::DataSets>(std::move(data));
    if (auto other = another_meter(meter, readout.data); !other.empty()) {
        readout.kind = BusReply::Kind::garbled;
        readout.reason = std::move(other);
    }
    return readout;
}

}  // namespace

std::chrono::milliseconds Iec62056Driver::answers_within() const {
    return kReaction;
}

MeterReadout Iec62056Driver::read_groups(MeterBus& bus, const FieldMeter& meter, const Groups& groups) const {
    MeterReadout readout;
    auto told = read_out(bus, meter);
    readout.at = bus.now();
    readout.kind = told.kind;
    readout.reason = told.reason;
    if (!told.answered()) {
        return readout;
    }
    const auto session = std::make_shared<Iec62056Session>();
    session->last = std::move(told);
    bus.session() = session;
    std::vector<const core::Field*> fields;
    for (const core::Block* block : core::plan_items(*meter.profile, groups)) {
        for (const auto& field : block->fields) {
            fields.push_back(&field);
        }
    }
    readout.reason = take_readout(fields, session->last.data, readout.values);
    if (readout.reason.empty() && readout.values.empty()) {
        readout.reason = "the meter's read-out has none of the codes of profile " + meter.profile->id;
    }
    if (!readout.reason.empty()) {
        readout.kind = BusReply::Kind::refused;
        readout.values.clear();
    }
    return readout;
}

DriverOffers Iec62056Driver::offers(const core::MeterProfile& profile) const {
    auto offers = MeterDriver::offers(profile);
    offers.firmware = true;
    return offers;
}

FirmwareReadout Iec62056Driver::read_firmware(MeterBus& bus, const FieldMeter& meter) const {
    auto session = std::dynamic_pointer_cast<Iec62056Session>(bus.session());
    if (!session) {
        session = std::make_shared<Iec62056Session>();
        session->last = read_out(bus, meter);
        if (session->last.answered()) {
            bus.session() = session;
        }
    }
    const auto& last = session->last;
    FirmwareReadout firmware{last.kind, last.reason, {}};
    if (last.answered()) {
        core::Field field;
        field.code = meter.profile->readout.firmware;
        const auto told = field.code.empty() ? std::string{} : readout_text(field, last.data);
        const auto& text = told.empty() ? last.identification.text : told;
        firmware.version = version_text(Bytes{text.begin(), text.end()});
    }
    return firmware;
}

BusReply Iec62056Driver::probe(MeterBus& bus, const FieldMeter& meter) const {
    const auto talk = std::make_shared<Talk>();
    talk->only_identification = true;
    return talk_to(bus, meter, talk, Repeat::allowed);
}

}  // namespace wutong::collector
