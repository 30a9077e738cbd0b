#pragma once

#include <iosfwd>
#include <vector>

#include "wutong/v1/tariff_service.pb.h"

/// Tariffs as text for people.
namespace wutong::ctl {

void print_plans(const std::vector<v1::TariffPlan>& plans, std::ostream& out);
void print_plan(const v1::TariffPlan& plan, std::ostream& out);
void print_placement(const v1::PlaceTariffVersionResponse& answer, std::ostream& out);
void print_bill(const v1::TariffBill& bill, std::ostream& out);
void print_assignments(const std::vector<v1::TariffAssignment>& assignments, std::ostream& out);
void print_meter_tariff(const v1::MeterTariff& tariff, std::ostream& out);

}  // namespace wutong::ctl
