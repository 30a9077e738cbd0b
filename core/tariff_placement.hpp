#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/meter_profile.hpp"
#include "core/tariff_plan.hpp"

/// Who charges by a plan: the meter itself, the cashier's program at the sale, or the server with every
/// reading.
namespace wutong::core {

/// What a meter can be given to charge by.
struct MeterCapability {
    CreditKind credit = CreditKind::none;
    bool switchable = false;  ///< has a relay that we can work
    int rates = 0;            ///< prices of energy that it charges by
    int steps = 1;            ///< 1: no steps
    int periods_a_day = 0;    ///< of a calendar that we can write; 0: its hours can't be set by us
    int day_types = 1;
    int seasons = 1;
    std::optional<SettableRange> price;      ///< what each of its prices can be; none: prices can't be set
    std::optional<SettableRange> overdraft;  ///< none: it knows no overdraft that we can set
};

/// From the registers that a profile names. No profile can say yet that a meter's steps or hours can be
/// written, so that plans with them are never taken to fit.
[[nodiscard]] MeterCapability capability_of(const MeterProfile& profile);

/// In the order of how much we have to do ourselves.
enum class Placement {
    downloaded,    ///< the meter charges by it
    at_the_sale,   ///< the meter charges the energy; the rest is taken when credit is sold
    server_held,   ///< the server charges each reading and works the relay
    not_possible,  ///< not prepaid on this meter: it would have to be server-held, and there is no relay
};
[[nodiscard]] const char* to_string(Placement placement);

struct PlacementReason {
    std::string part;  ///< of the plan: "rates", "fixed charge \"meter rent\""
    Placement placement;
    std::string why;
};

struct PlacementDecision {
    Placement placement = Placement::downloaded;  ///< the last in order that a part asks for
    std::vector<PlacementReason> reasons;  ///< one for each part of the version, in the order of the plan
    /// For `downloaded` and `at_the_sale`: what the meter is told for each step, charges per kWh and added
    /// tax included. Without a calendar there is the rate flat alone; a meter with more prices gets it for
    /// all of them.
    std::vector<std::array<std::optional<Price>, kRates>> prices;
};

/// @pre the version is one of a plan in which `check` found nothing
[[nodiscard]] PlacementDecision place(const PlanVersion& version, const MeterCapability& meter);

}  // namespace wutong::core
