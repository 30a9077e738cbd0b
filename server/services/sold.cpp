#include "server/services/sold.hpp"

#include <fmt/format.h>

#include "server/services/money_shapes.hpp"
#include "server/services/sale_charging.hpp"

namespace wutong::server {

void fill_sold(const SaleCase& decided, const storage::NewSale& sale, const storage::SaleIds& ids,
               core::PropertyId property, const std::string& operator_name,
               const storage::SellingPlace& place, const std::vector<storage::StoredCharge>& charges,
               v1::SaleReceipt& receipt) {
    storage::StoredSale stored;
    stored.id = ids.sale;
    stored.property = property;
    stored.account = sale.account;
    stored.meter = sale.meter;
    stored.kind = sale.kind;
    stored.amount = sale.amount;
    stored.method = sale.method;
    stored.operator_id = sale.operator_id;
    stored.entry = ids.entry;
    stored.delivery = ids.delivery;
    stored.delivery_state = ids.delivery ? core::to_string(core::DeliveryState::queued) : "";
    stored.charged = sale.taken.total();
    stored.sold_at = ids.sold_at;
    stored.account_number = decided.names.account_number;
    stored.meter_code = decided.names.meter_code;
    stored.customer = decided.names.customer;
    stored.unit_code = decided.names.unit_code;
    stored.operator_name = operator_name;
    stored.price = sale.price;
    stored.shift = sale.shift;
    stored.point_code = place.point_code;
    stored.receipt_no = ids.receipt_no;
    fill(stored, receipt);
    fill_charges(charges, false, *receipt.mutable_charges());
}

std::string sold_target(const SaleCase& decided) {
    return fmt::format("meter {}", decided.names.meter_code);
}

nlohmann::json sold_details(const SaleCase& decided, const storage::NewSale& sale,
                            const storage::SaleIds& ids, const std::vector<std::int64_t>& cancelled) {
    return {{"account", decided.names.account_number},
            {"amount_e4", sale.amount.ten_thousandths()},
            {"charged_e4", sale.taken.total().ten_thousandths()},
            {"sale_id", ids.sale.value},
            {"shift_id", sale.shift.value},
            {"cancelled_switch_offs", cancelled}};
}

}  // namespace wutong::server
