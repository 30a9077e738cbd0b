#pragma once

#include <optional>
#include <vector>

#include "collector/drivers/meter_bus.hpp"
#include "tests/simulation/collector.hpp"
#include "tests/simulation/world.hpp"

namespace wutong::simulation {

/// The bus between a collector and one meter: real frames, through the product's codecs, and all that can
/// happen to them.
class Line final : public collector::MeterBus {
public:
    /// @param work the delivery for which it is used; null: polling
    Line(World& world, Collector& collector, core::MeterId meter, const collector::DeliveryWork* work)
        : world_{world}, collector_{collector}, id_{meter}, meter_{world.meter(meter)}, work_{work} {}

    collector::BusReply exchange(const protocols::Request& request, collector::Repeat repeat) override;
    void pause(std::chrono::milliseconds duration) override;
    [[nodiscard]] core::Timestamp now() const override { return collector_.now(); }
    std::vector<collector::EvidenceFrame> take_frames() override { return {}; }

private:
    enum class Money { no, yes };
    collector::BusReply exchange_once(const protocols::Request& request, Money money);
    [[nodiscard]] std::optional<Fault> strike(Money money);
    [[nodiscard]] protocols::Bytes reach(protocols::ByteView frame, const FrameTag& tag);
    [[nodiscard]] collector::BusReply receive(protocols::Bytes answer, const protocols::Request& request);
    [[nodiscard]] FrameTag tag(Money money) const;
    void note_look(const protocols::Request& request, collector::BusReply& reply);

    World& world_;
    Collector& collector_;
    core::MeterId id_;
    SimMeter& meter_;
    const collector::DeliveryWork* work_;
};

}  // namespace wutong::simulation
