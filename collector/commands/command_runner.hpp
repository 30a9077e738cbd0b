#pragma once

#include <optional>

#include "collector/commands/field_work.hpp"
#include "collector/drivers/meter_bus.hpp"
#include "collector/drivers/meter_readout.hpp"

namespace wutong::collector {

/// Asked right before anything is sent, and before each repetition.
class CommandGate {
public:
    enum class Answer {
        yes,       ///< marked as sent: it can't be cancelled any more
        too_late,  ///< set_price only: it was sent before and its time is over; find out what became of it
        settled,   ///< expired or cancelled, and finished as such
        fenced,    ///< another collector's by now
        away,      ///< the database can't be asked; nothing is sent without it
        rejected,  ///< the database is there and gives no answer that could be acted on
    };
    CommandGate() = default;
    CommandGate(const CommandGate&) = delete;
    CommandGate& operator=(const CommandGate&) = delete;
    virtual ~CommandGate() = default;
    virtual Answer ask() = 0;
};

struct CommandEnd {
    /// Anything but `yes`: the command stopped there, and the outcome means nothing.
    CommandGate::Answer stopped = CommandGate::Answer::yes;
    CommandOutcome outcome;
    bool sent = false;                    ///< set_price: the meter may have taken it
    bool undecided = false;               ///< set_price: and nobody knows; run the work again with `sent`
    std::optional<MeterReadout> readout;  ///< a whole state of the meter, read on the way
};

/// Carries out one command and reads back what it did. The gate is asked before anything is sent: nobody who
/// has paid meanwhile is switched off by an order from before.
[[nodiscard]] CommandEnd run_command(const CommandWork& work, const FieldMeter& meter, MeterBus& bus,
                                     CommandGate& gate);

}  // namespace wutong::collector
