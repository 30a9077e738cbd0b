#pragma once

#include <chrono>
#include <string>

#include "core/tariff_plan.hpp"

/// A version of a tariff plan as the JSON that is kept in `tariff_version.terms`: the form of a version in
/// tests/golden/tariffs/*/plan.json, without its day, which is a column. Prices and amounts are texts
/// ("0.5283"), limits Wh.
namespace wutong::storage {

[[nodiscard]] std::string tariff_terms_json(const core::PlanVersion& version);

/// Reads what `tariff_terms_json` writes, and what people write: what is left out has the value of core's
/// structs. Whether the plan makes sense is for core::check.
/// @throws std::invalid_argument that names the place ("calendar.day_plans[2].periods[0]") and what is wrong
/// there: JSON that is none, an unknown key, a value of the wrong kind
[[nodiscard]] core::PlanVersion tariff_version_of(std::chrono::local_days from, const std::string& terms);

/// "2026-01-31", as PostgreSQL writes a date. @throws std::invalid_argument
[[nodiscard]] std::chrono::local_days parse_local_day(const std::string& text);
[[nodiscard]] std::string local_day_text(std::chrono::local_days day);

}  // namespace wutong::storage
