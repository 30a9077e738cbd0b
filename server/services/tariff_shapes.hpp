#pragma once

#include <wutong/v1/tariff_service.pb.h>

#include <string>
#include <vector>

#include "core/tariff_plan.hpp"
#include "server/refused.hpp"
#include "storage/tariffs.hpp"

/// Tariff plans between the API's shapes and core's.
namespace wutong::server {

/// Collects what can't be read and what makes no sense, by field.
class TariffFaults {
public:
    /// @param prefix of the fields of a version: "version."
    explicit TariffFaults(std::string prefix) : prefix_{std::move(prefix)} {}

    /// @param field inside the version: "effective_from", "terms.steps[0]"
    void unreadable(const std::string& field, const std::string& text);
    /// What core::check found; nothing is said a second time about a field that could not be read.
    void add(const std::vector<core::PlanFault>& faults);

    [[nodiscard]] const std::vector<v1::TariffFault>& all() const { return faults_; }
    /// @throws Refused INVALID_ARGUMENT with all of them, if there are any
    void refuse() const;

private:
    std::string prefix_;
    std::vector<v1::TariffFault> faults_;
};

/// @return what could be read; the rest is in `faults`, under "terms."
[[nodiscard]] core::PlanVersion plan_version_of(const v1::TariffTerms& terms, std::chrono::local_days from,
                                                TariffFaults& faults);
[[nodiscard]] core::PlanVersion plan_version_of(const v1::TariffVersion& version, TariffFaults& faults);

void fill(const core::PlanVersion& version, v1::TariffVersion& out);
void fill(const std::array<std::optional<core::Price>, core::kRates>& prices, v1::RatePrices& out);
void fill(const storage::TariffPlanRow& row, core::PropertyId property, v1::TariffPlan& out);

[[nodiscard]] v1::TariffRate to_proto(core::Rate rate);

}  // namespace wutong::server
