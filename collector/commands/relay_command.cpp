#include "collector/commands/relay_command.hpp"

namespace wutong::collector {

namespace {

using core::Quantity;
constexpr int kAttemptsMax = 3;
constexpr std::chrono::milliseconds kRelayMoves{150};
constexpr std::chrono::seconds kValveLook{2};

/// What is not as wanted, or nothing.
std::string difference(const MeterReadout& readout, RelayOrder order, const core::MeterProfile& profile) {
    const auto forced = readout.value(Quantity::forced_enabled);
    const auto closed = readout.value(Quantity::relay_closed);
    if (!forced && !closed) {
        return "the meter does not tell the state of its relay or valve";
    }
    if (order == RelayOrder::follow_credit) {
        const bool holds_credit =
            profile.credit != core::CreditKind::none && profile.credit != core::CreditKind::server_held;
        if (!holds_credit && closed == 0) {
            return "the relay is still open";  // there is no credit on it that could hold it open
        }
        return forced.value_or(0) != 0 ? "the forced state is still in force" : "";
    }
    if (forced && *forced == 0) {
        return "the forced state is not in force";
    }
    const bool wanted = order == RelayOrder::stay_closed;
    if (closed && (*closed != 0) != wanted) {
        return wanted ? "the relay is still open" : "the relay is still closed";
    }
    return {};
}

/// Looks until it has moved, or its time is over.
bool reads_as_wanted(MeterBus& bus, const FieldMeter& meter, RelayOrder order,
                     std::chrono::milliseconds moves_within, RelayOutcome& outcome) {
    for (std::chrono::milliseconds waited{0};; waited += kValveLook) {
        outcome.readout = driver_of(*meter.profile).read_groups(bus, meter, {core::Block::Group::state});
        outcome.reason = outcome.readout.answered()
                             ? difference(outcome.readout, order, *meter.profile)
                             : "the relay could not be read back: " + outcome.readout.reason;
        if (outcome.reason.empty() || waited >= moves_within) {
            return outcome.reason.empty();
        }
        bus.pause(kValveLook);
    }
}

}  // namespace

RelayOutcome set_relay(MeterBus& bus, const FieldMeter& meter, RelayOrder order,
                       const std::function<bool()>& may_send) {
    const MeterDriver& driver = driver_of(*meter.profile);
    RelayOutcome outcome;
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
        if (!may_send()) {
            outcome.stopped = true;
            return outcome;
        }
        const BusReply reply = driver.switch_relay(bus, meter, order);
        if (reply.kind == BusReply::Kind::refused) {
            outcome.reason = "the meter refused: " + reply.reason;
            return outcome;
        }
        if (reads_as_wanted(bus, meter, order, driver.relay_moves_within(), outcome)) {
            return outcome;
        }
        if (attempt + 1 < kAttemptsMax) {
            bus.pause(kRelayMoves);
        }
    }
    return outcome;
}

}  // namespace wutong::collector
