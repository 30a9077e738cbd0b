#pragma once

#include <string>

#include "wutong/v1/tariff_service.pb.h"

namespace wutong::ctl {

/// A version of a plan as people write it, in TOML or JSON: docs/tariffs.md, "A plan as a file". Prices and
/// amounts are texts ("0.5283") or numbers, in the currency unit.
/// @param text of a file whose name ends in ".json" or ".toml"
/// @param from the day it begins, where the file does not say so; "": the file has to
/// @throws Failure(usage) naming the place ("calendar.day_plans[2].periods[0]") and what is wrong there
[[nodiscard]] v1::TariffVersion read_tariff_file(const std::string& name, const std::string& text,
                                                 const std::string& from);

/// "peak"
[[nodiscard]] std::string rate_word(v1::TariffRate rate);

/// The same form again, as JSON: what is read from it is what was written.
[[nodiscard]] std::string write_tariff_json(const v1::TariffVersion& version);

}  // namespace wutong::ctl
