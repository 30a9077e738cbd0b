#pragma once

#include <wutong/v1/control_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include "storage/commands.hpp"
#include "storage/credit_deliveries.hpp"

/// Stored rows as the API shows them.
namespace wutong::server {

void fill(const storage::StoredDelivery& stored, v1::Delivery& delivery);
void fill(const storage::StoredCommand& stored, v1::Command& command);

}  // namespace wutong::server
