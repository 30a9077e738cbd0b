#pragma once

#include <string>

/// Why a calculation was refused. Facts of the world (a meter that counts backwards), so a value and no
/// exception.
namespace wutong::core {

enum class TariffFaultKind {
    time_out_of_range,  ///< before 1970 or after 2200
    reading_below_zero,
    reading_above_register,  ///< the register can't show that much
    readings_not_in_order,   ///< the same time twice, or an earlier one
    readings_too_far_apart,  ///< more than 400 days
    backward_reading,        ///< lower than before, and no rollover
    rates_do_not_add_up,     ///< registers per rate against the total
    more_than_meter_can_carry,
    series_overlap,  ///< the new meter was read before the old one's last reading
    quantity_too_large,
    too_many,  ///< meters or readings
    period_empty,
    period_too_long,         ///< more than ten years
    period_does_not_follow,  ///< begins elsewhere than where the carried state ends
    local_time_unknown,      ///< the table of UTC offsets begins later
    no_version_in_force,
    rate_not_in_plan,  ///< the meter counted at a rate that has no price
    bad_quantum,
    bad_state,  ///< carried rests or counts that can't be
};
[[nodiscard]] const char* to_string(TariffFaultKind kind);

struct TariffFault {
    TariffFaultKind kind;
    std::string text;  ///< which meter and when, with the figures
};

}  // namespace wutong::core
