#include <spdlog/spdlog.h>

#include <algorithm>

#include "collector/drivers/bus_exchange.hpp"
#include "collector/polling/channel_bus.hpp"

namespace wutong::collector {

namespace {

constexpr int kNestedMax = 3;           ///< polls and work on top of each other while an answer is awaited
constexpr int kSilentExchangesMax = 6;  ///< in a row, then the line itself is suspected

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
    recording_ = record_line(env_.recordings, settings_, env_.clock);
    const std::weak_ptr<Channel> weak = weak_from_this();
    // What is recorded has to be tapped, which libmodbus can't be.
    client_ = env_.make_client(strand_, settings_, client_plain_ && !recording_ && !requested_,
                               [weak](TapDirection direction, protocols::ByteView bytes, auto at) {
                                   if (const auto self = weak.lock()) {
                                       self->tapped(direction, bytes, at);
                                   }
                               });
}

void Channel::record(std::shared_ptr<RequestedRecording> recording) {
    boost::asio::post(strand_, [self = shared_from_this(), recording = std::move(recording)]() mutable {
        // libmodbus can't be listened to: the line goes to our own client meanwhile.
        self->renew_client_ = self->renew_client_ || (self->client_plain_ && !self->recording_);
        self->requested_ = std::move(recording);
        self->wake();
    });
}

void Channel::end_recording_that_is_over() {
    if (requested_ && requested_->over(Monotonic::now())) {
        requested_.reset();
        renew_client_ = renew_client_ || (client_plain_ && !recording_);
    }
}

void Channel::tapped(TapDirection direction, protocols::ByteView bytes, Monotonic::time_point at) {
    if (recording_) {
        recording_->add(direction, bytes, at, tap_confidential_);
    }
    if (requested_) {
        requested_->add(direction, bytes, at, tap_confidential_);
    }
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
    tap_frames_->push_back(
        {env_.clock(), sent,
         sent && tap_confidential_ ? "(with a password: not kept)" : protocols::to_hex(bytes)});
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
    tap_confidential_ = exchange != nullptr && exchange->confidential;
    reply = exchange != nullptr
                ? exchange_frame(*client_, *exchange, timeout, yield)
                : exchange_registers(*client_, meter.bus_address, *registers_of(question), timeout, yield);
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
        if (messages_) {
            follow_line();
            run_messages();
        }
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
