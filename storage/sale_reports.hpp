#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/ledger.hpp"
#include "core/quantities.hpp"
#include "core/time.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/database.hpp"
#include "storage/sales.hpp"

/// What the counter asks of the sales: the day's sums, and everything that a receipt prints.
namespace wutong::storage {

struct TenderSum {
    core::TenderMethod method = core::TenderMethod::cash;
    int sale_count = 0;
    core::Money sale_sum;
    int payout_count = 0;
    core::Money payout_sum;  ///< handed to tenants, positive
};
struct SalesSummary {
    std::vector<TenderSum> tenders;  ///< those that were used, in the order of core::TenderMethod
    int opening_count = 0;
    int refund_count = 0;
    core::Money refund_sum;  ///< taken off meters, or to be
    int reversal_count = 0;
    core::Money reversal_sum;  ///< sales taken back, or to be
    int unfinished_count = 0, quarantined_count = 0;
    std::optional<core::Timestamp> last_sale_at;
};
/// Reads the sales of the time: bound it. @param operator_id 0: of all @param from included @param to
/// excluded
[[nodiscard]] SalesSummary sales_summary(Transaction& tx, core::PropertyId property,
                                         core::OperatorId operator_id, core::Timestamp from,
                                         core::Timestamp to);
/// When the day began that `now` is in, where the property is. @throws NotFound
[[nodiscard]] core::Timestamp start_of_day(Transaction& tx, core::PropertyId property, core::Timestamp now);

struct StoredReceipt {
    StoredSale sale;
    std::string property_name, time_zone, currency;
    std::string building_name, unit_name, point_name;
    std::string customer_phone, meter_serial_number;
    std::optional<StoredDelivery> delivery;
    /// The meter's newest balance when it is opened on the account, and what stands in the queue up to and
    /// with this delivery: for a balance to expect.
    std::optional<core::Money> balance_known;
    core::Money queued_before, queued_with;
    core::Commodity commodity = core::Commodity::electricity;
};
[[nodiscard]] std::optional<StoredReceipt> find_receipt(Transaction& tx, core::PropertyId property,
                                                        core::SaleId sale);

}  // namespace wutong::storage
