#pragma once

#include <vector>

#include "collector/polling/channel.hpp"

namespace wutong::collector {

/// A meter on its channel, for one command or delivery: gives way to more urgent lanes and keeps the frames.
class ChannelBus final : public MeterBus {
public:
    ChannelBus(Channel& channel, const FieldMeter& meter, core::Lane lane, Yield yield)
        : channel_{channel}, meter_{meter}, lane_{lane}, yield_{yield} {}

    BusReply exchange(const protocols::Request& request, Repeat repeat) override {
        return channel_.exchange(meter_, request, repeat, lane_, &frames_, yield_);
    }
    BusReply transact(const FrameExchange& exchange, Repeat repeat) override {
        return channel_.exchange(meter_, exchange, repeat, lane_, &frames_, yield_);
    }
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
    std::vector<EvidenceFrame> frames_;
};

}  // namespace wutong::collector
