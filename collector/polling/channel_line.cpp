#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/polling/channel_bus.hpp"

namespace wutong::collector {

namespace {

constexpr int kNestedMax = 3;           ///< polls and work on top of each other while an answer is awaited
constexpr int kSilentExchangesMax = 6;  ///< in a row, then the line itself is suspected

BusReply reply_of(const ModbusFault& fault) {
    BusReply reply;
    reply.reason = describe(fault);
    switch (fault.kind) {
        case ModbusFault::Kind::exception:
            switch (fault.code) {
                case protocols::ExceptionCode::illegal_function:
                case protocols::ExceptionCode::illegal_address:
                case protocols::ExceptionCode::illegal_value:
                case protocols::ExceptionCode::device_failure:
                    reply.kind = BusReply::Kind::refused;
                    break;
                default:
                    // Busy, still at it, or a gateway speaking for a meter that did not answer: nothing is
                    // known.
                    reply.kind = BusReply::Kind::silent;
            }
            break;
        case ModbusFault::Kind::timeout:
            reply.kind = BusReply::Kind::silent;
            break;
        case ModbusFault::Kind::closed:
            reply.kind = BusReply::Kind::away;
            break;
        case ModbusFault::Kind::unsupported:
            reply.kind = BusReply::Kind::refused;
            break;
        default:
            reply.kind = BusReply::Kind::garbled;
    }
    return reply;
}

const char* outcome_name(BusReply::Kind kind) {
    switch (kind) {
        case BusReply::Kind::answered:
            return "answered";
        case BusReply::Kind::refused:
            return "refused";
        case BusReply::Kind::silent:
            return "silent";
        case BusReply::Kind::garbled:
            return "garbled";
        case BusReply::Kind::away:
            return "away";
    }
    return "garbled";
}

template <class Outcome>
BusReply convert(const Outcome& outcome) {
    if (const auto* fault = std::get_if<ModbusFault>(&outcome)) {
        return reply_of(*fault);
    }
    BusReply reply;
    reply.kind = BusReply::Kind::answered;
    if constexpr (std::is_same_v<Outcome, ReadOutcome>) {
        reply.words = std::get<protocols::Words>(outcome);
    } else if constexpr (std::is_same_v<Outcome, FrameOutcome>) {
        reply.frame = std::get<protocols::Bytes>(outcome);
    }
    return reply;
}

int function_of(const protocols::Request& request) {
    if (const auto* read = std::get_if<protocols::ReadRequest>(&request)) {
        return read->function;
    }
    return std::holds_alternative<protocols::WriteRequest>(request) ? protocols::kWriteRegisters
                                                                    : protocols::kVendorWrite;
}

const protocols::Request* registers_of(const BusQuestion& question) {
    const auto* request = std::get_if<std::reference_wrapper<const protocols::Request>>(&question);
    return request == nullptr ? nullptr : &request->get();
}

const FrameExchange* frames_of(const BusQuestion& question) {
    const auto* exchange = std::get_if<std::reference_wrapper<const FrameExchange>>(&question);
    return exchange == nullptr ? nullptr : &exchange->get();
}

BusReply ask(ModbusClient& client, std::uint8_t unit, const protocols::Request& request,
             std::chrono::milliseconds timeout, Yield yield) {
    if (const auto* read = std::get_if<protocols::ReadRequest>(&request)) {
        return convert(
            client.read_registers(unit, read->function, read->address, read->count, timeout, yield));
    }
    if (const auto* write = std::get_if<protocols::WriteRequest>(&request)) {
        return convert(client.write_registers(unit, write->address, write->words, timeout, yield));
    }
    return convert(
        client.vendor_write(unit, std::get<protocols::VendorWriteRequest>(request), timeout, yield));
}

}  // namespace

bool Channel::plain() const {
    return std::none_of(meters_.begin(), meters_.end(), [](const auto& entry) {
        const auto& profile = *entry.second.meter.profile;
        return profile.switchable() || profile.protocol != core::MeterProtocol::modbus;
    });
}

void Channel::make_client() {
    client_plain_ = plain();
    forget_sessions();
    const std::weak_ptr<Channel> weak = weak_from_this();
    client_ = env_.make_client(strand_, settings_, client_plain_,
                               [weak](TapDirection direction, protocols::ByteView bytes, auto) {
                                   if (const auto self = weak.lock()) {
                                       self->tapped(direction, bytes);
                                   }
                               });
}

void Channel::tapped(TapDirection direction, protocols::ByteView bytes) {
    if (tap_frames_ == nullptr) {
        return;
    }
    const bool sent = direction == TapDirection::sent;
    // What comes in pieces is one frame for whoever reads the evidence.
    if (!tap_frames_->empty() && tap_frames_->back().sent == sent && !sent) {
        tap_frames_->back().hex += ' ' + protocols::to_hex(bytes);
        return;
    }
    if (tap_frames_->size() >= 2 * env_.rules.evidence_frames_max) {
        tap_frames_->erase(tap_frames_->begin());
    }
    tap_frames_->push_back({env_.clock(), sent, protocols::to_hex(bytes)});
}

BusReply Channel::exchange_once(const FieldMeter& meter, const BusQuestion& question,
                                std::chrono::milliseconds timeout, std::vector<EvidenceFrame>* frames,
                                Yield yield) {
    BusReply reply;
    if (down_ || !client_) {
        reply.kind = BusReply::Kind::away;
        reply.reason = "channel " + settings_.code + " can't be used at the moment";
        return reply;
    }
    tap_frames_ = frames;
    const auto begin = std::chrono::steady_clock::now();
    const FrameExchange* exchange = frames_of(question);
    reply = exchange != nullptr ? convert(client_->exchange_frames(*exchange, timeout, yield))
                                : ask(*client_, meter.bus_address, *registers_of(question), timeout, yield);
    tap_frames_ = nullptr;
    // That a broadcast has gone out says nothing about who is there.
    const bool broadcast = exchange != nullptr && !exchange->match;
    if (!broadcast || !reply.answered()) {
        count(reply, std::chrono::steady_clock::now() - begin);
    }
    return reply;
}

Deadline Channel::clear_at(const FieldMeter& meter, const BusQuestion& question) const {
    if (!client_) {
        return {};
    }
    if (const FrameExchange* exchange = frames_of(question)) {
        return client_->frames_clear_at(exchange->key);
    }
    return client_->clear_at(meter.bus_address, function_of(*registers_of(question)));
}

void Channel::count(const BusReply& reply, std::chrono::nanoseconds took) {
    metrics_->exchange(outcome_name(reply.kind), took);
    beats_.fetch_add(1, std::memory_order_relaxed);
    if (reply.kind == BusReply::Kind::answered || reply.kind == BusReply::Kind::refused) {
        const bool was_silent =
            silent_exchanges_ >= kSilentExchangesMax || reopen_wait_.count() != 0 || lost_;
        silent_exchanges_ = 0;
        reopen_wait_ = std::chrono::milliseconds{0};
        answered_at_ = env_.clock();
        metrics_->open(true);
        if (was_silent) {
            spdlog::info("channel={} event=answers_again", settings_.code);
            schedule_.probe_all_now(std::chrono::steady_clock::now());
        }
        return;
    }
    if (reply.kind == BusReply::Kind::away) {
        spdlog::warn("channel={} event=away reason=\"{}\"", settings_.code, reply.reason);
        line_failed();
        return;
    }
    ++silent_exchanges_;
    // A connection can be dead without saying so; opening it anew is cheap.
    if (silent_exchanges_ % kSilentExchangesMax == 0 && schedule_.quarantined() == schedule_.size()) {
        spdlog::warn("channel={} event=silent exchanges={}", settings_.code, silent_exchanges_);
        client_->close();
    }
}

void Channel::forget_sessions() {
    for (auto& [id, entry] : meters_) {
        entry.session = std::make_shared<SessionSlot>();
    }
}

void Channel::line_failed() {
    client_->close();
    forget_sessions();
    metrics_->open(false);
    down_ = true;
    reopen_wait_ = reopen_wait_.count() == 0 ? env_.rules.reopen_first
                                             : std::min(env_.rules.reopen_max, reopen_wait_ * 2);
    reopen_at_ = std::chrono::steady_clock::now() + reopen_wait_;
}

void Channel::leave_bus(SteadyTime until, core::Lane lane, Yield yield) {
    while (!stopping_ && std::chrono::steady_clock::now() < until) {
        if (auto work = queue_.take(lane, busy_)) {
            run_work(std::move(*work), yield);
            continue;
        }
        const auto now = std::chrono::steady_clock::now();
        if (depth_ < kNestedMax && !down_) {
            const auto poll = schedule_.next(now);
            if (poll && !busy_.contains(poll->meter)) {
                run_poll(*poll, yield);
                continue;
            }
        }
        SteadyTime wake_at = until;
        if (const auto due = schedule_.next_due(); due && *due > now && depth_ < kNestedMax) {
            wake_at = std::min(wake_at, *due);
        }
        wait_until(wake_at, yield);
    }
}

BusReply Channel::exchange(const FieldMeter& meter, const BusQuestion& question, Repeat repeat,
                           core::Lane lane, std::vector<EvidenceFrame>* frames, Yield yield) {
    const int tries = repeat == Repeat::allowed ? 1 + settings_.retries : 1;
    BusReply reply;
    for (int i = 0; i < tries; ++i) {
        if (i > 0 && stopping_) {
            break;
        }
        run_urgent(lane, yield);
        // An answer to the same question may still be on its way; until it can't come any more, others use
        // the bus.
        const Deadline clear = clear_at(meter, question);
        if (clear > std::chrono::steady_clock::now()) {
            leave_bus(clear, lane, yield);
        }
        reply = exchange_once(meter, question, settings_.answer_timeout, frames, yield);
        if (reply.kind != BusReply::Kind::silent && reply.kind != BusReply::Kind::garbled) {
            break;
        }
    }
    return reply;
}

}  // namespace wutong::collector
