#pragma once

#include <vector>

#include "collector/polling/channel.hpp"

namespace wutong::collector {

/// A meter on its channel, for one command or delivery: gives way to more urgent lanes and keeps the frames.
class ChannelBus final : public MeterBus {
public:
    ChannelBus(Channel& channel, const FieldMeter& meter, core::Lane lane, Yield yield)
        : channel_{channel},
          meter_{meter},
          lane_{lane},
          yield_{yield},
          session_{channel.session_of(meter.id)} {}

    BusReply exchange(const protocols::Request& request, Repeat repeat) override {
        return channel_.exchange(meter_, request, repeat, lane_, &frames_, yield_);
    }
    BusReply transact(const FrameExchange& exchange, Repeat repeat) override {
        return channel_.exchange(meter_, exchange, repeat, lane_, &frames_, yield_);
    }
    BusReply publish(const Message& message) override { return channel_.publish(message); }
    std::shared_ptr<MeterSession>& session() override { return session_->kept; }
    void pause(std::chrono::milliseconds duration) override {
        channel_.leave_bus(std::chrono::steady_clock::now() + duration, lane_, yield_);
    }
    [[nodiscard]] core::Timestamp now() const override { return channel_.env_.clock(); }
    std::vector<EvidenceFrame> take_frames() override {
        const auto most = static_cast<std::ptrdiff_t>(channel_.env_.rules.evidence_frames_max);
        if (static_cast<std::ptrdiff_t>(frames_.size()) > most) {
            frames_.erase(frames_.begin(), frames_.end() - most);
        }
        return std::exchange(frames_, {});
    }

private:
    Channel& channel_;
    const FieldMeter& meter_;
    core::Lane lane_;
    Yield yield_;
    std::shared_ptr<SessionSlot> session_;
    std::vector<EvidenceFrame> frames_;
};

/// The same for a poll: each question once, since a round comes again by itself, and no evidence.
class PollBus final : public MeterBus {
public:
    /// @param lane gives way to what is more urgent than this before each question; a probe does not
    PollBus(Channel& channel, const FieldMeter& meter, std::optional<core::Lane> lane,
            std::chrono::milliseconds answer_timeout, Yield yield)
        : channel_{channel},
          meter_{meter},
          lane_{lane},
          answer_timeout_{answer_timeout},
          yield_{yield},
          session_{channel.session_of(meter.id)} {}

    BusReply exchange(const protocols::Request& request, Repeat /*repeat*/) override { return ask(request); }
    BusReply transact(const FrameExchange& exchange, Repeat /*repeat*/) override { return ask(exchange); }
    BusReply publish(const Message& message) override { return channel_.publish(message); }
    std::shared_ptr<MeterSession>& session() override { return session_->kept; }
    void pause(std::chrono::milliseconds duration) override {
        channel_.leave_bus(std::chrono::steady_clock::now() + duration, lane_.value_or(core::Lane::catch_up),
                           yield_);
    }
    [[nodiscard]] core::Timestamp now() const override { return channel_.env_.clock(); }
    std::vector<EvidenceFrame> take_frames() override { return {}; }
    /// When the last question may be asked again.
    [[nodiscard]] SteadyTime not_before() const { return not_before_; }

private:
    BusReply ask(const BusQuestion& question) {
        if (lane_) {
            channel_.run_urgent(*lane_, yield_);
        }
        BusReply reply = channel_.exchange_once(meter_, question, answer_timeout_, nullptr, yield_);
        not_before_ = channel_.clear_at(meter_, question);
        return reply;
    }

    Channel& channel_;
    const FieldMeter& meter_;
    std::optional<core::Lane> lane_;
    std::chrono::milliseconds answer_timeout_;
    Yield yield_;
    std::shared_ptr<SessionSlot> session_;
    SteadyTime not_before_{};
};

}  // namespace wutong::collector
