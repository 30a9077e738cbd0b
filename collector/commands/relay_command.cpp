#include "collector/commands/relay_command.hpp"

namespace wutong::collector {

namespace {

using core::Quantity;
constexpr int kAttemptsMax = 3;
constexpr std::chrono::milliseconds kRelayMoves{150};

/// What is not as wanted, or nothing.
std::string difference(const MeterReadout& readout, protocols::RelayCommand command) {
    const auto forced = readout.value(Quantity::forced_enabled);
    const auto closed = readout.value(Quantity::relay_closed);
    if (!forced && !closed) {
        return "the profile does not say where the relay's state is";
    }
    if (command == protocols::RelayCommand::follow_prepaid) {
        return forced.value_or(0) != 0 ? "the forced state is still in force" : "";
    }
    if (forced && *forced == 0) {
        return "the forced state is not in force";
    }
    const bool wanted = command == protocols::RelayCommand::force_closed;
    if (closed && (*closed != 0) != wanted) {
        return wanted ? "the relay is still open" : "the relay is still closed";
    }
    return {};
}

}  // namespace

RelayOutcome set_relay(MeterBus& bus, const FieldMeter& meter, protocols::RelayCommand command,
                       const std::function<bool()>& may_send) {
    RelayOutcome outcome;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        if (!may_send()) {
            outcome.stopped = true;
            return outcome;
        }
        const BusReply reply = bus.exchange(protocols::encode_relay(command), Repeat::never);
        if (reply.kind == BusReply::Kind::refused) {
            outcome.reason = "the meter refused: " + reply.reason;
            return outcome;
        }
        outcome.readout = read_groups(bus, *meter.profile, {core::Block::Group::state});
        if (outcome.readout.answered()) {
            outcome.reason = difference(outcome.readout, command);
            if (outcome.reason.empty()) {
                return outcome;
            }
        } else {
            outcome.reason = "the relay could not be read back: " + outcome.readout.reason;
        }
        if (attempt + 1 < kAttemptsMax) {
            bus.pause(kRelayMoves);
        }
    }
    return outcome;
}

}  // namespace wutong::collector
