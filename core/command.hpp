#pragma once

#include <chrono>
#include <string>

namespace wutong::core {

/// What an operator may ask of a meter. Money has its own path: credit_delivery.hpp.
enum class CommandKind {
    read_now,
    set_price,        ///< arguments: price_e4
    set_settings,     ///< arguments: any of alarm_1_e4, alarm_2_e4, overdraft_e4, overload_w
    guarantee_power,  ///< relay forced closed
    restore_prepaid,  ///< forced state removed, the meter decides
    switch_off,       ///< relay forced open
    set_clock,
};

enum class CommandState { queued, running, done, failed, expired, cancelled };

/// A new price that was sent is looked for on the meter for so long after the command's expiry: consumption
/// is booked at what the meter charges, not at what was wanted. Then a person has to look.
inline constexpr std::chrono::hours kPriceFoundOutWithin{24};

/// Lanes of a channel, most urgent first.
enum class Lane { control, credit, read_now, state, scheduled, catch_up };

/// Only the relay commands take the control lane: a new price for five hundred meters must not stand in front
/// of one of them.
[[nodiscard]] Lane lane_of(CommandKind kind);
[[nodiscard]] const char* to_string(CommandKind kind);
/// The parse functions throw std::invalid_argument naming the known words.
[[nodiscard]] CommandKind parse_command_kind(const std::string& text);
[[nodiscard]] const char* to_string(CommandState state);
[[nodiscard]] CommandState parse_command_state(const std::string& text);
[[nodiscard]] const char* to_string(Lane lane);

}  // namespace wutong::core
