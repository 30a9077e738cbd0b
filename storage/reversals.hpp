#pragma once

#include <optional>

#include "core/ledger.hpp"
#include "core/reversal.hpp"
#include "storage/database.hpp"
#include "storage/sales.hpp"

/// Sales taken back. See core/reversal.hpp for what may be.
namespace wutong::storage {

/// What decides, of a sale. Lock the meter first (lock_sale_facts), so that nothing is sold meanwhile.
/// @param sale as find_sale gave it
[[nodiscard]] core::ReversalFacts reversal_facts(Transaction& tx, const StoredSale& sale);

/// The money goes back as it was paid: books `from` → tender for the reversal `id`, in the shift that it was
/// asked for in. That shift may have been counted meanwhile: then nothing is booked here, and the money is
/// payable to the tenant like that of a refund.
/// @param from refund_payable: the meter has confirmed; unallocated_credit: withdrawn before it was sent
/// @return 0: the shift is closed
core::EntryId pay_reversal_back(Transaction& tx, core::PropertyId property, core::SaleId id,
                                core::LedgerKind from, core::Timestamp now);

/// The sale's reversal that was not refused; 0: none.
[[nodiscard]] std::optional<StoredSale> reversal_of(Transaction& tx, core::PropertyId property,
                                                    core::SaleId sale);

}  // namespace wutong::storage
