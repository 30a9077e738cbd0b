#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/commodity.hpp"
#include "core/identity.hpp"
#include "core/ledger.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

/// An account's statement, from the journal alone. The balance is all money of the tenant: on meters, on its
/// way to them, on no meter, and payable; an entry that moves it between these changes it by 0.
namespace wutong::storage {

struct StatementSpan {
    core::PropertyId property;
    core::AccountId account;
    core::Timestamp from;  ///< included, by when it was booked
    core::Timestamp to;    ///< excluded
};

/// When a statement that is asked for at `now` without an end has to end: whatever clock dated the newest
/// entry, it is in.
[[nodiscard]] core::Timestamp statement_end(Transaction& tx, core::PropertyId property,
                                            core::AccountId account, core::Timestamp now);

struct StatementSums {
    core::Money opening, closing;  ///< at from and at to
    core::Money paid_in, used, paid_out, other;
    core::Money deposit;      ///< held at to; not in the balance
    core::Money before_page;  ///< balance after the entry that the page follows; `opening` on the first
};
/// @param after the last entry of the page before; 0: none
[[nodiscard]] StatementSums statement_sums(Transaction& tx, const StatementSpan& span, core::EntryId after);

struct StatementLine {
    core::EntryId entry;
    core::Timestamp booked_at;
    core::EntryKind kind = core::EntryKind::sale;
    std::string memo, meter_code, operator_name;
    core::Money change;      ///< of the balance
    core::Money moved;       ///< the sum of the entry's debits
    core::Money charged;     ///< of a sale: taken for charges; of a reversal given back: below zero
    bool off_meter = false;  ///< of a delivery: it was taken off the meter
    std::optional<core::TenderMethod> method;  ///< where money was handed over
    core::SaleId sale;                         ///< whose receipt it is on; 0: none
    std::string point_code;
    std::int64_t receipt_no = 0;
};
/// In the order of booking (entry ids). @param limit 1 to 1000
[[nodiscard]] std::vector<StatementLine> statement_lines(Transaction& tx, const StatementSpan& span,
                                                         core::EntryId after, int limit);

struct StatementMeter {
    core::MeterId meter;
    std::string meter_code, unit_code;
    /// First and last reading of the span in which the meter was opened on the account.
    std::optional<core::Energy> first, last;
    std::optional<core::Timestamp> first_at, last_at;
    core::Commodity commodity = core::Commodity::electricity;
};
[[nodiscard]] std::vector<StatementMeter> statement_meters(Transaction& tx, const StatementSpan& span);

struct SealedAt {
    core::EntryId entry;
    std::int64_t position = 0;
    std::string hash;  ///< hex
};
/// The newest sealed entry of the span; empty: none is.
[[nodiscard]] std::optional<SealedAt> statement_seal(Transaction& tx, const StatementSpan& span);

}  // namespace wutong::storage
