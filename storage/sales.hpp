#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "core/sale.hpp"
#include "core/sale_charge.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

namespace wutong::storage {

/// What the receipt, or the refusal, has to say about account and meter, whether they belong together or not.
struct SaleNames {
    std::string account_number;  ///< "": there is no such account in the property
    std::string account_state;   ///< open, closing or closed
    std::string customer;
    std::string meter_code;  ///< "": there is no such meter in the property
    std::string meter_profile;
    std::string unit_code;  ///< "": the meter belongs to no unit
};

struct SaleFacts {
    core::SaleFacts
        facts;  ///< for core::decide_sale and decide_refund; quantum is tender's: set the coarser one
    SaleNames names;
    std::optional<core::Timestamp>
        balance_at;                ///< when balance_known was read; empty: never, and it counts as 0
    bool opening = false;          ///< its opening is on the way, or waits for an operator
    bool opened_on_meter = false;  ///< before that the balance found there isn't the tenant's and counts as 0
    std::int64_t purchase_number = 0;  ///< that the ledger knows
    int unfinished_deliveries = 0;     ///< queue up before this sale
    /// At which consumption is booked, or will be once the opening has arrived; else the meter's own or the
    /// property's. Empty: neither was set, so that the default holds.
    std::optional<core::Price> price;
    bool switch_off_waiting = false;  ///< a switch_off of the meter has not been finished
    bool has_tariffs = false;         ///< some tariff plan is, was or will be assigned in the property
    bool held = false;  ///< the server holds the meter's credit: facts.balance_known is from the books
};

/// Locks the meter's link to the account until the transaction ends: sales to one meter queue up behind each
/// other, and no others wait. Everything else is read after that, in one statement, so that concurrent sales
/// see each other. The hoarding limit is the meter's, else the property's parameter balance_max_e4.
[[nodiscard]] SaleFacts lock_sale_facts(Transaction& tx, core::PropertyId property, core::AccountId account,
                                        core::MeterId meter);
/// The same without locking: for a quotation.
[[nodiscard]] SaleFacts read_sale_facts(Transaction& tx, core::PropertyId property, core::AccountId account,
                                        core::MeterId meter);

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
