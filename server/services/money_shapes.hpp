#pragma once

#include <wutong/v1/control_service.pb.h>
#include <wutong/v1/sale_service.pb.h>

#include <cstdint>
#include <optional>
#include <string>

#include "storage/commands.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/sales.hpp"

/// Stored rows as the API shows them.
namespace wutong::server {

/// As it is printed: "P1-00000017" for the seventeenth of vending point P1, else the number of the sale, at
/// least eight digits. "" for no sale.
[[nodiscard]] std::string receipt_number(core::SaleId sale, const std::string& point_code,
                                         std::int64_t receipt_no);
[[nodiscard]] inline std::string receipt_number(const storage::StoredSale& sale) {
    return receipt_number(sale.id, sale.point_code, sale.receipt_no);
}
/// What was printed, read back. Empty: it can't be the number of a receipt.
struct ReceiptName {
    std::string point;  ///< "": a sale's own number
    std::int64_t number = 0;
};
[[nodiscard]] std::optional<ReceiptName> parse_receipt_number(const std::string& text);
/// 0: there is none of that name, or its number is a sale's that need not be there.
[[nodiscard]] core::SaleId find_sale_of(storage::Transaction& tx, core::PropertyId property,
                                        const ReceiptName& name);

/// The sale that a request names, either by its id or by its receipt's number. The id need not be there.
/// @throws Refused INVALID_ARGUMENT when it names none or both, NOT_FOUND for a point's number not given yet
[[nodiscard]] core::SaleId sale_named(storage::Transaction& tx, core::PropertyId property,
                                      std::int64_t sale_id, const std::string& number);

void fill(const storage::StoredSale& sale, v1::SaleReceipt& receipt);
void fill(const storage::StoredDelivery& stored, v1::Delivery& delivery);
void fill(const storage::StoredCommand& stored, v1::Command& command);

}  // namespace wutong::server
