#pragma once

#include <wutong/v1/sale_service.pb.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "server/services/sale_decision.hpp"
#include "storage/sale_charges.hpp"
#include "storage/vending_points.hpp"

/// What is said of a sale that was written a moment ago, from what is known anyway.
namespace wutong::server {

/// The receipt.
void fill_sold(const SaleCase& decided, const storage::NewSale& sale, const storage::SaleIds& ids,
               core::PropertyId property, const std::string& operator_name,
               const storage::SellingPlace& place, const std::vector<storage::StoredCharge>& charges,
               v1::SaleReceipt& receipt);

/// Of the operation log: what was sold to, and how.
[[nodiscard]] std::string sold_target(const SaleCase& decided);
/// @param cancelled commands that would have switched the meter off
[[nodiscard]] nlohmann::json sold_details(const SaleCase& decided, const storage::NewSale& sale,
                                          const storage::SaleIds& ids,
                                          const std::vector<std::int64_t>& cancelled);

}  // namespace wutong::server
