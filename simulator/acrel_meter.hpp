#pragma once

#include <memory>
#include <vector>

#include "collector/protocols/acrel_frames.hpp"
#include "simulator/meter_device.hpp"
#include "simulator/prepaid_meter.hpp"

namespace wutong::simulator {

/// Register map and commands of the Acrel prepaid meters around a PrepaidMeter. Which addresses exist, and
/// which of them no source could confirm, is written in docs/simulator.md.
class AcrelMeter : public MeterDevice {
public:
    struct Identity {
        Model model = Model::ddsy1352;
        std::uint8_t address = 1;
        std::string serial;  ///< 12 digits
        std::uint64_t seed = 0;
        int box_circuits = 0;  ///< ADF300: 12, 24 or 36
        std::chrono::minutes local_offset{0};
    };

    AcrelMeter(Identity identity, PrepaidMeter meter);

    protocols::Bytes answer(protocols::ByteView pdu, core::Timestamp now) override;

    [[nodiscard]] PrepaidMeter& meter() { return meter_; }
    [[nodiscard]] const PrepaidMeter& meter() const { return meter_; }
    [[nodiscard]] const Identity& identity() const { return identity_; }
    /// ADF300: every circuit of the box, this one included; commands to the register ..FFh reach them all.
    void set_box(std::vector<AcrelMeter*> circuits) { box_ = std::move(circuits); }

private:
    [[nodiscard]] int phases() const { return identity_.model == Model::dtsy1352 ? 3 : 1; }
    [[nodiscard]] ReadResult read(const protocols::ReadRequest& request) const;
    protocols::Bytes write(const protocols::WriteRequest& request);
    protocols::Bytes write(const protocols::VendorWriteRequest& request, core::Timestamp now);

    void apply(const protocols::MoneyCommand& command);
    void apply(const protocols::LoadCommand& command);
    [[nodiscard]] bool reset_trips(const protocols::VendorWriteRequest& request);

    Identity identity_;
    PrepaidMeter meter_;
    std::vector<AcrelMeter*> box_;
};

/// What AcrelMeter::read looks into; in acrel_registers.cpp.
[[nodiscard]] std::vector<RegisterBlock> acrel_blocks(const AcrelMeter::Identity& identity,
                                                      const PrepaidMeter& meter);

}  // namespace wutong::simulator
