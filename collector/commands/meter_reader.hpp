#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/commands/meter_bus.hpp"
#include "core/meter_profile.hpp"
#include "core/time.hpp"

namespace wutong::collector {

struct MeterReadout {
    BusReply::Kind kind = BusReply::Kind::silent;
    core::Values values;  ///< empty unless answered
    core::Timestamp at;   ///< when the last answer came
    std::string reason;

    [[nodiscard]] bool answered() const { return kind == BusReply::Kind::answered; }
    [[nodiscard]] std::optional<std::int64_t> value(core::Quantity quantity) const;
};

/// Reads all blocks of the groups in as few exchanges as the profile allows. All or nothing: values of half a
/// meter would be taken for a whole look.
[[nodiscard]] MeterReadout read_groups(MeterBus& bus, const core::MeterProfile& profile,
                                       const std::vector<core::Block::Group>& groups);

/// The smallest question the profile has, to find out whether a meter is there at all.
[[nodiscard]] protocols::Request probe_request(const core::MeterProfile& profile);

}  // namespace wutong::collector
