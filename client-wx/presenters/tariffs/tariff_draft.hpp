#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "client-wx/text/format.hpp"

namespace wutong::v1 {
class TariffTerms;
}

namespace wutong::client {

/// The parts of the editor's form; a fault of the server belongs to one of them.
enum class TariffPart {
    effective_from,
    steps,
    step_rule,
    week,
    day_plans,
    seasons,
    special_days,
    tax,
    energy_charges,
    fixed_charges,
    minimum,
    deposit,
    overdraft,
    count_
};
inline constexpr std::size_t kTariffParts = static_cast<std::size_t>(TariffPart::count_);

/// What a version of a plan says, as it is typed: amounts and days as people write them, lists one to a line.
///
///     week          workday workday workday workday workday weekend weekend
///     day_plans     workday: 00:00 valley, 08:00 peak, 22:00 valley
///     seasons       summer 06-01 09-30: workday, weekend
///     special_days  10-01 weekend
///     charges       management 0.0500, untaxed
struct TariffDraft {
    static constexpr std::size_t kSteps = 6;
    struct Step {
        std::string up_to;                 ///< kWh or m³; empty: the last one
        std::array<std::string, 4> price;  ///< sharp, peak, flat, valley
    };
    Commodity commodity{Commodity::electricity};  ///< of the plan: the same in all of its versions
    std::string effective_from;
    std::array<Step, kSteps> steps;
    int step_period{0};  ///< 0 month, 1 year
    std::string year_begins;
    bool restart_with_version{false}, restart_with_meter{false};
    std::string week, day_plans, seasons, special_days;
    std::string tax_percent;
    bool tax_added{false};
    std::string energy_charges, fixed_charges;
    std::string minimum;
    bool minimum_by_day{false};
    std::string deposit, overdraft;
};

/// @return false when the version says more than the form can hold (more than six steps)
[[nodiscard]] bool to_draft(const v1::TariffTerms& terms, TariffDraft& draft);

struct DraftFault {
    TariffPart part;
    std::string text;
};
/// Reads what was typed; what can't be read is named. What the server has to judge is left to it.
[[nodiscard]] std::vector<DraftFault> read_draft(const TariffDraft& draft, v1::TariffTerms& terms);

/// "version.terms.calendar.seasons[0].from" belongs to the seasons.
[[nodiscard]] TariffPart part_of_field(const std::string& field);
/// What is wrong, by core::PlanFaultKind's name; one that is not known gives the server's sentence.
[[nodiscard]] std::string tariff_fault_words(const std::string& kind, const std::string& text);
/// "sharp" … in the language of the screen
[[nodiscard]] std::string rate_name(int rate);

}  // namespace wutong::client
