#include "core/names.hpp"
#include "core/tariff_plan.hpp"

namespace wutong::core {

const char* to_string(Rate rate) {
    static constexpr std::array<detail::Name<Rate>, kRates> kNames{
        {{Rate::sharp, "sharp"}, {Rate::peak, "peak"}, {Rate::flat, "flat"}, {Rate::valley, "valley"}}};
    return detail::name_of(kNames, rate, "rate");
}

const char* to_string(PlanFaultKind kind) {
    using K = PlanFaultKind;
    static constexpr std::array<detail::Name<K>, 23> kNames{
        {{K::no_version, "no_version"},
         {K::versions_not_ascending, "versions_not_ascending"},
         {K::too_many, "too_many"},
         {K::bad_date, "bad_date"},
         {K::no_step, "no_step"},
         {K::steps_not_ascending, "steps_not_ascending"},
         {K::last_step_has_limit, "last_step_has_limit"},
         {K::limit_missing, "limit_missing"},
         {K::price_missing, "price_missing"},
         {K::price_out_of_range, "price_out_of_range"},
         {K::amount_out_of_range, "amount_out_of_range"},
         {K::tax_out_of_range, "tax_out_of_range"},
         {K::year_begins_nowhere, "year_begins_nowhere"},
         {K::bad_name, "bad_name"},
         {K::period_out_of_day, "period_out_of_day"},
         {K::periods_overlap, "periods_overlap"},
         {K::gap_in_day, "gap_in_day"},
         {K::unknown_day_plan, "unknown_day_plan"},
         {K::unknown_day_type, "unknown_day_type"},
         {K::day_plans_missing, "day_plans_missing"},
         {K::seasons_overlap, "seasons_overlap"},
         {K::gap_in_year, "gap_in_year"},
         {K::special_day_twice, "special_day_twice"}}};
    return detail::name_of(kNames, kind, "fault of a plan");
}

}  // namespace wutong::core
