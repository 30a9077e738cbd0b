#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/commodity.hpp"
#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "core/tariff_charge.hpp"

/// What a server-held meter's new readings cost: from the reading that was charged last (the watermark) to
/// the newest one, by the plans in force. The calculation is core::calculate's; here is what goes into it,
/// and what of the journal comes out.
namespace wutong::core {

struct PlanFrom {
    const PreparedPlan* plan = nullptr;
    Instant from;  ///< until the next one begins
};

struct HeldReadings {
    std::string meter;  ///< the same name for the same meter each time
    std::optional<Energy> rolls_over_at;
    Energy quantum{10};    ///< the register's smallest step
    RegisterReading mark;  ///< charged until here
    /// In order of time. What is not later than the mark (to the second) was charged already and is left out.
    std::vector<RegisterReading> readings;
    /// The account ends then: the bill is the last one, and what was used since the newest reading is
    /// unknown.
    std::optional<Instant> closes_at;
    Commodity commodity{Commodity::electricity};
};

struct HeldCharge {
    std::vector<Bill> bills;  ///< one for each plan that was in force; empty: nothing new
    RegisterReading mark;     ///< for the next time, and so is the state
    TariffState state;
    Energy energy;
    Money booked;  ///< sum over the bills
};

/// @param plans ascending; the first begins at the mark or before
/// @param state what the charge before handed on, an empty one for the first
/// @throws std::invalid_argument for plans that don't cover the time
[[nodiscard]] std::variant<HeldCharge, TariffFault> charge_readings(const HeldReadings& input,
                                                                    std::span<const PlanFrom> plans,
                                                                    const LocalTime& local,
                                                                    const TariffState& state);

/// Prepaid credit → revenue (energy and minimum), charges (per kWh and fixed) and tax; what a bill rounds
/// goes to or comes from rounding. Nothing when nothing is to be booked.
[[nodiscard]] std::optional<JournalEntry> held_charge_entry(AccountId account, const HeldCharge& charge);

/// What a kilowatt-hour has cost on average, charges per kWh and added tax included and fixed charges not:
/// for people, who want to know how long their credit will last. None without energy.
[[nodiscard]] std::optional<Price> average_price(const HeldCharge& charge);

/// "12345 to 12400 Wh (of water: l), 2026-11-21 20:00:00 UTC to 2026-11-21 20:30:00 UTC", for the journal's
/// memo.
[[nodiscard]] std::string to_text(const RegisterReading& before, const HeldCharge& charge,
                                  Commodity commodity = Commodity::electricity);

}  // namespace wutong::core
