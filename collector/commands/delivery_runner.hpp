#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/commands/field_work.hpp"
#include "collector/drivers/meter_driver.hpp"

namespace wutong::collector {

/// Where a delivery is written down. Nothing is sent before `store` has said yes.
class DeliveryJournal {
public:
    enum class Stored {
        yes,
        fenced,    ///< another collector holds the channel by now: hands off
        away,      ///< the database can't be reached: hands off until it is read again
        rejected,  ///< the database is there and will not have it: hands off until a person has looked
    };
    DeliveryJournal() = default;
    DeliveryJournal(const DeliveryJournal&) = delete;
    DeliveryJournal& operator=(const DeliveryJournal&) = delete;
    virtual ~DeliveryJournal() = default;
    /// Appends work.frames to the evidence.
    virtual Stored store(const DeliveryWork& work) = 0;
    /// Books the outcome as well. @pre work.delivery.finished()
    virtual Stored finish(const DeliveryWork& work) = 0;
};

struct DeliveryEnd {
    enum class Kind {
        finished,  ///< delivered, refused or quarantined, and booked
        later,     ///< the meter is away: try again after a back-off
        unsaved,   ///< the database is away; what `work` says goes on from there when it is back
        rejected,  ///< as unsaved, but waiting alone does not help
        fenced,    ///< it is somebody else's now: forget it
    };
    Kind kind = Kind::unsaved;
    /// Another meter answered at the address; empty where that can't be told.
    std::optional<bool> wrong_meter = std::nullopt;
    std::optional<MeterReadout> look =
        std::nullopt;  ///< the newest whole look at the meter, for its state and history
};

/// Takes one delivery as far as it goes now, whatever state it is met in. The decisions are core::step's;
/// here they are stored, sent and read back.
[[nodiscard]] DeliveryEnd run_delivery(DeliveryWork& work, const FieldMeter& meter, MeterBus& bus,
                                       DeliveryJournal& journal);

}  // namespace wutong::collector
