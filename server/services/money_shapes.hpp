#pragma once

#include <wutong/v1/control_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <string>

#include "storage/commands.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/sales.hpp"

/// Stored rows as the API shows them.
namespace wutong::server {

/// As it is printed: the number of the sale, at least eight digits. "" for no sale.
[[nodiscard]] std::string receipt_number(core::SaleId sale);

void fill(const storage::StoredSale& sale, v1::SaleReceipt& receipt);
void fill(const storage::StoredDelivery& stored, v1::Delivery& delivery);
void fill(const storage::StoredCommand& stored, v1::Command& command);

}  // namespace wutong::server
