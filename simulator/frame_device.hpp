#pragma once

#include "collector/protocols/bytes.hpp"
#include "core/time.hpp"
#include "simulator/prepaid_meter.hpp"

namespace wutong::simulator {

/// What a device says of a frame before it acts on it.
struct FrameKind {
    int function = 0;     ///< control byte or service; faults may ask for one
    bool writes = false;  ///< changes the meter
};

/// A meter that speaks in whole frames of its own. Around a PrepaidMeter, which counts and switches.
class FrameDevice {
public:
    explicit FrameDevice(PrepaidMeter meter) : meter_{std::move(meter)} {}
    virtual ~FrameDevice() = default;
    FrameDevice(const FrameDevice&) = delete;
    FrameDevice& operator=(const FrameDevice&) = delete;

    /// Is this frame for the meter, alone or among others?
    [[nodiscard]] virtual bool hears(protocols::ByteView frame) const = 0;
    /// A frame for others.
    virtual void overhears(protocols::ByteView /*frame*/) {}
    [[nodiscard]] virtual FrameKind kind_of(protocols::ByteView frame) const = 0;
    /// @return the answer's frame; empty when nobody answers such a question
    virtual protocols::Bytes answer(protocols::ByteView frame, core::Timestamp now) = 0;
    /// Speed of the answer just given, where it is not the line's; else 0.
    [[nodiscard]] virtual int answer_baud() const { return 0; }
    /// The same answer as another meter would give it.
    [[nodiscard]] virtual protocols::Bytes as_foreign(const protocols::Bytes& answer) const = 0;
    virtual void advance(core::Timestamp now) { meter_.advance(now); }

    [[nodiscard]] PrepaidMeter& meter() { return meter_; }
    [[nodiscard]] const PrepaidMeter& meter() const { return meter_; }

private:
    PrepaidMeter meter_;
};

}  // namespace wutong::simulator
