#include "core/command.hpp"

#include <array>

#include "core/names.hpp"

namespace wutong::core {

namespace {

constexpr auto kCommandKinds = std::to_array<detail::Name<CommandKind>>({
    {CommandKind::read_now, "read_now"},
    {CommandKind::set_price, "set_price"},
    {CommandKind::set_settings, "set_settings"},
    {CommandKind::guarantee_power, "guarantee_power"},
    {CommandKind::restore_prepaid, "restore_prepaid"},
    {CommandKind::switch_off, "switch_off"},
    {CommandKind::set_clock, "set_clock"},
});

constexpr auto kCommandStates = std::to_array<detail::Name<CommandState>>({
    {CommandState::queued, "queued"},
    {CommandState::running, "running"},
    {CommandState::done, "done"},
    {CommandState::failed, "failed"},
    {CommandState::expired, "expired"},
    {CommandState::cancelled, "cancelled"},
});

constexpr auto kLanes = std::to_array<detail::Name<Lane>>({
    {Lane::control, "control"},
    {Lane::credit, "credit"},
    {Lane::read_now, "read_now"},
    {Lane::state, "state"},
    {Lane::scheduled, "scheduled"},
    {Lane::catch_up, "catch_up"},
});

}  // namespace

Lane lane_of(CommandKind kind) {
    switch (kind) {
        case CommandKind::guarantee_power:
        case CommandKind::restore_prepaid:
        case CommandKind::switch_off:
            return Lane::control;
        case CommandKind::read_now:
        case CommandKind::set_price:
        case CommandKind::set_settings:
        case CommandKind::set_clock:
            break;
    }
    return Lane::read_now;
}

const char* to_string(CommandKind kind) {
    return detail::name_of(kCommandKinds, kind, "command kind");
}
CommandKind parse_command_kind(const std::string& text) {
    return detail::value_of(kCommandKinds, text, "command kind");
}
const char* to_string(CommandState state) {
    return detail::name_of(kCommandStates, state, "command state");
}
CommandState parse_command_state(const std::string& text) {
    return detail::value_of(kCommandStates, text, "command state");
}
const char* to_string(Lane lane) {
    return detail::name_of(kLanes, lane, "lane");
}

}  // namespace wutong::core
