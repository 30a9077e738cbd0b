#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "core/sale_charge.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"
#include "storage/sale_facts.hpp"

namespace wutong::storage {

enum class SaleKind { opening, sale, refund, reversal, closing };
[[nodiscard]] const char* to_string(SaleKind kind);
/// @throws std::invalid_argument
[[nodiscard]] SaleKind parse_sale_kind(const std::string& text);

struct NewSale {
    SaleKind kind = SaleKind::sale;
    core::AccountId account;
    core::MeterId meter;
    core::Money amount;  ///< handed over, or (refund) to be taken off the meter; >= 0. For closing 0
    core::TenderMethod method = core::TenderMethod::cash;
    core::OperatorId operator_id;
    std::string request_id;                ///< UUID
    std::string delivery_settings = "{}";  ///< JSON, for opening and closing
    std::optional<core::Price> price;      ///< of a kilowatt-hour, for the receipt
    core::ShiftId shift{};                 ///< in whose drawer it is; 0: none
    core::VendingPointId point{};          ///< gives the next of its receipt numbers; 0: none
    core::SaleId reverses{};               ///< of a reversal
    bool withdrawn = false;                ///< of a reversal: nothing goes to the meter
    bool held = false;  ///< the server holds the meter's credit: booked at once, nothing goes to the meter
    core::ChargeSums
        taken{};  ///< of the amount, for charges: the rest goes to the meter (of a reversal: comes from it)
    [[nodiscard]] core::Money credited() const { return amount - taken.total(); }
};
struct SaleIds {
    core::SaleId sale;
    core::EntryId entry;        ///< 0: nothing booked (refund, closing, opening without a purchase)
    core::DeliveryId delivery;  ///< 0: of a withdrawal
    core::Timestamp sold_at;
    std::int64_t receipt_no = 0;  ///< of the vending point; 0: none
};
/// Books tender → credit in flight, queues the delivery (open, top_up, refund, reversal, clear) and writes
/// the sale, in one statement. The point's receipt counter stays locked until the transaction ends, so that
/// its numbers have no gap. Where charges take all of it, nothing goes to the meter.
SaleIds insert_sale(Transaction& tx, core::PropertyId property, const NewSale& sale);
/// Several, still in one statement. Where they have different points, these must be locked before, by their
/// shifts. @pre at most kSalesAtOnce
[[nodiscard]] std::vector<SaleIds> insert_sales(Transaction& tx, core::PropertyId property,
                                                const std::vector<NewSale>& sales);
inline constexpr std::size_t kSalesAtOnce = 64;

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
    std::string account_number, meter_code, customer, unit_code;
    std::string operator_name;         ///< full name, else the name to sign in with
    std::optional<core::Price> price;  ///< when it was sold; empty: from before it was kept
    core::ShiftId shift{};
    core::VendingPointId point{};
    std::string point_code{};
    std::int64_t receipt_no = 0;  ///< of the point; 0: the receipt has the sale's number
    int reprints = 0;
    core::SaleId reverses{};
    core::Money charged{};  ///< of the amount: taken for charges
    [[nodiscard]] core::Money credited() const { return amount - charged; }
};
struct SaleFilter {
    core::PropertyId property;
    core::AccountId account;                ///< 0: any
    std::optional<core::Timestamp> from{};  ///< included
    std::optional<core::Timestamp> to{};    ///< excluded
    core::MeterId meter{};                  ///< 0: any
    core::OperatorId operator_id{};         ///< 0: any
    std::optional<SaleKind> kind{};         ///< empty: any
    core::ShiftId shift{};                  ///< 0: any
};
[[nodiscard]] std::optional<StoredSale> find_sale(Transaction& tx, core::PropertyId property,
                                                  core::SaleId id);
/// The sale that the `number`th receipt of a vending point is of. @param point its code
[[nodiscard]] core::SaleId find_receipt_no(Transaction& tx, core::PropertyId property,
                                           const std::string& point, std::int64_t number);
/// One more paper of the same receipt. @return how many there are beside the first
int count_reprint(Transaction& tx, core::PropertyId property, core::SaleId id);
/// Newest first. @param before 0, or the last id of the page before @param limit 1 to 1000
[[nodiscard]] std::vector<StoredSale> list_sales(Transaction& tx, const SaleFilter& filter,
                                                 core::SaleId before, int limit);

}  // namespace wutong::storage
