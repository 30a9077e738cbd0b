#pragma once

#include <string>

#include "collector/commands/command_runner.hpp"

/// For the files that carry out commands.
namespace wutong::collector {

[[nodiscard]] CommandEnd ended(core::CommandState state, std::string reason);
/// The gate said no.
[[nodiscard]] CommandEnd stopped(CommandGate::Answer answer);
/// Values by the names of their quantities.
[[nodiscard]] std::string to_json(const core::Values& values);

}  // namespace wutong::collector
