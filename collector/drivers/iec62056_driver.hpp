#pragma once

#include "collector/drivers/meter_driver.hpp"
#include "collector/protocols/iec62056.hpp"

namespace wutong::collector {

/// IEC 62056-21: everything that a profile wants is taken out of one read-out, whichever group is asked for.
/// The line belongs to the meter from the sign-on to the end of the data. Meters are only read; what they are
/// told is their address, a speed and "read-out".
class Iec62056Driver final : public MeterDriver {
public:
    [[nodiscard]] MeterReadout read_groups(MeterBus& bus, const FieldMeter& meter,
                                           const Groups& groups) const override;
    /// Sign-on alone. A meter goes back to where it was when nobody acknowledges.
    [[nodiscard]] BusReply probe(MeterBus& bus, const FieldMeter& meter) const override;
    [[nodiscard]] std::chrono::milliseconds answers_within() const override;
    [[nodiscard]] DriverOffers offers(const core::MeterProfile& profile) const override;
    /// Under the profile's code; else what the identification says. Of the last read-out, where there was
    /// one.
    [[nodiscard]] FirmwareReadout read_firmware(MeterBus& bus, const FieldMeter& meter) const override;
};

/// What a meter said of itself, from the first byte to the last.
struct Iec62056Readout {
    BusReply::Kind kind = BusReply::Kind::silent;
    std::string reason;
    protocols::iec62056::Identification identification;
    protocols::iec62056::DataSets data;

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered; }
};

/// The last one, for probes, which show what came for each field, and for what is asked for rarely.
class Iec62056Session final : public MeterSession {
public:
    Iec62056Readout last;
};

}  // namespace wutong::collector
