#pragma once

#include <string>

#include "client-wx/text/ink.hpp"
#include "core/meter_status.hpp"

namespace wutong::client {

/// "Alarm 2", "Arrears, off": the word for a state, in the language of the screen.
[[nodiscard]] std::string state_name(core::MeterStatus status);

/// How the figure of a meter in this state is inked where it does not stand on the state's own ground.
[[nodiscard]] Ink state_ink(core::MeterStatus status);

}  // namespace wutong::client
