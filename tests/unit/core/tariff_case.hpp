#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/tariff_charge.hpp"

/// The folders of tests/golden/tariffs, read for the C++ calculation. What the files hold:
/// tests/golden/README.md.
namespace wutong::core::test {

struct TariffCase {
    nlohmann::json json;  ///< case.json
    TariffPlan plan;
    std::vector<UtcOffset> offsets;
    std::vector<MeterSeries> series;
    ChargePeriod period;
    TariffState state;
    nlohmann::json expected;
};

TariffCase load_tariff_case(const std::string& folder);
std::vector<std::string> tariff_case_folders();

nlohmann::json to_json(const Bill& bill);
/// What expected.json would say: {"bill": …}, {"fault": …} or {"plan_faults": […]}.
nlohmann::json tariff_outcome(const TariffCase& one);

Instant instant_of(const std::string& text);

}  // namespace wutong::core::test
