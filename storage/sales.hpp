#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "core/sale.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

struct SaleFacts {
    core::SaleFacts
        facts;  ///< for core::decide_sale and decide_refund; quantum is tender's: set the coarser one
    std::optional<core::Timestamp>
        balance_at;                ///< when balance_known was read; empty: never, and it counts as 0
    bool opening = false;          ///< its opening is on the way, or waits for an operator
    bool opened_on_meter = false;  ///< before that the balance found there isn't the tenant's and counts as 0
    std::int64_t purchase_number = 0;  ///< that the ledger knows
    std::optional<core::Price> price;  ///< at which consumption is booked now
};

/// Locks the meter's link to the account until the transaction ends: sales to one meter queue up behind each
/// other, and no others wait. Everything else is read after that, so that concurrent sales see each other.
/// The hoarding limit is the meter's, else the property's parameter balance_max_e4.
[[nodiscard]] SaleFacts lock_sale_facts(Transaction& tx, core::PropertyId property, core::AccountId account,
                                        core::MeterId meter);
/// The same without locking: for a quotation.
[[nodiscard]] SaleFacts read_sale_facts(Transaction& tx, core::PropertyId property, core::AccountId account,
                                        core::MeterId meter);

enum class SaleKind { opening, sale, refund, closing };
[[nodiscard]] const char* to_string(SaleKind kind);

struct NewSale {
    SaleKind kind = SaleKind::sale;
    core::AccountId account;
    core::MeterId meter;
    core::Money amount;  ///< handed over, or (refund) to be taken off the meter; >= 0. For closing 0
    core::TenderMethod method = core::TenderMethod::cash;
    core::OperatorId operator_id;
    std::string request_id;                ///< UUID
    std::string delivery_settings = "{}";  ///< JSON, for opening and closing
};
struct SaleIds {
    core::SaleId sale;
    core::EntryId entry;  ///< 0: nothing booked (refund, closing, opening without a purchase)
    core::DeliveryId delivery;
    core::Timestamp sold_at;
};
/// Books tender → credit in flight, queues the delivery (open, top_up, refund, clear) and writes the sale, in
/// one statement.
SaleIds insert_sale(Transaction& tx, core::PropertyId property, const NewSale& sale);

struct StoredSale {
    core::SaleId id;
    core::PropertyId property;
    core::AccountId account;
    core::MeterId meter;
    SaleKind kind = SaleKind::sale;
    core::Money amount;
    core::TenderMethod method = core::TenderMethod::cash;
    core::OperatorId operator_id;
    core::EntryId entry;
    core::DeliveryId delivery;
    std::string delivery_state;  ///< "" without a delivery
    core::Timestamp sold_at;
    std::string account_number, meter_code, customer;
};
struct SaleFilter {
    core::PropertyId property;
    core::AccountId account;              ///< 0: any
    std::optional<core::Timestamp> from;  ///< included
    std::optional<core::Timestamp> to;    ///< excluded
};
[[nodiscard]] std::optional<StoredSale> find_sale(Transaction& tx, core::PropertyId property,
                                                  core::SaleId id);
/// Newest first. @param before 0, or the last id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<StoredSale> list_sales(Transaction& tx, const SaleFilter& filter,
                                                 core::SaleId before, int limit);

}  // namespace wutong::storage
