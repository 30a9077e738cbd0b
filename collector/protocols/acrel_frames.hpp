#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <variant>

#include "collector/protocols/framing.hpp"
#include "collector/protocols/meter_clock.hpp"
#include "collector/protocols/modbus_pdu.hpp"

/// The write commands of Acrel prepaid meters (DDSY1352, DTSY1352, ADF300), for both sides of the wire.
///
/// Source of every layout: the byte-exact frames of the vendor's set-up tool and of independent servers,
/// gathered in README.md beside this file. Nothing here has been confirmed on a meter of ours. Numbers are
/// the integers that the meter stores: money × 0.01 (balance), thresholds × 0.01 and prices × 0.0001 (both
/// scales unconfirmed); the profile converts them.
namespace wutong::protocols {

/// An ADF300 box takes a command for one circuit, or, with FFh as the register's low byte, for all its
/// circuits.
enum class Circuits { this_one, all };

// ---- money: 20h at 0200h (all circuits: 02FFh), 60 bytes ------------------------------------------

/// Only fields that are set are applied by the meter: each has its own enable flag in the frame.
struct MoneyCommand {
    struct Alarms {
        std::uint32_t alarm_1 = 0;
        std::uint32_t alarm_2 = 0;
        friend bool operator==(const Alarms&, const Alarms&) = default;
    };
    struct Prices {
        std::uint32_t sharp = 0, peak = 0, flat = 0, valley = 0;
        friend bool operator==(const Prices&, const Prices&) = default;
    };
    std::optional<bool> prepaid_enabled;
    std::optional<std::int32_t> balance;           ///< absolute, the new balance; two's complement
    std::optional<std::uint16_t> purchase_number;  ///< absolute
    std::optional<std::uint32_t> total_purchased;  ///< meaning unconfirmed
    std::optional<std::uint32_t> base_energy;      ///< × 0.01 kWh
    std::optional<Alarms> alarms;
    std::optional<Prices> prices;
    std::optional<std::uint32_t> overdraft;
    std::optional<std::uint8_t> extra;  ///< one byte, meaning unknown; read back at 0418h
    std::optional<std::array<std::uint8_t, 6>> meter_number;  ///< BCD
    friend bool operator==(const MoneyCommand&, const MoneyCommand&) = default;
};

inline constexpr std::uint16_t kMoneyRegister = 0x0200;
inline constexpr std::uint16_t kMoneyRegisterAll = 0x02FF;
inline constexpr std::size_t kMoneyBytes = 60;

[[nodiscard]] VendorWriteRequest encode_money(const MoneyCommand& command,
                                              Circuits circuits = Circuits::this_one);
[[nodiscard]] std::variant<MoneyCommand, DecodeFault> decode_money(const VendorWriteRequest& request);

// ---- relay: 10h at 0057h, two registers: enable, command -------------------------------------------

enum class RelayCommand {
    force_closed,    ///< guaranteed power
    force_open,      ///< switched off whatever the balance
    follow_prepaid,  ///< forced state removed
};

inline constexpr std::uint16_t kRelayRegister = 0x0057;

[[nodiscard]] WriteRequest encode_relay(RelayCommand command);
[[nodiscard]] std::variant<RelayCommand, DecodeFault> decode_relay(const WriteRequest& request);

// ---- overload and malignant load: 20h at 0400h (L1), 040Dh, 041Ah; all circuits 04FFh; 26 bytes ---

struct LoadCommand {
    /// Load control on or off; `all_relays` is the flag FFh.
    struct Switch {
        bool on = false;
        bool all_relays = false;
        friend bool operator==(const Switch&, const Switch&) = default;
    };
    struct Limits {
        std::uint16_t power_max = 0;       ///< W or 0.001 kW: the unit is unconfirmed, both are watts
        std::uint16_t power_step_max = 0;  ///< largest jump that isn't a malignant load
        std::uint16_t power_factor = 0;    ///< × 0.001
        friend bool operator==(const Limits&, const Limits&) = default;
    };
    std::optional<Switch> control;
    std::optional<Limits> limits;
    std::optional<std::uint8_t> recover_time;   ///< unit unconfirmed (minutes?)
    std::optional<std::uint16_t> trips_max;     ///< after so many the circuit stays open
    std::optional<std::uint16_t> unnamed_word;  ///< meaning unknown
    std::optional<std::uint8_t> unnamed_byte;   ///< meaning unknown
    friend bool operator==(const LoadCommand&, const LoadCommand&) = default;
};

enum class LoadRelay { l1, l2, l3, all_circuits };
inline constexpr std::size_t kLoadBytes = 26;
[[nodiscard]] std::uint16_t load_register(LoadRelay relay);

[[nodiscard]] VendorWriteRequest encode_load(const LoadCommand& command, LoadRelay relay = LoadRelay::l1);
struct DecodedLoad {
    LoadRelay relay;
    LoadCommand command;
};
[[nodiscard]] std::variant<DecodedLoad, DecodeFault> decode_load(const VendorWriteRequest& request);

// ---- clock: 20h at 0354h, 10 bytes, binary ----------------------------------------------------------

inline constexpr std::uint16_t kClockRegister = 0x0354;
inline constexpr std::size_t kClockBytes = 10;

/// @throws std::invalid_argument for a date that doesn't exist or a year outside 2000..2099
[[nodiscard]] VendorWriteRequest encode_clock(const MeterClock& clock);
/// The weekday in the frame is not believed (sources count it differently); it follows from the date.
[[nodiscard]] std::variant<MeterClock, DecodeFault> decode_clock(const VendorWriteRequest& request);

}  // namespace wutong::protocols
