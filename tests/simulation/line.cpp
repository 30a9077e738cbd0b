#include "tests/simulation/line.hpp"

#include <utility>

#include "collector/protocols/modbus_crc.hpp"
#include "collector/protocols/modbus_rtu.hpp"

namespace wutong::simulation {

using collector::BusReply;
using collector::Repeat;

namespace {

BusReply ended(BusReply::Kind kind, const char* reason) {
    BusReply reply;
    reply.kind = kind;
    reply.reason = reason;
    return reply;
}

bool moves_money(const protocols::Request& request) {
    const auto* vendor = std::get_if<protocols::VendorWriteRequest>(&request);
    if (vendor == nullptr || vendor->address != protocols::kMoneyRegister) {
        return false;
    }
    const auto decoded = protocols::decode_money(*vendor);
    const auto* command = std::get_if<protocols::MoneyCommand>(&decoded);
    return command != nullptr && command->balance.has_value();
}

bool shows_balance(const protocols::Request& request) {
    const auto* read = std::get_if<protocols::ReadRequest>(&request);
    return read != nullptr && read->address == 0x0200 && read->count > 0x25;
}

}  // namespace

BusReply Line::exchange(const protocols::Request& request, Repeat repeat) {
    const Money money = moves_money(request) ? Money::yes : Money::no;
    const int tries = repeat == Repeat::allowed ? 2 : 1;
    BusReply reply;
    for (int i = 0; i < tries; ++i) {
        collector_.pause();
        world_.now += std::chrono::milliseconds{world_.random.between(20, 900)};
        reply = exchange_once(request, money);
        world_.trace.note(money == Money::yes ? "  money frame" : "  exchange", meter_.address(),
                          static_cast<int>(reply.kind));
        if (world_.plants.resends_blindly && money == Money::yes && reply.kind == BusReply::Kind::silent &&
            i == 0) {
            collector_.pause();
            reply = exchange_once(request, money);
        }
        if (reply.kind != BusReply::Kind::silent && reply.kind != BusReply::Kind::garbled) {
            break;
        }
    }
    return reply;
}

void Line::pause(std::chrono::milliseconds duration) {
    collector_.pause();
    world_.now += duration;
}

FrameTag Line::tag(Money money) const {
    if (work_ == nullptr) {
        return {};
    }
    const bool ours = money == Money::no || (collector_.fence() && world_.store.holds(*collector_.fence()));
    return {work_->id.value, work_->delivery.kind, ours ? Arrival::in_time : Arrival::stale};
}

std::optional<Fault> Line::strike(Money money) {
    constexpr std::array kAny{Fault::lost_request,   Fault::lost_answer,  Fault::late_answer,
                              Fault::foreign_answer, Fault::bad_checksum, Fault::line_away};
    constexpr std::array kOfMoney{Fault::power_cut, Fault::meter_refuses, Fault::late_frame};
    std::optional<Fault> fault;
    if (money == Money::yes) {
        for (const Fault one : kOfMoney) {
            if (world_.weather.strikes(one)) {
                fault = one;
                break;
            }
        }
    }
    for (std::size_t i = 0; !fault && i < kAny.size(); ++i) {
        if (world_.weather.strikes(kAny[i])) {
            fault = kAny[i];
        }
    }
    if (fault && work_ != nullptr && *fault != Fault::late_frame) {
        world_.coverage.met(*fault, work_->delivery.state);
    }
    if (fault) {
        world_.trace.say(to_string(*fault));
    }
    return fault;
}

/// What comes back from the meter; empty: it has heard nothing that was for it.
protocols::Bytes Line::reach(protocols::ByteView frame, const FrameTag& tag) {
    if (!protocols::modbus_crc_holds(frame) || frame[0] != meter_.address()) {
        return {};
    }
    return protocols::encode_rtu(meter_.address(), meter_.answer(frame.subspan(1, frame.size() - 3), tag));
}

BusReply Line::exchange_once(const protocols::Request& request, Money money) {
    const auto fault = strike(money);
    if (fault == Fault::line_away) {
        return ended(BusReply::Kind::away, "the channel is down");
    }
    if (world_.random.chance(200)) {
        meter_.use(world_.random.between(0, 4));
    }
    if (world_.now < meter_.dark_until || fault == Fault::lost_request) {
        return ended(BusReply::Kind::silent, "no answer");
    }
    const auto pdu = protocols::encode_request(request);
    auto frame = protocols::encode_rtu(meter_.address(), pdu);
    FrameTag mark = tag(money);
    if (fault == Fault::late_frame) {
        mark.arrival = Arrival::late;
        world_.held.push_back({world_.index(id_), pdu, mark});
        return ended(BusReply::Kind::silent, "no answer");
    }
    const bool on_the_way_there = world_.random.chance(500);
    if (fault == Fault::bad_checksum && on_the_way_there) {
        frame[world_.random.below(frame.size())] ^= static_cast<std::uint8_t>(1U << world_.random.below(8));
        return reach(frame, mark).empty() ? ended(BusReply::Kind::silent, "no answer")
                                          : ended(BusReply::Kind::garbled, "");
    }
    if (fault == Fault::meter_refuses) {
        return receive(
            protocols::encode_rtu(meter_.address(),
                                  protocols::encode_exception(pdu[0], protocols::ExceptionCode::device_busy)),
            request);
    }
    auto answer = reach(frame, mark);
    if (fault == Fault::power_cut) {
        meter_.dark_until = world_.now + std::chrono::seconds{world_.random.between(1, 1'200)};
    }
    if (fault == Fault::lost_answer || fault == Fault::power_cut) {
        return ended(BusReply::Kind::silent, "no answer");
    }
    if (fault == Fault::late_answer) {
        collector_.late_answer = std::move(answer);
        return ended(BusReply::Kind::silent, "no answer");
    }
    if (fault == Fault::foreign_answer) {
        answer[0] = static_cast<std::uint8_t>(meter_.address() % 9 + 1);
        answer.resize(answer.size() - 2);
        protocols::append_modbus_crc(answer);
    }
    if (fault == Fault::bad_checksum) {
        answer[world_.random.below(answer.size())] ^= static_cast<std::uint8_t>(1U << world_.random.below(8));
    }
    BusReply reply = receive(std::move(answer), request);
    note_look(request, reply);
    return reply;
}

BusReply Line::receive(protocols::Bytes answer, const protocols::Request& request) {
    // The product's client lets what is still owed come in and drops it
    // (collector/transports/late_answers.hpp).
    if (!world_.plants.late_answer_taken) {
        collector_.late_answer.reset();
    } else if (collector_.late_answer) {
        // From here on each question gets the answer to the one before.
        std::swap(*collector_.late_answer, answer);
    }
    protocols::ReplyDeframer deframer{{meter_.address(), protocols::reply_shape(request)}};
    const auto result = deframer.feed(answer);
    const auto* frame = std::get_if<protocols::RtuFrame>(&result);
    if (frame == nullptr) {
        return ended(BusReply::Kind::garbled, "rubbish came back");
    }
    auto parsed = protocols::parse_reply(frame->pdu, request);
    BusReply reply;
    if (const auto* fault = std::get_if<protocols::ReplyFault>(&parsed)) {
        return fault->kind == protocols::ReplyFault::Kind::exception
                   ? ended(BusReply::Kind::refused, "device busy")
                   : ended(BusReply::Kind::garbled, "rubbish came back");
    }
    reply.kind = BusReply::Kind::answered;
    reply.words = std::get<protocols::Words>(std::move(parsed));
    return reply;
}

void Line::note_look(const protocols::Request& request, BusReply& reply) {
    if (!reply.answered() || !shows_balance(request)) {
        return;
    }
    collector_.true_look = meter_.look(collector_.now());
    if (world_.plants.number_alone && work_ != nullptr && work_->delivery.write &&
        work_->delivery.state == core::DeliveryState::unknown &&
        work_->delivery.write->purchase_number == reply.words[0x21]) {
        const auto cents = static_cast<std::uint32_t>(work_->delivery.write->balance.ten_thousandths() / 100);
        reply.words[0x1F] = static_cast<std::uint16_t>(cents >> 16U);
        reply.words[0x20] = static_cast<std::uint16_t>(cents & 0xFFFFU);
    }
}

}  // namespace wutong::simulation
