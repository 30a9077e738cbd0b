#include "collector/commands/command_runner.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "collector/commands/command_ends.hpp"
#include "collector/commands/price_command.hpp"
#include "collector/commands/relay_command.hpp"
#include "collector/drivers/meter_driver.hpp"
#include "collector/drivers/wall_clock.hpp"

namespace wutong::collector {

namespace {

using core::CommandKind;
using core::CommandState;
using core::Quantity;
using Group = core::Block::Group;

constexpr std::int64_t kClockErrorMax = 5;  ///< seconds between what was set and what is read back
constexpr int kSettingsAttemptsMax = 3;

CommandEnd read_now(const FieldMeter& meter, MeterBus& bus) {
    MeterReadout readout = read_groups(bus, meter, {Group::state, Group::reading});
    if (!readout.answered()) {
        return ended(CommandState::failed, readout.reason);
    }
    CommandEnd result = ended(CommandState::done, {});
    result.outcome.result = to_json(readout.values);
    result.readout = std::move(readout);
    return result;
}

CommandEnd relay(const FieldMeter& meter, MeterBus& bus, CommandGate& gate, RelayOrder order) {
    auto answer = CommandGate::Answer::yes;
    RelayOutcome outcome = set_relay(bus, meter, order, [&] {
        answer = gate.ask();
        return answer == CommandGate::Answer::yes;
    });
    if (outcome.stopped) {
        return stopped(answer);
    }
    CommandEnd result =
        ended(outcome.reason.empty() ? CommandState::done : CommandState::failed, outcome.reason);
    if (outcome.readout.answered()) {
        result.outcome.result = to_json(outcome.readout.values);
        result.readout = std::move(outcome.readout);
    }
    return result;
}

CommandEnd settings(const CommandWork& work, const FieldMeter& meter, MeterBus& bus, CommandGate& gate) {
    auto parsed = parse_settings(work.arguments);
    if (const auto* wrong = std::get_if<DialectFault>(&parsed)) {
        return ended(CommandState::failed, wrong->reason);
    }
    const auto& wanted = std::get<PrepaidSettings>(parsed);
    if (wanted.empty() || wanted.switch_off || wanted.prepaid_enabled || wanted.price) {
        return ended(CommandState::failed, "the arguments name nothing that this command can set");
    }
    const MeterDriver& driver = driver_of(*meter.profile);
    MeterReadout read = driver.read_groups(bus, meter, {Group::settings});
    if (!read.answered()) {
        return ended(CommandState::failed, "the present settings could not be read: " + read.reason);
    }
    PrepaidSettings money = wanted;
    money.overload_w.reset();
    std::string difference;
    for (int attempt = 0; attempt < kSettingsAttemptsMax; ++attempt) {
        if (const auto answer = gate.ask(); answer != CommandGate::Answer::yes) {
            return stopped(answer);
        }
        if (!money.empty()) {
            const auto write = driver.prepare_money(meter, money, read.values, std::nullopt);
            if (const auto* wrong = std::get_if<DialectFault>(&write)) {
                return ended(CommandState::failed, wrong->reason);
            }
            const BusReply reply = std::get<PreparedWrite>(write)(bus);
            if (reply.kind == BusReply::Kind::refused) {
                return ended(CommandState::failed, "the meter refused: " + reply.reason);
            }
        }
        if (wanted.overload_w) {
            const auto write = driver.prepare_overload(meter, *wanted.overload_w);
            if (const auto* wrong = std::get_if<DialectFault>(&write)) {
                return ended(CommandState::failed, wrong->reason);
            }
            const BusReply reply = std::get<PreparedWrite>(write)(bus);
            if (reply.kind == BusReply::Kind::refused) {
                return ended(CommandState::failed, "the meter refused: " + reply.reason);
            }
        }
        MeterReadout after = driver.read_groups(bus, meter, {Group::settings});
        if (!after.answered()) {
            difference = "the settings could not be read back: " + after.reason;
            continue;
        }
        read = std::move(after);
        difference = settings_difference(*meter.profile, wanted, read.values);
        if (difference.empty()) {
            break;
        }
    }
    CommandEnd result = ended(difference.empty() ? CommandState::done : CommandState::failed, difference);
    result.outcome.result = to_json(read.values);
    return result;
}

CommandEnd set_clock(const FieldMeter& meter, MeterBus& bus, CommandGate& gate) {
    std::string difference;
    for (int attempt = 0; attempt < kSettingsAttemptsMax; ++attempt) {
        if (const auto answer = gate.ask(); answer != CommandGate::Answer::yes) {
            return stopped(answer);
        }
        // The time is taken anew for each frame, so that a repeated one does not set a clock that is late.
        const BusReply reply =
            driver_of(*meter.profile).set_clock(bus, meter, wall_clock(bus.now(), meter.utc_offset));
        if (reply.kind == BusReply::Kind::refused) {
            return ended(CommandState::failed, "the meter refused: " + reply.reason);
        }
        MeterReadout readout = read_groups(bus, meter, {Group::state, Group::reading});
        if (!readout.answered()) {
            difference = "the clock could not be read back: " + readout.reason;
            continue;
        }
        const auto clock = readout.value(Quantity::clock);
        if (!clock && !reply.answered()) {
            difference = "no answer, and the profile does not say where the clock is: " + reply.reason;
            continue;
        }
        // The profile's clock is the meter's wall clock counted as if it were UTC.
        const auto now = std::chrono::floor<std::chrono::seconds>(bus.now()) + meter.utc_offset;
        const std::int64_t error = clock ? *clock - now.time_since_epoch().count() : 0;
        CommandEnd result = ended(CommandState::done, {});
        result.outcome.result = to_json(readout.values);
        result.readout = std::move(readout);
        if (std::llabs(error) <= kClockErrorMax) {
            return result;
        }
        difference = fmt::format("the clock is {} s off after it was set", error);
    }
    return ended(CommandState::failed, difference);
}

}  // namespace

CommandEnd ended(core::CommandState state, std::string reason) {
    CommandEnd result;
    result.outcome.state = state;
    result.outcome.reason = std::move(reason);
    return result;
}

CommandEnd stopped(CommandGate::Answer answer) {
    CommandEnd result;
    result.stopped = answer;
    return result;
}

std::string to_json(const core::Values& values) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [quantity, value] : values) {
        object[core::to_string(quantity)] = value;
    }
    return object.dump();
}

CommandEnd run_command(const CommandWork& work, const FieldMeter& meter, MeterBus& bus, CommandGate& gate) {
    if (work.kind != CommandKind::read_now && meter.profile->dialect == core::CommandDialect::none) {
        return ended(CommandState::failed, fmt::format("profile {} takes no commands", meter.profile->id));
    }
    switch (work.kind) {
        case CommandKind::read_now:
            if (const auto answer = gate.ask(); answer != CommandGate::Answer::yes) {
                return stopped(answer);
            }
            return read_now(meter, bus);
        case CommandKind::guarantee_power:
            return relay(meter, bus, gate, RelayOrder::stay_closed);
        case CommandKind::restore_prepaid:
            return relay(meter, bus, gate, RelayOrder::follow_credit);
        case CommandKind::switch_off:
            return relay(meter, bus, gate, RelayOrder::open);
        case CommandKind::set_price:
            return run_set_price(work, meter, bus, gate);
        case CommandKind::set_settings:
            return settings(work, meter, bus, gate);
        case CommandKind::set_clock:
            return set_clock(meter, bus, gate);
    }
    return ended(CommandState::failed, "unknown command");
}

}  // namespace wutong::collector
